package record

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"phoneacs/db"
)

// linkSecret is the length of what makes a link to a file secret: 16 random
// bytes in base32, in small letters, as a part of a path. A test of the program
// holds it to those that are given out.
const linkSecret = 26

// maxAuthority is how far user and password of a URL may go.
const maxAuthority = 2048

// loose finds secrets in a run of characters by how they are written.
func loose(b []byte, from, to int) (spans []span) {
	run := b[from:to]
	if bytes.IndexByte(run, ':') < 0 && bytes.IndexByte(run, '=') < 0 && bytes.IndexByte(run, '/') < 0 && bytes.IndexByte(run, '%') < 0 {
		return nil
	}
	sign := -1 // where the next "@" is
	for i := 0; i < len(run); i++ {
		var hit []span
		switch run[i] {
		case ':':
			if sign < i { // a login ends in "@": where none comes, it is not looked for at each colon
				if sign = bytes.IndexByte(run[i:], '@'); sign < 0 {
					sign = len(run)
				} else {
					sign += i
				}
			}
			near := sign < len(run) && sign-i < maxAuthority+len("://")
			switch {
			case bytes.HasPrefix(run[i:], []byte("://")):
				if near {
					hit = userinfo(run, i+3)
				}
			case near:
				hit = sipPassword(run, i)
				fallthrough
			default:
				if hit == nil {
					hit = named(run, i)
				}
			}
		case '=':
			hit = named(run, i)
		case '/':
			hit = link(run, i+1)
		case '%':
			if i+2 < len(run) && run[i+1] == '2' && run[i+2]|0x20 == 'f' {
				hit = link(run, i+3)
			}
		}
		for _, s := range hit {
			spans = append(spans, s)
			i = max(i, s.to-1) // nothing is looked at twice
		}
	}
	for i := range spans {
		spans[i].from += from
		spans[i].to += from
	}
	return spans
}

// userinfo finds what stands before the last "@" of a URL whose authority
// begins at a place. Phones are given passwords with any character in them, so
// nothing but white space and quotes ends it.
func userinfo(b []byte, at int) []span {
	end := at
	for end < min(len(b), at+maxAuthority) && b[end] > ' ' && b[end] != '"' && b[end] != '\'' && b[end] != '<' && b[end] != '>' {
		end++
	}
	if i := bytes.LastIndexByte(b[at:end], '@'); i > 0 {
		return []span{{at, at + i}}
	}
	return nil
}

// sipPassword finds the one of "sip:user:password@host", at its first colon.
func sipPassword(b []byte, colon int) []span {
	scheme := strings.ToLower(string(b[max(0, colon-4):colon]))
	if !strings.HasSuffix(scheme, "sip") && !strings.HasSuffix(scheme, "sips") {
		return nil
	}
	rest := b[colon+1 : min(len(b), colon+1+maxAuthority)]
	end := bytes.IndexAny(rest, " \t\r\n<>\"'")
	if end < 0 {
		end = len(rest)
	}
	user := bytes.IndexByte(rest[:end], ':')
	at := bytes.LastIndexByte(rest[:end], '@')
	if user < 0 || at < user {
		return nil
	}
	return []span{{colon + 1 + user + 1, colon + 1 + at}}
}

// named finds the value behind a "=" or ":" whose name, before it, is that of a
// secret or of a header that proves who somebody is.
func named(b []byte, sign int) []span {
	end := sign
	for end > 0 && (b[end-1] == ' ' || b[end-1] == '\t' || b[end-1] == '"' || b[end-1] == '\'' || b[end-1] == ']') {
		end--
	}
	from := end
	for from > 0 && nameByte(b[from-1]) && end-from < maxName {
		from--
	}
	name := string(b[from:end])
	header := secretHeader(name)
	if !header && !db.SecretName(name) {
		return nil
	}
	at := sign + 1
	for at < len(b) && (b[at] == ' ' || b[at] == '\t' || b[at] == '=') {
		at++
	}
	to := at
	switch {
	case header:
		to = lineEnd(b, at)
	case at < len(b) && (b[at] == '"' || b[at] == '\''):
		for to = at + 1; to < len(b) && b[to] != b[at]; to++ {
			if b[to] == '\\' {
				to++
			}
		}
		at, to = at+1, min(to, len(b))
	default:
		to = lineEnd(b, at) // it may have blanks in it
	}
	return []span{{at, to}}
}

