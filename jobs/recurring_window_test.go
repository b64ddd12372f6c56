package jobs_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// weekend opens on Saturday or Sunday, one of them for each phone, by the
// clocks of its site.
func weekend() window.Window {
	end := window.Dial(4 * 60)
	return window.Window{Weekly: &window.Weekly{Days: []window.Weekday{window.Weekday(time.Saturday), window.Weekday(time.Sunday)}, Begin: 2 * 60, End: &end}}
}

func day(text string) (d window.Date) {
	if err := d.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return d
}

// TestRecurringByWindow has a job made for each of four weeks of a window, for
// phones at both ends of the calendar day and between, with the server down over
// the second run, and over the whole of the third week. Each phone is served once
// a week, in its slot of that week.
func TestRecurringByWindow(t *testing.T) {
	r := newRig(t) // Monday 2 March 2026
	zones := []string{"Pacific/Kiritimati", "Europe/Berlin", "Etc/GMT+12"}
	const n = 30
	phones := r.some(n)
	for i, z := range zones {
		site, err := r.store.CreateSite(t.Context(), db.Site{Name: fmt.Sprint("site", i), Zone: z})
		r.must(err)
		var ids []db.PhoneID
		for k := i; k < n; k += len(zones) {
			ids = append(ids, phones[k].Phone.ID)
		}
		_, err = r.store.EditPhones(t.Context(), ids, nil, db.PhoneEdit{Site: site.ID}, "ops")
		r.must(err)
	}
	w := r.window("weekend", weekend())
	c := db.Recurring{Name: "weekly", Item: db.StandingItem{Kind: db.KindReboot}, Selection: db.Selection{All: true}, Window: w.ID}
	r.must(r.svc.CheckRecurring(t.Context(), &c))
	c, err := r.store.CreateRecurring(t.Context(), c)
	r.must(err)
	if want := begins("2026-03-09").Add(-26 * time.Hour); !c.Next.Equal(want) {
		t.Fatalf("runs next at %s; want %s: the week that has begun is not its own", c.Next, want)
	}
	served := make(map[string]int) // phone and week
	serve := func(until time.Time) {
		for r.clock.Now().Before(until) {
			at, ok, err := r.store.NextDue(t.Context())
			r.must(err)
			if !ok || at.After(until) {
				at = until
			}
			r.clock.Advance(max(at.Sub(r.clock.Now()), time.Second))
			r.settle()
			for _, id := range r.waker.take() {
				i := int(id - phones[0].Phone.ID)
				if msg, _ := r.inform(phones[i].Phone.Serial, "2.4").next(); msg == nil {
					continue // woken again for what it was sent already
				}
				zone, err := time.LoadLocation(zones[i%len(zones)])
				r.must(err)
				slot, ok := w.Window.Open(window.Phone{Key: id.String()}, w.ID.String(), zone, r.clock.Now())
				if !ok || r.clock.Now().Before(slot.At) {
					t.Fatalf("%v was served at %s, and not in its slot, %+v", id, r.clock.Now(), slot)
				}
				served[fmt.Sprint(id, " ", slot.Period)]++
			}
		}
	}
	down := func(until time.Time) {
		r.clock.Advance(until.Sub(r.clock.Now()))
		r.restart()
		r.settle()
	}
	serve(begins("2026-03-14").Add(20 * time.Hour))
	down(begins("2026-03-15").Add(9 * time.Hour)) // over Sunday's slots of Berlin and the run for the second week
	serve(begins("2026-03-23"))
	down(begins("2026-03-31")) // over the slots of the third week and the run for the fourth
	serve(begins("2026-04-06"))
	made := r.jobsBy("recurring-job weekly")
	weeks := []string{"2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30", "2026-04-06"}
	if len(made) != len(weeks) {
		t.Fatalf("%d jobs; want %d", len(made), len(weeks))
	}
	total := make(map[string]int)
	for i, first := range weeks {
		j, last := made[i], day(first)+6
		if j.When.Window != w.ID || *j.When.From != day(first) || *j.When.Until != last || j.Selected != n ||
			!j.Expires.Equal(begins(last.String()).Add(3*24*time.Hour)) {
			t.Errorf("week of %s: ordered %+v", first, j)
		}
		for k, p := range phones {
			got := served[fmt.Sprint(p.Phone.ID, " ", first)]
			total[first] += got
			task, err := r.store.Task(t.Context(), db.TaskID{Job: j.ID, Phone: p.Phone.ID})
			r.must(err)
			if got > 1 || got != len(task.Attempts) {
				t.Errorf("%v in the week of %s: served %d times, task of %d attempts", p.Phone.ID, first, got, len(task.Attempts))
			}
			if got == 0 && i < 4 {
				r.says(fmt.Sprint("phone ", k, " in week ", i), task.Why, "its slot in this period has passed; it is ordered anew for the next")
			}
		}
	}
	if missed := n - total[weeks[0]]; missed < 1 || missed > n/3 {
		t.Errorf("%d were missed in the first week; want some of Berlin's", missed)
	}
	if total[weeks[1]] != n || total[weeks[2]] != 0 || total[weeks[3]] != n || total[weeks[4]] != 0 {
		t.Errorf("served by week: %v; want all of %d in the second and fourth, none in the others", total, n)
	}
}

