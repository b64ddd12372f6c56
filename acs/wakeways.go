package acs

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// A waking is what is known of a phone that is to be woken.
type waking struct {
	phone  *db.PhoneStatus
	logins *db.Credentials
	site   *db.Site
	quirks *quirks.Quirks
	began  time.Time
	last   string // the way that worked the last time; empty: none that is remembered
}

// A way is one by which phones are woken.
type way interface {
	// name is its label in metrics, and what is kept with a phone.
	name() string
	// prepare says how a phone is asked, or why it cannot be. It sends nothing
	// to the phone.
	prepare(ctx context.Context, w *waking) (wakeRequest, *WakeError)
}

// A wakeRequest is about to be made.
type wakeRequest interface {
	// at is where it goes, which may be.
	at() netip.Addr
	// request makes it within wakeTime. Nil says that the phone was asked.
	request(ctx context.Context) *WakeError
}

// order is in which order a phone is woken: as its site says, and in no other
// way; else as the ways are listed, but first by the one that worked the last
// time, which spares a timeout.
func (w *waker) order(f *waking) (ways []way) {
	if len(f.site.Ways) > 0 {
		for _, name := range f.site.Ways {
			if i := slices.IndexFunc(w.ways, func(by way) bool { return by.name() == name }); i >= 0 {
				ways = append(ways, w.ways[i])
			}
		}
		return ways
	}
	i := slices.IndexFunc(w.ways, func(by way) bool { return by.name() == f.last })
	if i <= 0 {
		return w.ways
	}
	return slices.Concat(w.ways[i:i+1], w.ways[:i], w.ways[i+1:])
}

// noWay says why the phones of a site are asked in no way that there is here.
func noWay(site *db.Site) *WakeError {
	if slices.Contains(site.Ways, db.WayUDP) {
		return &WakeError{"no_way", fmt.Sprintf("site %s has its phones woken by udp, and the server listens for no STUN (--stun); "+
			"the phone will come by itself", site.ID), nil}
	}
	return &WakeError{"no_way", fmt.Sprintf("the ways of site %s, %s, have its phones asked by no connection request; "+
		"the phone will come by itself", site.ID, strings.Join(site.Ways, ", ")), nil}
}

// join completes what the first way came to by what the next one did. A phone
// that was reached, and refused, is helped by no word on how else it could be.
func join(first, next *WakeError) *WakeError {
	switch {
	case first == nil:
		return next
	case next.Result == resultUnbound && !first.unreached():
		return first
	case next.Result == "busy":
		return next
	case first.Result == resultUnbound: // there was nothing to try
		if next.unreached() {
			next.Sentence += "; " + first.Sentence
		}
		return next
	}
	first.Sentence += "; " + next.Sentence
	return first
}

// unreached says that the phone, or what answers in its place, was not found.
func (e *WakeError) unreached() bool {
	switch e.Result {
	case "timeout", "refused", "unreachable", "broken", "not_http", "no_url", "bad_url", "name", "address", "no_way":
		return true
	}
	return false
}

// mayWake says why a phone is not to be woken, or nil.
func mayWake(p *db.PhoneStatus) *WakeError {
	switch p.State {
	case db.PhoneApproved:
		return nil
	case db.PhoneReEnrol:
		return &WakeError{"re_enrol", "the phone was reset and waits to be approved again, and is not woken before", nil}
	case db.PhoneReplaced:
		return &WakeError{"replaced", "another phone stands in the place of this one, which is not woken any more", nil}
	}
	return &WakeError{"pending", "the phone waits for approval, and is not woken before", nil}
}

// httpWay is the connection request of TR-069 3.2.2.
type httpWay struct{ *waker }

func (httpWay) name() string { return "http" }

func (h httpWay) prepare(ctx context.Context, w *waking) (wakeRequest, *WakeError) {
	target, failure := parseTarget(w.phone.ConnectionRequestURL)
	if failure != nil {
		return nil, failure
	}
	ctx, cancel := context.WithTimeout(ctx, wakeTime)
	defer cancel()
	if target.addr, failure = h.vet(ctx, target.host, w.phone.Address); failure != nil {
		return nil, failure
	}
	if w.quirks.WakeURIRoot {
		target.uri = "/"
	}
	return &caller{waker: h.waker, target: target, quirks: w.quirks, logins: wakeLogins(w.phone, w.logins)}, nil
}

func (c *caller) at() netip.Addr { return c.addr }
