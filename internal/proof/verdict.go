package proof

// Outcome is how a request stands.
type Outcome uint8

// The outcomes. All but Proven are answered with 401 and a challenge.
const (
	None       Outcome = iota // no credentials: nothing is wrong yet
	Proven                    // by the login that the verdict names
	Wrong                     // credentials that are not those of any login: a guess
	Stale                     // a right answer to a challenge that is over; the next says so
	Refused                   // in a manner that is not allowed here; the rule says which
	Unreadable                // a header that says nothing
)

func (o Outcome) String() string {
	return [...]string{"none", "proven", "wrong", "stale", "refused", "unreadable"}[o]
}

// Scheme is how credentials were sent.
type Scheme uint8

// The schemes.
const (
	NoScheme Scheme = iota
	Digest
	Basic
)

func (s Scheme) String() string { return [...]string{"none", "digest", "basic"}[s] }

// Rules say what was found wanting: stable tokens for logs and metrics.
const (
	RuleHeader    = "auth.header"      // the Authorization header cannot be read
	RuleScheme    = "auth.scheme"      // neither Digest nor Basic
	RulePassword  = "auth.password"    // user name or password is wrong
	RuleClear     = "basic.clear"      // Basic without TLS; the password was not looked at
	RuleAlgorithm = "digest.algorithm" // not the algorithm that was offered, or an unknown one
	RuleQop       = "digest.qop"       // without qop, or with one that was not offered
	RuleURI       = "digest.uri"       // for another resource, or for none
	RuleCount     = "digest.count"     // nc is missing or no number
	RuleExpired   = "digest.expired"   // the nonce is too old
	RuleRealm     = "digest.realm"     // a realm that is not ours
	RuleForeign   = "digest.foreign"   // a nonce that is not ours, or of an earlier key
	RuleReplayed  = "digest.replayed"  // this count of this nonce was used before
	RuleFields    = "digest.fields"    // user name, nonce or response is missing
	RuleToken     = "basic.token"      // not base64 of name and password
)

// A Verdict says who a request is from, as far as it proves that.
type Verdict struct {
	Outcome Outcome
	Scheme  Scheme
	// Login is the index of the login that was proven; -1 if none was.
	Login int
	// User is the name that is claimed, "" if none; unless the outcome is
	// Proven anybody may have written it.
	User string
	// Rule is what was found wanting; "" for None and Proven.
	Rule string
}

// Guess reports whether the verdict counts against who asks: a [Throttle] is
// to be told. Without credentials, stale or refused is no guess: it has shown
// no password, a right one, or one that was not looked at.
func (v Verdict) Guess() bool { return v.Outcome == Wrong }
