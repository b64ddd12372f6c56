package bolt

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// A storedRecurring is a recurring job as its record has it: secrets among the
// arguments are taken out of them and sealed.
type storedRecurring struct {
	db.Recurring
	Sealed []byte `json:"sealed,omitempty"`
}

func recurringContext(id db.RecurringID) string { return "recurring job " + id.String() }

// dueOfRecurring is the entry of the next run, if there is one.
func dueOfRecurring(r *db.Recurring) (d db.Due, ok bool) {
	return db.Due{At: r.Next, Kind: db.DueRecur, Job: db.JobID(r.ID)}, !r.Next.IsZero()
}

// fileRecurring puts the entry of the next run in the place of another.
func (t *tx) fileRecurring(old, r *db.Recurring) error {
	if old != nil {
		if d, ok := dueOfRecurring(old); ok {
			if err := t.dropDue(d); err != nil {
				return err
			}
		}
	}
	if d, ok := dueOfRecurring(r); ok {
		return t.addDue(d)
	}
	return nil
}

func (t *tx) putRecurring(r db.Recurring) (err error) {
	s := storedRecurring{Recurring: r}
	if s.Item.Args, s.Sealed, err = t.s.sealArgs(recurringContext(r.ID), r.Item.Args); err != nil {
		return err
	}
	return t.putJSON(bRecurring, be8(uint64(r.ID)), &s)
}

func (t *tx) decodeRecurring(b []byte) (db.Recurring, error) {
	var s storedRecurring
	if err := decode(bRecurring, b, &s); err != nil {
		return s.Recurring, err
	}
	return s.Recurring, t.s.openArgs(recurringContext(s.ID), &s.Item.Args, s.Sealed)
}

func (t *tx) loadRecurring(id db.RecurringID) (db.Recurring, error) {
	b := t.get(bRecurring, be8(uint64(id)))
	if b == nil {
		return db.Recurring{}, fmt.Errorf("recurring job %s: %w", id, db.ErrNotFound)
	}
	return t.decodeRecurring(b)
}

func (t *tx) eachRecurring(fn func(r *db.Recurring) error) error {
	return t.Bucket(bRecurring).ForEach(func(_, v []byte) error {
		r, err := t.decodeRecurring(v)
		if err != nil {
			return err
		}
		return fn(&r)
	})
}

// checkRecurring refuses what cannot be kept; it writes nothing.
func (t *tx) checkRecurring(in *db.Recurring) error {
	if n := utf8.RuneCountInString(in.Name); n < 1 || n > 64 {
		return &db.FieldError{Field: "name", Err: fmt.Errorf("1 to 64 characters, got %d", n)}
	}
	if in.Selection.Filter != "" {
		if _, err := filter.Parse(in.Selection.Filter, db.PhoneFields); err != nil {
			return &db.FieldError{Field: "selection.filter", Err: err}
		}
	}
	if id := in.Item.Args.File; id != 0 {
		if _, err := t.loadFile(id); err != nil {
			return &db.FieldError{Field: "args.file", Err: err}
		}
	}
	if in.Cron == "" && in.Window == 0 {
		return &db.FieldError{Field: "cron", Err: errors.New("want cron, window or both")}
	}
	if id := in.Window; id != 0 {
		if _, err := t.loadWindow(id); err != nil {
			return &db.FieldError{Field: "window", Err: err}
		}
	}
	others := 0
	err := t.eachRecurring(func(r *db.Recurring) error {
		if r.ID == in.ID {
			return nil
		}
		others++
		if strings.EqualFold(r.Name, in.Name) {
			return &db.FieldError{Field: "name", Err: fmt.Errorf("recurring job %q: %w", in.Name, db.ErrExists)}
		}
		return nil
	})
	if err == nil && others >= db.MaxRecurring {
		err = fmt.Errorf("%d recurring jobs: %w", db.MaxRecurring, db.ErrTooMany)
	}
	return err
}

// CreateRecurring adds a recurring job.
func (s *Store) CreateRecurring(ctx context.Context, r db.Recurring) (db.Recurring, error) {
	err := s.update(ctx, func(t *tx) error {
		r.ID = 0
		if err := t.checkRecurring(&r); err != nil {
			return err
		}
		id, err := t.next(bRecurring)
		if err != nil {
			return err
		}
		r.ID, r.Last, r.Job, r.Runs, r.Why = db.RecurringID(id), time.Time{}, 0, 0, ""
		t.event(db.Event{Type: "recurring-job.created", Why: r.Name})
		return errors.Join(t.fileRecurring(nil, &r), t.putRecurring(r))
	})
	return r, err
}

// Recurring returns one.
func (s *Store) Recurring(ctx context.Context, id db.RecurringID) (r db.Recurring, err error) {
	err = s.view(ctx, func(t *tx) error { r, err = t.loadRecurring(id); return err })
	return r, err
}

// ListRecurring returns recurring jobs, oldest first.
func (s *Store) ListRecurring(ctx context.Context, q db.Query) (page db.Page[db.Recurring], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.Recurring]{name: "recurring", q: q, c: t.Bucket(bRecurring).Cursor()}
		l.load = func(_, v []byte) (db.Recurring, error) { return t.decodeRecurring(v) }
		page, err = l.page()
		return err
	})
	return page, err
}

// UpdateRecurring replaces a recurring job.
func (s *Store) UpdateRecurring(ctx context.Context, r db.Recurring) (db.Recurring, error) {
	err := s.update(ctx, func(t *tx) error {
		old, err := t.loadRecurring(r.ID)
		if err != nil {
			return err
		}
		if err := t.checkRecurring(&r); err != nil {
			return err
		}
		r.Recount = false
		r.Created, r.By, r.Last, r.Job, r.Runs, r.Why = old.Created, old.By, old.Last, old.Job, old.Runs, old.Why
		t.event(db.Event{Type: "recurring-job.changed", Why: r.Name})
		return errors.Join(t.fileRecurring(&old, &r), t.putRecurring(r))
	})
	return r, err
}

// DeleteRecurring takes a recurring job away.
func (s *Store) DeleteRecurring(ctx context.Context, id db.RecurringID) error {
	return s.update(ctx, func(t *tx) error {
		r, err := t.loadRecurring(id)
		if err != nil {
			return err
		}
		t.event(db.Event{Type: "recurring-job.deleted", Why: r.Name})
		return errors.Join(t.fileRecurring(&r, &db.Recurring{}), t.del(bRecurring, be8(uint64(id))))
	})
}

// recurringNeeds returns an error if a recurring job names a file.
func (t *tx) recurringNeeds(id db.FileID) error {
	return t.eachRecurring(func(r *db.Recurring) error {
		if r.Item.Args.File == id {
			return fmt.Errorf("file %s is needed by recurring job %s: %w", id, r.ID, db.ErrInUse)
		}
		return nil
	})
}

// recurringWaits returns a *db.InUseError if a recurring job orders in a window.
func (t *tx) recurringWaits(id db.WindowID) error {
	return t.eachRecurring(func(r *db.Recurring) error {
		if r.Window == id {
			return &db.InUseError{What: "window " + id.String(), By: "recurring job " + r.ID.String()}
		}
		return nil
	})
}
