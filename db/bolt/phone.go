package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"phoneacs/db"
)

// loadPhone reads a phone record.
func (t *tx) loadPhone(id db.PhoneID) (db.Phone, error) {
	b := t.get(bPhones, be8(uint64(id)))
	if b == nil {
		return db.Phone{}, fmt.Errorf("phone %s: %w", id, db.ErrNotFound)
	}
	return decodePhone(b)
}

// savePhone writes a phone record with its indexes; old is nil for a new one.
func (t *tx) savePhone(old *db.Phone, p db.Phone) error {
	if err := errors.Join(t.index(old, &p), t.unreplace(old, &p)); err != nil {
		return err
	}
	if old == nil {
		t.number("phones."+string(p.State), 1)
	} else if old.State != p.State {
		t.number("phones."+string(old.State), -1)
		t.number("phones."+string(p.State), 1)
	}
	if err := t.put(bPhones, be8(uint64(p.ID)), encodePhone(&p)); err != nil {
		return err
	}
	if old != nil && (old.Site != p.Site || old.MAC != p.MAC) {
		return errors.Join(t.unfileAll(p.ID, t.s.opts.Now()), t.wakeForHandovers(p.ID))
	}
	return nil
}

func (t *tx) status(p db.Phone) (db.PhoneStatus, error) {
	_, held, err := t.held(p.ID, p.Site)
	if err != nil {
		return db.PhoneStatus{}, err
	}
	h, err := t.credentialHead(p.ID)
	return db.PhoneStatus{Phone: p, Contact: t.contact(p.ID).Contact, Standing: h.standing(), Held: held}, err
}

func (t *tx) phoneStatus(id db.PhoneID) (db.PhoneStatus, error) {
	p, err := t.loadPhone(id)
	if err != nil {
		return db.PhoneStatus{}, err
	}
	return t.status(p)
}

// Phone returns one phone.
func (s *Store) Phone(ctx context.Context, id db.PhoneID) (st db.PhoneStatus, err error) {
	err = s.view(ctx, func(t *tx) error { st, err = t.phoneStatus(id); return err })
	return st, err
}

// ListPhones returns phones in the order of their ids.
func (s *Store) ListPhones(ctx context.Context, q db.Query) (page db.Page[db.PhoneStatus], err error) {
	err = s.view(ctx, func(t *tx) error {
		c := t.Bucket(bPhones).Cursor()
		l := list[db.PhoneStatus]{name: "phones", q: q}
		if prefix := phoneIndexFor(q.Filter); prefix != nil {
			l.name, l.c, l.prefix = "index", t.Bucket(bIndex).Cursor(), prefix
			l.load = func(k, _ []byte) (db.PhoneStatus, error) {
				return t.phoneStatus(db.PhoneID(num(k[len(prefix):])))
			}
		} else {
			l.c = c
			l.load = func(_, v []byte) (db.PhoneStatus, error) {
				p, err := decodePhone(v)
				if err != nil {
					return db.PhoneStatus{}, err
				}
				return t.status(p)
			}
		}
		l.field = (*db.PhoneStatus).Field
		page, err = l.page()
		return err
	})
	return page, err
}

// Bounds of what a phone record takes.
const (
	maxText = 256
	maxTags = 64
)

// DeletePhone forgets a phone.
func (s *Store) DeletePhone(ctx context.Context, id db.PhoneID) error {
	return s.update(ctx, func(t *tx) error {
		p, err := t.loadPhone(id)
		if err != nil {
			return err
		}
		if len(t.openEntries(id)) > 0 {
			return fmt.Errorf("phone %s has an open attempt: %w", id, db.ErrInUse)
		}
		if err := t.cancelTasksOf(id); err != nil {
			return err
		}
		if err := errors.Join(t.index(&p, nil), t.unreplace(&p, nil)); err != nil {
			return err
		}
		t.number("phones."+string(p.State), -1)
		if err := t.forgetAdmission(id); err != nil {
			return err
		}
		for _, b := range [][]byte{bParams, bHistory, bPhoneJobs, bTraits, bMethods, bLines, bQuirks, bRuns} {
			if err := t.delPrefix(b, be8(uint64(id))); err != nil {
				return err
			}
		}
		if err := t.delUploads(id); err != nil {
			return err
		}
		if err := t.delRecordingsOf(id); err != nil {
			return err
		}
		if err := t.del(bHolds, holdKey(0, id)); err != nil {
			return err
		}
		for _, b := range [][]byte{bContacts, bCredentials} {
			if err := t.del(b, be8(uint64(id))); err != nil {
				return err
			}
		}
		t.undo(t.s.soft.takeContact(id))
		_, putBack := t.s.soft.takeInforms(id)
		t.undo(putBack)
		t.event(db.Event{Type: "phone.deleted", Phone: id})
		return t.del(bPhones, be8(uint64(id)))
	})
}

// delPrefix deletes all keys with a prefix.
func (t *tx) delPrefix(bucket, prefix []byte) error {
	var keys [][]byte
	c := t.Bucket(bucket).Cursor()
	for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := t.del(bucket, k); err != nil {
			return err
		}
	}
	return nil
}

// CountPhones counts phones by state.
func (s *Store) CountPhones(ctx context.Context) (map[db.PhoneState]int, error) {
	counts := make(map[db.PhoneState]int)
	err := s.view(ctx, func(t *tx) error {
		for _, st := range db.PhoneStates {
			counts[st] = int(t.readNumber("phones." + string(st)))
		}
		return nil
	})
	return counts, err
}

// Parameters lists reported parameters below a prefix.
func (s *Store) Parameters(ctx context.Context, id db.PhoneID, prefix string, q db.Query) (page db.Page[db.Parameter], err error) {
	err = s.view(ctx, func(t *tx) error {
		if _, err := t.loadPhone(id); err != nil {
			return err
		}
		l := list[db.Parameter]{name: "params", q: q, c: t.Bucket(bParams).Cursor(), prefix: append(be8(uint64(id)), prefix...)}
		l.load = func(k, v []byte) (db.Parameter, error) { return decodeParam(string(k[8:]), v) }
		page, err = l.page()
		return err
	})
	return page, err
}

// History lists what changed at a phone, newest first.
func (s *Store) History(ctx context.Context, id db.PhoneID, q db.Query) (page db.Page[db.Change], err error) {
	err = s.view(ctx, func(t *tx) error {
		if _, err := t.loadPhone(id); err != nil {
			return err
		}
		l := list[db.Change]{name: "history", q: q, c: t.Bucket(bHistory).Cursor(), prefix: be8(uint64(id)), reverse: true}
		l.load = func(_, v []byte) (c db.Change, err error) { err = json.Unmarshal(v, &c); return c, err }
		page, err = l.page()
		return err
	})
	return page, err
}
