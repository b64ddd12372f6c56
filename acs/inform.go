package acs

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// inform begins a session. What the Inform makes the phone forget is durable
// when it is answered, and so is what the dispatcher learned from it.
func (x *exchange) inform(in *cwmp.Inform) {
	outcome, err := x.tryInform(in)
	x.s.metrics.informs[outcome].Inc()
	if err != nil {
		x.refuse(err)
	}
}

func (x *exchange) tryInform(in *cwmp.Inform) (informOutcome, error) {
	s := x.s
	if s.draining.Load() {
		return informRefused, &breach{rule: ruleDraining}
	}
	if others := x.env.OtherVersions; len(others) > 0 {
		return informRefused, &breach{ruleVersion, fmt.Errorf("offered %s", strings.Join(others, ", "))}
	}
	normalize(&in.DeviceID)
	if err := checkInform(in); err != nil {
		return informRefused, err
	}
	if err := x.paced(in); err != nil {
		return informRefused, err
	}
	record := x.record(in, newToken())
	var err error
	if record.Proof, err = x.prove(&record); err != nil {
		return informRefused, err
	}
	if !s.sessions.reserve(s.opts.MaxSessions) {
		return informRefused, &breach{rule: ruleFull}
	}
	defer func() {
		if x.sess == nil {
			s.sessions.release()
		}
	}()
	rec, err := x.begin(in, record)
	if err != nil {
		return informRefused, err
	}
	defer x.sess.mu.Unlock()
	x.passedOver()
	outcome := informAccepted
	if rec.Created {
		outcome = informCreated
		x.noteEnrolled(rec.Phone)
	}
	if err := s.opts.Dispatcher.Informed(x.lasting(), x.sess.db, rec, in); err != nil {
		x.fail(fmt.Errorf("settle inform: %w", err))
		return informRefused, nil
	}
	x.answerInform()
	x.sess.touch(s.opts.Clock.Now())
	return outcome, nil
}

// begin records the Inform and makes a session, locked, in x.sess. An older
// one of the same phone ends.
func (x *exchange) begin(in *cwmp.Inform, record db.Inform) (db.Recorded, error) {
	s, id := x.s, in.DeviceID
	if !s.turns.enter(id) {
		return db.Recorded{}, &breach{rule: ruleCrowded}
	}
	defer s.turns.leave(id)
	rec, err := s.opts.Store.RecordInform(x.lasting(), record)
	if err != nil {
		return rec, informBreach(fmt.Errorf("record inform: %w", err))
	}
	x.watch(in, &record, rec.Phone.ID)
	sess := &session{
		db:        db.Session{Token: record.Session, Phone: rec.Phone, Proof: record.Proof, BaseURL: x.baseURL()},
		name:      s.prefix + "-" + strconv.FormatUint(s.started.Add(1), 10),
		cookie:    setCookie(record.Session),
		namespace: x.env.Namespace,
		timeout:   s.opts.SessionTimeout,
		began:     x.began,
		conn:      x.conn,
		state:     stateInformed,
		quirks:    s.opts.Quirks.Informed(x.lasting(), &rec.Phone, in),
	}
	sess.tape = s.opts.Recorder.Begin(rec.Phone.ID, sess.name, s.phoneAddress(x.conn, x.r), x.began)
	sess.tape.Informed(x.began, x.r.Header, x.env, x.raw)
	if asked := time.Duration(x.env.SessionTimeout) * time.Second; asked > sess.timeout && record.Proof != db.ProofNone {
		sess.timeout = min(asked, maxSessionTimeout)
	}
	sess.touch(x.began)
	sess.mu.Lock()
	x.sess = sess
	// Who says to be a phone that was reset and proves nothing has no say about
	// the session of who has proven to be it.
	for _, old := range s.sessions.add(sess, rec.Phone.State == db.PhoneReEnrol) {
		s.end(old, endSuperseded)
	}
	if rec.Phone.State != db.PhoneReEnrol {
		s.waker.came(rec.Phone.ID)
	}
	x.conn.begun(sess)
	return rec, nil
}
