package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"phoneacs/db"
)

// maxDrySites bounds what a dry run remembers of sites.
const maxDrySites = 100_000

// siteToBe stands for a site that a dry run would create.
const siteToBe = ^db.SiteID(0)

// sites finds the sites that lists name.
type sites struct {
	api    *API
	known  map[string]db.SiteID // by reference; 0: there is none
	create bool                 // make those that are not known
	dry    bool                 // but do not
	made   *int                 // counts those that were made
	toBe   map[string]bool      // those that a dry run would have made, in lower case
}

// find resolves a reference to a site; 0 if there is none.
func (s *sites) find(ctx context.Context, ref string) (db.SiteID, error) {
	if id, ok := s.known[ref]; ok || ref == "" {
		return id, nil
	}
	id, err := s.api.store.FindSite(ctx, ref)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return 0, about(err, "site %q", ref)
	}
	if len(s.known) >= maxKnown {
		clear(s.known)
	}
	if id == 0 && s.create {
		if id, err = s.make(ctx, ref); err != nil {
			return 0, err
		}
	}
	s.known[ref] = id
	return id, nil
}

// make adds a site that a list names. 0 if no site can be called so.
func (s *sites) make(ctx context.Context, name string) (db.SiteID, error) {
	if (&newSite{Name: name}).check() != nil {
		return 0, nil
	}
	if s.dry {
		return s.promise(strings.ToLower(name))
	}
	made, err := s.api.store.CreateSite(ctx, db.Site{Name: name})
	var field *db.FieldError
	switch {
	case err == nil:
		*s.made++
		return made.ID, nil
	case errors.Is(err, db.ErrExists): // somebody else was faster
		id, err := s.api.store.FindSite(ctx, name)
		return id, about(err, "site %q", name)
	case errors.As(err, &field): // it looks like an id
		return 0, nil
	}
	return 0, about(err, "site %q", name)
}

// promise notes a site that would be made.
func (s *sites) promise(name string) (db.SiteID, error) {
	switch {
	case s.toBe[name]:
		return siteToBe, nil
	case len(s.toBe) >= maxDrySites:
		return 0, newProblem(kindTooMany, "a dry run takes %d new sites; try a part of the list", maxDrySites)
	case s.toBe == nil:
		s.toBe = make(map[string]bool)
	}
	s.toBe[name] = true
	*s.made++
	return siteToBe, nil
}

// unknownSite refuses a line whose site there is not.
func unknownSite(line int, ref string) *lineError {
	return &lineError{line, "site", fmt.Sprintf("site %q is not known here", ref)}
}
