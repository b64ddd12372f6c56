package acs

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"phoneacs/db"
)

const (
	// busyFirst and busyMost are how long a phone is left alone that answered
	// 503: TR-069 3.2.2 lets it limit the requests it takes. It doubles.
	busyFirst = 30 * time.Second
	busyMost  = 10 * time.Minute
	// wakeFloor is between two requests to one phone that has come in between:
	// TR-069 3.2.2 asks to wait for a phone, not to spare one that is there.
	wakeFloor = 5 * time.Second
	// At one address, which is a NAT's with the phones behind it, so many
	// connection requests go out at once, and so many a second.
	wakeBurst  = 40
	wakePerSec = 20
	// wakeSpread bounds how far those that were too many are spread, in s.
	wakeSpread = 60
)

// wakeCrowded is the result of a request that was too much for its address. It
// was not made.
const wakeCrowded = "crowded"

// wakePace holds back connection requests: to one phone, and to one address.
// It forgets with a restart, and phones it has not met for longest.
type wakePace struct {
	gap time.Duration // between requests to one phone

	mu     sync.Mutex
	phones halves[db.PhoneID, wakeState]
	addrs  halves[netip.Prefix, crowd]
}

// wakeState is what the last connection request to a phone came to.
type wakeState struct {
	last, next time.Time  // when it was made; when the next one may be
	busy       int        // 503 in a row
	failure    *WakeError // nil: the phone was asked
	way        string     // that worked the last time one did
}

type crowd struct {
	bucket
	sec     int64 // that refused counts in
	refused int
}

// may says whether a request may be made to a phone now. If not, done says that
// the last one has not been followed by a session yet, and so stands for this
// one, too; else later says when to ask again.
func (w *wakePace) may(now time.Time, p *db.PhoneStatus) (ok, done bool, later *db.LaterError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	st := w.phones.get(p.ID)
	if st == nil || !now.Before(st.next) {
		return true, false, nil
	}
	// The store keeps when a phone informed to the millisecond.
	if st.failure == nil && p.LastInform.Before(st.last.Truncate(time.Millisecond)) {
		return false, true, nil
	}
	next := st.next
	if st.failure == nil {
		if next = st.last.Add(wakeFloor); !now.Before(next) {
			return true, false, nil
		}
	}
	why := &WakeError{"later", fmt.Sprintf("the phone was woken %s ago; the next connection request may be made in %s",
		round(now.Sub(st.last)), round(next.Sub(now))), nil}
	if f := st.failure; f != nil {
		why = &WakeError{f.Result, fmt.Sprintf("%s; the next connection request may be made in %s", f.Sentence, round(st.next.Sub(now))), f.Err}
	}
	return false, false, &db.LaterError{At: next, Err: why}
}

func round(d time.Duration) time.Duration { return max(d, 0).Round(time.Second) }

// made takes in how a request went that was made at the time began. later is
// set if it is worth while to ask again.
func (w *wakePace) made(id db.PhoneID, began time.Time, failure *WakeError) (later *db.LaterError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	st := w.phones.use(id)
	st.last, st.failure = began, failure
	wait := w.gap
	if failure == nil || failure.Result != "busy" {
		st.busy = 0
	} else {
		wait = max(wait, min(busyFirst<<min(st.busy, 10), busyMost))
		st.busy++
		later = &db.LaterError{At: began.Add(wait), Err: failure}
	}
	st.next = began.Add(wait)
	return later
}

// worked remembers by which way a phone was woken.
func (w *wakePace) worked(id db.PhoneID, way string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.phones.use(id).way = way
}

// lastWay is the way that worked the last time; empty if that is not known.
func (w *wakePace) lastWay(id db.PhoneID) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if st := w.phones.get(id); st != nil {
		return st.way
	}
	return ""
}

// crowded refuses a request that is one too many for its address, and says when
// to ask again: all that were refused in this second are spread over the time
// that it takes to ask them. It is nil if the request may be made. Loopback,
// which has to be configured by name, is not limited.
func (w *wakePace) crowded(now time.Time, a netip.Addr) *db.LaterError {
	bits := 32
	if a.Is6() {
		bits = 64 // what one site is given
	}
	p, err := a.Prefix(bits)
	if err != nil || a.IsLoopback() {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.addrs.use(p)
	if c.take(now.UnixNano(), wakeBurst, wakePerSec) {
		return nil
	}
	if sec := now.Unix(); c.sec != sec {
		c.sec, c.refused = sec, 0
	}
	c.refused++
	spread := 1 + min(c.refused/wakePerSec, wakeSpread)
	return &db.LaterError{
		At:  now.Add(time.Second + rand.N(time.Duration(spread)*time.Second)),
		Err: &WakeError{wakeCrowded, "as many connection requests go to " + a.String() + " as may; the phone is woken a little later", nil},
	}
}
