package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// ErrRan reports that a fleet was run a second time.
var ErrRan = errors.New("fleet has been run before")

// Fleet is a number of phones that point at one ACS. Its methods are safe for
// concurrent use.
type Fleet struct {
	opts   Options
	err    error // of the options, told by Run and Inform
	epoch  time.Time
	phones []Phone
	sched  schedule
	slots  chan struct{}
	ready  chan struct{}
	stats  counters

	mu      sync.Mutex
	ran     bool
	models  map[modelKey]*model
	crBase  []string // http://host:port of the listeners: one, or one a phone
	crKey   [16]byte // of the nonces
	servers []*http.Server
}

type modelKey struct {
	name  string
	padKB int
}

// New makes a fleet, all of whose phones are in the box. Options that are wrong
// are reported by [Fleet.Run] and [Phone.Inform].
func New(o Options) *Fleet {
	f := &Fleet{
		epoch:  time.Now(),
		ready:  make(chan struct{}),
		models: map[modelKey]*model{},
		sched:  schedule{kick: make(chan struct{}, 1)},
	}
	f.opts, f.err = o.withDefaults()
	if f.err != nil {
		return f
	}
	f.slots = make(chan struct{}, f.opts.Concurrency)
	f.stats.begin()
	f.crKey = keyOf(uint64(f.opts.Seed))
	conduct := f.opts.Behaviour.clone()
	f.phones = make([]Phone, f.opts.Phones)
	for i := range f.phones {
		f.phones[i].init(f, i, conduct)
	}
	return f
}

// Check says what is wrong with the options, as [Fleet.Run] does; nil if nothing
// is. Else there are no phones.
func (f *Fleet) Check() error { return f.err }

// Len gives the number of phones.
func (f *Fleet) Len() int { return len(f.phones) }

// Phone gives a phone by its number, from 0. It panics beyond [Fleet.Len].
func (f *Fleet) Phone(i int) *Phone { return &f.phones[i] }

// Ready is closed once Run listens for connection requests and has switched the
// phones on.
func (f *Fleet) Ready() <-chan struct{} { return f.ready }

// Run lets the phones live until ctx ends, which is no error: it opens the
// connection-request listener, switches the phones on unless they are
// [Options.Manual], and carries out what they owe. When it returns, nothing of
// the fleet runs any more. A fleet runs once.
func (f *Fleet) Run(ctx context.Context) error {
	if f.err != nil {
		return f.err
	}
	f.mu.Lock()
	again := f.ran
	f.ran = true
	f.mu.Unlock()
	if again {
		return ErrRan
	}
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	if err := f.listen(ctx, &work); err != nil {
		return fmt.Errorf("run fleet: %w", err)
	}
	defer f.closeServers()
	if err := f.listenSIP(ctx, &work); err != nil {
		return fmt.Errorf("run fleet: %w", err)
	}
	if f.opts.STUN != "" {
		for i := range f.phones {
			if err := f.phones[i].runSTUN(ctx, &work); err != nil {
				return fmt.Errorf("run fleet: %w", err)
			}
		}
	}
	if !f.opts.Manual {
		for i := range f.phones {
			f.phones[i].switchOn()
		}
	}
	close(f.ready)
	f.loop(ctx, &work)
	return nil
}

// loop gives each phone its turn when it is due. When all slots are taken it
// waits, and the phones with it.
func (f *Fleet) loop(ctx context.Context, work *sync.WaitGroup) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		p, wait := f.sched.next(f.now())
		if p == nil {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-f.sched.kick:
			case <-ctx.Done():
			}
			continue
		}
		select {
		case f.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		do := p.turn(ctx)
		if do == nil {
			<-f.slots
			continue
		}
		work.Go(func() {
			defer func() { <-f.slots }()
			do()
		})
	}
}

// PowerCut takes the power from all phones at once and gives it back: sessions
// and fetches break off, and each phone boots after [Options.BootTime].
func (f *Fleet) PowerCut() {
	for i := range f.phones {
		f.phones[i].PowerCut()
	}
}

// now is the time since the fleet was made.
func (f *Fleet) now() time.Duration { return time.Since(f.epoch) }

// model gives the shared data model of a design.
func (f *Fleet) model(name string, padKB int) *model {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := modelKey{name, padKB}
	m := f.models[key]
	if m == nil {
		m = newModel(name, f.opts.Designs[name], f.opts.Version, f.opts.InformParams, padKB, f.opts.CTC, f.opts.Voice, f.opts.CountsCalls, f.opts.STUN != "")
		f.models[key] = m
	}
	return m
}
