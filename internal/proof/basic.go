package proof

import (
	"crypto/sha256"
	"crypto/subtle"
)

// judgeBasic holds a Basic answer against the logins. In clear the password is
// not looked at: whoever sends it is told nothing of it.
func (c *Checker) judgeBasic(h *header, secure bool, logins []Login, lenient Leniency) Verdict {
	v := Verdict{Scheme: Basic, Login: -1}
	user, password, err := h.decodeBasic()
	if err != nil {
		v.Outcome, v.Rule = Unreadable, RuleToken
		return v
	}
	v.User = user
	if !secure && !lenient.BasicInClear {
		v.Outcome, v.Rule = Refused, RuleClear
		return v
	}
	got := sha256.Sum256([]byte(password)) // of one length, which gives none away
	v.Outcome, v.Rule = Wrong, RulePassword
	for i := len(logins) - 1; i >= 0; i-- {
		l := logins[i]
		want := sha256.Sum256([]byte(l.Password))
		right := subtle.ConstantTimeCompare(want[:], got[:]) == 1
		if right && l.User == user && l.Password != "" {
			v.Outcome, v.Login, v.Rule = Proven, i, ""
		}
	}
	return v
}
