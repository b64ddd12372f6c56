package admin

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// Bounds of guessing: an address may bring so many wrong tokens at once, and
// then one each guessPace.
const (
	maxGuesses = 20
	guessPace  = 6 * time.Second
	maxGuesser = 4096 // addresses remembered; more push out those that are forgotten soonest
	maxKnownTo = 1024 // right tokens remembered
)

// guesses counts wrong tokens by address: each moves the time until which the
// address has guesses to its account (a leaky bucket). It is in memory and
// forgets with the process.
type guesses struct {
	clock clockwork.Clock

	mu    sync.Mutex
	until map[string]time.Time
	good  map[[32]byte]struct{} // hashes of tokens that were right
}

func newGuesses(clock clockwork.Clock) *guesses {
	return &guesses{clock: clock, until: make(map[string]time.Time), good: make(map[[32]byte]struct{})}
}

// closed says how long an address is not listened to; 0: it is. A token that
// was right before is looked up in any case, lest somebody behind the same
// proxy lock all others out.
func (g *guesses) closed(from string, hash [32]byte) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.good[hash]; ok {
		return 0
	}
	until, known := g.until[from]
	if !known {
		return 0
	}
	return max(0, until.Sub(g.clock.Now())-(maxGuesses-1)*guessPace)
}

// wrong counts a wrong token, and reports whether it closes the address.
func (g *guesses) wrong(from string) (closes bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	until, known := g.until[from]
	if !known && len(g.until) >= maxGuesser {
		g.forget(now)
	}
	if until.Before(now) {
		until = now
	}
	until = until.Add(guessPace)
	g.until[from] = until
	return until.Sub(now) > (maxGuesses-1)*guessPace
}

// forget drops the addresses that have nothing to their account, else the one
// that would be next.
func (g *guesses) forget(now time.Time) {
	var next string
	for from, until := range g.until {
		switch {
		case !until.After(now):
			delete(g.until, from)
		case next == "" || until.Before(g.until[next]):
			next = from
		}
	}
	if len(g.until) >= maxGuesser {
		delete(g.until, next)
	}
}

// right remembers a right token.
func (g *guesses) right(hash [32]byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.good) >= maxKnownTo {
		clear(g.good)
	}
	g.good[hash] = struct{}{}
}

// peer is the address that a request came from: of IPv6 the network, since a
// host has as many addresses there as it likes.
func peer(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}
