package dbtest

import (
	"time"

	"phoneacs/db"
)

// five is a job with tasks in five states, in the order of its phones: waiting,
// ready, sent, proving and failed.
func (f *fixture) five() (db.JobID, []db.TaskID, []*device) {
	f.t.Helper()
	var devices []*device
	var phones []db.PhoneID
	for range 5 {
		devices = append(devices, f.device())
		phones = append(phones, devices[len(devices)-1].id)
	}
	j := f.create(f.order(phones...))
	f.expand(j.ID, func(p db.PhoneStatus) db.TaskSeed {
		if p.ID == phones[0] {
			return f.waiting(p)
		}
		return ready(p)
	})
	var ids []db.TaskID
	for i, d := range devices {
		ids = append(ids, db.TaskID{Job: j.ID, Phone: d.id})
		if i >= 2 {
			d.send(ids[i])
		}
	}
	f.judge(f.verdict(ids[3], 1, db.EventAccept))
	f.judge(f.verdict(ids[4], 1, db.EventUnknown))
	return j.ID, ids, devices
}

func (f *fixture) states(ids []db.TaskID, want ...db.TaskState) {
	f.t.Helper()
	for i, id := range ids {
		f.inState(id, want[i])
	}
}

var sweepTests = []testCase{
	{"cancel, step by step over a restart", func(f *fixture) {
		job, ids, devices := f.five()
		f.states(ids, db.TaskWaiting, db.TaskReady, db.TaskSent, db.TaskProving, db.TaskFailed)
		st, err := f.StartSweep(f.ctx, job, db.SweepCancel, f.now)
		f.ok(err, "StartSweep")
		if st.Sweep != db.SweepCancel || !st.Cancel {
			f.t.Errorf("StartSweep = %+v", st)
		}
		f.same(f.job(job), st, "StartSweep")
		// It holds before it has come to a task.
		_, err = f.MarkSent(f.ctx, devices[1].sending(ids[1]))
		f.fails(err, db.ErrConflict, "MarkSent of a task that the sweep has not reached")
		if r, err := f.ReadyTasks(f.ctx, devices[1].id, f.now, 9); len(r) != 0 || err != nil {
			f.t.Errorf("ReadyTasks = %+v, %v", r, err)
		}
		_, err = f.StartSweep(f.ctx, job, db.SweepExpire, f.now)
		f.fails(err, db.ErrConflict, "StartSweep while another is under way")
		_, err = f.StartSweep(f.ctx, job, db.SweepRetry, f.now)
		f.fails(err, db.ErrConflict, "StartSweep while another is under way")

		done, err := f.StepSweep(f.ctx, job, 1, f.now)
		f.ok(err, "StepSweep")
		if done {
			f.t.Error("the sweep is over after one of five")
		}
		f.states(ids, db.TaskCancelled, db.TaskReady, db.TaskSent, db.TaskProving, db.TaskFailed)
		f.reopen()
		devices[1].session("2 PERIODIC")
		_, err = f.MarkSent(f.ctx, devices[1].sending(ids[1]))
		f.fails(err, db.ErrConflict, "MarkSent after a restart in the middle")
		f.steps(job, 1)
		f.states(ids, db.TaskCancelled, db.TaskCancelled, db.TaskSent, db.TaskProving, db.TaskFailed)
		if j := f.job(job); j.Sweep != "" || j.State != db.JobActive {
			f.t.Errorf("after the sweep the job is %s, sweep %q", j.State, j.Sweep)
		}
		// What had been sent goes on, but is not tried again.
		f.judge(f.verdict(ids[2], 1, db.EventProof))
		f.judge(f.verdict(ids[3], 1, db.EventAgain))
		f.states(ids, db.TaskCancelled, db.TaskCancelled, db.TaskSucceeded, db.TaskCancelled, db.TaskFailed)
		if j := f.job(job); j.State != db.JobEnded {
			f.t.Errorf("the job is %s", j.State)
		}
		for _, kind := range []db.SweepKind{db.SweepCancel, db.SweepExpire} {
			_, err := f.StartSweep(f.ctx, job, kind, f.now)
			f.fails(err, db.ErrConflict, "StartSweep %s of a job that has ended", kind)
		}
	}},

	{"expire, step by step over a restart", func(f *fixture) {
		job, ids, devices := f.five()
		_, err := f.StartSweep(f.ctx, job, db.SweepExpire, f.now)
		f.ok(err, "StartSweep")
		_, err = f.MarkSent(f.ctx, devices[1].sending(ids[1]))
		f.fails(err, db.ErrConflict, "MarkSent of a task that the sweep has not reached")
		if r, err := f.ReadyTasks(f.ctx, devices[1].id, f.now, 9); len(r) != 0 || err != nil {
			f.t.Errorf("ReadyTasks = %+v, %v", r, err)
		}
		_, err = f.StepSweep(f.ctx, job, 1, f.now)
		f.ok(err, "StepSweep")
		f.states(ids, db.TaskExpired, db.TaskReady, db.TaskSent, db.TaskProving, db.TaskFailed)
		f.reopen()
		f.steps(job, 1)
		f.states(ids, db.TaskExpired, db.TaskExpired, db.TaskSent, db.TaskProving, db.TaskFailed)
		f.now = f.job(job).Expires.Add(time.Second)
		f.judge(f.verdict(ids[2], 1, db.EventProof))
		f.judge(f.verdict(ids[3], 1, db.EventAgain))
		f.states(ids, db.TaskExpired, db.TaskExpired, db.TaskSucceeded, db.TaskExpired, db.TaskFailed)
		_, err = f.StartSweep(f.ctx, job, db.SweepRetry, f.now)
		f.fails(err, db.ErrConflict, "StartSweep retry of a job past its expiry")
	}},

	{"retry, step by step over a restart", func(f *fixture) {
		job, ids, devices := f.five()
		f.sweep(job, db.SweepCancel)
		f.judge(f.verdict(ids[2], 1, db.EventProof))
		f.judge(f.verdict(ids[3], 1, db.EventFault))
		f.states(ids, db.TaskCancelled, db.TaskCancelled, db.TaskSucceeded, db.TaskFailed, db.TaskFailed)

		st, err := f.StartSweep(f.ctx, job, db.SweepRetry, f.now)
		f.ok(err, "StartSweep")
		if st.Sweep != db.SweepRetry || st.Cancel || st.State == db.JobEnded || !st.Ended.IsZero() {
			f.t.Errorf("StartSweep = %+v; want the job to go on", st)
		}
		f.same(f.job(job), st, "StartSweep")
		_, err = f.StepSweep(f.ctx, job, 1, f.now)
		f.ok(err, "StepSweep")
		f.states(ids, db.TaskReady, db.TaskCancelled, db.TaskSucceeded, db.TaskFailed, db.TaskFailed)
		f.reopen()
		f.steps(job, 2)
		f.states(ids, db.TaskReady, db.TaskReady, db.TaskSucceeded, db.TaskReady, db.TaskReady)
		for _, i := range []int{0, 1, 3, 4} {
			task := f.task(ids[i])
			if task.Tries != 0 || task.Cause != "" {
				f.t.Errorf("%s has %d tries and cause %q; want it to begin anew", task.ID, task.Tries, task.Cause)
			}
			devices[i].session("2 PERIODIC")
			if a := devices[i].send(ids[i]); a.N != len(task.Attempts)+1 {
				f.t.Errorf("%s: attempt %d after %d", task.ID, a.N, len(task.Attempts))
			}
			if tries := f.task(ids[i]).Tries; tries != 1 {
				f.t.Errorf("%s has %d tries", task.ID, tries)
			}
		}
	}},

	{"retry is refused while tasks are being made", func(f *fixture) {
		j := f.create(f.order(f.listed(2)...))
		_, err := f.StartSweep(f.ctx, j.ID, db.SweepRetry, f.now)
		f.fails(err, db.ErrConflict, "StartSweep retry of an expanding job")
		f.expand(j.ID, ready)
		f.sweep(j.ID, db.SweepRetry) // nothing to retry, but allowed
		if got := f.job(j.ID); got.Counts[db.TaskReady] != 2 || got.State != db.JobActive {
			f.t.Errorf("the job is %s with %v", got.State, got.Counts)
		}
	}},

	{"a retry of a phone that was deleted does nothing", func(f *fixture) {
		d, e := f.device(), f.device()
		j := f.create(f.order(d.id, e.id))
		f.expand(j.ID, ready)
		f.sweep(j.ID, db.SweepCancel)
		f.ok(f.DeletePhone(f.ctx, d.id), "DeletePhone")
		f.sweep(j.ID, db.SweepRetry)
		f.inState(db.TaskID{Job: j.ID, Phone: d.id}, db.TaskCancelled)
		f.inState(db.TaskID{Job: j.ID, Phone: e.id}, db.TaskReady)
	}},

	{"a step without a sweep is done", func(f *fixture) {
		j := f.create(f.order(f.listed(1)...))
		f.expand(j.ID, ready)
		before := f.snapshot()
		if done, err := f.StepSweep(f.ctx, j.ID, 9, f.now); !done || err != nil {
			f.t.Errorf("StepSweep = %v, %v; want done", done, err)
		}
		f.same(before, f.snapshot(), "after a step without a sweep")
	}},

	{"a cancel passes over the wake of a pause", func(f *fixture) {
		j := f.create(f.order(f.listed(3)...))
		f.expand(j.ID, ready)
		_, err := f.PauseJob(f.ctx, j.ID)
		f.ok(err, "PauseJob")
		_, err = f.ResumeJob(f.ctx, j.ID)
		f.ok(err, "ResumeJob")
		_, err = f.StepSweep(f.ctx, j.ID, 1, f.now)
		f.ok(err, "StepSweep")
		f.sweep(j.ID, db.SweepCancel) // begins with the first task again
		if got := f.job(j.ID); got.Counts[db.TaskCancelled] != 3 || got.State != db.JobEnded {
			f.t.Errorf("the job is %s with %v", got.State, got.Counts)
		}
	}},

	{"a cancel takes the place of a retry that is under way", func(f *fixture) {
		j := f.create(f.order(f.listed(3)...))
		f.expand(j.ID, ready)
		f.sweep(j.ID, db.SweepCancel)
		_, err := f.StartSweep(f.ctx, j.ID, db.SweepRetry, f.now)
		f.ok(err, "StartSweep retry")
		_, err = f.StepSweep(f.ctx, j.ID, 2, f.now)
		f.ok(err, "StepSweep")
		_, err = f.StartSweep(f.ctx, j.ID, db.SweepExpire, f.now)
		f.fails(err, db.ErrConflict, "StartSweep expire while a retry is under way")
		f.sweep(j.ID, db.SweepCancel)
		if got := f.job(j.ID); got.Counts[db.TaskCancelled] != 3 || got.State != db.JobEnded {
			f.t.Errorf("the job is %s with %v", got.State, got.Counts)
		}
	}},
}
