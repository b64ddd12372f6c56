package admin

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jonboulle/clockwork"
)

// A line is a server and clients that meet in memory, so that their time is
// the test's.
type line struct{ conns chan net.Conn }

func (l *line) Accept() (net.Conn, error) {
	c, ok := <-l.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (l *line) Close() error   { return nil }
func (l *line) Addr() net.Addr { return &net.IPAddr{} }

// dial serves h's API to one connection and returns its other end. The
// server's own timeouts are short, unless a change is given.
func (h *harness) dial(change ...func(*http.Server)) net.Conn {
	l := &line{make(chan net.Conn, 1)}
	server := &http.Server{Handler: h.handler, WriteTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second}
	for _, c := range change {
		c(server)
	}
	done := make(chan struct{})
	go func() { _ = server.Serve(l); close(done) }()
	here, there := net.Pipe()
	l.conns <- there
	h.t.Cleanup(func() {
		_ = here.Close()
		close(l.conns)
		<-done
		_ = server.Close()
		synctest.Wait()
	})
	return here
}

// realTime makes an API go by the time of the test's bubble.
func realTime(o *Options) { o.Clock = clockwork.NewRealClock() }

// watch asks for events and returns a reader of their stream.
func (h *harness) watch(query string, header ...string) *events {
	h.t.Helper()
	conn := h.dial()
	r, err := http.NewRequest("GET", "http://localhost/api/v1/events"+query, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if err := r.Write(conn); err != nil {
		h.t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, r)
	if err != nil {
		h.t.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		h.t.Fatalf("answer %d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	e := &events{t: h.t, conn: conn, in: bufio.NewReader(resp.Body)}
	e.want("retry: 2000")
	return e
}

type events struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// block reads up to the next blank line.
func (e *events) block() (string, error) {
	var b strings.Builder
	for {
		s, err := e.in.ReadString('\n')
		if err != nil {
			return b.String(), err
		}
		if s == "\n" {
			return strings.TrimSuffix(b.String(), "\n"), nil
		}
		b.WriteString(s)
	}
}

func (e *events) want(blocks ...string) {
	e.t.Helper()
	for _, want := range blocks {
		got, err := e.block()
		if err != nil {
			e.t.Fatalf("stream ended: %v; want %q", err, want)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			e.t.Fatalf("block (-want +got)\n%s", diff)
		}
		for l := range strings.SplitSeq(got, "\n") {
			if data, ok := strings.CutPrefix(l, "data: "); ok && !strings.Contains(got, "event: reset") {
				c, _ := loadContract()
				if err := c.validate("/components/schemas/Event", []byte(data)); err != nil {
					e.t.Errorf("%s is not as the document says: %v", data, err)
				}
			}
		}
	}
}

func (e *events) wantEnd() {
	e.t.Helper()
	if got, err := e.block(); err != io.EOF || got != "" {
		e.t.Fatalf("got %q, %v; want the end", got, err)
	}
}

// bubble runs a test of streams on its own time, with the document compiled
// before, as that takes mutexes of other tests.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	if _, err := loadContract(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, f)
}
