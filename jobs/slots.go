package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

const (
	// lateSlot is how long before we began to serve a slot may lie and still be
	// in time. One before that is missed: the server was down, or its clock set.
	lateSlot = 2 * time.Minute
)

// slots are one phone's slots in the window of a job. It asks no store.
type slots struct {
	window  *window.Window
	id      string // of the window, as slots are drawn from it
	name    string // as an operator knows it
	zone    *time.Location
	phone   window.Phone
	rest    bool // what missed its slot is sent in the rest of the window
	once    bool // the job is for one period alone
	expires time.Time
}

// A slotter finds the slots of many phones, and reads each window and zone once.
type slotter struct {
	s       *Service
	windows map[db.WindowID]*db.Window
	zones   map[db.SiteID]*time.Location
	deeds   map[db.JobID]db.Deed
}

func (s *Service) slotter() *slotter {
	return &slotter{
		s: s, windows: make(map[db.WindowID]*db.Window), zones: make(map[db.SiteID]*time.Location), deeds: make(map[db.JobID]db.Deed),
	}
}

// of returns the slots of a phone in the window of a job; nil if it has none.
func (x *slotter) of(ctx context.Context, j *db.Job, phone *db.Phone) (*slots, error) {
	if !j.When.Windowed() {
		return nil, nil
	}
	o := &slots{rest: j.When.Missed == db.MissedRest, expires: j.Expires}
	if j.When.Inline != nil {
		o.window, o.id, o.name = j.When.Inline, j.ID.String(), "of its own"
	} else {
		w, err := x.window(ctx, j.When.Window)
		if err != nil {
			return nil, err
		}
		o.window, o.id, o.name = &w.Window, w.ID.String(), w.Name
	}
	o.window, o.once = periodOf(&j.When, o.window), j.When.From != nil
	o.phone.Key = phone.MAC
	if o.phone.Key == "" {
		o.phone.Key = phone.ID.String()
	}
	zone, err := x.zone(ctx, phone.Site)
	if err != nil {
		return nil, err
	}
	o.zone = o.window.Named(zone)
	o.phone.Anew, err = x.anew(ctx, j, phone.ID, o)
	return o, err
}

// periodOf is the window of an order, on the days that the order is for.
func periodOf(w *db.When, span *window.Window) *window.Window {
	if w.From == nil || w.Until == nil {
		return span
	}
	return span.Within(*w.From, *w.Until)
}

func (x *slotter) window(ctx context.Context, id db.WindowID) (*db.Window, error) {
	if w := x.windows[id]; w != nil {
		return w, nil
	}
	w, err := x.s.store.Window(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("window of job: %w", err)
	}
	x.windows[id] = &w
	return &w, nil
}

// zone is that of a site, else the server's.
func (x *slotter) zone(ctx context.Context, id db.SiteID) (*time.Location, error) {
	if z := x.zones[id]; z != nil {
		return z, nil
	}
	zone := x.s.zone
	site, err := x.s.store.Site(ctx, id)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, fmt.Errorf("site of phone: %w", err)
	}
	if site.Zone != "" {
		if z, err := window.LoadZone(site.Zone); err == nil {
			zone = z
		}
	}
	x.zones[id] = zone
	return zone, nil
}

// next is the first slot after an instant.
func (o *slots) next(after time.Time) (window.Slot, bool) {
	s, ok := o.window.Next(o.phone, o.id, o.zone, after)
	return o.window.Served(s), ok
}

// open is the slot in the span that is open for the phone.
func (o *slots) open(now time.Time) (window.Slot, bool) {
	if o.window.Spread() {
		return o.window.Open(o.phone, o.id, o.zone, now)
	}
	s, ok := o.window.Next(o.phone, o.id, o.zone, now.Add(-window.Slack-o.window.Inactivity()))
	return o.window.Served(s), ok && !s.At.After(now)
}

// waitFor is the place of a task that waits for a slot.
func waitFor(s window.Slot) db.Place {
	return db.Place{State: db.TaskWaiting, Due: s.At, Opens: s.Opens, Closes: s.Closes}
}

// readyIn is the place of a task that may be sent now, until a span closes.
func readyIn(s window.Slot) db.Place {
	return db.Place{State: db.TaskReady, Opens: s.Opens, Closes: s.Closes}
}

