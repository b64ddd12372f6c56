package dbtest

import (
	"time"

	"phoneacs/db"
)

// filingEditTests are of windows that are changed while tasks wait for them.
var filingEditTests = []testCase{
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
}
