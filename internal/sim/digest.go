package sim

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// digest is one set of Digest parameters (RFC 7616; RFC 2069 when qop is
// empty), as a challenge or as an answer to one.
type digest struct {
	user, realm, nonce, uri, response, algorithm, qop, nc, cnonce, opaque string
	stale                                                                 bool
}

// sum computes the response for a password and method. It reports false for an
// algorithm that TR-069 phones do not know.
func (d *digest) sum(password, method string) (string, bool) {
	var h hash.Hash
	alg := strings.ToUpper(d.algorithm)
	switch alg {
	case "", "MD5", "MD5-SESS":
		h = md5.New()
	case "SHA-256", "SHA-256-SESS":
		h = sha256.New()
	default:
		return "", false
	}
	hashed := func(parts ...string) string {
		h.Reset()
		for i, p := range parts {
			if i > 0 {
				h.Write([]byte{':'})
			}
			h.Write([]byte(p))
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	a1 := hashed(d.user, d.realm, password)
	if strings.HasSuffix(alg, "-SESS") {
		a1 = hashed(a1, d.nonce, d.cnonce)
	}
	a2 := hashed(method, d.uri)
	if d.qop == "" {
		return hashed(a1, d.nonce, a2), true
	}
	return hashed(a1, d.nonce, d.nc, d.cnonce, d.qop, a2), true
}

// header writes d as the value of an Authorization header.
func (d *digest) header() string {
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s"`,
		quote(d.user), quote(d.realm), quote(d.nonce), quote(d.uri), d.response)
	if d.algorithm != "" {
		fmt.Fprintf(&b, ", algorithm=%s", d.algorithm)
	}
	if d.qop != "" {
		fmt.Fprintf(&b, `, qop=%s, nc=%s, cnonce="%s"`, d.qop, d.nc, d.cnonce)
	}
	if d.opaque != "" {
		fmt.Fprintf(&b, `, opaque="%s"`, quote(d.opaque))
	}
	return b.String()
}

// parseDigest reads the parameters of a challenge or of an Authorization
// header, reporting false when it is not one of Digest.
func parseDigest(header string) (digest, bool) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return digest{}, false
	}
	var d digest
	for rest != "" {
		var name, value string
		name, value, rest = nextParam(rest)
		switch strings.ToLower(name) {
		case "username":
			d.user = value
		case "realm":
			d.realm = value
		case "nonce":
			d.nonce = value
		case "uri":
			d.uri = value
		case "response":
			d.response = value
		case "algorithm":
			d.algorithm = value
		case "qop":
			d.qop = value
		case "nc":
			d.nc = value
		case "cnonce":
			d.cnonce = value
		case "opaque":
			d.opaque = value
		case "stale":
			d.stale = strings.EqualFold(value, "true")
		}
	}
	return d, d.nonce != ""
}

// nextParam takes one name=value or name="quoted value" off s.
func nextParam(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, " \t,")
	eq := strings.IndexByte(s, '=')
	if eq < 0 {
		return "", "", ""
	}
	name, s = strings.TrimSpace(s[:eq]), strings.TrimLeft(s[eq+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexByte(s, ',')
		if end < 0 {
			end = len(s)
		}
		return name, strings.TrimSpace(s[:end]), s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return name, b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return name, b.String(), ""
}

func quote(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }
