package bolt

import (
	"context"
	"sync"

	"phoneacs/db"
)

// Bounds of the feed: how many events are kept for readers that come back, and
// how far a reader may fall behind before it is dropped.
const (
	feedKept = 8192
	feedLag  = 1024
)

// feed tells subscribers of commits. Events are kept in memory only: after a
// restart a reader of older ones is told to begin anew.
type feed struct {
	mu   sync.Mutex
	ring []db.Event // oldest first
	from uint64     // commits after this one are in the ring
	last uint64     // newest commit
	subs map[*subscriber]struct{}
	done bool
}

type subscriber struct {
	ch   chan db.Event
	once sync.Once
}

func (s *subscriber) close() { s.once.Do(func() { close(s.ch) }) }

func (f *feed) init(last uint64) {
	f.from, f.last = last, last
	f.subs = make(map[*subscriber]struct{})
}

func (f *feed) publish(seq uint64, events []db.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = seq
	for i := range events {
		events[i].Seq = seq
		events[i].Last = i == len(events)-1
	}
	f.ring = append(f.ring, events...)
	if over := len(f.ring) - feedKept; over > 0 {
		// Drop whole commits, and let the array go once it is twice too long.
		for over < len(f.ring) && !f.ring[over-1].Last {
			over++
		}
		f.from = f.ring[over-1].Seq
		f.ring = f.ring[over:]
		if cap(f.ring) > 4*feedKept || over > feedKept {
			f.ring = append(make([]db.Event, 0, 2*feedKept), f.ring...)
		}
	}
	for s := range f.subs {
		if !s.send(events) {
			delete(f.subs, s)
			s.close()
		}
	}
}

func (s *subscriber) send(events []db.Event) bool {
	for _, e := range events {
		select {
		case s.ch <- e:
		default:
			return false
		}
	}
	return true
}

// Subscribe returns the events after a commit.
func (s *Store) Subscribe(ctx context.Context, after uint64) (<-chan db.Event, bool, error) {
	f := &s.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return nil, false, db.ErrClosed
	}
	reset := after != 0 && (after < f.from || after > f.last)
	var missed []db.Event
	if after != 0 && !reset {
		for i, e := range f.ring {
			if e.Seq > after {
				missed = f.ring[i:]
				break
			}
		}
	}
	sub := &subscriber{ch: make(chan db.Event, len(missed)+feedLag)}
	sub.send(missed)
	f.subs[sub] = struct{}{}
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.subs, sub)
		sub.close()
	})
	return sub.ch, reset, nil
}

// LastSeq is the number of the newest commit.
func (s *Store) LastSeq() uint64 {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return s.feed.last
}

func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = true
	for s := range f.subs {
		delete(f.subs, s)
		s.close()
	}
}
