package acs

import (
	"fmt"
	"log/slog"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// settle hands the phone's answer to the dispatcher, and goes on.
func (x *exchange) settle() {
	answer := x.env.Body
	if x.sess.stale(x.env.ID) {
		x.reject(&breach{ruleStale, fmt.Errorf("%s to %.64q", answer.RPC(), x.env.ID)})
		return
	}
	if !x.sess.answers(answer) {
		x.note(&breach{ruleWrongAnswer, fmt.Errorf("%.64q to %s", answer.RPC(), x.sess.asked)})
		answer = nil
	}
	if f, ok := answer.(*cwmp.Fault); ok {
		f.Code = phoneCode(f.Code)
	}
	x.hand(answer)
}

// phoneCode keeps a fault code within those of a phone. 8xxx are an ACS's, and
// tell the dispatcher something else, so a phone cannot be let use them.
func phoneCode(c cwmp.FaultCode) cwmp.FaultCode {
	if c >= 8000 && c <= 8999 {
		return cwmp.FaultInternalError
	}
	return c
}

// hand gives the dispatcher the answer to the request that is out; nil says
// that there was none.
func (x *exchange) hand(answer cwmp.Message) {
	attempt := x.sess.answered()
	if err := x.s.opts.Dispatcher.Answered(x.lasting(), x.sess.db, attempt, answer); err != nil {
		x.fail(fmt.Errorf("take answer: %w", err))
		return
	}
	x.next()
}

// next sends what the dispatcher has for the phone, or ends the session. A
// phone that is not approved is given nothing.
func (x *exchange) next() {
	for x.sess.db.Phone.State == db.PhoneApproved && x.sess.rpcs.Load() < maxRPCs && !x.w.missed() {
		msg, attempt, err := x.s.opts.Dispatcher.Next(x.r.Context(), x.sess.db)
		if err != nil {
			x.fail(fmt.Errorf("next request: %w", err))
			return
		}
		if msg == nil {
			break
		}
		if !x.send(msg, attempt) {
			return
		}
	}
	if !x.w.missed() { // else it ends in failure
		x.done()
	}
}

// send lets a request leave. again is true if it never left, which the
// dispatcher is told: it could not be put in words, and the next one may; or the
// phone was answered before it was ready.
func (x *exchange) send(msg cwmp.Message, attempt db.AttemptID) (again bool) {
	if x.superseded() {
		return false
	}
	if !x.w.take() {
		return x.takeBack(attempt, cwmp.FaultRetryRequest, "the phone had been told to come again")
	}
	id := x.sess.ask(msg, attempt)
	err := x.respond(cwmp.Envelope{Namespace: x.sess.namespace, ID: id, Body: msg})
	if err == nil {
		x.log(slog.LevelDebug, "request sent", slog.String(logkey.RPC, msg.RPC()))
		return false
	}
	x.log(slog.LevelError, "request cannot be encoded", slog.String(logkey.RPC, msg.RPC()), slog.String(logkey.Err, err.Error()))
	x.sess.answered()
	return x.takeBack(attempt, cwmp.FaultInternalErrorACS, err.Error())
}

// takeBack tells the dispatcher that a request never left; again is as of send.
func (x *exchange) takeBack(attempt db.AttemptID, code cwmp.FaultCode, why string) (again bool) {
	never := &cwmp.Fault{Code: code, String: why}
	if err := x.s.opts.Dispatcher.Answered(x.lasting(), x.sess.db, attempt, never); err != nil {
		x.fail(fmt.Errorf("take back request: %w", err))
		return false
	}
	return true
}
