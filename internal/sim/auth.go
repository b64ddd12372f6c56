package sim

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrAuth reports that a server refused a phone's credentials, or offered no
// scheme that the phone knows.
var ErrAuth = errors.New("authentication refused")

// authoriser answers the challenges of one server during one session.
type authoriser struct {
	user, password string
	cnonce         func() string

	habits    authHabits
	silent    bool // the server is believed to know us
	basic     bool
	challenge digest // the one in force; its nonce is empty before the first
	count     uint32
}

// accept takes up the best challenge among WWW-Authenticate headers: Digest
// with SHA-256 or MD5, else Basic. It fails when the same nonce comes again,
// not marked stale, or Basic was tried before: the credentials are wrong.
func (a *authoriser) accept(headers []string) error {
	if a.habits.gives401 {
		return ErrAuth
	}
	a.silent = false
	var best digest
	offered := false
	for _, h := range headers {
		d, ok := parseDigest(h)
		if !ok {
			scheme, _, _ := strings.Cut(strings.TrimSpace(h), " ")
			offered = offered || strings.EqualFold(scheme, "Basic")
			continue
		}
		if d.qop != "" && !offersAuth(d.qop) {
			continue // auth-int is not for phones
		}
		if _, known := d.sum("", ""); known && best.nonce == "" {
			best = d
		}
	}
	switch {
	case best.nonce != "":
		if a.count > 0 && !best.stale && best.nonce == a.challenge.nonce {
			return ErrAuth
		}
		a.challenge, a.count, a.basic = best, 0, false
	case offered && !a.basic:
		a.basic = true
	default:
		return ErrAuth
	}
	return nil
}

func offersAuth(qop string) bool {
	for _, q := range strings.Split(qop, ",") {
		if strings.EqualFold(strings.TrimSpace(q), "auth") {
			return true
		}
	}
	return false
}

// header gives the Authorization value of the next request, "" before the
// first challenge.
func (a *authoriser) header(method, uri string) string {
	if a.habits.junk != "" && a.challenge.nonce == "" && !a.basic {
		return a.habits.junk
	}
	value := a.value(method, uri)
	if value != "" && a.habits.form != nil {
		return a.habits.form(value)
	}
	return value
}

func (a *authoriser) value(method, uri string) string {
	if a.silent {
		return ""
	}
	if a.basic || a.habits.unasked && a.challenge.nonce == "" {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.user+":"+a.password))
	}
	if a.challenge.nonce == "" {
		return ""
	}
	d := a.challenge
	d.user, d.uri = a.user, uri
	if a.count++; a.habits.oneCount {
		a.count = 1
	}
	if a.habits.rfc2069 {
		d.qop = ""
	}
	if a.habits.emptyURI {
		d.uri = ""
	}
	if d.qop != "" {
		d.qop, d.nc, d.cnonce = "auth", fmt.Sprintf("%08x", a.count), a.cnonce()
	} else if strings.HasSuffix(strings.ToUpper(d.algorithm), "-SESS") {
		d.cnonce = a.cnonce()
	}
	d.response, _ = d.sum(a.password, method)
	return d.header()
}
