package acs

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"phoneacs/cwmp"
)

// A Server is the CWMP endpoint: an [http.Handler] for one URL. Its methods
// are safe for concurrent use.
type Server struct {
	opts     Options
	sessions *sessions
	turns    turnstile
	waker    *waker
	pace     *pace
	twins    twins
	metrics  *metrics
	noise    logGate
	large    chan struct{} // places for large bodies
	waiting  waiting
	held     atomic.Int64 // bytes of bodies above the least

	prefix   string        // of session names: tells this process from the one before
	started  atomic.Uint64 // counts sessions, for their names
	draining atomic.Bool
	derived  sync.Once // the warning about derived URLs
	asked    asked
}

// New returns a server. The error says which option cannot work.
func New(o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	s := &Server{
		opts:     o,
		sessions: newSessions(),
		turns:    turnstile{gates: make(map[cwmp.DeviceID]*gate)},
		waker:    newWaker(&o),
		pace:     newPace(o.InformPace),
		large:    make(chan struct{}, maxLarge),
		waiting:  waiting{m: make(map[*outlet]struct{})},
		prefix:   string(newToken()[:4]),
	}
	var err error
	if s.metrics, err = newMetrics(o.Registerer, s.sessions); err != nil {
		return nil, err
	}
	return s, nil
}

// sweepEvery is how late the end by silence may be.
const sweepEvery = 5 * time.Second

// Run ends the sessions of phones that have fallen silent, and answers in the
// place of what takes too long. It returns nil when ctx ends.
func (s *Server) Run(ctx context.Context) error {
	tick := s.opts.Clock.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.Chan():
			s.answerLate(s.opts.Clock.Now())
			s.sweep(s.opts.Clock.Now())
		}
	}
}

// sweep ends what has been silent for too long. A session that is being
// worked on is not silent.
func (s *Server) sweep(now time.Time) {
	for _, sess := range s.sessions.silent(now) {
		if sess.mu.TryLock() {
			if sess.deadline.Load() < now.UnixNano() {
				s.end(sess, endSilent)
			}
			sess.mu.Unlock()
		}
	}
}

// ServeHTTP takes one POST of a phone.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchange{s: s, w: &outlet{ResponseWriter: w}, r: r, began: s.opts.Clock.Now()}
	x.serve()
	if !x.w.take() && x.sess != nil {
		s.end(x.sess, endFailed) // its phone was told so
	}
	s.waiting.remove(x.w)
	x.letGo()
	s.metrics.duration.Observe(s.opts.Clock.Since(x.began).Seconds())
}
