package proof

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// TestParseHeader reads what phones have been seen to write.
func TestParseHeader(t *testing.T) {
	full := [numFields]string{"u", "r", "n", "/acs", "0f", "MD5", "auth", "c", "00000001"}
	some := func(f map[field]string) (d [numFields]string) {
		for i, v := range f {
			d[i] = v
		}
		return d
	}
	for _, tt := range []struct {
		name  string
		lines []string
		want  [numFields]string
	}{
		{"as it should be", []string{`Digest username="u", realm="r", nonce="n", uri="/acs", response="0f", algorithm=MD5, qop=auth, cnonce="c", nc=00000001`}, full},
		{"all quoted", []string{`Digest username="u", realm="r", nonce="n", uri="/acs", response="0f", algorithm="MD5", qop="auth", cnonce="c", nc="00000001"`}, full},
		{"none quoted", []string{`Digest username=u, realm=r, nonce=n, uri=/acs, response=0f, algorithm=MD5, qop=auth, cnonce=c, nc=00000001`}, full},
		{"names and scheme in any case", []string{`dIGEST USERNAME="u", Realm="r", nOnce="n", URI="/acs", RESPONSE="0f", Algorithm=MD5, QOP=auth, CNonce="c", NC=00000001`}, full},
		{"spaces", []string{"  Digest\t username = \"u\" ,realm= \"r\",nonce =n  ,\turi=/acs,response=0f,algorithm=MD5,qop=auth,cnonce=c,nc=00000001  "}, full},
		{"no commas", []string{`Digest username="u" realm="r" nonce="n" uri="/acs" response="0f" algorithm=MD5 qop=auth cnonce="c" nc=00000001`}, full},
		{"no separators after quotes", []string{`Digest username="u"realm="r"nonce="n"uri="/acs"response="0f"algorithm=MD5 qop=auth cnonce="c"nc=00000001`}, full},
		{"commas twice and at the ends", []string{`,Digest ,, username="u",,realm="r", ,nonce="n",uri="/acs",response="0f",algorithm=MD5,qop=auth,cnonce="c",nc=00000001,,`}, full},
		{"folded", []string{"Digest username=\"u\",\r\n realm=\"r\", nonce=\"n\",\n\turi=\"/acs\", response=\"0f\", algorithm=MD5,\r\n qop=auth, cnonce=\"c\", nc=00000001\r\n"}, full},
		{"over several headers", []string{`Digest username="u", realm="r",`, `nonce="n", uri="/acs", response="0f"`, `algorithm=MD5,qop=auth, cnonce="c", nc=00000001`}, full},
		{"scheme in every header", []string{`Digest username="u", realm="r"`, `Digest nonce="n", uri="/acs", response="0f", algorithm=MD5`, `Digest qop=auth, cnonce="c", nc=00000001`}, full},
		{"the same twice", []string{`Digest username="u", username=u, realm="r", realm="r", nonce="n", uri="/acs", response="0f", algorithm=MD5, qop=auth, cnonce="c", nc=00000001`}, full},
		{"what nobody knows", []string{`Digest foo="bar,baz", username="u", realm="r", stale, nonce="n", uri="/acs", response="0f", algorithm=MD5, opaque="", qop=auth, cnonce="c", nc=00000001, auth-param=1`}, full},
		{"after another scheme", []string{`Negotiate abc==, Digest username="u"`}, some(map[field]string{fieldUser: "u"})},
		{"another scheme after it", []string{`Digest username="u"`, `OAuth realm="other"`}, some(map[field]string{fieldUser: "u"})},
		{"fields of another scheme", []string{`OAuth realm="other", nonce="other"`, `Digest username="u"`}, some(map[field]string{fieldUser: "u"})},
		{"beside Basic", []string{`Basic dTpw, realm="other"`, `Digest username="u"`}, some(map[field]string{fieldUser: "u"})},
		{"Basic after it", []string{`Digest username="u", Basic dTpw, realm="other"`}, some(map[field]string{fieldUser: "u"})},
		{"commas and equals in quotes", []string{`Digest username="a=b, realm=c", uri="/a?b=c,d"`}, some(map[field]string{fieldUser: "a=b, realm=c", fieldURI: "/a?b=c,d"})},
		{"equals without quotes", []string{`Digest nonce=abc==, uri=/a?b=c`}, some(map[field]string{fieldNonce: "abc==", fieldURI: "/a?b=c"})},
		{"escapes", []string{`Digest username="a\"b\\c\d", realm="r"`}, some(map[field]string{fieldUser: `a"b\cd`, fieldRealm: "r"})},
		{"quote left open", []string{`Digest username="u", response="0f`}, some(map[field]string{fieldUser: "u", fieldResponse: "0f"})},
		{"quote left open after an escape", []string{`Digest username="u\"v`}, some(map[field]string{fieldUser: `u"v`})},
		{"backslash at the end", []string{`Digest username="u\`}, some(map[field]string{fieldUser: `u\`})},
		{"values missing", []string{`Digest username=, realm="", nonce=`}, some(nil)},
		{"not of ASCII", []string{"Digest username=\"\xfc\xe4\""}, some(map[field]string{fieldUser: "\xfc\xe4"})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, err := parseHeader(tt.lines)
			if err != nil || h.scheme != Digest {
				t.Fatalf("scheme %v, error %v", h.scheme, err)
			}
			if h.digest != tt.want {
				t.Errorf("got  %q\nwant %q", h.digest, tt.want)
			}
		})
	}
}

// TestParseHeaderRefuses wants an error, and nothing beside it.
func TestParseHeaderRefuses(t *testing.T) {
	many := make([]string, maxLines+1)
	for i := range many {
		many[i] = `Digest`
	}
	for _, tt := range []struct {
		name  string
		lines []string
		want  error
	}{
		{"too long", []string{`Digest username="` + strings.Repeat("a", maxHeader) + `"`}, errHeader},
		{"too long together", []string{strings.Repeat(" ", maxHeader), "Digest"}, errHeader},
		{"too many fields", []string{"Digest" + strings.Repeat(` a=b`, maxFields)}, errHeader},
		{"too many words", []string{"Digest" + strings.Repeat(` a`, maxFields)}, errHeader},
		{"too many lines", many, errHeader},
		{"two values", []string{`Digest username="a", username="b"`}, errHeader},
		{"a value and none", []string{`Digest username="a", username=""`}, errHeader},
		{"two values in two headers", []string{`Digest username="a"`, `Digest username="b"`}, errHeader},
		{"two Basic", []string{`Basic YTpi`, `Basic YTpj`}, errHeader},
		{"Basic without token", []string{`Basic`}, errHeader},
		{"a control", []string{"Digest username=\"a\x00b\""}, errHeader},
		{"a control in a word", []string{"Digest a\x01b=c"}, errHeader},
		{"a control without quotes", []string{"Digest username=a\x7fb"}, errHeader},
		{"a line break within quotes", []string{"Digest username=\"a\r\nb\""}, errHeader},
		{"an escaped control", []string{"Digest username=\"a\\\nb\""}, errHeader},
		{"a quote for a name", []string{`Digest "username"="a"`}, errHeader},
		{"an equals for a name", []string{`Digest a=b, ="a"`}, errHeader},
		{"no scheme", []string{`username="a", response="b"`}, errScheme},
		{"another scheme", []string{`Bearer abc`}, errScheme},
		{"a scheme too long", []string{`Digestx username="a"`}, errScheme},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, err := parseHeader(tt.lines)
			if !errors.Is(err, tt.want) || h.scheme != NoScheme && tt.want == errHeader {
				t.Errorf("got %v, scheme %v; want %v", err, h.scheme, tt.want)
			}
		})
	}
	for _, nothing := range [][]string{nil, {""}, {" ", "\t,"}} {
		if h, err := parseHeader(nothing); err != nil || h.scheme != NoScheme {
			t.Errorf("%q: %v, %v; want nothing", nothing, h.scheme, err)
		}
	}
}

func TestDecodeBasic(t *testing.T) {
	for _, tt := range []struct{ token, user, password string }{
		{"dTpw", "u", "p"},
		{"dTpwdw==", "u", "pw"},
		{"dTpwdw", "u", "pw"}, // not padded
		{"dTpwOnc=", "u", "p:w"},
		{"dTo=", "u", ""},
		{"dTo_Pz8=", "u", "???"}, // of the other alphabet
		{"dTo/Pz8=", "u", "???"},
	} {
		h := header{basic: tt.token, scheme: Basic}
		if user, password, err := h.decodeBasic(); user != tt.user || password != tt.password || err != nil {
			t.Errorf("%s: %q %q %v; want %q %q", tt.token, user, password, err, tt.user, tt.password)
		}
	}
	for _, token := range []string{"", "dQ==", "OnA=", "?", "dTpw!", "dQo6cA=="} {
		h := header{basic: token, scheme: Basic}
		if user, password, err := h.decodeBasic(); user != "" || password != "" || err == nil {
			t.Errorf("%q: %q %q %v", token, user, password, err)
		}
	}
}

// write spells a header as RFC 7616 has it.
func (h *header) write() string {
	if h.scheme == Basic {
		return "Basic " + h.basic
	}
	var b strings.Builder
	b.WriteString("Digest ")
	for f, name := range fieldNames {
		if h.given[f] {
			b.WriteString(name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(h.digest[f]) + `", `)
		}
	}
	return strings.TrimSuffix(b.String(), ", ")
}

// FuzzParseHeader promises of any two lines: no panic, nothing beside an error,
// nothing longer than what came in, and that what is read is read again from
// its proper spelling.
func FuzzParseHeader(f *testing.F) {
	f.Add(`Digest username="u", realm="r", nonce="n", uri="/acs", response="0f", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"`, "")
	f.Add(`Digest username="u\"v\\"`, ` , realm=r`)
	f.Add("Basic dTpw", "Digest a")
	f.Add("digest username=\"u\xff\t", "Bearer x==")
	f.Add(`Negotiate a,"`, "\x00")
	f.Fuzz(func(t *testing.T, a, b string) {
		h, err := parseHeader([]string{a, b})
		if err != nil {
			if h != (header{}) && !errors.Is(err, errScheme) {
				t.Fatalf("%+v beside %v", h, err)
			}
			return
		}
		total := len(h.basic)
		for i, v := range h.digest {
			total += len(v)
			if v != "" && !h.given[i] {
				t.Fatalf("%s = %q is not given", fieldNames[i], v)
			}
		}
		if total > len(a)+len(b) || total > maxHeader {
			t.Fatalf("%d bytes of %d", total, len(a)+len(b))
		}
		switch h.scheme {
		case NoScheme:
			return
		case Digest:
			h.basic = ""
		case Basic:
			h.decodeBasic()
		}
		text := h.write()
		if len(text) > maxHeader {
			return // quotes and escapes made it too long
		}
		again, err := parseHeader([]string{text})
		if err != nil || !reflect.DeepEqual(again, h) {
			t.Fatalf("read %+v\nwrote %q\nread %+v, %v", h, text, again, err)
		}
	})
}

// FuzzHeaderRoundTrip promises that values without controls come back as they
// were, and that an answer made with them is proven.
func FuzzHeaderRoundTrip(f *testing.F) {
	f.Add("0C383E-X6-0c383e07e16c", "secret", "/acs?a=b", "abc", uint32(1))
	f.Add(`u"\`, `p:"`, "/ü", "", uint32(0))
	f.Fuzz(func(t *testing.T, user, password, uri, cnonce string, nc uint32) {
		for _, s := range []string{user, uri, cnonce} {
			if strings.ContainsFunc(s, isControl) || len(s) > 500 || s == "-" { // which the client takes for leaving it out
				return
			}
		}
		if user == "" || password == "" || uri == "" {
			return
		}
		c, _ := newChecker(t, Options{})
		cl := client{login: Login{user, password}, uri: uri}.to(c.Challenge(Verdict{}))
		cl.cnonce, cl.nc = cnonce, strings.Repeat("0", int(nc%8))+"1"
		escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
		cl.fields = map[string]string{"username": escape.Replace(user), "uri": escape.Replace(uri), "cnonce": escape.Replace(cnonce)}
		head := cl.header()
		h, err := parseHeader([]string{head})
		if err != nil || h.digest[fieldUser] != user || h.digest[fieldURI] != uri || h.digest[fieldCnonce] != cnonce {
			t.Fatalf("%q: %q, %v", head, h.digest, err)
		}
		v := c.CheckHeader("POST", uri, []string{head}, false, []Login{{user, password}}, Leniency{})
		if v.Outcome != Proven || v.User != user {
			t.Fatalf("%q: %+v", head, v)
		}
		v = c.CheckHeader("POST", uri, []string{head}, false, []Login{{user, password + "x"}}, Leniency{})
		if v.Outcome != Wrong {
			t.Fatalf("%q with another password: %+v", head, v)
		}
	})
}
