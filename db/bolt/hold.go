package bolt

import (
	"context"
	"encoding/json"
	"fmt"

	"phoneacs/db"
)

// holdKey is a hold's scope: f for the fleet, s and p with an id.
func holdKey(site db.SiteID, phone db.PhoneID) []byte {
	switch {
	case phone != 0:
		return append([]byte{'p'}, be8(uint64(phone))...)
	case site != 0:
		return append([]byte{'s'}, be8(uint64(site))...)
	}
	return []byte{'f'}
}

// SetHold adds or replaces a hold.
func (s *Store) SetHold(ctx context.Context, h db.Hold) error {
	return s.update(ctx, func(t *tx) error {
		if h.Phone != 0 && !t.has(bPhones, be8(uint64(h.Phone))) {
			return fmt.Errorf("phone %s: %w", h.Phone, db.ErrNotFound)
		}
		if h.Site != 0 && !t.has(bSites, be8(uint64(h.Site))) {
			return fmt.Errorf("site %s: %w", h.Site, db.ErrNotFound)
		}
		t.event(db.Event{Type: "hold.set", Phone: h.Phone, Why: h.Reason})
		if err := t.putJSON(bHolds, holdKey(h.Site, h.Phone), h); err != nil {
			return err
		}
		if h.Phone != 0 {
			return t.wakeForHandovers(h.Phone)
		}
		return t.eachActive(t.wakeHolders)
	})
}

// ClearHold takes a hold away.
func (s *Store) ClearHold(ctx context.Context, site db.SiteID, phone db.PhoneID) error {
	return s.update(ctx, func(t *tx) error {
		key := holdKey(site, phone)
		if !t.has(bHolds, key) {
			return fmt.Errorf("hold: %w", db.ErrNotFound)
		}
		t.event(db.Event{Type: "hold.cleared", Phone: phone})
		if err := t.del(bHolds, key); err != nil {
			return err
		}
		if phone != 0 {
			return t.wakeForReady(phone)
		}
		return t.eachActive(func(j *db.Job) {
			if !j.Paused {
				t.sweepWake(j)
			}
		})
	})
}

// wakeForReady has a phone woken for the tasks that are ready for it.
func (t *tx) wakeForReady(phone db.PhoneID) error {
	now := t.s.opts.Now()
	job, ok := t.firstReady(phone, now)
	if !ok {
		return nil
	}
	return t.addDue(db.Due{At: now, Kind: db.DueWake, Job: job, Phone: phone})
}

// eachActive visits the jobs that have not ended: those are the jobs with an
// expiry to come.
func (t *tx) eachActive(visit func(*db.Job)) error {
	var ids []db.JobID
	c := t.Bucket(bDue).Cursor()
	for k, _ := c.Seek([]byte{byte(db.DueExpire)}); k != nil && db.DueKind(k[0]) == db.DueExpire; k, _ = c.Next() {
		ids = append(ids, parseDue(k).Job)
	}
	for _, id := range ids {
		j, err := t.job(id)
		if err != nil {
			return err
		}
		visit(j)
	}
	return nil
}

// ListHolds returns the holds in force.
func (s *Store) ListHolds(ctx context.Context, q db.Query) (page db.Page[db.Hold], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.Hold]{name: "holds", q: q, c: t.Bucket(bHolds).Cursor()}
		l.load = func(_, v []byte) (h db.Hold, err error) { err = json.Unmarshal(v, &h); return h, err }
		page, err = l.page()
		return err
	})
	return page, err
}

// Held returns the hold that covers a phone.
func (s *Store) Held(ctx context.Context, phone db.PhoneID) (h db.Hold, held bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		p, err := t.loadPhone(phone)
		if err != nil {
			return err
		}
		h, held, err = t.held(p.ID, p.Site)
		return err
	})
	return h, held, err
}

func (t *tx) held(phone db.PhoneID, site db.SiteID) (h db.Hold, held bool, err error) {
	for _, key := range [][]byte{holdKey(0, 0), holdKey(site, 0), holdKey(0, phone)} {
		if v := t.get(bHolds, key); v != nil {
			return h, true, decode(bHolds, v, &h)
		}
	}
	return h, false, nil
}
