package window

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var someZones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns", "Africa/Casablanca",
}

// someWindow draws a window that [Window.Check] takes.
func someWindow(t *rapid.T) *Window {
	dialOf := rapid.Custom(func(t *rapid.T) Dial { return Dial(rapid.IntRange(0, 24*60-1).Draw(t, "dial")) })
	w := &Window{Zone: rapid.SampledFrom(someZones).Draw(t, "zone")}
	var end *Dial
	if rapid.IntRange(0, 9).Draw(t, "no end") > 0 {
		d := dialOf.Draw(t, "end")
		end = &d
	}
	if rapid.Bool().Draw(t, "weekly") {
		days := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 7, rapid.ID).Draw(t, "days")
		w.Weekly = &Weekly{Begin: dialOf.Draw(t, "begin"), End: end, Every: rapid.IntRange(0, MaxEvery).Draw(t, "every")}
		for _, d := range days {
			w.Weekly.Days = append(w.Weekly.Days, Weekday(d))
		}
	} else {
		w.Flexible = &Flexible{Interval: rapid.SampledFrom([]int{1, 2, 7, 30, 365, MaxInterval}).Draw(t, "interval"), Begin: dialOf.Draw(t, "begin"), End: end}
	}
	if rapid.IntRange(0, 3).Draw(t, "valid") == 0 {
		from := Day(2026, 1, 1) + Date(rapid.IntRange(-100, 800).Draw(t, "from"))
		w.From = &from
		if rapid.Bool().Draw(t, "until") {
			until := from + Date(rapid.IntRange(0, 400).Draw(t, "for"))
			w.Until = &until
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "black-outs") {
		first := Day(2026, 1, 1) + Date(rapid.IntRange(0, 800).Draw(t, "black"))
		w.BlackOut = append(w.BlackOut, Days{first, first + Date(rapid.IntRange(0, 60).Draw(t, "days"))})
	}
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestSlots: a slot lies in its span, on a day that the window opens on, after
// the time that was asked for; the next one is in a later period; the answer is
// the same when asked again, and from any moment between the two slots.
func TestSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := someWindow(t)
		phone := Phone{Key: macs(rapid.IntRange(0, 1<<24-1).Draw(t, "mac"))}
		if w.Flexible != nil && rapid.Bool().Draw(t, "anew") {
			d := Day(2026, 1, 1) + Date(rapid.IntRange(-50, 700).Draw(t, "had"))
			phone.Anew = &d
		}
		after := time.Unix(Day(2026, 1, 1).utc().Unix()+int64(rapid.IntRange(0, 700*secondsOfDay).Draw(t, "after")), 0)
		zone, _ := LoadZone(w.Zone)
		var last Slot
		for i := range 4 {
			s, ok := w.Next(phone, "w1", time.UTC, after)
			if !ok {
				if w.Until == nil {
					t.Fatalf("no slot after %v, and the window has no last day", after)
				}
				return
			}
			switch inSpan := !s.At.Before(s.Opens) && s.At.Before(s.Closes); {
			case !s.At.After(after):
				t.Fatalf("slot %v is not after %v", s.At, after)
			case w.Spread() && !inSpan, !w.Spread() && !(s.At.Equal(s.Opens) && s.At.Equal(s.Closes)):
				t.Fatalf("slot %v is not in its span, %v to %v", s.At, s.Opens, s.Closes)
			case s.At.Nanosecond() != 0:
				t.Fatalf("slot %v is not a whole second", s.At)
			case !w.opensOn(s.Day), w.From != nil && s.Day < *w.From, w.Until != nil && s.Day > *w.Until:
				t.Fatalf("the window does not open on %v", s.Day)
			case phone.Anew != nil && w.Flexible != nil && s.Day <= *phone.Anew:
				t.Fatalf("slot on %v, and the phone had it on %v", s.Day, *phone.Anew)
			case s.Closes.Sub(s.Opens) > 25*time.Hour:
				t.Fatalf("the span is %v long", s.Closes.Sub(s.Opens))
			case i > 0 && s.Period <= last.Period:
				t.Fatalf("slots of period %v and then %v", last.Period, s.Period)
			}
			if away := DateOf(s.Opens.In(zone)) - s.Day; away < 0 || away > 1 {
				t.Fatalf("the span of %v begins on %v", s.Day, DateOf(s.Opens.In(zone)))
			}
			again := after.Add(time.Duration(rapid.Int64Range(0, int64(s.At.Sub(after))-1).Draw(t, "later")))
			if other, _ := w.Next(phone, "w1", zone, again); other != s {
				t.Fatalf("from %v the slot is %v, from %v it is %v", after, s, again, other)
			}
			if w.Spread() {
				if open, ok := w.Open(phone, "w1", zone, s.At); !ok || open != s {
					t.Fatalf("at the slot %v the open span is %v, %v", s, open, ok)
				}
				if open, ok := w.Open(phone, "w1", zone, s.Closes); ok && open.Period == s.Period {
					t.Fatalf("open when it closes: %v", open)
				}
			}
			last, after = s, s.At
		}
	})
}

