package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"phoneacs/db"
)

const (
	whyCancelled = "cancelled by the operator before it was sent"
	whyExpired   = "the order expired before it could be sent"
	whyRetried   = "ready again, by the operator; waits for the phone's next session"
)

// PauseJob holds back what is not sent.
func (s *Store) PauseJob(ctx context.Context, id db.JobID) (db.JobStatus, error) {
	return s.control(ctx, id, func(t *tx, j *db.Job) error {
		if !j.Paused {
			t.wakeHolders(j)
		}
		j.Paused = true
		return nil
	})
}

// ResumeJob lets a paused job go on and wakes the phones that wait.
func (s *Store) ResumeJob(ctx context.Context, id db.JobID) (db.JobStatus, error) {
	return s.control(ctx, id, func(t *tx, j *db.Job) error {
		if j.Paused {
			t.sweepWake(j)
		}
		j.Paused = false
		return nil
	})
}

func (s *Store) control(ctx context.Context, id db.JobID, change func(*tx, *db.Job) error) (st db.JobStatus, err error) {
	err = s.update(ctx, func(t *tx) error {
		j, err := t.job(id)
		if err != nil {
			return err
		}
		if j.State == db.JobEnded {
			return fmt.Errorf("job %s has ended: %w", id, db.ErrConflict)
		}
		if err := change(t, j); err != nil {
			return err
		}
		t.touch(j)
		st = t.jobStatus(j)
		st.State = t.stateOf(j)
		return nil
	})
	return st, err
}

// StartSweep begins a change of all tasks of a job.
func (s *Store) StartSweep(ctx context.Context, id db.JobID, kind db.SweepKind, now time.Time) (st db.JobStatus, err error) {
	if kind != db.SweepRetry {
		return s.control(ctx, id, func(t *tx, j *db.Job) error {
			// A cancel takes the place of any other: who stops an order must not
			// have to wait until something else is done with it.
			if kind != db.SweepCancel && j.Sweep != "" && j.Sweep != db.SweepWake && j.Sweep != kind {
				return fmt.Errorf("job %s: a %s is under way: %w", id, j.Sweep, db.ErrConflict)
			}
			j.Sweep, j.Cursor = kind, 0
			j.Cancel = j.Cancel || kind == db.SweepCancel
			return nil
		})
	}
	err = s.update(ctx, func(t *tx) error {
		j, err := t.job(id)
		if err != nil {
			return err
		}
		if err := t.mayRetry(j, now); err != nil {
			return err
		}
		j.Sweep, j.Cursor, j.Cancel = kind, 0, false
		if j.State == db.JobEnded {
			j.State, j.Ended = db.JobActive, time.Time{}
			if err := t.addDue(expiryOf(j)); err != nil {
				return err
			}
			if err := t.keepNeeds(j); err != nil {
				return err
			}
		}
		t.touch(j)
		st = t.jobStatus(j)
		return nil
	})
	return st, err
}

func (t *tx) mayRetry(j *db.Job, now time.Time) error {
	switch {
	case j.Expanded < j.Selected:
		return fmt.Errorf("job %s is still expanding: %w", j.ID, db.ErrConflict)
	case j.Sweep != "" && j.Sweep != db.SweepWake:
		return fmt.Errorf("job %s: a %s is under way: %w", j.ID, j.Sweep, db.ErrConflict)
	case !now.Before(j.Expires):
		return fmt.Errorf("job %s expired at %s; order anew: %w", j.ID, j.Expires.Format(time.RFC3339), db.ErrConflict)
	}
	if j.Args.File != 0 {
		if _, err := t.loadFile(j.Args.File); err != nil {
			return fmt.Errorf("job %s: its file is gone, order anew with another: %w: %w", j.ID, err, db.ErrConflict)
		}
	}
	if j.When.Window != 0 && !t.has(bWindows, be8(uint64(j.When.Window))) {
		return fmt.Errorf("job %s: window %s is gone, order anew in another: %w", j.ID, j.When.Window, db.ErrConflict)
	}
	return nil
}

// StepSweep takes a sweep over the next tasks.
func (s *Store) StepSweep(ctx context.Context, id db.JobID, n int, now time.Time) (done bool, err error) {
	err = s.update(ctx, func(t *tx) error {
		j, err := t.job(id)
		if err != nil {
			return err
		}
		if j.Sweep == "" {
			done = true
			return nil
		}
		tasks, err := t.tasksAfter(j.ID, j.Cursor, n)
		if err != nil {
			return err
		}
		for i := range tasks {
			if err := t.sweep(&tasks[i], j, now); err != nil {
				return err
			}
			j.Cursor = tasks[i].ID.Phone
		}
		if done = len(tasks) < n; done {
			j.Sweep, j.Cursor = "", 0
		}
		t.touch(j)
		return nil
	})
	return done, err
}

func (t *tx) tasksAfter(id db.JobID, after db.PhoneID, n int) (tasks []db.Task, err error) {
	prefix := be8(uint64(id))
	c := t.Bucket(bTasks).Cursor()
	for k, v := c.Seek(key2(uint64(id), uint64(after)+1)); bytes.HasPrefix(k, prefix) && len(tasks) < n; k, v = c.Next() {
		var task db.Task
		if err := json.Unmarshal(v, &task); err != nil {
			return nil, fmt.Errorf("decode task: %w", err)
		}
		tasks = append(tasks, task)
	}
	return tasks, nil
}

// sweep changes one task, if the sweep concerns its state.
func (t *tx) sweep(task *db.Task, j *db.Job, now time.Time) error {
	waits := task.State == db.TaskWaiting || task.State == db.TaskReady
	var e db.TaskEvent
	switch {
	case j.Sweep == db.SweepCancel && waits:
		e, task.Why = db.EventCancel, whyCancelled
	case j.Sweep == db.SweepExpire && waits:
		e, task.Why = db.EventExpire, expired(task)
	case j.Sweep == db.SweepRetry && t.retriable(task):
		e, task.Why, task.Cause, task.Tries = db.EventRetry, whyRetried, "", 0
	case task.State.Open() && j.Sweep != db.SweepRetry:
		return t.wakeForHandover(task)
	case j.Sweep == db.SweepWake && task.State == db.TaskReady && !j.Paused:
		return t.addDue(db.Due{At: now, Kind: db.DueWake, Job: j.ID, Phone: task.ID.Phone})
	default:
		return nil
	}
	if err := t.step(task, j, e, now); err != nil {
		return err
	}
	switch {
	case e == db.EventRetry && j.When.Windowed():
		if err := t.unfile(task, j, now); err != nil {
			return err
		}
	case e == db.EventRetry:
		if err := t.addDue(db.Due{At: now, Kind: db.DueWake, Job: j.ID, Phone: task.ID.Phone}); err != nil {
			return err
		}
	}
	return t.saveTask(task)
}

func (t *tx) retriable(task *db.Task) bool {
	_, err := db.Next(task.State, db.EventRetry)
	return err == nil && t.has(bPhones, be8(uint64(task.ID.Phone)))
}

// expired says why a task expires; a call that it waited for to end is told.
func expired(task *db.Task) string {
	if b := task.Busy; b != nil {
		return short(fmt.Sprintf("%s; %s, from %s on", whyExpired, b.What, b.Since.UTC().Format("2006-01-02 15:04:05 UTC")))
	}
	return whyExpired
}