// TestRecurringPeriods is when a job is made by a window alone, and for which days.
func TestRecurringPeriods(t *testing.T) {
	r := newRig(t)
	end := window.Dial(4 * 60)
	flexible := func(days int, from string) window.Window {
		w := window.Window{Flexible: &window.Flexible{Interval: days, Begin: 2 * 60, End: &end}}
		if from != "" {
			w.From = new(day(from))
		}
		return w
	}
	once := flexible(1, "2026-03-10")
	once.Until = new(day("2026-03-11"))
	shut := weekend()
	shut.BlackOut = []window.Days{{First: day("2026-03-14"), Last: day("2026-03-15")}}
	for i, tt := range []struct {
		w    window.Window
		from string
		want []string // first days
	}{
		{weekend(), "2026-03-02T09:00:00Z", []string{"2026-03-09", "2026-03-16"}},
		{weekend(), "2026-03-07T21:59:59Z", []string{"2026-03-09"}},
		{weekend(), "2026-03-07T22:00:00Z", []string{"2026-03-16"}},
		{shut, "2026-03-02T09:00:00Z", []string{"2026-03-16", "2026-03-23"}},
		{flexible(1, ""), "2026-03-02T09:00:00Z", []string{"2026-03-04", "2026-03-05"}},
		{flexible(10, "2026-03-05"), "2026-03-02T09:00:00Z", []string{"2026-03-05", "2026-03-15"}},
		{flexible(10, "2026-01-01"), "2026-03-02T09:00:00Z", []string{"2026-03-12", "2026-03-22"}},
		{once, "2026-03-02T09:00:00Z", []string{"2026-03-10", "2026-03-11", ""}},
	} {
		w := r.window(fmt.Sprint("window ", i), tt.w)
		at, err := time.Parse(time.RFC3339, tt.from)
		r.must(err)
		for _, want := range tt.want {
			next, err := r.svc.NextRun(&db.Recurring{Window: w.ID}, at)
			r.must(err)
			if want == "" {
				if !next.IsZero() {
					t.Errorf("window %d after %s: %s; want never", i, at, next)
				}
				break
			}
			if at = next; !at.Equal(begins(want).Add(-26 * time.Hour)) {
				t.Errorf("window %d: runs at %s; want 26 h before %s", i, at, want)
			}
		}
	}
}

// TestRecurringFlexible: the slots of a job for one period are those of the
// window itself, from a period of many days to the next.
func TestRecurringFlexible(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	end := window.Dial(4 * 60)
	w := r.window("some day", window.Window{Flexible: &window.Flexible{Interval: 10, Begin: 2 * 60, End: &end}, From: new(day("2026-01-03")), Zone: "Europe/Berlin"})
	r.recursIn(db.Recurring{Name: "book", Window: w.ID})
	for range 3 {
		c := r.recurring(1)
		r.until(c.Next)
		got := r.recurring(1)
		task := r.task(got.Job, phone, db.TaskWaiting)
		if slot := slotOf(t, w, phone, c.Next.Add(26*time.Hour-1)); !task.Due.Equal(slot.At) || !task.Closes.Equal(slot.Closes) {
			t.Errorf("due %s; want %+v", task.Due, slot)
		}
		r.until(task.Due)
		r.inform("1", "2.4").reboot()
	}
}

func (r *rig) recursIn(in db.Recurring) db.Recurring {
	r.t.Helper()
	in.Item.Kind, in.Selection = db.KindReboot, db.Selection{All: true}
	r.must(r.svc.CheckRecurring(r.t.Context(), &in))
	got, err := r.store.CreateRecurring(r.t.Context(), in)
	r.must(err)
	return got
}

