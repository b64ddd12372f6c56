package sim

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReadReply(t *testing.T) {
	for _, tt := range []struct {
		name, in, body string
		status         int
		close          bool
		err            error // of the head or the body
	}{
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 200, false, nil},
		{"bare line ends", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "hello", 200, false, nil},
		{"no reason", "HTTP/1.1 204\r\n\r\n", "", 204, false, nil},
		{"204 never has a body", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "", 204, false, nil},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: x\r\n\r\n", "hello", 200, false, nil},
		{"to the end", "HTTP/1.1 200 OK\r\n\r\nhello", "hello", 200, true, nil},
		{"close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "", 200, true, nil},
		{"close among others", "HTTP/1.1 200 OK\r\nConnection: X, Close\r\nContent-Length: 0\r\n\r\n", "", 200, true, nil},
		{"http/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "", 200, true, nil},
		{"http/1.0 kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", "", 200, false, nil},
		{"interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", 200, false, nil},
		{"interim for ever", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 50), "", 0, false, errHTTP},
		{"same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", "ok", 200, false, nil},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", "", 0, false, errHTTP},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n", "", 0, false, errHTTP},
		{"gzip coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "", 0, false, errHTTP},
		{"no http", "SSH-2.0-x\r\n\r\n", "", 0, false, errHTTP},
		{"bad status", "HTTP/1.1 2x0 OK\r\n\r\n", "", 0, false, errHTTP},
		{"header without colon", "HTTP/1.1 200 OK\r\nhello\r\n\r\n", "", 0, false, errHTTP},
		{"endless headers", "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 500), "", 0, false, errHTTP},
		{"endless line", "HTTP/1.1 200 " + strings.Repeat("x", 9000), "", 0, false, errHTTP},
		{"closed", "", "", 0, false, io.EOF},
		{"cut in the status line", "HTTP/1.1 2", "", 0, false, io.ErrUnexpectedEOF},
		{"cut in the head", "HTTP/1.1 200 OK\r\nA: b\r\n", "", 0, false, io.ErrUnexpectedEOF},
		{"cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "", 0, false, io.ErrUnexpectedEOF},
		{"cut in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "", 0, false, io.ErrUnexpectedEOF},
		{"cut before the trailer ends", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "", 0, false, io.ErrUnexpectedEOF},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := readReply(bufio.NewReaderSize(strings.NewReader(tt.in), 4096), "POST")
			var body []byte
			if err == nil {
				body, err = io.ReadAll(r.body)
			}
			if !errors.Is(err, tt.err) {
				t.Fatalf("error = %v; want %v", err, tt.err)
			}
			if tt.err == nil && (string(body) != tt.body || r.status != tt.status || r.close != tt.close) {
				t.Errorf("got %d %q close %v; want %d %q %v", r.status, body, r.close, tt.status, tt.body, tt.close)
			}
		})
	}
}

// TestSeveralAnswersOnOneConnection: each body ends where the next head begins.
func TestSeveralAnswersOnOneConnection(t *testing.T) {
	br := bufio.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nbHTTP/1.1 204 x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nc"))
	for _, want := range []string{"a", "b", "", "c"} {
		r, err := readReply(br, "POST")
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(r.body); string(body) != want || err != nil {
			t.Errorf("body = %q, %v; want %q", body, err, want)
		}
	}
}

// FuzzReadReply promises that what is read can be written plainly and read back
// the same.
func FuzzReadReply(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 5\r\n\r\nhello")
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")
	f.Add("HTTP/1.0 401 no\nWWW-Authenticate: Digest nonce=\"x\"\n\n")
	f.Add("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 x\r\n\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		read := func(in string) (*reply, string, bool) {
			r, err := readReply(bufio.NewReaderSize(strings.NewReader(in), 4096), "POST")
			if err != nil {
				return nil, "", false
			}
			body, err := io.ReadAll(r.body)
			return r, string(body), err == nil
		}
		r, body, ok := read(in)
		if !ok {
			return
		}
		var b strings.Builder
		fmt.Fprintf(&b, "HTTP/1.1 %03d x\r\nContent-Type: %s\r\n", r.status, r.contentType)
		for _, c := range r.cookies {
			fmt.Fprintf(&b, "Set-Cookie: %s\r\n", c)
		}
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
		r2, body2, ok := read(b.String())
		if !ok || r2.status != r.status || body2 != body || r2.contentType != r.contentType || !slices.Equal(r2.cookies, r.cookies) {
			t.Errorf("%q: read %+v %q, then %+v %q", in, r, body, r2, body2)
		}
	})
}

