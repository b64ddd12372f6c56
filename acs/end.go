package acs

import (
	"log/slog"

	"phoneacs/internal/logkey"
)

// ending says how a session ended; the label of phoneacs_sessions_total.
type ending string

const (
	endDone       ending = "done"       // all that was to do was said
	endEmpty      ending = "empty"      // there was nothing to do
	endFailed     ending = "failed"     // a breach, or the store failed
	endSilent     ending = "silent"     // the phone said nothing more
	endSuperseded ending = "superseded" // the phone began another
)

var endings = []ending{endDone, endEmpty, endFailed, endSilent, endSuperseded}

// end ends a session, once. It needs no lock: a newer Inform ends the session
// while a POST of it may still be worked on, which is then refused.
func (s *Server) end(sess *session, how ending) {
	if !sess.over.CompareAndSwap(false, true) {
		return
	}
	s.sessions.remove(sess)
	sess.conn.session.CompareAndSwap(sess, nil)
	if how != endSuperseded {
		s.opts.Store.EndSession(sess.db.Phone.ID, sess.db.Token)
	}
	s.metrics.ended[how].Inc()
	sess.tape.End(s.opts.Clock.Now(), string(how), how != endDone && how != endEmpty)
	level := slog.LevelInfo
	if how == endEmpty && s.opts.LogBusy {
		level = slog.LevelDebug
	}
	if s.logs(level) { // one line a session, always with these keys
		s.line(level, "session ended",
			slog.String(logkey.Session, sess.name), slog.String(logkey.Phone, sess.db.Phone.ID.String()), slog.String(logkey.Addr, sess.conn.text),
			slog.String(logkey.State, string(how)), slog.Int(logkey.Count, int(sess.rpcs.Load())),
			slog.Duration(logkey.Duration, s.opts.Clock.Since(sess.began)))
	}
	s.sessions.release()
}
