package provision

import (
	"strings"
	"testing"
)

// What a phone says of itself is kept short and printable.
func TestAgentAndAddress(t *testing.T) {
	for in, want := range map[string]string{
		"Fanvil X6 2.12.1":       "Fanvil X6 2.12.1",
		"a\x00b\x1b[31m\xffc":    "ab[31mc",
		strings.Repeat("ü", 200): strings.Repeat("ü", 128),
		"":                       "",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q; want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"192.0.2.1:1234":          "192.0.2.1",
		"[2001:db8::1]:80":        "2001:db8::1",
		"[::ffff:192.0.2.1]:80":   "192.0.2.1",
		"phone.example:80":        "phone.example",
		"@":                       "@",
		strings.Repeat("a", 1000): strings.Repeat("a", 64),
	} {
		if got := peer(in); got != want {
			t.Errorf("peer(%q) = %q; want %q", in, got, want)
		}
	}
}
