package stun

import (
	"net/netip"
	"testing"
)

// TestFloodOfOne: what one host sends too much of keeps no other out, nor who
// has proven its binding behind the same address.
func TestFloodOfOne(t *testing.T) {
	r := newRig(t)
	bound := r.peer()
	bound.sends(proves(t, 1, "0C383E-1", "secret"), provedIt)

	loud := r.peer()
	for range 2 * newBurst {
		r.hear(t.Context(), packet(t, head5389), loud.at)
	}
	loud.sends(packet(t, head5389), tooMany)
	if at := netip.MustParseAddrPort("198.51.100.7:3478"); !r.table.admits(at, r.clock.Now()) {
		t.Error("somebody elsewhere is not heard")
	}
	bound.sends(asks(t, 2), plain)
	sent := 0
	for r.hear(t.Context(), asks(t, 3), bound.at) == plain {
		sent++
	}
	if sent != boundBurst-1 {
		t.Errorf("%d more of a phone at once; want %d", sent, boundBurst-1)
	}
}

// TestGuessesKeepNobodyOut: who signs wrongly behind the same address, or in its
// name, keeps no phone from proving that it is there.
func TestGuessesKeepNobodyOut(t *testing.T) {
	r := newRig(t)
	guesser, p := r.peer(), r.peer()
	for i := range wrongBurst {
		guesser.sends(proves(t, byte(i), "0C383E-1", "guess"), refused)
		if guesser.hears() == nil {
			t.Fatalf("guess %d is not answered", i)
		}
	}
	guesser.sends(proves(t, 99, "0C383E-1", "guess"), tooMany)
	if guesser.hears() != nil {
		t.Error("a guess too many is answered")
	}
	p.sends(proves(t, 100, "0C383E-1", "secret"), provedIt)
	r.wantBinding(p.at, began)
}
