package phones

import (
	"testing"

	"phoneacs/phones/quirks"
)

// TestSHA256Entries holds entries that ask for SHA-256 to phones of which it can
// be known: one that does not know it can no longer prove who it is. Digest
// without qop has no SHA-256 (RFC 2069), so both are never set of one phone.
func TestSHA256Entries(t *testing.T) {
	book, err := NewBook()
	if err != nil {
		t.Fatal(err)
	}
	check := func(e *quirks.Entry) string {
		on, said := e.Set["digest_sha256"]
		if !said || on == false {
			return ""
		}
		if e.Vendor == quirks.Anyone || e.Firmware == "" && len(e.Models) == 0 && len(e.ProductClass) == 0 {
			return "asks phones of any firmware and model for SHA-256"
		}
		if e.Set["digest_without_qop"] == true {
			return "asks for SHA-256 and takes Digest without qop, which has none"
		}
		return ""
	}
	entries := book.Entries()
	for i := range entries {
		if why := check(&entries[i]); why != "" {
			t.Errorf("%s:%d %s", entries[i].File, entries[i].Line, why)
		}
	}
	for text, want := range map[string]bool{
		"vendor: fanvil": true, `vendor: "*"` + "\n  firmware: '>=3'": true,
		"vendor: fanvil\n  firmware: '>=3'": false, "vendor: fanvil\n  models: [X6]": false,
	} {
		list, err := quirks.Read("x", []byte("- "+text+"\n  why: w\n  source: s\n  set: {digest_sha256: true}\n"), Lookup)
		if err != nil {
			t.Fatal(err)
		}
		if got := check(&list[0]) != ""; got != want {
			t.Errorf("%s: refused %v; want %v", text, got, want)
		}
	}
}
