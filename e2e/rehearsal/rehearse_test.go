package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"phoneacs/admin/client"
	"phoneacs/internal/sim"
)

// A scene is a server, and how its phones and we come to it.
type scene struct {
	api  *client.Client
	acs  string // URL
	ways func(*branch) ways
}

// A result is what a rehearsal came to.
type result struct {
	tallies []tally
	phones  sim.Stats     // of all together
	clock   time.Duration // how long it lasted, by its own clock
}

// rehearse has phones enrol, orders the works, and waits until the plan is over.
// What is not as planned is an error of the test.
func (p *plan) rehearse(t *testing.T, s scene, arrange func(p *plan, works []*work)) result {
	ctx := t.Context()
	firmware, err := p.furnish(ctx, s.api)
	if err != nil {
		t.Fatal(err)
	}
	accounts := make([]account, len(p.phones))
	var fleets []*sim.Fleet
	for i := range p.branches {
		fleets = append(fleets, p.fleet(&p.branches[i], s.acs, s.ways(&p.branches[i]), accounts))
	}
	began := time.Now()
	end := live(ctx, fleets)
	ended := false
	defer func() {
		if !ended {
			_ = end() // the test has failed
		}
	}()
	wait(ctx, p.enrol+p.enrol/4+4*p.boot)
	of, err := p.enrolled(ctx, s.api)
	if err != nil {
		t.Fatal(err)
	}
	works := p.works(firmware)
	arrange(p, works)
	for _, w := range works {
		if err := p.place(ctx, s.api, w); err != nil {
			t.Fatal(err)
		}
	}
	wait(ctx, time.Until(p.begins.Add(p.lasts)))
	ended = true
	if err := end(); err != nil {
		t.Error(err)
	}
	r := result{clock: time.Since(began), phones: together(fleets)}
	for _, w := range works {
		rec, err := records(ctx, s.api, w, of)
		if err != nil {
			t.Fatal(err)
		}
		tallies, faults := p.judge(w, accounts, rec)
		r.tallies = append(r.tallies, tallies...)
		for _, f := range faults[:min(len(faults), 20)] {
			t.Error(f)
		}
		if len(faults) > 20 {
			t.Errorf("and %d more of %s", len(faults)-20, w.name)
		}
	}
	if r.phones.Breaches > 0 {
		t.Errorf("the server broke %d rules", r.phones.Breaches)
	}
	return r
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// live lets fleets live until end, which says how they ended.
func live(ctx context.Context, fleets []*sim.Fleet) (end func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, len(fleets))
	for i, f := range fleets {
		go func() {
			err := f.Run(ctx)
			if err != nil {
				err = fmt.Errorf("branch %d: %w", i, err)
			}
			ended <- err
		}()
	}
	return func() error {
		cancel()
		var errs []error
		for range fleets {
			errs = append(errs, <-ended)
		}
		return errors.Join(errs...)
	}
}

// together adds up what fleets count.
func together(fleets []*sim.Fleet) (sum sim.Stats) {
	sum.Failures = map[string]int64{}
	for _, f := range fleets {
		s := f.Stats()
		sum.Phones += s.Phones
		sum.Sessions += s.Sessions
		sum.Failed += s.Failed
		sum.Requests += s.Requests
		sum.ConnectionRequests += s.ConnectionRequests
		sum.Reboots += s.Reboots
		sum.Breaches += s.Breaches
		for cause, n := range s.Failures {
			sum.Failures[cause] += n
		}
	}
	return sum
}
