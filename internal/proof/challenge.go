package proof

import "net/http"

// Challenge is the value of WWW-Authenticate for the answer to a request that
// was not proven, with the algorithm of the checker's options. It is the only
// one to send: phones stumble over a second.
func (c *Checker) Challenge(v Verdict) string { return c.ChallengeWith(c.alg, v) }

// ChallengeWith is Challenge with an algorithm of its own, for a listener or a
// phone that is to use another. An answer must be of the algorithm that its
// nonce was offered with, or of that with -sess.
func (c *Checker) ChallengeWith(alg Algorithm, v Verdict) string {
	s := `Digest realm="` + c.realm + `", qop="auth", nonce="` + c.nonces.issue(alg) + `", algorithm=` + alg.String()
	if v.Outcome == Stale {
		s += ", stale=true" // the password was right: the phone need not ask for another
	}
	return s
}

// Demand answers a request that was not proven: 401, a challenge, no body. The
// connection is kept, on which phones answer. Whoever calls has read the
// request's body, or the connection ends all the same.
func (c *Checker) Demand(w http.ResponseWriter, v Verdict) {
	w.Header().Set("WWW-Authenticate", c.Challenge(v))
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusUnauthorized)
}
