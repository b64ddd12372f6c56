package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Server plays the server's side of a recording to one phone. It is an
// [http.Handler] for any URL.
type Server struct {
	turns []turn
	out   io.Writer

	mu    sync.Mutex
	next  int // the turn that is due
	began time.Time
	last  time.Time
	err   error
	done  chan struct{} // closed at the end
}

// NewServer returns a server for one session. It writes a line a message to out;
// nil: none.
func NewServer(rec *Recording, out io.Writer) (*Server, error) {
	turns, err := rec.turns()
	if err != nil {
		return nil, err
	}
	if out == nil {
		out = io.Discard
	}
	return &Server{turns: turns, out: out, last: time.Now(), done: make(chan struct{})}, nil
}

// Serve serves on a listener until the session has ended, and returns how: an
// error that wraps [ErrDiffers] if the phone sent a message of another kind, or
// none for longer than a timeout; 0 stands for DefaultTimeout.
func (s *Server) Serve(ctx context.Context, l net.Listener, timeout time.Duration) error {
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	srv := &http.Server{Handler: s, ReadHeaderTimeout: timeout, ReadTimeout: timeout}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	err := s.wait(ctx, ended, timeout)
	// The last answer may be on its way.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if srv.Shutdown(grace) != nil {
		_ = srv.Close() // a connection that does not end is of no use
	}
	return err
}

func (s *Server) wait(ctx context.Context, ended <-chan error, timeout time.Duration) error {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		select {
		case <-s.done:
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.err
		case err := <-ended:
			return fmt.Errorf("serve recording: %w", err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			s.mu.Lock()
			left := timeout - time.Since(s.last)
			next := s.next
			s.mu.Unlock()
			if left <= 0 {
				return fmt.Errorf("%w: the phone sent nothing for %v, recorded was %s as message #%d",
					ErrDiffers, timeout, kind([]byte(s.turns[next].phone.Body)), s.turns[next].n+1)
			}
			timer.Reset(left)
		}
	}
}

// ServeHTTP takes one message of the phone.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	if err != nil {
		http.Error(w, "the message cannot be read", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Now()
	if s.began.IsZero() {
		s.began = s.last
	}
	if s.next == len(s.turns) || s.err != nil {
		http.Error(w, "the recording has been played", http.StatusServiceUnavailable)
		return
	}
	t := s.turns[s.next]
	got, want := kind(body), kind([]byte(t.phone.Body))
	if got != want {
		s.line(t.n, "phone", got, "DIFFERS: recorded was "+want)
		s.end(fmt.Errorf("%w: message #%d is %s, recorded was %s", ErrDiffers, t.n+1, got, want))
		http.Error(w, "not as recorded", http.StatusServiceUnavailable)
		return
	}
	is, was := read(body), read([]byte(t.phone.Body))
	verdict := "as recorded"
	if now, then := strings.Join(is.events, ", "), strings.Join(was.events, ", "); now != then {
		verdict += ", but for its events: " + now + "; recorded were " + then
	}
	s.line(t.n, "phone", got, verdict)
	s.next++
	if s.next == len(s.turns) {
		defer s.end(nil)
	}
	s.answer(w, t, &was, &is)
}

// answer sends what was answered then, to the message as it is now.
func (s *Server) answer(w http.ResponseWriter, t turn, was, is *facts) {
	if t.server == nil {
		s.line(t.n+1, "server", "(hangs up)", "the session was cut off")
		panic(http.ErrAbortHandler)
	}
	body := t.server.Body
	if f := read([]byte(body)); !f.request() { // it answers the phone's, by its id
		var sw swaps
		sw.note(was.id, is.id)
		body = sw.in(body)
	}
	if was.namespace != "" && is.namespace != "" {
		body = strings.ReplaceAll(body, `"`+was.namespace+`"`, `"`+is.namespace+`"`)
	}
	h := w.Header()
	if media := t.server.Header["Content-Type"]; media != "" {
		h.Set("Content-Type", media)
	}
	h.Set("Set-Cookie", "session=replayed; Path=/")
	w.WriteHeader(t.server.Status)
	_, err := w.Write(t.server.bytes(body))
	verdict := ""
	if err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		verdict = "the phone hung up"
	}
	s.line(t.n+1, "server", answerKind(t.server.Status, []byte(t.server.Body)), verdict)
}

// end ends the session; s is locked.
func (s *Server) end(err error) {
	s.err = err
	close(s.done)
}

func (s *Server) line(n int, from, what, verdict string) {
	writeLine(s.out, s.began, n, from, what, verdict)
}
