package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"phoneacs/db"
)

// TestStoreErrors: whatever a store says, the client is told what it can do
// and nothing of the inside; what is ours to mend is logged once, as an error.
func TestStoreErrors(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    error
		kind   kind
		field  string
		logged bool
	}{
		{"not found", db.ErrNotFound, kindNotFound, "", false},
		{"conflict", db.ErrConflict, kindConflict, "", false},
		{"in use", db.ErrInUse, kindInUse, "", false},
		{"exists", db.ErrExists, kindExists, "", false},
		{"held", db.ErrHeld, kindHeld, "", false},
		{"too many", db.ErrTooMany, kindTooMany, "", false},
		{"cursor", db.ErrCursor, kindInvalid, "cursor", false},
		{"field", &db.FieldError{Field: "mac", Err: errors.New("odd")}, kindInvalid, "mac", false},
		{"unique field", &db.FieldError{Field: "mac", Err: db.ErrExists}, kindExists, "mac", false},
		{"disk full", db.ErrNoSpace, kindNoSpace, "", true},
		{"failed", db.ErrFailed, kindUnavailable, "", true},
		{"closed", db.ErrClosed, kindUnavailable, "", true},
		{"deadline", context.DeadlineExceeded, kindUnavailable, "", true},
		{"client gone", context.Canceled, kindUnavailable, "", false},
		{"unknown", errors.New("secret inside"), kindInternal, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t)
			h.store.err = fmt.Errorf("bucket 7: %w", tt.err)
			for _, path := range []string{"/api/v1/phones", "/api/v1/phones/p1/tasks", "/api/v1/sites", "/api/v1/jobs", "/api/v1/files", "/api/v1/hold"} {
				h.log.Reset()
				a := h.do("GET", path, "")
				a.refuses(tt.kind, tt.field)
				if strings.Contains(string(a.body), "bucket") || strings.Contains(string(a.body), "secret") {
					t.Errorf("%s shows the inside: %s", path, a.body)
				}
				if got := strings.Count(h.log.String(), `"level":"ERROR"`) == 1; got != tt.logged {
					t.Errorf("%s: logged as an error = %v; want %v: %s", path, got, tt.logged, h.log)
				}
				if tt.logged && !strings.Contains(h.log.String(), "bucket 7") {
					t.Errorf("%s: the log does not tell: %s", path, h.log)
				}
			}
		})
	}
}

func TestUnrouted(t *testing.T) {
	h := newHarness(t)
	h.do("GET", "/api/v1/nothing", "").refuses(kindNotFound, "")
	h.do("GET", "/nothing", "", "Authorization", "").refuses(kindNotFound, "")
	h.do("GET", "/api/v1/nothing", "", "Authorization", "").refuses(kindUnauthorized, "")
	h.do("GET", "/api/v1", "", "Authorization", "").refuses(kindUnauthorized, "")
	h.do("GET", "/api/v1/phones/", "").refuses(kindNotFound, "")

	for _, tt := range []struct{ method, path, allow string }{
		{"PUT", "/api/v1/phones/p1", "GET, HEAD, PATCH, DELETE"},
		{"DELETE", "/api/v1/jobs", "GET, HEAD, POST"},
		{"GET", "/api/v1/jobs/j1/cancel", "POST"},
		{"HEAD", "/api/v1/events", "GET"},
		{"OPTIONS", "/api/v1/hold", "GET, HEAD, POST, DELETE"},
		{"POST", "/healthz", "GET, HEAD"},
	} {
		a := h.do(tt.method, tt.path, "")
		if a.is(http.StatusMethodNotAllowed).header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: Allow = %q; want %q", tt.method, tt.path, a.header.Get("Allow"), tt.allow)
		}
	}
	h.do("PUT", "/api/v1/phones/p1", "", "Authorization", "").refuses(kindUnauthorized, "")
}

