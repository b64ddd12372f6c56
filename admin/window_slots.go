package admin

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// Bounds of how many slots are told.
const (
	defaultSlots = 5
	maxSlots     = 100
)

// slotView is a slot as version 1 shows it: in UTC, and as clocks in the
// window's zone show it.
type slotView struct {
	At          time.Time   `json:"at"`
	Opens       time.Time   `json:"opens"`
	Closes      time.Time   `json:"closes"`
	LocalAt     string      `json:"local_at"`
	LocalOpens  string      `json:"local_opens"`
	LocalCloses string      `json:"local_closes"`
	Day         window.Date `json:"day"`
}

func viewSlot(s window.Slot, zone *time.Location) slotView {
	local := func(t time.Time) string { return t.In(zone).Format(time.RFC3339) }
	return slotView{s.At.UTC(), s.Opens.UTC(), s.Closes.UTC(), local(s.At), local(s.Opens), local(s.Closes), s.Day}
}

// slotsView is the answer of GET /api/v1/windows/{id}/slots.
type slotsView struct {
	Window db.WindowID `json:"window"`
	Name   string      `json:"name"`
	Phone  db.PhoneID  `json:"phone"`
	Zone   string      `json:"zone"`
	Open   *slotView   `json:"open,omitempty"` // of the span that is open now, the slot in it past or not
	Slots  []slotView  `json:"slots"`
	Notes  []string    `json:"notes,omitempty"`
}

// listSlots serves GET /api/v1/windows/{id}/slots.
func (a *API) listSlots(w http.ResponseWriter, r *http.Request) error {
	ctx, values := r.Context(), r.URL.Query()
	found, err := a.pathWindow(r)
	if err != nil {
		return err
	}
	n := defaultSlots
	if s := values.Get("n"); s != "" {
		if n, err = strconv.Atoi(s); err != nil || n < 1 || n > maxSlots {
			return invalid("n", "want a number from 1 to %d", maxSlots)
		}
	}
	id, err := a.findPhone(ctx, "phone", values.Get("phone"))
	if err != nil {
		return err
	}
	p, err := a.store.Phone(ctx, id)
	if err != nil {
		return about(err, "phone %s", id)
	}
	zone, name, err := a.slotZone(ctx, &found.Window, p.Site)
	if err != nil {
		return err
	}
	now, who := a.clock.Now(), slotPhone(&p.Phone)
	v := slotsView{Window: found.ID, Name: found.Name, Phone: id, Zone: name, Notes: a.windowNotes(&found.Window, now)}
	_, runs, err := a.anew(ctx, &found.Window, id, "", zone)
	if err != nil {
		return err
	}
	v.Notes = append(v.Notes, anewNotes(runs, zone)...)
	if s, ok := found.Window.Open(who, found.ID.String(), zone, now); ok {
		open := viewSlot(s, zone)
		v.Open = &open
	}
	for after := now; len(v.Slots) < n; {
		s, ok := found.Window.Next(who, found.ID.String(), zone, after)
		if !ok {
			break
		}
		v.Slots = append(v.Slots, viewSlot(s, zone))
		after = s.At
	}
	if len(v.Slots) == 0 {
		return never(&found.Window, "window "+found.Name, zone, now)
	}
	return writeJSON(w, http.StatusOK, v)
}

// never answers that there is no slot left.
func never(w *window.Window, what string, zone *time.Location, at time.Time) error {
	why := w.Over(zone, at)
	if why == "" {
		why = "its last period has begun, and the slots asked for in it are past"
	}
	return newProblem(kindNever, "%s: %s", what, why)
}

// slotPhone is who a phone is to windows: jobs must ask by the same, and count
// flexible periods anew besides; see [API.anew].
func slotPhone(p *db.Phone) window.Phone {
	if p.MAC != "" {
		return window.Phone{Key: p.MAC}
	}
	return window.Phone{Key: p.ID.String()}
}

// anew is what a phone had by other means than flexible windows, if that
// changes its slots in a window: the day from which on they are counted for a
// deed, nil if it never had that, and all that it had.
func (a *API) anew(ctx context.Context, w *window.Window, id db.PhoneID, deed db.Deed, zone *time.Location) (*window.Date, []db.Run, error) {
	if w.Flexible == nil {
		return nil, nil, nil
	}
	all, err := a.store.Runs(ctx, id)
	if err != nil {
		return nil, nil, about(err, "what phone %s had by other means", id)
	}
	var runs []db.Run
	for _, r := range all {
		if !r.Ahead(a.clock.Now()) {
			runs = append(runs, r)
		}
	}
	for _, r := range runs {
		if r.Deed == deed && deed != "" {
			day := window.DateOf(r.At.In(zone))
			return &day, runs, nil
		}
	}
	return nil, runs, nil
}

// anewNotes say for what the slots of a phone are others than those told.
func anewNotes(runs []db.Run, zone *time.Location) (notes []string) {
	for _, r := range runs {
		notes = append(notes, fmt.Sprintf("it last had %s by other means on %v: for that its periods are counted from the day after, and its slots are others than these",
			r.Deed, window.DateOf(r.At.In(zone))))
	}
	return notes
}

// slotZone is the zone that a window is in for the phones of a site, and its
// name: its own, else the site's, else the server's.
func (a *API) slotZone(ctx context.Context, w *window.Window, site db.SiteID) (*time.Location, string, error) {
	name := w.Zone
	if name == "" {
		s, err := a.store.Site(ctx, site)
		if err != nil {
			return nil, "", about(err, "site %s", site)
		}
		name = s.Zone
	}
	if name == "" {
		return a.zone, a.zone.String(), nil
	}
	zone, err := window.LoadZone(name)
	if err != nil { // this machine lacks what it had when the zone was stored
		return a.zone, a.zone.String(), nil
	}
	return zone, name, nil
}
