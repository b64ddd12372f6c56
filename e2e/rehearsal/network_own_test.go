package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

var (
	hereAddr  = netip.MustParseAddr("198.18.1.2")
	thereAddr = "198.18.0.1:80"
)

// TestNetwork holds the network to what a system's does, by net/http and alone.
func TestNetwork(t *testing.T) {
	for name, f := range map[string]func(*testing.T, *network, net.Listener){
		"bytes":     bytesPass,
		"deadlines": deadlinesHold,
		"ends":      endsAreTold,
		"addresses": addressesAreKnown,
		"http":      httpWorks,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork()
				l, err := n.Listen(t.Context(), "tcp", thereAddr)
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				f(t, n, l)
			})
		})
	}
}

// pair makes a connection.
func pair(t *testing.T, n *network, l net.Listener) (near, far net.Conn) {
	near, err := n.dialer(hereAddr)(t.Context(), "tcp", thereAddr)
	if err != nil {
		t.Fatal(err)
	}
	if far, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return near, far
}

// bytesPass sends more than there is room for, in pieces, both ways at once.
func bytesPass(t *testing.T, n *network, l net.Listener) {
	near, far := pair(t, n, l)
	rng := rand.New(rand.NewPCG(1, 1))
	sent := make([]byte, 5*streamRoom+17)
	for i := range sent {
		sent[i] = byte(rng.Uint32())
	}
	got := make(chan []byte, 2)
	for _, ends := range [][2]net.Conn{{near, far}, {far, near}} {
		size := 1 + rng.IntN(3000)
		go func() {
			for rest := sent; len(rest) > 0; {
				k, err := ends[0].Write(rest[:min(size, len(rest))])
				if err != nil {
					t.Error(err)
				}
				rest = rest[k:]
			}
			if err := ends[0].(interface{ CloseWrite() error }).CloseWrite(); err != nil {
				t.Error(err)
			}
		}()
		go func() {
			b, err := io.ReadAll(ends[1])
			if err != nil {
				t.Error(err)
			}
			got <- b
		}()
	}
	for range 2 {
		if b := <-got; !bytes.Equal(b, sent) {
			t.Errorf("%d bytes came, not the %d that were sent", len(b), len(sent))
		}
	}
}

func deadlinesHold(t *testing.T, n *network, l net.Listener) {
	near, far := pair(t, n, l)
	began := time.Now()
	after := func(want time.Duration, err error) {
		t.Helper()
		if took := time.Since(began); !errors.Is(err, os.ErrDeadlineExceeded) || took != want {
			t.Errorf("after %v: %v; want the deadline after %v", took, err, want)
		}
		began = time.Now()
	}
	_ = near.SetReadDeadline(began.Add(time.Minute))
	_, err := near.Read(make([]byte, 1))
	after(time.Minute, err)

	_ = near.SetReadDeadline(time.Time{})
	time.AfterFunc(time.Second, func() { _ = near.SetReadDeadline(time.Unix(1, 0)) }) // net/http does so to end a read
	_, err = near.Read(make([]byte, 1))
	after(time.Second, err)

	_ = far.SetWriteDeadline(began.Add(time.Hour))
	k, err := far.Write(make([]byte, 2*streamRoom))
	after(time.Hour, err)
	if k != streamRoom {
		t.Errorf("%d bytes were written, want as many as there is room for", k)
	}
	n.darken(hereAddr)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err = n.dialer(hereAddr)(ctx, "tcp", netip.AddrPortFrom(hereAddr, 80).String())
	after(10*time.Second, err)
}

func endsAreTold(t *testing.T, n *network, l net.Listener) {
	near, far := pair(t, n, l)
	go func() {
		_, _ = near.Write([]byte("bye"))
		near.Close()
	}()
	if b, err := io.ReadAll(far); string(b) != "bye" || err != nil {
		t.Errorf("read %q, %v", b, err)
	}
	if _, err := far.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write to nobody: %v", err)
	}
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read of what is closed: %v", err)
	}
	if _, err := n.Listen(t.Context(), "tcp", thereAddr); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listen twice: %v", err)
	}
	time.AfterFunc(time.Second, func() { l.Close() })
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept of what is closed: %v", err)
	}
	if _, err := n.dialer(hereAddr)(t.Context(), "tcp", thereAddr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial where nobody listens: %v", err)
	}
}

func addressesAreKnown(t *testing.T, n *network, l net.Listener) {
	near, far := pair(t, n, l)
	if far.LocalAddr().String() != thereAddr || near.RemoteAddr().String() != thereAddr {
		t.Errorf("it leads to %v, says one end, to %v the other", far.LocalAddr(), near.RemoteAddr())
	}
	from := far.RemoteAddr().(*net.TCPAddr)
	if from.String() != near.LocalAddr().String() || from.AddrPort().Addr() != hereAddr || from.Port == 0 {
		t.Errorf("it comes from %v, says one end, from %v the other", near.LocalAddr(), from)
	}
	other, err := n.Listen(t.Context(), "tcp", "198.18.1.2:0")
	if err != nil || other.Addr().(*net.TCPAddr).Port == 0 {
		t.Errorf("a listener on any port is at %v, %v", other.Addr(), err)
	}
}

// httpWorks has net/http on both ends, with connections kept and given up.
func httpWorks(t *testing.T, n *network, l net.Listener) {
	srv := &http.Server{IdleTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%d from %s", len(b), r.RemoteAddr)
	})}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	way := &http.Transport{DialContext: n.dialer(hereAddr)}
	c := http.Client{Transport: way}
	seen := map[string]int{}
	for i := range 6 {
		r, err := c.Post("http://"+thereAddr, "text/plain", bytes.NewReader(make([]byte, i*streamRoom)))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r.Body)
		r.Body.Close()
		var size int
		var from string
		if _, err := fmt.Sscanf(string(b), "%d from %s", &size, &from); err != nil || size != i*streamRoom {
			t.Errorf("answered %q: %v", b, err)
		}
		seen[from]++
		if i == 2 {
			wait(t.Context(), 2*time.Minute)
		}
	}
	if len(seen) != 2 {
		t.Errorf("connections: %v; want one before the pause and one after it", seen)
	}
	way.CloseIdleConnections()
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}
