package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
)

func taskKey(id db.TaskID) []byte { return key2(uint64(id.Job), uint64(id.Phone)) }

func phoneJobKey(id db.TaskID) []byte { return key2(uint64(id.Phone), ^uint64(id.Job)) }

func readyKey(id db.TaskID, priority int) []byte {
	b := append(be8(uint64(id.Phone)), byte(9-priority))
	return binary.BigEndian.AppendUint64(b, uint64(id.Job))
}

func (t *tx) loadTask(id db.TaskID) (task db.Task, err error) {
	if err := t.getJSON(bTasks, taskKey(id), &task); err != nil {
		return task, fmt.Errorf("task %s: %w", id, err)
	}
	return task, nil
}

// step moves a task by one event of its life and keeps the entries that go
// with its states: a due entry while it waits, a ready entry while it is ready,
// and with a window both in both. The caller has set what else is new, and
// writes the task afterwards.
func (t *tx) step(task *db.Task, j *db.Job, e db.TaskEvent, now time.Time) error {
	at := task.Place()
	if task.State == db.TaskWaiting {
		at.Due = time.Time{}
	}
	return t.stepTo(task, j, e, at, now)
}

// stepTo is step to a place; of that its state is not read.
func (t *tx) stepTo(task *db.Task, j *db.Job, e db.TaskEvent, at db.Place, now time.Time) error {
	to, err := db.Next(task.State, e)
	if err != nil {
		return fmt.Errorf("task %s: %w", task.ID, err)
	}
	if err := t.leave(task, j); err != nil {
		return err
	}
	t.count(j.ID, task.State, -1)
	t.count(j.ID, to, 1)
	if task.State != to && to != db.TaskWaiting && to != db.TaskReady {
		t.event(db.Event{Type: "task." + string(to), Job: j.ID, Phone: task.ID.Phone, Why: task.Why})
	}
	task.State, task.Ended = to, time.Time{}
	if to.Final() {
		task.Ended = now
	}
	task.Due, task.Opens, task.Closes, task.Idle = at.Due, at.Opens, at.Closes, at.Idle && to == db.TaskWaiting
	if to != db.TaskWaiting && to != db.TaskReady {
		task.Opens, task.Closes = time.Time{}, time.Time{}
	}
	return t.enter(task, j)
}

// leave takes away the entries of a task's state, and its due time.
func (t *tx) leave(task *db.Task, j *db.Job) error {
	if task.State == db.TaskReady {
		if err := t.dropBusy(task); err != nil {
			return err
		}
	}
	due, ok := dueOf(task)
	task.Due = time.Time{}
	if ok {
		if err := t.dropDue(due); err != nil {
			return err
		}
	}
	if !listed(task) {
		return nil
	}
	return t.del(bReady, readyKey(task.ID, j.Priority))
}

func (t *tx) enter(task *db.Task, j *db.Job) error {
	if due, ok := dueOf(task); ok {
		if err := t.addDue(due); err != nil {
			return err
		}
	}
	if !listed(task) {
		return nil
	}
	return t.put(bReady, readyKey(task.ID, j.Priority), spanOf(task))
}

func (t *tx) saveTask(task *db.Task) error {
	if over := len(task.Evidence) - db.MaxEvidence; over > 0 {
		task.Evidence = append(task.Evidence[:1:1], task.Evidence[1+over:]...)
	}
	return t.putJSON(bTasks, taskKey(task.ID), task)
}

func note(task *db.Task, attempt int, now time.Time, what ...string) {
	for _, w := range what {
		task.Evidence = append(task.Evidence, db.Evidence{Time: now, Attempt: attempt, What: short(w)})
	}
}

// Task returns one task.
func (s *Store) Task(ctx context.Context, id db.TaskID) (task db.Task, err error) {
	err = s.view(ctx, func(t *tx) error { task, err = t.loadTask(id); return err })
	return task, err
}

// JobTasks lists a job's tasks by phone id.
func (s *Store) JobTasks(ctx context.Context, job db.JobID, q db.Query) (page db.Page[db.Task], err error) {
	err = s.view(ctx, func(t *tx) error {
		if _, err := t.job(job); err != nil {
			return err
		}
		l := list[db.Task]{name: "tasks", q: q, c: t.Bucket(bTasks).Cursor(), prefix: be8(uint64(job)), field: (*db.Task).Field}
		l.load = func(_, v []byte) (task db.Task, err error) { err = json.Unmarshal(v, &task); return task, err }
		page, err = l.page()
		return err
	})
	return page, err
}

// PhoneTasks lists a phone's tasks, newest job first.
func (s *Store) PhoneTasks(ctx context.Context, phone db.PhoneID, q db.Query) (page db.Page[db.Task], err error) {
	err = s.view(ctx, func(t *tx) error {
		if !t.has(bPhones, be8(uint64(phone))) {
			return fmt.Errorf("phone %s: %w", phone, db.ErrNotFound)
		}
		l := list[db.Task]{name: "phonetasks", q: q, c: t.Bucket(bPhoneJobs).Cursor(), prefix: be8(uint64(phone)), field: (*db.Task).Field}
		l.load = func(k, _ []byte) (db.Task, error) {
			return t.loadTask(db.TaskID{Job: db.JobID(^num(k[8:])), Phone: phone})
		}
		page, err = l.page()
		return err
	})
	return page, err
}