// lineEnd returns where a header ends, with its folded lines.
func lineEnd(b []byte, at int) int {
	for {
		nl := bytes.IndexByte(b[at:], '\n')
		if nl < 0 {
			return len(b)
		}
		at += nl
		if at+1 >= len(b) || b[at+1] != ' ' && b[at+1] != '\t' {
			if at > 0 && b[at-1] == '\r' {
				at--
			}
			return at
		}
		at++
	}
}

// link finds a part of a path that has the form of a link's secret.
func link(b []byte, at int) []span {
	end := at
	for end < len(b) && end-at <= linkSecret && (b[end]|0x20 >= 'a' && b[end]|0x20 <= 'z' || b[end] >= '2' && b[end] <= '7') {
		end++
	}
	if end-at != linkSecret {
		return nil
	}
	return []span{{at, end}}
}

// linkSecrets returns the parts of a URL that are a link's secret.
func linkSecrets(u string) (secrets []string) {
	b := []byte(u)
	for i, c := range b {
		if c == '/' {
			for _, s := range link(b, i+1) {
				secrets = append(secrets, u[s.from:s.to])
			}
		}
	}
	return secrets
}

// spellings are the ways in which a value is written where it is not by itself.
func spellings(s string) []string {
	json := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s)
	all := []string{
		s, strings.TrimSpace(s), json, url.QueryEscape(s), url.PathEscape(s),
		base64.StdEncoding.EncodeToString([]byte(s)), base64.RawStdEncoding.EncodeToString([]byte(s)),
		base64.URLEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)),
		hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))),
	}
	if latin, ok := toLatin(s); ok {
		all = append(all, latin)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return len(s) < minSecret })
}

// toLatin is s in ISO-8859-1, if it can be and is another there.
func toLatin(s string) (string, bool) {
	var b []byte
	for _, r := range s {
		if r > 0xFF || r == utf8.RuneError {
			return "", false
		}
		b = append(b, byte(r))
	}
	return string(b), string(b) != s
}

// find returns where a secret stands, its characters as they are or written as
// references. It looks for where one may begin once: in a text made of such
// places alone the rest of it is not searched for each.
func find(b, secret []byte) (spans []span) {
	next := func(c byte, from int) int {
		if i := bytes.IndexByte(b[from:], c); i >= 0 {
			return from + i
		}
		return len(b)
	}
	char, ref := next(secret[0], 0), next('&', 0)
	for at := min(char, ref); at < len(b); at = min(char, ref) {
		n := spelled(b[at:], secret)
		if n > 0 {
			spans = append(spans, span{at, at + n})
		}
		at += max(n, 1)
		if char < at {
			char = next(secret[0], at)
		}
		if ref < at {
			ref = next('&', at)
		}
	}
	return spans
}

// spelled returns how many bytes of b spell all of a secret; 0: it begins with
// something else.
func spelled(b, secret []byte) int {
	n := 0
	for len(secret) > 0 {
		if n >= len(b) {
			return 0
		}
		if char, size := reference(b[n:]); size > 0 && bytes.HasPrefix(secret, char) {
			n, secret = n+size, secret[len(char):]
			continue
		}
		if b[n] != secret[0] {
			return 0
		}
		n, secret = n+1, secret[1:]
	}
	return n
}

// reference reads one that b begins with.
func reference(b []byte) (char []byte, size int) {
	if len(b) == 0 || b[0] != '&' {
		return nil, 0
	}
	end := bytes.IndexByte(b[:min(len(b), 16)], ';')
	if end < 0 {
		return nil, 0
	}
	s := plain(b[:end+1])
	if s == "" || strings.HasPrefix(s, "&") && s != "&" {
		return nil, 0
	}
	return []byte(s), end + 1
}
