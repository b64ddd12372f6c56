package acs

import (
	"sync"

	"phoneacs/db"
)

// A wakeCall is a connection request that several may wait for.
type wakeCall struct {
	done chan struct{} // closed when it is over; then the rest may be read
	err  error
	left bool // its caller went away: who waits asks anew
}

// waker makes connection requests.
type waker struct {
	*network
	slots chan struct{}
	pace  *wakePace

	mu    sync.Mutex
	calls map[db.PhoneID]*wakeCall
	// awaited are phones that were asked in a way that they do not answer but by
	// coming; of each call one at most.
	awaited map[db.PhoneID]chan struct{}

	ways []way
}

func newWaker(o *Options) *waker {
	n := newNetwork(o.PhoneNetworks)
	n.own = (&ownAddrs{clock: o.Clock, list: n.own}).get
	if o.Dial != nil {
		n.dial = o.Dial
	}
	w := &waker{
		network: n,
		pace:    &wakePace{gap: o.WakeGap},
		slots:   make(chan struct{}, maxWakes),
		calls:   make(map[db.PhoneID]*wakeCall),
		awaited: make(map[db.PhoneID]chan struct{}),
	}
	w.ways = append(w.ways, httpWay{w})
	if o.STUN != nil {
		w.ways = append(w.ways, &udpWay{waker: w, stun: o.STUN, store: o.Store, open: o.Door == nil || o.Enrol == EnrolOpen, clock: o.Clock})
	}
	return w
}

// join returns the call that is under way for a phone, or a new one: then the
// caller is the first, makes it, and parts from it.
func (w *waker) join(id db.PhoneID) (call *wakeCall, first bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if call := w.calls[id]; call != nil {
		return call, false
	}
	call = &wakeCall{done: make(chan struct{})}
	w.calls[id] = call
	return call, true
}

func (w *waker) part(id db.PhoneID, call *wakeCall) {
	w.mu.Lock()
	delete(w.calls, id)
	w.mu.Unlock()
	close(call.done)
}
