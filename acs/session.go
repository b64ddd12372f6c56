package acs

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/record"
	"phoneacs/phones/quirks"
)

// Bounds of one session: a phone that never comes to an end is cut off.
const (
	maxRPCs     = 1000 // that we send; the rest waits for the next session
	maxRequests = 1000 // that the phone sends
)

// A session is one CWMP session. Whoever handles a POST of it holds mu for as
// long as that takes, the dispatcher's work included, and so owns it.
type session struct {
	// What follows does not change.
	db        db.Session
	name      string // in the log and in our message ids; no secret
	cookie    []string
	namespace string
	timeout   time.Duration
	began     time.Time
	conn      *connection
	quirks    *quirks.Quirks // as they were when it began
	tape      *record.Tape   // nil: it is not recorded

	mu       sync.Mutex
	state    state
	requests int          // of the phone
	attempt  db.AttemptID // awaiting: what is to be answered
	asked    string       // awaiting: the name of our request
	id       string       // awaiting: its cwmp:ID

	rpcs     atomic.Int32 // sent by us
	deadline atomic.Int64 // when silence ends it; Unix nanoseconds
	over     atomic.Bool  // it has ended: set once, by [Server.end], with or without mu
}

// touch puts off the end by silence.
func (s *session) touch(now time.Time) { s.deadline.Store(now.Add(s.timeout).UnixNano()) }

// idPrefix marks the message ids that are ours. None is given twice by one
// process, so that a late answer is told from the one that is due.
const idPrefix = "acs-"

// ask notes the request that is about to leave, and returns its id.
func (s *session) ask(msg cwmp.Message, attempt db.AttemptID) string {
	s.id = idPrefix + s.name + "-" + strconv.Itoa(int(s.rpcs.Add(1)))
	s.state, s.attempt, s.asked = stateAwaiting, attempt, msg.RPC()
	return s.id
}

// answered ends the wait for an answer and returns what it was for.
func (s *session) answered() db.AttemptID {
	attempt := s.attempt
	s.state, s.attempt, s.asked, s.id = stateInformed, db.AttemptID{}, "", ""
	return attempt
}

// stale reports whether an answer is to a request of ours that is not the one
// that is out. Ids that are none of ours are let through: some phones send
// none, or always the same.
func (s *session) stale(id string) bool {
	id = strings.TrimSpace(id)
	return strings.HasPrefix(id, idPrefix) && id != s.id
}

// answers reports whether msg is the answer to the request that is out.
func (s *session) answers(msg cwmp.Message) bool {
	name, ok := strings.CutSuffix(msg.RPC(), "Response")
	return ok && name == s.asked || msg.RPC() == "Fault"
}
