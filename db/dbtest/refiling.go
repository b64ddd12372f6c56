package dbtest

import (
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

var refilingTests = []testCase{
	{"an edited window is filed anew step by step, and the last edit counts", func(f *fixture) {
		w, job, ids, devices := f.windowed(3)
		w.Window.Flexible.Interval = 2
		w, err := f.UpdateWindow(f.ctx, w, f.now)
		f.ok(err, "UpdateWindow")
		if j := f.job(job); j.Refile != 1 || j.RefileAt != 0 {
			f.t.Fatalf("the job is filed in round %d, at %s", j.Refile, j.RefileAt)
		}
		tasks, last, done, err := f.UnsentTasks(f.ctx, job, 0, 2)
		if err != nil || len(tasks) != 2 || last != devices[1].id || done {
			f.t.Fatalf("UnsentTasks = %d, %s, %v, %v", len(tasks), last, done, err)
		}
		to := f.span(db.TaskWaiting)
		to.Due = to.Due.Add(time.Minute)
		f.ok(f.RefileTasks(f.ctx, job, 1, 0, last, false, []db.Filing{f.fileTo(ids[0], to)}, f.now), "RefileTasks")
		f.reopen()
		if j := f.job(job); j.Refile != 1 || j.RefileAt != last {
			f.t.Fatalf("after a restart it is filed in round %d, at %s", j.Refile, j.RefileAt)
		}
		f.fails(f.RefileTasks(f.ctx, job, 1, 0, last, false, nil, f.now), db.ErrConflict, "RefileTasks of a step that was done")
		w.Window.Flexible.Interval = 3
		_, err = f.UpdateWindow(f.ctx, w, f.now)
		f.ok(err, "UpdateWindow")
		f.fails(f.RefileTasks(f.ctx, job, 1, last, 0, true, nil, f.now), db.ErrConflict, "RefileTasks of the round before")
		f.fails(f.RefileTasks(f.ctx, job, 1, 0, 0, true, nil, f.now), db.ErrConflict, "RefileTasks of the round before")
		f.ok(f.RefileTasks(f.ctx, job, 2, 0, 0, true, nil, f.now), "RefileTasks")
		if j := f.job(job); j.Refiling() || j.State != db.JobActive {
			f.t.Errorf("after it, the job is %s, filed in round %d", j.State, j.Refile)
		}
	}},

	{"what was found before an edit has no effect after it, nor after all is filed anew", func(f *fixture) {
		w, job, ids, devices := f.windowed(2)
		old := f.fileTo(ids[0], f.span(db.TaskReady))
		f.now = monday.Add(90 * time.Minute)
		sent := devices[1].sending(ids[1])
		a, err := f.MarkSent(f.ctx, sent)
		f.ok(err, "MarkSent")
		again := f.verdict(ids[1], a.N, db.EventAgain)
		again.Opens, again.Closes = again.Due, monday.Add(3*time.Hour)
		send := devices[0].sending(ids[0])
		w.Window.Flexible.Interval = 2
		_, err = f.UpdateWindow(f.ctx, w, f.now)
		f.ok(err, "UpdateWindow")
		for _, when := range []string{"before", "after"} {
			f.ok(f.FileTasks(f.ctx, []db.Filing{old}, f.now), "FileTasks")
			got := f.inState(ids[0], db.TaskWaiting)
			f.same(f.span(db.TaskWaiting), got.Place(), when+" all is filed anew it stands")
			_, err = f.MarkSent(f.ctx, send)
			f.fails(err, db.ErrConflict, "MarkSent "+when)
			_, err = f.Judge(f.ctx, again)
			f.fails(err, db.ErrConflict, "Judge "+when)
			f.inState(ids[1], db.TaskSent)
			if when == "before" {
				f.ok(f.RefileTasks(f.ctx, job, 1, 0, 0, true, nil, f.now), "RefileTasks")
			}
		}
		f.fails(f.RefileTasks(f.ctx, job, 1, 0, 0, true, nil, f.now), db.ErrConflict, "RefileTasks of a round that is over")
		devices[0].send(ids[0])
		again.Round = 1
		f.judge(again)
		f.inState(ids[1], db.TaskWaiting)
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
