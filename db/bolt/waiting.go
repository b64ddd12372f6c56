package bolt

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"phoneacs/db"
)

// maxWaitScan bounds what is read of a phone to find its next slot.
const maxWaitScan = 64

// eachToCome calls f for the jobs of the first ready entries of a phone whose
// span is to come, until it returns false.
func (t *tx) eachToCome(phone db.PhoneID, now time.Time, f func(db.JobID) bool) {
	prefix := be8(uint64(phone))
	c := t.Bucket(bReady).Cursor()
	n := 0
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix) && n < 10*maxReadyScan; k, v = c.Next() {
		if n++; len(v) == 16 && millis(now) < num(v[8:]) && !f(db.JobID(num(k[9:]))) {
			return
		}
	}
}

// waits reports whether a task may wait for a slot of a phone that is to come.
func (t *tx) waits(phone db.PhoneID, now time.Time) (waits bool) {
	t.eachToCome(phone, now, func(db.JobID) bool { waits = true; return false })
	return waits
}

// WaitingTasks returns the tasks that wait for a slot of a phone.
func (s *Store) WaitingTasks(ctx context.Context, phone db.PhoneID, now time.Time, n int) (waiting []db.ReadyTask, err error) {
	err = s.view(ctx, func(t *tx) error {
		if p, err := t.loadPhone(phone); err != nil || p.State != db.PhoneApproved {
			return err
		}
		var ids []db.JobID
		t.eachToCome(phone, now, func(id db.JobID) bool { ids = append(ids, id); return len(ids) < maxWaitScan })
		for _, id := range ids {
			j, err := t.job(id)
			if err != nil {
				return err
			}
			if blocked(j, now) != "" {
				continue
			}
			task, err := t.loadTask(db.TaskID{Job: id, Phone: phone})
			if err != nil {
				return err
			}
			if task.State == db.TaskWaiting && task.Due.After(now) {
				waiting = append(waiting, db.ReadyTask{Task: task, Job: *j})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("waiting tasks of %s: %w", phone, err)
	}
	slices.SortStableFunc(waiting, func(a, b db.ReadyTask) int { return a.Task.Due.Compare(b.Task.Due) })
	return waiting[:min(len(waiting), n)], nil
}

// NoteRepeated adds what was seen of a kind that is seen over and over.
func (s *Store) NoteRepeated(ctx context.Context, id db.TaskID, now time.Time, kind, what string) error {
	return s.update(ctx, func(t *tx) error {
		task, err := t.loadTask(id)
		if err != nil || task.State.Final() {
			return err
		}
		last, n := 0, 0
		for i, e := range task.Evidence {
			if strings.HasPrefix(e.What, kind+": ") {
				last, n = i, n+1
			}
		}
		if n > 1 {
			task.Evidence = slices.Delete(task.Evidence, last, last+1)
		}
		note(&task, 0, now, kind+": "+what)
		return t.saveTask(&task)
	})
}
