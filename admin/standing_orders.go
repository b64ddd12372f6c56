package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// newStanding is the body of POST and PUT of standing orders.
type newStanding struct {
	Name   string            `json:"name"`
	Filter *string           `json:"filter"`
	All    *bool             `json:"all"`
	Again  bool              `json:"again"`
	Paused bool              `json:"paused"`
	Items  []newStandingItem `json:"items"`
}

type newStandingItem struct {
	Kind     string      `json:"kind"`
	Args     newArgs     `json:"args"`
	Priority int         `json:"priority"`
	Calls    db.CallRule `json:"calls"`
	Retry    newRetry    `json:"retry"`
	Deadline *string     `json:"deadline"`
	Expires  *string     `json:"expires"`
}

// read reads the template of a job; at names it.
func (in *newStandingItem) read(at string) (it db.StandingItem, err error) {
	it = db.StandingItem{Kind: in.Kind, Priority: in.Priority, Calls: in.Calls, Retry: db.Retry{Max: defaultRetries}}
	if in.Kind == "" {
		return it, invalid(at+".kind", "want one of %s", strings.Join(db.Kinds, ", "))
	}
	if it.Args, err = in.Args.read(); err != nil {
		return it, below(at, err)
	}
	if in.Retry.Max != nil {
		it.Retry.Max = *in.Retry.Max
	}
	if it.Retry.Max < 0 || it.Retry.Max > maxRetries {
		return it, invalid(at+".retry.max", "want 0 to %d", maxRetries)
	}
	if it.Retry.Backoff, err = readDuration(at+".retry.backoff", in.Retry.Backoff, defaultBackoff, maxBackoff); err != nil {
		return it, err
	}
	if it.Deadline, err = readDuration(at+".deadline", in.Deadline, defaultDeadline, maxDays*day); err != nil {
		return it, err
	}
	it.Expires, err = readDuration(at+".expires", in.Expires, defaultExpires, maxDays*day)
	return it, err
}

// below names the field of a problem from the outside.
func below(at string, err error) error {
	var p *problem
	if errors.As(err, &p) && p.Field != "" {
		q := *p
		q.Field = at + "." + p.Field
		return &q
	}
	return err
}

// readStanding reads a standing order; what no job can be is for Orders to say.
func (a *API) readStanding(ctx context.Context, in *newStanding) (o db.StandingOrder, err error) {
	o = db.StandingOrder{Name: in.Name, Again: in.Again, Paused: in.Paused, Created: a.clock.Now().UTC()}
	if in.Name == "" {
		return o, invalid("name", "want 1 to %d characters", maxSiteName)
	}
	if err := checkText("name", in.Name, maxSiteName); err != nil {
		return o, err
	}
	switch {
	case (in.Filter == nil) == (in.All == nil):
		return o, invalid("filter", `want exactly one of filter and all; an order for every phone says {"all": true}`)
	case in.All != nil && !*in.All:
		return o, invalid("all", "can only be true")
	case in.Filter != nil:
		if strings.TrimSpace(*in.Filter) == "" {
			return o, invalid("filter", `an empty filter selects nobody; an order for every phone says {"all": true}`)
		}
		var syntax *filter.SyntaxError
		if _, err := filter.Parse(*in.Filter, db.PhoneFields); errors.As(err, &syntax) {
			return o, filterProblem("filter", syntax)
		} else if err != nil {
			return o, about(err, "filter")
		}
		o.Filter = *in.Filter
	}
	if n := len(in.Items); n < 1 || n > db.MaxStandingItems {
		return o, invalid("items", "want 1 to %d", db.MaxStandingItems)
	}
	for i := range in.Items {
		it, err := in.Items[i].read(fmt.Sprintf("items[%d]", i))
		if err != nil {
			return o, err
		}
		o.Items = append(o.Items, it)
	}
	return o, a.orders.CheckStanding(ctx, &o)
}

