package acs

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func recorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// request is a POST that no socket carries, from 127.0.0.1 to 192.0.2.1:80.
func request(t testing.TB, body string) *http.Request {
	t.Helper()
	req := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey,
		net.Addr(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80})), http.MethodPost, "/", strings.NewReader(body))
	req.RemoteAddr = "127.0.0.1:50000"
	return req
}

// contextFor ends with the test, or after a time in which nothing should hang.
func contextFor(t testing.TB) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), 20*time.Second)
}
