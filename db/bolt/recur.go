package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// RunRecurring does what is due of a recurring job.
func (s *Store) RunRecurring(ctx context.Context, d db.Due, run db.RecurringRun, now time.Time) (r db.Recurring, err error) {
	if run.Recount {
		err = s.update(ctx, func(t *tx) error {
			if r, err = t.runOf(d, &run); err != nil {
				return err
			}
			old := r
			r.Next, r.Recount = run.Next, false
			return errors.Join(t.fileRecurring(&old, &r), t.putRecurring(r))
		})
		return r, err
	}
	if run.Skip == "" {
		err = s.frozen(ctx, &run.Order, func(t *tx, id db.JobID, selected int, chunks [][]db.PhoneID) (bool, error) {
			if r, err = t.runOf(d, &run); err != nil {
				return false, err
			}
			st, err := t.accept(&run.Order, id, selected, chunks)
			if err != nil {
				return false, err
			}
			r.Job, r.Why = st.ID, ""
			if r.Newest {
				r.Item.Args.File = run.Order.Job.Args.File
			}
			r.Runs++
			return true, t.ran(&r, d, run.Next)
		})
		// What stands in the way of this order stands in the way for good.
		var field *db.FieldError
		if !errors.As(err, &field) && !errors.Is(err, db.ErrTooMany) {
			return r, err
		}
		run.Skip = err.Error()
	}
	err = s.update(ctx, func(t *tx) error {
		if r, err = t.runOf(d, &run); err != nil {
			return err
		}
		r.Job, r.Why = 0, short(run.Skip)
		t.event(db.Event{Type: "recurring-job.skipped", Why: r.Name + ": " + r.Why})
		return t.ran(&r, d, run.Next)
	})
	return r, err
}

// runOf loads the recurring job of a run, if it is still due then, and by the
// same window.
func (t *tx) runOf(d db.Due, run *db.RecurringRun) (db.Recurring, error) {
	r, err := t.recurringOf(d)
	switch {
	case err != nil:
		return r, err
	case r.Recount != run.Recount:
		return r, fmt.Errorf("recurring job %s is to be counted anew: %w", r.ID, db.ErrConflict)
	case r.Cron != "":
		return r, nil
	}
	w, err := t.loadWindow(r.Window)
	if err == nil && w.Edition != run.Edition {
		err = fmt.Errorf("window %s of recurring job %s was changed: %w", w.ID, r.ID, db.ErrConflict)
	}
	return r, err
}

// recurringOf loads the recurring job of an entry, if it is still due then.
func (t *tx) recurringOf(d db.Due) (db.Recurring, error) {
	r, err := t.loadRecurring(db.RecurringID(d.Job))
	if err != nil {
		return r, err
	}
	if due, ok := dueOfRecurring(&r); !ok || dueKeyString(due) != dueKeyString(d) {
		return r, fmt.Errorf("recurring job %s is due at another time: %w", r.ID, db.ErrConflict)
	}
	return r, nil
}

// ran notes that a run is over, and files the next.
func (t *tx) ran(r *db.Recurring, d db.Due, next time.Time) error {
	old := *r
	r.Last, r.Next = d.At, next
	return errors.Join(t.fileRecurring(&old, r), t.putRecurring(*r))
}

// recountRecurring has the next runs found anew of recurring jobs that go by a
// window alone, once that is another. A run that is due is made before.
func (t *tx) recountRecurring(id db.WindowID, now time.Time) error {
	var moved []db.Recurring
	err := t.eachRecurring(func(r *db.Recurring) error {
		if r.Window == id && r.Cron == "" && (r.Next.IsZero() || r.Next.After(now)) {
			moved = append(moved, *r)
		}
		return nil
	})
	for i := range moved {
		old := moved[i]
		moved[i].Next, moved[i].Recount = now, true
		err = errors.Join(err, t.fileRecurring(&old, &moved[i]), t.putRecurring(moved[i]))
	}
	return err
}

// recurring checks that every recurring job has the entry of its next run, and
// that there are no others.
func (c *checker) recurring() error {
	waiting := 0
	err := c.each(bRecurring, func(k, v []byte) error {
		r, err := c.decodeRecurring(v)
		if err != nil {
			c.faultf("recurring job %d: %v", num(k), err)
			return nil
		}
		if uint64(r.ID) != num(k) {
			c.faultf("recurring job %s is stored under %d", r.ID, num(k))
		}
		if d, ok := dueOfRecurring(&r); ok {
			waiting++
			if !c.has(bDue, dueKey(d)) {
				c.faultf("recurring job %s has no entry for its next run", r.ID)
			}
		}
		if r.Recount && (r.Cron != "" || r.Next.IsZero()) {
			c.faultf("recurring job %s is to be counted anew, and has cron or no time for that", r.ID)
		}
		if r.Cron == "" && r.Window == 0 {
			c.faultf("recurring job %s has neither cron nor window", r.ID)
		}
		if id := r.Window; id != 0 && !c.has(bWindows, be8(uint64(id))) {
			c.faultf("recurring job %s orders in window %s, which does not exist", r.ID, id)
		}
		if id := r.Item.Args.File; id != 0 && !c.has(bFiles, be8(uint64(id))) {
			c.faultf("recurring job %s names file %s, which does not exist", r.ID, id)
		}
		return nil
	})
	if c.recurs != waiting {
		c.faultf("%d entries for runs of recurring jobs, %d wanted", c.recurs, waiting)
	}
	return err
}
