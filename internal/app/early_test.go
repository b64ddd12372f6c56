package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"

	"phoneacs/db"
)

// get asks the admin listener of a server.
func get(t *testing.T, addr, path string, header ...string) (status int, body, media string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header.Get("Content-Type")
}

// A curious terminal is one that asks the server while it starts.
type curious struct{ ask func() }

func (c *curious) Write(p []byte) (int, error) { c.ask(); return len(p), nil }

// TestStarting: until it runs, a server says so to whoever asks, and with what
// it starts; then the same port serves.
func TestStarting(t *testing.T) {
	cfg := testConfig(t)
	cfg.AdminToken = ""
	asked := 0
	ask := func() {
		asked++
		status, body, _ := get(t, cfg.Admin, "/readyz")
		var ready struct {
			Status  string
			Reasons []string
		}
		want := "the server is starting: the store is open, and what is in it is looked through"
		if err := json.Unmarshal([]byte(body), &ready); err != nil || status != 503 || ready.Status != "starting" || !slices.Equal(ready.Reasons, []string{want}) {
			t.Errorf("status %d: %s, %v", status, body, err)
		}
		if status, body, media := get(t, cfg.Admin, "/readyz", "Accept", "text/plain"); status != 503 || body != "starting: "+want+"\n" || !strings.HasPrefix(media, "text/plain") {
			t.Errorf("status %d: %q, %s", status, body, media)
		}
		if status, body, _ := get(t, cfg.Admin, "/healthz"); status != 200 || !strings.Contains(body, `"status":"ok"`) {
			t.Errorf("health: status %d: %s", status, body)
		}
		if status, body, media := get(t, cfg.Admin, "/api/v1/phones"); status != 503 || media != "application/problem+json" || !strings.Contains(body, "urn:phoneacs:problem:unavailable") {
			t.Errorf("API: status %d: %s, %s", status, body, media)
		}
	}
	var a *App
	for { // the port may be taken before it is listened on
		cfg.Admin = fmt.Sprintf("127.0.0.1:%d", 15000+rand.IntN(17000))
		var err error
		if a, err = New(t.Context(), cfg, t.Output(), &curious{ask}); err == nil {
			break
		} else if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
	if asked != 1 {
		t.Fatalf("asked %d times while it started", asked)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	if status, body, _ := get(t, cfg.Admin, "/readyz"); status != 200 || !strings.Contains(body, `"status":"ok"`) {
		t.Errorf("it runs: status %d: %s", status, body)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestEarly: who says nothing does not hold the start up, and before the store
// is open that is what is done.
func TestEarly(t *testing.T) {
	a := &App{cfg: testConfig(t), log: slog.New(slog.DiscardHandler)}
	e := a.answerEarly(t.Context())
	addr := e.listener.Addr().String()
	if _, body, _ := get(t, addr, "/readyz", "Accept", "text/plain"); body != "starting: the server is starting: it opens the store\n" {
		t.Errorf("it says %q", body)
	}
	idle, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if err := e.end(false); err != nil {
		t.Error(err)
	}
	next, err := net.Dial("tcp", addr) // waits for who has the listener now
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	for { // the idle one may have come too late for the early server
		conn, err := e.listener.Accept()
		if err != nil {
			t.Fatalf("the listener cannot be used: %v", err)
		}
		same := conn.RemoteAddr().String() == next.LocalAddr().String()
		conn.Close()
		if same {
			break
		}
	}
	if err := e.end(true); err != nil {
		t.Error(err)
	}
}

// TestStartingFails: what does not start leaves the port free.
func TestStartingFails(t *testing.T) {
	cfg := testConfig(t)
	defer closeApp(t, newApp(t, cfg, t.Output(), nil))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Admin = l.Addr().String()
	if _, err := New(t.Context(), cfg, t.Output(), nil); !errors.Is(err, db.ErrLocked) {
		t.Errorf("a directory and a port that others have: %v; want db.ErrLocked", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), cfg, t.Output(), nil); !errors.Is(err, db.ErrLocked) {
		t.Errorf("New: %v; want db.ErrLocked", err)
	}
	again, err := net.Listen("tcp", cfg.Admin)
	if err != nil {
		t.Fatalf("the port is still taken: %v", err)
	}
	again.Close()
}
