package jobs

import (
	"sync"
	"time"

	"phoneacs/db"
)

const (
	// soonAfter is how long after the end of an attempt its phone is woken for
	// what the attempt held back: its session has ended by then.
	soonAfter = 5 * time.Second
	maxSoon   = 100_000 // more phones than that come by themselves
)

// soonList is a list of phones to wake soon, for tasks that were ready all the
// time and have no due entry any more. A restart forgets it, at no greater
// loss than that such a phone is not woken, and takes its tasks when it informs.
type soonList struct {
	mu sync.Mutex
	m  map[db.PhoneID]time.Time
}

func (l *soonList) add(id db.PhoneID, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.m == nil {
		l.m = make(map[db.PhoneID]time.Time)
	}
	if len(l.m) < maxSoon {
		l.m[id] = at
	}
}

// take removes up to n phones that are due and returns them in the form of due
// entries, which no store has.
func (l *soonList) take(now time.Time, n int) (due []db.Due) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, at := range l.m {
		if len(due) >= n {
			break
		}
		if !at.After(now) {
			due = append(due, db.Due{Phone: id, At: at})
			delete(l.m, id)
		}
	}
	return due
}