// TestIdleIsLeft: of the slots that a window has without it, one that asks for
// idle time has those that leave it, and no others.
func TestIdleIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin := rapid.IntRange(0, minutesOfDay-1).Draw(t, "begin")
		open := rapid.IntRange(2, minutesOfDay-1).Draw(t, "open")
		end := Dial((begin + open) % minutesOfDay)
		w := &Window{Zone: "Europe/Berlin", Weekly: &Weekly{Days: []Weekday{0, 3}, Begin: Dial(begin), End: &end, Every: rapid.IntRange(0, 3).Draw(t, "every")}}
		plain := *w.Weekly
		w.Weekly.Inactivity = rapid.IntRange(1, min(MaxInactivity, open/2)).Draw(t, "idle")
		if err := w.Check(); err != nil {
			t.Fatal(err)
		}
		phone := Phone{Key: macs(rapid.IntRange(0, 1<<24-1).Draw(t, "mac"))}
		after := time.Unix(Day(2026, 1, 1).utc().Unix()+int64(rapid.IntRange(0, 700*secondsOfDay).Draw(t, "after")), 0)
		for range 3 {
			got, ok := w.Next(phone, "w1", time.UTC, after)
			want := Slot{At: after}
			for !want.At.After(after) || !want.At.Add(w.Inactivity()).Before(want.Closes) {
				want, _ = (&Window{Zone: w.Zone, Weekly: &plain}).Next(phone, "w1", time.UTC, want.At)
			}
			if !ok || got != want {
				t.Fatalf("slot %+v, %v; want %+v", got, ok, want)
			}
			after = got.At
		}
	})
}

// TestAlone: what others draw does not move a phone's slot, nor does the order
// in which a fleet asks.
func TestAlone(t *testing.T) {
	w := Window{Zone: "Europe/Berlin", Weekly: &Weekly{Days: []Weekday{1, 2}, Begin: 120, End: dial(t, "05:00")}}
	after := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	all := make(map[string]Slot)
	for n := range 100 {
		all[macs(n)], _ = w.Next(Phone{Key: macs(n)}, "w1", time.UTC, after)
	}
	for n := 99; n >= 0; n -= 7 {
		if s, _ := w.Next(Phone{Key: macs(n)}, "w1", time.UTC, after); s != all[macs(n)] {
			t.Errorf("%s: %v, and %v among others", macs(n), s, all[macs(n)])
		}
	}
	other, _ := w.Next(Phone{Key: macs(1)}, "w2", time.UTC, after)
	if other == all[macs(1)] {
		t.Error("another window has the same slot")
	}
}

// TestAnew: a phone that had it by other means within the period begins a new
// period on the day after.
func TestAnew(t *testing.T) {
	w := Window{Zone: "UTC", Flexible: &Flexible{Interval: 30, Begin: 120, End: dial(t, "06:00")}}
	had := Day(2026, 11, 20)
	after := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	days := make(map[Date]int)
	for n := range 3000 {
		s, ok := w.Next(Phone{Key: macs(n), Anew: &had}, "w1", time.UTC, after)
		if !ok || s.Period != had+1 || s.Day <= had || s.Day > had+30 {
			t.Fatalf("slot %+v, %v: want one from %v to %v", s, ok, had+1, had+30)
		}
		days[s.Day]++
	}
	if len(days) != 30 {
		t.Errorf("3,000 phones have %d days of 30", len(days))
	}
}

func ExampleWindow_Next() {
	end := Dial(4 * 60)
	w := Window{Zone: "Europe/Berlin", Weekly: &Weekly{Days: []Weekday{1, 3}, Begin: 2 * 60, End: &end}}
	now := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	for _, mac := range []string{"0c383e000001", "0c383e000002"} {
		slot, _ := w.Next(Phone{Key: mac}, "w1", time.UTC, now)
		fmt.Println(mac, slot.At.Format("Mon 2006-01-02 15:04:05 -0700"))
	}
	// Output:
	// 0c383e000001 Mon 2026-11-23 03:25:39 +0100
	// 0c383e000002 Wed 2026-11-25 03:25:11 +0100
}

// TestPeriods: the next period is one that the window opens in, each of its days
// is of it, and within it alone a phone has the slot that the window gives it.
func TestPeriods(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := someWindow(t)
		phone := Phone{Key: macs(rapid.IntRange(0, 1<<24-1).Draw(t, "mac"))}
		after := Day(2026, 1, 1) + Date(rapid.IntRange(-200, 700).Draw(t, "after"))
		first, last, ok := w.NextPeriod(after)
		if !ok {
			return
		}
		if first <= after || last-first+1 != Date(w.Period()) {
			t.Fatalf("after %v: %v to %v", after, first, last)
		}
		day := first + Date(rapid.IntRange(0, w.Period()-1).Draw(t, "day"))
		if f, l, opens := w.PeriodOf(day); f != first || l != last || !opens {
			t.Fatalf("%v is of %v to %v, opens %v; want %v to %v", day, f, l, opens, first, last)
		}
		in := w.Within(first, last)
		if err := in.Check(); err != nil {
			t.Fatal(err)
		}
		early := time.Unix(Day(1990, 1, 1).utc().Unix(), 0)
		slot, ok := in.Next(phone, "w1", time.UTC, early)
		if !ok || slot.Period != first || slot.Day < first || slot.Day > last {
			t.Fatalf("slot %+v, %v within %v to %v", slot, ok, first, last)
		}
		if want, ok := w.Next(phone, "w1", time.UTC, slot.At.Add(-1)); !ok || want != slot {
			t.Fatalf("slot %+v; the window's own is %+v", slot, want)
		}
		if again, ok := in.Next(phone, "w1", time.UTC, slot.At); ok {
			t.Fatalf("a second slot, %+v", again)
		}
	})
}
