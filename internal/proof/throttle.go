package proof

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
)

// ThrottleOptions say how a [Throttle] works. Zero values mean the defaults.
type ThrottleOptions struct {
	First  time.Duration // how long the first wrong answer is held; 0: 250 ms
	Max    time.Duration // and the longest, up to 1 min; 0: 8 s
	Forget time.Duration // failures are forgotten after this long without one; 0: 15 min

	HeldPerAddress int // answers held at a time for one address, up to 10,000; 0: 32
	Held           int // and for all, up to 60,000; 0: 1,024

	// Entries is how many addresses, and as many claimed names, are remembered,
	// 1,024 to 1,000,000 of about 130 bytes each; 0: 65,536. When there are
	// more, those that failed longest ago are forgotten.
	Entries int
	Clock   clockwork.Clock // nil: the real one
}

func (o *ThrottleOptions) complete() error {
	o.First = or(o.First, 250*time.Millisecond)
	o.Max = or(o.Max, 8*time.Second)
	o.Forget = or(o.Forget, 15*time.Minute)
	o.HeldPerAddress = or(o.HeldPerAddress, 32)
	o.Held = or(o.Held, 1024)
	o.Entries = or(o.Entries, 65_536)
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	switch {
	case o.First < time.Millisecond || o.First > o.Max:
		return fmt.Errorf("proof: first hold %v: want 1ms up to the longest, %v", o.First, o.Max)
	case o.Max > time.Minute:
		return fmt.Errorf("proof: longest hold %v: want up to 1m", o.Max)
	case o.Forget < o.Max || o.Forget > 24*time.Hour:
		return fmt.Errorf("proof: failures forgotten after %v: want %v to 24h", o.Forget, o.Max)
	case o.HeldPerAddress < 1 || o.HeldPerAddress > 10_000:
		return fmt.Errorf("proof: answers held for an address %d: want 1 to 10000", o.HeldPerAddress)
	case o.Held < o.HeldPerAddress || o.Held > 60_000:
		return fmt.Errorf("proof: answers held for all %d: want %d to 60000", o.Held, o.HeldPerAddress)
	case o.Entries < 1024 || o.Entries > 1_000_000:
		return fmt.Errorf("proof: entries %d: want 1024 to 1000000", o.Entries)
	}
	return nil
}

func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// A Throttle slows guessing. It is told of what was judged, never asked before:
// proof comes first, so a right answer is never delayed, whatever else comes
// from its address or in its name. A wrong one is held, longer with each failure
// of its address or of the phone that it claims to be. Where too many are held
// already, the next are refused at once.
//
// It is in memory, bounded, and forgets with the process. It does not wait: the
// caller holds the answer.
type Throttle struct {
	o         ThrottleOptions
	start     time.Time
	addresses *table
	claims    *table

	mu    sync.Mutex
	total held

	failed, refused, evicted atomic.Uint64
}

// NewThrottle returns a throttle, or an error that names the option which
// cannot work.
func NewThrottle(o ThrottleOptions) (*Throttle, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	t := &Throttle{o: o, start: o.Clock.Now()}
	t.addresses = newTable(o.Entries, o.Forget, &t.evicted)
	t.claims = newTable(o.Entries, o.Forget, &t.evicted)
	return t, nil
}

// A Hold says what to do with the answer to a request. The zero Hold is to
// answer now.
type Hold struct {
	For    time.Duration // how long to wait before the answer leaves
	Refuse bool          // answer now that it is too much: 503, without a challenge
}

// Note takes a verdict in and says what to do with the answer. What is proven
// clears the failures of its phone; what is no guess passes.
func (t *Throttle) Note(v Verdict, from netip.Addr) Hold {
	switch {
	case v.Outcome == Proven:
		t.Succeeded(v.User)
	case v.Guess():
		return t.Failed(from, v.User)
	}
	return Hold{}
}

// Failed counts a wrong answer from an address in the name of a phone, "" where
// none was claimed. Addresses of IPv6 count by their /64, which is what one
// customer has.
func (t *Throttle) Failed(from netip.Addr, claimed string) Hold {
	t.failed.Add(1)
	now := t.o.Clock.Since(t.start) // not moved by a clock that is set
	n := 0
	if claimed != "" {
		t.claims.with(t.claims.key(claimed), now, func(r *row) { n = r.fail() })
	}
	var hold Hold
	t.addresses.with(t.addresses.key(group(from)), now, func(r *row) {
		hold.For = t.grow(max(n, r.fail()))
		hold.Refuse = !t.take(&r.held, now, hold.For)
	})
	if hold.Refuse {
		t.refused.Add(1)
		hold.For = 0
	}
	return hold
}

// Succeeded forgets the failures in the name of a phone that has been proven;
// those of its address stay, lest who has one phone can guess for others.
func (t *Throttle) Succeeded(user string) { t.claims.drop(t.claims.key(user)) }

// grow is how long the nth failure is held: twice as long each time.
func (t *Throttle) grow(n int) time.Duration {
	d := t.o.First
	for ; n > 1 && d < t.o.Max; n-- {
		d *= 2
	}
	return min(d, t.o.Max)
}

// take counts one more held answer, of an address and of all, unless either
// has its full number.
func (t *Throttle) take(address *held, now, hold time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	step := t.o.Max / heldSlots
	if address.at(now, step) >= t.o.HeldPerAddress || t.total.at(now, step) >= t.o.Held {
		return false
	}
	address.add(hold, now, step)
	t.total.add(hold, now, step)
	return true
}

// group is the addresses that count as one.
func group(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, _ := a.Prefix(64)
		a = p.Addr()
	}
	return string(a.AsSlice())
}

// ThrottleStats are counts since the start, and what is remembered now.
type ThrottleStats struct {
	Failed    uint64 // wrong answers
	Refused   uint64 // of these, refused at once
	Evicted   uint64 // entries forgotten for want of room
	Held      int    // answers held now, to an eighth of the longest hold
	Addresses int    // that are remembered
	Claims    int    // names that are remembered
}

// Stats returns the figures.
func (t *Throttle) Stats() ThrottleStats {
	now := t.o.Clock.Since(t.start)
	t.mu.Lock()
	n := t.total.at(now, t.o.Max/heldSlots)
	t.mu.Unlock()
	return ThrottleStats{
		Failed: t.failed.Load(), Refused: t.refused.Load(), Evicted: t.evicted.Load(),
		Held: n, Addresses: t.addresses.size(), Claims: t.claims.size(),
	}
}
