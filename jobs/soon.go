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
	m  map[db.PhoneID]soon
}

// soon is when a phone is to be woken. first says that it then counts as its
// first wake for some task, which is looked after (see lookAgain).
type soon struct {
	at    time.Time
	first bool
}

// add has a phone woken at a time. A first wake that is due before stays.
func (l *soonList) add(id db.PhoneID, at time.Time) { l.put(id, soon{at, false}) }

// addFirst is add for a task that the phone was not woken for yet.
func (l *soonList) addFirst(id db.PhoneID, at time.Time) { l.put(id, soon{at, true}) }

func (l *soonList) put(id db.PhoneID, s soon) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.m == nil {
		l.m = make(map[db.PhoneID]soon)
	}
	old, known := l.m[id]
	if known && old.first && old.at.Before(s.at) || !known && len(l.m) >= maxSoon {
		return
	}
	l.m[id] = s
}

// take removes up to n phones that are due and returns them in the form of due
// entries, which no store has; Attempt is 1 for a first wake.
func (l *soonList) take(now time.Time, n int) (due []db.Due) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, s := range l.m {
		if len(due) >= n {
			break
		}
		if !s.at.After(now) {
			d := db.Due{Phone: id, At: s.at}
			if s.first {
				d.Attempt = 1
			}
			due = append(due, d)
			delete(l.m, id)
		}
	}
	return due
}
