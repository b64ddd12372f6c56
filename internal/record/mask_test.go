package record

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// TestMask holds what is secret, and how it is written, to what is left of it.
func TestMask(t *testing.T) {
	const s = "hunter2-&x"
	for _, tt := range []struct {
		name, in, want string
		known          string
	}{
		{"a parameter", `<P><Name>Device.ManagementServer.Password</Name><Value xsi:type="xsd:string">hunter2</Value></P>`,
			`<P><Name>Device.ManagementServer.Password</Name><Value xsi:type="xsd:string">****</Value></P>`, ""},
		{"value before name", `<P><Value>hunter2</Value><Name>A.ConnectionRequestPassword</Name></P>`, `<P><Value>****</Value><Name>A.ConnectionRequestPassword</Name></P>`, ""},
		{"its neighbours stay", `<L><P><Name>A.Pin</Name><Value>1234</Value></P><P><Name>A.B</Name><Value>5</Value></P></L>`,
			`<L><P><Name>A.Pin</Name><Value>****</Value></P><P><Name>A.B</Name><Value>5</Value></P></L>`, ""},
		{"a list of names stays", `<N><string>A.Password</string><string>A.B</string></N>`, `<N><string>A.Password</string><string>A.B</string></N>`, ""},
		{"names in elements of two kinds", `<P><Name>A.Password</Name><Key>A.Pin</Key><Name>hunter2</Name></P>`, `<P><Name>****</Name><Key>****</Key><Name>****</Name></P>`, ""},
		{"attributes of a name stay", `<S><Name>A.Password</Name><Writable>1</Writable><Notification>2</Notification></S>`,
			`<S><Name>A.Password</Name><Writable>1</Writable><Notification>2</Notification></S>`, ""},
		{"but no longer than such are", `<S><Name>A.Password</Name><Writable>hunter2</Writable></S>`, `<S><Name>A.Password</Name><Writable>****</Writable></S>`, ""},
		{"name in references", `<P><Name>A.Passw&#111;rd</Name><Value>hunter2</Value></P>`, `<P><Name>A.Passw&#111;rd</Name><Value>****</Value></P>`, ""},
		{"name in pieces", `<P><Name>A.Pass<!-- x --><![CDATA[word]]></Name><Value>hunter2</Value></P>`,
			`<P><Name>A.Pass<!--****--><![CDATA[word]]></Name><Value>****</Value></P>`, ""},
		{"name with control characters", "<P><Na\x02me>A.Pass\x01word</Name><Value>hunter2</Value></P>", `<P><Name>A.Password</Name><Value>****</Value></P>`, ""},
		{"value in pieces", `<P><Name>A.Password</Name><Value>hun<b>ter</b>2<![CDATA[x]]></Value></P>`,
			`<P><Name>A.Password</Name><Value>****<b>****</b>****<![CDATA[****]]></Value></P>`, ""},
		{"name not closed", `<P><Name>A.Password</Nme><Value>hunter2</Value></P>`, `<P><Name>A.Password</Nme><Value>****</Value></P>`, ""},
		{"an end too many", `<P><Name>A.Password</Name></X><Value>hunter2</Value></P>`, `<P><Name>A.Password</Name></X><Value>****</Value></P>`, ""},
		{"cut off in the value", `<P><Name>A.Password</Name><Value>hunt`, `<P><Name>A.Password</Name><Value>****`, ""},
		{"attribute not closed", `<P><Name>A.Password</Name><Value xsi:type="xsd:string>hunter2</Value></P>`,
			`<P><Name>A.Password</Name><Value xsi:type="****</Value></P>`, ""},
		{"blank before the name of a tag", `< Password>hunter2</ Password>`, `< Password>****</ Password>`, ""},
		{"prefix", `<x:Password x:type="t">hunter2</x:Password>`, `<x:Password x:type="t">****</x:Password>`, ""},
		{"user of a transfer", `<Download><Username>bob</Username><Password>hunter2</Password><FileSize>7</FileSize></Download>`,
			`<Download><Username>****</Username><Password>****</Password><FileSize>7</FileSize></Download>`, ""},
		{"attributes", `<p name="A.Password" value="hunter2"/><q password='hunter2'/>`, `<p name="A.Password" value="****"/><q password='****'/>`, ""},
		{"attributes beside", `<P><Name is="A.Password"/><Value is="hunter2"/></P>`, `<P><Name is="A.Password"/><Value is="****"/></P>`, ""},
		{"a fault repeats it", `<F><ParameterName>A.Password</ParameterName><FaultCode>9007</FaultCode><FaultString>hunter2 is bad</FaultString></F>`,
			`<F><ParameterName>A.Password</ParameterName><FaultCode>9007</FaultCode><FaultString>****</FaultString></F>`, ""},
		{"a comment", `<a><!-- hunter2 --></a>`, `<a><!--****--></a>`, ""},
		{"a comment without end", `<a><!-- hunter2 </a>`, `<a><!--****`, ""},
		{"a document type", `<!DOCTYPE x [<!ENTITY p "hunter2">]><x>&p;</x>`, `<!****><x>&p;</x>`, ""},
		{"a key ends as a secret's name", `<D><CommandKey>j1-p1-1-spin</CommandKey><URL>http://a/b</URL></D>`, `<D><CommandKey>j1-p1-1-spin</CommandKey><URL>http://a/b</URL></D>`, ""},
		{"user in a URL", `<V>http://bob:hun/ter@2@acs.example/x?y=1</V>`, `<V>http://****@acs.example/x?y=1</V>`, ""},
		{"a user in sip", `<V>sip:bob:hunter2@pbx</V><V>sip:bob@pbx:5060</V>`, `<V>sip:bob:****@pbx</V><V>sip:bob@pbx:5060</V>`, ""},
		{"a link", `<URL>http://acs:7547/files/abcdefghijklmnopqrstuvwx23/fw.z</URL>`, `<URL>http://acs:7547/files/****/fw.z</URL>`, ""},
		{"a link, escaped", `x%2Ffiles%2fabcdefghijklmnopqrstuvwx23%2F`, `x%2Ffiles%2f****%2F`, ""},
		{"no link", `<URL>http://acs/files/abcdefghijklmnopqrstuvwxyz234/fw</URL>`, `<URL>http://acs/files/abcdefghijklmnopqrstuvwxyz234/fw</URL>`, ""},
		{"no XML: a form", "user=bob&password=hunter2\nnext=1", "user=bob&password=****\nnext=1", ""},
		{"no XML: JSON", `{"sipPassword": "hun\"ter2", "a": 1}`, `{"sipPassword": "****", "a": 1}`, ""},
		{"no XML: headers", "POST / HTTP/1.1\r\nAuthorization: Digest username=\"a\",\r\n response=\"b\"\r\nCookie: a=b\r\nHost: x\r\n",
			"POST / HTTP/1.1\r\nAuthorization: ****\r\nCookie: ****\r\nHost: x\r\n", ""},
		{"what was learned", `<a b="hunter2-&amp;x">hunter2-&#38;x hunter2-\u0026x hunter2-%26x aHVudGVyMi0meA== ab</a>`,
			`<a b="****">**** hunter2-\u0026x **** **** ab</a>`, s},
		{"what was learned, across pieces", `<a>hunter2-<![CDATA[&x]]></a>`, `<a>hunter2-<![CDATA[&x]]></a>`, s},
		{"plain", `<a><Name>A.B</Name><Value>****</Value></a>`, `<a><Name>A.B</Name><Value>****</Value></a>`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var m Masker
			if tt.known != "" && !m.Learn(tt.known) {
				t.Error("nothing was learned")
			}
			got := m.Mask([]byte(tt.in))
			if string(got.Text) != tt.want {
				t.Errorf("masked\n%s\nwant\n%s", got.Text, tt.want)
			}
			one := []byte(Hidden)
			if again := m.Mask(got.Text); !bytes.Equal(joined.ReplaceAll(again.Text, one), joined.ReplaceAll(got.Text, one)) {
				t.Errorf("masked twice\n%s", again.Text)
			}
		})
	}
}

