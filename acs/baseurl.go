package acs

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"phoneacs/internal/logkey"
)

// baseURL is scheme and host by which this phone reaches us: the configured
// URL, or what its request says. A Host that is none is replaced by the address
// the request came in on.
func (x *exchange) baseURL() string {
	if x.s.opts.PublicURL != "" {
		return x.s.opts.PublicURL
	}
	scheme := "http://"
	if x.secure() {
		scheme = "https://"
	}
	host := x.r.Host
	if !validHost(host) {
		host = ""
		if local, ok := x.r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
			host = local.String()
		}
	}
	url := scheme + host
	x.s.derived.Do(func() {
		x.s.opts.Log.LogAttrs(context.Background(), slog.LevelWarn, "no public url configured, using the one phones ask for",
			slog.String(logkey.URL, url))
	})
	return url
}

// validHost reports whether s can stand as host and port in a URL: letters,
// digits and what names and addresses are made of. Anything else could change
// the meaning of a URL or of the file it is written into.
func validHost(s string) bool {
	if s == "" || len(s) > 255 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') &&
			strings.IndexByte(".-_:[]", c) < 0 {
			return false
		}
	}
	return true
}