// Why tasks stand where they do.
const (
	whySlot   = "waits for its slot in its window"
	whyNever  = "its window does not open for it again"
	whyOver   = "its slot in this period has passed; it is ordered anew for the next"
	whyMissed = "nobody served at its slot; waits for its slot in the next period"
	whyActive = "its window closes before it would have been idle for that long; waits for its slot in the next period"
	whyClosed = "its window closed before it could be sent; waits for its slot in the next period"
	whyMoved  = "its window was changed, or the zone of its site; waits for its slot"
	whyAnew   = "its slot is another by now; waits for it"
)

// after is the place of a task that is to wait for the next slot after an instant.
func (o *slots) after(t time.Time, why string) (db.Place, string) {
	s, ok := o.next(t)
	switch {
	case !ok && o.once:
		return db.Place{State: db.TaskExpired}, whyOver
	case !ok:
		return db.Place{State: db.TaskExpired}, whyNever
	case !s.At.Before(o.expires):
		return db.Place{State: db.TaskExpired}, fmt.Sprintf("its next slot would be at %s, and the order expires at %s", o.at(s.At), o.at(o.expires))
	}
	return waitFor(s), why
}

// fresh is the place of a task that is new, or to be tried anew: what has passed
// of an open window counts as missed.
func (o *slots) fresh(now time.Time) (db.Place, string) {
	if s, ok := o.open(now); ok && o.rest && !s.At.After(now) && now.Before(o.expires) {
		return readyIn(s), whySession
	}
	return o.after(now, whySlot)
}

// taken is the place of a waiting task whose time has come, found anew. serving
// is since when what is due is taken.
func (o *slots) taken(t *db.Task, serving, now time.Time) (db.Place, string) {
	filed, missed := !t.Closes.IsZero(), t.Due.Before(serving.Add(-lateSlot))
	s, open := o.open(now)
	switch {
	case !filed:
		return o.fresh(now)
	case !open && missed:
		return o.after(now, whyMissed)
	case !open && t.Open(now):
		return o.after(now, whyAnew)
	case !open: // there was very much to be done
		return o.after(now, whyClosed)
	case backsOff(t), t.Idle && !s.At.After(now): // its slot was used
		return readyIn(s), whySession
	case s.At.After(now):
		return o.after(now, whyMoved)
	case missed && !o.rest:
		return o.after(now, whyMissed)
	}
	return readyIn(s), whySession
}

// backsOff reports whether a waiting task waits for the end of a back-off, and
// not for a slot: see [slots.again].
func backsOff(t *db.Task) bool {
	a := t.Last()
	return t.Tries > 0 && a != nil && t.Opens.Equal(t.Due) && !t.Due.After(a.Ended.Add(maxBackoff))
}

// closed is the place of a ready task whose window should have closed.
func (o *slots) closed(now time.Time) (db.Place, string) {
	if s, ok := o.open(now); ok {
		return readyIn(s), whySession
	}
	return o.after(now, whyClosed)
}

// again is the place of a task that is to be tried again, at the earliest at a
// time: in the window that is open then, else in the next period.
func (o *slots) again(at time.Time, why string) (db.Place, string) {
	if s, ok := o.open(at); ok && at.Before(o.expires) {
		return db.Place{State: db.TaskWaiting, Due: at, Opens: at, Closes: s.Closes}, why
	}
	return o.after(at, why)
}

// refiled is the place of an unsent task when its window has been changed.
func (o *slots) refiled(t *db.Task, now time.Time) (db.Place, string) {
	s, open := o.open(now)
	switch {
	case t.State == db.TaskReady && open, t.Idle && open && !s.At.After(now):
		return readyIn(s), t.Why
	case t.State == db.TaskWaiting && t.Due.After(now) && backsOff(t):
		return o.again(t.Due, t.Why)
	case t.State == db.TaskWaiting && !open:
		return o.after(now, whyMoved)
	}
	p, why := o.fresh(now)
	if p.State == db.TaskWaiting {
		why = whyMoved
	}
	return p, why
}

// at writes a time as clocks in the window show it.
func (o *slots) at(t time.Time) string {
	return t.In(o.zone).Format("2006-01-02 15:04:05 ") + o.zone.String()
}
