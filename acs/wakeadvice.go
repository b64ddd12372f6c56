package acs

import (
	"errors"

	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// errNotOurs is the detail of a phone that takes none of our logins.
var errNotOurs = errors.New("answered 401 to every login that it may have")

// advise completes the sentence of a phone that does not take our password by
// what becomes of that. What it promises is what the dispatcher does.
func (s *Server) advise(p *db.PhoneStatus, c *db.Credentials, q *quirks.Quirks, failure *WakeError) {
	if !errors.Is(failure.Err, errNotOurs) {
		return
	}
	const byHand = "; correct it in the phone's record, or order set-parameters, which takes effect at its next Inform"
	advice := byHand
	switch c.Standing().Proof {
	case db.ProvesOwn, db.ProvesCertificate:
		if s.opts.Door != nil && s.opts.Dispatcher.WakeRefused(p.ID) {
			advice = "; a new one will be set at its next Inform"
		}
	case db.ProvesNothing, db.ProvesIssued:
		unset := !c.Next.IsZero() && c.ConnectionRequestNext.IsZero() // the phone does not let it be set
		if s.opts.Door != nil && c.Refused == "" && !q.NoChallenge && !unset && c.Own.IsZero() {
			advice = "; one of its own will be set at its next Inform"
		}
	}
	failure.Sentence += advice
}
