package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"phoneacs/db"
)

// dueOf is the entry of a task's state by time: when it is released, or when
// its window closes.
func dueOf(task *db.Task) (d db.Due, ok bool) {
	switch {
	case task.State == db.TaskWaiting:
		return db.Due{At: task.Due, Kind: db.DueRelease, Job: task.ID.Job, Phone: task.ID.Phone}, true
	case task.State == db.TaskReady && !task.Closes.IsZero():
		return db.Due{At: task.Closes, Kind: db.DueClose, Job: task.ID.Job, Phone: task.ID.Phone}, true
	}
	return d, false
}

// listed reports whether a task is in the ready list of its phone: also one
// that waits for its slot, as the phone may come before.
func listed(task *db.Task) bool {
	return task.State == db.TaskReady || task.State == db.TaskWaiting && !task.Closes.IsZero()
}

// spanOf is the value of a task's ready entry: from when until when it may be
// sent, in ms; nothing if at any time.
func spanOf(task *db.Task) []byte {
	if task.Closes.IsZero() {
		return nil
	}
	return binary.BigEndian.AppendUint64(be8(millis(task.Opens)), millis(task.Closes))
}

// spanOpen reports whether a ready entry's task may be sent at an instant.
func spanOpen(v []byte, now time.Time) bool {
	return len(v) != 16 || num(v) <= millis(now) && millis(now) < num(v[8:])
}

// firstReady is the job of the first ready entry of a phone that is open.
func (t *tx) firstReady(phone db.PhoneID, now time.Time) (job db.JobID, ok bool) {
	prefix := be8(uint64(phone))
	c := t.Bucket(bReady).Cursor()
	n := 0
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix) && n < 10*maxReadyScan; k, v = c.Next() {
		if spanOpen(v, now) {
			return db.JobID(num(k[9:])), true
		}
		n++
	}
	return 0, false
}

const whyToFile = "its slot in its window is about to be found"

// unfile has a task's slot found anew, by whoever takes what is due. It does
// nothing to a task of a job without a window, or one that waits so already.
func (t *tx) unfile(task *db.Task, j *db.Job, now time.Time) error {
	if !j.When.Windowed() || task.Closes.IsZero() && task.State == db.TaskWaiting {
		return nil
	}
	task.Why = whyToFile
	return t.stepTo(task, j, db.EventDefer, db.Place{Due: now}, now)
}

// unfileAll is unfile for all tasks of a phone that wait in a window: its slots
// are drawn from what has changed about it.
func (t *tx) unfileAll(phone db.PhoneID, now time.Time) error {
	return t.unfileSome(phone, now, func(*db.Job) (bool, error) { return true, nil })
}

// unfileSome is unfileAll for the tasks of some jobs.
func (t *tx) unfileSome(phone db.PhoneID, now time.Time, of func(*db.Job) (bool, error)) error {
	var ids []db.JobID
	prefix := be8(uint64(phone))
	c := t.Bucket(bReady).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if len(v) == 16 {
			ids = append(ids, db.JobID(num(k[9:])))
		}
	}
	for _, id := range ids {
		j, err := t.job(id)
		if err != nil {
			return err
		}
		if ok, err := of(j); err != nil {
			return err
		} else if !ok {
			continue
		}
		task, err := t.loadTask(db.TaskID{Job: id, Phone: phone})
		if err != nil {
			return err
		}
		if err := t.unfile(&task, j, now); err != nil {
			return fmt.Errorf("file anew: %w", err)
		}
		if err := t.saveTask(&task); err != nil {
			return err
		}
	}
	return nil
}
