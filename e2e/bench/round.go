package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"phoneacs/e2e/bench/load"
	"phoneacs/e2e/bench/proc"
)

// A side is a server and the phones that inform it: one half of a comparison.
type side struct {
	*served
	phones []load.Phone
}

// side starts our server on a fleet.
func (l *lab) side(ctx context.Context, f fleet) (side, error) {
	data, err := l.data(ctx, f)
	if err != nil {
		return side{}, err
	}
	s, err := l.serve(ctx, data)
	return side{s, f.phones()}, err
}

// floorSide starts the floor for the same phones.
func (l *lab) floorSide(ctx context.Context, f fleet) (side, error) {
	s, err := l.floor(ctx)
	return side{s, f.phones()}, err
}

// A measure is one round of one side.
type measure struct {
	*load.Result
	server time.Duration // processor time of the server for one session done
	phones time.Duration // and of this process
	memory proc.Memory   // the largest Anon seen while sessions went on
}

// measure plays one round and returns what it cost.
func (l *lab) measure(ctx context.Context, s side, o load.Options) (m measure, err error) {
	o.Addr, o.Path, o.Phones, o.Spread = s.addr, s.path, s.phones, true
	ours, err := proc.CPU(os.Getpid())
	if err != nil {
		return m, fmt.Errorf("measure %s: %w", s.name, err)
	}
	before, err := proc.CPU(s.pid)
	if err != nil {
		return m, fmt.Errorf("measure %s: %w", s.name, err)
	}
	memory := watch(ctx, s.pid)
	m.Result, err = load.Run(ctx, o)
	m.memory = memory()
	if err != nil {
		return m, fmt.Errorf("measure %s: %w", s.name, err)
	}
	if m.Done == 0 {
		return m, fmt.Errorf("measure %s: no session was done: %w", s.name, m.FirstError)
	}
	oursAfter, err := proc.CPU(os.Getpid())
	if err != nil {
		return m, fmt.Errorf("measure %s: %w", s.name, err)
	}
	if err := wait(ctx, l.cfg.settle); err != nil {
		return m, err
	}
	after, err := proc.CPU(s.pid)
	if err != nil {
		return m, fmt.Errorf("measure %s: %w; it wrote:\n%s", s.name, err, s.tail())
	}
	m.server = (after - before) / time.Duration(m.Done)
	m.phones = (oursAfter - ours) / time.Duration(m.Done)
	return m, nil
}

// watch looks at the memory of a process until the returned function is
// called, which tells the largest Anon and the last Peak. A process that has
// gone tells nothing, which the caller finds out by other means.
func watch(ctx context.Context, pid int) func() proc.Memory {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan proc.Memory)
	go func() {
		var most proc.Memory
		for {
			if m, err := proc.ReadMemory(pid); err == nil {
				most.Anon, most.Peak = max(most.Anon, m.Anon), m.Peak
			}
			if wait(ctx, 50*time.Millisecond) != nil {
				done <- most
				return
			}
		}
	}()
	return func() proc.Memory {
		cancel()
		return <-done
	}
}

// wait lets d pass, or returns the error of ctx.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// compare measures a and b in turn, and returns their rounds. One short round
// of each, which does not count, comes first.
func (l *lab) compare(ctx context.Context, a, b side, event load.Event) (as, bs []measure, err error) {
	o := load.Options{AtOnce: l.cfg.atOnce, Event: event}
	for i := range 1 + l.cfg.rounds {
		if o.For = l.cfg.round; i == 0 {
			o.For /= 2
		}
		ma, err := l.measure(ctx, a, o)
		if err != nil {
			return nil, nil, err
		}
		mb, err := l.measure(ctx, b, o)
		if err != nil {
			return nil, nil, err
		}
		if i > 0 {
			as, bs = append(as, ma), append(bs, mb)
		}
	}
	return as, bs, nil
}

// each returns one figure of every round, in rising order.
func each(rounds []measure, figure func(measure) float64) []float64 {
	list := make([]float64, len(rounds))
	for i, m := range rounds {
		list[i] = figure(m)
	}
	slices.Sort(list)
	return list
}

// median returns the middle of a sorted list.
func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// ratios returns, in rising order, what a session of b cost in each round, as
// a multiple of what one of a cost in the same round.
func ratios(as, bs []measure) []float64 {
	list := make([]float64, len(as))
	for i := range as {
		list[i] = float64(bs[i].server) / float64(as[i].server)
	}
	slices.Sort(list)
	return list
}

// together returns all rounds as one run.
func together(rounds []measure) *load.Result {
	runs := make([]*load.Result, len(rounds))
	for i, m := range rounds {
		runs[i] = m.Result
	}
	return load.Merge(runs...)
}
