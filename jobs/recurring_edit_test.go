package jobs_test

import (
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// TestRecurringEditedWindow: a recurring job goes by its window as it is, from
// when that is changed, also one that was over.
func TestRecurringEditedWindow(t *testing.T) {
	r := newRig(t)
	r.inform("1", "2.4")
	end := window.Dial(4 * 60)
	w := r.window("some day", window.Window{Flexible: &window.Flexible{Interval: 1000, Begin: 2 * 60, End: &end}, From: new(day("2026-03-01"))})
	c := r.recursIn(db.Recurring{Name: "by window", Window: w.ID})
	cron := r.recursIn(db.Recurring{Name: "by cron", Cron: "0 18 1 * *", Window: w.ID, Item: db.StandingItem{Expires: 300 * 24 * time.Hour}})
	if want := begins("2028-11-25").Add(-26 * time.Hour); !c.Next.Equal(want) {
		t.Fatalf("runs next at %s; want %s", c.Next, want)
	}
	edit := func(change func(*window.Window)) {
		t.Helper()
		change(&w.Window)
		var err error
		w, err = r.store.UpdateWindow(t.Context(), w, r.clock.Now())
		r.must(err)
		r.sound()
	}
	next := func(want string) {
		t.Helper()
		r.settle()
		got, at := r.recurring(c.ID), time.Time{}
		if want != "" {
			at = begins(want).Add(-26 * time.Hour)
		}
		if !got.Next.Equal(at) || got.Runs != c.Runs || !got.Last.Equal(c.Last) || got.Why != c.Why {
			t.Fatalf("after the change: %+v; want no run, and the next at %s", got, at)
		}
		if got := r.recurring(cron.ID); !got.Next.Equal(cron.Next) {
			t.Errorf("by cron it runs next at %s; want %s", got.Next, cron.Next)
		}
	}
	edit(func(w *window.Window) { w.Flexible.Interval = 10 })
	next("2026-03-11")
	edit(func(w *window.Window) { w.Flexible.Interval = 1 })
	r.restart()
	next("2026-03-04")
	// The run falls due, and the window is changed before it is made: it is made.
	r.clock.Advance(begins("2026-03-04").Add(-26 * time.Hour).Sub(r.clock.Now()))
	edit(func(w *window.Window) { w.Until = new(day("2026-03-04")) })
	r.settle()
	if c = r.recurring(c.ID); c.Runs != 1 || c.Job == 0 || !c.Next.IsZero() {
		t.Fatalf("after the last run: %+v", c)
	}
	edit(func(w *window.Window) { w.Until = nil })
	next("2026-03-05")
	r.until(r.recurring(c.ID).Next)
	if c = r.recurring(c.ID); c.Runs != 2 || !c.Next.Equal(begins("2026-03-06").Add(-26*time.Hour)) {
		t.Errorf("after another run: %+v", c)
	}
}
