package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"phoneacs/db"
)

// Bounds of an import.
const (
	importBatch = 1000 // lines a commit, as db.Phones.ImportPhones takes
	maxErrors   = 100  // failed lines that are told one by one
	maxKnown    = 1000 // sites remembered while one list is read
)

// importResult is the answer to POST /api/v1/phones/import.
type importResult struct {
	Created int          `json:"created"`
	Updated int          `json:"updated"`
	Failed  int          `json:"failed"`
	Errors  []*lineError `json:"errors"`
	// SitesCreated is how many sites were made, where that was asked for.
	SitesCreated int `json:"sites_created,omitempty"`
}

func (r *importResult) fail(e *lineError) {
	r.Failed++
	if len(r.Errors) < maxErrors {
		r.Errors = append(r.Errors, e)
	}
}

// importPhones serves POST /api/v1/phones/import.
func (a *API) importPhones(w http.ResponseWriter, r *http.Request) error {
	if err := checkType(r, "text/csv"); err != nil {
		return err
	}
	create := r.URL.Query().Get("create_sites")
	if create != "" && create != "true" && create != "false" {
		return invalid("create_sites", "want true or false")
	}
	list, err := newPhoneReader(openStream(w, r, maxImport))
	if err != nil {
		return err
	}
	im := importer{
		api: a, by: caller(r).Name, sites: make(map[string]db.SiteID),
		create: create == "true",
		result: importResult{Errors: []*lineError{}},
	}
	if err := im.run(r.Context(), list); err != nil {
		return im.explain(err)
	}
	// What the store refuses is known a batch later than what cannot be read.
	slices.SortStableFunc(im.result.Errors, func(a, b *lineError) int { return a.Line - b.Line })
	return writeJSON(w, http.StatusOK, im.result)
}

// An importer takes one list in, a batch at a time.
type importer struct {
	api    *API
	by     string
	sites  map[string]db.SiteID // by reference; 0: not known
	create bool                 // make those that are not known
	batch  []db.PhoneImport
	lines  []int // of the batch
	done   int   // the last line that was committed
	result importResult
}

func (im *importer) run(ctx context.Context, list *phoneReader) error {
	for {
		line, err := list.next()
		var bad *lineError
		switch {
		case errors.Is(err, io.EOF):
			return im.commit(ctx)
		case err == nil:
			if err = im.add(ctx, line); err == nil {
				continue
			}
		}
		if !errors.As(err, &bad) {
			return err
		}
		im.result.fail(bad)
	}
}

// add puts a line into the batch, and commits a batch that is full.
func (im *importer) add(ctx context.Context, l phoneLine) error {
	site, err := im.site(ctx, l.site)
	if err != nil {
		return err
	}
	if l.site != "" && site == 0 {
		return unknownSite(l.line, l.site)
	}
	l.phone.Site = site
	im.batch = append(im.batch, l.phone)
	im.lines = append(im.lines, l.line)
	if len(im.batch) < importBatch {
		return nil
	}
	return im.commit(ctx)
}

// site resolves a reference to a site; 0 if there is none.
func (im *importer) site(ctx context.Context, ref string) (db.SiteID, error) {
	if id, ok := im.sites[ref]; ok || ref == "" {
		return id, nil
	}
	id, err := im.api.store.FindSite(ctx, ref)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return 0, about(err, "site %q", ref)
	}
	if len(im.sites) >= maxKnown {
		clear(im.sites)
	}
	if id == 0 && im.create {
		if id, err = im.createSite(ctx, ref); err != nil {
			return 0, err
		}
	}
	im.sites[ref] = id
	return id, nil
}

// createSite adds a site that the list names. 0 if no site can be called so.
func (im *importer) createSite(ctx context.Context, name string) (db.SiteID, error) {
	if (&newSite{Name: name}).check() != nil {
		return 0, nil
	}
	s, err := im.api.store.CreateSite(ctx, db.Site{Name: name})
	var field *db.FieldError
	switch {
	case err == nil:
		im.result.SitesCreated++
		return s.ID, nil
	case errors.Is(err, db.ErrExists): // somebody else was faster
		id, err := im.api.store.FindSite(ctx, name)
		return id, about(err, "site %q", name)
	case errors.As(err, &field): // it looks like an id
		return 0, nil
	}
	return 0, about(err, "site %q", name)
}

// unknownSite refuses a line whose site there is not.
func unknownSite(line int, ref string) *lineError {
	return &lineError{line, "site", fmt.Sprintf("site %q is not known here", ref)}
}

func (im *importer) commit(ctx context.Context) error {
	if len(im.batch) == 0 {
		return nil
	}
	fates, err := im.api.store.ImportPhones(ctx, im.batch, im.api.clock.Now(), im.by)
	if err != nil {
		return about(err, "import")
	}
	for i, fate := range fates {
		switch {
		case fate.Err != nil:
			im.result.fail(refusal(im.lines[i], fate.Err))
		case fate.Created:
			im.result.Created++
		default:
			im.result.Updated++
		}
	}
	im.done = im.lines[len(im.lines)-1]
	im.batch, im.lines = im.batch[:0], im.lines[:0]
	return nil
}

// refusal says why the store did not take a line.
func refusal(line int, err error) *lineError {
	p := problemFor(err)
	if p.Field == "" && errors.Is(err, db.ErrExists) {
		return &lineError{line, "", "its mac and its serial belong to two different phones"}
	}
	return &lineError{line, p.Field, p.Detail}
}

// explain adds to the error that ended an import what has been kept.
func (im *importer) explain(err error) error {
	p := *problemFor(err)
	kept := "nothing was imported"
	if im.done > 0 {
		kept = fmt.Sprintf("lines up to %d were imported", im.done)
	}
	p.Detail += "; " + kept
	return p.because(err)
}
