package admin

import (
	"context"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// A place counts the slots of a site or a zone.
type place struct {
	id          db.SiteID
	name        string
	location    *time.Location
	zone        string
	phones      int
	first, last time.Time
}

func (l *place) add(at time.Time) {
	if l.phones == 0 || at.Before(l.first) {
		l.first = at
	}
	if l.phones == 0 || at.After(l.last) {
		l.last = at
	}
	l.phones++
}

// site is the place that phones of a site are counted in.
func (p *preview) site(ctx context.Context, id db.SiteID) (*place, error) {
	if l := p.sites[id]; l != nil {
		return l, nil
	}
	s, err := p.store.Site(ctx, id)
	if err != nil {
		return nil, about(err, "site %s", id)
	}
	l := &place{id: id, name: s.Name}
	if l.location, l.zone, err = p.slotZone(ctx, &p.window, id); err != nil {
		return nil, err
	}
	if p.zones[l.zone] == nil {
		p.zones[l.zone] = &place{zone: l.zone}
	}
	p.sites[id] = l
	return l, nil
}

// look takes one phone in.
func (p *preview) look(ctx context.Context, st *db.PhoneStatus) error {
	if err := ctx.Err(); err != nil {
		return err // nobody waits for the answer any more
	}
	p.looked++
	site, err := p.site(ctx, st.Site)
	if err != nil {
		return err
	}
	reason, why, err := p.left(ctx, st)
	if err != nil {
		return err
	}
	if reason != "" {
		p.leftOut.add(st, site, reason, oddPhone{Why: why})
		return nil
	}
	who := slotPhone(&st.Phone)
	var runs []db.Run
	if who.Anew, runs, err = p.anew(ctx, &p.window, st.ID, p.deed, site.location); err != nil {
		return err
	}
	if p.deed == "" && len(runs) > 0 {
		p.hadMore++
	}
	slot, ok := p.window.Next(who, p.id, site.location, p.at)
	if !ok {
		p.leftOut.add(st, site, leftNoSlot, oddPhone{Why: "its slot in the window's last period is past"})
		return nil
	}
	p.curve.Add(slot)
	site.add(slot.At)
	p.zones[site.zone].add(slot.At)
	return p.wakeable(ctx, st, site, slot)
}

// Why phones have no slot.
const (
	leftState  = "not-approved"
	leftHeld   = "held"
	leftUnfit  = "does-not-take-it"
	leftNoSlot = "no-slot"
)

var leftReasons = []string{leftState, leftHeld, leftUnfit, leftNoSlot}

// left says why a phone would be given nothing; "" if it would.
func (p *preview) left(ctx context.Context, st *db.PhoneStatus) (reason, why string, err error) {
	switch {
	case st.State != db.PhoneApproved:
		return leftState, "it is " + string(st.State) + ", and given nothing until it is approved", nil
	case st.Held:
		return leftHeld, "a hold covers it", nil
	case p.file == nil:
		return "", "", nil
	}
	if why, err = p.orders.Unfit(ctx, p.file, st); err != nil || why == "" {
		return "", "", err
	}
	return leftUnfit, why, nil
}

// Why phones cannot be woken.
const (
	asleepNew  = "never-informed"
	asleepURL  = "no-connection-request-url"
	asleepWake = "last-wake-failed"
)

var asleepReasons = []string{asleepNew, asleepURL, asleepWake}

// Whether a phone that cannot be woken speaks by itself while its window is open.
const (
	speaksInside  = "inside"
	speaksOutside = "outside"
	speaksUnknown = "unknown"
)

// wakeable lists a phone with a slot in which it cannot be woken.
func (p *preview) wakeable(ctx context.Context, st *db.PhoneStatus, site *place, slot window.Slot) error {
	odd, reason := oddPhone{Slot: slot.At.UTC(), LastInform: st.LastInform}, ""
	switch {
	case st.LastInform.IsZero():
		reason, odd.Why = asleepNew, "it has never informed"
	case st.ConnectionRequestURL == "":
		reason, odd.Why = asleepURL, "it has not told the address at which it is woken"
	case st.WakeError != "":
		reason, odd.Why = asleepWake, "the last time it was to be woken: "+st.WakeError
	default:
		return nil
	}
	every, err := p.interval(ctx, st)
	if err != nil {
		return err
	}
	odd.Interval = int(every / time.Second)
	odd.Speaks, odd.Expected = speaks(st.LastInform, every, p.now, p.at, p.window.Served(slot))
	p.speaks[odd.Speaks]++
	p.asleep.add(st, site, reason, odd)
	return nil
}

// speaks says whether a phone that informs each so often, last at last, does so
// while a span is open, and when first. Neither one that tells no interval is
// known, nor one that is late by more than one.
func speaks(last time.Time, every time.Duration, now, at time.Time, s window.Slot) (string, time.Time) {
	switch {
	case every < 0:
		return speaksOutside, time.Time{}
	case every == 0 || last.IsZero() || now.Sub(last) > 2*every:
		return speaksUnknown, time.Time{}
	}
	from := s.Opens
	if at.After(from) {
		from = at
	}
	next := last
	if wait := from.Sub(last); wait > 0 {
		next = last.Add((wait + every - 1) / every * every)
	}
	if next.Before(s.Closes) {
		return speaksInside, next.UTC()
	}
	return speaksOutside, next.UTC()
}
