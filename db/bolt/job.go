package bolt

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"phoneacs/db"
)

func fileJobKey(j *db.Job) []byte { return key2(uint64(j.Args.File), uint64(j.ID)) }

func expiryOf(j *db.Job) db.Due { return db.Due{At: j.Expires, Kind: db.DueExpire, Job: j.ID} }

// job returns a job, decoded once a transaction. Who changes it says so by
// touch, and it is written when the transaction settles.
func (t *tx) job(id db.JobID) (*db.Job, error) {
	if j, ok := t.jobs[id]; ok {
		return j, nil
	}
	b := t.get(bJobs, be8(uint64(id)))
	if b == nil {
		return nil, fmt.Errorf("job %s: %w", id, db.ErrNotFound)
	}
	stored, err := t.decodeJob(b)
	if err != nil {
		return nil, fmt.Errorf("job %s: %w", id, err)
	}
	j := &stored
	if t.jobs == nil {
		t.jobs = make(map[db.JobID]*db.Job)
	}
	t.jobs[id] = j
	return j, nil
}

func (t *tx) touch(j *db.Job) {
	t.changes++
	if t.dirty == nil {
		t.dirty = make(map[db.JobID]bool)
	}
	t.dirty[j.ID] = true
}

// count changes the number of a job's tasks in a state.
func (t *tx) count(id db.JobID, state db.TaskState, by int64) {
	if t.tally == nil {
		t.tally = make(map[db.JobID]*[9]int64)
	}
	n := t.tally[id]
	if n == nil {
		n = new([9]int64)
		t.tally[id] = n
	}
	n[slices.Index(db.TaskStates, state)] += by
	t.changes++
}

func (t *tx) counts(id db.JobID) (n [9]int64) {
	if b := t.get(bCounts, be8(uint64(id))); len(b) == 72 {
		for i := range n {
			n[i] = int64(num(b[8*i:]))
		}
	}
	if d := t.tally[id]; d != nil {
		for i := range n {
			n[i] += d[i]
		}
	}
	return n
}

// settleJobs writes the counts and the jobs that have changed, and ends those
// whose last task has ended.
func (t *tx) settleJobs() error {
	for _, id := range sortedKeys(t.tally) {
		var b []byte
		n := t.counts(id)
		for _, v := range n {
			b = binary.BigEndian.AppendUint64(b, uint64(v))
		}
		*t.tally[id] = [9]int64{}
		if err := t.put(bCounts, be8(uint64(id)), b); err != nil {
			return err
		}
		j, err := t.job(id)
		if err != nil {
			return err
		}
		if t.stateOf(j) != j.State {
			t.touch(j)
		}
	}
	for _, id := range sortedKeys(t.dirty) {
		if err := t.settleJob(t.jobs[id]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) settleJob(j *db.Job) error {
	was := j.State
	j.State = t.stateOf(j)
	var err error
	if j.State == db.JobEnded {
		j.Refiled, j.RefileAt = j.Refile, 0
	}
	if busy(j) {
		err = t.put(bBusy, be8(uint64(j.ID)), nil)
	} else {
		err = t.del(bBusy, be8(uint64(j.ID)))
	}
	if err != nil {
		return err
	}
	if j.State == db.JobEnded && was != db.JobEnded {
		j.Ended = t.s.opts.Now()
		if err := t.dropDue(expiryOf(j)); err != nil {
			return err
		}
		if err := t.dropNeeds(j); err != nil {
			return err
		}
	}
	if j.State != was {
		t.event(db.Event{Type: "job." + string(j.State), Job: j.ID})
	}
	return t.putJob(j)
}

// stateOf derives a job's state.
func (t *tx) stateOf(j *db.Job) db.JobState {
	switch {
	case j.Expanded < j.Selected:
		return db.JobExpanding
	case (j.Sweep == "" || j.Sweep == db.SweepWake) && t.unfinished(j.ID) == 0:
		return db.JobEnded
	case j.Paused:
		return db.JobPaused
	}
	return db.JobActive
}

func (t *tx) unfinished(id db.JobID) (sum int64) {
	n := t.counts(id)
	for i, s := range db.TaskStates {
		if !s.Final() {
			sum += n[i]
		}
	}
	return sum
}

func (t *tx) jobStatus(j *db.Job) db.JobStatus {
	st := db.JobStatus{Job: *j, Counts: make(db.Counts, len(db.TaskStates))}
	n := t.counts(j.ID)
	for i, s := range db.TaskStates {
		st.Counts[s] = int(n[i])
	}
	return st
}

// Job returns one job.
func (s *Store) Job(ctx context.Context, id db.JobID) (st db.JobStatus, err error) {
	err = s.view(ctx, func(t *tx) error {
		j, err := t.job(id)
		if err != nil {
			return err
		}
		st = t.jobStatus(j)
		return nil
	})
	return st, err
}

// ListJobs returns jobs, newest first.
func (s *Store) ListJobs(ctx context.Context, q db.Query) (page db.Page[db.JobStatus], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.JobStatus]{name: "jobs", q: q, c: t.Bucket(bJobs).Cursor(), reverse: true}
		l.field = func(st *db.JobStatus, name string) filterValue { return st.Job.Field(name) }
		l.load = func(_, v []byte) (db.JobStatus, error) {
			j, err := t.decodeJob(v)
			if err != nil {
				return db.JobStatus{}, err
			}
			return t.jobStatus(&j), nil
		}
		page, err = l.page()
		return err
	})
	return page, err
}

// BusyJobs returns the jobs that need tasks made or swept.
func (s *Store) BusyJobs(ctx context.Context) (jobs []db.Job, err error) {
	err = s.view(ctx, func(t *tx) error {
		return t.Bucket(bBusy).ForEach(func(k, _ []byte) error {
			j, err := t.job(db.JobID(num(k)))
			if err == nil {
				jobs = append(jobs, *j)
			}
			return err
		})
	})
	return jobs, err
}
