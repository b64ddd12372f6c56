package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// maxImport bounds one commit of an import.
const maxImport = 1000

// ImportPhones adds or updates listed phones.
func (s *Store) ImportPhones(ctx context.Context, in []db.PhoneImport, now time.Time, by string) (results []db.ImportResult, err error) {
	if len(in) > maxImport {
		return nil, fmt.Errorf("import of %d phones, at most %d at once: %w", len(in), maxImport, db.ErrTooMany)
	}
	err = s.update(ctx, func(t *tx) error {
		results = make([]db.ImportResult, len(in))
		for i := range in {
			before := t.changes
			r := t.importPhone(&in[i], now, by)
			if r.Err != nil && t.changes != before {
				return r.Err // the disk's fault, not the line's
			}
			results[i] = r
		}
		return nil
	})
	return results, err
}

// importPhone takes one line. It writes nothing when the line is at fault.
func (t *tx) importPhone(in *db.PhoneImport, now time.Time, by string) db.ImportResult {
	id, err := t.listedAs(in)
	if err != nil {
		return db.ImportResult{Err: err}
	}
	p := db.Phone{State: db.PhoneApproved, Site: db.DefaultSite, Created: now}
	var old *db.Phone
	if id != 0 {
		if p, err = t.loadPhone(id); err != nil {
			return db.ImportResult{Err: err}
		}
		was := p
		if old = &was; p.State == db.PhonePending {
			p.State = db.PhoneApproved
		}
	}
	if err := t.fill(&p, in); err != nil {
		return db.ImportResult{Err: err}
	}
	if old == nil {
		n, err := t.next(bPhones)
		if err != nil {
			return db.ImportResult{Err: err}
		}
		p.ID = db.PhoneID(n)
	}
	if err := t.savePhone(old, p); err != nil {
		return db.ImportResult{Err: err}
	}
	if old == nil {
		t.event(db.Event{Type: "phone.created", Phone: p.ID})
	} else if err := t.noteEdits(*old, p, db.Credentials{}, db.Credentials{}, by); err != nil {
		return db.ImportResult{Err: err}
	} else if old.State != p.State {
		if err := errors.Join(t.wakeForReady(p.ID), t.approved(p.ID)); err != nil {
			return db.ImportResult{Err: err}
		}
	}
	return db.ImportResult{ID: p.ID, Created: old == nil}
}

// listedAs finds the phone that a line is about; 0 is a new one. A line whose
// MAC and serial belong to two phones is refused.
func (t *tx) listedAs(in *db.PhoneImport) (db.PhoneID, error) {
	if in.MAC == "" && in.Serial == "" {
		return 0, &db.FieldError{Field: "mac", Err: fmt.Errorf("neither MAC nor serial is given")}
	}
	var byMAC, bySerial db.PhoneID
	if in.MAC != "" {
		mac, ok := parseMAC(in.MAC)
		if !ok {
			return 0, &db.FieldError{Field: "mac", Err: fmt.Errorf("%q is not a MAC address: 12 hex digits, as in 0c:38:3e:01:02:03", in.MAC)}
		}
		byMAC, _ = t.byUnique("m" + mac)
	}
	if in.Serial != "" {
		if id, ok := t.byUnique(tripleKey(in.OUI, "", in.Serial)); ok {
			bySerial = id
		} else if id, err := t.findSerial(in.OUI + "-" + in.Serial); err == nil {
			bySerial = id
		}
	}
	if byMAC != 0 && bySerial != 0 && byMAC != bySerial {
		return 0, &db.FieldError{Field: "serial", Err: fmt.Errorf("is phone %s, the MAC is phone %s: %w", bySerial, byMAC, db.ErrExists)}
	}
	return max(byMAC, bySerial), nil
}

func (t *tx) fill(p *db.Phone, in *db.PhoneImport) error {
	if in.MAC != "" {
		p.MAC, _ = parseMAC(in.MAC)
	}
	if p.Serial == "" {
		p.OUI, p.Serial = in.OUI, in.Serial
	}
	for _, f := range []struct {
		to   *string
		from string
	}{{&p.Name, in.Name}, {&p.Vendor, in.Vendor}, {&p.Model, in.Model}} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	if in.Tags != nil {
		p.Tags = cleanTags(in.Tags)
	}
	if in.Site != 0 {
		if !t.has(bSites, be8(uint64(in.Site))) {
			return &db.FieldError{Field: "site", Err: fmt.Errorf("site %s: %w", in.Site, db.ErrNotFound)}
		}
		p.Site = in.Site
	}
	return checkPhone(p)
}
