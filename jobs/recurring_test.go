package jobs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

// recurs adds a recurring job as an operator does.
func (r *rig) recurs(in db.Recurring) db.Recurring {
	r.t.Helper()
	if in.Item.Kind == "" {
		in.Item.Kind = db.KindReboot
	}
	if in.Zone == "" {
		in.Zone = "Europe/Berlin"
	}
	in.Selection = db.Selection{All: true}
	r.must(r.svc.CheckRecurring(r.t.Context(), &in))
	got, err := r.store.CreateRecurring(r.t.Context(), in)
	r.must(err)
	return got
}

func (r *rig) recurring(id db.RecurringID) db.Recurring {
	r.t.Helper()
	got, err := r.store.Recurring(r.t.Context(), id)
	r.must(err)
	return got
}

// TestRecurring: a nightly job is made each night, over restarts too, once, for
// the phones that are there by then, and expires when the next one is due.
func TestRecurring(t *testing.T) {
	r := newRig(t) // 2 March 2026, 10:00 in Berlin
	c := r.recurs(db.Recurring{Name: "nightly", Cron: "30 2 * * *"})
	if want := time.Date(2026, 3, 3, 1, 30, 0, 0, time.UTC); !c.Next.Equal(want) {
		t.Fatalf("runs next at %s; want %s", c.Next, want)
	}
	r.inform("S1", "2.4", code("0 BOOTSTRAP")...).nothing()
	r.wait(16*time.Hour + 29*time.Minute)
	if n := len(r.jobsBy("recurring-job nightly")); n != 0 {
		t.Fatalf("%d jobs a minute early", n)
	}
	r.wait(time.Minute)
	r.restart()
	r.settle()
	made := r.jobsBy("recurring-job nightly")
	if len(made) != 1 || made[0].Selected != 1 || !made[0].Expires.Equal(c.Next.Add(24*time.Hour)) {
		t.Fatalf("made %+v; want one for one phone, until the next run", made)
	}
	if got := r.recurring(c.ID); got.Job != made[0].ID || !got.Last.Equal(c.Next) || got.Runs != 1 {
		t.Errorf("after the run: %+v", got)
	}
	r.inform("S2", "2.4", code("0 BOOTSTRAP")...).nothing()
	r.wait(24 * time.Hour)
	if made = r.jobsBy("recurring-job nightly"); len(made) != 2 || made[1].Selected != 2 {
		t.Fatalf("made %+v; want a second for two phones", made)
	}
}

// TestRecurringByDial: a nightly job runs every night and once, also when
// clocks change, and its days are those of its zone.
func TestRecurringByDial(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct {
		cron, zone string
		from       string
		want       []string
	}{
		{"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"}},
		{"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		{"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", []string{"2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"}},
		{"0 0 * * sun", "Asia/Kathmandu", "2026-03-02T00:00:00Z", []string{"2026-03-07T18:15:00Z", "2026-03-14T18:15:00Z"}},
		{"*/20 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", []string{"2026-10-25T00:40:00Z", "2026-10-25T02:00:00Z"}},
		{"@monthly", "UTC", "2026-03-02T00:00:00Z", []string{"2026-04-01T00:00:00Z"}},
		{"0 12 29 2 *", "UTC", "2026-03-02T00:00:00Z", []string{"2028-02-29T12:00:00Z"}},
	} {
		at, err := time.Parse(time.RFC3339, tt.from)
		r.must(err)
		for _, want := range tt.want {
			next, err := r.svc.NextRun(&db.Recurring{Cron: tt.cron, Zone: tt.zone}, at)
			if got := next.Format(time.RFC3339); err != nil || got != want {
				t.Errorf("%s in %s after %s: %s, %v; want %s", tt.cron, tt.zone, at, got, err, want)
			}
			at = next
		}
	}
}

// TestRecurringMissed: of the runs that nobody served one is made up for, or
// none, as it says; a clock that is set back makes none twice.
func TestRecurringMissed(t *testing.T) {
	r := newRig(t)
	r.inform("S1", "2.4", code("0 BOOTSTRAP")...).nothing()
	run := r.recurs(db.Recurring{Name: "run", Cron: "0 3 * * *"})
	skip := r.recurs(db.Recurring{Name: "skip", Cron: "0 3 * * *", Missed: db.SkipMissed})
	r.clock.Advance(3 * 24 * time.Hour)
	r.restart()
	r.settle()
	if n := len(r.jobsBy("recurring-job run")); n != 1 {
		t.Errorf("%d jobs for three nights that were missed; want 1", n)
	}
	if n, got := len(r.jobsBy("recurring-job skip")), r.recurring(skip.ID); n != 0 || !strings.Contains(got.Why, "nobody served") || got.Runs != 0 {
		t.Errorf("%d jobs, %+v; want none, and why", n, got)
	}
	for _, id := range []db.RecurringID{run.ID, skip.ID} {
		if got := r.recurring(id); !got.Next.After(r.clock.Now()) || got.Next.Sub(r.clock.Now()) > 24*time.Hour {
			t.Errorf("%s runs next at %s; now is %s", got.Name, got.Next, r.clock.Now())
		}
	}
	r.wait(-48 * time.Hour)
	if n := len(r.jobsBy("recurring-job run")); n != 1 {
		t.Errorf("%d jobs after the clock was set back; want 1", n)
	}
}

