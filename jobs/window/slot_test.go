package window

import (
	"encoding/hex"
	"fmt"
	"math"
	"testing"
	"time"
)

// TestVectors are for programs that find the slots by themselves. They were
// made with sha256sum and integer arithmetic, by testdata/vectors.sh.
func TestVectors(t *testing.T) {
	weekly := Window{Zone: "UTC", Weekly: &Weekly{Days: []Weekday{1, 3, 5}, Begin: 120, End: dial(t, "04:00")}}
	flexible := Window{Zone: "UTC", Flexible: &Flexible{Interval: 30, Begin: 120, End: dial(t, "06:00")}}
	for _, c := range []struct {
		w          Window
		phone, id  string
		after      string
		digest, at string
	}{
		{weekly, "0c383e000001", "w1", "2026-11-15T12:00:00Z", "cf3adbfbf8b3c5d24d0e36abc350fed1", "2026-11-16T03:37:08Z"},
		{weekly, "0c383e000002", "w1", "2026-11-15T12:00:00Z", "49e50518c6b47b578cad87c537c4759e", "2026-11-18T02:34:38Z"},
		{flexible, "0c383e000001", "w2", "2026-11-15T12:00:00Z", "f8347b74ccaed934ca6b07ac02b653fe", "2026-12-26T05:52:41Z"},
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		s, ok := c.w.Next(Phone{Key: c.phone}, c.id, time.UTC, after)
		if !ok {
			t.Errorf("%s in %s has no slot", c.phone, c.id)
			continue
		}
		digest := Digest(c.phone, c.id, s.Period)
		if got := hex.EncodeToString(digest[:16]); got != c.digest {
			t.Errorf("%s in %s, period %v: digest %s, want %s", c.phone, c.id, s.Period, got, c.digest)
		}
		if got := s.At.UTC().Format(time.RFC3339); got != c.at {
			t.Errorf("%s in %s: slot %s, want %s", c.phone, c.id, got, c.at)
		}
	}
}

// fleet is how many phones the tests of spreading draw.
const fleet = 100_000

// macs gives the nth MAC address of a vendor's block, one after the other.
func macs(n int) string { return fmt.Sprintf("0c383e%06x", n) }

// chiSquare compares counts that should be equal with what they are.
func chiSquare(counts []int) float64 {
	total := 0
	for _, n := range counts {
		total += n
	}
	want, sum := float64(total)/float64(len(counts)), 0.0
	for _, n := range counts {
		sum += (float64(n) - want) * (float64(n) - want) / want
	}
	return sum
}

// critical is what chi-square exceeds by chance once in 10,000 times, by
// Wilson's and Hilferty's approximation. The draw is the same each time: a test
// that holds once holds always.
func critical(degrees int) float64 {
	n, z := float64(degrees), 3.719
	return n * math.Pow(1-2/(9*n)+z*math.Sqrt(2/(9*n)), 3)
}

// TestUniform: over 100,000 consecutive MAC addresses the minutes of a span and
// the days are as even as chance makes them, and no worse for any stride.
func TestUniform(t *testing.T) {
	after := time.Date(2026, 11, 15, 12, 0, 0, 0, time.UTC)
	for _, stride := range []int{1, 2, 16, 160} {
		weekly := Window{Weekly: &Weekly{Days: []Weekday{0, 1, 2, 3, 4, 5, 6}, Begin: 22 * 60, End: dial(t, "04:00")}}
		flexible := Window{Flexible: &Flexible{Interval: 30, Begin: 60, End: dial(t, "06:00")}}
		for name, w := range map[string]*Window{"weekly": &weekly, "flexible": &flexible} {
			minutes, days := make([]int, 360), make([]int, 7)
			if name == "flexible" {
				minutes, days = make([]int, 300), make([]int, 30)
			}
			g := w.grid(Phone{})
			period := g.of(DateOf(after)) + g.length
			for n := range fleet {
				s, ok := w.draw(Phone{Key: macs(n * stride % (1 << 24))}, name, period, w.days(nil, period, g, Phone{}), time.UTC)
				if !ok {
					t.Fatal("no slot")
				}
				minutes[s.At.Sub(s.Opens)/time.Minute]++
				days[s.Day-period]++
			}
			for what, counts := range map[string][]int{"minutes": minutes, "days": days} {
				got, limit := chiSquare(counts), critical(len(counts)-1)
				t.Logf("%s, every %d. MAC, %s: chi-square %.1f over %d classes, limit %.1f", name, stride, what, got, len(counts), limit)
				if got > limit {
					t.Errorf("%s, every %d. MAC: %s are uneven: chi-square %.1f, limit %.1f", name, stride, what, got, limit)
				}
			}
		}
	}
}

// TestIndependent: from one period to the next a phone's minute repeats as
// often as chance has it, and two phones that met do not meet again more often.
func TestIndependent(t *testing.T) {
	w := Window{Weekly: &Weekly{Days: []Weekday{2}, Begin: 120, End: dial(t, "04:00")}}
	const minutes = 120
	at := func(n int, week Date) int {
		period := Day(2026, 11, 16) + 7*week
		s, _ := w.draw(Phone{Key: macs(n)}, "w1", period, []Date{period + 1}, time.UTC)
		return int(s.At.Sub(s.Opens) / time.Minute)
	}
	same, pairs := 0, 0
	for n := range fleet {
		if at(n, 0) == at(n, 1) {
			same++
		}
		if n%2 == 0 && at(n, 2)-at(n+1, 2) == at(n, 3)-at(n+1, 3) {
			pairs++
		}
	}
	check := func(what string, got, of int, p float64) {
		want := float64(of) * p
		if off := math.Abs(float64(got)-want) / math.Sqrt(want*(1-p)); off > 4 {
			t.Errorf("%s: %d of %d, by chance %.0f (%.1f standard deviations off)", what, got, of, want, off)
		} else {
			t.Logf("%s: %d of %d, by chance %.0f", what, got, of, want)
		}
	}
	check("phones with the same minute in two weeks", same, fleet, 1.0/minutes)
	// The difference of two even draws: sum of (share of it) squared.
	var p float64
	for d := -(minutes - 1); d < minutes; d++ {
		q := float64(minutes-max(d, -d)) / (minutes * minutes)
		p += q * q
	}
	check("pairs with the same distance in two weeks", pairs, fleet/2, p)
}
