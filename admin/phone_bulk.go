package admin

import (
	"context"
	"net/http"
	"slices"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// bulkTime is how long one request goes on; what is left is for the next one.
const bulkTime = 20 * time.Second

// maxBulkListed bounds the phones that a bulk names one by one.
const maxBulkListed = 20_000

// newBulk is the body of POST /api/v1/phones/edit and, without what it is not
// for, of POST /api/v1/phones/approve.
type newBulk struct {
	Selection  newSelection `json:"selection"`
	Site       *string      `json:"site"`
	AddTags    []string     `json:"add_tags"`
	RemoveTags []string     `json:"remove_tags"`
	DryRun     bool         `json:"dry_run"`
	Cursor     string       `json:"cursor"`
}

// newApproval is the body of POST /api/v1/phones/approve.
type newApproval struct {
	Selection newSelection `json:"selection"`
	Site      *string      `json:"site"`
	Tags      []string     `json:"tags"`
	DryRun    bool         `json:"dry_run"`
	Cursor    string       `json:"cursor"`
}

// bulkResult is what became of the phones of a bulk, or would.
type bulkResult struct {
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Failed    int    `json:"failed"`
	DryRun    bool   `json:"dry_run,omitempty"`
	Next      string `json:"next,omitempty"`
}

// approvePhones serves POST /api/v1/phones/approve.
func (a *API) approvePhones(w http.ResponseWriter, r *http.Request) error {
	var in newApproval
	if _, err := readJSON(w, r, maxOrder, &in); err != nil {
		return err
	}
	if err := checkTags("tags", in.Tags); err != nil {
		return err
	}
	return a.bulk(w, r, newBulk{
		Selection: in.Selection, Site: in.Site, AddTags: in.Tags, DryRun: in.DryRun, Cursor: in.Cursor,
	}, db.PhoneEdit{Approve: true})
}

// editPhones serves POST /api/v1/phones/edit.
func (a *API) editPhones(w http.ResponseWriter, r *http.Request) error {
	var in newBulk
	if _, err := readJSON(w, r, maxOrder, &in); err != nil {
		return err
	}
	for field, tags := range map[string][]string{"add_tags": in.AddTags, "remove_tags": in.RemoveTags} {
		if err := checkTags(field, tags); err != nil {
			return err
		}
	}
	if in.Site == nil && len(in.AddTags)+len(in.RemoveTags) == 0 {
		return newProblem(kindInvalid, "nothing is to be changed; give site, add_tags or remove_tags")
	}
	return a.bulk(w, r, in, db.PhoneEdit{})
}

// bulk changes the phones of a selection a page at a time, each page in one
// commit. It stops after bulkTime with a cursor to go on from. Whatever breaks
// it off, the pages before stay changed, and to begin anew does no harm.
func (a *API) bulk(w http.ResponseWriter, r *http.Request, in newBulk, e db.PhoneEdit) error {
	ctx := r.Context()
	e.AddTags, e.RemoveTags = in.AddTags, in.RemoveTags
	if in.Site != nil {
		var err error
		if e.Site, err = a.findSite(ctx, "site", *in.Site); err != nil {
			return err
		}
	}
	if in.Selection.Phones != nil && len(*in.Selection.Phones) > maxBulkListed {
		return invalid("selection.phones", "more than %d; use a filter", maxBulkListed)
	}
	var n db.NewJob
	if err := a.readSelection(ctx, in.Selection, &n); err != nil {
		return err
	}
	b := bulkRun{api: a, edit: e, by: caller(r).Name, filter: n.Filter, result: bulkResult{DryRun: in.DryRun}}
	var err error
	if n.Phones != nil {
		if in.Cursor != "" {
			return invalid("cursor", "a list of phones has none")
		}
		err = b.listed(ctx, n.Phones)
	} else {
		if e.Approve && b.filter == nil {
			// Everyone who waits; found by the index.
			if b.filter, err = filter.Parse(`state = "pending"`, db.PhoneFields); err != nil {
				return err
			}
		}
		err = b.matching(ctx, in.Cursor)
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, b.result)
}

// A bulkRun is one request's share of a bulk.
type bulkRun struct {
	api    *API
	edit   db.PhoneEdit
	by     string
	filter *filter.Filter // nil: all
	result bulkResult
}

// listed changes phones that were named one by one.
func (b *bulkRun) listed(ctx context.Context, ids []db.PhoneID) error {
	for chunk := range slices.Chunk(ids, db.MaxEdit) {
		if b.result.DryRun {
			for _, id := range chunk {
				p, err := b.api.store.Phone(ctx, id)
				if err != nil {
					return about(err, "phone %s", id)
				}
				b.would(&p)
			}
		} else if err := b.commit(ctx, chunk); err != nil {
			return err
		}
	}
	return nil
}

// matching changes the phones that a filter passes, from a cursor on.
func (b *bulkRun) matching(ctx context.Context, cursor string) error {
	until := b.api.clock.Now().Add(bulkTime)
	for q := (db.Query{Filter: b.filter, Cursor: cursor, Limit: db.MaxEdit}); ; {
		page, err := b.api.store.ListPhones(ctx, q)
		if err != nil {
			return about(err, "phones")
		}
		ids := make([]db.PhoneID, len(page.Items))
		for i := range page.Items {
			if ids[i] = page.Items[i].ID; b.result.DryRun {
				b.would(&page.Items[i])
			}
		}
		if !b.result.DryRun && len(ids) > 0 {
			if err := b.commit(ctx, ids); err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
		if b.api.clock.Now().After(until) {
			b.result.Next = q.Cursor
			return nil
		}
	}
}

func (b *bulkRun) would(p *db.PhoneStatus) {
	changed := p.Phone
	switch {
	case !b.edit.Apply(&changed):
		b.result.Unchanged++
	case len(changed.Tags) > maxTags:
		b.result.Failed++
	default:
		b.result.Changed++
	}
}

func (b *bulkRun) commit(ctx context.Context, ids []db.PhoneID) error {
	res, err := b.api.store.EditPhones(ctx, ids, b.filter, b.edit, b.by)
	if err != nil {
		p := *problemFor(about(err, "phones"))
		if b.result.Changed > 0 {
			p.Detail += "; some phones were changed before, and it may be repeated"
		}
		return p.because(err)
	}
	b.result.Changed += res.Changed
	b.result.Unchanged += res.Unchanged
	b.result.Failed += res.Failed
	return nil
}