// TestRecurringCronInWindow: with cron and a window each run is an order for
// that window, until the next run is due.
func TestRecurringCronInWindow(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := r.window("night", night("Europe/Berlin"))
	c := r.recursIn(db.Recurring{Name: "book", Cron: "0 18 * * mon", Zone: "Europe/Berlin", Window: w.ID})
	if want := time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC); !c.Next.Equal(want) {
		t.Fatalf("runs next at %s; want %s", c.Next, want)
	}
	r.until(c.Next)
	got := r.recurring(c.ID)
	job := r.job(got.Job, db.JobActive)
	if job.When.Window != w.ID || job.When.From != nil || job.When.Until != nil || !job.Expires.Equal(c.Next.Add(7*24*time.Hour)) {
		t.Errorf("ordered %+v", job.Job)
	}
	if slot := slotOf(t, w, phone, c.Next); !r.task(job.ID, phone, db.TaskWaiting).Due.Equal(slot.At) {
		t.Errorf("not due at %s", slot.At)
	}
	// A window that opens only after the next run is due has no time for any.
	bad := db.Recurring{Name: "never", Cron: "0 18 * * *", Window: r.window("weekend", weekend()).ID, Item: db.StandingItem{Kind: db.KindReboot}, Selection: db.Selection{All: true}}
	var field *db.FieldError
	if err := r.svc.CheckRecurring(t.Context(), &bad); !errors.As(err, &field) || field.Field != "expires" {
		t.Errorf("CheckRecurring: %v; want an error of expires", err)
	}
	bad.Item.Expires = 7 * 24 * time.Hour
	r.must(r.svc.CheckRecurring(t.Context(), &bad))
}

// TestRecurringWindowSkip: by a window, what is left out is a period of which a
// day has begun somewhere, not one whose run is late.
func TestRecurringWindowSkip(t *testing.T) {
	r := newRig(t)
	r.inform("1", "2.4")
	w := r.window("weekend", weekend())
	c := r.recursIn(db.Recurring{Name: "weekly", Window: w.ID, Missed: db.SkipMissed})
	r.clock.Advance(c.Next.Add(11 * time.Hour).Sub(r.clock.Now()))
	r.restart()
	r.settle()
	c = r.recurring(c.ID)
	if c.Runs != 1 || c.Job == 0 {
		t.Fatalf("a run before its period began was left out: %+v", c)
	}
	r.clock.Advance(c.Next.Add(13 * time.Hour).Sub(r.clock.Now()))
	r.restart()
	r.settle()
	if got := r.recurring(c.ID); got.Runs != 1 || got.Job != 0 || !got.Next.Equal(c.Next.Add(7*24*time.Hour)) {
		t.Errorf("after a run that was missed: %+v", got)
	}
	if _, err := r.store.Window(t.Context(), w.ID); err != nil {
		t.Error(err)
	}
	var use *db.InUseError
	if err := r.store.DeleteWindow(t.Context(), r.window("other", weekend()).ID); err != nil {
		t.Errorf("DeleteWindow of one that nothing needs: %v", err)
	}
	if err := r.store.DeleteWindow(t.Context(), w.ID); !errors.As(err, &use) {
		t.Errorf("DeleteWindow: %v; want *db.InUseError", err)
	}
}

// TestRecurringWindowRefused: what cannot be is refused with its field.
func TestRecurringWindowRefused(t *testing.T) {
	r := newRig(t)
	gone := weekend()
	gone.Until = new(day("2026-03-10"))
	w, over := r.window("weekend", weekend()), r.window("gone", gone)
	for name, tt := range map[string]struct {
		in    db.Recurring
		field string
	}{
		"no such window":        {db.Recurring{Window: 99}, "window"},
		"none, with cron":       {db.Recurring{Window: 99, Cron: "0 3 * * *"}, "when.window"},
		"no period left":        {db.Recurring{Window: over.ID}, "window"},
		"a zone of nothing":     {db.Recurring{Window: w.ID, Zone: "Europe/Berlin"}, "zone"},
		"over before it begins": {db.Recurring{Window: w.ID, Item: db.StandingItem{Expires: time.Hour}}, "expires"},
	} {
		tt.in.Item.Kind, tt.in.Selection.All = db.KindReboot, true
		err := r.svc.CheckRecurring(t.Context(), &tt.in)
		var field *db.FieldError
		if !errors.As(err, &field) || field.Field != tt.field {
			t.Errorf("%s: %v; want an error of %s", name, err, tt.field)
		}
	}
}

func begins(d string) time.Time {
	at, err := time.Parse(time.DateOnly, d)
	if err != nil {
		panic(err)
	}
	return at
}
