package dbtest

import (
	"errors"
	"maps"
	"time"

	"phoneacs/db"
)

// lifeTests bring a task into every state and let every event happen to it:
// what db.Life has a row for leads where the row says, all else is refused or
// passes over the task, and leaves it as it was.
var lifeTests = func() (tests []testCase) {
	for _, from := range db.TaskStates {
		tests = append(tests, testCase{"what can happen to a task that is " + string(from), func(f *fixture) {
			for _, e := range []db.TaskEvent{
				db.EventDue, db.EventSend, db.EventAccept, db.EventProof, db.EventFault, db.EventRefute,
				db.EventUnknown, db.EventAgain, db.EventSkip, db.EventExpire, db.EventCancel, db.EventRetry, db.EventDefer,
			} {
				f.happens(from, e)
			}
		}})
	}
	return tests
}()

// happens stages a task and lets one event happen to it.
func (f *fixture) happens(from db.TaskState, e db.TaskEvent) {
	f.t.Helper()
	stage := f.stage
	if e == db.EventDefer {
		stage = f.stageInWindow // there is none elsewhere
	}
	d, id := stage(from)
	before, counts := f.inState(id, from), f.job(id.Job).Counts
	to, lifeErr := db.Next(from, e)
	err := f.let(d, id, e)
	after := f.task(id)
	if lifeErr != nil {
		if err != nil && !errors.Is(err, db.ErrConflict) {
			f.t.Errorf("%s of a task that is %s: %v; want ErrConflict", e, from, err)
		}
		if err == nil && byVerdict(e) {
			f.t.Errorf("%s of a task that is %s is not refused", e, from)
		}
		f.same(before, after, "%s of a task that is %s: the task", e, from)
		return
	}
	f.ok(err, "%s of a task that is %s", e, from)
	if after.State != to {
		f.t.Errorf("%s of a task that is %s made it %s; want %s", e, from, after.State, to)
	}
	if sweeps(e) {
		return // it moves the other task of the job too
	}
	want := maps.Clone(counts)
	want[from]--
	want[to]++
	f.same(nonZero(want), nonZero(f.job(id.Job).Counts), "%s of a task that is %s: counts", e, from)
	if e == db.EventDefer && after.Place().Same(before.Place()) {
		f.t.Errorf("%s of a task that is %s leaves it at %+v", e, from, after.Place())
	}
}

// stage makes a task in a state. Its job has another task that has not ended,
// so that the job has not either.
func (f *fixture) stage(state db.TaskState) (*device, db.TaskID) {
	f.t.Helper()
	return f.stageAs(state, db.When{Now: true}, db.Place{})
}

// stageInWindow is stage for a job with a window, which is open.
func (f *fixture) stageInWindow(state db.TaskState) (*device, db.TaskID) {
	f.t.Helper()
	w := nightly()
	return f.stageAs(state, db.When{Inline: &w}, db.Place{State: db.TaskReady, Opens: f.now.Add(-time.Hour), Closes: f.now.Add(time.Hour)})
}

func (f *fixture) stageAs(state db.TaskState, when db.When, at db.Place) (*device, db.TaskID) {
	f.t.Helper()
	d, other := f.device(), f.device()
	n := f.order(d.id, other.id)
	n.Job.When = when
	j := f.create(n)
	f.expand(j.ID, func(p db.PhoneStatus) db.TaskSeed {
		switch {
		case p.ID == other.id:
			return f.waiting(p)
		case state == db.TaskSkipped:
			return db.TaskSeed{State: db.TaskSkipped, Why: "is so already"}
		}
		return db.TaskSeed{State: db.TaskReady, Opens: at.Opens, Closes: at.Closes, Why: "ready"}
	})
	id := db.TaskID{Job: j.ID, Phone: d.id}
	switch state {
	case db.TaskSkipped:
		return d, id
	case db.TaskExpired:
		f.sweep(j.ID, db.SweepExpire)
		return d, id
	case db.TaskCancelled:
		f.sweep(j.ID, db.SweepCancel)
		return d, id
	}
	d.send(id)
	switch state {
	case db.TaskProving:
		f.judge(f.verdict(id, 1, db.EventAccept))
	case db.TaskSucceeded:
		f.judge(f.verdict(id, 1, db.EventProof))
	case db.TaskFailed:
		f.judge(f.verdict(id, 1, db.EventUnknown))
	case db.TaskWaiting, db.TaskReady: // with an attempt thought lost
		v := f.verdict(id, 1, db.EventAgain)
		v.Opens, v.Closes = at.Opens, at.Closes
		f.judge(v)
		switch {
		case state == db.TaskWaiting:
		case when.Windowed():
			f.ok(f.FileTasks(f.ctx, []db.Filing{f.fileTo(id, at)}, f.now), "FileTasks")
		default:
			f.release(id)
		}
	}
	return d, id
}

// let makes an event happen by the role that does.
func (f *fixture) let(d *device, id db.TaskID, e db.TaskEvent) error {
	switch e {
	case db.EventDue:
		t := f.task(id)
		at := t.Due
		if at.IsZero() {
			at = f.now
		}
		return f.ReleaseTasks(f.ctx, []db.Due{{At: at, Kind: db.DueRelease, Job: id.Job, Phone: id.Phone}}, f.now, false)
	case db.EventSend:
		_, err := f.MarkSent(f.ctx, d.sending(id))
		return err
	case db.EventExpire:
		return f.swept(id.Job, db.SweepExpire)
	case db.EventCancel:
		return f.swept(id.Job, db.SweepCancel)
	case db.EventRetry:
		return f.swept(id.Job, db.SweepRetry)
	case db.EventDefer:
		to := db.Place{State: db.TaskWaiting, Due: f.now.Add(25 * time.Hour), Opens: f.now.Add(24 * time.Hour), Closes: f.now.Add(26 * time.Hour)}
		return f.FileTasks(f.ctx, []db.Filing{f.fileTo(id, to)}, f.now)
	case db.EventSkip:
		_, err := f.Judge(f.ctx, f.verdict(id, 0, e))
		return err
	}
	_, err := f.Judge(f.ctx, f.verdict(id, 1, e))
	return err
}

func (f *fixture) swept(id db.JobID, kind db.SweepKind) error {
	f.t.Helper()
	if _, err := f.StartSweep(f.ctx, id, kind, f.now); err != nil {
		return err
	}
	f.steps(id, 1)
	return nil
}

func sweeps(e db.TaskEvent) bool {
	return e == db.EventExpire || e == db.EventCancel || e == db.EventRetry
}

// byVerdict reports whether an event is somebody's claim about one task, which
// must be refused aloud if it cannot be.
func byVerdict(e db.TaskEvent) bool { return e != db.EventDue && !sweeps(e) }
