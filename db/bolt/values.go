package bolt

import (
	"context"
	"fmt"
	"time"

	"phoneacs/db"
)

// RecordValues keeps values that a phone told in a session.
func (s *Store) RecordValues(ctx context.Context, phone db.PhoneID, session db.SessionToken, values []db.Parameter, now time.Time) error {
	if len(values) > db.MaxValues {
		return fmt.Errorf("%d values: %w", len(values), db.ErrTooMany)
	}
	return s.update(ctx, func(t *tx) error { return t.recordValues(phone, session, values, now) })
}

func (t *tx) recordValues(id db.PhoneID, session db.SessionToken, values []db.Parameter, now time.Time) error {
	if session != "" && !t.s.owners.is(id, session) {
		return fmt.Errorf("record values of %s: %w", id, db.ErrSuperseded)
	}
	// What it said softly before comes first, lest it comes after.
	if err := t.applySoftInforms(id); err != nil {
		return err
	}
	p, err := t.loadPhone(id)
	if err != nil {
		return err
	}
	c := t.contact(id)
	c.params = max(c.params, t.storedContact(id).params)
	var changes []db.Change
	if err := t.saveParams(&p, &c, &db.Inform{Now: now, Parameters: values}, &changes); err != nil {
		return err
	}
	// The next Inform is compared with what is stored now, not with the last.
	c.digest = [16]byte{}
	if err := t.put(bContacts, be8(uint64(id)), c.encode()); err != nil {
		return err
	}
	t.undo(t.s.soft.takeContact(id))
	return t.addHistory(id, now, changes)
}
