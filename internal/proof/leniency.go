package proof

// Leniency says which odd manners of a phone are borne. The zero value is what
// is asked of phones of which nothing is known: Digest with qop, a uri and a
// count that looks like one; Basic within TLS alone.
//
// Borne by all are what costs no safety: values with quotes or without, in any
// order and case, over several lines; an absolute uri, or one without its
// query; the algorithm left out; a nonce from another connection, used again
// and in any order while it lives.
type Leniency struct {
	// NoQop takes answers in the manner of RFC 2069: without qop, count and
	// cnonce although qop was offered. The phone can then be made to hash
	// what an impostor of this server picks, nothing else.
	NoQop bool
	// EmptyURI takes a uri that is empty or missing: the answer is then good
	// for any resource while its nonce lives. It may have been computed with
	// nothing or with what was really asked for.
	EmptyURI bool
	// OddCount takes a count (nc) that is missing, is no number, or never
	// changes, as of phones that send 00000001 with one nonce in every request
	// and in later sessions. Such answers are not held against the memory of
	// replays: they are good again until the nonce ends.
	OddCount bool
	// BasicInClear takes Basic without TLS. Who listens has the password.
	BasicInClear bool
}

// With is what either bears.
func (l Leniency) With(m Leniency) Leniency {
	return Leniency{
		NoQop:        l.NoQop || m.NoQop,
		EmptyURI:     l.EmptyURI || m.EmptyURI,
		OddCount:     l.OddCount || m.OddCount,
		BasicInClear: l.BasicInClear || m.BasicInClear,
	}
}
