package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestRunServes looks at both sides, and at a store that can be opened again.
func TestRunServes(t *testing.T) {
	cfg := testConfig(t)
	cfg.Pprof, cfg.Hosts = "127.0.0.1:0", []string{" acs.example.com"}
	r := serve(t, cfg)
	for _, path := range []string{"/readyz", "/healthz", "/metrics", "/api/v1/phones"} {
		if res := r.ask(http.MethodGet, path, ""); res.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", path, res.StatusCode)
		}
	}
	for path, want := range map[string]int{"/debug/pprof/cmdline": http.StatusOK, "/": http.StatusNotFound} {
		if res := r.do(http.MethodGet, "http://"+r.pprofListener.Addr().String()+path, ""); res.StatusCode != want {
			t.Errorf("profiles at %s: status %d; want %d", path, res.StatusCode, want)
		}
	}
	cookie := r.openSession("A1")
	if res := r.endSession(cookie); res.StatusCode != http.StatusNoContent {
		t.Errorf("the end of a session: status %d", res.StatusCode)
	}
	r.stop()
	if err := r.end(); err != nil {
		t.Errorf("Run: %v; want nil after an orderly end", err)
	}
	for _, l := range []net.Listener{r.cwmpListener, r.adminListener, r.pprofListener} {
		if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
			c.Close()
			t.Errorf("%v still takes connections", l.Addr())
		}
	}
	closeApp(t, newApp(t, cfg, t.Output(), nil))
}

// TestRunAskedToEndAtOnce is a signal between New and Run.
func TestRunAskedToEndAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newApp(t, testConfig(t), t.Output(), nil).Run(ctx); err != nil {
		t.Errorf("Run: %v", err)
	}
}

// TestPartEndsByItself: a server that has lost a part must not go on as if
// nothing were, nor end as if it had been asked to.
func TestPartEndsByItself(t *testing.T) {
	r := serve(t, testConfig(t))
	eventually(t, "serving", func() bool { return r.ask(http.MethodGet, "/readyz", "").StatusCode == http.StatusOK })
	if err := r.cwmpListener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.end(); !errors.Is(err, net.ErrClosed) || !strings.Contains(err.Error(), "phones' listener: ") {
		t.Errorf("Run: %v; want that the phones' listener is closed", err)
	}
}

func TestPart(t *testing.T) {
	broken := errors.New("broken")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		work context.Context
		err  error
		want string
	}{
		{"told to end", over, nil, ""},
		{"a server told to end", t.Context(), http.ErrServerClosed, ""},
		{"failed", t.Context(), broken, "jobs: broken"},
		{"failed to end", over, broken, "jobs: broken"},
		{"ended untold", t.Context(), nil, "jobs: ended by itself"},
	} {
		p := part{"jobs", func(context.Context) error { return tt.err }}
		got := ""
		if err := p.run(tt.work); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}
