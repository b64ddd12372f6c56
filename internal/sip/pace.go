package sip

import (
	"context"
	"sync"
	"time"
)

const (
	maxFlights = 64                    // notices under way at a time
	sendGap    = 20 * time.Millisecond // between two of them: 50 a second
	// Answers to requests that nobody here waits for: so many a second, and so
	// many at once. The rest are dropped, so that nobody is flooded by us in the
	// name of another.
	answerGap   = 100 * time.Millisecond
	answerBurst = 20
)

// A pace keeps what is sent apart.
type pace struct {
	gap  time.Duration
	mu   sync.Mutex
	next time.Time
}

// wait returns when it is the caller's turn, or with the error of ctx.
func (p *pace) wait(ctx context.Context) error {
	now := time.Now()
	p.mu.Lock()
	if p.next.Before(now) {
		p.next = now
	}
	turn := p.next
	p.next = turn.Add(p.gap)
	p.mu.Unlock()
	t := time.NewTimer(turn.Sub(now))
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// An allowance is filled by one each so often, up to the most it holds.
type allowance struct {
	every time.Duration
	most  int
	full  time.Time // when it holds the most again
}

// take takes one, if there is one. It is one goroutine's.
func (a *allowance) take() bool {
	now := time.Now()
	if a.full.Before(now) {
		a.full = now
	}
	if a.full.Sub(now) > time.Duration(a.most-1)*a.every {
		return false
	}
	a.full = a.full.Add(a.every)
	return true
}
