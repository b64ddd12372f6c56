package bolt

import (
	"context"
	"fmt"
	"time"

	"phoneacs/db"
)

// NoteRecall keeps what was said of having an attempt dropped.
func (s *Store) NoteRecall(ctx context.Context, id db.AttemptID, session db.SessionToken, now time.Time, r db.Recall, evidence ...string) error {
	return s.update(ctx, func(t *tx) error {
		if !t.s.owners.is(id.Task.Phone, session) {
			return fmt.Errorf("recall %s: %w", id.Task, db.ErrSuperseded)
		}
		task, err := t.loadTask(id.Task)
		if err != nil {
			return err
		}
		a := task.Last()
		if !task.State.Open() || a.N != id.N || !a.WithPhone() {
			return fmt.Errorf("task %s is %s, and its attempt %d not with the phone: %w", id.Task, task.State, id.N, db.ErrConflict)
		}
		h := *a.Handover
		r.Why, r.Refused = short(r.Why), short(r.Refused)
		h.Recall, a.Handover = &r, &h
		note(&task, a.N, now, evidence...)
		return t.saveTask(&task)
	})
}

// wakeForHandover has the phone of a task woken, if the phone holds what it was
// handed over. Whether that is to be dropped is for whoever wakes it to find out.
func (t *tx) wakeForHandover(task *db.Task) error {
	if a := task.Last(); !task.State.Open() || !a.WithPhone() {
		return nil
	}
	return t.addDue(wakeOf(task.ID, t.s.opts.Now()))
}

// wakeForHandovers is wakeForHandover for all that a phone holds.
func (t *tx) wakeForHandovers(phone db.PhoneID) error {
	open, err := t.openAttempts(phone)
	if err != nil {
		return err
	}
	for i := range open {
		if err := t.wakeForHandover(&open[i].Task); err != nil {
			return err
		}
	}
	return nil
}

// wakeHolders begins to wake the phones that hold tasks of a job. A sweep of
// another kind that is under way wakes them itself.
func (t *tx) wakeHolders(j *db.Job) {
	if j.HandsOver() {
		t.sweepWake(j)
	}
}

// sweepWake begins a SweepWake, or has one that is under way begin anew: what it
// has passed may have to be woken by now.
func (t *tx) sweepWake(j *db.Job) {
	if j.Sweep == "" || j.Sweep == db.SweepWake {
		j.Sweep, j.Cursor = db.SweepWake, 0
		t.touch(j)
	}
}