func TestCookieJar(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  []string
		want []string
	}{
		{"attributes stay behind", []string{"a=1; Path=/; HttpOnly", "b=2"}, []string{"a=1", "b=2"}},
		{"the newest wins", []string{"a=1", "b=2", "a=3"}, []string{"b=2", "a=3"}},
		{"taken back", []string{"a=1", "a=; Max-Age=0"}, nil},
		{"no pair", []string{"", "x", "=y"}, nil},
		{"no room", []string{"a=1", "b=" + strings.Repeat("x", maxCookies)}, []string{"a=1"}},
	} {
		var c client
		c.keepCookies(tt.set)
		if !slices.Equal(c.jar, tt.want) {
			t.Errorf("%s: jar = %q; want %q", tt.name, c.jar, tt.want)
		}
	}
}

func TestHTTPS(t *testing.T) {
	acs := newACS()
	srv := httptest.NewTLSServer(acs)
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	f := New(Options{ACS: srv.URL, TLS: &tls.Config{RootCAs: roots}})
	p := f.Phone(0)
	acs.order(p, "GetRPCMethods", "")
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	peers := map[string]bool{}
	for _, post := range acs.posts {
		peers[post.Peer] = true
	}
	if len(acs.posts) != 3 || len(peers) != 1 {
		t.Errorf("%d posts on %d connections; want 3 on 1", len(acs.posts), len(peers))
	}

	srv.Config.ErrorLog = nil
	stranger := New(Options{ACS: srv.URL})
	if err := stranger.Phone(0).Inform(t.Context()); err == nil || stranger.Stats().Failures["dial"] != 1 {
		t.Errorf("unknown authority: %v, %v; want a failure to connect", err, stranger.Stats().Failures)
	}
}

func TestFailureCauses(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	status := func(code int) string {
		return newServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
	}
	for _, tt := range []struct{ url, want string }{
		{"http://127.0.0.1:1/", "dial"},
		{"http://" + silent.Addr().String(), "timeout"},
		{status(500), "http.500"},
		{status(503), "http.503"},
		{newServer(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })), "closed"},
	} {
		f := New(Options{ACS: tt.url, Timeout: 200 * time.Millisecond})
		if err := f.Phone(0).Inform(t.Context()); err == nil || f.Stats().Failures[tt.want] != 1 {
			t.Errorf("%s: %v, failures %v; want %s", tt.url, err, f.Stats().Failures, tt.want)
		}
	}
}

func TestInformEndsWithItsContext(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	ctx, cancel := context.WithCancel(t.Context())
	acs.before = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
		cancel()
		<-r.Context().Done()
		return true
	}
	p := New(Options{ACS: srv.URL}).Phone(0)
	if err := p.Inform(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("Inform = %v; want %v", err, context.Canceled)
	}
	if l := p.Ledger(); l.Cut != 1 || l.Failed != 0 || l.Retry != 0 {
		t.Errorf("ledger = %+v", l)
	}
}

// TestInformAtItsDeadline: a deadline that ends the dial is the caller's doing
// and no failure of the server, however the two timers fall.
func TestInformAtItsDeadline(t *testing.T) {
	for range 20 {
		f := New(Options{ACS: "http://acs.example/", Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			at, _ := ctx.Deadline()
			for time.Now().Before(at) {
				select {
				case <-ctx.Done():
				case <-time.After(time.Until(at)):
				}
			}
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		if err := f.Phone(0).Inform(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Inform = %v", err)
		}
		cancel()
		if s := f.Stats(); s.Cut != 1 || s.Failed != 0 {
			t.Fatalf("stats = %+v; want one session cut off", s)
		}
	}
}
