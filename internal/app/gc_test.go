package app

import (
	"context"
	"os"
	"runtime/debug"
	"testing"
	"time"
)

// TestPercentFor holds the figures to what they are for, whatever heapFloor is.
func TestPercentFor(t *testing.T) {
	for _, live := range []uint64{heapFloor / 2, heapFloor, 1 << 30, 1 << 62} {
		if got := percentFor(live); got != usual {
			t.Errorf("percentFor(%d) = %d; want %d", live, got, usual)
		}
	}
	if a, b := percentFor(0), percentFor(2<<20); a != b || a <= usual {
		t.Errorf("percentFor(0) = %d, of 2 MiB %d; want the same, above %d", a, b, usual)
	}
	last := percentFor(0)
	for live := uint64(2 << 20); live < 2*heapFloor; live += 64 << 10 {
		p := percentFor(live)
		if p > last || p%50 != 0 {
			t.Fatalf("percentFor(%d) = %d after %d; want steps of 50, downwards", live, p, last)
		}
		target := live + live*uint64(p)/100
		if target > max(heapFloor, 2*live) {
			t.Fatalf("percentFor(%d) = %d lets the heap grow to %d", live, p, target)
		}
		if target+live/2 < heapFloor {
			t.Fatalf("percentFor(%d) = %d lets the heap grow to %d only", live, p, target)
		}
		last = p
	}
}

func TestTuneGC(t *testing.T) {
	t.Setenv("GOGC", "") // restores it
	if err := os.Unsetenv("GOGC"); err != nil {
		t.Fatal(err)
	}
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tuneGC(ended); err != nil {
		t.Error(err)
	}
	if got := debug.SetGCPercent(77); got < usual || got%50 != 0 {
		t.Errorf("the percentage is %d", got)
	}

	t.Setenv("GOGC", "77")
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := tuneGC(short); err != nil {
		t.Error(err)
	}
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("an operator's GOGC became %d", got)
	}
	if short.Err() == nil {
		t.Error("it ended before it was told to, which would end the server")
	}
}
