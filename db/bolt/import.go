package bolt

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"phoneacs/db"
)

// ImportPhones adds or updates listed phones.
func (s *Store) ImportPhones(ctx context.Context, in []db.PhoneImport, now time.Time, by string) ([]db.ImportResult, error) {
	fates, err := s.ImportList(ctx, in, db.ImportOptions{Now: now, By: by})
	if err != nil {
		return nil, err
	}
	results := make([]db.ImportResult, len(fates))
	for i, f := range fates {
		results[i] = db.ImportResult{ID: f.Phone, Created: f.Fate == db.FateCreated, Err: f.Err}
	}
	return results, nil
}

// ImportList adds or updates listed phones and tells the fate of each line.
func (s *Store) ImportList(ctx context.Context, in []db.PhoneImport, o db.ImportOptions) ([]db.Imported, error) {
	return importLines(ctx, s, in, o, func(t *tx, l *db.PhoneImport) db.Imported { return t.importPhone(l, &o) })
}

// importLines takes lines in one commit, or in a read for a dry run. take must
// write nothing when its line is at fault, and nothing at all for a dry run.
func importLines[L any](ctx context.Context, s *Store, in []L, o db.ImportOptions, take func(*tx, *L) db.Imported) (fates []db.Imported, err error) {
	if len(in) > db.MaxImport {
		return nil, fmt.Errorf("import of %d lines, at most %d at once: %w", len(in), db.MaxImport, db.ErrTooMany)
	}
	run := s.update
	if o.DryRun {
		run = s.view
	}
	err = run(ctx, func(t *tx) error {
		fates = make([]db.Imported, len(in))
		for i := range in {
			before := t.changes
			f := take(t, &in[i])
			if f.Err != nil && t.changes != before {
				return f.Err // the disk's fault, not the line's
			}
			if f.Err != nil {
				f = db.Imported{Fate: db.FateRefused, Err: f.Err}
			}
			fates[i] = f
		}
		return nil
	})
	return fates, err
}

// importPhone takes one line.
func (t *tx) importPhone(in *db.PhoneImport, o *db.ImportOptions) db.Imported {
	id, err := t.listedAs(in)
	if err != nil {
		return db.Imported{Err: err}
	}
	p := db.Phone{State: db.PhoneApproved, Site: db.DefaultSite, Created: o.Now}
	var old *db.Phone
	fate := db.FateCreated
	if id != 0 {
		if stop, f, err := existing(o, "mac", "phone", id.String()); stop {
			return db.Imported{Fate: f, Phone: id, Err: err}
		}
		if p, err = t.loadPhone(id); err != nil {
			return db.Imported{Err: err}
		}
		was := p
		if old = &was; p.State == db.PhonePending {
			p.State = db.PhoneApproved
		}
		fate = db.FateUpdated
	}
	if err := t.fill(&p, in); err != nil {
		return db.Imported{Err: err}
	}
	if old != nil && samePhoneRecord(old, &p) {
		return db.Imported{Fate: db.FateUnchanged, Phone: id}
	}
	if !o.DryRun {
		if err := t.saveListed(old, &p, o.By); err != nil {
			return db.Imported{Err: err}
		}
	}
	return db.Imported{Fate: fate, Phone: p.ID}
}

// saveListed writes what a line made of a phone; old is nil for a new one,
// which is given its id.
func (t *tx) saveListed(old, p *db.Phone, by string) error {
	if old == nil {
		n, err := t.next(bPhones)
		if err != nil {
			return err
		}
		p.ID = db.PhoneID(n)
	}
	if err := t.savePhone(old, *p); err != nil {
		return err
	}
	if old == nil {
		t.event(db.Event{Type: "phone.created", Phone: p.ID})
		return nil
	}
	if err := t.noteEdits(*old, *p, db.Credentials{}, db.Credentials{}, by); err != nil {
		return err
	}
	if old.State != p.State {
		return errors.Join(t.wakeForReady(p.ID), t.approved(p.ID))
	}
	return nil
}

// existing says whether a line ends because what it names is there already.
func existing(o *db.ImportOptions, field, what, id string) (stop bool, f db.Fate, err error) {
	switch o.Existing {
	case db.ExistingSkip:
		return true, db.FateSkipped, nil
	case db.ExistingRefuse:
		return true, "", &db.FieldError{Field: field, Err: fmt.Errorf("is that of %s %s, which is known here: %w", what, id, db.ErrExists)}
	}
	return false, "", nil
}

// samePhoneRecord compares whole records; no tags are no tags.
func samePhoneRecord(a, b *db.Phone) bool {
	x, y := *a, *b
	if len(x.Tags) == 0 && len(y.Tags) == 0 {
		x.Tags, y.Tags = nil, nil
	}
	return reflect.DeepEqual(x, y)
}
