package acs

import (
	"fmt"
	"strings"

	"github.com/icholy/digest"
)

// challenge picks the first Digest challenge that can be answered.
func (got *reply) challenge() (*digest.Challenge, *WakeError) {
	seen := ""
	for _, value := range got.authenticate {
		if c := parseChallenge(value); c != nil {
			if digest.CanDigest(c) && c.Nonce != "" {
				return c, nil
			}
			seen = "Digest " + c.Algorithm
		} else if seen == "" {
			seen, _, _ = strings.Cut(value, " ")
		}
	}
	switch {
	case seen == "":
		return nil, &WakeError{"challenge", "the phone answered 401, and did not say how to authenticate", nil}
	case strings.EqualFold(seen, "Basic"):
		return nil, &WakeError{"challenge", "the phone asks for a password in clear (Basic), which is never sent", nil}
	}
	return nil, &WakeError{"challenge", fmt.Sprintf("the phone asks for an authentication that is not known here (%.40q)", seen), nil}
}

// answerChallenge returns the Authorization header for a GET of uri. Without
// qop in the challenge it is that of RFC 2069, which has neither qop nor cnonce.
func answerChallenge(c *digest.Challenge, uri, user, password string) (string, error) {
	cred, err := digest.Digest(c, digest.Options{
		Method: "GET", URI: uri, Username: user, Password: password,
	})
	if err != nil {
		return "", fmt.Errorf("answer challenge: %w", err)
	}
	return cred.String(), nil
}

// parseChallenge reads the Digest challenge in a WWW-Authenticate header, or
// returns nil. It is its own parser because phones put spaces where commas
// belong, leave quotes out, and write other challenges before and after it.
func parseChallenge(s string) *digest.Challenge {
	p := params{s}
	for {
		name, _, isParam, ok := p.next()
		if !ok {
			return nil
		}
		if !isParam && strings.EqualFold(name, "Digest") {
			break
		}
	}
	c := new(digest.Challenge)
	for {
		name, value, isParam, ok := p.next()
		if !ok || !isParam {
			return c
		}
		switch strings.ToLower(name) {
		case "realm":
			c.Realm = value
		case "nonce":
			c.Nonce = value
		case "opaque":
			c.Opaque = value
		case "algorithm":
			c.Algorithm = value
		case "stale":
			c.Stale = strings.EqualFold(value, "true")
		case "qop":
			c.QOP = strings.FieldsFunc(strings.ToLower(value), func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
}

// params cuts words and name=value pairs off a header.
type params struct{ s string }

// next returns the next pair or, with isParam false, a word on its own: the
// name of a scheme. ok is false at the end.
func (p *params) next() (name, value string, isParam, ok bool) {
	p.s = strings.TrimLeft(p.s, " \t,")
	if p.s == "" {
		return "", "", false, false
	}
	end := strings.IndexAny(p.s, " \t,=")
	if end < 0 {
		name, p.s = p.s, ""
		return name, "", false, true
	}
	name, p.s = p.s[:end], strings.TrimLeft(p.s[end:], " \t")
	if !strings.HasPrefix(p.s, "=") {
		return name, "", false, true
	}
	p.s = strings.TrimLeft(p.s[1:], " \t")
	if !strings.HasPrefix(p.s, `"`) {
		end := strings.IndexAny(p.s, " \t,")
		if end < 0 {
			end = len(p.s)
		}
		value, p.s = p.s[:end], p.s[end:]
		return name, value, true, true
	}
	var b strings.Builder
	for i := 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.s = p.s[i+1:]
			return name, b.String(), true, true
		case c == '\\' && i+1 < len(p.s):
			i++
			b.WriteByte(p.s[i])
		default:
			b.WriteByte(c)
		}
	}
	p.s = ""
	return name, b.String(), true, true // the closing quote is missing
}
