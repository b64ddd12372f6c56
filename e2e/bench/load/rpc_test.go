package load

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

func TestScan(t *testing.T) {
	for _, tt := range []struct{ name, in, rpc, id, key string }{
		{"prefixes", `<?xml version="1.0"?><a:Envelope><a:Header><b:ID a:mustUnderstand="1"> 12 </b:ID></a:Header><a:Body><b:Download><CommandKey>k</CommandKey></b:Download></a:Body></a:Envelope>`, "Download", "12", "k"},
		{"no prefix, no header", `<Envelope><Body><Reboot><CommandKey/></Reboot></Body></Envelope>`, "Reboot", "", ""},
		{"comment before", `<Envelope><Body><!-- x --><GetRPCMethods/></Body></Envelope>`, "GetRPCMethods", "", ""},
		{"references stay", `<e><h><ID>a&amp;b</ID></h><Body><X><CommandKey>&lt;</CommandKey></X></Body></e>`, "X", "a&amp;b", "&lt;"},
		{"an ID in the body is not the header's", `<e><Body><X><ID>1</ID></X></Body></e>`, "X", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, ok := scan([]byte(tt.in))
			if !ok || string(m.name) != tt.rpc || string(m.id) != tt.id || string(m.commandKey) != tt.key {
				t.Errorf("scan = %q id %q key %q, %t; want %q %q %q", m.name, m.id, m.commandKey, ok, tt.rpc, tt.id, tt.key)
			}
		})
	}
	for _, in := range []string{"", "text", "<", "<Body", "<Body>", "<Body></Body>", "<Envelope/>"} {
		if m, ok := scan([]byte(in)); ok {
			t.Errorf("scan(%q) = %q; want nothing", in, m.name)
		}
	}
}

// FuzzScan holds two promises: no bytes make scan panic, and an RPC in an
// envelope is found with the id and the key it has, so that both can be sent
// back as they came.
func FuzzScan(f *testing.F) {
	f.Add([]byte(`<a:Envelope><a:Body><b:Download>`), "1", "key")
	f.Add([]byte(`<Body/><>< ><//>`), "a&<b", "]]>")
	f.Fuzz(func(t *testing.T, raw []byte, id, key string) {
		scan(raw)

		var b bytes.Buffer
		b.WriteString(`<s:Envelope><s:Header><c:ID>`)
		xml.EscapeText(&b, []byte(id))
		b.WriteString(`</c:ID></s:Header><s:Body><c:Download><CommandKey>`)
		xml.EscapeText(&b, []byte(key))
		b.WriteString(`</CommandKey></c:Download></s:Body></s:Envelope>`)
		m, ok := scan(b.Bytes())
		if !ok || string(m.name) != "Download" {
			t.Fatalf("scan = %q, %t", m.name, ok)
		}
		if got, want := unescape(t, m.id), clean(id); got != want {
			t.Errorf("id %q; want %q", got, want)
		}
		if got, want := unescape(t, m.commandKey), clean(key); got != want {
			t.Errorf("key %q; want %q", got, want)
		}
	})
}

func unescape(t *testing.T, s []byte) string {
	t.Helper()
	d := xml.NewDecoder(io.MultiReader(strings.NewReader("<a>"), bytes.NewReader(s), strings.NewReader("</a>")))
	var text string
	if err := d.Decode(&text); err != nil {
		t.Fatalf("%q does not stand in XML: %v", s, err)
	}
	return text
}

// clean returns s as XML can carry it. Only spaces proper are cut: others are
// written as references, which stay.
func clean(s string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s))
	var text string
	if err := xml.Unmarshal([]byte("<a>"+string(bytes.TrimSpace(b.Bytes()))+"</a>"), &text); err != nil {
		return err.Error()
	}
	return text
}
