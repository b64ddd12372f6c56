package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// Selected returns the next phones of a frozen selection.
func (s *Store) Selected(ctx context.Context, id db.JobID, n int) (phones []db.PhoneStatus, err error) {
	err = s.view(ctx, func(t *tx) error {
		j, err := t.job(id)
		if err != nil {
			return err
		}
		for at := j.Expanded; at < j.Selected && len(phones) < n; at++ {
			pid, err := t.selected(id, at)
			if err != nil {
				return err
			}
			st, err := t.phoneStatus(pid)
			if errors.Is(err, db.ErrNotFound) {
				st = db.PhoneStatus{Phone: db.Phone{ID: pid}}
			} else if err != nil {
				return err
			}
			phones = append(phones, st)
		}
		return nil
	})
	return phones, err
}

// selected is the phone at a place of the selection.
func (t *tx) selected(id db.JobID, at int) (db.PhoneID, error) {
	v := t.get(bSelection, chunkKey(id, at/chunkPhones))
	i := at % chunkPhones * 8
	if len(v) < i+8 {
		return 0, fmt.Errorf("selection of job %s at %d: %w", id, at, errCorrupt)
	}
	return db.PhoneID(num(v[i:])), nil
}

// AddTasks makes the tasks of the next phones of the selection.
func (s *Store) AddTasks(ctx context.Context, id db.JobID, from int, seeds []db.TaskSeed, now time.Time) (out db.Job, err error) {
	err = s.update(ctx, func(t *tx) error {
		j, err := t.job(id)
		if err != nil {
			return err
		}
		if j.Expanded != from || from+len(seeds) > j.Selected {
			return fmt.Errorf("job %s is expanded to %d of %d, seeds are for %d to %d: %w",
				id, j.Expanded, j.Selected, from, from+len(seeds), db.ErrConflict)
		}
		for i := range seeds {
			pid, err := t.selected(id, from+i)
			if err != nil {
				return err
			}
			if pid != seeds[i].Phone {
				return fmt.Errorf("seed %d is for phone %s, the selection has %s: %w", i, seeds[i].Phone, pid, db.ErrConflict)
			}
		}
		for i := range seeds {
			if err := t.addTask(j, &seeds[i], now); err != nil {
				return err
			}
		}
		j.Expanded += len(seeds)
		t.touch(j)
		out = *j
		out.State = t.stateOf(j)
		if j.Expanded == j.Selected {
			return t.delPrefix(bSelection, be8(uint64(id)))
		}
		return nil
	})
	return out, err
}

func (t *tx) addTask(j *db.Job, seed *db.TaskSeed, now time.Time) error {
	phone := t.heir(seed.Phone)
	id := db.TaskID{Job: j.ID, Phone: phone}
	if seed.State == "" || !t.has(bPhones, be8(uint64(phone))) || t.has(bTasks, taskKey(id)) {
		return nil // nothing to do, gone since, or its heir has a share of its own
	}
	task := db.Task{
		ID: id, State: seed.State,
		Due: seed.Due, Opens: seed.Opens, Closes: seed.Closes, Why: seed.Why, Created: now,
	}
	if j.When.Windowed() && task.State != db.TaskSkipped {
		p, err := t.loadPhone(phone)
		if err != nil {
			return err
		}
		if phone != seed.Phone || p.Site != seed.Site || p.MAC != seed.MAC { // its slots are others
			task.State, task.Due, task.Opens, task.Closes, task.Why = db.TaskWaiting, now, time.Time{}, time.Time{}, whyToFile
		}
	}
	switch {
	case task.State == db.TaskSkipped:
	case j.Cancel:
		task.State, task.Why = db.TaskCancelled, whyCancelled
	case !now.Before(j.Expires):
		task.State, task.Why = db.TaskExpired, whyExpired
	}
	if task.State != db.TaskWaiting {
		task.Due = time.Time{}
	}
	if task.State.Final() {
		task.Ended, task.Opens, task.Closes = now, time.Time{}, time.Time{}
	}
	t.count(j.ID, task.State, 1)
	if err := t.enter(&task, j); err != nil {
		return err
	}
	if task.State == db.TaskReady && seed.Wake {
		if err := t.addDue(db.Due{At: now, Kind: db.DueWake, Job: j.ID, Phone: phone}); err != nil {
			return err
		}
	}
	if err := t.put(bPhoneJobs, phoneJobKey(task.ID), nil); err != nil {
		return err
	}
	return t.saveTask(&task)
}
