// Package proof finds out who a phone is: by Digest or Basic credentials that
// were issued to it, or by a client certificate that names it. It challenges,
// judges the answer, makes new credentials, and says how long a wrong answer
// is to wait. It serves whoever speaks HTTP to phones.
//
// A [Checker] needs a key, a clock and the logins that a phone may use, and
// says in a [Verdict] which of them was proven; a [Throttle] counts the wrong
// ones. Both are safe for concurrent use.
//
// The package refuses to store anything, to speak CWMP, to log, and to return
// a secret: a verdict has the name that was claimed and never the password, and
// a [Login] prints as its name alone. What a proof admits to is for the caller.
package proof
