package window

import (
	"testing"
	"time"

	_ "time/tzdata"
)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func dial(t testing.TB, s string) *Dial {
	t.Helper()
	var d Dial
	if err := d.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return &d
}

func day(t testing.TB, s string) Date {
	t.Helper()
	var d Date
	if err := d.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSpan holds when a window opens and closes to what the rules for changes
// of clocks make of it. Instants are written in UTC, worked out by hand from
// the zones' published changes.
func TestSpan(t *testing.T) {
	for _, c := range []struct {
		name, zone, day, begin, end string
		opens, closes               string
	}{
		{"a plain night", "Europe/Berlin", "2026-11-20", "02:00", "04:00", "2026-11-20T01:00:00Z", "2026-11-20T03:00:00Z"},
		{"over midnight", "Europe/Berlin", "2026-11-20", "22:00", "04:00", "2026-11-20T21:00:00Z", "2026-11-21T03:00:00Z"},
		{"an equal end is the begin itself", "Europe/Berlin", "2026-11-20", "02:00", "02:00", "2026-11-20T01:00:00Z", "2026-11-20T01:00:00Z"},
		{"no end is the begin itself", "Europe/Berlin", "2026-11-20", "02:00", "", "2026-11-20T01:00:00Z", "2026-11-20T01:00:00Z"},
		{"a quarter of an hour from Delhi", "Asia/Kathmandu", "2026-11-20", "02:00", "03:00", "2026-11-19T20:15:00Z", "2026-11-19T21:15:00Z"},

		{"spring, around the gap", "Europe/Berlin", "2026-03-29", "01:30", "03:30", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
		{"spring, the begin is skipped", "Europe/Berlin", "2026-03-29", "02:30", "05:00", "2026-03-29T01:30:00Z", "2026-03-29T03:00:00Z"},
		{"spring, the end is skipped", "Europe/Berlin", "2026-03-29", "01:00", "02:30", "2026-03-29T00:00:00Z", "2026-03-29T01:30:00Z"},
		{"spring, both are skipped", "Europe/Berlin", "2026-03-29", "02:10", "02:40", "2026-03-29T01:10:00Z", "2026-03-29T01:40:00Z"},
		{"spring, an end before the begin keeps the length", "Europe/Berlin", "2026-03-29", "02:30", "03:15", "2026-03-29T01:30:00Z", "2026-03-29T02:15:00Z"},
		{"autumn, begin first, end last", "Europe/Berlin", "2026-10-25", "02:00", "02:30", "2026-10-25T00:00:00Z", "2026-10-25T01:30:00Z"},
		{"autumn, around the hour", "Europe/Berlin", "2026-10-25", "01:00", "04:00", "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"},

		{"America, spring", "America/New_York", "2026-03-08", "02:30", "04:00", "2026-03-08T07:30:00Z", "2026-03-08T08:00:00Z"},
		{"America, autumn", "America/New_York", "2026-11-01", "01:30", "03:00", "2026-11-01T05:30:00Z", "2026-11-01T08:00:00Z"},
		{"half an hour is skipped", "Australia/Lord_Howe", "2026-10-04", "02:15", "02:50", "2026-10-03T15:45:00Z", "2026-10-03T15:50:00Z"},
		{"half an hour comes twice", "Australia/Lord_Howe", "2026-04-05", "01:45", "01:50", "2026-04-04T14:45:00Z", "2026-04-04T15:20:00Z"},
		{"a day is skipped", "Pacific/Apia", "2011-12-30", "02:00", "04:00", "2011-12-30T12:00:00Z", "2011-12-30T14:00:00Z"},
		{"before a day that is skipped", "Pacific/Apia", "2011-12-29", "22:00", "02:00", "2011-12-30T08:00:00Z", "2011-12-30T12:00:00Z"},
		{"after a day that was skipped", "Pacific/Apia", "2011-12-31", "02:00", "04:00", "2011-12-30T12:00:00Z", "2011-12-30T14:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := Window{Weekly: &Weekly{Begin: *dial(t, c.begin)}}
			if c.end != "" {
				w.Weekly.End = dial(t, c.end)
			}
			opens, closes := w.span(day(t, c.day), zoneOf(t, c.zone))
			if got := opens.UTC().Format(time.RFC3339); got != c.opens {
				t.Errorf("opens at %s, want %s", got, c.opens)
			}
			if got := closes.UTC().Format(time.RFC3339); got != c.closes {
				t.Errorf("closes at %s, want %s", got, c.closes)
			}
		})
	}
}

// TestResolveAgrees: where a time is there once, it is the one that package
// time finds.
func TestResolveAgrees(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns", "UTC"} {
		zone := zoneOf(t, name)
		once := 0
		for d := Day(2011, 1, 1); d < Day(2012, 2, 1); d++ {
			for at := time.Duration(0); at < 24*time.Hour; at += 37 * time.Minute {
				first, last := resolve(d, at, zone)
				y, m, dd := d.utc().Date()
				want := time.Date(y, m, dd, 0, int(at/time.Minute), 0, 0, zone)
				if shown := want.Hour()*60 + want.Minute(); first.Equal(last) && shown == int(at/time.Minute) && DateOf(want) == d {
					once++
					if !first.Equal(want) {
						t.Fatalf("%s %v %v: %v, want %v", name, d, at, first, want)
					}
				}
			}
		}
		if once < 15000 {
			t.Errorf("%s: only %d times were compared", name, once)
		}
	}
}
