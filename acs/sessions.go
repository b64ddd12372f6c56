package acs

import (
	"sync"
	"sync/atomic"
	"time"

	"phoneacs/db"
)

// sessions holds the open sessions: of each phone one, and one more of whoever
// claims to be it.
type sessions struct {
	open atomic.Int64 // places taken: by sessions, and by Informs that may become one

	mu      sync.Mutex
	byToken map[db.SessionToken]*session
	byPhone map[db.PhoneID]*session
	claims  map[db.PhoneID]*session
	empty   chan struct{} // closed when no place is taken; nil: nobody waits
}

func newSessions() *sessions {
	return &sessions{
		byToken: make(map[db.SessionToken]*session),
		byPhone: make(map[db.PhoneID]*session),
		claims:  make(map[db.PhoneID]*session),
	}
}

// reserve takes a place, unless most are taken.
func (t *sessions) reserve(most int) bool {
	if t.open.Add(1) > int64(most) {
		t.release()
		return false
	}
	return true
}

// release gives a place back.
func (t *sessions) release() {
	if t.open.Add(-1) > 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.empty != nil && t.open.Load() == 0 {
		close(t.empty)
		t.empty = nil
	}
}

// none returns a channel that is closed when no place is taken.
func (t *sessions) none() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.empty == nil {
		t.empty = make(chan struct{})
	}
	c := t.empty
	if t.open.Load() == 0 {
		close(c)
		t.empty = nil
	}
	return c
}

// add makes s the session of its phone, and returns those that end by it. A
// claim leaves the phone the session that it has, and ends another claim.
func (t *sessions) add(s *session, claim bool) (over []*session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byToken[s.db.Token] = s
	id, mine := s.db.Phone.ID, t.byPhone
	if old := t.claims[id]; old != nil {
		over = append(over, old)
	}
	if claim {
		mine = t.claims
	} else if old := t.byPhone[id]; old != nil {
		over = append(over, old)
	}
	mine[id] = s
	return over
}

// remove forgets s.
func (t *sessions) remove(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byToken, s.db.Token)
	for _, m := range []map[db.PhoneID]*session{t.byPhone, t.claims} {
		if m[s.db.Phone.ID] == s {
			delete(m, s.db.Phone.ID)
		}
	}
}

// find returns the session with a token, or nil.
func (t *sessions) find(token db.SessionToken) *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byToken[token]
}

// talking reports whether a session of the phone is open.
func (t *sessions) talking(id db.PhoneID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byPhone[id] != nil
}

// silent returns the sessions whose deadline has passed.
func (t *sessions) silent(now time.Time) []*session {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []*session
	for _, s := range t.byToken {
		if s.deadline.Load() < now.UnixNano() {
			list = append(list, s)
		}
	}
	return list
}
