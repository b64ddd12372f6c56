package admin

import (
	"context"
	"sync"

	"phoneacs/db"
)

// A fakeFeed keeps all commits from number first on, and follows one reader.
type fakeFeed struct {
	mu     sync.Mutex
	kept   []db.Event
	first  uint64 // commits before are no longer kept
	last   uint64
	live   chan db.Event
	err    error
	asked  []uint64 // what Subscribe was asked for
	buffer int      // room of a subscription
}

func (f *fakeFeed) LastSeq() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

func (f *fakeFeed) Subscribe(ctx context.Context, after uint64) (<-chan db.Event, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, false, f.err
	}
	f.asked = append(f.asked, after)
	ch := make(chan db.Event, max(f.buffer, len(f.kept)))
	reset := after != 0 && (after+1 < f.first || after > f.last)
	if after != 0 && !reset {
		for _, e := range f.kept {
			if e.Seq > after {
				ch <- e
			}
		}
	}
	f.live = ch
	context.AfterFunc(ctx, func() { f.cut(ch) })
	return ch, reset, nil
}

// commit tells the reader of one commit; it must have room.
func (f *fakeFeed) commit(events ...db.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	for i, e := range events {
		e.Seq, e.Time, e.Last = f.last, now, i == len(events)-1
		f.kept = append(f.kept, e)
		if f.live != nil {
			f.live <- e
		}
	}
}

// cut ends a subscription, as the store does with a reader that is behind.
func (f *fakeFeed) cut(ch chan db.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.live == ch {
		close(ch)
		f.live = nil
	}
}