// standingView is a standing order as version 1 shows it.
type standingView struct {
	ID      db.StandingID      `json:"id"`
	Name    string             `json:"name"`
	Filter  string             `json:"filter,omitempty"`
	All     bool               `json:"all,omitempty"`
	Again   bool               `json:"again"`
	Paused  bool               `json:"paused"`
	Items   []standingItemView `json:"items"`
	Created time.Time          `json:"created"`
	By      string             `json:"by,omitempty"`
	Applied int                `json:"applied"`
	Last    time.Time          `json:"last,omitzero"`
}

type standingItemView struct {
	Kind     string      `json:"kind"`
	Args     argsView    `json:"args"`
	Priority int         `json:"priority"`
	Retry    retryView   `json:"retry"`
	Deadline string      `json:"deadline"`
	Expires  string      `json:"expires"`
	Calls    db.CallRule `json:"calls,omitempty"`
}

func viewStanding(o *db.StandingOrder) standingView {
	v := standingView{
		ID: o.ID, Name: o.Name, Filter: o.Filter, All: o.Filter == "", Again: o.Again, Paused: o.Paused,
		Created: o.Created, By: o.By, Applied: o.Applied, Last: o.Last,
	}
	for i := range o.Items {
		it := &o.Items[i]
		v.Items = append(v.Items, standingItemView{
			Kind: it.Kind, Args: viewArgs(&it.Args), Priority: it.Priority,
			Retry:    retryView{it.Retry.Max, formatDuration(it.Retry.Backoff)},
			Deadline: formatDuration(it.Deadline), Expires: formatDuration(it.Expires), Calls: it.Calls,
		})
	}
	return v
}

// listStanding serves GET /api/v1/standing-orders.
func (a *API) listStanding(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, nil)
	if err != nil {
		return err
	}
	page, err := a.store.ListStanding(r.Context(), q)
	if err != nil {
		return about(err, "standing orders")
	}
	return writePage(w, page, viewStanding)
}

// createStanding serves POST /api/v1/standing-orders.
func (a *API) createStanding(w http.ResponseWriter, r *http.Request) error {
	var in newStanding
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	if err := in.mayOrder(r); err != nil {
		return err
	}
	o, err := a.readStanding(r.Context(), &in)
	if err != nil {
		return about(err, "standing order")
	}
	o.By = caller(r).Name
	if o, err = a.store.CreateStanding(r.Context(), o); err != nil {
		return about(err, "standing order")
	}
	return writeCreated(w, v1+"/standing-orders/"+o.ID.String(), viewStanding(&o))
}

// getStanding serves GET /api/v1/standing-orders/{id}.
func (a *API) getStanding(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "standing order", db.ParseStandingID)
	if err != nil {
		return err
	}
	o, err := a.store.StandingOrder(r.Context(), id)
	if err != nil {
		return about(err, "standing order %s", id)
	}
	return writeJSON(w, http.StatusOK, viewStanding(&o))
}

// replaceStanding serves PUT /api/v1/standing-orders/{id}.
func (a *API) replaceStanding(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "standing order", db.ParseStandingID)
	if err != nil {
		return err
	}
	var in newStanding
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	if err := in.mayOrder(r); err != nil {
		return err
	}
	o, err := a.readStanding(r.Context(), &in)
	if err != nil {
		return about(err, "standing order %s", id)
	}
	o.ID = id
	if o, err = a.store.UpdateStanding(r.Context(), o); err != nil {
		return about(err, "standing order %s", id)
	}
	return writeJSON(w, http.StatusOK, viewStanding(&o))
}

// deleteStanding serves DELETE /api/v1/standing-orders/{id}.
func (a *API) deleteStanding(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "standing order", db.ParseStandingID)
	if err != nil {
		return err
	}
	if err := a.store.DeleteStanding(r.Context(), id); err != nil {
		return about(err, "standing order %s", id)
	}
	return writeGone(w)
}
