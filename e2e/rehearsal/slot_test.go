package rehearsal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"testing"
	"time"

	"phoneacs/admin/client"
)

// A recurrence is a window as the plan has it. What follows from it is computed
// here by the recipe that other programs are given, in the package comment of
// jobs/window, and not by that package.
type recurrence struct {
	days       []time.Weekday // weekly, on these
	interval   int            // else: flexible, of so many days
	begin, end time.Duration  // after midnight; an end before the begin is on the next day
}

// A slot is a phone's own instant, with the span that it lies in.
type slot struct{ at, opens, closes time.Time }

func (s slot) has(at time.Time) bool { return !at.Before(s.opens) && at.Before(s.closes) }

// around is a recurrence that is open at a site from an instant on, for so
// long; its days are to be filled in.
func around(opens time.Time, long time.Duration, zone *time.Location) (r recurrence, day time.Weekday) {
	dial := func(t time.Time) time.Duration {
		h, m, _ := t.In(zone).Clock()
		return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	}
	return recurrence{begin: dial(opens), end: dial(opens.Add(long))}, opens.In(zone).Weekday()
}

// window is a recurrence in the words of the API.
func (r *recurrence) window(name string) client.NewWindow {
	dial := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", d/time.Hour, d%time.Hour/time.Minute) }
	w := client.NewWindow{Name: name}
	if r.interval > 0 {
		w.Flexible = &client.FlexibleSpan{Interval: r.interval, Begin: dial(r.begin), End: dial(r.end)}
		return w
	}
	w.Weekly = &client.WeeklySpan{Begin: dial(r.begin), End: dial(r.end)}
	for _, d := range r.days {
		w.Weekly.Days = append(w.Weekly.Days, [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[d])
	}
	return w
}

// midnight is the beginning of a day, counted from 1970-01-01, on a zone's clocks.
func midnight(day int, zone *time.Location, after time.Duration) time.Time {
	return time.Date(1970, 1, 1+day, 0, 0, int(after/time.Second), 0, zone)
}

// next is the first slot of a phone after an instant.
func (r *recurrence) next(mac, id string, zone *time.Location, after time.Time) slot {
	y, m, d := after.In(zone).Date()
	today := int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	const monday = 4 // 1970-01-05
	length, first := 7, today-(today-monday)%7
	if r.interval > 0 {
		length, first = r.interval, today-today%r.interval
	}
	for period := first - length; ; period += length {
		var days []int
		for day := period; day < period+length; day++ {
			on := r.interval > 0
			for _, d := range r.days {
				on = on || midnight(day, time.UTC, 0).Weekday() == d
			}
			if on {
				days = append(days, day)
			}
		}
		text := fmt.Sprintf("phoneacs.slot.v1\n%s\n%s\n%s", mac, id, midnight(period, time.UTC, 0).Format(time.DateOnly))
		digest := sha256.Sum256([]byte(text))
		share := func(eight []byte, n int) int {
			high, _ := bits.Mul64(binary.BigEndian.Uint64(eight), uint64(n))
			return int(high)
		}
		day := days[share(digest[8:16], len(days))]
		end := r.end
		if end < r.begin {
			end += 24 * time.Hour
		}
		s := slot{opens: midnight(day, zone, r.begin), closes: midnight(day, zone, end)}
		s.at = s.opens.Add(time.Duration(share(digest[0:8], int(s.closes.Sub(s.opens)/time.Second))) * time.Second)
		if s.at.After(after) {
			return s
		}
	}
}

// TestSlotOfThePlan has days and spans by hand: over a night with a change of
// clocks, and of a period whose drawn day has passed.
func TestSlotOfThePlan(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	ordered := time.Date(2026, time.March, 28, 1, 30, 0, 0, time.UTC) // a Saturday
	weekly := recurrence{days: []time.Weekday{time.Sunday}, begin: time.Hour, end: 5 * time.Hour}
	flexible := recurrence{interval: 2, begin: 22 * time.Hour, end: time.Hour}
	seen := map[string]int{}
	for i := range 200 {
		s := weekly.next(macOf(i), "w1", berlin, ordered)
		if opens := time.Date(2026, time.March, 29, 0, 0, 0, 0, time.UTC); !s.opens.Equal(opens) || s.closes.Sub(opens) != 3*time.Hour || !s.has(s.at) {
			t.Fatalf("weekly: %+v", s)
		}
		s = flexible.next(macOf(i), "w2", berlin, ordered)
		if !s.has(s.at) || s.closes.Sub(s.opens) != 3*time.Hour && s.opens.Day() != 28 {
			t.Fatalf("flexible: %+v", s)
		}
		seen[s.opens.Format("02 15:04")]++
	}
	if len(seen) != 2 || seen["28 22:00"] < 70 || seen["29 22:00"] < 70 {
		t.Errorf("flexible: %v", seen)
	}
}
