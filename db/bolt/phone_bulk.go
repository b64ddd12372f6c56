package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// EditPhones changes many phones in one commit.
func (s *Store) EditPhones(ctx context.Context, ids []db.PhoneID, f *filter.Filter, e db.PhoneEdit, by string) (res db.EditResult, err error) {
	if len(ids) > db.MaxEdit {
		return res, fmt.Errorf("edit of %d phones, at most %d at once: %w", len(ids), db.MaxEdit, db.ErrTooMany)
	}
	err = s.update(ctx, func(t *tx) error {
		res = db.EditResult{}
		if e.Site != 0 && !t.has(bSites, be8(uint64(e.Site))) {
			return &db.FieldError{Field: "site", Err: fmt.Errorf("site %s: %w", e.Site, db.ErrNotFound)}
		}
		for _, id := range ids {
			err := t.editPhone(id, f, &e, by, &res)
			if err != nil && !errors.Is(err, db.ErrNotFound) {
				return err
			}
		}
		return nil
	})
	return res, err
}

func (t *tx) editPhone(id db.PhoneID, f *filter.Filter, e *db.PhoneEdit, by string, res *db.EditResult) error {
	st, err := t.phoneStatus(id)
	if err != nil {
		return err
	}
	p := st.Phone
	if f != nil && !f.Match(func(name string) filterValue { return st.Field(name) }) || !e.Apply(&p) {
		res.Unchanged++
		return nil
	}
	if checkPhone(&p) != nil {
		res.Failed++
		return nil
	}
	had, err := t.credentials(&st.Phone)
	if err != nil {
		return err
	}
	c := had
	if st.State == db.PhoneReEnrol && p.State == db.PhoneApproved {
		dropCredentials(&c) // as when it is approved by itself
		if err := t.putCredentials(&p, &c); err != nil {
			return err
		}
	}
	if err := t.savePhone(&st.Phone, p); err != nil {
		return err
	}
	if err := t.noteEdits(st.Phone, p, had, c, by); err != nil {
		return err
	}
	t.event(db.Event{Type: "phone.changed", Phone: id})
	res.Changed++
	if st.State == p.State {
		return nil
	}
	if err := t.wakeForReady(id); err != nil {
		return err
	}
	return t.approved(id)
}

// HasWork reports whether tasks are ready for a phone or attempts are open.
func (s *Store) HasWork(ctx context.Context, phone db.PhoneID) (has bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		rec := db.Recorded{Phone: db.Phone{ID: phone}}
		err := t.workOf(&rec, t.s.opts.Now())
		has = rec.Work || len(rec.Open) > 0
		return err
	})
	return has, err
}

// NoteDuplicate tells that two devices seem to share a phone's identity.
func (s *Store) NoteDuplicate(ctx context.Context, phone db.PhoneID, why string, now time.Time) error {
	return s.update(ctx, func(t *tx) error {
		if !t.has(bPhones, be8(uint64(phone))) {
			return fmt.Errorf("phone %s: %w", phone, db.ErrNotFound)
		}
		t.event(db.Event{Type: "phone.duplicate", Phone: phone, Why: why})
		return t.addHistory(phone, now, []db.Change{{What: "duplicate identity", New: short(why), By: "phoneacs"}})
	})
}