// maxReadyScan bounds how many tasks of one phone are looked at for one that
// may be sent.
const maxReadyScan = 1000

// ReadyTasks returns the tasks that a phone's session may take.
func (s *Store) ReadyTasks(ctx context.Context, phone db.PhoneID, now time.Time, n int) (ready []db.ReadyTask, err error) {
	err = s.view(ctx, func(t *tx) error {
		prefix := be8(uint64(phone))
		c := t.Bucket(bReady).Cursor()
		if k, _ := c.Seek(prefix); !bytes.HasPrefix(k, prefix) {
			return nil
		}
		if p, err := t.loadPhone(phone); err != nil || p.State != db.PhoneApproved {
			return err
		}
		seen, passed := 0, 0
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix) && len(ready) < n && seen < maxReadyScan; k, v = c.Next() {
			if !spanOpen(v, now) { // not even read: it costs a session no more than that
				if passed++; passed >= 10*maxReadyScan {
					break
				}
				continue
			}
			seen++
			j, err := t.job(db.JobID(num(k[9:])))
			if err != nil {
				return err
			}
			if blocked(j, now) != "" {
				continue
			}
			task, err := t.loadTask(db.TaskID{Job: j.ID, Phone: phone})
			if err != nil {
				return err
			}
			ready = append(ready, db.ReadyTask{Task: task, Job: *j})
		}
		return nil
	})
	return ready, err
}

// blocked says why nothing of a job is sent, or nothing.
func blocked(j *db.Job, now time.Time) string {
	switch {
	case j.Paused:
		return "paused"
	case j.Cancel:
		return "cancelled"
	case j.Sweep == db.SweepExpire, !now.Before(j.Expires):
		return "expired"
	}
	return ""
}

// NoteEvidence adds what was seen to a task.
func (s *Store) NoteEvidence(ctx context.Context, id db.TaskID, attempt int, now time.Time, what ...string) error {
	return s.update(ctx, func(t *tx) error {
		task, err := t.loadTask(id)
		if err != nil {
			return err
		}
		note(&task, attempt, now, what...)
		return t.saveTask(&task)
	})
}

// cancelTasksOf ends the unsent tasks of a phone that is deleted.
func (t *tx) cancelTasksOf(phone db.PhoneID) error {
	prefix := be8(uint64(phone))
	var ids []db.TaskID
	c := t.Bucket(bPhoneJobs).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		ids = append(ids, db.TaskID{Job: db.JobID(^num(k[8:])), Phone: phone})
	}
	for _, id := range ids {
		task, err := t.loadTask(id)
		if err != nil {
			return err
		}
		if task.State.Final() {
			continue
		}
		j, err := t.job(id.Job)
		if err != nil {
			return err
		}
		task.Why = "the phone was deleted"
		if err := t.step(&task, j, db.EventCancel, t.s.opts.Now()); err != nil {
			return err
		}
		if err := t.saveTask(&task); err != nil {
			return err
		}
	}
	return nil
}

// openEntry is an attempt without an outcome, as the open bucket has it.
type openEntry struct {
	job       db.JobID
	attempt   int
	exclusive bool
	link      [32]byte // zero: none
	lead      [32]byte // zero: none
}

// links are the hashes of its links.
func (o openEntry) links() (all [][32]byte) {
	for _, h := range [][32]byte{o.link, o.lead} {
		if h != [32]byte{} {
			all = append(all, h)
		}
	}
	return all
}

func (o openEntry) encode() []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 37), uint32(o.attempt))
	var x byte
	if o.exclusive {
		x = 1
	}
	b = append(append(b, x), o.link[:]...)
	if o.lead != [32]byte{} {
		b = append(b, o.lead[:]...)
	}
	return b
}

func (t *tx) openEntries(phone db.PhoneID) (entries []openEntry) {
	prefix := be8(uint64(phone))
	c := t.Bucket(bOpen).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		entries = append(entries, decodeOpen(k, v))
	}
	return entries
}

func decodeOpen(k, v []byte) openEntry {
	o := openEntry{job: db.JobID(num(k[8:])), attempt: int(binary.BigEndian.Uint32(v)), exclusive: v[4] == 1}
	if n := copy(o.link[:], v[5:]); len(v) > 5+n {
		copy(o.lead[:], v[5+n:])
	}
	return o
}

// OpenAttempts returns a phone's attempts without an outcome, oldest first.
func (s *Store) OpenAttempts(ctx context.Context, phone db.PhoneID) (open []db.OpenAttempt, err error) {
	err = s.view(ctx, func(t *tx) error { open, err = t.openAttempts(phone); return err })
	return open, err
}

func (t *tx) openAttempts(phone db.PhoneID) ([]db.OpenAttempt, error) {
	entries := t.openEntries(phone)
	if len(entries) == 0 {
		return nil, nil
	}
	open := make([]db.OpenAttempt, 0, len(entries))
	for _, o := range entries {
		id := db.TaskID{Job: o.job, Phone: phone}
		j, err := t.job(o.job)
		if err != nil {
			return nil, err
		}
		task, err := t.loadTask(id)
		if err != nil {
			return nil, err
		}
		open = append(open, db.OpenAttempt{ID: db.AttemptID{Task: id, N: o.attempt}, Job: *j, Task: task})
	}
	slices.SortStableFunc(open, func(a, b db.OpenAttempt) int {
		return a.Task.Last().Sent.Compare(b.Task.Last().Sent)
	})
	return open, nil
}
