package acs

import (
	"crypto/rand"
	"strings"

	"phoneacs/db"
)

// cookieName names the session cookie. Phones keep little (512 bytes in all,
// TR-069 3.4.2), so name and value are short.
const cookieName = "session"

// newToken returns 130 random bits.
func newToken() db.SessionToken { return db.SessionToken(rand.Text()) }

// tokenLen is the length of rand.Text: the fewest base32 digits that hold 128 bits.
const tokenLen = 26

// setCookie is the header that carries a token. Path is needed by phones that
// drop a cookie without one; HttpOnly and Secure are left out because nothing
// but a phone ever reads it, and some know neither.
func setCookie(t db.SessionToken) []string {
	return []string{cookieName + "=" + string(t) + "; Path=/"}
}

// nextToken cuts the next session cookie of ours off a Cookie header, read as
// phones write it: separated by semicolons or commas, quoted, with $Version
// and $Path (RFC 2965), with the attributes that Set-Cookie had. token is empty
// if there is none.
func nextToken(header string) (token db.SessionToken, rest string) {
	for header != "" {
		item := header
		if i := strings.IndexAny(header, ";,"); i >= 0 {
			item, header = header[:i], header[i+1:]
		} else {
			header = ""
		}
		name, value, ok := strings.Cut(item, "=")
		if !ok || strings.TrimSpace(name) != cookieName {
			continue
		}
		if value = strings.Trim(value, " \t\""); isToken(value) {
			return db.SessionToken(value), header
		}
	}
	return "", ""
}

// isToken reports whether s has the form of our tokens. The cookie of another
// program on the same host is no cookie of ours.
func isToken(s string) bool {
	if len(s) != tokenLen {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}
