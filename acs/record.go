package acs

import (
	"net/http"
	"slices"

	"phoneacs/cwmp"
	"phoneacs/internal/record"
)

// What a session's tape is told, and what is kept of messages that cannot be
// understood. Where nothing is recorded a message is not kept longer than it
// takes to read it.

// retain keeps the bytes of a message until the end of the exchange. Of one
// that took a place among the large ones only the first stay: others wait for it.
func (x *exchange) retain(b body) {
	switch {
	case x.s.opts.Recorder == nil:
		b.free()
	case b.large != nil:
		x.raw = record.Body{Bytes: slices.Clone(b.b[:min(len(b.b), record.MaxSearched)]), Size: len(b.b)}
		b.free()
	default:
		x.kept, x.raw = b.buffer, record.Body{Bytes: b.b, Size: len(b.b)}
	}
}

// letGo gives back what retain kept.
func (x *exchange) letGo() {
	if x.kept != nil {
		x.kept.free()
		x.kept, x.raw = nil, record.Body{}
	}
}

// greet answers the Inform.
func (x *exchange) greet(env cwmp.Envelope) {
	x.spell(&env)
	buf := newBuffer()
	defer buf.free()
	var err error
	if buf.b, err = env.AppendTo(buf.b); err != nil {
		return // it repeats what could be decoded
	}
	if x.sess.tape != nil && !x.w.missed() {
		x.sess.tape.Greeted(x.s.opts.Clock.Now(), http.StatusOK, typeXML[0], env, record.Body{Bytes: buf.b, Size: len(buf.b)})
	}
	x.write(http.StatusOK, typeXML, buf.b)
}

// heard tells the tape of a message of the phone within its session.
func (x *exchange) heard() {
	if x.sess.tape == nil {
		return
	}
	rpc := ""
	if x.env != nil {
		rpc = x.env.Body.RPC()
	}
	x.sess.tape.Heard(x.began, x.r.Header, rpc, x.raw)
}

// said tells the tape of an answer that is about to leave.
func (x *exchange) said(status int, kind []string, env *cwmp.Envelope, raw []byte) {
	if x.sess == nil || x.sess.tape == nil || x.w.missed() {
		return
	}
	media := ""
	if kind != nil {
		media = kind[0]
	}
	x.sess.tape.Said(x.s.opts.Clock.Now(), status, media, env, record.Body{Bytes: raw, Size: len(raw)})
}

// misread has a message kept that was not understood.
func (x *exchange) misread(rule string, err error) {
	if x.s.opts.Recorder == nil {
		return
	}
	if x.sess != nil {
		x.sess.tape.Broke(rule)
	}
	if x.raw.Size == 0 || !record.Keeps(rule) {
		return
	}
	m := record.Misread{
		At: x.began, Rule: rule, Err: err, Raw: x.raw,
		Address: x.s.phoneAddress(x.conn, x.r), Agent: x.r.UserAgent(),
	}
	if x.sess != nil {
		m.Phone = x.sess.db.Phone.ID
	}
	x.s.opts.Recorder.Unreadable(m)
}
