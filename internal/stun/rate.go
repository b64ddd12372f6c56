package stun

import (
	"net/netip"
	"time"
)

// Rates, in datagrams a second and at once. A site of a thousand phones behind
// one address keeps 34 bindings alive a second.
const (
	sourceRate, sourceBurst = 100, 2000
	boundRate, boundBurst   = 5, 100    // of one binding that was proven
	newRate, newBurst       = 500, 5000 // of sources that have proven nothing, all together
	wrongRate, wrongBurst   = 1, 20     // signatures of one address that are not right, and are told so
)

// maxSources is how many addresses are remembered at a time, in each half.
const maxSources = 8192

// A bucket lets through burst at once and rate a second.
type bucket struct {
	at   time.Time
	left float64
}

func (b *bucket) take(now time.Time, rate, burst float64) bool {
	if b.at.IsZero() {
		b.left = burst
	} else {
		b.left = min(burst, b.left+rate*max(0, now.Sub(b.at).Seconds()))
	}
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// A source is what is remembered of an address.
type source struct{ all, wrong bucket }

// prefix is what one site is given: an address, or a network of IPv6.
func prefix(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.WithZone("").Prefix(bits) // of an address, always
	return p
}

// halves is a map that forgets what was not used for longest, half of it at a
// time: it holds at most twice its size.
type halves[K comparable, V any] struct {
	size     int
	now, old map[K]*V
}

func (h *halves[K, V]) get(k K) *V {
	if v := h.now[k]; v != nil {
		return v
	}
	v := h.old[k]
	if v != nil {
		h.put(k, v)
	}
	return v
}

func (h *halves[K, V]) put(k K, v *V) {
	if h.now == nil || len(h.now) >= h.size {
		h.old, h.now = h.now, make(map[K]*V)
	}
	delete(h.old, k)
	h.now[k] = v
}

func (h *halves[K, V]) use(k K) *V {
	v := h.get(k)
	if v == nil {
		v = new(V)
		h.put(k, v)
	}
	return v
}

func (h *halves[K, V]) drop(k K) {
	delete(h.now, k)
	delete(h.old, k)
}