// TestRecurringPaused: a paused one lets its time pass.
func TestRecurringPaused(t *testing.T) {
	r := newRig(t)
	c := r.recurs(db.Recurring{Name: "nightly", Cron: "0 3 * * *", Paused: true})
	r.wait(24 * time.Hour)
	if got := r.recurring(c.ID); got.Why != "it is paused" || got.Runs != 0 || !got.Next.After(r.clock.Now()) {
		t.Errorf("after its time: %+v", got)
	}
}

// TestRecurringNewest: each run takes the newest file of that name, so that a
// phonebook that is added anew each day is what goes out.
func TestRecurringNewest(t *testing.T) {
	r := newRig(t)
	old := r.file(db.FilePhonebook, "a")
	item := downloadItem(old)
	c := r.recurs(db.Recurring{Name: "book", Item: item, Cron: "0 3 * * *", Newest: true})
	other := r.file(db.FilePhonebook, "b")
	again, err := r.store.AddFile(t.Context(), db.File{Name: old.Name, Kind: old.Kind, Vendor: old.Vendor, SHA256: other.SHA256, Size: other.Size, Created: r.clock.Now()})
	r.must(err)
	r.wait(24 * time.Hour)
	made := r.jobsBy("recurring-job book")
	if len(made) != 1 || made[0].Args.File != again.ID {
		t.Fatalf("made %+v; want one with %v", made, again.ID)
	}
	if got := r.recurring(c.ID); got.Item.Args.File != again.ID {
		t.Errorf("the template names %v; want %v", got.Item.Args.File, again.ID)
	}
	if _, _, err := r.store.DeleteFile(t.Context(), again.ID); !errors.Is(err, db.ErrInUse) {
		t.Errorf("DeleteFile of the newest: %v", err)
	}
}

// TestRecurringRefused: what cannot be is refused with its field.
func TestRecurringRefused(t *testing.T) {
	r := newRig(t)
	for name, tt := range map[string]struct {
		in    db.Recurring
		field string
	}{
		"no time":           {db.Recurring{}, "cron"},
		"four fields":       {db.Recurring{Cron: "0 3 * *"}, "cron"},
		"minute 60":         {db.Recurring{Cron: "60 3 * * *"}, "cron"},
		"every":             {db.Recurring{Cron: "@every 5m"}, "cron"},
		"a zone within":     {db.Recurring{Cron: "TZ=UTC 0 3 * * *"}, "cron"},
		"never":             {db.Recurring{Cron: "0 0 31 2 *"}, "cron"},
		"long":              {db.Recurring{Cron: "0 3 * * " + strings.Repeat("1,", 60) + "1"}, "cron"},
		"no such zone":      {db.Recurring{Cron: "0 3 * * *", Zone: "Mars/Olympus"}, "zone"},
		"missed":            {db.Recurring{Cron: "0 3 * * *", Missed: "twice"}, "missed"},
		"no such kind":      {db.Recurring{Cron: "0 3 * * *", Item: db.StandingItem{Kind: "dance"}}, "kind"},
		"no file":           {db.Recurring{Cron: "0 3 * * *", Item: db.StandingItem{Kind: db.KindDownload}}, "args.file"},
		"nobody":            {db.Recurring{Cron: "0 3 * * *", Selection: db.Selection{Phones: []string{}}}, "selection"},
		"newest of nothing": {db.Recurring{Cron: "0 3 * * *", Newest: true}, "newest_file"},
	} {
		if tt.in.Item.Kind == "" {
			tt.in.Item.Kind = db.KindReboot
		}
		if tt.in.Selection.Phones == nil {
			tt.in.Selection.All = true
		}
		err := r.svc.CheckRecurring(t.Context(), &tt.in)
		var field *db.FieldError
		if !errors.As(err, &field) || field.Field != tt.field {
			t.Errorf("%s: %v; want an error of %s", name, err, tt.field)
		}
	}
	page, err := r.store.ListRecurring(t.Context(), db.Query{Limit: 10})
	if err != nil || slices.ContainsFunc(page.Items, func(db.Recurring) bool { return true }) {
		t.Errorf("kept: %+v, %v", page.Items, err)
	}
}
