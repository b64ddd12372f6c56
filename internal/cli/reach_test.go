package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What keeps a server from being reached decides what helps.
func TestReach(t *testing.T) {
	nobody := http.NotFoundHandler()
	plain, tls := httptest.NewServer(nobody), httptest.NewTLSServer(nobody)
	defer plain.Close()
	defer tls.Close()
	for server, want := range map[string]string{
		tls.URL: "--ca",
		strings.Replace(tls.URL, "https", "http", 1):   "https://",
		strings.Replace(plain.URL, "http", "https", 1): "http://HOST:PORT",
		plain.URL:            "is none of phoneacs",
		"http://127.0.0.1:1": "phoneacs serve",
	} {
		if _, _, err := run(t, "phone", "list", "--server", server); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", server, err, want)
		}
	}
}
