package proof

import "sync"

// replays remembers which counts of which nonces were proven, as two
// generations of at most half its size each: when the younger is full the
// elder is forgotten. Only right answers get in, so nobody but proven phones
// can push others out; what was pushed out is bounded by the nonce's life alone.
type replays struct {
	mu           sync.Mutex
	half         int
	young, elder map[use]struct{}
}

// use is one use of a nonce. Answers without a count have zero: one use.
type use struct {
	nonce [nonceBody]byte
	count uint32
}

// newReplays remembers n uses at least until n/2 others came; nil for 0.
func newReplays(n int) *replays {
	if n == 0 {
		return nil
	}
	return &replays{half: (n + 1) / 2, young: map[use]struct{}{}}
}

// first reports whether this is the first use, and remembers it.
func (r *replays) first(u use) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, seen := r.young[u]; seen {
		return false
	}
	if _, seen := r.elder[u]; seen {
		return false
	}
	if len(r.young) >= r.half {
		r.elder, r.young = r.young, make(map[use]struct{}, r.half)
	}
	r.young[u] = struct{}{}
	return true
}
