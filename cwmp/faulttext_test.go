package cwmp

import (
	"strings"
	"testing"
)

// TestFaultClasses holds that codes without a name are told by their class
// (TR-069 A.5.1).
func TestFaultClasses(t *testing.T) {
	for _, tt := range []struct {
		code    FaultCode
		meaning string
	}{
		{9033, "is reserved"}, {9799, "is reserved"}, {9800, "only its vendor"}, {9899, "only its vendor"}, {9900, "no version"}, {7, "no version"},
	} {
		if m := tt.code.Meaning(); !strings.Contains(m, tt.meaning) || tt.code.Hint() == "" {
			t.Errorf("%d means %q; want %q", tt.code, m, tt.meaning)
		}
	}
}
