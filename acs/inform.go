package acs

import (
	"fmt"
	"strconv"
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
	normalize(&in.DeviceID)
	if err := checkInform(in); err != nil {
		return informRefused, err
	}
	if err := x.paced(in); err != nil {
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
	rec, err := x.begin(in)
	if err != nil {
		return informRefused, err
	}
	defer x.sess.mu.Unlock()
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
func (x *exchange) begin(in *cwmp.Inform) (db.Recorded, error) {
	s := x.s
	id := in.DeviceID
	if !s.turns.enter(id) {
		return db.Recorded{}, &breach{rule: ruleCrowded}
	}
	defer s.turns.leave(id)
	token := newToken()
	said := x.record(in, token)
	rec, err := s.opts.Store.RecordInform(x.lasting(), said)
	if err != nil {
		return rec, informBreach(fmt.Errorf("record inform: %w", err))
	}
	x.watch(in, &said, rec.Phone.ID)
	sess := &session{
		db:        db.Session{Token: token, Phone: rec.Phone, BaseURL: x.baseURL()},
		name:      s.prefix + "-" + strconv.FormatUint(s.started.Add(1), 10),
		cookie:    setCookie(token),
		namespace: x.env.Namespace,
		timeout:   s.opts.SessionTimeout,
		began:     x.began,
		conn:      x.conn,
		state:     stateInformed,
	}
	if asked := time.Duration(x.env.SessionTimeout) * time.Second; asked > sess.timeout {
		sess.timeout = min(asked, maxSessionTimeout)
	}
	sess.touch(x.began)
	sess.mu.Lock()
	x.sess = sess
	if old := s.sessions.add(sess); old != nil {
		s.end(old, endSuperseded)
	}
	if !x.conn.proxied {
		x.conn.session.Store(sess)
	}
	return rec, nil
}
