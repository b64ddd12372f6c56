package acs

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"phoneacs/cwmp"
)

// TestBodies: the ways a body may travel.
func TestBodies(t *testing.T) {
	inform := envelope(t, cwmp.Envelope{Body: informOf("A1")})
	pack := func(w io.WriteCloser, b *bytes.Buffer) string {
		if _, err := io.WriteString(w, inform); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	var gz, zl, fl, bomb bytes.Buffer
	raw, err := flate.NewWriter(&fl, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	big := gzip.NewWriter(&bomb)
	if _, err := io.CopyN(big, zeros{}, 20<<20); err != nil {
		t.Fatal(err)
	}
	if err := big.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, coding, body string
		chunked            bool
		status             int
		text               string
	}{
		{"plain", "", inform, false, 200, ""},
		{"chunked", "", inform, true, 200, ""},
		{"chunked and empty", "", "", true, 204, ""},
		{"nothing but white space", "", " \r\n", false, 204, ""},
		{"gzip", "gzip", pack(gzip.NewWriter(&gz), &gz), false, 200, ""},
		{"gzip, chunked", "x-gzip", gz.String(), true, 200, ""},
		{"deflate as zlib", "deflate", pack(zlib.NewWriter(&zl), &zl), false, 200, ""},
		{"deflate, bare", "deflate", pack(raw, &fl), false, 200, ""},
		{"identity", "identity", inform, false, 200, ""},
		{"gzip that is none", "gzip", inform, false, 400, ruleBody},
		{"gzip cut short", "gzip", gz.String()[:40], false, 400, ruleBody},
		{"gzip of far more", "gzip", bomb.String(), false, 413, ruleTooLarge},
		{"gzip of nothing, for ever", "gzip", strings.Repeat(nothing(t), smallBody/10), true, 400, ruleBody},
		{"too large, chunked", "", strings.Repeat("x", smallBody+1), true, 413, ruleTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil).listen(t)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if tt.chunked {
				req.ContentLength = -1
				req.Body = io.NopCloser(strings.NewReader(tt.body))
			}
			if tt.coding != "" {
				req.Header.Set("Content-Encoding", tt.coding)
			}
			req.Header.Set("Expect", "100-continue")
			req.Header.Set("Content-Type", "text/html") // of no account
			a := r.phone(t, "A1").do(req)
			if a.status != tt.status || tt.text != "" && a.text != tt.text {
				t.Errorf("answer %d %.100q; want %d %q", a.status, a.text, tt.status, tt.text)
			}
		})
	}
}

// nothing is a gzip member that holds nothing.
func nothing(t *testing.T) string {
	var b bytes.Buffer
	if err := gzip.NewWriter(&b).Close(); err != nil {
		t.Fatal(err)
	}
	if smallBody%b.Len() == 0 {
		t.Fatal("the bound falls between two members")
	}
	return b.String()
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestLargeAnswer: within a session a body may be as large as MaxBody.
func TestLargeAnswer(t *testing.T) {
	r := newRig(t, nil).listen(t)
	r.disp.queue = []cwmp.Message{&cwmp.GetParameterValues{Names: []string{"Device."}}}
	p := r.phone(t, "A1")
	p.inform()
	id := p.post("").want(t, 200, "GetParameterValues").env.ID
	answer := &cwmp.GetParameterValuesResponse{Parameters: []cwmp.ParameterValue{
		{Name: "Device.X", Value: strings.Repeat("x", 3<<20)},
	}}
	p.send(id, answer).want(t, 204, "")
	if got, ok := r.disp.answers[0].(*cwmp.GetParameterValuesResponse); !ok || len(got.Parameters[0].Value) != 3<<20 {
		t.Error("the answer did not arrive whole")
	}
	if len(r.large) != 0 {
		t.Error("the place among the large bodies is not given back")
	}
	p.inform()
	if a := p.post(strings.Repeat(" ", 5<<20)); a.status != 413 {
		t.Errorf("5 MiB answered %d", a.status)
	}
}

// pipes is a listener without a network, for servers in a bubble of synctest.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// slowly serves r on a pipe, and hands the phone's end of it to talk.
func slowly(t *testing.T, r *rig, talk func(conn net.Conn)) {
	l := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: r.Server, ConnContext: r.ConnContext}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	ours, theirs := net.Pipe()
	l.conns <- theirs
	talk(ours)
	ours.Close()
	srv.Close()
	<-served
	time.Sleep(time.Second) // of the bubble: net/http lingers on what it closes
}

