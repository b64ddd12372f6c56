package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"phoneacs/db"
)

// newRecurring is the body of POST and PUT of recurring jobs: an order, and
// when it is to be made again.
type newRecurring struct {
	Name      string       `json:"name"`
	Kind      string       `json:"kind"`
	Args      newArgs      `json:"args"`
	Newest    bool         `json:"newest_file"`
	Selection newSelection `json:"selection"`
	Cron      string       `json:"cron"`
	Zone      string       `json:"zone"`
	Window    *string      `json:"window"` // the id or name of one
	Missed    string       `json:"missed"`
	Paused    bool         `json:"paused"`
	Priority  int          `json:"priority"`
	Retry     newRetry     `json:"retry"`
	Deadline  *string      `json:"deadline"`
	Expires   *string      `json:"expires"`
}

// readRecurring reads a recurring job; what no job can be is for Orders to say.
func (a *API) readRecurring(ctx context.Context, in *newRecurring) (r db.Recurring, err error) {
	r = db.Recurring{
		Name: in.Name, Newest: in.Newest, Cron: in.Cron, Zone: in.Zone, Missed: db.MissedRun(in.Missed), Paused: in.Paused,
		Item:    db.StandingItem{Kind: in.Kind, Priority: in.Priority, Retry: db.Retry{Max: defaultRetries}},
		Created: a.clock.Now().UTC(),
	}
	if in.Name == "" {
		return r, invalid("name", "want 1 to %d characters", maxSiteName)
	}
	if err := checkText("name", in.Name, maxSiteName); err != nil {
		return r, err
	}
	if in.Kind == "" {
		return r, invalid("kind", "want one of %s", strings.Join(db.Kinds, ", "))
	}
	if r.Window, err = a.readRecurringWindow(ctx, in); err != nil {
		return r, err
	}
	it := &r.Item
	if it.Args, err = in.Args.read(); err != nil {
		return r, err
	}
	if in.Retry.Max != nil {
		it.Retry.Max = *in.Retry.Max
	}
	if it.Retry.Max < 0 || it.Retry.Max > maxRetries {
		return r, invalid("retry.max", "want 0 to %d", maxRetries)
	}
	if it.Retry.Backoff, err = readDuration("retry.backoff", in.Retry.Backoff, defaultBackoff, maxBackoff); err != nil {
		return r, err
	}
	if it.Deadline, err = readDuration("deadline", in.Deadline, defaultDeadline, maxDays*day); err != nil {
		return r, err
	}
	if it.Expires, err = readDuration("expires", in.Expires, 0, maxDays*day); err != nil {
		return r, err
	}
	var n db.NewJob
	if err := a.readSelection(ctx, in.Selection, &n); err != nil {
		return r, err
	}
	r.Selection = n.Job.Selection
	return r, a.orders.CheckRecurring(ctx, &r)
}

// readRecurringWindow finds the window of a recurring job; 0 if it has none.
func (a *API) readRecurringWindow(ctx context.Context, in *newRecurring) (db.WindowID, error) {
	switch {
	case in.Window == nil && in.Cron == "":
		return 0, invalid("cron", "want cron, window or both")
	case in.Window == nil:
		return 0, nil
	}
	id, err := a.store.FindWindow(ctx, *in.Window)
	if errors.Is(err, db.ErrNotFound) {
		return 0, invalid("window", "there is no window %q; POST %s/windows adds one", shorten(*in.Window), v1)
	}
	return id, about(err, "window %q", *in.Window)
}

