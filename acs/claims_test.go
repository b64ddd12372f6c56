package acs

import (
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestClaimsTakeNoRoom: who says over and over to be a phone that was reset,
// and proves nothing, holds one place among the sessions, and not each time
// another; that of the phone itself stays.
func TestClaimsTakeNoRoom(t *testing.T) {
	r := newRig(t, nil).listen(t)
	own := r.phone(t, "A1")
	own.inform().want(t, 200, "InformResponse")
	r.store.mu.Lock()
	r.store.phones[1].State = db.PhoneReEnrol
	r.store.mu.Unlock()
	for range 5 {
		r.phone(t, "A1").inform("0 BOOTSTRAP").want(t, 200, "InformResponse")
	}
	if open := r.sessions.open.Load(); open != 2 {
		t.Errorf("%d sessions are open; want that of the phone and one of who claims to be it", open)
	}
	if !r.sessions.talking(1) {
		t.Error("the phone's own session has ended")
	}
	r.store.mu.Lock()
	r.store.phones[1].State = db.PhoneApproved
	r.store.mu.Unlock()
	own.inform().want(t, 200, "InformResponse")
	if open := r.sessions.open.Load(); open != 1 {
		t.Errorf("%d sessions are open once the phone is back; want its own", open)
	}
}

// TestClaimsDoNotLast: a session in which nothing is proven lasts no longer than
// any other, whatever it asks for.
func TestClaimsDoNotLast(t *testing.T) {
	for _, tt := range []struct {
		name string
		door bool
		want time.Duration
	}{
		{"nothing is proven", true, time.Minute},
		{"nothing has to be", false, 10 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) {
				if tt.door {
					withDoor(o)
				}
			}).listen(t)
			p := r.phone(t, "A1")
			p.post(envelope(t, cwmp.Envelope{ID: "i", SessionTimeout: 3600, Body: informOf("A1", "2 PERIODIC")})).want(t, 200, "InformResponse")
			if got := onlySession(t, r).timeout; got != tt.want {
				t.Errorf("it may be silent for %v; want %v", got, tt.want)
			}
		})
	}
}
