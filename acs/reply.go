package acs

import (
	"net/http"
	"strconv"

	"phoneacs/cwmp"
)

// Header values that are the same in every answer. net/http only reads them.
var (
	typeXML    = []string{"text/xml; charset=utf-8"}
	typeText   = []string{"text/plain; charset=utf-8"}
	allowPost  = []string{http.MethodPost}
	closeAfter = []string{"close"}
	lengthNone = []string{"0"}
)

// answerInform sends InformResponse. UseCWMPVersion answers phones that offer
// versions (TR-069 3.7.4); all that [cwmp.ParseVersion] knows are spoken, so
// the highest one of them is the one. Who offers none of them was told fault
// 8006, before anything of the Inform was looked at.
func (x *exchange) answerInform() {
	if x.superseded() {
		return
	}
	env := cwmp.Envelope{Namespace: x.env.Namespace, ID: x.env.ID, Body: &informResponse}
	if len(x.env.SupportedVersions) > 0 {
		env.UseVersion = x.env.Version()
	}
	x.greet(env)
}

var informResponse = cwmp.InformResponse{MaxEnvelopes: 1}

// respond sends an envelope. The error is that of encoding it, and then
// nothing was sent; that the phone has gone is found out by its next session.
func (x *exchange) respond(env cwmp.Envelope) error {
	x.spell(&env)
	buf := newBuffer()
	defer buf.free()
	var err error
	if buf.b, err = env.AppendTo(buf.b); err != nil {
		return err
	}
	x.said(http.StatusOK, typeXML, &env, buf.b)
	x.write(http.StatusOK, typeXML, buf.b)
	return nil
}

// spell writes an envelope as the phone of the session needs it.
func (x *exchange) spell(env *cwmp.Envelope) {
	if x.sess == nil {
		return
	}
	q := x.sess.quirks
	env.Declaration = q.XMLDeclaration
	if q.Namespace != "" {
		env.Namespace = q.Namespace
	}
}

// nothing sends 204: there is nothing more to say.
func (x *exchange) nothing() {
	x.setCookie()
	x.w.WriteHeader(http.StatusNoContent)
}

// done ends the session as TR-069 has it, or as the phone needs it.
func (x *exchange) done() {
	how := endEmpty
	if x.sess.rpcs.Load() > 0 {
		how = endDone
	}
	x.said(http.StatusNoContent, nil, nil, nil) // before the tape ends with the session
	x.s.end(x.sess, how)
	if x.sess.quirks.CloseAfterEnd {
		x.w.Header()["Connection"] = closeAfter
	}
	if x.sess.quirks.EmptyEnd {
		x.setCookie()
		x.w.Header()["Content-Length"] = lengthNone
		x.w.WriteHeader(http.StatusOK)
		return
	}
	x.nothing()
}

// write sends status, headers and body at once.
func (x *exchange) write(status int, kind []string, body []byte) {
	x.setCookie()
	h := x.w.Header()
	h["Content-Type"] = kind
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	x.w.WriteHeader(status)
	x.w.Write(body)
}

// setCookie repeats the session cookie: some phones want it in every answer.
func (x *exchange) setCookie() {
	if x.sess != nil {
		x.w.Header()["Set-Cookie"] = x.sess.cookie
	}
}
