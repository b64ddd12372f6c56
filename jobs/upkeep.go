package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// upkeeps is what the server asks of phones for its own sake, in this order,
// before their tasks. A new kind is a file and a row.
var upkeeps = []upkeep{
	recallTransfer{},
	giveLogins{},
	giveOwnLogin{},
	giveWakeLogin{},
	askMethods{},
	nameSTUN{},
	watchSTUN{},
	setSTUN{},
	askToInform{},
	readPeriodic{},
	setPeriodic{},
}

// An upkeep is one such kind. It has no task: its RPC leaves with the zero
// attempt, at most once in a session, and whatever must outlive the session is
// kept by its methods, before the RPC leaves or when it is answered.
type upkeep interface {
	// name is that of the RPC, for the log.
	name() string
	// wants is asked in every session, and costs next to nothing.
	wants(f upkeepFacts) bool
	// request builds the RPC; nil: there is nothing to send after all.
	request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error)
	// answered takes the response, or nil for an empty POST or anything else
	// that is no answer. A session that is lost instead needs no call.
	answered(ctx context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error
	// refused takes a fault; one of 8xxx says that the RPC never left.
	refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error
}

// upkeepFacts are what an upkeep decides by.
type upkeepFacts struct {
	session db.Session
	phone   *db.Phone
	methods *db.Methods // never nil
	// proven says that the phone has shown who it is: only then may it be told
	// a secret, or be given tasks.
	proven     bool
	unwakeable bool // it takes none of our logins for connection requests
	stun       *STUN
	stunLost   bool // it does not sign its STUN requests with our password
	waits      bool // tasks wait for a slot that is to come
	holds      bool // a transfer was handed over to it before this session
	now        time.Time
}

// openUpkeep remembers which upkeep a session has been sent, and what it waits
// for. It holds one entry a phone at most, for phones that needed any since
// their last Inform, and needs to survive no restart: sessions do not either.
type openUpkeep struct {
	mu sync.Mutex
	m  map[db.PhoneID]upkeepState
}

type upkeepState struct {
	session db.SessionToken
	asked   uint64 // a bit for each of upkeeps
	out     int    // index of what waits for its answer; -1: none
}

func (o *openUpkeep) get(phone db.PhoneID, s db.SessionToken) upkeepState {
	o.mu.Lock()
	defer o.mu.Unlock()
	if st, ok := o.m[phone]; ok && st.session == s {
		return st
	}
	return upkeepState{session: s, out: -1}
}

func (o *openUpkeep) set(phone db.PhoneID, st upkeepState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.m == nil {
		o.m = make(map[db.PhoneID]upkeepState)
	}
	o.m[phone] = st
}

func (o *openUpkeep) forget(phone db.PhoneID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.m, phone)
}

// reopen lets a session be asked once more when to speak, as there is another
// time to ask for.
func (o *openUpkeep) reopen(phone db.PhoneID, s db.SessionToken) {
	st := o.get(phone, s)
	for i, u := range upkeeps {
		switch u.(type) {
		case askToInform, readPeriodic, setPeriodic:
			st.asked &^= 1 << i
		}
	}
	o.set(phone, st)
}

func (s *Service) upkeepFacts(ctx context.Context, sess db.Session) (f upkeepFacts, err error) {
	f = upkeepFacts{session: sess, phone: &sess.Phone, proven: mayTasks(sess), unwakeable: s.unwakeable.has(sess.Phone.ID), now: s.clock.Now()}
	slots, _ := s.prompts.of(sess.Phone.ID, sess.Token)
	f.waits, f.holds = slots.waits, slots.holds
	if f.stun = s.stun; f.stun != nil {
		f.stunLost = f.stun.lost(f.phone.ID, f.now)
	}
	f.methods, err = s.methods(ctx, sess.Phone.ID)
	return f, err
}

// mayTasks says whether the phone of a session may be given tasks: not before
// it has proven who it is, or the server was told that it need not.
func mayTasks(s db.Session) bool { return s.Proof != db.ProofNone }

// nextUpkeep returns the next RPC that the server sends for its own sake, or
// nil.
func (s *Service) nextUpkeep(ctx context.Context, sess db.Session) (cwmp.Message, error) {
	f, err := s.upkeepFacts(ctx, sess)
	if err != nil {
		return nil, err
	}
	for i, u := range upkeeps {
		if !u.wants(f) {
			continue
		}
		st := s.upkeep.get(sess.Phone.ID, sess.Token)
		if st.asked&(1<<i) != 0 {
			continue
		}
		msg, err := u.request(ctx, s, f)
		if err != nil {
			return nil, fmt.Errorf("upkeep of %v: %w", sess.Phone.ID, err)
		}
		st.asked |= 1 << i
		if msg != nil {
			st.out = i
		}
		s.upkeep.set(sess.Phone.ID, st)
		if msg != nil {
			s.metrics.upkeep.WithLabelValues(u.name()).Inc()
			s.log.DebugContext(ctx, "upkeep sent", logkey.Phone, sess.Phone.ID.String(), logkey.RPC, u.name())
			return msg, nil
		}
	}
	return nil, nil
}

// upkept takes the answer to an upkeep's RPC.
func (s *Service) upkept(ctx context.Context, sess db.Session, answer cwmp.Message) error {
	st := s.upkeep.get(sess.Phone.ID, sess.Token)
	if st.out < 0 {
		return nil // of a session that has ended
	}
	u := upkeeps[st.out]
	st.out = -1
	s.upkeep.set(sess.Phone.ID, st)
	f, err := s.upkeepFacts(ctx, sess)
	if err != nil {
		return err
	}
	if fault, ok := answer.(*cwmp.Fault); ok {
		err = u.refused(ctx, s, f, fault)
	} else {
		err = u.answered(ctx, s, f, answer)
	}
	if err != nil {
		return fmt.Errorf("take answer to %s: %w", u.name(), err)
	}
	return nil
}
