package sim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// files serves bytes by path, with ranges, and counts the requests.
type files struct {
	mu   sync.Mutex
	body map[string][]byte
	hits map[string][]string // Range headers by path
}

func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	if f.hits == nil {
		f.hits = map[string][]string{}
	}
	f.hits[r.URL.Path] = append(f.hits[r.URL.Path], r.Header.Get("Range"))
	b, ok := f.body[r.URL.Path]
	f.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", `"v1"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(b)))
}

func (f *files) seen(path string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.hits[path])
}

// run lets a fleet live until the test ends and waits until it is ready.
func run(t testing.TB, f *Fleet) *Fleet {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	select {
	case <-f.Ready():
	case err := <-ended:
		ended <- err
		t.Fatalf("Run ended at once: %v", err)
	}
	return f
}

// await gives the phone's ledger once it is as wanted.
func await(t *testing.T, p *Phone, what string, ok func(Ledger) bool) Ledger {
	t.Helper()
	return awaitWithin(t, 20*time.Second, p, what, ok)
}

func awaitWithin(t *testing.T, patience time.Duration, p *Phone, what string, ok func(Ledger) bool) Ledger {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var last Ledger
	if err := p.Await(ctx, func(l Ledger) bool { last = l; return ok(l) }); err != nil {
		t.Fatalf("%s: %v; ledger %+v", what, err, last)
	}
	return last
}

func noBreaches(t *testing.T, p *Phone) {
	t.Helper()
	if b := p.Ledger().Breaches; len(b) > 0 {
		t.Errorf("breaches: %v", b)
	}
}

// memNet is a network of net.Pipe, for synctest bubbles.
type memNet struct{ conns chan net.Conn }

func newMemNet() *memNet { return &memNet{conns: make(chan net.Conn)} }

func (n *memNet) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	c, s := net.Pipe()
	select {
	case n.conns <- memConn{s}:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *memNet) Accept() (net.Conn, error) {
	c, ok := <-n.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (n *memNet) Close() error   { close(n.conns); return nil }
func (n *memNet) Addr() net.Addr { return &net.TCPAddr{} }

// memConn gives each pipe a peer address of its own.
type memConn struct{ net.Conn }

func (c memConn) RemoteAddr() net.Addr { return memAddr(fmt.Sprintf("%p", c.Conn)) }

type memAddr string

func (memAddr) Network() string  { return "pipe" }
func (a memAddr) String() string { return string(a) }

// newServer serves h until the test ends and gives its URL.
func newServer(t testing.TB, h http.Handler) string {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}
