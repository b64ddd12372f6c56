package window

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestCurve: a curve is the slots of [Window.Next], phone by phone, at any step
// that it is shown in; and what is told of it is what the slots say.
func TestCurve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := someWindow(t)
		after := time.Unix(Day(2026, 1, 1).utc().Unix()+int64(rapid.IntRange(0, 700*secondsOfDay).Draw(t, "after")), 0)
		zones := []*time.Location{time.UTC, time.FixedZone("Nepal", 20700), time.FixedZone("west", -11*3600)}
		var c Curve
		var slots []Slot
		for n := range rapid.IntRange(0, 60).Draw(t, "phones") {
			s, ok := w.Next(Phone{Key: macs(n * 7)}, "w1", zones[n%len(zones)], after)
			if ok {
				slots = append(slots, s)
				c.Add(s)
			}
		}
		if c.Slots() != len(slots) {
			t.Fatalf("%d slots of %d", c.Slots(), len(slots))
		}
		minutes := map[time.Time]int{}
		first, last, busiest := time.Time{}, time.Time{}, 0
		for _, s := range slots {
			at := s.At.UTC().Truncate(time.Minute)
			minutes[at]++
			busiest = max(busiest, minutes[at])
			if first.IsZero() || s.At.Before(first) {
				first = s.At
			}
			if s.At.After(last) {
				last = s.At
			}
		}
		if !c.First().Equal(first) || !c.Last().Equal(last) {
			t.Fatalf("from %v to %v, want %v to %v", c.First(), c.Last(), first, last)
		}
		if b := c.Busiest(); b.Slots != busiest || minutes[b.At] != busiest {
			t.Fatalf("busiest %+v, want %d", b, busiest)
		}
		most := rapid.IntRange(1, 80).Draw(t, "most")
		step, got := c.Buckets(most)
		want := map[time.Time]int{}
		for at, n := range minutes {
			want[at.Truncate(step)] += n
		}
		if len(got) != len(want) || len(got) > most && step != 24*time.Hour {
			t.Fatalf("%d buckets of %v, want %d and at most %d", len(got), step, len(want), most)
		}
		for i, b := range got {
			if b.Slots == 0 || want[b.At] != b.Slots || i > 0 && !got[i-1].At.Before(b.At) {
				t.Fatalf("bucket %d is %+v, want %d slots", i, b, want[b.At])
			}
		}
		each := time.Duration(rapid.IntRange(1, 90).Draw(t, "each")) * time.Minute
		most = 0
		for at := range minutes {
			sum := 0
			for other, n := range minutes {
				if d := at.Sub(other); d >= 0 && d < each {
					sum += n
				}
			}
			most = max(most, sum)
		}
		if b := c.AtOnce(each); b.Slots != most {
			t.Fatalf("%d at once, want %d", b.Slots, most)
		}
	})
}

// TestBucketsStep: minutes while they are few enough, then longer ones.
func TestBucketsStep(t *testing.T) {
	var c Curve
	begin := Day(2026, 11, 20).utc()
	for i := range 600 {
		at := begin.Add(time.Duration(i) * time.Minute)
		c.Add(Slot{At: at, Opens: begin, Closes: begin.Add(10 * time.Hour)})
	}
	for _, tt := range []struct {
		most int
		step time.Duration
		n    int
	}{
		{600, time.Minute, 600}, {599, 5 * time.Minute, 120}, {120, 5 * time.Minute, 120}, {119, 15 * time.Minute, 40},
		{39, time.Hour, 10}, {9, 6 * time.Hour, 2}, {1, 24 * time.Hour, 1},
	} {
		if step, got := c.Buckets(tt.most); step != tt.step || len(got) != tt.n {
			t.Errorf("at most %d: %d of %v, want %d of %v", tt.most, len(got), step, tt.n, tt.step)
		}
	}
}

