package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// RecordTraits keeps what a phone told of its parameters beside values.
func (s *Store) RecordTraits(ctx context.Context, phone db.PhoneID, session db.SessionToken, traits []db.Trait, now time.Time) error {
	if len(traits) > db.MaxValues {
		return fmt.Errorf("%d traits: %w", len(traits), db.ErrTooMany)
	}
	return s.update(ctx, func(t *tx) error { return t.recordTraits(phone, session, traits, now) })
}

func (t *tx) recordTraits(id db.PhoneID, session db.SessionToken, traits []db.Trait, now time.Time) error {
	if session != "" && !t.s.owners.is(id, session) {
		return fmt.Errorf("record traits of %s: %w", id, db.ErrSuperseded)
	}
	if _, err := t.loadPhone(id); err != nil {
		return err
	}
	unread := make([]db.Parameter, 0, len(traits))
	for i := range traits {
		name := traits[i].Name
		if name == "" || t.has(bParams, append(be8(uint64(id)), name...)) {
			continue
		}
		typ := db.TypeUnread
		if name[len(name)-1] == '.' {
			typ = db.TypeObject
		}
		unread = append(unread, db.Parameter{Name: name, Type: typ})
	}
	if len(unread) > 0 {
		if err := t.recordValues(id, "", unread, now); err != nil {
			return err
		}
	}
	for i := range traits {
		key := append(be8(uint64(id)), traits[i].Name...)
		if !t.has(bParams, key) {
			continue // over the bound of what is kept of a phone
		}
		kept, err := decodeTrait(traits[i].Name, t.get(bTraits, key))
		if err != nil {
			return err
		}
		if err := t.put(bTraits, key, encodeTrait(merged(kept, &traits[i]))); err != nil {
			return err
		}
	}
	return nil
}

func merged(kept db.Trait, told *db.Trait) *db.Trait {
	if told.Writable != nil {
		kept.Writable = told.Writable
	}
	if told.Notification != nil {
		kept.Notification = told.Notification
	}
	if told.AccessList != nil {
		kept.AccessList = told.AccessList
	}
	return &kept
}

// ParameterTraits returns what is kept of the named parameters.
func (s *Store) ParameterTraits(ctx context.Context, phone db.PhoneID, names []string) (map[string]db.Trait, error) {
	if len(names) > db.MaxValues {
		return nil, fmt.Errorf("traits of %d parameters: %w", len(names), db.ErrTooMany)
	}
	found := make(map[string]db.Trait)
	err := s.view(ctx, func(t *tx) error {
		for _, name := range names {
			b := t.get(bTraits, append(be8(uint64(phone)), name...))
			if b == nil {
				continue
			}
			trait, err := decodeTrait(name, b)
			if err != nil {
				return err
			}
			found[name] = trait
		}
		return nil
	})
	return found, err
}

// Flags of a trait's record, which is these, the notification, and the texts of
// the access list, each with its length.
const (
	traitWritableKnown = 1 << iota
	traitWritable
	traitNotification
	traitAccess
)

func encodeTrait(t *db.Trait) []byte {
	b := []byte{0, 0}
	if t.Writable != nil {
		b[0] |= traitWritableKnown
		if *t.Writable {
			b[0] |= traitWritable
		}
	}
	if t.Notification != nil {
		b[0] |= traitNotification
		b[1] = byte(max(0, min(*t.Notification, 255)))
	}
	if t.AccessList == nil {
		return b
	}
	b[0] |= traitAccess
	for i, who := range *t.AccessList {
		if i == db.MaxAccess {
			break
		}
		b = appendText(b, who[:min(len(who), 4*db.MaxAccessText)])
	}
	return b
}

// decodeTrait reads what encodeTrait wrote; nil is a trait of which nothing is
// known.
func decodeTrait(name string, b []byte) (db.Trait, error) {
	t := db.Trait{Name: name}
	if b == nil {
		return t, nil
	}
	if len(b) < 2 {
		return t, fmt.Errorf("trait of %s: %w", name, errCorrupt)
	}
	if b[0]&traitWritableKnown != 0 {
		w := b[0]&traitWritable != 0
		t.Writable = &w
	}
	if b[0]&traitNotification != 0 {
		n := int(b[1])
		t.Notification = &n
	}
	if b[0]&traitAccess == 0 {
		return t, nil
	}
	list := []string{}
	r := recordReader{s: string(b[2:])}
	for len(r.s) > 0 && !r.bad {
		list = append(list, r.text())
	}
	if r.bad {
		return t, fmt.Errorf("trait of %s: %w", name, errCorrupt)
	}
	t.AccessList = &list
	return t, nil
}

// Methods returns what a phone was found to take.
func (s *Store) Methods(ctx context.Context, phone db.PhoneID) (m db.Methods, err error) {
	err = s.view(ctx, func(t *tx) error {
		err := t.getJSON(bMethods, be8(uint64(phone)), &m)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		return err
	})
	return m, err
}

// RecordMethods keeps what a phone was found to take.
func (s *Store) RecordMethods(ctx context.Context, phone db.PhoneID, session db.SessionToken, m db.Methods) error {
	if len(m.Names) > db.MaxMethods {
		return fmt.Errorf("%d methods: %w", len(m.Names), db.ErrTooMany)
	}
	if len(m.Prompt.Slots) > db.MaxPrompts {
		return fmt.Errorf("%d slots that were asked for: %w", len(m.Prompt.Slots), db.ErrTooMany)
	}
	for i, name := range m.Names {
		if name == "" || len(name) > db.MaxMethodText || i > 0 && name <= m.Names[i-1] {
			return &db.FieldError{Field: fmt.Sprintf("names[%d]", i), Err: errors.New("is empty, too long, or out of order")}
		}
	}
	return s.update(ctx, func(t *tx) error {
		if session != "" && !t.s.owners.is(phone, session) {
			return fmt.Errorf("record methods of %s: %w", phone, db.ErrSuperseded)
		}
		if !t.has(bPhones, be8(uint64(phone))) {
			return fmt.Errorf("phone %s: %w", phone, db.ErrNotFound)
		}
		m.Firmware, m.Refused, m.STUN.Why = short(m.Firmware), short(m.Refused), short(m.STUN.Why)
		m.Prompt.Why = short(m.Prompt.Why)
		return t.putJSON(bMethods, be8(uint64(phone)), m)
	})
}

// RecordResult keeps what was answered to a task.
func (s *Store) RecordResult(ctx context.Context, task db.TaskID, r db.Result) error {
	if len(r.Answer) > db.MaxResult {
		return fmt.Errorf("answer of %d bytes: %w", len(r.Answer), db.ErrTooMany)
	}
	return s.update(ctx, func(t *tx) error {
		key := key2(uint64(task.Job), uint64(task.Phone))
		if !t.has(bTasks, key) {
			return fmt.Errorf("task %s: %w", task, db.ErrNotFound)
		}
		return t.putJSON(bResults, key, r)
	})
}

// Result returns what was answered to a task.
func (s *Store) Result(ctx context.Context, task db.TaskID) (r db.Result, err error) {
	err = s.view(ctx, func(t *tx) error {
		if err := t.getJSON(bResults, key2(uint64(task.Job), uint64(task.Phone)), &r); err != nil {
			return fmt.Errorf("result of task %s: %w", task, err)
		}
		return nil
	})
	return r, err
}
