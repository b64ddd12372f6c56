package window

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestInstant: instants by their dial, hand-worked from the zones' rules.
func TestInstant(t *testing.T) {
	for _, tt := range []struct{ zone, dial, want string }{
		{"Europe/Berlin", "2026-03-29T01:59:00Z", "2026-03-29T00:59:00Z"},
		{"Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"}, // skipped: 03:30 CEST
		{"Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"}, // twice: the first
		{"Australia/Lord_Howe", "2026-10-04T02:15:00Z", "2026-10-03T15:45:00Z"},
		{"Asia/Kathmandu", "2026-01-01T00:00:00Z", "2025-12-31T18:15:00Z"},
		{"UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
	} {
		dial, err := time.Parse(time.RFC3339, tt.dial)
		if err != nil {
			t.Fatal(err)
		}
		if got := Instant(dial, zoneOf(t, tt.zone)).UTC().Format(time.RFC3339); got != tt.want {
			t.Errorf("%s in %s is %s; want %s", tt.dial, tt.zone, got, tt.want)
		}
	}
}

// TestLastDayOfLeapYears: the walk over a zone's offsets comes to an end on days
// on which the library says that none does.
func TestLastDayOfLeapYears(t *testing.T) {
	for year := 2036; year < 2100; year += 4 {
		for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"} {
			dial := time.Date(year, 12, 31, 2, 30, 0, 0, time.UTC)
			if got := ByDial(Instant(dial, zoneOf(t, zone)), zoneOf(t, zone)); !got.Equal(dial) {
				t.Errorf("%s in %s came back as %s", dial, zone, got)
			}
		}
	}
}

// TestByDial: an instant comes back from what clocks show of it, or is the
// second of two that show the same.
func TestByDial(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := LoadZone(rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0)
		back := Instant(ByDial(at, zone), zone)
		if early := at.Sub(back); early != 0 && (early < 0 || early > 2*time.Hour || !ByDial(back, zone).Equal(ByDial(at, zone))) {
			t.Fatalf("%s came back as %s", at.UTC(), back.UTC())
		}
	})
}
