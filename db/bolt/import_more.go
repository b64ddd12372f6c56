package bolt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"phoneacs/db"
)

// ImportSites adds or updates listed sites.
func (s *Store) ImportSites(ctx context.Context, in []db.SiteImport, o db.ImportOptions) ([]db.Imported, error) {
	return importLines(ctx, s, in, o, func(t *tx, l *db.SiteImport) db.Imported { return t.importSite(l, &o) })
}

func (t *tx) importSite(in *db.SiteImport, o *db.ImportOptions) db.Imported {
	if err := checkSiteName(in.Name); err != nil {
		return db.Imported{Err: err}
	}
	if err := db.CheckWays("ways", in.Ways); err != nil {
		return db.Imported{Err: err}
	}
	st, fate := db.Site{Name: in.Name}, db.FateCreated
	if v := t.get(bSiteNames, []byte(strings.ToLower(in.Name))); v != nil {
		id := db.SiteID(num(v))
		if stop, f, err := existing(o, "name", "site", id.String()); stop {
			return db.Imported{Fate: f, Site: id, Err: err}
		}
		if err := t.getJSON(bSites, v, &st); err != nil {
			return db.Imported{Err: fmt.Errorf("site %s: %w", id, err)}
		}
		fate = db.FateUnchanged
	}
	was := st
	if fillSite(&st, in) && fate == db.FateUnchanged {
		fate = db.FateUpdated
	}
	if o.DryRun || fate == db.FateUnchanged {
		return db.Imported{Fate: fate, Site: st.ID}
	}
	if st.ID == 0 {
		id, err := t.next(bSites)
		if err != nil {
			return db.Imported{Err: err}
		}
		st.ID = db.SiteID(id)
	} else if err := t.zoneChanged(&was, &st); err != nil {
		return db.Imported{Err: err}
	}
	if err := t.saveSite(st); err != nil {
		return db.Imported{Err: err}
	}
	return db.Imported{Fate: fate, Site: st.ID}
}

// fillSite changes what a line gives, and says whether that is different.
func fillSite(st *db.Site, in *db.SiteImport) (changed bool) {
	for _, f := range []struct {
		to   *string
		from string
	}{{&st.Zone, in.Zone}, {&st.URL, in.URL}} {
		if f.from != "" && *f.to != f.from {
			*f.to, changed = f.from, true
		}
	}
	for _, f := range []struct {
		to   *[]string
		from []string
	}{{&st.Networks, in.Networks}, {&st.Ways, in.Ways}} {
		if f.from != nil && !slices.Equal(*f.to, f.from) {
			*f.to, changed = slices.Clone(f.from), true
		}
	}
	return changed
}

func checkSiteName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > 64 {
		return &db.FieldError{Field: "name", Err: fmt.Errorf("1 to 64 characters, got %d", n)}
	}
	if id, err := db.ParseSiteID(name); err == nil && id != 0 {
		return &db.FieldError{Field: "name", Err: fmt.Errorf("%q looks like the id of a site", name)}
	}
	return nil
}

// ImportTags adds tags to phones.
func (s *Store) ImportTags(ctx context.Context, in []db.TagImport, o db.ImportOptions) ([]db.Imported, error) {
	return importLines(ctx, s, in, o, func(t *tx, l *db.TagImport) db.Imported { return t.importTag(l, &o) })
}

func (t *tx) importTag(in *db.TagImport, o *db.ImportOptions) db.Imported {
	id, err := t.findPhone(in.Phone)
	switch {
	case errors.Is(err, db.ErrNotFound):
		err = &db.FieldError{Field: "phone", Err: fmt.Errorf("phone %q is not known here", in.Phone)}
	case errors.Is(err, db.ErrConflict):
		err = &db.FieldError{Field: "phone", Err: fmt.Errorf("%q names several phones; use an id or a MAC", in.Phone)}
	}
	if err != nil {
		return db.Imported{Err: err}
	}
	old, err := t.loadPhone(id)
	if err != nil {
		return db.Imported{Err: err}
	}
	p := old
	if e := (db.PhoneEdit{AddTags: cleanTags([]string{in.Tag})}); !e.Apply(&p) {
		if len(e.AddTags) == 0 {
			return db.Imported{Err: &db.FieldError{Field: "tag", Err: errors.New("is empty")}}
		}
		return db.Imported{Fate: db.FateUnchanged, Phone: id}
	}
	var field *db.FieldError
	if err := checkPhone(&p); errors.As(err, &field) {
		return db.Imported{Err: &db.FieldError{Field: "tag", Err: field.Err}}
	}
	if o.DryRun {
		return db.Imported{Fate: db.FateCreated, Phone: id}
	}
	if err := t.savePhone(&old, p); err != nil {
		return db.Imported{Err: err}
	}
	if err := t.noteEdits(old, p, db.Credentials{}, db.Credentials{}, o.By); err != nil {
		return db.Imported{Err: err}
	}
	t.event(db.Event{Type: "phone.changed", Phone: id})
	return db.Imported{Fate: db.FateCreated, Phone: id}
}
