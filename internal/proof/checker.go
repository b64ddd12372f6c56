package proof

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"
)

// KeySize is the length of the key that nonces are sealed with, in bytes.
const KeySize = 32

// Options say how a [Checker] works. Key must be given.
type Options struct {
	// Key seals nonces: [KeySize] random bytes that stay the same over restarts
	// and on every node. With another key all phones are challenged anew.
	Key []byte
	// Realm is what phones are told they log in to; empty: "phoneacs". Neither
	// controls nor quotes nor backslashes may be in it: phones do not unescape.
	Realm string
	// Algorithm is offered by [Checker.Challenge]; the zero value is MD5.
	Algorithm Algorithm
	// NonceLife is how long a challenge can be answered, 10 s to 1 h; 0: 5 min.
	NonceLife time.Duration
	// Replays is how many uses of nonces are remembered, so that an answer is
	// not good twice, up to 1,000,000 of about 40 bytes each. 0: none, and an
	// answer that somebody has listened to is good until its nonce ends.
	Replays int
	Clock   clockwork.Clock // nil: the real one
}

const maxReplays = 1_000_000

// complete fills in what was left out and refuses what cannot work.
func (o *Options) complete() error {
	if o.Realm == "" {
		o.Realm = "phoneacs"
	}
	if o.NonceLife == 0 {
		o.NonceLife = 5 * time.Minute
	}
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	switch {
	case len(o.Key) != KeySize:
		return fmt.Errorf("proof: key of %d bytes: want %d", len(o.Key), KeySize)
	case len(o.Realm) > 64 || strings.ContainsFunc(o.Realm, func(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }):
		return fmt.Errorf("proof: realm %q: want up to 64 characters of ASCII, without quotes and backslashes", o.Realm)
	case o.Algorithm > SHA256:
		return fmt.Errorf("proof: algorithm %v: want MD5 or SHA256", o.Algorithm)
	case o.NonceLife < 10*time.Second || o.NonceLife > time.Hour:
		return fmt.Errorf("proof: life of nonces %v: want 10s to 1h", o.NonceLife)
	case o.Replays < 0 || o.Replays > maxReplays:
		return fmt.Errorf("proof: memory of replays %d: want 0 to %d", o.Replays, maxReplays)
	}
	return nil
}

// A Checker challenges phones and judges what they answer. It is safe for
// concurrent use.
type Checker struct {
	realm   string
	alg     Algorithm
	nonces  *nonces
	replays *replays // nil: none are remembered
}

// New returns a checker, or an error that names the option which cannot work.
func New(o Options) (*Checker, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	return &Checker{
		realm:   o.Realm,
		alg:     o.Algorithm,
		nonces:  newNonces(o.Key, o.NonceLife, o.Clock),
		replays: newReplays(o.Replays),
	}, nil
}

// Check judges the credentials of a request against the logins that its phone
// may use: its own, and the next one while that has not been used. secure says
// that it came within TLS. It never fails; a header that cannot be read is a
// verdict. The request is left as it is.
func (c *Checker) Check(r *http.Request, secure bool, logins []Login, lenient Leniency) Verdict {
	uri := r.RequestURI
	if uri == "" {
		uri = r.URL.RequestURI()
	}
	return c.CheckHeader(r.Method, uri, r.Header["Authorization"], secure, logins, lenient)
}

// CheckHeader is Check for who has no request: uri is what stood in the request
// line, authorization are the values of all headers of that name.
func (c *Checker) CheckHeader(method, uri string, authorization []string, secure bool, logins []Login, lenient Leniency) Verdict {
	h, err := parseHeader(authorization)
	switch {
	case errors.Is(err, errScheme):
		return Verdict{Outcome: Unreadable, Login: -1, Rule: RuleScheme}
	case err != nil:
		return Verdict{Outcome: Unreadable, Login: -1, Rule: RuleHeader}
	case h.scheme == Digest:
		return c.judgeDigest(&h, method, uri, logins, lenient)
	case h.scheme == Basic:
		return c.judgeBasic(&h, secure, logins, lenient)
	}
	return Verdict{Outcome: None, Login: -1}
}