// TestMaskNested: what lies deeper than is looked at is secret.
func TestMaskNested(t *testing.T) {
	deep := strings.Repeat("<a>", 5000) + "<P><Name>A.Password</Name><Value>hunter2</Value></P>" + strings.Repeat("</a>", 5000)
	if got := new(Masker).Mask([]byte(deep)); bytes.Contains(got.Text, []byte("hunter2")) {
		t.Errorf("shown: %s", got.Text)
	}
}

// TestMaskedAt follows places through what was masked and dropped.
func TestMaskedAt(t *testing.T) {
	in := "a\x01b<Password>hunter2</Password>END<Password>x</Password>!"
	got := new(Masker).Mask([]byte(in))
	for _, mark := range []string{"b", "END", "!"} {
		if at := got.At(strings.Index(in, mark)); !strings.HasPrefix(string(got.Text[at:]), mark) {
			t.Errorf("%q stands at %d in %s", mark, at, got.Text)
		}
	}
	if at := got.At(strings.Index(in, "nter2")); string(got.Text[at:at+4]) != Hidden {
		t.Errorf("a place within a secret is %d", at)
	}
}

// joined has what was masked in pieces, with blanks between, in one.
var joined = regexp.MustCompile(`\*{4}(\s*\*{4})+`)

// FuzzMask: in a struct with the name of a secret, whatever value and what
// surrounds it, no value that stands for itself is left, what is masked stays
// so and nothing else becomes so but blanks between, and places stay within the text.
func FuzzMask(f *testing.F) {
	f.Add([]byte("<a>"), "hunter2", []byte("</a>"))
	f.Add([]byte("<!--"), "x&y<z", []byte("--><![CDATA["))
	f.Add([]byte("<!"), "0&0\"\xff", []byte("--><\n[CDATA["))
	f.Add([]byte(`<a b="http://u:p@h/`), "a b", []byte("\x00\xff"))
	f.Fuzz(func(t *testing.T, before []byte, secret string, after []byte) {
		if len(before)+len(after)+len(secret) > 16<<10 {
			return
		}
		value := strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(secret)
		in := append([]byte(nil), before...)
		in = append(in, "<P><Name>A.Password</Name><Value>MARK"+value+"KRAM</Value></P>"...)
		in = append(in, after...)
		var m Masker
		m.Learn("MARK" + secret + "KRAM")
		got := m.Mask(in)
		if bytes.Contains(got.Text, []byte("MARK"+value+"KRAM")) {
			t.Errorf("shown: %q", got.Text)
		}
		one := []byte(Hidden)
		if again := m.Mask(got.Text); !bytes.Equal(joined.ReplaceAll(again.Text, one), joined.ReplaceAll(got.Text, one)) {
			t.Errorf("masked twice: %q; once %q", again.Text, got.Text)
		}
		for i := range len(in) + 1 {
			if at := got.At(i); at < 0 || at > len(got.Text) {
				t.Fatalf("byte %d of %d stands at %d of %d", i, len(in), at, len(got.Text))
			}
		}
	})
}
