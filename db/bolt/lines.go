package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// Lines returns what is known of a phone's lines.
func (s *Store) Lines(ctx context.Context, phone db.PhoneID) (l db.Lines, err error) {
	err = s.view(ctx, func(t *tx) error {
		err := t.getJSON(bLines, be8(uint64(phone)), &l)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		return err
	})
	return l, err
}

// RecordLines keeps what is known of a phone's lines.
func (s *Store) RecordLines(ctx context.Context, phone db.PhoneID, session db.SessionToken, l db.Lines) error {
	if err := checkLines(&l); err != nil {
		return err
	}
	return s.update(ctx, func(t *tx) error {
		if session != "" && !t.s.owners.is(phone, session) {
			return fmt.Errorf("record lines of %s: %w", phone, db.ErrSuperseded)
		}
		if !t.has(bPhones, be8(uint64(phone))) {
			return fmt.Errorf("phone %s: %w", phone, db.ErrNotFound)
		}
		l.Firmware, l.Refused, l.Uncounted = short(l.Firmware), short(l.Refused), short(l.Uncounted)
		return t.putJSON(bLines, be8(uint64(phone)), l)
	})
}

func checkLines(l *db.Lines) error {
	for _, list := range []struct {
		field string
		names []string
		most  int
	}{{"calls", l.Calls, db.MaxLines}, {"registered", l.Registered, db.MaxLines}, {"counters", l.Counters, db.MaxCounters}} {
		if len(list.names) > list.most {
			return fmt.Errorf("%d %s: %w", len(list.names), list.field, db.ErrTooMany)
		}
		for i, name := range list.names {
			if name == "" || len(name) > db.MaxLineName || i > 0 && name <= list.names[i-1] {
				return &db.FieldError{Field: fmt.Sprintf("%s[%d]", list.field, i), Err: errors.New("is empty, too long, or out of order")}
			}
		}
	}
	if q := l.Quiet; q != nil && len(q.Counts) != 0 && len(q.Counts) != len(l.Counters) {
		return &db.FieldError{Field: "quiet.counts", Err: fmt.Errorf("%d for %d counters", len(q.Counts), len(l.Counters))}
	}
	return nil
}

// NoteBusy keeps that the phone of a ready task is in a call.
func (s *Store) NoteBusy(ctx context.Context, id db.TaskID, session db.SessionToken, b db.Busy, evidence ...string) error {
	return s.update(ctx, func(t *tx) error {
		if !t.s.owners.is(id.Phone, session) {
			return fmt.Errorf("note call of %s: %w", id, db.ErrSuperseded)
		}
		task, err := t.loadTask(id)
		if err != nil {
			return err
		}
		if task.State != db.TaskReady {
			return fmt.Errorf("task %s is %s: %w", id, task.State, db.ErrConflict)
		}
		if err := t.dropBusy(&task); err != nil {
			return err
		}
		b.What = short(b.What)
		task.Busy, task.Why = &b, b.What
		note(&task, 0, b.At, evidence...)
		if !b.Wake.IsZero() {
			if err := t.addDue(wakeOf(id, b.Wake)); err != nil {
				return err
			}
		}
		return t.saveTask(&task)
	})
}

func wakeOf(id db.TaskID, at time.Time) db.Due {
	return db.Due{At: at, Kind: db.DueWake, Job: id.Job, Phone: id.Phone}
}

// dropBusy forgets the call that a task waited for, with its entry.
func (t *tx) dropBusy(task *db.Task) error {
	b := task.Busy
	if task.Busy = nil; b == nil || b.Wake.IsZero() {
		return nil
	}
	return t.dropDue(wakeOf(task.ID, b.Wake))
}

// setLines puts what is known of an attempt's lines in the place of what was,
// with its entry; nil takes the entry away and leaves the rest.
func (t *tx) setLines(task *db.Task, l *db.LineWait) error {
	a := task.Last()
	if a.Lines != nil && !a.Lines.Wake.IsZero() {
		if err := t.dropDue(wakeOf(task.ID, a.Lines.Wake)); err != nil {
			return err
		}
	}
	if l == nil {
		return nil
	}
	a.Lines = l
	if l.Wake.IsZero() {
		return nil
	}
	return t.addDue(wakeOf(task.ID, l.Wake))
}