// recurringView is a recurring job as version 1 shows it.
type recurringView struct {
	ID        db.RecurringID `json:"id"`
	Name      string         `json:"name"`
	Kind      string         `json:"kind"`
	Args      argsView       `json:"args"`
	Newest    bool           `json:"newest_file"`
	Selection db.Selection   `json:"selection"`
	Cron      string         `json:"cron,omitempty"`
	Zone      string         `json:"zone,omitempty"`
	Window    db.WindowID    `json:"window,omitempty"`
	Missed    db.MissedRun   `json:"missed"`
	Paused    bool           `json:"paused"`
	Priority  int            `json:"priority"`
	Retry     retryView      `json:"retry"`
	Deadline  string         `json:"deadline"`
	Expires   string         `json:"expires,omitempty"`
	Created   time.Time      `json:"created"`
	By        string         `json:"by,omitempty"`
	Next      time.Time      `json:"next,omitzero"`
	Last      time.Time      `json:"last,omitzero"`
	Job       string         `json:"job,omitempty"`
	Runs      int            `json:"runs"`
	Why       string         `json:"why,omitempty"`
}

func viewRecurring(r *db.Recurring) recurringView {
	it := &r.Item
	v := recurringView{
		ID: r.ID, Name: r.Name, Kind: it.Kind, Args: viewArgs(&it.Args), Newest: r.Newest, Selection: r.Selection,
		Cron: r.Cron, Zone: r.Zone, Window: r.Window, Missed: r.Missed, Paused: r.Paused, Priority: it.Priority,
		Retry: retryView{it.Retry.Max, formatDuration(it.Retry.Backoff)}, Deadline: formatDuration(it.Deadline),
		Created: r.Created, By: r.By, Next: r.Next, Last: r.Last, Runs: r.Runs, Why: r.Why,
	}
	if it.Expires != 0 {
		v.Expires = formatDuration(it.Expires)
	}
	if r.Job != 0 {
		v.Job = r.Job.String()
	}
	return v
}

// listRecurring serves GET /api/v1/recurring-jobs.
func (a *API) listRecurring(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, nil)
	if err != nil {
		return err
	}
	page, err := a.store.ListRecurring(r.Context(), q)
	if err != nil {
		return about(err, "recurring jobs")
	}
	return writePage(w, page, viewRecurring)
}

// createRecurring serves POST /api/v1/recurring-jobs.
func (a *API) createRecurring(w http.ResponseWriter, r *http.Request) error {
	in, err := a.takeRecurring(w, r)
	if err != nil {
		return err
	}
	in.By = caller(r).Name
	if in, err = a.store.CreateRecurring(r.Context(), in); err != nil {
		return about(err, "recurring job")
	}
	return writeCreated(w, v1+"/recurring-jobs/"+in.ID.String(), viewRecurring(&in))
}

// takeRecurring reads the body of a request that adds or replaces one.
func (a *API) takeRecurring(w http.ResponseWriter, r *http.Request) (out db.Recurring, err error) {
	var in newRecurring
	if _, err := readJSON(w, r, maxOrder, &in); err != nil {
		return out, err
	}
	if err := mayOrder(r, in.Kind, "kind"); err != nil {
		return out, err
	}
	out, err = a.readRecurring(r.Context(), &in)
	return out, about(err, "recurring job")
}

// getRecurring serves GET /api/v1/recurring-jobs/{id}.
func (a *API) getRecurring(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "recurring job", db.ParseRecurringID)
	if err != nil {
		return err
	}
	out, err := a.store.Recurring(r.Context(), id)
	if err != nil {
		return about(err, "recurring job %s", id)
	}
	return writeJSON(w, http.StatusOK, viewRecurring(&out))
}

// replaceRecurring serves PUT /api/v1/recurring-jobs/{id}.
func (a *API) replaceRecurring(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "recurring job", db.ParseRecurringID)
	if err != nil {
		return err
	}
	in, err := a.takeRecurring(w, r)
	if err != nil {
		return err
	}
	in.ID = id
	if in, err = a.store.UpdateRecurring(r.Context(), in); err != nil {
		return about(err, "recurring job %s", id)
	}
	return writeJSON(w, http.StatusOK, viewRecurring(&in))
}

// deleteRecurring serves DELETE /api/v1/recurring-jobs/{id}.
func (a *API) deleteRecurring(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "recurring job", db.ParseRecurringID)
	if err != nil {
		return err
	}
	if err := a.store.DeleteRecurring(r.Context(), id); err != nil {
		return about(err, "recurring job %s", id)
	}
	return writeGone(w)
}
