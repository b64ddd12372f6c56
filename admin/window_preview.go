package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
	"phoneacs/jobs/window"
)

// Bounds of previews.
const (
	maxPreviews   = 2 // at once: each reads all of its phones
	previewTime   = 5 * time.Minute
	maxRate       = 1_000_000
	maxBuckets    = 3000 // of a curve
	maxPlaces     = 100  // sites that are told one by one
	defaultListed = 20
	maxListed     = 1000
)

// newPreview is the body of POST /api/v1/windows/preview.
type newPreview struct {
	Window    string       `json:"window"`
	Draft     *newWindow   `json:"draft"`
	Selection newSelection `json:"selection"`
	File      string       `json:"file"`
	Takes     string       `json:"takes"`
	Rate      *int         `json:"rate_per_minute"`
	At        string       `json:"at"`
	Limit     *int         `json:"limit"`
	After     string       `json:"after"`
}

// A preview is one run over the phones of a selection. What it keeps grows with
// minutes and sites, not with phones.
type preview struct {
	*API
	window window.Window
	id     string // that slots are drawn from
	at     time.Time
	now    time.Time // of the machine that phones are late by
	file   *db.File
	deed   db.Deed // of a download of the file; "" without one
	takes  time.Duration
	rate   int

	looked  int
	hadMore int // of those whose slots may be others, by what the job is: it is not known
	curve   window.Curve
	sites   map[db.SiteID]*place
	zones   map[string]*place
	asleep  listing // of those with a slot, who cannot be woken in it
	speaks  map[string]int
	leftOut listing
}

// previewWindow serves POST /api/v1/windows/preview.
func (a *API) previewWindow(w http.ResponseWriter, r *http.Request) error {
	var in newPreview
	if _, err := readJSON(w, r, maxOrder, &in); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), previewTime)
	defer cancel()
	p, head, err := a.readPreview(ctx, &in)
	if err != nil {
		return err
	}
	if in.Selection.Phones != nil && len(*in.Selection.Phones) > maxBulkListed {
		return invalid("selection.phones", "more than %d; use a filter", maxBulkListed)
	}
	var n db.NewJob
	if err := a.readSelection(ctx, in.Selection, &n); err != nil {
		return err
	}
	select {
	case a.previews <- struct{}{}:
		defer func() { <-a.previews }()
	default:
		return newProblem(kindBusy, "%d previews are under way; try again in a moment", maxPreviews).with("Retry-After", "5")
	}
	if n.Phones != nil {
		err = p.listed(ctx, n.Phones)
	} else {
		err = p.matching(ctx, n.Filter)
	}
	if err != nil {
		return about(err, "preview")
	}
	v, err := p.view(head)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, v)
}

// readPreview reads what is asked for but for the selection; head is the answer
// as far as it is known before a phone is looked at.
func (a *API) readPreview(ctx context.Context, in *newPreview) (p *preview, head previewView, err error) {
	p = &preview{
		API: a, now: a.clock.Now(), sites: make(map[db.SiteID]*place), zones: make(map[string]*place), speaks: make(map[string]int),
	}
	p.at = p.now
	name := "the draft"
	switch {
	case (in.Window == "") == (in.Draft == nil):
		return nil, head, invalid("window", "want exactly one of window, the id or name of one, and draft")
	case in.Draft != nil:
		if p.window, err = in.Draft.read("draft."); err != nil {
			return nil, head, err
		}
		p.id = db.WindowID(0).String()
		head.Notes = []string{"the draft is not stored and has no id, by which slots are drawn: the curve will be as even, and each phone's own minute another"}
	default:
		found, err := a.windowOf(ctx, in.Window)
		if errors.Is(err, db.ErrNotFound) {
			return nil, head, invalid("window", "window %q is not known here", in.Window).because(err)
		} else if err != nil {
			return nil, head, err
		}
		p.window, p.id, name = found.Window, found.ID.String(), "window "+found.Name
		head.Window, head.Name, head.Exact = found.ID.String(), found.Name, true
	}
	if err := p.readRest(ctx, in); err != nil {
		return nil, head, err
	}
	head.At, head.File = p.at.UTC(), viewLoadFile(p.file)
	head.Notes = append(head.Notes, a.windowNotes(&p.window, p.at)...)
	if p.window.Over(a.zone, p.at) != "" {
		return nil, head, never(&p.window, name, a.zone, p.at)
	}
	return p, head, nil
}

// readRest reads the file, the rate and bounds of the answer.
func (p *preview) readRest(ctx context.Context, in *newPreview) (err error) {
	if in.At != "" {
		if p.at, err = time.Parse(time.RFC3339, in.At); err != nil || p.at.Year() < 1970 || p.at.Year() > 2999 {
			return invalid("at", "want a time as in 2026-11-21T22:00:00Z, of the years 1970 to 2999")
		}
	}
	if in.File != "" {
		id, err := db.ParseFileID(in.File)
		if err != nil {
			return invalid("file", "want the id of a file, as in f3")
		}
		f, err := p.store.File(ctx, id)
		if errors.Is(err, db.ErrNotFound) {
			return invalid("file", "file %s is not known here", id).because(err)
		} else if err != nil {
			return about(err, "file %s", id)
		}
		p.file, p.deed = &f, db.DeedOf(db.KindDownload, f.Kind)
	}
	if in.Takes != "" {
		if p.takes, err = parseDuration(in.Takes); err != nil || p.takes <= 0 || p.takes > day {
			return invalid("takes", "want how long a download takes, more than 0 and at most 1d, as in 90s or 5m")
		}
	}
	if in.Rate != nil {
		if p.rate = *in.Rate; p.rate < 1 || p.rate > maxRate {
			return invalid("rate_per_minute", "%d: want 1 to %d", p.rate, maxRate)
		}
	}
	limit := defaultListed
	if in.Limit != nil {
		if limit = *in.Limit; limit < 0 || limit > maxListed {
			return invalid("limit", "%d: want 0 to %d", limit, maxListed)
		}
	}
	var after db.PhoneID
	if in.After != "" {
		if after, err = db.ParsePhoneID(in.After); err != nil {
			return invalid("after", "want the id of a phone, as in p17")
		}
	}
	p.asleep = newListing(limit, after, asleepReasons)
	p.leftOut = newListing(limit, after, leftReasons)
	return nil
}

// listed looks at phones that were named one by one.
func (p *preview) listed(ctx context.Context, ids []db.PhoneID) error {
	slices.Sort(ids)
	for _, id := range ids {
		st, err := p.store.Phone(ctx, id)
		if errors.Is(err, db.ErrNotFound) {
			continue // it went a moment ago
		}
		if err == nil {
			err = p.look(ctx, &st)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// matching looks at the phones that a filter passes, in short reads.
func (p *preview) matching(ctx context.Context, f *filter.Filter) error {
	for q := (db.Query{Filter: f, Limit: db.MaxLimit}); ; {
		page, err := p.store.ListPhones(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Items {
			if err := p.look(ctx, &page.Items[i]); err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}
