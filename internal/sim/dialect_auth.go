package sim

import (
	"regexp"
	"strings"
)

// authHabits are how a phone proves who it is to the ACS.
type authHabits struct {
	rfc2069    bool                // no qop, though it was offered
	emptyURI   bool                // uri=""
	oneCount   bool                // nc=00000001, always
	oneNonce   bool                // the nonce of the last session is used in the next
	informOnly bool                // later requests carry no proof
	unasked    bool                // Basic goes with the very first request
	junk       string              // goes with the very first request
	gives401   bool                // a 401 ends the session, for good
	form       func(string) string // of the Authorization value
}

var authDialects = []Dialect{
	{"digest-2069", []int{71}, "answers Digest in the manner of RFC 2069, though qop was offered", func(h *habits) { h.auth.rfc2069 = true }},
	{"digest-empty-uri", []int{71}, "answers Digest with an empty uri", func(h *habits) { h.auth.emptyURI = true }},
	{"digest-one-nonce", []int{71}, "answers Digest with nc=00000001 and one nonce, for every request and in later sessions",
		func(h *habits) { h.auth.oneCount, h.auth.oneNonce = true, true }},
	{"digest-inform-only", []int{72}, "proves itself with the Inform and never after it", func(h *habits) { h.auth.informOnly = true }},
	{"digest-quoted", []int{59}, "quotes qop, algorithm and nc in its answer to Digest",
		func(h *habits) { h.auth.form = quoteAll }},
	{"digest-lines", []int{59}, "spreads its answer to Digest over several lines",
		func(h *habits) { h.auth.form = func(v string) string { return strings.ReplaceAll(v, ", ", ",\r\n ") } }},
	{"auth-malformed", []int{19}, "sends an Authorization that cannot be read, until it is challenged",
		func(h *habits) {
			h.auth.junk = `Digest username="a, =,,"; ===`
		}},
	{"basic-unasked", []int{17}, "sends Basic before it is asked to", func(h *habits) { h.auth.unasked = true }},
	{"gives-up-at-401", []int{59}, "ends the session at a 401, and does not try again in it", func(h *habits) { h.auth.gives401 = true }},
}

var bareParam = regexp.MustCompile(`\b(qop|algorithm|nc)=([^",]+)`)

func quoteAll(v string) string { return bareParam.ReplaceAllString(v, `$1="$2"`) }

// authoriser makes the session's proof; the phone is locked.
func (s *session) authoriser(user, password string) authoriser {
	a := authoriser{user: user, password: password, cnonce: s.p.cnonce, habits: s.conduct.habits.auth}
	if a.habits.oneNonce && s.p.challenge != nil {
		a.challenge = *s.p.challenge
	}
	return a
}
