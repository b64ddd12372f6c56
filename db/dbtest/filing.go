package dbtest

import (
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// windowed is a job in a named window with a task for each of n phones, which
// waits for its slot two hours from now, in a window open from one to three.
func (f *fixture) windowed(n int) (db.Window, db.JobID, []db.TaskID, []*device) {
	f.t.Helper()
	w, err := f.CreateWindow(f.ctx, db.Window{Name: "night", Window: nightly(), Created: f.now})
	f.ok(err, "CreateWindow")
	var devices []*device
	var phones []db.PhoneID
	for range n {
		devices = append(devices, f.device())
		phones = append(phones, devices[len(devices)-1].id)
	}
	o := f.order(phones...)
	o.Job.When = db.When{Window: w.ID}
	j := f.create(o)
	f.expand(j.ID, func(p db.PhoneStatus) db.TaskSeed {
		at := f.span(db.TaskWaiting)
		return db.TaskSeed{State: at.State, Due: at.Due, Opens: at.Opens, Closes: at.Closes, Why: "waits for its slot"}
	})
	var ids []db.TaskID
	for _, p := range phones {
		ids = append(ids, db.TaskID{Job: j.ID, Phone: p})
	}
	return w, j.ID, ids, devices
}

// span is that place, by the test's clock at its begin.
func (f *fixture) span(state db.TaskState) db.Place {
	p := db.Place{State: state, Opens: monday.Add(time.Hour), Closes: monday.Add(3 * time.Hour)}
	if state == db.TaskWaiting {
		p.Due = monday.Add(2 * time.Hour)
	}
	return p
}

func (f *fixture) fileTo(id db.TaskID, to db.Place) db.Filing {
	f.t.Helper()
	t := f.task(id)
	return db.Filing{Task: id, Round: f.job(id.Job).Refile, From: t.Place(), To: to, Why: "filed", Wake: true}
}

func (f *fixture) offered(d *device) int {
	f.t.Helper()
	r, err := f.ReadyTasks(f.ctx, d.id, f.now, 9)
	f.ok(err, "ReadyTasks")
	return len(r)
}

var filingTests = []testCase{
	{"jobs of a window are counted until they end", func(f *fixture) {
		w, job, _, _ := f.windowed(2)
		o := everyPhone(f.order())
		o.Job.When = db.When{Window: w.ID}
		f.create(o)
		count := func(id db.WindowID, most, want int) {
			f.t.Helper()
			if n, err := f.WindowJobs(f.ctx, id, most); err != nil || n != want {
				f.t.Errorf("WindowJobs = %d, %v; want %d", n, err, want)
			}
		}
		count(w.ID, 10, 2)
		count(w.ID, 1, 1)
		count(w.ID+1, 10, 0)
		_, err := f.StartSweep(f.ctx, job, db.SweepCancel, f.now)
		f.ok(err, "StartSweep")
		for done := false; !done; {
			done, err = f.StepSweep(f.ctx, job, 100, f.now)
			f.ok(err, "StepSweep")
		}
		count(w.ID, 10, 1)
	}},

	{"a task that waits for its slot is given inside its window alone", func(f *fixture) {
		_, _, ids, devices := f.windowed(1)
		for _, tt := range []struct {
			at   time.Duration
			open bool
		}{{0, false}, {time.Hour - 1, false}, {time.Hour, true}, {2 * time.Hour, true}, {3*time.Hour - time.Millisecond, true}, {3 * time.Hour, false}} {
			f.now = monday.Add(tt.at)
			if n := f.offered(devices[0]); (n == 1) != tt.open {
				f.t.Errorf("after %s %d tasks are given", tt.at, n)
			}
			if !tt.open {
				_, err := f.MarkSent(f.ctx, devices[0].sending(ids[0]))
				f.fails(err, db.ErrConflict, "MarkSent after %s", tt.at)
			}
		}
		f.now = monday.Add(90 * time.Minute)
		devices[0].send(ids[0])
		if got := f.inState(ids[0], db.TaskSent); !got.Due.IsZero() || !got.Opens.IsZero() || !got.Closes.IsZero() {
			f.t.Errorf("it was sent and still stands at %+v", got.Place())
		}
	}},

	{"what waits for its slot is found before it", func(f *fixture) {
		_, _, ids, devices := f.windowed(1)
		d := devices[0]
		waits := func(want bool) {
			f.t.Helper()
			if rec := d.session("2 PERIODIC"); rec.Waits != want {
				f.t.Errorf("the Inform is told that tasks wait: %t; want %t", rec.Waits, want)
			}
			rec, err := f.WaitingTasks(f.ctx, d.id, f.now, 9)
			if f.ok(err, "WaitingTasks"); (len(rec) == 1 && rec[0].Task.ID == ids[0]) != want {
				f.t.Errorf("%d tasks wait at %s", len(rec), f.now)
			}
		}
		waits(true)
		f.reopen()
		waits(true)
		early, err := f.WaitingTasks(f.ctx, d.id, f.now, 0)
		f.same(0, len(early), "no more than are asked for")
		f.ok(err, "WaitingTasks")
		f.ok(f.FileTasks(f.ctx, []db.Filing{f.fileTo(ids[0], f.span(db.TaskReady))}, f.now), "FileTasks")
		w, err := f.WaitingTasks(f.ctx, d.id, f.now, 9)
		f.same(0, len(w), "what is ready waits no more")
		f.ok(err, "WaitingTasks")
		other := f.device()
		if rec := other.session("1 BOOT"); rec.Waits {
			f.t.Error("something waits for a phone for which nothing does")
		}
	}},

	{"what has moved is not filed", func(f *fixture) {
		_, _, ids, _ := f.windowed(1)
		late := f.span(db.TaskWaiting)
		late.Due = late.Due.Add(time.Minute)
		file := f.fileTo(ids[0], late)
		f.ok(f.FileTasks(f.ctx, []db.Filing{file}, f.now), "FileTasks")
		if task := f.task(ids[0]); !task.Place().Same(late) {
			f.t.Fatalf("filed at %+v; want %+v", task, late)
		}
		file.To.Due = late.Due.Add(time.Minute) // by where it was
		f.ok(f.FileTasks(f.ctx, []db.Filing{file}, f.now), "FileTasks of what has moved")
		if task := f.task(ids[0]); !task.Place().Same(late) {
			f.t.Errorf("what had moved is filed at %+v", task)
		}
		f.fails(f.FileTasks(f.ctx, []db.Filing{f.fileTo(ids[0], db.Place{State: db.TaskSent})}, f.now), db.ErrConflict, "FileTasks to be sent")
		f.reopen()
		f.inState(ids[0], db.TaskWaiting)
	}},

	{"ready, closed, waiting again, expired", func(f *fixture) {
		_, job, ids, devices := f.windowed(2)
		f.now = monday.Add(2 * time.Hour)
		if due := f.take(9, db.DueRelease); len(due) != 2 {
			f.t.Fatalf("%d tasks are due", len(due))
		}
		f.ok(f.FileTasks(f.ctx, []db.Filing{f.fileTo(ids[0], f.span(db.TaskReady))}, f.now), "FileTasks")
		f.inState(ids[0], db.TaskReady)
		if due := f.take(9, db.DueWake); len(due) != 1 || due[0].Phone != devices[0].id {
			f.t.Errorf("to be woken: %+v", due)
		}
		g := f.crash()
		g.inState(ids[0], db.TaskReady)
		f.now = monday.Add(3 * time.Hour)
		due := f.take(9, db.DueClose)
		if len(due) != 1 || due[0].Phone != devices[0].id {
			f.t.Fatalf("windows that close: %+v", due)
		}
		f.fails(f.DropDue(f.ctx, due), db.ErrConflict, "DropDue of a window that is still to be closed")
		next := f.span(db.TaskWaiting)
		next.Due, next.Opens, next.Closes = next.Due.Add(24*time.Hour), next.Opens.Add(24*time.Hour), next.Closes.Add(24*time.Hour)
		f.ok(f.FileTasks(f.ctx, []db.Filing{f.fileTo(ids[0], next), f.fileTo(ids[1], db.Place{State: db.TaskExpired})}, f.now), "FileTasks")
		f.states(ids, db.TaskWaiting, db.TaskExpired)
		f.ok(f.FileTasks(f.ctx, []db.Filing{f.fileTo(ids[0], db.Place{State: db.TaskExpired})}, f.now), "FileTasks")
		if j := f.job(job); j.State != db.JobEnded {
			f.t.Errorf("the job is %s", j.State)
		}
	}},

	{"a window is kept while a job waits for it, and again when that is retried", func(f *fixture) {
		w, job, ids, devices := f.windowed(1)
		f.fails(f.DeleteWindow(f.ctx, w.ID), db.ErrInUse, "DeleteWindow")
		f.sweep(job, db.SweepCancel)
		g := f.crash()
		g.ok(g.DeleteWindow(g.ctx, w.ID), "DeleteWindow after the job")
		_, err := g.StartSweep(g.ctx, job, db.SweepRetry, g.now)
		g.fails(err, db.ErrConflict, "retry of a job whose window is gone")
		f.sweep(job, db.SweepRetry)
		f.fails(f.DeleteWindow(f.ctx, w.ID), db.ErrInUse, "DeleteWindow after a retry")
		task := f.inState(ids[0], db.TaskWaiting)
		if !task.Closes.IsZero() || task.Due.After(f.now) {
			f.t.Errorf("after a retry it stands at %+v; want it due to be filed", task.Place())
		}
		if f.offered(devices[0]) != 0 {
			f.t.Error("it is given before it is filed")
		}
		o := f.order(devices[0].id)
		o.Job.When = db.When{Window: 99}
		_, _, err = f.CreateJob(f.ctx, o)
		f.failsField(err, "when.window", "CreateJob in no window")
	}},

	{"another zone of a site has what waits without one filed anew, over a crash", func(f *fixture) {
		site, err := f.CreateSite(f.ctx, db.Site{Name: "far", Zone: "Europe/Berlin"})
		f.ok(err, "CreateSite")
		d := f.device()
		_, err = f.UpdatePhone(f.ctx, d.id, db.PhonePatch{Site: &site.ID}, "ops")
		f.ok(err, "UpdatePhone")
		here, there := nightly(), nightly()
		here.Zone = ""
		var jobs []db.JobID
		named := func(name string, w window.Window) db.When {
			made, err := f.CreateWindow(f.ctx, db.Window{Name: name, Window: w, Created: f.now})
			f.ok(err, "CreateWindow")
			return db.When{Window: made.ID}
		}
		for _, when := range []db.When{
			named("here", here), {Inline: &here}, named("there", there), {Inline: &there}, {Now: true}, {Inline: &here},
		} {
			n := f.order(d.id)
			n.Job.When = when
			j := f.create(n)
			f.expand(j.ID, f.waiting)
			jobs = append(jobs, j.ID)
		}
		f.sweep(jobs[5], db.SweepCancel)
		rounds := func(g *fixture, want ...int) {
			g.t.Helper()
			var got []int
			for _, id := range jobs {
				j, round := g.job(id), 0
				if j.Refiling() {
					round = j.Refile
				}
				got = append(got, round)
			}
			g.same(want, got, "rounds of filing anew")
		}
		site.URL = "http://192.0.2.1"
		_, err = f.UpdateSite(f.ctx, site)
		f.ok(err, "UpdateSite")
		rounds(f, 0, 0, 0, 0, 0, 0)
		site.Zone = "America/New_York"
		_, err = f.UpdateSite(f.ctx, site)
		f.ok(err, "UpdateSite")
		rounds(f.crash(), 1, 1, 0, 0, 0, 0)
		f.ok(f.RefileTasks(f.ctx, jobs[0], 1, 0, d.id, false, nil, f.now), "RefileTasks")
		res, err := f.ImportSites(f.ctx, []db.SiteImport{{Name: "far", Zone: "Asia/Kolkata"}}, db.ImportOptions{Existing: db.ExistingUpdate, Now: f.now})
		if err != nil || res[0].Fate != db.FateUpdated {
			f.t.Fatalf("ImportSites: %+v, %v", res, err)
		}
		rounds(f, 2, 2, 0, 0, 0, 0)
		f.fails(f.RefileTasks(f.ctx, jobs[0], 1, d.id, 0, true, nil, f.now), db.ErrConflict, "RefileTasks by the zone before")
		f.ok(f.RefileTasks(f.ctx, jobs[0], 2, 0, 0, true, nil, f.now), "RefileTasks")
		f.ok(f.RefileTasks(f.ctx, jobs[1], 2, 0, 0, true, nil, f.now), "RefileTasks")
		rounds(f, 0, 0, 0, 0, 0, 0)
		if busy, err := f.BusyJobs(f.ctx); err != nil || len(busy) > 0 {
			f.t.Errorf("%d jobs are busy, %v", len(busy), err)
		}
	}},

	{"a phone that moves while its task is made has its slot found anew", func(f *fixture) {
		w, err := f.CreateWindow(f.ctx, db.Window{Name: "night", Window: nightly(), Created: f.now})
		f.ok(err, "CreateWindow")
		site, err := f.CreateSite(f.ctx, db.Site{Name: "far", Zone: "Pacific/Auckland"})
		f.ok(err, "CreateSite")
		devices := []*device{f.device(), f.device(), f.device()}
		o := f.order(devices[0].id, devices[1].id, devices[2].id)
		o.Job.When = db.When{Window: w.ID}
		j := f.create(o)
		phones, err := f.Selected(f.ctx, j.ID, 9)
		f.ok(err, "Selected")
		_, err = f.UpdatePhone(f.ctx, devices[0].id, db.PhonePatch{Site: &site.ID}, "ops")
		f.ok(err, "UpdatePhone")
		devices[1].in.MAC = "0c383e777777"
		devices[1].session("1 BOOT")
		at := f.span(db.TaskWaiting)
		var seeds []db.TaskSeed
		for _, p := range phones {
			seeds = append(seeds, db.TaskSeed{Phone: p.ID, State: at.State, Due: at.Due, Opens: at.Opens, Closes: at.Closes, Site: p.Site, MAC: p.MAC, Why: "waits"})
		}
		_, err = f.AddTasks(f.ctx, j.ID, 0, seeds, f.now)
		f.ok(err, "AddTasks")
		for i, d := range devices {
			got := f.inState(db.TaskID{Job: j.ID, Phone: d.id}, db.TaskWaiting)
			if filed := !got.Closes.IsZero(); filed != (i == 2) {
				f.t.Errorf("phone %d: its task stands at %+v", i, got.Place())
			}
		}
	}},

	{"a phone that moves, is replaced or deleted", func(f *fixture) {
		_, _, ids, devices := f.windowed(3)
		site, err := f.CreateSite(f.ctx, db.Site{Name: "far", Zone: "Pacific/Auckland"})
		f.ok(err, "CreateSite")
		_, err = f.UpdatePhone(f.ctx, devices[0].id, db.PhonePatch{Site: &site.ID}, "ops")
		f.ok(err, "UpdatePhone")
		if got := f.inState(ids[0], db.TaskWaiting); !got.Closes.IsZero() {
			f.t.Errorf("a phone that moved stands at %+v", got.Place())
		}
		f.now = monday.Add(2 * time.Hour)
		f.ok(f.FileTasks(f.ctx, []db.Filing{f.fileTo(ids[1], f.span(db.TaskReady))}, f.now), "FileTasks")
		out, err := f.ReplacePhone(f.ctx, db.Replacement{Old: devices[1].id, MAC: "0c383e777777", Now: f.now})
		f.ok(err, "ReplacePhone")
		heir := db.TaskID{Job: ids[1].Job, Phone: out.New}
		if got := f.inState(heir, db.TaskWaiting); !got.Closes.IsZero() || !got.Due.Equal(f.now) {
			f.t.Errorf("its heir stands at %+v", got.Place())
		}
		f.ok(f.DeletePhone(f.ctx, devices[2].id), "DeletePhone")
		f.inState(ids[2], db.TaskCancelled)
	}},
}