// TestAtRate: what does not fit is refused with its numbers; what fits waits
// for its turn.
func TestAtRate(t *testing.T) {
	begin := Day(2026, 11, 20).utc().Add(2 * time.Hour)
	fill := func(c *Curve, n int, at, opens time.Time, long time.Duration) {
		for range n {
			c.Add(Slot{At: at, Opens: opens, Closes: opens.Add(long)})
		}
	}
	at := func(minute int) time.Time { return begin.Add(time.Duration(minute) * time.Minute) }
	for name, tt := range map[string]struct {
		fill func(*Curve)
		rate int
		says string
		last time.Time
		left int
	}{
		"nobody": {func(*Curve) {}, 1, "", time.Time{}, 0},
		"too many": {func(c *Curve) { fill(c, 5000, begin, begin, time.Hour) }, 50,
			"5000 phones at 50 a minute need 100 minutes, and the window is open for 60", time.Time{}, 0},
		"just fits":    {func(c *Curve) { fill(c, 3000, begin, begin, time.Hour) }, 50, "", at(59), 0},
		"one too many": {func(c *Curve) { fill(c, 3001, begin, begin, time.Hour) }, 50, "3001 phones at 50 a minute need 61 minutes", time.Time{}, 0},
		"late":         {func(c *Curve) { fill(c, 3000, at(30), begin, time.Hour) }, 50, "", at(59), 1500},
		"in turn":      {func(c *Curve) { fill(c, 5, at(3), begin, time.Hour); fill(c, 1, at(10), begin, time.Hour) }, 2, "", at(10), 0},
		"waits":        {func(c *Curve) { fill(c, 5, at(3), begin, time.Hour) }, 2, "", at(5), 0},
		"two apart":    {func(c *Curve) { fill(c, 60, begin, begin, time.Hour); fill(c, 60, at(60), at(60), time.Hour) }, 1, "", at(119), 0},
		"two together": {func(c *Curve) {
			fill(c, 60, begin, begin, time.Hour)
			fill(c, 60, begin, begin.Add(-time.Minute), time.Hour)
		}, 1, "120 phones at 1 a minute need 120 minutes, and the window is open for 61", time.Time{}, 0},
		"nothing spread": {func(c *Curve) { fill(c, 9, begin, begin, 0) }, 100, "9 phones at 100 a minute need 1 minutes, and the window is open for 0", time.Time{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var c Curve
			tt.fill(&c)
			r, err := c.AtRate(tt.rate)
			var small *TooSmallError
			switch {
			case tt.says != "":
				if !errors.As(err, &small) || len(err.Error()) < len(tt.says) || err.Error()[:len(tt.says)] != tt.says {
					t.Errorf("%v, want %s", err, tt.says)
				}
			case err != nil:
				t.Error(err)
			case !r.Last.Equal(tt.last) || r.Left != tt.left:
				t.Errorf("%+v, want the last at %v and %d left", r, tt.last, tt.left)
			}
		})
	}
}

// TestOver: a window says why it does not open any more, and says it exactly
// when no phone has a slot left in it.
func TestOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := someWindow(t)
		after := time.Unix(Day(2026, 1, 1).utc().Unix()+int64(rapid.IntRange(0, 700*secondsOfDay).Draw(t, "after")), 0)
		why := w.Over(time.UTC, after)
		for n := range 40 {
			if s, ok := w.Next(Phone{Key: macs(n)}, "w1", time.UTC, after); ok && why != "" {
				t.Fatalf("slot %v, and the window is over: %s", s.At, why)
			}
		}
	})
	end, late := Dial(4*60), Day(2026, 11, 22)
	after := Day(2026, 11, 20).utc()
	for name, tt := range map[string]struct {
		w     Window
		after time.Time
		says  string
	}{
		"no end":        {Window{Weekly: &Weekly{Days: []Weekday{1}, Begin: 120, End: &end}}, after, ""},
		"comes":         {Window{Weekly: &Weekly{Days: []Weekday{0}, Begin: 120, End: &end}, Until: &late}, after, ""},
		"is open still": {Window{Weekly: &Weekly{Days: []Weekday{0}, Begin: 120, End: &end}, Until: &late}, late.utc().Add(3 * time.Hour), ""},
		"is closed":     {Window{Weekly: &Weekly{Days: []Weekday{0}, Begin: 120, End: &end}, Until: &late}, late.utc().Add(4 * time.Hour), "2026-11-22 was its last day, and it has closed"},
		"no such day":   {Window{Weekly: &Weekly{Days: []Weekday{2}, Begin: 120, End: &end}, Until: &late}, after, "none of its days of the week comes up to valid_to, 2026-11-22"},
		"past":          {Window{Weekly: &Weekly{Days: []Weekday{2}, Begin: 120, End: &end}, Until: &late}, after.Add(99 * 24 * time.Hour), "valid_to is 2026-11-22, and that is past"},
		"blacked out": {Window{Flexible: &Flexible{Interval: 1, Begin: 120, End: &end}, Until: &late, BlackOut: []Days{{DateOf(after) - 1, late}}}, after,
			"up to valid_to, 2026-11-22, no day is left that is not blacked out"},
	} {
		if got := tt.w.Over(time.UTC, tt.after); got != tt.says {
			t.Errorf("%s: %q, want %q", name, got, tt.says)
		}
	}
}

func ExampleCurve() {
	end := Dial(3 * 60)
	w := Window{Zone: "Europe/Berlin", Weekly: &Weekly{Days: []Weekday{1}, Begin: 2 * 60, End: &end}}
	var c Curve
	for n := range 600 {
		if s, ok := w.Next(Phone{Key: macs(n)}, "w1", time.UTC, time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)); ok {
			c.Add(s)
		}
	}
	busiest := c.Busiest()
	fmt.Println(c.Slots(), busiest.At.Format(time.DateTime), busiest.Slots)
	_, err := c.AtRate(5)
	fmt.Println(err)
	// Output:
	// 600 2026-11-23 01:01:00 19
	// 600 phones at 5 a minute need 120 minutes, and the window is open for 60
}
