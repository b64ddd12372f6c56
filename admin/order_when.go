package admin

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// newWhen says when an order is due; exactly one of now, at and window.
type newWhen struct {
	Now    *bool           `json:"now"`
	At     *string         `json:"at"`
	Window json.RawMessage `json:"window"` // a text that names one, or one as POST /windows takes it, without a name
	Missed *string         `json:"missed"`
}

const wantWhen = `want exactly one of {"now": true}, {"at": time} and {"window": name, id or window}`

// readWhen reads when an order is due. That the window is there, and what it
// holds, is found here; whether it will open in time is for Orders to say.
func (a *API) readWhen(ctx context.Context, in newWhen, now time.Time) (w db.When, err error) {
	given := 0
	for _, is := range []bool{in.Now != nil, in.At != nil, in.Window != nil} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return w, invalid("when", wantWhen)
	case in.Window == nil && in.Missed != nil:
		return w, invalid("when.missed", "needs a window")
	case in.Window == nil:
		return in.read(now)
	}
	if in.Missed != nil {
		w.Missed = db.Missed(*in.Missed)
		if w.Missed != db.MissedNext && w.Missed != db.MissedRest {
			return w, invalid("when.missed", "want next or rest")
		}
	}
	var ref string
	if json.Unmarshal(in.Window, &ref) == nil {
		w.Window, err = a.store.FindWindow(ctx, ref)
		if errors.Is(err, db.ErrNotFound) {
			return w, invalid("when.window", "there is no window %q", ref)
		}
		return w, err
	}
	var own newWindow
	if err := decodeJSON(in.Window, &own); err != nil {
		var p *problem
		if errors.As(err, &p) && p.Field != "" {
			p.Field = "when.window." + p.Field
		} else if errors.As(err, &p) {
			p.Field = "when.window"
		}
		return w, err
	}
	if own.Name != "" {
		return w, invalid("when.window.name", "a window of a job's own has none")
	}
	span, err := own.read("when.window.")
	if err != nil {
		return w, err
	}
	w.Inline = &span
	return w, nil
}

// whenView is when a job is due as version 1 shows it.
type whenView struct {
	Now    bool      `json:"now,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Window any       `json:"window,omitempty"` // a db.WindowID or a *window.Window
	Missed db.Missed `json:"missed,omitempty"`

	From  *window.Date `json:"from,omitempty"` // with Until: the period that a recurring job ordered for
	Until *window.Date `json:"until,omitempty"`
}

func viewWhen(w *db.When) whenView {
	v := whenView{Now: w.Now, At: w.At, Missed: w.Missed, From: w.From, Until: w.Until}
	switch {
	case w.Inline != nil:
		v.Window = w.Inline
	case w.Window != 0:
		v.Window = w.Window
	}
	return v
}

// taskWindow is the window that an unsent task waits for or is in.
type taskWindow struct {
	Opens       time.Time `json:"opens"`
	Closes      time.Time `json:"closes"`
	Zone        string    `json:"zone"`
	LocalDue    string    `json:"local_due,omitempty"`
	LocalOpens  string    `json:"local_opens"`
	LocalCloses string    `json:"local_closes"`
}

// spanOf shows a task's window by the clocks that it goes by; nil if it has
// none, or cannot be looked up just now.
func (a *API) spanOf(ctx context.Context, t *db.Task) *taskWindow {
	if t.Closes.IsZero() {
		return nil
	}
	zone, err := a.zoneOf(ctx, t)
	if err != nil {
		zone = a.zone
	}
	local := func(at time.Time) string { return at.In(zone).Format(time.RFC3339) }
	v := &taskWindow{
		Opens: t.Opens.UTC(), Closes: t.Closes.UTC(), Zone: zone.String(), LocalOpens: local(t.Opens), LocalCloses: local(t.Closes),
	}
	if !t.Due.IsZero() {
		v.LocalDue = local(t.Due)
	}
	return v
}

// zoneOf is the zone of a task's window, else its site's, else the server's.
func (a *API) zoneOf(ctx context.Context, t *db.Task) (*time.Location, error) {
	j, err := a.store.Job(ctx, t.ID.Job)
	if err != nil {
		return nil, err
	}
	span := j.When.Inline
	if span == nil {
		w, err := a.store.Window(ctx, j.When.Window)
		if err != nil {
			return nil, err
		}
		span = &w.Window
	}
	phone, err := a.store.Phone(ctx, t.ID.Phone)
	if err != nil {
		return nil, err
	}
	zone := a.zone
	site, err := a.store.Site(ctx, phone.Site)
	if err != nil {
		return nil, err
	}
	if z, err := window.LoadZone(site.Zone); err == nil {
		zone = z
	}
	return span.Named(zone), nil
}
