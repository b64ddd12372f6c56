package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// FileTasks moves tasks that wait for a window.
func (s *Store) FileTasks(ctx context.Context, files []db.Filing, now time.Time) error {
	return s.update(ctx, func(t *tx) error { return t.file(files, now) })
}

func (t *tx) file(files []db.Filing, now time.Time) error {
	for i := range files {
		if err := t.fileOne(&files[i], now); err != nil {
			return fmt.Errorf("file task %s: %w", files[i].Task, err)
		}
	}
	return nil
}

func (t *tx) fileOne(f *db.Filing, now time.Time) error {
	task, err := t.loadTask(f.Task)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	j, err := t.job(f.Task.Job)
	if err != nil {
		return err
	}
	if !j.When.Windowed() || j.Refile != f.Round || !task.Place().Same(f.From) {
		return nil // it has moved on, or its window has
	}
	task.Why = f.Why
	switch f.To.State {
	case db.TaskExpired:
		err = t.step(&task, j, db.EventExpire, now)
	case db.TaskWaiting:
		err = t.stepTo(&task, j, db.EventDefer, f.To, now)
	case db.TaskReady:
		busy := task.Busy // it stays in its call
		if task.State == db.TaskReady {
			if err := t.stepTo(&task, j, db.EventDefer, db.Place{Due: now}, now); err != nil {
				return err
			}
		}
		err = t.stepTo(&task, j, db.EventDue, f.To, now)
		if task.Busy = busy; err == nil && busy != nil && !busy.Wake.IsZero() {
			err = t.addDue(wakeOf(task.ID, busy.Wake))
		}
		if err == nil && f.Wake {
			err = t.addDue(wakeOf(task.ID, now))
		}
	default:
		return fmt.Errorf("to be %s: %w", f.To.State, db.ErrConflict)
	}
	if err != nil {
		return err
	}
	return t.saveTask(&task)
}

// UnsentTasks returns the next tasks of a job that wait or are ready.
func (s *Store) UnsentTasks(ctx context.Context, job db.JobID, after db.PhoneID, n int) (tasks []db.Task, last db.PhoneID, done bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		if _, err := t.job(job); err != nil {
			return err
		}
		all, err := t.tasksAfter(job, after, n)
		if err != nil {
			return err
		}
		last, done = after, len(all) < n
		for i := range all {
			last = all[i].ID.Phone
			if st := all[i].State; st == db.TaskWaiting || st == db.TaskReady {
				tasks = append(tasks, all[i])
			}
		}
		return nil
	})
	return tasks, last, done, err
}

// RefileTasks takes the filing anew of a job's tasks one step further.
func (s *Store) RefileTasks(ctx context.Context, job db.JobID, round int, from, to db.PhoneID, done bool, files []db.Filing, now time.Time) error {
	return s.update(ctx, func(t *tx) error {
		j, err := t.job(job)
		if err != nil {
			return err
		}
		if !j.Refiling() || j.Refile != round || j.RefileAt != from {
			return fmt.Errorf("job %s is filed anew for the time %d of %d, at %s: %w", job, j.Refiled, j.Refile, j.RefileAt, db.ErrConflict)
		}
		if j.RefileAt = to; done {
			j.Refiled, j.RefileAt = j.Refile, 0
			t.wakeHolders(j)
		}
		t.touch(j)
		return t.file(files, now)
	})
}

// refileJobs has the tasks of all jobs that wait for a window filed anew.
func (t *tx) refileJobs(id db.WindowID) error {
	prefix := be8(uint64(id))
	c := t.Bucket(bWindowJobs).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		j, err := t.job(db.JobID(num(k[8:])))
		if err != nil {
			return err
		}
		t.refileJob(j)
	}
	return nil
}

// refileJob begins another round of filing a job's tasks anew, from the first
// on: what was computed for the one under way may be wrong by now.
func (t *tx) refileJob(j *db.Job) {
	j.Refile, j.RefileAt = j.Refile+1, 0
	t.touch(j)
}

// zoneChanged has the tasks of all jobs filed anew that wait in windows without
// a zone of their own, if the zone of a site is another. It costs as much as
// there are such jobs: it is not known which of them are for phones of the site.
func (t *tx) zoneChanged(old, now *db.Site) error {
	if old.Zone == now.Zone {
		return nil
	}
	zones := make(map[db.WindowID]string)
	c := t.Bucket(bWindowJobs).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		j, err := t.job(db.JobID(num(k[8:])))
		if err != nil {
			return err
		}
		id := j.When.Window
		zone, known := zones[id]
		switch {
		case j.When.Inline != nil:
			zone = j.When.Inline.Zone
		case !known:
			w, err := t.loadWindow(id)
			if err != nil {
				return err
			}
			zone = w.Window.Zone
			zones[id] = zone
		}
		if zone == "" {
			t.refileJob(j)
		}
	}
	return nil
}

// windowJobKey is of a job with a window; of its own that is number 0.
func windowJobKey(j *db.Job) []byte { return key2(uint64(j.When.Window), uint64(j.ID)) }

// keepNeeds keeps what a job needs from being deleted until it has ended.
func (t *tx) keepNeeds(j *db.Job) error {
	if j.Args.File != 0 {
		if err := t.put(bFileJobs, fileJobKey(j), nil); err != nil {
			return err
		}
	}
	if j.When.Windowed() {
		return t.put(bWindowJobs, windowJobKey(j), nil)
	}
	return nil
}

func (t *tx) dropNeeds(j *db.Job) error {
	return errors.Join(t.del(bFileJobs, fileJobKey(j)), t.del(bWindowJobs, windowJobKey(j)))
}

// busy reports whether tasks of a job are to be made, swept or filed anew.
func busy(j *db.Job) bool { return j.Expanded < j.Selected || j.Sweep != "" || j.Refiling() }
