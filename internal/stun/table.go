package stun

import (
	"net/netip"
	"sync"
	"time"

	"phoneacs/db"
)

const (
	// kept is how long after its last Binding Request a binding is used: few
	// NATs keep one for longer, and after that it may be somebody else's.
	kept = time.Hour
	// proofFor is how long a binding counts as a phone's without a new proof.
	proofFor = 10 * time.Minute
	// askEvery is how often one that does not prove it is asked to.
	askEvery = 2 * time.Minute
	// askFirst is how often it is asked at once: datagrams get lost.
	askFirst = 3
	// maxBindings is how many are proven at a time, and maxUnproven how many
	// others are remembered in each half.
	maxBindings = 200_000
	maxUnproven = 16_384
	// maxIDs is how many transactions of a phone are known to have been used.
	maxIDs = 8
)

// A Binding is where a phone hears, as its NAT has it.
type Binding struct {
	At   netip.AddrPort
	Seen time.Time // the last Binding Request from there
}

// proven is the binding of a phone.
type proven struct {
	Binding
	phone  db.PhoneID
	proved time.Time
	rate   bucket
	ids    [maxIDs][16]byte // of signed requests, a ring
	next   int
}

func (p *proven) used(id [16]byte) bool {
	for _, one := range p.ids {
		if one == id {
			return true
		}
	}
	return false
}

// unproven is a source that has not shown whose it is.
type unproven struct {
	seen       time.Time // a Binding Request that was answered; zero: none
	challenged time.Time
	id         [16]byte // that was challenged
	times      int      // how often it was, by different requests
}

// table knows all bindings. It forgets with a restart: phones tell again at
// their next keep-alive.
type table struct {
	mu      sync.Mutex
	phones  map[db.PhoneID]*proven
	at      map[netip.AddrPort]*proven
	others  halves[netip.AddrPort, unproven]
	refused halves[db.PhoneID, time.Time] // phones named by requests that were not signed with their password
	sources halves[netip.Prefix, source]
	fresh   bucket
}

func newTable() *table {
	return &table{
		phones:  make(map[db.PhoneID]*proven),
		at:      make(map[netip.AddrPort]*proven),
		others:  halves[netip.AddrPort, unproven]{size: maxUnproven},
		refused: halves[db.PhoneID, time.Time]{size: maxSources},
		sources: halves[netip.Prefix, source]{size: maxSources},
	}
}

// admits says whether one more datagram of a source is looked at. A binding that
// was proven has its own allowance. Of others, what is too much for one address
// is not taken from what all have together, or one could use it up.
func (t *table) admits(from netip.AddrPort, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.at[from]; p != nil {
		return p.rate.take(now, boundRate, boundBurst)
	}
	return t.sources.use(prefix(from.Addr())).all.take(now, sourceRate, sourceBurst) &&
		t.fresh.take(now, newRate, newBurst)
}

// wrong takes in a signature that is not right, and says whether that is to be
// told. phone is 0 if none is named.
func (t *table) wrong(from netip.Addr, phone db.PhoneID, now time.Time) (tell bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if phone != 0 {
		*t.refused.use(phone) = now
	}
	return t.sources.use(prefix(from)).wrong.take(now, wrongRate, wrongBurst)
}

// What becomes of an unsigned request by a phone that listens.
type verdict int

const (
	answered   verdict = iota // with the phone's address
	challenged                // for its password
)

// heard takes in an unsigned request by a phone that listens there. Who has
// proven it lately is believed, unless it says that its binding has changed:
// then the same mapping may be another phone's by now. Who does not answer a
// challenge is answered all the same, since a phone without a password has to
// learn its address to tell it; but it is nobody's binding.
func (t *table) heard(from netip.AddrPort, r *request, now time.Time) verdict {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.at[from]
	if p != nil && !r.changed && now.Sub(p.proved) < proofFor {
		p.Seen = now
		return answered
	}
	u := t.others.use(from)
	mine := p != nil && now.Sub(p.proved) < proofFor // then it can prove it
	if mine || u.times < askFirst || now.Sub(u.challenged) >= askEvery || u.id == r.id {
		if u.id != r.id || u.times == 0 {
			u.challenged, u.id = now, r.id
			u.times = min(u.times+1, askFirst)
		}
		return challenged
	}
	if p != nil {
		t.drop(p)
	}
	u.seen = now
	return answered
}

// prove makes where a signed request came from the binding of its phone. It is
// false for a request that was sent from elsewhere before: whoever overhears
// one may not move the binding by sending it again.
func (t *table) prove(from netip.AddrPort, phone db.PhoneID, id [16]byte, now time.Time) (ok, full bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.phones[phone]
	if p != nil && p.At != from && p.used(id) {
		return false, false
	}
	if p == nil {
		if len(t.phones) >= maxBindings && !t.purge(now) {
			return false, true
		}
		p = &proven{phone: phone}
		t.phones[phone] = p
	}
	if !p.used(id) {
		p.ids[p.next] = id
		p.next = (p.next + 1) % maxIDs
	}
	if other := t.at[from]; other != nil && other != p {
		t.drop(other)
	}
	if t.at[p.At] == p {
		delete(t.at, p.At)
	}
	p.At, p.Seen, p.proved = from, now, now
	t.at[from] = p
	t.others.drop(from)
	t.refused.drop(phone)
	return true, false
}

// drop forgets that a binding is a phone's. That phone's transactions stay
// known until it is purged.
func (t *table) drop(p *proven) {
	if t.at[p.At] == p {
		delete(t.at, p.At)
	}
	p.At = netip.AddrPort{}
}

// purge forgets phones that have not been heard of for long, and says whether
// that made room.
func (t *table) purge(now time.Time) bool {
	for id, p := range t.phones {
		if now.Sub(p.Seen) >= kept {
			t.drop(p)
			delete(t.phones, id)
		}
	}
	return len(t.phones) < maxBindings
}

// binding returns that of a phone, also one that is too old to be used: then,
// or if it was given up, ok is false.
func (t *table) binding(phone db.PhoneID, now time.Time) (b Binding, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.phones[phone]
	if p == nil {
		return b, false
	}
	return p.Binding, p.At.IsValid() && now.Sub(p.Seen) < kept
}

// seen says when a request was last heard from somewhere by one that listens
// there; false: it was not, or too long ago, or that is a phone's own.
func (t *table) seen(at netip.AddrPort, now time.Time) (time.Time, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at[at] != nil {
		return time.Time{}, false
	}
	u := t.others.get(at)
	if u == nil || u.seen.IsZero() || now.Sub(u.seen) >= kept {
		return time.Time{}, false
	}
	return u.seen, true
}

// known says whether anything may be sent somewhere.
func (t *table) known(at netip.AddrPort, now time.Time) bool {
	t.mu.Lock()
	p := t.at[at]
	ok := p != nil && now.Sub(p.Seen) < kept
	t.mu.Unlock()
	if ok {
		return true
	}
	_, ok = t.seen(at, now)
	return ok
}

func (t *table) wasRefused(phone db.PhoneID) (at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v := t.refused.get(phone); v != nil {
		at = *v
	}
	return at
}

func (t *table) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.at)
}
