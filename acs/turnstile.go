package acs

import (
	"sync"

	"phoneacs/cwmp"
)

// turnstile lets the Informs of one phone through one after the other, so that
// its sessions begin here in the order in which the store made them its owner.
// Other phones do not wait.
type turnstile struct {
	mu    sync.Mutex
	gates map[cwmp.DeviceID]*gate
}

type gate struct {
	mu sync.Mutex
	n  int // who has it or waits for it; guarded by turnstile.mu
}

// maxAtGate is how many Informs of one phone may be under way.
const maxAtGate = 4

// enter waits for the phone's turn. ok is false if too many wait already;
// otherwise leave must follow.
func (t *turnstile) enter(id cwmp.DeviceID) (ok bool) {
	t.mu.Lock()
	g := t.gates[id]
	if g == nil {
		g = new(gate)
		t.gates[id] = g
	}
	if g.n == maxAtGate {
		t.mu.Unlock()
		return false
	}
	g.n++
	t.mu.Unlock()
	g.mu.Lock()
	return true
}

func (t *turnstile) leave(id cwmp.DeviceID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.gates[id]
	if g.n--; g.n == 0 {
		delete(t.gates, id)
	}
	g.mu.Unlock()
}
