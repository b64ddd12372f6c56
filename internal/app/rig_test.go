package app

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const testToken = "the-token-of-the-tests"

// patience is how long a test waits for what should come at once.
const patience = 30 * time.Second

// testConfig starts anywhere, on a store of its own and on free ports.
func testConfig(tb testing.TB) Config {
	tb.Helper()
	return Config{
		Data: filepath.Join(tb.TempDir(), "data"), CWMP: "127.0.0.1:0", Admin: "127.0.0.1:0",
		AdminToken: testToken, Enrol: "open", Drain: patience,
	}
}

// newApp is New of what must work; what the test does not run is closed.
func newApp(tb testing.TB, cfg Config, logTo, terminal io.Writer) *App {
	tb.Helper()
	a, err := New(tb.Context(), cfg, logTo, terminal)
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	return a
}

// closeApp ends a server that has not run.
func closeApp(tb testing.TB, a *App) {
	tb.Helper()
	if err := a.closeAll(); err != nil {
		tb.Errorf("close: %v", err)
	}
}

// A running server is asked to end by stop, and says by end how it did.
type running struct {
	*App
	tb    testing.TB
	log   *logBuffer
	stop  context.CancelFunc
	ended chan error
}

// serve runs a server until the test ends, at the latest.
func serve(tb testing.TB, cfg Config) *running {
	tb.Helper()
	log := new(logBuffer)
	r := &running{App: newApp(tb, cfg, log, nil), tb: tb, log: log, ended: make(chan error, 1)}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.ended <- r.Run(ctx)
	}()
	tb.Cleanup(func() {
		stop()
		<-done
		if tb.Failed() {
			tb.Logf("log:\n%s", log)
		}
	})
	return r
}

// end waits until the server has ended.
func (r *running) end() error {
	r.tb.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(patience):
		r.tb.Fatalf("the server does not end:\n%s", r.log)
		return nil
	}
}

// A logBuffer is written and read at the same time.
type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// eventually waits until ok says so.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			tb.Fatalf("%s: not within %v", what, patience)
		}
	}
}
