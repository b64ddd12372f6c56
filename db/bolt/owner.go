package bolt

import (
	"sync"

	"phoneacs/db"
)

// owners knows which session owns a phone. The store is one process's, so it
// need not survive it: an open session does not either.
type owners struct {
	mu sync.Mutex
	m  map[db.PhoneID]db.SessionToken
}

func (o *owners) set(id db.PhoneID, s db.SessionToken) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.m[id] = s
}

// setFree makes a session the owner of a phone that has none.
func (o *owners) setFree(id db.PhoneID, s db.SessionToken) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.m[id] == "" {
		o.m[id] = s
	}
}

func (o *owners) is(id db.PhoneID, s db.SessionToken) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return s != "" && o.m[id] == s
}

// EndSession gives the phone up, if the session still owns it.
func (s *Store) EndSession(phone db.PhoneID, token db.SessionToken) {
	s.owners.mu.Lock()
	defer s.owners.mu.Unlock()
	if s.owners.m[phone] == token {
		delete(s.owners.m, phone)
	}
}