func TestTokens(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct {
		name, header, challenge string
	}{
		{"none", "", `Bearer realm="phoneacs"`},
		{"unknown", "Bearer nope", `Bearer realm="phoneacs", error="invalid_token"`},
		{"no scheme", secret, `Bearer realm="phoneacs", error="invalid_token"`},
		{"Basic", "Basic " + secret, `Bearer realm="phoneacs", error="invalid_token"`},
		{"nothing behind the scheme", "Bearer ", `Bearer realm="phoneacs", error="invalid_token"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := h.do("GET", "/api/v1/phones", "", "Authorization", tt.header)
			if tt.header == "" {
				r := httptest.NewRequest("GET", "http://localhost/api/v1/phones", nil)
				a = h.serve(r, "")
			}
			a.refuses(kindUnauthorized, "")
			if got := a.header.Get("WWW-Authenticate"); got != tt.challenge {
				t.Errorf("WWW-Authenticate = %q; want %q", got, tt.challenge)
			}
		})
	}
	h.do("GET", "/api/v1/phones", "", "Authorization", "bearer "+secret).is(200)
	if strings.Contains(h.log.String(), secret) {
		t.Errorf("the token is in the log: %s", h.log)
	}
	r := httptest.NewRequest("GET", "http://localhost/api/v1/phones", nil)
	r.Header.Add("Authorization", "Bearer "+secret)
	r.Header.Add("Authorization", "Bearer other")
	h.serve(r, "").refuses(kindUnauthorized, "")
}

func TestHost(t *testing.T) {
	h := newHarness(t)
	for host, ok := range map[string]bool{
		"localhost": true, "LOCALHOST:7080": true, "127.0.0.1:7080": true, "192.0.2.7": true,
		"[::1]:7080": true, "[2001:db8::1]": true, "acs.example.net": true, "acs.Example.net.:443": true,
		"evil.example": false, "127.0.0.1.evil.example": false, "": false, "localhost.evil.example:7080": false,
	} {
		r := httptest.NewRequest("GET", "/healthz", nil)
		r.Host = host
		a := h.serve(r, "")
		if ok {
			a.is(200)
		} else {
			a.refuses(kindMisdirected, "Host")
		}
	}
}

func TestHeaders(t *testing.T) {
	h := newHarness(t)
	ids := make(map[string]bool)
	for _, path := range []string{"/healthz", "/api/v1/phones", "/api/v1/none", "/metrics"} {
		a := h.do("GET", path, "")
		ids[a.header.Get("X-Request-Id")] = true
		for key, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Access-Control-Allow-Origin": "",
		} {
			if got := a.header.Get(key); got != want {
				t.Errorf("%s: %s = %q; want %q", path, key, got, want)
			}
		}
	}
	if len(ids) != 4 {
		t.Errorf("request ids repeat: %v", ids)
	}
}

func TestPanic(t *testing.T) {
	h := newHarness(t)
	serve := func(f handler) (status int, aborted bool) {
		defer func() { aborted = recover() == http.ErrAbortHandler }()
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "http://localhost/", nil)
		defer func() { status = w.Code }()
		h.outermost(h.adapt("test", f)).ServeHTTP(w, r)
		return
	}
	status, aborted := serve(func(http.ResponseWriter, *http.Request) error { panic("oh no") })
	if status != 500 || aborted {
		t.Errorf("status %d, aborted %v; want a problem", status, aborted)
	}
	if !strings.Contains(h.log.String(), "oh no") || !strings.Contains(h.log.String(), "errors_test.go") {
		t.Errorf("no trace in the log: %s", h.log)
	}
	status, aborted = serve(func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(200)
		panic("halfway")
	})
	if status != 200 || !aborted {
		t.Errorf("status %d, aborted %v; want the connection cut", status, aborted)
	}
	status, _ = serve(func(w http.ResponseWriter, _ *http.Request) error {
		return writeJSON(w, 200, func() {})
	})
	if status != 500 {
		t.Errorf("what cannot be marshalled is answered %d", status)
	}
}

// TestLogLine: one line a request, told louder where something was to change.
func TestLogLine(t *testing.T) {
	h := newHarness(t)
	h.do("PATCH", "/api/v1/phones/p1", `{"name":"x"}`).is(200)
	var line struct{ Level, Msg, Request, Method, Path, Route, User string }
	if err := json.Unmarshal(h.log.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, h.log)
	}
	if line.Level != "INFO" || line.Msg != "admin request" || line.Route != "updatePhone" || line.User != "ops" ||
		line.Method != "PATCH" || line.Path != "/api/v1/phones/p1" || line.Request == "" {
		t.Errorf("line is %+v", line)
	}
	h.log.Reset()
	h.do("GET", "/healthz", "").is(200)
	if !strings.Contains(h.log.String(), `"level":"DEBUG"`) {
		t.Errorf("reading is told as %s", h.log)
	}
}
