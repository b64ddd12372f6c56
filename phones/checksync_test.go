package phones

import (
	"strings"
	"testing"
)

// TestCheckSync: who takes which header, and who none that restarts.
func TestCheckSync(t *testing.T) {
	for _, tt := range []struct{ vendor, manufacturer, event, reboot string }{
		{"fanvil", "", "check-sync", "check-sync;reboot=true"},
		{"fanvil", "Yealink", "check-sync", "check-sync;reboot=true"},
		{"", "Yealink Network Technology", "check-sync", "check-sync;reboot=true"},
		{"yealink", "", "check-sync", "check-sync;reboot=true"},
		{"", "GIGASET Communications GmbH", "check-sync;reboot=false", "check-sync;reboot=true"},
		{"", " Auerswald", "check-sync", ""},
		{"panasonic", "", "check-sync", ""},
		{"", "Acme", "check-sync;reboot=false", "check-sync;reboot=true"},
		{"acme", "Auerswald", "check-sync;reboot=false", "check-sync;reboot=true"},
		{"", "", "check-sync;reboot=false", "check-sync;reboot=true"},
	} {
		if c := CheckSyncOf(tt.vendor, tt.manufacturer); c.Event != tt.event || c.Reboot != tt.reboot {
			t.Errorf("%q by %q: %+v; want %q and %q", tt.vendor, tt.manufacturer, c, tt.event, tt.reboot)
		}
	}
	for vendor, c := range checkSyncs {
		if !strings.HasPrefix(c.Event, "check-sync") || strings.Contains(c.Event, "true") || strings.ContainsAny(c.Event+c.Reboot, "\r\n ") || c.Reboot == c.Event {
			t.Errorf("%q: %+v is no pair of headers", vendor, c)
		}
	}
}
