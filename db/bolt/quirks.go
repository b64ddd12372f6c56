package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"phoneacs/db"
)

// PhoneQuirks returns what was said of a phone's odd behaviour.
func (s *Store) PhoneQuirks(ctx context.Context, id db.PhoneID) (q db.PhoneQuirks, err error) {
	err = s.view(ctx, func(t *tx) error {
		if _, err := t.loadPhone(id); err != nil {
			return err
		}
		q = db.PhoneQuirks{Phone: id, Set: bytes.Clone(t.get(bQuirks, be8(uint64(id))))}
		return nil
	})
	return q, err
}

// ListPhoneQuirks returns those of all phones of which something was said.
func (s *Store) ListPhoneQuirks(ctx context.Context, q db.Query) (page db.Page[db.PhoneQuirks], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.PhoneQuirks]{name: "quirks", q: q, c: t.Bucket(bQuirks).Cursor()}
		l.load = func(k, v []byte) (db.PhoneQuirks, error) {
			return db.PhoneQuirks{Phone: db.PhoneID(num(k)), Set: bytes.Clone(v)}, nil
		}
		page, err = l.page()
		return err
	})
	return page, err
}

// SetPhoneQuirks replaces what was said of a phone's odd behaviour.
func (s *Store) SetPhoneQuirks(ctx context.Context, id db.PhoneID, was, set []byte, by string) error {
	if set != nil && (len(set) > db.MaxQuirks || !isObject(set)) {
		return &db.FieldError{Field: "quirks", Err: fmt.Errorf("want a JSON object of at most %d bytes", db.MaxQuirks)}
	}
	return s.update(ctx, func(t *tx) error {
		if _, err := t.loadPhone(id); err != nil {
			return err
		}
		key := be8(uint64(id))
		old := bytes.Clone(t.get(bQuirks, key))
		switch {
		case !bytes.Equal(old, was):
			return fmt.Errorf("quirks of %s: %w", id, db.ErrConflict)
		case bytes.Equal(old, set):
			return nil
		}
		change := db.Change{What: "quirks", Old: short(string(old)), New: short(string(set)), By: by}
		if err := t.addHistory(id, t.s.opts.Now(), []db.Change{change}); err != nil {
			return err
		}
		t.event(db.Event{Type: "phone.changed", Phone: id})
		if set == nil {
			return t.del(bQuirks, key)
		}
		return t.put(bQuirks, key, set)
	})
}

func isObject(b []byte) bool {
	return json.Valid(b) && bytes.HasPrefix(bytes.TrimSpace(b), []byte("{"))
}

// quirks checks that what was said is of phones that exist, and can be read.
func (c *checker) quirks() error {
	return c.each(bQuirks, func(k, v []byte) error {
		if id := db.PhoneID(num(k)); !c.has(bPhones, k) {
			c.faultf("quirks are kept of phone %s, which does not exist", id)
		} else if !isObject(v) || len(v) > db.MaxQuirks {
			c.faultf("quirks of phone %s are no JSON object of at most %d bytes", id, db.MaxQuirks)
		}
		return nil
	})
}
