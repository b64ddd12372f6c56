package acs

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// quietStore knows every phone and remembers nothing.
type quietStore struct{}

func (quietStore) RecordInform(context.Context, db.Inform) (db.Recorded, error) {
	return db.Recorded{Phone: db.Phone{ID: 1, State: db.PhoneApproved}}, nil
}
func (quietStore) Claimed(context.Context, db.Identity) (db.Claim, error) {
	return db.Claim{}, db.ErrNotFound
}
func (quietStore) Site(context.Context, db.SiteID) (db.Site, error) { return db.Site{}, nil }

func (quietStore) Waited() time.Duration                             { return 0 }
func (quietStore) HasWork(context.Context, db.PhoneID) (bool, error) { return false, nil }
func (quietStore) NoteAnnounced(context.Context, db.PhoneID, db.SessionToken, string, time.Time) error {
	return nil
}
func (quietStore) NoteDuplicate(context.Context, db.PhoneID, string, time.Time) error {
	return nil
}
func (quietStore) EndSession(db.PhoneID, db.SessionToken) {}
func (quietStore) Parameters(context.Context, db.PhoneID, string, db.Query) (db.Page[db.Parameter], error) {
	return db.Page[db.Parameter]{}, nil
}
func (quietStore) RecordWake(db.PhoneID, time.Time, string, string) {}
func (quietStore) Phone(context.Context, db.PhoneID) (db.PhoneStatus, error) {
	return db.PhoneStatus{}, db.ErrNotFound
}

func (quietStore) Credentials(context.Context, db.PhoneID) (db.Credentials, error) {
	return db.Credentials{}, db.ErrNotFound
}

// quietDispatcher has nothing to do.
type quietDispatcher struct{}

func (quietDispatcher) Informed(context.Context, db.Session, db.Recorded, *cwmp.Inform) error {
	return nil
}
func (quietDispatcher) Next(context.Context, db.Session) (cwmp.Message, db.AttemptID, error) {
	return nil, db.AttemptID{}, nil
}
func (quietDispatcher) Answered(context.Context, db.Session, db.AttemptID, cwmp.Message) error {
	return nil
}
func (quietDispatcher) WakeRefused(db.PhoneID) bool { return false }
func (quietDispatcher) Completed(context.Context, db.Session, *cwmp.TransferComplete) error {
	return nil
}

func benchServer(b *testing.B) (*Server, string) {
	b.Helper()
	s, err := New(Options{Store: quietStore{}, Dispatcher: quietDispatcher{}, PublicURL: "http://acs.example"})
	if err != nil {
		b.Fatal(err)
	}
	in := informOf("A1", "2 PERIODIC")
	for i := range 4 {
		in.Parameters = append(in.Parameters, cwmp.ParameterValue{Name: fmt.Sprintf("Device.Services.VoiceService.1.Line.%d.Status", i), Value: "Up"})
	}
	return s, envelope(b, cwmp.Envelope{ID: "1", Body: in})
}

// nowhere is a response without a socket.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(int)             {}

// BenchmarkDecode is the part of a session that cwmp takes.
func BenchmarkDecode(b *testing.B) {
	_, inform := benchServer(b)
	body := []byte(inform)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cwmp.Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSession is an Inform and an empty POST, without sockets: where
// nothing is recorded, where sessions that fail are, and where this one is.
func BenchmarkSession(b *testing.B) {
	for _, mode := range []string{"plain", "failed kept", "recorded"} {
		b.Run(mode, func(b *testing.B) { benchSession(b, mode) })
	}
}

func benchSession(b *testing.B, mode string) {
	s, inform := benchServer(b)
	if mode != "plain" {
		s.opts.Recorder = benchRecorder(b, mode == "recorded")
	}
	conn := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 9), Port: 5000}
	ctx := s.ConnContext(context.Background(), addressed{remote: conn})
	body := strings.NewReader("")
	first := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", http.NoBody)
	first.Body, first.ContentLength = io.NopCloser(body), int64(len(inform))
	second := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", http.NoBody)
	second.ContentLength = 0
	b.ReportAllocs()
	for b.Loop() {
		body.Reset(inform)
		w := &nowhere{make(http.Header, 4)}
		s.ServeHTTP(w, first)
		cookie, _, _ := strings.Cut(w.header["Set-Cookie"][0], ";")
		second.Header["Cookie"] = []string{cookie}
		s.ServeHTTP(&nowhere{make(http.Header, 4)}, second)
	}
	if n := s.sessions.open.Load(); n != 0 {
		b.Fatalf("%d sessions left open", n)
	}
}

type addressed struct {
	net.Conn
	remote net.Addr
}

func (a addressed) RemoteAddr() net.Addr { return a.remote }

// BenchmarkSocket is the same over a real socket, beside a handler that
// answers from constants: what net/http takes by itself, client included.
func BenchmarkSocket(b *testing.B) {
	s, inform := benchServer(b)
	answer := []byte(strings.Repeat("x", 600))
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, err := io.Copy(io.Discard, r.Body); n == 0 || err != nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = w.Write(answer)
	})
	for _, bb := range []struct {
		name    string
		handler http.Handler
	}{{"bare", bare}, {"acs", s}} {
		b.Run(bb.name, func(b *testing.B) {
			srv := httptest.NewUnstartedServer(bb.handler)
			srv.Config.ConnContext = s.ConnContext
			srv.Start()
			defer srv.Close()
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			first := fmt.Appendf(nil, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nSOAPAction: \r\nContent-Length: %d\r\n\r\n%s", len(inform), inform)
			second := []byte("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
			in := bufio.NewReader(conn)
			b.ReportAllocs()
			for b.Loop() {
				for _, out := range [][]byte{first, second} {
					if _, err := conn.Write(out); err != nil {
						b.Fatal(err)
					}
					skipAnswer(b, in)
				}
			}
		})
	}
}

// skipAnswer reads an answer at little cost.
func skipAnswer(b *testing.B, in *bufio.Reader) {
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		if len(line) <= 2 {
			break
		}
		if len(line) > 16 && string(line[:16]) == "Content-Length: " {
			for _, c := range line[16 : len(line)-2] {
				length = length*10 + int(c-'0')
			}
		}
	}
	if _, err := in.Discard(length); err != nil {
		b.Fatal(err)
	}
}
