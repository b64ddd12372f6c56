package dbtest

import (
	"slices"
	"strings"
	"time"

	"phoneacs/db"
)

var judgeTests = []testCase{
	{"a verdict is written into the attempt", func(f *fixture) {
		d := f.device()
		id := d.task()
		sent := d.send(id)
		f.later(time.Second)
		accepted := f.now
		got := f.judge(f.verdict(id, 1, db.EventAccept))
		f.same(f.task(id), got, "Judge")
		f.later(time.Minute)
		part := f.verdict(id, 1, db.EventAccept)
		part.Complete, part.Evidence = true, []string{"transfer complete"}
		complete := f.now
		f.judge(part)
		f.later(time.Minute)
		proof := f.verdict(id, 1, db.EventProof)
		proof.Evidence = []string{"reports 2.12.1", "as ordered"}
		got = f.judge(proof)
		f.same(f.task(id), got, "Judge")
		want := sent
		want.Accepted, want.Complete, want.Ended, want.Outcome = accepted, complete, f.now, db.OutcomeDone
		f.same([]db.Attempt{want}, got.Attempts, "the attempt")
		if got.State != db.TaskSucceeded || got.Why != proof.Why || got.Cause != "" || !got.Ended.Equal(f.now) {
			f.t.Errorf("the task is %+v", got)
		}
		f.same([]db.Evidence{
			{Time: complete, Attempt: 1, What: "transfer complete"},
			{Time: f.now, Attempt: 1, What: "reports 2.12.1"}, {Time: f.now, Attempt: 1, What: "as ordered"},
		}, got.Evidence, "the evidence")
		if open := one(f, f.OpenAttempts)(d.id); len(open) != 0 {
			f.t.Errorf("open attempts: %+v", open)
		}
	}},

	{"a fault is kept with its code and cause", func(f *fixture) {
		d := f.device()
		id := d.task()
		d.send(id)
		got := f.judge(f.verdict(id, 1, db.EventFault))
		a := got.Attempts[0]
		if got.State != db.TaskFailed || got.Cause != db.CauseFault || a.Outcome != db.OutcomeFault || a.Fault != 9002 {
			f.t.Errorf("the task is %s, cause %q, attempt %+v", got.State, got.Cause, a)
		}
	}},

	{"an attempt that is to be tried again waits", func(f *fixture) {
		d := f.device()
		id := d.task()
		for n := 1; n <= 3; n++ {
			if a := d.send(id); a.N != n {
				f.t.Errorf("attempt %d is numbered %d", n, a.N)
			}
			v := f.verdict(id, n, db.EventAgain)
			got := f.judge(v)
			if got.State != db.TaskWaiting || !got.Due.Equal(v.Due) || got.Tries != n {
				f.t.Errorf("the task is %s until %v after %d tries; want it to wait until %v", got.State, got.Due, got.Tries, v.Due)
			}
			if r, err := f.ReadyTasks(f.ctx, d.id, f.now, 9); len(r) != 0 || err != nil {
				f.t.Errorf("ReadyTasks = %+v, %v", r, err)
			}
			f.now = v.Due
			due, err := f.TakeDue(f.ctx, f.now, 9, time.Minute, db.DueRelease)
			f.ok(err, "TakeDue")
			f.same([]db.Due{{At: v.Due, Kind: db.DueRelease, Job: id.Job, Phone: id.Phone}}, due, "due")
			f.ok(f.ReleaseTasks(f.ctx, due, f.now, true), "ReleaseTasks")
			f.inState(id, db.TaskReady)
		}
	}},

	{"refuses what the session may no longer say", func(f *fixture) {
		d := f.device()
		id := d.task()
		d.send(id)
		v := f.verdict(id, 1, db.EventProof)
		v.Session = d.in.Session
		d.session("2 PERIODIC")
		before := f.snapshot()
		_, err := f.Judge(f.ctx, v)
		f.fails(err, db.ErrSuperseded, "Judge of a superseded session")
		f.same(before, f.snapshot(), "after it was refused")
		v.Session = d.in.Session
		f.judge(v)
	}},

	{"refuses an attempt that is not the open one", func(f *fixture) {
		d := f.device()
		id := d.task()
		d.send(id)
		before := f.snapshot()
		for _, n := range []int{-1, 0, 2, 1 << 30} {
			_, err := f.Judge(f.ctx, f.verdict(id, n, db.EventProof))
			f.fails(err, db.ErrConflict, "Judge of attempt %d of 1", n)
		}
		_, err := f.Judge(f.ctx, f.verdict(id, 1, "wish"))
		f.fails(err, db.ErrConflict, "Judge of an unknown event")
		f.same(before, f.snapshot(), "after refused verdicts")
		f.judge(f.verdict(id, 1, db.EventFault))
		before = f.snapshot()
		for _, e := range []db.TaskEvent{db.EventAccept, db.EventProof, db.EventFault, db.EventRefute, db.EventUnknown, db.EventAgain} {
			_, err := f.Judge(f.ctx, f.verdict(id, 1, e))
			f.fails(err, db.ErrConflict, "Judge %s of an attempt that has its outcome", e)
		}
		f.same(before, f.snapshot(), "after verdicts on an attempt that has its outcome")
	}},

	{"a task is skipped before its first attempt", func(f *fixture) {
		d := f.device()
		id := d.task()
		v := f.verdict(id, 0, db.EventSkip)
		v.Evidence = []string{"reports 2.12.1"}
		got := f.judge(v)
		if got.State != db.TaskSkipped || got.Why != v.Why || len(got.Attempts) != 0 || len(got.Evidence) != 1 {
			f.t.Errorf("the task is %+v", got)
		}
	}},

	{"a late proof counts while nothing newer was sent", func(f *fixture) {
		for name, then := range map[string]func(d *device, id db.TaskID){
			"failed":  func(_ *device, id db.TaskID) { f.judge(f.verdict(id, 1, db.EventUnknown)) },
			"waiting": func(_ *device, id db.TaskID) { f.judge(f.verdict(id, 1, db.EventAgain)) },
			"ready":   func(_ *device, id db.TaskID) { f.judge(f.verdict(id, 1, db.EventAgain)); f.release(id) },
		} {
			d := f.device()
			id := d.task()
			d.send(id)
			then(d, id)
			f.later(time.Hour)
			v := f.verdict(id, 1, db.EventProof)
			v.Evidence = []string{"M Reboot with our key"}
			got := f.judge(v)
			if got.State != db.TaskSucceeded || got.Cause != "" || len(got.Evidence) == 0 {
				f.t.Errorf("%s: a late proof made it %s, cause %q, evidence %+v", name, got.State, got.Cause, got.Evidence)
			}
			if j := f.job(id.Job); j.State != db.JobEnded {
				f.t.Errorf("%s: the job is %s", name, j.State)
			}
			_, err := f.Judge(f.ctx, v)
			f.fails(err, db.ErrConflict, "%s: the same proof again", name)
		}
	}},

	{"a late proof never closes a newer attempt", func(f *fixture) {
		for name, then := range map[string]func(id db.TaskID){
			"sent":            func(db.TaskID) {},
			"proving":         func(id db.TaskID) { f.judge(f.verdict(id, 2, db.EventAccept)) },
			"failed":          func(id db.TaskID) { f.judge(f.verdict(id, 2, db.EventFault)) },
			"unknown as well": func(id db.TaskID) { f.judge(f.verdict(id, 2, db.EventUnknown)) },
			"to be repeated":  func(id db.TaskID) { f.judge(f.verdict(id, 2, db.EventAgain)) },
			"ready once more": func(id db.TaskID) { f.judge(f.verdict(id, 2, db.EventAgain)); f.release(id) },
		} {
			d := f.device()
			id := d.task()
			d.send(id)
			f.judge(f.verdict(id, 1, db.EventAgain))
			f.release(id)
			d.send(id)
			then(id)
			before := f.task(id)
			v := f.verdict(id, 1, db.EventProof)
			v.Evidence = []string{"late word"}
			got := f.judge(v)
			f.same(f.task(id), got, "%s: Judge", name)
			if !slices.ContainsFunc(got.Evidence, func(e db.Evidence) bool {
				return e.Attempt == 1 && strings.Contains(e.What, "late word")
			}) {
				f.t.Errorf("%s: the late proof is not noted: %+v", name, got.Evidence)
			}
			got.Evidence, before.Evidence = nil, nil
			f.same(before, got, "%s: the task but for its evidence", name)
		}
	}},

	{"a late proof of a task taken back moves nothing", func(f *fixture) {
		d, other := f.device(), f.device()
		j := f.create(f.order(d.id, other.id))
		f.expand(j.ID, ready)
		id := db.TaskID{Job: j.ID, Phone: d.id}
		d.send(id)
		f.judge(f.verdict(id, 1, db.EventAgain))
		f.sweep(j.ID, db.SweepCancel)
		before := f.inState(id, db.TaskCancelled)
		got, err := f.Judge(f.ctx, f.verdict(id, 1, db.EventProof))
		if err != nil {
			f.fails(err, db.ErrConflict, "Judge of a cancelled task")
			got = f.task(id)
		}
		got.Evidence, before.Evidence = nil, nil // it may be noted
		f.same(before, got, "the cancelled task but for its evidence")
	}},
}
