package acs

import (
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// A phone waits 30 s for its answer (TR-069 3.4.2). What an answer waits for, a
// step of the store above all, cannot be called off, and is not: what was said
// is taken in, once. So the sweep answers 503 in its place, and the exchange goes
// on to its end, where it finds that nobody listens any more. How many there
// may be is bounded by refusing early: see [Server.stuck].
const (
	// lateAfter is the age at which the next sweep answers; it is at most
	// sweepEvery later.
	lateAfter = 20 * time.Second
	// lateWrite is what a late answer may take to leave.
	lateWrite = 2 * time.Second
	// While the oldest step has waited for slowAfter, at most maxWaiting
	// exchanges are under way.
	slowAfter  = time.Second
	maxWaiting = 1024
)

// stuck reports whether what needs the store is refused: the disk does not
// answer, or seems not to and enough exchanges wait for it.
func (s *Server) stuck() bool {
	waited := s.opts.Store.Waited()
	return waited >= slowAfter && (waited >= db.StuckAfter || s.waiting.count() >= maxWaiting)
}

// An outlet is where the answer of an exchange goes. Who touches it first has it:
// the exchange, or the sweep. What an exchange says that came too late goes nowhere.
type outlet struct {
	http.ResponseWriter
	conn  *connection
	since time.Time // when the message had been read

	mu    sync.Mutex
	taken bool // by the exchange
	late  bool // it was answered in its place
	void  http.Header
}

// Unwrap is for [http.ResponseController].
func (r *outlet) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// take reports whether the answer is still the exchange's to give; from then on
// it is nobody else's, and nobody writes to it any more.
func (r *outlet) take() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken = !r.late
	return r.taken
}

// missed reports whether the phone was answered before the exchange could.
func (r *outlet) missed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.late
}

func (r *outlet) Header() http.Header {
	if r.take() {
		return r.ResponseWriter.Header()
	}
	if r.void == nil {
		r.void = make(http.Header)
	}
	return r.void
}

func (r *outlet) WriteHeader(status int) {
	if r.take() {
		r.ResponseWriter.WriteHeader(status)
	}
}

func (r *outlet) Write(b []byte) (int, error) {
	if r.take() {
		return r.ResponseWriter.Write(b)
	}
	return len(b), nil
}

// giveUp answers in the place of an exchange that still waits. Its connection
// closes, so that it neither counts nor looks as if the answer went on.
func (r *outlet) giveUp() {
	if r.refuse() {
		r.conn.close()
	}
}

// refuse writes the answer, unless the exchange has it.
func (r *outlet) refuse() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken {
		return false
	}
	r.late = true
	h := r.ResponseWriter.Header()
	h["Retry-After"] = []string{strconv.Itoa(later())}
	h["Connection"] = closeAfter
	h["Content-Type"] = typeText
	h["Content-Length"] = []string{strconv.Itoa(len(ruleLate))}
	out := http.NewResponseController(r.ResponseWriter)
	// The kernel keeps this deadline. Writers of tests know none.
	_ = out.SetWriteDeadline(time.Now().Add(lateWrite))
	r.ResponseWriter.WriteHeader(http.StatusServiceUnavailable)
	_, _ = r.ResponseWriter.Write([]byte(ruleLate)) // who has gone needs no answer
	_ = out.Flush()
	return true
}

// waiting are the exchanges under way whose message has been read.
type waiting struct {
	mu sync.Mutex
	n  int
	m  map[*outlet]struct{} // those that were not given up
}

func (l *waiting) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

func (l *waiting) add(r *outlet, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.since = now
	l.n++
	l.m[r] = struct{}{}
}

// remove ends the wait of an exchange that has taken its answer, or missed it.
func (l *waiting) remove(r *outlet) {
	if r.since.IsZero() {
		return // it has not begun
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n--
	delete(l.m, r)
}

// overdue gives up those that began to wait at a time or before.
func (l *waiting) overdue(at time.Time) (late []*outlet) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for r := range l.m {
		if !r.since.After(at) {
			delete(l.m, r)
			late = append(late, r)
		}
	}
	return late
}

// answerLate answers those that have waited for too long. It waits for none of
// them: a phone that does not read must not keep the others waiting.
func (s *Server) answerLate(now time.Time) {
	late := s.waiting.overdue(now.Add(-lateAfter))
	if len(late) == 0 {
		return
	}
	for _, r := range late {
		go r.giveUp()
	}
	s.metrics.rejections.WithLabelValues(ruleLate).Add(float64(len(late)))
	s.line(slog.LevelError, "answers were not ready in time; their phones are told to come again",
		slog.String(logkey.Rule, ruleLate), slog.Int(logkey.Count, len(late)))
}
