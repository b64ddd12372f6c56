package bolt

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"phoneacs/db"
)

func (t *tx) saveSite(st db.Site) error {
	if err := t.put(bSiteNames, []byte(strings.ToLower(st.Name)), be8(uint64(st.ID))); err != nil {
		return err
	}
	return t.putJSON(bSites, be8(uint64(st.ID)), st)
}

// CreateSite adds a site.
func (s *Store) CreateSite(ctx context.Context, st db.Site) (db.Site, error) {
	err := s.update(ctx, func(t *tx) error {
		st.ID = 0
		if err := t.checkSite(&st); err != nil {
			return err
		}
		id, err := t.next(bSites)
		if err != nil {
			return err
		}
		st.ID = db.SiteID(id)
		return t.saveSite(st)
	})
	return st, err
}

// Site returns one site.
func (s *Store) Site(ctx context.Context, id db.SiteID) (st db.Site, err error) {
	err = s.view(ctx, func(t *tx) error {
		st, err = t.loadSite(id)
		return err
	})
	return st, err
}

// FindSite resolves an id or a name.
func (s *Store) FindSite(ctx context.Context, ref string) (id db.SiteID, err error) {
	err = s.view(ctx, func(t *tx) error {
		if v := t.get(bSiteNames, []byte(strings.ToLower(ref))); v != nil {
			id = db.SiteID(num(v))
			return nil
		}
		if n, err := db.ParseSiteID(ref); err == nil && t.has(bSites, be8(uint64(n))) {
			id = n
			return nil
		}
		return fmt.Errorf("site %q: %w", ref, db.ErrNotFound)
	})
	return id, err
}

// ListSites returns sites in the order of their ids.
func (s *Store) ListSites(ctx context.Context, q db.Query) (page db.Page[db.Site], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.Site]{name: "sites", q: q, c: t.Bucket(bSites).Cursor()}
		l.load = func(_, v []byte) (st db.Site, err error) { err = json.Unmarshal(v, &st); return st, err }
		page, err = l.page()
		return err
	})
	return page, err
}
