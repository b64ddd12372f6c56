package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"phoneacs/db"
)

// A due entry's key: kind, ms, job, phone, attempt. The kind comes first, so
// that many phones to wake do not stand before a deadline.
const dueKeyLen = 1 + 8 + 8 + 8 + 4

func dueKey(d db.Due) []byte {
	b := make([]byte, 0, dueKeyLen)
	b = append(b, byte(d.Kind))
	b = binary.BigEndian.AppendUint64(b, millis(d.At))
	b = binary.BigEndian.AppendUint64(b, uint64(d.Job))
	b = binary.BigEndian.AppendUint64(b, uint64(d.Phone))
	return binary.BigEndian.AppendUint32(b, uint32(d.Attempt))
}

func parseDue(k []byte) db.Due {
	return db.Due{
		Kind: db.DueKind(k[0]), At: fromMillis(num(k[1:])), Job: db.JobID(num(k[9:])),
		Phone: db.PhoneID(num(k[17:])), Attempt: int(binary.BigEndian.Uint32(k[25:])),
	}
}

func (t *tx) addDue(d db.Due) error {
	k := dueKey(d)
	if t.has(bDue, k) {
		return nil
	}
	t.number("due", 1)
	return t.put(bDue, k, nil)
}

func (t *tx) dropDue(d db.Due) error {
	k := dueKey(d)
	if !t.has(bDue, k) {
		return nil
	}
	t.number("due", -1)
	t.s.leases.drop(string(k))
	return t.del(bDue, k)
}

// leases keeps who is at work on what is due. The store is one process's, so
// they need not survive it.
type leases struct {
	mu sync.Mutex
	m  map[string]time.Time // due key → end of the lease
}

func (l *leases) drop(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.m, key)
}

func (l *leases) free(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	end, ok := l.m[key]
	return !ok || !now.Before(end)
}

// take leases a key, if nobody has it.
func (l *leases) take(key string, now, until time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if end, ok := l.m[key]; ok && now.Before(end) {
		return false
	}
	l.m[key] = until
	return true
}

// TakeDue returns entries that are due, and leases them.
func (s *Store) TakeDue(ctx context.Context, now time.Time, n int, lease time.Duration, kinds ...db.DueKind) (due []db.Due, err error) {
	err = s.view(ctx, func(t *tx) error {
		var free []db.Due
		for _, kind := range kinds {
			seen := 0
			c := t.Bucket(bDue).Cursor()
			for k, _ := c.Seek([]byte{byte(kind)}); k != nil && db.DueKind(k[0]) == kind && seen < n; k, _ = c.Next() {
				if num(k[1:]) > millis(now) {
					break
				}
				if s.leases.free(string(k), now) {
					free = append(free, parseDue(k))
					seen++
				}
			}
		}
		slices.SortStableFunc(free, func(a, b db.Due) int { return a.At.Compare(b.At) })
		for _, d := range free[:min(n, len(free))] {
			if s.leases.take(string(dueKey(d)), now, now.Add(lease)) {
				due = append(due, d)
			}
		}
		return nil
	})
	return due, err
}

// NextDue says when the earliest entry falls due.
func (s *Store) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		c := t.Bucket(bDue).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Seek([]byte{k[0] + 1}) {
			if d := parseDue(k); !ok || d.At.Before(at) {
				at, ok = d.At, true
			}
		}
		return nil
	})
	return at, ok, err
}

// ReleaseTasks makes the tasks of taken entries ready.
func (s *Store) ReleaseTasks(ctx context.Context, due []db.Due, now time.Time, wake bool) error {
	return s.update(ctx, func(t *tx) error {
		for _, d := range due {
			if err := t.release(d, now, wake); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) release(d db.Due, now time.Time, wake bool) error {
	task, err := t.loadTask(db.TaskID{Job: d.Job, Phone: d.Phone})
	switch {
	case err != nil && !errors.Is(err, db.ErrNotFound):
		return err
	case err != nil, task.State != db.TaskWaiting, millis(task.Due) != millis(d.At):
		return t.dropDue(d) // it has moved on
	}
	j, err := t.job(d.Job)
	if err != nil {
		return err
	}
	if j.When.Windowed() {
		return nil // it is filed
	}
	task.Why = "ready; waits for the phone's next session"
	if err := t.step(&task, j, db.EventDue, now); err != nil {
		return err
	}
	if wake {
		if err := t.addDue(db.Due{At: now, Kind: db.DueWake, Job: j.ID, Phone: d.Phone}); err != nil {
			return err
		}
	}
	return t.saveTask(&task)
}

// DropDue removes entries that are done with.
func (s *Store) DropDue(ctx context.Context, due []db.Due) error {
	return s.update(ctx, func(t *tx) error {
		for _, d := range due {
			if d.Kind == db.DueRelease || d.Kind == db.DueClose || d.Kind == db.DueDeadline || d.Kind == db.DueAdmit || d.Kind == db.DueRecur {
				if owner, err := t.dueOwner(d); err != nil {
					return err
				} else if owner {
					return fmt.Errorf("due entry of task %s-%s is still needed: %w", d.Job, d.Phone, db.ErrConflict)
				}
			}
			if err := t.dropDue(d); err != nil {
				return err
			}
		}
		return nil
	})
}

// dueOwner reports whether a task still stands behind an entry.
func (t *tx) dueOwner(d db.Due) (bool, error) {
	if d.Kind == db.DueAdmit {
		a, known := t.admission(d.Phone)
		return known && dueKeyString(a.due(d.Phone)) == dueKeyString(d), nil
	}
	if d.Kind == db.DueRecur {
		_, err := t.recurringOf(d)
		if errors.Is(err, db.ErrConflict) || errors.Is(err, db.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	}
	task, err := t.loadTask(db.TaskID{Job: d.Job, Phone: d.Phone})
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if d.Kind == db.DueRelease || d.Kind == db.DueClose {
		own, ok := dueOf(&task)
		return ok && dueKeyString(own) == dueKeyString(d), nil
	}
	return task.State.Open() && task.Last().N == d.Attempt && millis(task.Last().Deadline) == millis(d.At), nil
}

// CountDue says how many entries wait.
func (s *Store) CountDue(ctx context.Context) (n int, err error) {
	err = s.view(ctx, func(t *tx) error { n = int(t.readNumber("due")); return nil })
	return n, err
}
