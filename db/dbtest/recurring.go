package dbtest

import (
	"errors"
	"strings"
	"time"

	"phoneacs/db"
)

// recurs makes a recurring reboot of every phone.
func (f *fixture) recurs(name string, next time.Time) db.Recurring {
	f.t.Helper()
	r, err := f.CreateRecurring(f.ctx, db.Recurring{
		Name: name, Item: rebootItem(), Selection: db.Selection{All: true}, Cron: "0 3 * * *", Zone: "Europe/Berlin",
		Missed: db.RunMissed, Created: f.now, By: "ops", Next: next,
	})
	f.ok(err, "CreateRecurring")
	return r
}

// runs are the entries of recurring jobs that are due.
func (f *fixture) runs() []db.Due {
	f.t.Helper()
	due, err := f.TakeDue(f.ctx, f.now, 100, 0, db.DueRecur)
	f.ok(err, "TakeDue")
	return due
}

var recurringTests = []testCase{
	{"a recurring job is kept over a restart, and changed", func(f *fixture) {
		r := f.recurs("nightly", f.now.Add(time.Hour))
		f.same(db.Recurring{
			ID: r.ID, Name: "nightly", Item: rebootItem(), Selection: db.Selection{All: true}, Cron: "0 3 * * *", Zone: "Europe/Berlin",
			Missed: db.RunMissed, Created: f.now, By: "ops", Next: f.now.Add(time.Hour),
		}, r, "CreateRecurring")
		f.same(r, one(f, f.Recurring)(r.ID), "Recurring")
		f.reopen()
		f.same([]db.Recurring{r}, all(f, f.ListRecurring), "ListRecurring")
		change := r
		change.Name, change.Next, change.By, change.Runs = "weekly", f.now.Add(2*time.Hour), "somebody", 7
		got, err := f.UpdateRecurring(f.ctx, change)
		f.ok(err, "UpdateRecurring")
		r.Name, r.Next = change.Name, change.Next
		f.same(r, got, "UpdateRecurring")
		g := f.crash()
		f.same(r, one(g, g.Recurring)(r.ID), "after a crash")
		if due := f.runs(); len(due) != 0 {
			f.t.Errorf("due already: %+v", due)
		}
		f.now = r.Next
		if due := f.runs(); len(due) != 1 || due[0].Job != db.JobID(r.ID) || !due[0].At.Equal(r.Next) {
			f.t.Errorf("due = %+v; want one, at %s", due, r.Next)
		}
		f.ok(f.DeleteRecurring(f.ctx, r.ID), "DeleteRecurring")
		f.fails(f.DeleteRecurring(f.ctx, r.ID), db.ErrNotFound, "DeleteRecurring again")
		if due := f.runs(); len(due) != 0 {
			f.t.Errorf("due after it was deleted: %+v", due)
		}
	}},

	{"a run makes its job once and files the next", func(f *fixture) {
		f.listed(3)
		r := f.recurs("nightly", f.now)
		due := f.runs()
		if len(due) != 1 {
			f.t.Fatalf("due = %+v", due)
		}
		order := everyPhone(f.order())
		next := f.now.Add(24 * time.Hour)
		got, err := f.RunRecurring(f.ctx, due[0], db.RecurringRun{Order: order, Next: next}, f.now)
		f.ok(err, "RunRecurring")
		if got.Runs != 1 || got.Job == 0 || !got.Last.Equal(due[0].At) || !got.Next.Equal(next) {
			f.t.Errorf("RunRecurring = %+v", got)
		}
		if j := f.job(got.Job); j.Selected != 3 || j.State != db.JobExpanding {
			f.t.Errorf("the job is %+v", j)
		}
		g := f.crash()
		f.same(got, one(g, g.Recurring)(r.ID), "after a crash")
		_, err = f.RunRecurring(f.ctx, due[0], db.RecurringRun{Order: order, Next: next}, f.now)
		f.fails(err, db.ErrConflict, "RunRecurring again")
		if n := len(all(f, f.ListJobs)); n != 1 {
			f.t.Errorf("%d jobs; want 1", n)
		}
		f.fails(f.DropDue(f.ctx, []db.Due{{At: next, Kind: db.DueRecur, Job: db.JobID(r.ID)}}), db.ErrConflict, "DropDue of the next run")
		f.now = next
		if due := f.runs(); len(due) != 1 {
			f.t.Errorf("due = %+v; want the next run", due)
		}
	}},

	{"a run that is skipped says why, and the last is the last", func(f *fixture) {
		r := f.recurs("nightly", f.now)
		got, err := f.RunRecurring(f.ctx, f.runs()[0], db.RecurringRun{Skip: "it is paused"}, f.now)
		f.ok(err, "RunRecurring")
		if got.Runs != 0 || got.Job != 0 || got.Why != "it is paused" || !got.Next.IsZero() || !got.Last.Equal(r.Next) {
			f.t.Errorf("RunRecurring = %+v", got)
		}
		f.now = f.now.AddDate(10, 0, 0)
		if due := f.runs(); len(due) != 0 {
			f.t.Errorf("due = %+v; want none ever", due)
		}
	}},

	{"an order that cannot be makes no job and says why", func(f *fixture) {
		f.recurs("nightly", f.now)
		order := everyPhone(f.order())
		order.Job.Args.File = 99
		got, err := f.RunRecurring(f.ctx, f.runs()[0], db.RecurringRun{Order: order, Next: f.now.Add(time.Hour)}, f.now)
		f.ok(err, "RunRecurring")
		if got.Job != 0 || got.Runs != 0 || !strings.Contains(got.Why, "args.file") || got.Next.IsZero() {
			f.t.Errorf("RunRecurring = %+v", got)
		}
	}},

	{"what cannot be kept is refused", func(f *fixture) {
		r := f.recurs("nightly", f.now.Add(time.Hour))
		bad := func(change func(*db.Recurring), field string) {
			f.t.Helper()
			in := r
			in.ID, in.Name = 0, "other"
			change(&in)
			_, err := f.CreateRecurring(f.ctx, in)
			var e *db.FieldError
			if !errors.As(err, &e) || e.Field != field {
				f.t.Errorf("CreateRecurring: %v; want an error of %s", err, field)
			}
		}
		bad(func(r *db.Recurring) { r.Name = "" }, "name")
		bad(func(r *db.Recurring) { r.Name = strings.Repeat("ü", 65) }, "name")
		bad(func(r *db.Recurring) { r.Name = "NIGHTLY" }, "name")
		bad(func(r *db.Recurring) { r.Item.Args.File = 99 }, "args.file")
		bad(func(r *db.Recurring) { r.Window = 99 }, "window")
		bad(func(r *db.Recurring) { r.Cron = "" }, "cron")
		bad(func(r *db.Recurring) { r.Selection = db.Selection{Filter: "model ="} }, "selection.filter")
		if n := len(all(f, f.ListRecurring)); n != 1 {
			f.t.Errorf("%d are kept; want 1", n)
		}
		_, err := f.UpdateRecurring(f.ctx, db.Recurring{ID: 99, Name: "x"})
		f.fails(err, db.ErrNotFound, "UpdateRecurring of none")
		_, err = f.Recurring(f.ctx, 99)
		f.fails(err, db.ErrNotFound, "Recurring")
	}},

	{"a file that is needed again stays", func(f *fixture) {
		file := f.file("book.xml", "numbers")
		in := f.recurs("nightly", f.now.Add(time.Hour))
		in.Item.Kind, in.Item.Args.File = db.KindDownload, file.ID
		_, err := f.UpdateRecurring(f.ctx, in)
		f.ok(err, "UpdateRecurring")
		_, _, err = f.DeleteFile(f.ctx, file.ID)
		f.fails(err, db.ErrInUse, "DeleteFile")
		f.ok(f.DeleteRecurring(f.ctx, in.ID), "DeleteRecurring")
		_, _, err = f.DeleteFile(f.ctx, file.ID)
		f.ok(err, "DeleteFile")
	}},

	{"another edition of a window has its next runs found anew, but for what is due", func(f *fixture) {
		w, err := f.CreateWindow(f.ctx, db.Window{Name: "night", Window: nightly(), Created: f.now})
		f.ok(err, "CreateWindow")
		add := func(name, cron string, next time.Time) db.RecurringID {
			in := db.Recurring{Name: name, Item: rebootItem(), Selection: db.Selection{All: true}, Cron: cron, Window: w.ID, Next: next, Created: f.now}
			r, err := f.CreateRecurring(f.ctx, in)
			f.ok(err, "CreateRecurring")
			return r.ID
		}
		later := f.now.Add(time.Hour)
		byCron, due, waits, never := add("a", "0 3 * * *", later), add("b", "", f.now), add("c", "", later), add("d", "", time.Time{})
		w.Name = "nights"
		w, err = f.UpdateWindow(f.ctx, w, f.now)
		f.ok(err, "UpdateWindow")
		f.same(false, one(f, f.Recurring)(waits).Recount, "after another name alone")
		skip := db.RecurringRun{Skip: "it is paused", Next: later, Edition: w.Edition}
		entry := f.runs()[0]
		w.Window.Flexible.Interval = 3
		w, err = f.UpdateWindow(f.ctx, w, f.now)
		f.ok(err, "UpdateWindow")
		_, err = f.RunRecurring(f.ctx, entry, skip, f.now)
		f.fails(err, db.ErrConflict, "RunRecurring by the edition before")
		f.reopen()
		for id, want := range map[db.RecurringID]bool{byCron: false, due: false, waits: true, never: true} {
			r := one(f, f.Recurring)(id)
			if r.Recount != want || want && !r.Next.Equal(f.now) {
				f.t.Errorf("%s is to be counted anew: %t, at %s", r.Name, r.Recount, r.Next)
			}
		}
		entries := f.runs()
		f.same(3, len(entries), "entries that are due")
		for _, d := range entries {
			run := skip
			run.Edition = w.Edition
			run.Recount = db.RecurringID(d.Job) == due // the wrong way round
			_, err = f.RunRecurring(f.ctx, d, run, f.now)
			f.fails(err, db.ErrConflict, "RunRecurring of what was not asked for")
			run.Recount = !run.Recount
			got, err := f.RunRecurring(f.ctx, d, run, f.now)
			f.ok(err, "RunRecurring")
			if ran := db.RecurringID(d.Job) == due; got.Recount || !got.Next.Equal(later) || (got.Why != "") != ran || got.Last.IsZero() == ran {
				f.t.Errorf("after it: %+v", got)
			}
		}
		f.same(0, len(f.runs()), "entries that are due then")
	}},

	{"a window that is needed again stays", func(f *fixture) {
		w, err := f.CreateWindow(f.ctx, db.Window{Name: "night", Window: nightly(), Created: f.now})
		f.ok(err, "CreateWindow")
		in := f.recurs("nightly", f.now.Add(time.Hour))
		in.Window, in.Cron = w.ID, ""
		got, err := f.UpdateRecurring(f.ctx, in)
		f.ok(err, "UpdateRecurring")
		f.same(in, got, "UpdateRecurring")
		f.same(in, one(f, f.Recurring)(in.ID), "Recurring")
		err = f.DeleteWindow(f.ctx, w.ID)
		var use *db.InUseError
		if !errors.As(err, &use) || use.By != "recurring job "+in.ID.String() {
			f.t.Errorf("DeleteWindow: %v; want one that names the recurring job", err)
		}
		f.ok(f.DeleteRecurring(f.ctx, in.ID), "DeleteRecurring")
		f.ok(f.DeleteWindow(f.ctx, w.ID), "DeleteWindow")
	}},
}
