package proof

import (
	"bytes"
	"crypto/subtle"
	"strconv"
	"strings"
)

// digestAnswer is a Digest answer that has what it takes to be computed.
type digestAnswer struct {
	*header
	method string
	realm  string // as answered; ours where the phone left it out
	alg    Algorithm
	sess   bool
}

// judgeDigest holds a Digest answer against the logins. Whether the password
// is right comes first, so that a guess is Wrong in whatever manner it is
// made, and a refusal for its manner says that the password is right.
func (c *Checker) judgeDigest(h *header, method, uri string, logins []Login, lenient Leniency) Verdict {
	v := Verdict{Scheme: Digest, Login: -1, User: h.digest[fieldUser]}
	if v.User == "" || h.digest[fieldNonce] == "" || h.digest[fieldResponse] == "" {
		v.Outcome, v.Rule = Unreadable, RuleFields
		return v
	}
	n := c.nonces.read(h.digest[fieldNonce])
	a := digestAnswer{header: h, method: method, realm: h.digest[fieldRealm], alg: n.alg}
	if !h.given[fieldRealm] {
		a.realm = c.realm
	}
	if name := h.digest[fieldAlgorithm]; name != "" {
		var ok bool
		if a.alg, a.sess, ok = parseAlgorithm(name); !ok {
			v.Outcome, v.Rule = Refused, RuleAlgorithm
			return v
		}
	}
	login := a.match(h.digest[fieldURI], logins)
	if login < 0 && h.digest[fieldURI] == "" {
		login = a.match(uri, logins)
	}
	if login < 0 {
		v.Outcome, v.Rule = Wrong, RulePassword
		return v
	}
	if a.realm != c.realm {
		v.Outcome, v.Rule = Refused, RuleRealm // not stale: a phone that always does so would ask for ever
		return v
	}
	if v.Rule = a.manner(n, uri, lenient); v.Rule != "" {
		v.Outcome = Refused
		return v
	}
	if v.Rule = c.fresh(n, a, lenient); v.Rule != "" {
		v.Outcome = Stale
		return v
	}
	v.Outcome, v.Login = Proven, login
	return v
}

// manner returns the rule that a right answer breaks by how it is made, or "".
func (a *digestAnswer) manner(n nonce, uri string, lenient Leniency) string {
	qop, nc := a.digest[fieldQop], a.digest[fieldCount]
	switch {
	case n.ours && a.alg != n.alg:
		return RuleAlgorithm // the weaker one was not offered with this nonce
	case qop == "" && !lenient.NoQop, qop != "" && !strings.EqualFold(qop, "auth"):
		return RuleQop
	case a.digest[fieldURI] == "" && !lenient.EmptyURI:
		return RuleURI
	case a.digest[fieldURI] != "" && !sameURI(a.digest[fieldURI], uri):
		return RuleURI
	case qop != "" && !lenient.OddCount && !isCount(nc):
		return RuleCount
	}
	return ""
}

// fresh returns why a right answer comes too late, or "".
func (c *Checker) fresh(n nonce, a digestAnswer, lenient Leniency) string {
	switch {
	case !n.ours:
		return RuleForeign
	case n.expired:
		return RuleExpired
	case c.replays == nil || lenient.OddCount:
		return ""
	}
	count, _ := strconv.ParseUint(a.digest[fieldCount], 16, 32) // without one: zero
	if !c.replays.first(use{n.id, uint32(count)}) {
		return RuleReplayed
	}
	return ""
}

// isCount reports whether s is a count as clients write it: hexadecimal, of at
// most 8 digits.
func isCount(s string) bool {
	_, err := strconv.ParseUint(s, 16, 32)
	return err == nil && len(s) <= 8
}

// match returns the index of the first login whose answer this is, or -1. All
// are computed and compared in constant time, at least one: how long it takes
// tells neither how much was right nor whether the phone is known.
func (a *digestAnswer) match(uri string, logins []Login) int {
	got := bytes.ToLower([]byte(a.digest[fieldResponse]))
	var buf [128]byte
	second := a.second(buf[:0], uri)
	found := -1
	if len(logins) == 0 {
		a.compare(got, second, Login{})
	}
	for i := len(logins) - 1; i >= 0; i-- {
		if a.compare(got, second, logins[i]) {
			found = i
		}
	}
	return found
}

func (a *digestAnswer) compare(got, second []byte, l Login) bool {
	var buf [128]byte
	want := a.answer(buf[:0], second, l.Password)
	right := subtle.ConstantTimeCompare(want, got) == 1
	return right && l.User == a.digest[fieldUser] && l.User != "" && l.Password != ""
}

// second appends H(A2), which says what is asked for.
func (a *digestAnswer) second(dst []byte, uri string) []byte {
	var buf [512]byte
	return a.alg.hex(dst, join(buf[:0], a.method, uri))
}

// answer appends what a client that knows the password would have answered
// (RFC 7616 3.4.1; without qop RFC 2069 2.1.2). Values go in as they were
// spelled, for so the client has hashed them.
func (a *digestAnswer) answer(dst, second []byte, password string) []byte {
	var buf [512]byte
	var key [64]byte
	first := a.alg.hex(key[:0], join(buf[:0], a.digest[fieldUser], a.realm, password))
	if a.sess {
		b := append(buf[:0], first...)
		b = append(b, ':')
		first = a.alg.hex(key[:0], join(b, a.digest[fieldNonce], a.digest[fieldCnonce]))
	}
	b := append(buf[:0], first...)
	b = append(b, ':')
	if a.digest[fieldQop] == "" {
		b = join(b, a.digest[fieldNonce])
	} else {
		b = join(b, a.digest[fieldNonce], a.digest[fieldCount], a.digest[fieldCnonce], a.digest[fieldQop])
	}
	b = append(b, ':')
	return a.alg.hex(dst, append(b, second...))
}

// join appends parts with colons between them.
func join(dst []byte, parts ...string) []byte {
	for i, s := range parts {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, s...)
	}
	return dst
}
