package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// A server that remembers little has a small live heap, and the collector, which
// runs each time that has doubled, then runs many times a second. Letting the
// heap grow to heapFloor before it runs costs that much memory and no more:
// above it, the usual rule holds.
const (
	heapFloor = 22 << 20
	usual     = 100
	tuneEvery = time.Second
)

// burstLimit bounds what a burst of sessions takes between two looks, when the
// percentage is still that of the small heap before it.
const burstLimit = 72 << 20

// tuneGC keeps the collector's percentage so until ctx ends. An operator's own
// GOGC is left alone.
func tuneGC(ctx context.Context) error {
	if _, set := os.LookupEnv("GOGC"); set {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(tuneEvery)
	defer tick.Stop()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	last := 0
	_, limited := os.LookupEnv("GOMEMLIMIT") // an operator's own is left alone too
	if !limited {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	}
	for {
		metrics.Read(live)
		if p := percentFor(live[0].Value.Uint64()); p != last {
			debug.SetGCPercent(p)
			last = p
		}
		if !limited {
			debug.SetMemoryLimit(max(burstLimit, 3*int64(live[0].Value.Uint64())))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// percentFor is the percentage at which a heap with so many live bytes is
// collected when it reaches heapFloor, or twice its size. It moves in steps:
// setting it stops the world for a moment.
func percentFor(live uint64) int {
	live = max(live, 2<<20)
	p := 100 * (heapFloor - min(live, heapFloor)) / live
	p = p / 50 * 50
	return int(max(usual, p))
}
