package admin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"os"
	"strconv"
	"time"

	"phoneacs/db"
)

// Bounds of event streams.
const (
	maxReaders  = 64               // at a time
	eventBurst  = 256              // events written before a flush
	heartbeat   = 15 * time.Second // between signs of life
	writeTime   = 10 * time.Second // for a reader to take what was written
	reconnectIn = 2 * time.Second  // told to readers
)

// A watch is what a reader of events asked for; zero members ask for all.
type watch struct {
	after uint64 // go on after this commit; 0: from now on
	lost  bool   // it named a commit that is none
	job   db.JobID
	phone db.PhoneID
}

func (f *watch) wants(e *db.Event) bool {
	return (f.job == 0 || e.Job == f.job) && (f.phone == 0 || e.Phone == f.phone)
}

// streamEvents serves GET /api/v1/events.
func (a *API) streamEvents(w http.ResponseWriter, r *http.Request) error {
	f, err := a.readWatch(r)
	if err != nil {
		return err
	}
	if a.draining() {
		return newProblem(kindUnavailable, "the server is stopping")
	}
	select {
	case a.readers <- struct{}{}:
		defer func() { <-a.readers }()
	default:
		return newProblem(kindBusy, "there are %d event streams already", maxReaders).with("Retry-After", "5")
	}
	a.metrics.readers.Inc()
	defer a.metrics.readers.Dec()

	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	// Asked before subscribing: from here on nothing is missed.
	last := a.store.LastSeq()
	events, reset, err := a.store.Subscribe(ctx, f.after)
	if err != nil {
		return about(err, "events")
	}
	s := newSSE(w)
	defer s.end()
	if f.after == 0 || reset {
		s.position(last)
	}
	if reset || f.lost {
		s.reset(last)
	}
	err = a.pump(ctx, s, f, events)
	if errors.Is(err, errSlowReader) {
		a.metrics.dropped.Inc()
	}
	return err
}

// errSlowReader reports a reader that did not take what was written to it in
// time.
var errSlowReader = errors.New("reader does not keep up")

// pump writes events until the reader goes or falls behind, or the server stops.
func (a *API) pump(ctx context.Context, s *sse, f watch, events <-chan db.Event) error {
	tick := a.clock.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		if err := s.flush(); err != nil {
			return writeError(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.drain:
			return nil
		case <-tick.Chan():
			s.beat()
		case e, ok := <-events:
			for n := 1; ok; n++ {
				s.event(&e, f.wants(&e))
				if n == eventBurst || len(events) == 0 {
					break
				}
				e, ok = <-events
			}
			if !ok {
				return cmp.Or(writeError(s.flush()), a.closedEarly(ctx))
			}
		}
	}
}

// closedEarly tells why the feed ended before the reader did: either the store
// closes, or the reader was too far behind.
func (a *API) closedEarly(ctx context.Context) error {
	if ctx.Err() != nil || a.draining() || errors.Is(a.store.Ready(), db.ErrClosed) {
		return nil
	}
	return errSlowReader
}

// writeError tells a reader that is slow from one that has left, which is no
// error. The request's context ends in both cases.
func writeError(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errors.Join(errSlowReader, err)
	}
	return nil
}

// readWatch reads what a reader asks for. A commit number that is none means
// that its place is lost, not that it asked wrongly: EventSource would not ask
// again after an error.
func (a *API) readWatch(r *http.Request) (f watch, err error) {
	values := r.URL.Query()
	after := r.Header.Get("Last-Event-ID")
	if after == "" {
		after = values.Get("last_event_id")
	}
	if after != "" {
		f.after, err = strconv.ParseUint(after, 10, 64)
		f.lost = err != nil
	}
	if f.lost {
		f.after = 0
	}
	if values.Has("job") {
		f.job, err = db.ParseJobID(values.Get("job"))
		if err != nil || f.job == 0 {
			return f, invalid("job", "want a job's id, as in j17")
		}
	}
	if values.Has("phone") {
		f.phone, err = a.findPhone(r.Context(), "phone", values.Get("phone"))
		return f, err
	}
	return f, nil
}
