package provision

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"phoneacs/db"
)

// kernelWriter looks like the writer of net/http on TCP, and sees what it is
// given to copy.
type kernelWriter struct {
	header    http.Header
	parts     []int64
	strangers int // what the kernel could not copy by itself
	deadlines []time.Time
}

func (k *kernelWriter) Header() http.Header         { return k.header }
func (k *kernelWriter) WriteHeader(int)             {}
func (k *kernelWriter) Write(p []byte) (int, error) { k.strangers++; return len(p), nil }

func (k *kernelWriter) SetWriteDeadline(at time.Time) error {
	k.deadlines = append(k.deadlines, at)
	return nil
}

func (k *kernelWriter) ReadFrom(r io.Reader) (int64, error) {
	if lr, ok := r.(*io.LimitedReader); !ok {
		k.strangers++
	} else if _, ok := lr.R.(syscall.Conn); !ok {
		k.strangers++
	}
	n, err := io.Copy(io.Discard, r)
	k.parts = append(k.parts, n)
	return n, err
}

// The whole of a file goes the kernel's way, in chunks with a deadline each.
func TestKernelCopies(t *testing.T) {
	const size = 5*chunk + 7
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, _ := http.NewRequest("GET", "/", nil)
	k := &kernelWriter{header: http.Header{"Content-Type": {"x"}}}
	m := newMeter(k, r, time.Hour)
	http.ServeContent(m, r, "", time.Time{}, fileBlob{f, size})
	if m.bytes != size || k.strangers != 0 || len(k.parts) != 6 || len(k.deadlines) < 6 {
		t.Errorf("%d bytes in %v, %d not by the kernel, %d deadlines", m.bytes, k.parts, k.strangers, len(k.deadlines))
	}
	for _, n := range k.parts {
		if n > chunk {
			t.Errorf("a part of %d bytes under one deadline", n)
		}
	}
	m.finish()
	if last := k.deadlines[len(k.deadlines)-1]; !last.IsZero() {
		t.Errorf("deadline %v is left behind", last)
	}
}

// pipeListener hands out one connection, in a bubble of synctest.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.done); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.IPAddr{} }

// overPipe serves a file of some chunks over a connection without a buffer.
func overPipe(t *testing.T, chunks int) (e *env, path string, phone net.Conn) {
	e = newService(t, nil)
	f, body := e.add(t, "a.cfg", chunks*chunk)
	e.store.open = func(string) (db.Blob, error) { return ramBlob{bytes.NewReader(body)}, nil }
	u, _ := e.link(t, "http://acs", f)
	server, phone := net.Pipe()
	l := &pipeListener{make(chan net.Conn, 1), make(chan struct{})}
	l.conns <- server
	srv := &http.Server{Handler: e.Service}
	go srv.Serve(l)
	t.Cleanup(func() { phone.Close(); srv.Close() })
	return e, strings.TrimPrefix(u, "http://acs"), phone
}

// A slow phone gets its file however long it takes; then the connection is good
// for another request, at any later time.
func TestSlowPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, path, phone := overPipe(t, 10)
		began := time.Now()
		in := bufio.NewReaderSize(phone, 16)
		for range 2 {
			fmt.Fprintf(phone, "GET %s HTTP/1.1\r\nHost: acs\r\n\r\n", path)
			resp, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 10 {
				<-time.After(DefaultStall - time.Second)
				if _, err := io.CopyN(io.Discard, resp.Body, chunk); err != nil {
					t.Fatalf("chunk %d after %v: %v", i, time.Since(began), err)
				}
			}
			if got := e.fetch(t); got.Bytes != 10*chunk {
				t.Errorf("recorded %+v", got)
			}
			<-time.After(10 * DefaultStall)
		}
		if took := time.Since(began); took < 20*(DefaultStall-time.Second) {
			t.Errorf("took %v; the phone was not slow", took)
		}
	})
}

// A phone that takes nothing more loses its slot.
func TestDeadPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, path, phone := overPipe(t, 10)
		fmt.Fprintf(phone, "GET %s HTTP/1.1\r\nHost: acs\r\n\r\n", path)
		if _, err := io.CopyN(io.Discard, phone, chunk); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		got := <-e.store.fetches
		if took := time.Since(began); took > DefaultStall || got.Bytes >= 10*chunk || got.Status != 200 {
			t.Errorf("after %v recorded %+v", took, got)
		}
		synctest.Wait()
		if n := len(e.slots); n != 0 {
			t.Errorf("%d slots taken", n)
		}
		if _, err := io.Copy(io.Discard, phone); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the connection was not closed: %v", err)
		}
		if log := e.log.String(); !strings.Contains(log, "cut short") {
			t.Errorf("log: %s", log)
		}
	})
}
