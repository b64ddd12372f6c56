package acs

import (
	"bufio"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/icholy/digest"
)

func TestParseChallenge(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want *digest.Challenge
	}{
		{`Digest realm="a", nonce="b", qop="auth", algorithm=MD5`,
			&digest.Challenge{Realm: "a", Nonce: "b", QOP: []string{"auth"}, Algorithm: "MD5"}},
		{`digest realm=a nonce=b`, &digest.Challenge{Realm: "a", Nonce: "b"}},
		{`Digest realm="a \"b\", c" ,nonce = "d", qop="auth, auth-int", stale=TRUE, opaque="o"`,
			&digest.Challenge{Realm: `a "b", c`, Nonce: "d", QOP: []string{"auth", "auth-int"}, Stale: true, Opaque: "o"}},
		{`Basic realm="Digest", Digest realm="a", nonce="b", Negotiate`, &digest.Challenge{Realm: "a", Nonce: "b"}},
		{`Digest realm="never ends`, &digest.Challenge{Realm: "never ends"}},
		{`Digest`, &digest.Challenge{}},
		{`Basic realm="Digest"`, nil},
		{`=`, nil},
		{``, nil},
	} {
		if diff := cmp.Diff(tt.want, parseChallenge(tt.in)); diff != "" {
			t.Errorf("%q: %s", tt.in, diff)
		}
	}
}

// FuzzChallenge promises that a challenge that is well formed is read as it
// was meant, whatever stands in it.
func FuzzChallenge(f *testing.F) {
	f.Add("realm", "nonce", "opaque", true, true)
	f.Add(`a"b\`, "", ",=", false, false)
	f.Fuzz(func(t *testing.T, realm, nonce, opaque string, stale, qop bool) {
		quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
		want := &digest.Challenge{Realm: realm, Nonce: nonce, Opaque: opaque, Stale: stale}
		text := `Digest realm="` + quote.Replace(realm) + `", nonce="` + quote.Replace(nonce) + `", opaque="` + quote.Replace(opaque) + `"`
		if stale {
			text += ", stale=true"
		}
		if qop {
			want.QOP = []string{"auth"}
			text += `, qop="auth"`
		}
		if diff := cmp.Diff(want, parseChallenge(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	})
}

// FuzzReply promises that reading an answer ends, within its bound, and that
// a status it returns was sent.
func FuzzReply(f *testing.F) {
	for _, s := range []string{
		ok200, denied(plain), "HTTP/1.1 200", "\n\nHTTP/1.0 401 x\nA: b\n c\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		in := strings.NewReader(s)
		begun := 0
		got, err := readReply(bufio.NewReaderSize(in, 16), func() { begun++ })
		if read := len(s) - in.Len(); read > maxReply+16 {
			t.Errorf("read %d bytes", read)
		}
		if (err == nil) != (begun == 1) {
			t.Errorf("begun %d times, err %v", begun, err)
		}
		if err == nil && (got.status < 100 || got.status > 599) {
			t.Errorf("status %d", got.status)
		}
		if got.open && !strings.Contains(s, "HTTP/1.1 ") {
			t.Error("kept open, and it is not HTTP/1.1")
		}
	})
}
