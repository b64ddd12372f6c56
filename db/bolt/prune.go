package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
)

// pruneTasks is how many tasks of a job are removed with one commit, so that
// sessions wait for no more than that.
const pruneTasks = 500

// pruneJobs removes jobs that ended long ago, with their tasks and all that is
// known of those. One that has not ended stays, however old.
func (s *Store) pruneJobs(ctx context.Context, now time.Time) error {
	if s.opts.JobsKept <= 0 {
		return nil
	}
	var after []byte
	for more := true; more; {
		var old []db.JobID
		err := s.view(ctx, func(t *tx) (err error) {
			old, after, more, err = t.oldJobs(after, now)
			return err
		})
		for i := 0; err == nil && i < len(old); i++ {
			err = s.pruneJob(ctx, old[i], now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// oldJobs finds jobs to remove, from a key on, until the time for one read is over.
func (t *tx) oldJobs(after []byte, now time.Time) (old []db.JobID, next []byte, more bool, err error) {
	until := time.Now().Add(maxScanTime)
	c := t.Bucket(bJobs).Cursor()
	n := 0
	for k, v := c.Seek(after); k != nil; k, v = c.Next() {
		if n++; n > maxScan || n%64 == 0 && time.Now().After(until) {
			return old, slices.Clone(k), true, nil
		}
		var j struct {
			State db.JobState  `json:"state"`
			Sweep db.SweepKind `json:"sweep"`
			Ended time.Time    `json:"ended"`
		}
		if err := decode(bJobs, v, &j); err != nil {
			return nil, nil, false, err
		}
		if t.s.jobIsOld(j.State, j.Sweep, j.Ended, now) {
			old = append(old, db.JobID(num(k)))
		}
	}
	return old, nil, false, nil
}

func (s *Store) jobIsOld(state db.JobState, sweep db.SweepKind, ended, now time.Time) bool {
	return state == db.JobEnded && sweep == "" && !ended.IsZero() && now.Sub(ended) >= s.opts.JobsKept
}

// pruneJob removes a job, its tasks first. What is left of it between two steps
// is a job with fewer tasks, whose expiry has passed: it cannot be tried again.
func (s *Store) pruneJob(ctx context.Context, id db.JobID, now time.Time) error {
	for done := false; !done; {
		err := s.update(ctx, func(t *tx) (err error) {
			done, err = t.pruneSome(id, now)
			return err
		})
		if err != nil {
			return fmt.Errorf("remove job %s: %w", id, err)
		}
	}
	return nil
}

func (t *tx) pruneSome(id db.JobID, now time.Time) (done bool, err error) {
	j, err := t.job(id)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return true, nil
	case err != nil:
		return false, err
	case !t.s.jobIsOld(j.State, j.Sweep, j.Ended, now):
		return true, nil // somebody has tried it again
	}
	prefix := be8(uint64(id))
	var tasks []db.Task
	c := t.Bucket(bTasks).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix) && len(tasks) < pruneTasks; k, v = c.Next() {
		var task db.Task
		if err := json.Unmarshal(v, &task); err != nil {
			return false, fmt.Errorf("decode task: %w", err)
		}
		if !task.State.Final() {
			return false, fmt.Errorf("task %s is %s, its job has ended: %w", task.ID, task.State, errCorrupt)
		}
		tasks = append(tasks, task)
	}
	if len(tasks) == 0 {
		return true, t.forgetJob(j)
	}
	if j.Expires.After(now) {
		j.Expires = now
		t.touch(j)
	}
	for i := range tasks {
		task := &tasks[i]
		t.count(id, task.State, -1)
		err := errors.Join(t.del(bTasks, taskKey(task.ID)), t.del(bPhoneJobs, phoneJobKey(task.ID)), t.del(bResults, taskKey(task.ID)))
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// forgetJob removes a job that has no tasks any more.
func (t *tx) forgetJob(j *db.Job) error {
	key := be8(uint64(j.ID))
	delete(t.jobs, j.ID)
	delete(t.dirty, j.ID)
	delete(t.tally, j.ID)
	t.event(db.Event{Type: "job.removed", Job: j.ID})
	return errors.Join(t.del(bJobs, key), t.del(bCounts, key), t.delPrefix(bSelection, key))
}

// pruneHistory removes what changed about phones long ago. A phone's entries
// are in the order of their times, so only the first that stays is looked at.
func (s *Store) pruneHistory(ctx context.Context, now time.Time) error {
	if s.opts.HistoryKept <= 0 {
		return nil
	}
	var after []byte
	for more := true; more; {
		var old [][]byte
		err := s.view(ctx, func(t *tx) (err error) {
			old, after, more, err = t.oldHistory(after, now)
			return err
		})
		if err == nil && len(old) > 0 {
			err = s.update(ctx, func(t *tx) error {
				for _, k := range old {
					if err := t.del(bHistory, k); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil {
			return fmt.Errorf("remove history: %w", err)
		}
	}
	return nil
}

func (t *tx) oldHistory(after []byte, now time.Time) (old [][]byte, next []byte, more bool, err error) {
	until := time.Now().Add(maxScanTime)
	c := t.Bucket(bHistory).Cursor()
	n := 0
	for k, v := c.Seek(after); k != nil; {
		if n++; n > maxScan || len(old) >= 2*pruneTasks || n%64 == 0 && time.Now().After(until) {
			return old, slices.Clone(k), true, nil
		}
		var change struct {
			Time time.Time `json:"time"`
		}
		if err := decode(bHistory, v, &change); err != nil {
			return nil, nil, false, err
		}
		if now.Sub(change.Time) >= t.s.opts.HistoryKept {
			old = append(old, slices.Clone(k))
			k, v = c.Next()
			continue
		}
		k, v = c.Seek(successor(k[:8]))
	}
	return old, nil, false, nil
}
