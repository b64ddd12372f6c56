package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"phoneacs/db"
)

// checkSite refuses a site that cannot be kept; it writes nothing.
func (t *tx) checkSite(st *db.Site) error {
	if err := checkSiteName(st.Name); err != nil {
		return err
	}
	if err := db.CheckWays("ways", st.Ways); err != nil {
		return err
	}
	if owner := t.get(bSiteNames, []byte(strings.ToLower(st.Name))); owner != nil && db.SiteID(num(owner)) != st.ID {
		return &db.FieldError{Field: "name", Err: fmt.Errorf("site %q: %w", st.Name, db.ErrExists)}
	}
	return nil
}

func (t *tx) loadSite(id db.SiteID) (st db.Site, err error) {
	if err := t.getJSON(bSites, be8(uint64(id)), &st); err != nil {
		return st, fmt.Errorf("site %s: %w", id, err)
	}
	return st, nil
}

// UpdateSite replaces a site.
func (s *Store) UpdateSite(ctx context.Context, st db.Site) (db.Site, error) {
	err := s.update(ctx, func(t *tx) error {
		old, err := t.loadSite(st.ID)
		if err != nil {
			return err
		}
		if err := t.checkSite(&st); err != nil {
			return err
		}
		if err := t.del(bSiteNames, []byte(strings.ToLower(old.Name))); err != nil {
			return err
		}
		if err := t.zoneChanged(&old, &st); err != nil {
			return err
		}
		t.event(db.Event{Type: "site.changed", Why: st.Name})
		return t.saveSite(st)
	})
	return st, err
}

// DeleteSite takes a site away.
func (s *Store) DeleteSite(ctx context.Context, id db.SiteID) error {
	return s.update(ctx, func(t *tx) error {
		st, err := t.loadSite(id)
		if err != nil {
			return err
		}
		if err := t.siteFree(id); err != nil {
			return err
		}
		t.event(db.Event{Type: "site.deleted", Why: st.Name})
		if err := t.del(bSiteNames, []byte(strings.ToLower(st.Name))); err != nil {
			return err
		}
		return t.del(bSites, be8(uint64(id)))
	})
}

// siteFree returns a *db.InUseError if something needs a site. Jobs that are yet
// to be made take the sites of phones, and name none.
func (t *tx) siteFree(id db.SiteID) error {
	use := &db.InUseError{What: "site " + id.String()}
	prefix := []byte(indexKey('l', id.String(), 0))
	prefix = prefix[:len(prefix)-8]
	switch k, _ := t.Bucket(bIndex).Cursor().Seek(prefix); {
	case id == db.DefaultSite:
		use.By = "phones that are of no other site"
	case bytes.HasPrefix(k, prefix):
		use.By = "phone " + db.PhoneID(num(k[len(prefix):])).String()
	case t.has(bHolds, holdKey(id, 0)):
		use.By = "a hold"
	default:
		return t.ruleFree(use, id)
	}
	return use
}

// ruleFree fills in and returns use if an enrolment rule puts phones at a site.
func (t *tx) ruleFree(use *db.InUseError, id db.SiteID) error {
	c := t.Bucket(bRules).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		var r db.EnrolmentRule
		if err := json.Unmarshal(v, &r); err != nil {
			return fmt.Errorf("enrolment rule %d: %w", num(k), err)
		}
		if r.Site == id {
			use.By = "enrolment rule " + r.ID.String()
			return use
		}
	}
	return nil
}
