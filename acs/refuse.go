package acs

import (
	"errors"
	"net/http"
	"strconv"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// fail ends the session because the store or the dispatcher failed.
func (x *exchange) fail(err error) { x.reject(storeBreach(err)) }

// reject refuses a POST and ends its session, if it has one.
func (x *exchange) reject(err error) {
	rule := x.refuse(err)
	if x.sess == nil {
		return
	}
	how := endFailed
	if rule == ruleSuperseded {
		how = endSuperseded
	}
	x.s.end(x.sess, how)
}

// superseded refuses a POST whose session ended while it was worked on.
func (x *exchange) superseded() bool {
	if !x.sess.over.Load() {
		return false
	}
	x.refuse(&breach{rule: ruleSuperseded})
	return true
}

// refuse answers what the table of answers has for a breach, notes it, and
// returns its rule.
func (x *exchange) refuse(err error) string {
	if x.w.missed() {
		return ruleLate // which has been said
	}
	rule := x.note(err)
	a := answerTo(rule)
	if p := (*cwmp.ProtocolError)(nil); errors.As(err, &p) && p.Code != 0 && (x.sess == nil || x.sess.state != stateAwaiting) {
		a = answer{http.StatusOK, p.Code}
	}
	if a.fault != 0 {
		x.fault(a.fault, rule)
		return rule
	}
	h := x.w.Header()
	switch a.status {
	case http.StatusUnauthorized:
		x.challenge()
	case http.StatusServiceUnavailable:
		h["Retry-After"] = []string{strconv.Itoa(later())}
	case http.StatusRequestEntityTooLarge, http.StatusRequestTimeout, http.StatusUnsupportedMediaType:
		h["Connection"] = closeAfter // the rest of the body is not waited for
	}
	x.said(a.status, typeText, nil, []byte(rule))
	x.write(a.status, typeText, []byte(rule))
	return rule
}

// fault answers a request with a fault.
func (x *exchange) fault(code cwmp.FaultCode, why string) {
	env := cwmp.Envelope{Body: &cwmp.Fault{Code: code, String: why}}
	switch {
	case x.env != nil:
		env.Namespace, env.ID = x.env.Namespace, x.env.ID
	case x.sess != nil:
		env.Namespace = x.sess.namespace
	}
	if err := x.respond(env); err != nil {
		x.write(http.StatusBadRequest, typeText, []byte(why))
	}
}

// storeBreach gives a failure of the store or the dispatcher its rule.
func storeBreach(err error) error {
	switch {
	case errors.Is(err, db.ErrSuperseded):
		return &breach{ruleSuperseded, err}
	case errors.Is(err, db.ErrNoSpace):
		return &breach{ruleNoSpace, err}
	}
	return &breach{ruleStore, err}
}
