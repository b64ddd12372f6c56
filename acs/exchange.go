package acs

import (
	"context"
	"errors"
	"net/http"
	"time"

	"phoneacs/cwmp"
	"phoneacs/internal/proof"
	"phoneacs/internal/record"
)

// An exchange is one POST and its answer. It lives on the stack of ServeHTTP.
type exchange struct {
	s     *Server
	w     *outlet
	r     *http.Request
	began time.Time
	conn  *connection

	sess *session       // locked while the exchange works on it; nil: none
	env  *cwmp.Envelope // what came; nil: nothing, or nothing readable
	err  error          // why it is not readable

	verdict proof.Verdict // on the phone's credentials, where they did not do
	sha256  bool          // its quirks have it asked for SHA-256
	kept    *buffer       // what raw lies in, until the exchange is over; nil: nothing
	raw     record.Body   // what came, for the recorder alone
}

// serve finds the session, reads the body and takes the step that the table
// names.
func (x *exchange) serve() {
	if x.r.Method != http.MethodPost {
		x.w.Header()["Allow"] = allowPost
		x.refuse(&breach{rule: ruleMethod})
		return
	}
	x.conn = x.s.connectionOf(x.r)
	x.conn.carries(x.r)
	sess := x.s.find(x.r, x.conn)
	in, err := x.read(sess != nil)
	if err != nil {
		x.refuse(err)
		return
	}
	if in == inInform {
		x.inform(x.env.Body.(*cwmp.Inform))
		return
	}
	at := stateNone
	if sess != nil {
		sess.mu.Lock()
		defer sess.mu.Unlock()
		if !sess.over.Load() {
			x.sess, at = sess, sess.state
			sess.touch(x.began)
			x.heard()
		}
	}
	x.take(steps[at][in])
	if x.sess != nil {
		x.sess.touch(x.s.opts.Clock.Now())
	}
}

// take takes one step of the table.
func (x *exchange) take(st step) {
	x.passedOver()
	switch st.do {
	case actServe:
		x.request()
	case actNext:
		x.next()
	case actSettle:
		x.settle()
	case actMissed:
		x.hand(nil)
	case actNothing:
		if x.opener() {
			x.refuse(&breach{rule: ruleNoProof})
			return
		}
		x.nothing()
	case actFault:
		x.refuse(x.err)
	case actReject:
		err := x.err
		if st.rule != "" {
			err = &breach{rule: st.rule}
		}
		x.reject(err)
	}
}

// read takes the body in and says what it is.
func (x *exchange) read(session bool) (input, error) {
	if x.r.ContentLength == 0 {
		return inEmpty, x.wait()
	}
	limit := x.s.opts.MaxBody
	if !session {
		limit = min(limit, smallBody)
	}
	b, err := x.s.readBody(x.w, x.r, limit)
	if err != nil {
		return 0, err
	}
	if err := x.wait(); err != nil {
		b.free()
		return 0, err
	}
	defer x.retain(b)
	if len(b.b) == 0 {
		return inEmpty, nil // chunked, and nothing in it
	}
	if x.env, x.err = cwmp.Decode(b.b); x.err == nil {
		return kind(x.env.Body), nil
	}
	x.env = nil
	if p := (*cwmp.ProtocolError)(nil); errors.As(x.err, &p) {
		switch {
		case p.Rule == cwmp.RuleEmpty:
			return inEmpty, nil
		case p.Code != 0:
			return inBroken, nil
		}
	}
	return inGarbage, nil
}

// wait begins the wait for the answer, unless the answer could not come in time.
// The message has been read and nothing else is held.
func (x *exchange) wait() error {
	if x.s.stuck() {
		return &breach{rule: ruleStuck}
	}
	x.w.conn = x.conn
	x.s.waiting.add(x.w, x.s.opts.Clock.Now())
	return nil
}

// kind says which input a message is.
func kind(m cwmp.Message) input {
	if _, ok := m.(*cwmp.Inform); ok {
		return inInform
	}
	if cwmp.IsResponse(m) {
		return inAnswer
	}
	return inRequest
}

// lasting is a context for what must be finished although the phone may have
// hung up: it has said its part, and some restart as soon as they have.
func (x *exchange) lasting() context.Context { return context.WithoutCancel(x.r.Context()) }
