package cwmp

import (
	"errors"
	"testing"
)

func TestCheckText(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "a\t\r\nb": true, "é€😀<&>": true, "\u0085": true, "\uFFFD": true,
		"\x00": false, "a\x1f": false, "\xff": false, "\uFFFE": false, "a\xc3": false,
	} {
		err := CheckText(text)
		if (err == nil) != want || err != nil && !errors.Is(err, ErrBadCharacter) {
			t.Errorf("CheckText(%q) = %v", text, err)
		}
		// It says beforehand what Encode says.
		_, err = (&Envelope{Body: &Reboot{CommandKey: text}}).Encode()
		if (err == nil) != want {
			t.Errorf("Encode of %q = %v", text, err)
		}
	}
}

func TestKnownType(t *testing.T) {
	for name, want := range map[string]bool{"string": true, "unsignedInt": true, "base64": true, "": false, "text": false, "xsd:string": false} {
		if KnownType(name) != want {
			t.Errorf("KnownType(%q) = %v", name, !want)
		}
	}
}
