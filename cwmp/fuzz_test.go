package cwmp

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// FuzzDecode holds two promises: Decode never panics and refuses only with a
// rule; and what it accepts survives one encode and decode unchanged, unless
// Encode refuses it for a limit of the schema, which devices may exceed.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, m := range every() {
		b, err := (&Envelope{Namespace: NS1_2, ID: "1", UseVersion: V1_4, Body: m}).Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{
		head + `<e:Body><x:y xmlns="urn:d" xmlns:cwmp="urn:c"><cwmp:z a="&lt;&#xD;"/>&#x9;</x:y></e:Body>` + tail,
		head + `<e:Body xmlns="urn:d"><y xmlns=""><soap-env:z/><![CDATA[ ]]></y></e:Body>` + tail,
		`<Envelope><Body><cwmp:Y/></Body></Envelope>`,
		`<Envelope><Header><ID>&amp;amp;&#x2;</ID></Header><Body><Fault/></Body></Envelope>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := Decode(in)
		if err != nil {
			var pe *ProtocolError
			if !errors.As(err, &pe) || pe.Rule == "" || e != nil {
				t.Fatalf("Decode refuses with %v", err)
			}
			return
		}
		if len(e.Ignored) > 4 {
			t.Fatalf("%d headers are told", len(e.Ignored))
		}
		e.Ignored = nil // which is not written
		if e.Body == nil || e.Body.RPC() == "" {
			t.Fatal("accepted without a message")
		}
		b, err := e.Encode()
		if err != nil {
			if _, raw := e.Body.(*Unknown); raw || errors.Is(err, ErrBadCharacter) {
				t.Fatalf("Encode refuses %s: %v", e.Body.RPC(), err)
			}
			var fe *FieldError
			if !errors.As(err, &fe) {
				t.Fatalf("Encode refuses with %v", err)
			}
			return
		}
		again, err := Decode(b)
		if err != nil {
			t.Fatalf("Decode of what Encode wrote: %v\n%s", err, b)
		}
		if !reflect.DeepEqual(e, again) {
			t.Fatalf("round trip\nfrom %+v %+v\nto   %+v %+v\nby   %s", e, e.Body, again, again.Body, b)
		}
	})
}

// FuzzRepair holds that repairing is final: what it returns needs no repair,
// and is refused or parsed as it stands.
func FuzzRepair(f *testing.F) {
	for _, s := range []string{"<a>&\x02amp;</a>", "<a b='&#2;&x'>]]\x02></a>", "<!-- & \x02 --><![CDATA[ & ]]>\xff", "\xef\xbf\xbe&#xfffe;"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := prepare(in)
		if err != nil {
			return
		}
		if hasControl(b) || hasNonCharacter(b) {
			t.Fatalf("%q still holds what XML forbids", b)
		}
	})
}
