package bolt

import (
	"context"
	"fmt"
	"strings"

	"phoneacs/db"
	"phoneacs/db/filter"
)

func (t *tx) loadStanding(id db.StandingID) (o db.StandingOrder, err error) {
	b := t.get(bStanding, be8(uint64(id)))
	if b == nil {
		return o, fmt.Errorf("standing order %s: %w", id, db.ErrNotFound)
	}
	return t.decodeStanding(b)
}

// eachStanding goes over all orders, oldest first.
func (t *tx) eachStanding(fn func(o *db.StandingOrder) error) error {
	return t.Bucket(bStanding).ForEach(func(_, v []byte) error {
		o, err := t.decodeStanding(v)
		if err != nil {
			return err
		}
		return fn(&o)
	})
}

// checkStanding refuses an order that cannot be kept; it writes nothing.
func (t *tx) checkStanding(in *db.StandingOrder) error {
	if n := len([]rune(in.Name)); n < 1 || n > 64 {
		return &db.FieldError{Field: "name", Err: fmt.Errorf("1 to 64 characters, got %d", n)}
	}
	if n := len(in.Items); n < 1 || n > db.MaxStandingItems {
		return &db.FieldError{Field: "items", Err: fmt.Errorf("1 to %d, got %d", db.MaxStandingItems, n)}
	}
	if in.Filter != "" {
		if _, err := filter.Parse(in.Filter, db.PhoneFields); err != nil {
			return &db.FieldError{Field: "filter", Err: err}
		}
	}
	for i := range in.Items {
		if id := in.Items[i].Args.File; id != 0 {
			if _, err := t.loadFile(id); err != nil {
				return &db.FieldError{Field: fmt.Sprintf("items[%d].args.file", i), Err: err}
			}
		}
	}
	others := 0
	err := t.eachStanding(func(o *db.StandingOrder) error {
		if o.ID != in.ID && strings.EqualFold(o.Name, in.Name) {
			return &db.FieldError{Field: "name", Err: fmt.Errorf("standing order %q: %w", in.Name, db.ErrExists)}
		}
		if o.ID != in.ID {
			others++
		}
		return nil
	})
	if err == nil && others >= db.MaxStanding {
		err = fmt.Errorf("%d standing orders: %w", db.MaxStanding, db.ErrTooMany)
	}
	return err
}

// CreateStanding adds a standing order.
func (s *Store) CreateStanding(ctx context.Context, o db.StandingOrder) (db.StandingOrder, error) {
	err := s.update(ctx, func(t *tx) error {
		o.ID = 0
		if err := t.checkStanding(&o); err != nil {
			return err
		}
		id, err := t.next(bStanding)
		if err != nil {
			return err
		}
		o.ID = db.StandingID(id)
		t.event(db.Event{Type: "standing-order.created", Why: o.Name})
		return t.putStanding(o)
	})
	return o, err
}

// StandingOrder returns one.
func (s *Store) StandingOrder(ctx context.Context, id db.StandingID) (o db.StandingOrder, err error) {
	err = s.view(ctx, func(t *tx) error { o, err = t.loadStanding(id); return err })
	return o, err
}

// ListStanding returns standing orders, oldest first.
func (s *Store) ListStanding(ctx context.Context, q db.Query) (page db.Page[db.StandingOrder], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.StandingOrder]{name: "standing", q: q, c: t.Bucket(bStanding).Cursor()}
		l.load = func(_, v []byte) (db.StandingOrder, error) { return t.decodeStanding(v) }
		page, err = l.page()
		return err
	})
	return page, err
}

// UpdateStanding replaces a standing order.
func (s *Store) UpdateStanding(ctx context.Context, o db.StandingOrder) (db.StandingOrder, error) {
	err := s.update(ctx, func(t *tx) error {
		old, err := t.loadStanding(o.ID)
		if err != nil {
			return err
		}
		if err := t.checkStanding(&o); err != nil {
			return err
		}
		o.Created, o.By, o.Applied, o.Last = old.Created, old.By, old.Applied, old.Last
		t.event(db.Event{Type: "standing-order.changed", Why: o.Name})
		return t.putStanding(o)
	})
	return o, err
}

// DeleteStanding takes a standing order away.
func (s *Store) DeleteStanding(ctx context.Context, id db.StandingID) error {
	return s.update(ctx, func(t *tx) error {
		o, err := t.loadStanding(id)
		if err != nil {
			return err
		}
		t.event(db.Event{Type: "standing-order.deleted", Why: o.Name})
		return t.del(bStanding, be8(uint64(id)))
	})
}

// standingNeeds returns an error if a standing order names a file.
func (t *tx) standingNeeds(id db.FileID) error {
	return t.eachStanding(func(o *db.StandingOrder) error {
		for i := range o.Items {
			if o.Items[i].Args.File == id {
				return fmt.Errorf("file %s is needed by standing order %s: %w", id, o.ID, db.ErrInUse)
			}
		}
		return nil
	})
}
