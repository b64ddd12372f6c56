package app

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener of connections in memory, whose deadlines are a bubble's.
type pipes struct {
	out  chan net.Conn
	done chan struct{}
	once sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.out:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// unread runs a server in a bubble and gives its client one connection.
func unread(t *testing.T, h http.Handler, do func(conn net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := &App{log: slog.New(slog.DiscardHandler)}
		srv, l := a.server(h), &pipes{out: make(chan net.Conn), done: make(chan struct{})}
		srv.WriteTimeout = answerTime // as that of phones has
		ended := make(chan error, 1)
		go func() { ended <- srv.Serve(l) }()
		near, far := net.Pipe()
		l.out <- far
		do(near)
		near.Close()
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

// TestUnreadBody: a body that no handler reads, and that never comes, holds no
// connection for longer than any other.
func TestUnreadBody(t *testing.T) {
	nobody := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusNotFound) })
	for _, tt := range []struct{ name, head, trickle string }{
		{"announced", "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n", ""},
		{"in chunks", "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", ""},
		{"byte for byte", "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			unread(t, nobody, func(conn net.Conn) {
				began := time.Now()
				var sending sync.WaitGroup
				defer sending.Wait()
				defer conn.Close()
				sending.Go(func() {
					_, err := io.WriteString(conn, tt.head)
					for err == nil && tt.trickle != "" {
						time.Sleep(time.Second)
						_, err = io.WriteString(conn, tt.trickle)
					}
				})
				if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, io.ErrClosedPipe) {
					t.Error(err)
				}
				if took := time.Since(began); took < unreadTime || took > unreadTime+time.Second {
					t.Errorf("closed after %v; want %v", took, unreadTime)
				}
			})
		})
	}
}

// TestUnreadAnswer: nor does who takes no answer.
func TestUnreadAnswer(t *testing.T) {
	long := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 1<<20)) })
	unread(t, long, func(conn net.Conn) {
		began := time.Now()
		if _, err := io.WriteString(conn, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(conn).ReadByte(); err != nil { // of the 4 KiB that the buffer takes
			t.Fatal(err)
		}
		time.Sleep(answerTime + time.Second)
		if _, err := conn.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("after %v it is still open: %v", time.Since(began), err)
		}
	})
}

// TestLongWork: the time of a body that was read does not end what is done with
// it, nor a request without one.
func TestLongWork(t *testing.T) {
	for _, head := range []string{
		"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		var cut error
		unread(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(unreadTime + time.Minute)
			cut = r.Context().Err()
		}), func(conn net.Conn) {
			if _, err := io.WriteString(conn, head); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusOK || cut != nil {
				t.Errorf("%.4s: answered %d, %v", head, res.StatusCode, cut)
			}
		})
	}
}
