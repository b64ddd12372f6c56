// Package load plays many phones against one CWMP server and counts what
// comes of it: sessions done, refused and failed, and how long each took.
//
// It is made to be cheap, because it shares the machine with the server that
// it measures: HTTP is written by hand over one TCP connection a session, each
// message is a buffer filled in place, and answers are searched, not parsed.
// It therefore refuses to be a phone: it speaks no TLS, proves itself to
// nobody, fetches no file, and answers a fault to every RPC but a few.
package load

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// An Event is why the phones inform (TR-069 3.7.1.5).
type Event string

// The events that sessions can begin with.
const (
	Boot        Event = "1 BOOT"
	Periodic    Event = "2 PERIODIC"
	ValueChange Event = "4 VALUE CHANGE" // one of the eight parameters is new each time
)

// DefaultTimeout is the longest that one session may take unless Options says
// otherwise; a phone waits at least 30 s for an answer.
const DefaultTimeout = 60 * time.Second

// Options says who informs where, how many at once, and for how long.
type Options struct {
	Addr   netip.AddrPort // the server; mandatory
	Path   string         // of the CWMP endpoint; "" is "/"
	Phones []Phone        // who informs, in turn; mandatory, at least AtOnce
	AtOnce int            // sessions at a time, 1 or more; mandatory
	Event  Event          // "" is Periodic

	// Extra is about how many bytes of names and values each Inform carries
	// beyond its eight parameters, at most 4 MiB; 0 is none.
	Extra int

	// Spread gives each phone its own source address in 127.0.0.0/8, as a
	// fleet has, and keeps ports from running out. It needs Linux and a server
	// on loopback.
	Spread bool

	// DownloadStatus is what a phone answers to a Download: 0 for done, or 1
	// for later, which a session with a TransferComplete then follows. Nil
	// is 0 for every phone. It is called by many goroutines.
	DownloadStatus func(Phone) int

	Timeout time.Duration // of one session; 0 is DefaultTimeout

	// What ends the run; the first that is set and reached does. With none
	// set it goes on until its context ends.
	Passes int             // each phone has informed so many times
	For    time.Duration   // so much time has passed
	Stop   <-chan struct{} // is closed: sessions under way still end well
}

// validate reports what is missing or out of range.
func (o *Options) validate() error {
	switch {
	case !o.Addr.IsValid():
		return errors.New("no server address")
	case o.AtOnce < 1:
		return fmt.Errorf("%d sessions at a time", o.AtOnce)
	case len(o.Phones) < o.AtOnce:
		// A phone has one session at a time, so more would wait for ever.
		return fmt.Errorf("%d phones cannot hold %d sessions at a time", len(o.Phones), o.AtOnce)
	case slices.Max(o.Phones) >= MaxPhones:
		return fmt.Errorf("phone %d; the last one is %d", slices.Max(o.Phones), MaxPhones-1)
	case o.Extra < 0 || o.Extra > maxExtra:
		return fmt.Errorf("%d extra bytes; want 0 to %d", o.Extra, maxExtra)
	}
	return nil
}

// Run plays sessions until o says that it is enough, and returns what came of
// them. Sessions that go wrong are counted, not returned as an error. When ctx
// ends, sessions are broken off, and the error is that of ctx.
func Run(ctx context.Context, o Options) (*Result, error) {
	if o.Path == "" {
		o.Path = "/"
	}
	if o.Event == "" {
		o.Event = Periodic
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("run load: %w", err)
	}

	start := time.Now()
	if o.For > 0 {
		timer, stop := closeAfter(ctx, o.For, o.Stop)
		defer stop()
		o.Stop = timer
	}
	// Each worker owns every AtOnce-th phone, so that no phone is ever in two
	// sessions and nothing is shared between workers while they run.
	form := newForm(o, start)
	workers := make([]*worker, o.AtOnce)
	var wg sync.WaitGroup
	for i := range workers {
		workers[i] = newWorker(&o, form)
		wg.Go(func() { workers[i].run(ctx, i) })
	}
	wg.Wait()

	total := newResult()
	total.Elapsed = time.Since(start)
	for _, w := range workers {
		total.add(w.result)
	}
	total.sort()
	if err := ctx.Err(); err != nil {
		return total, fmt.Errorf("run load: %w", err)
	}
	return total, nil
}

// closeAfter returns a channel that closes after d, or when ctx ends or also
// closes; and what frees the timer behind it.
func closeAfter(ctx context.Context, d time.Duration, also <-chan struct{}) (<-chan struct{}, func()) {
	ctx, cancel := context.WithTimeout(ctx, d)
	if also != nil {
		go func() {
			select {
			case <-also:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx.Done(), cancel
}
