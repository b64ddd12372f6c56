package proof

import (
	"net/url"
	"strings"
)

// sameURI reports whether the uri of an answer can be that of the request. It
// may be absolute, whatever the host: behind address translation and proxies
// hosts differ. It may lack the query, and escape its path in its own way.
func sameURI(answered, requested string) bool {
	path, query, has := splitURI(answered)
	wantPath, wantQuery, _ := splitURI(requested)
	return sameEscaped(path, wantPath) && (!has || sameEscaped(query, wantQuery))
}

// splitURI takes scheme, host and fragment off.
func splitURI(s string) (path, query string, hasQuery bool) {
	for _, scheme := range []string{"http://", "https://"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			s = s[len(scheme):]
			if host := strings.IndexAny(s, "/?#"); host >= 0 {
				s = s[host:]
			} else {
				s = ""
			}
			break
		}
	}
	s, _, _ = strings.Cut(s, "#")
	path, query, hasQuery = strings.Cut(s, "?")
	if path == "" {
		path = "/"
	}
	return path, query, hasQuery
}

func sameEscaped(a, b string) bool {
	if a == b {
		return true
	}
	x, err := url.PathUnescape(a)
	if err != nil {
		return false
	}
	y, err := url.PathUnescape(b)
	return err == nil && x == y
}