// TestSlowBody: a body that trickles is given up after its time, whether it
// trickles or stops half way.
func TestSlowBody(t *testing.T) {
	for _, tt := range []struct {
		name string
		gap  time.Duration // between bytes; 0: nothing comes after the first
	}{
		{"a byte a second", time.Second},
		{"half sent", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sending sync.WaitGroup
				defer sending.Wait()
				slowly(t, newRig(t, nil), func(conn net.Conn) {
					began := time.Now()
					sending.Go(func() {
						fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<")
						for tt.gap > 0 {
							time.Sleep(tt.gap)
							if _, err := conn.Write([]byte("a")); err != nil {
								return
							}
						}
					})
					res, err := http.ReadResponse(bufio.NewReader(conn), nil)
					if err != nil {
						t.Fatal(err)
					}
					defer res.Body.Close()
					if res.StatusCode != http.StatusRequestTimeout || !res.Close {
						t.Errorf("answer %d, close %t; want 408 and the end of the connection", res.StatusCode, res.Close)
					}
					if took := time.Since(began); took != bodyTime {
						t.Errorf("given up after %v; want %v", took, bodyTime)
					}
				})
			})
		})
	}
}

// TestHeldBodies: bodies that are under way take no more memory than they may
// together, and what they took is given back however they end.
func TestHeldBodies(t *testing.T) {
	r := newRig(t, nil).listen(t)
	p, long := r.phone(t, "A1"), strings.Repeat(" ", 200<<10)
	inform := long + envelope(t, cwmp.Envelope{ID: "i", Body: informOf("A1")})
	r.held.Add(maxHeld / 2)
	p.post(inform).want(t, 503, "")
	p.inform().want(t, 200, "InformResponse") // a short one is taken all the same
	p.post(long+envelope(t, cwmp.Envelope{ID: "x", Body: &cwmp.GetRPCMethods{}})).want(t, 200, "GetRPCMethodsResponse")
	r.held.Add(maxHeld / 2)
	p.post(long+envelope(t, cwmp.Envelope{ID: "x", Body: &cwmp.GetRPCMethods{}})).want(t, 503, "")
	r.held.Add(-maxHeld)
	p.post(inform).want(t, 200, "InformResponse")
	p.post(long+"no XML").want(t, 400, "")
	p.post(strings.Repeat(" ", smallBody+1)).want(t, 413, "")
	if n := r.held.Load(); n != 0 {
		t.Errorf("%d bytes are held of nothing", n)
	}
}

// TestSlowPhone: the time a body may take is for that body alone.
func TestSlowPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		inform := envelope(t, cwmp.Envelope{Body: informOf("A1")})
		slowly(t, r, func(conn net.Conn) {
			in := bufio.NewReader(conn)
			for i := range 3 {
				fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(inform), inform)
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatalf("Inform %d: %v", i, err)
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != 200 {
					t.Fatalf("Inform %d: %d %v", i, res.StatusCode, err)
				}
				time.Sleep(50 * time.Second)
			}
		})
	})
}

// TestLargeAnnounced: a body that is announced as too large is not waited for.
func TestLargeAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slowly(t, newRig(t, nil), func(conn net.Conn) {
			began := time.Now()
			fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 1<<40)
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if took := time.Since(began); res.StatusCode != http.StatusRequestEntityTooLarge || took != 0 {
				t.Errorf("answer %d after %v; want 413 at once", res.StatusCode, took)
			}
		})
	})
}

// TestSlowDispatcher: nor does that time end while the dispatcher works on what
// the body brought.
func TestSlowDispatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.disp.queue = []cwmp.Message{&cwmp.Reboot{}, &cwmp.Reboot{}}
		r.disp.onAnswered = func() { time.Sleep(2 * bodyTime) }
		slowly(t, r, func(conn net.Conn) {
			in := bufio.NewReader(conn)
			for _, body := range []string{
				envelope(t, cwmp.Envelope{Body: informOf("A1")}), "", envelope(t, cwmp.Envelope{Body: &cwmp.RebootResponse{}}),
			} {
				fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != 200 {
					t.Errorf("answer %d, %v", res.StatusCode, err)
				}
			}
		})
	})
}

// TestBrokenConnection: a body that breaks off does not cost the session; the
// phone goes on over another connection.
func TestBrokenConnection(t *testing.T) {
	r := newRig(t, nil).listen(t)
	p := r.phone(t, "A1")
	p.inform()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nCookie: %s\r\nContent-Length: 1000\r\n\r\n<half", p.cookie)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	conn.Close()
	if res.StatusCode != 400 {
		t.Errorf("half a body answered %d", res.StatusCode)
	}
	p.send("x", &cwmp.TransferComplete{}).want(t, 200, "TransferCompleteResponse")
}
