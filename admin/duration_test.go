package admin

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for _, tt := range []struct {
		in, out string
		want    time.Duration
	}{
		{"30d", "30d", 30 * day},
		{"1d12h", "1d12h", 36 * time.Hour},
		{"12h", "12h", 12 * time.Hour},
		{"36h", "1d12h", 36 * time.Hour},
		{"90m", "1h30m", 90 * time.Minute},
		{"1m", "1m", time.Minute},
		{"10m0s", "10m", 10 * time.Minute},
		{"1m30s", "1m30s", 90 * time.Second},
		{"1h0m5s", "1h0m5s", time.Hour + 5*time.Second},
		{"1.5h", "1h30m", 90 * time.Minute},
		{"0s", "0s", 0},
		{"0d", "0s", 0},
		{"1d1ns", "1d1ns", day + 1},
		{"36500d", "36500d", 36500 * day},
	} {
		got, err := parseDuration(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("parseDuration(%q) = %v, %v; want %v", tt.in, got, err, tt.want)
		}
		if s := formatDuration(got); s != tt.out {
			t.Errorf("formatDuration(%v) = %q; want %q", got, s, tt.out)
		}
	}
	for _, in := range []string{
		"", "d", "1", "-1h", "+1h", "-1d", "1d-1h", "1.5d", "1d ", " 1d", "1h1d", "1d1d", "36501d", "36500d1ns", "99999999999999999999d", "1w", "9000000h", "soon",
	} {
		if d, err := parseDuration(in); err == nil {
			t.Errorf("parseDuration(%q) = %v; want an error", in, d)
		}
	}
}

// FuzzDuration holds the promise that a duration that is read is within its
// bounds and survives being written and read once more.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"30d", "1d12h", "90m", "1.5h", "0s", "1h0m5s", "10m", "1us", "36500d23h", "d", "-1d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := parseDuration(s)
		if err != nil {
			return
		}
		if d < 0 || d > maxDays*day {
			t.Fatalf("parseDuration(%q) = %d, out of bounds", s, d)
		}
		out := formatDuration(d)
		again, err := parseDuration(out)
		if err != nil || again != d {
			t.Errorf("%q is %v, written %q, read %v, %v", s, d, out, again, err)
		}
	})
}
