package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func serve(t *testing.T, token string, h http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := New(Options{Server: s.URL, Token: token, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTokenStays: it goes to the server that was named, to nothing that it
// points to, and not where none is asked for.
func TestTokenStays(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed, with %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	var seen []string
	c := serve(t, "secret-of-the-test", func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.URL.Path+" "+r.Header.Get("Authorization"))
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	_, err := c.GetPhone(t.Context(), "a/b c")
	var p *Problem
	if !errors.As(err, &p) || p.Status != http.StatusTemporaryRedirect || p.Kind() != "" {
		t.Errorf("a redirect: %v", err)
	}
	_, _ = c.GetHealth(t.Context()) // answered by the same redirect
	want := "/api/v1/phones/a/b c Bearer secret-of-the-test|/healthz "
	if got := strings.Join(seen, "|"); got != want {
		t.Errorf("asked %q; want %q", got, want)
	}
}

func TestErrors(t *testing.T) {
	c := serve(t, "", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/v1/phones/p1":
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"type":"urn:phoneacs:problem:invalid-filter","title":"x","status":400,"detail":"unexpected end","field":"filter","position":0,"request":"r"}`)
		case "/api/v1/phones/p2":
			http.Error(w, "<html>", http.StatusBadGateway)
		default:
			_, _ = io.WriteString(w, `{"id":"p3","surprise":1}`)
		}
	})
	for ref, want := range map[string]string{
		"p1": "filter: unexpected end (at byte 0)",
		"p2": "the answer 502 Bad Gateway is none of phoneacs; is this its admin API?",
		"p3": `getPhone: read the answer: json: unknown field "surprise"`,
	} {
		if _, err := c.GetPhone(t.Context(), ref); err == nil || err.Error() != want {
			t.Errorf("%s: %v; want %s", ref, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.GetPhone(ctx, "p3"); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	gone, err := New(Options{Server: "127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	var away *Unreachable
	if _, err := gone.GetHealth(t.Context()); !errors.As(err, &away) || away.Server != "http://127.0.0.1:1" {
		t.Errorf("nobody there: %v", err)
	}
}

func TestParseServer(t *testing.T) {
	for in, want := range map[string]string{
		"": DefaultServer, "localhost:1": "http://localhost:1", "[::1]:1": "http://[::1]:1", "acs.example.net": "https://acs.example.net",
		"10.0.0.1:8080": "https://10.0.0.1:8080", "http://10.0.0.1:8080/": "http://10.0.0.1:8080",
	} {
		u, err := ParseServer(in)
		if err != nil || u.String() != want {
			t.Errorf("%q: %v, %v; want %s", in, u, err, want)
		}
	}
	for _, in := range []string{"ftp://x", "http://", "http://u:p@x", "http://x/api", "http://x?y", "http://x#y", "http://[::1"} {
		if u, err := ParseServer(in); err == nil {
			t.Errorf("%q is taken for %v", in, u)
		}
	}
}

func TestReadEvents(t *testing.T) {
	const stream = ": hello\n\nevent: job.created\ndata: {\"seq\":4,\"type\":\"job.created\",\"job\":\"j1\"}\n\n" +
		"event: task.succeeded\nid: 5\ndata: {\"seq\":5,\"type\":\"task.succeeded\"}\n\n"
	var got []string
	each := func(e Event, id string) error { got = append(got, e.Type+" "+id); return nil }
	if err := readEvents(strings.NewReader(stream), each); err != io.EOF || strings.Join(got, "|") != "job.created |task.succeeded 5" {
		t.Errorf("%q, %v", got, err)
	}
	if err := readEvents(strings.NewReader("event: reset\ndata: {}\n\n"), each); err != ErrReset {
		t.Errorf("a reset: %v", err)
	}
	if err := readEvents(strings.NewReader("data: {\n\n"), each); err == nil || !strings.Contains(err.Error(), "read an event") {
		t.Errorf("half an event: %v", err)
	}
	stop := errors.New("enough")
	if err := readEvents(strings.NewReader(stream), func(Event, string) error { return stop }); err != stop {
		t.Errorf("the caller's error: %v", err)
	}
}

// FuzzReadEvents promises that whatever a server sends ends in an error, and
// that an event is handed over only with what its data says.
func FuzzReadEvents(f *testing.F) {
	f.Add("event: x\nid: 7\ndata: {\"seq\":7}\n\n")
	f.Add(": c\n\ndata:{}\n\nevent: reset\n\n")
	f.Fuzz(func(t *testing.T, stream string) {
		n := 0
		err := readEvents(strings.NewReader(stream), func(Event, string) error { n++; return nil })
		if err == nil || n > strings.Count(stream, "data") {
			t.Errorf("%d events, %v", n, err)
		}
	})
}

type brokenDisk struct{}

func (brokenDisk) Read([]byte) (int, error) { return 0, errBroken }

var errBroken = errors.New("the disk is broken")

// What cannot be read here is not said of the server.
func TestSourceFails(t *testing.T) {
	c := serve(t, "", func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	_, err := c.Import(t.Context(), Phones, brokenDisk{}, ImportOptions{Format: CSV}, func(ImportFate) error { return nil })
	var away *Unreachable
	if !errors.Is(err, errBroken) || errors.As(err, &away) {
		t.Errorf("%v", err)
	}
}
