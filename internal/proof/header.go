package proof

import (
	"encoding/base64"
	"errors"
	"strings"
)

// Bounds of what is read of a request's Authorization headers.
const (
	maxHeader = 4 << 10 // bytes, over all lines
	maxLines  = 16
	maxFields = 32
)

// header is what Authorization headers say, over all their lines.
type header struct {
	scheme Scheme // Digest where both are given: it is the one that keeps its secret
	digest [numFields]string
	given  [numFields]bool
	basic  string // the token, undecoded
}

// field numbers the values of a Digest answer.
type field int

const (
	fieldUser field = iota
	fieldRealm
	fieldNonce
	fieldURI
	fieldResponse
	fieldAlgorithm
	fieldQop
	fieldCnonce
	fieldCount
	numFields
)

var fieldNames = [numFields]string{"username", "realm", "nonce", "uri", "response", "algorithm", "qop", "cnonce", "nc"}

// Errors of a header. What it says is not told: it may hold a password.
var (
	// errHeader reports a header that cannot be read.
	errHeader = errors.New("authorization header cannot be read")
	// errScheme reports one of a scheme that is not known.
	errScheme = errors.New("authorization is neither Digest nor Basic")
)

// parseHeader reads the values of all Authorization headers as one. Phones leave
// out quotes and commas or write them twice, break the header in lines, and
// write what nobody knows: all this is passed over. A value that is given twice
// and differs is an error, and so are controls and what is over the bounds.
// A zero scheme and no error mean that there was nothing; another scheme than
// Digest and Basic is errScheme.
func parseHeader(lines []string) (h header, err error) {
	total, fields := 0, 0
	for _, line := range lines {
		total += len(line)
	}
	if total > maxHeader || len(lines) > maxLines {
		return header{}, errHeader
	}
	inDigest, blank := false, true
	for _, line := range lines {
		s := scanner{rest: line}
		for first := true; ; first = false {
			p, ok := s.next()
			if !ok {
				break
			}
			blank = false
			if fields++; fields > maxFields {
				return header{}, errHeader
			}
			switch {
			case p.pair && inDigest:
				err = h.set(p.name, p.value)
			case p.pair: // of a scheme that we do not know
			case strings.EqualFold(p.name, "Digest"):
				inDigest, h.scheme = true, Digest
			case strings.EqualFold(p.name, "Basic"):
				inDigest = false
				err = h.setBasic(s.token())
			case first:
				inDigest = false // another scheme; within a line, a stray word
			}
			if err != nil {
				return header{}, err
			}
		}
		if s.broken {
			return header{}, errHeader
		}
	}
	if !blank && h.scheme == NoScheme {
		return header{}, errScheme
	}
	return h, nil
}

func (h *header) set(name, value string) error {
	for f, known := range fieldNames {
		if len(name) == len(known) && strings.EqualFold(name, known) {
			if h.given[f] && h.digest[f] != value {
				return errHeader
			}
			h.given[f], h.digest[f] = true, value
			return nil
		}
	}
	return nil
}

func (h *header) setBasic(token string) error {
	if token == "" || h.basic != "" && h.basic != token {
		return errHeader
	}
	h.basic = token
	if h.scheme == NoScheme {
		h.scheme = Basic
	}
	return nil
}

// decodeBasic takes the token of Basic apart: base64 of either alphabet, padded
// or not, of name and password with a colon between.
func (h *header) decodeBasic() (user, password string, err error) {
	token := strings.TrimRight(h.basic, "=")
	text, err := base64.RawStdEncoding.DecodeString(token)
	if err != nil {
		text, err = base64.RawURLEncoding.DecodeString(token)
	}
	user, password, ok := strings.Cut(string(text), ":")
	if err != nil || !ok || user == "" || strings.ContainsFunc(user, isControl) {
		return "", "", errHeader
	}
	return user, password, nil
}
