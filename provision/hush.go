package provision

import (
	"sync"
	"time"
)

const (
	hushFor = time.Minute
	hushMax = 4096 // reasons told apart within that time
)

// hush lets the first line of its kind through and holds back the rest of a minute.
type hush struct {
	mu    sync.Mutex
	since time.Time
	seen  map[hushKey]struct{}
}

type hushKey struct {
	rule string
	link [32]byte
}

func newHush() *hush { return &hush{seen: make(map[hushKey]struct{})} }

// first reports whether a line may be written.
func (h *hush) first(now time.Time, k hushKey) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Sub(h.since) >= hushFor {
		h.since = now
		clear(h.seen)
	}
	if _, seen := h.seen[k]; seen || len(h.seen) >= hushMax {
		return false
	}
	h.seen[k] = struct{}{}
	return true
}
