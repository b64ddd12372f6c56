package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// openReads remembers which attempts a session is to read back: those that it
// was told are accepted, or that an earlier session left so. An entry leaves
// with its RPC, so that a phone that does not answer is not asked for ever, and
// the next session makes it anew. A restart loses no more than that.
type openReads struct {
	mu sync.Mutex
	m  map[db.PhoneID]sessionReads
}

type sessionReads struct {
	session  db.SessionToken
	attempts []db.AttemptID
}

func (r *openReads) expect(id db.AttemptID, s db.SessionToken) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.m == nil {
		r.m = make(map[db.PhoneID]sessionReads)
	}
	e := r.m[id.Task.Phone]
	if e.session != s {
		e = sessionReads{session: s}
	}
	e.attempts = append(e.attempts, id)
	r.m[id.Task.Phone] = e
}

// take removes the first attempt that a session is to read back.
func (r *openReads) take(phone db.PhoneID, s db.SessionToken) (id db.AttemptID, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.m[phone]
	if e.session != s || len(e.attempts) == 0 {
		return id, false
	}
	id, e.attempts = e.attempts[0], e.attempts[1:]
	r.m[phone] = e
	if len(e.attempts) == 0 {
		delete(r.m, phone)
	}
	return id, true
}

func (r *openReads) forget(phone db.PhoneID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.m, phone)
}

// nextRead returns the next RPC that reads back what the phone has accepted, or
// nil. A hold does not stop it: it changes nothing.
func (s *Service) nextRead(ctx context.Context, sess db.Session) (cwmp.Message, db.AttemptID, error) {
	for {
		id, ok := s.reads.take(sess.Phone.ID, sess.Token)
		if !ok {
			return nil, db.AttemptID{}, nil
		}
		f, k, err := s.look(ctx, id, &sess.Phone)
		switch {
		case errors.Is(err, db.ErrNotFound):
			continue
		case err != nil:
			return nil, db.AttemptID{}, err
		case f.attempt.Outcome != "" || f.attempt.Accepted.IsZero():
			continue // decided meanwhile
		}
		if f.attempt.Awaited() {
			if msg := s.askLines(ctx, sess, f, id); msg != nil {
				return msg, id, nil
			}
			continue
		}
		if f.reading != nil {
			if msg := s.readOn(ctx, sess, f, id); msg != nil {
				return msg, id, nil
			}
			continue
		}
		if msg := k.readBack(f); msg != nil {
			s.log.DebugContext(ctx, "attempt read back", logkey.Attempt, f.attempt.Key)
			return msg, id, nil
		}
	}
}

// record keeps what a phone told, in steps that the store takes.
func (s *Service) record(ctx context.Context, f facts, values []db.Parameter, session db.SessionToken) error {
	for len(values) > 0 {
		n := min(len(values), db.MaxValues)
		if err := s.store.RecordValues(ctx, f.task.ID.Phone, session, values[:n], f.now); err != nil {
			return fmt.Errorf("record values of %v: %w", f.task.ID.Phone, err)
		}
		values = values[n:]
	}
	return nil
}

// reported looks up what the phone last told of the parameters that an order
// names. What it never told is missing. current is false if that, or one of
// them, stands as it did before the phone's last restart or reset: a config that
// went in, or the factory's values, may have changed it since without a word.
func (s *Service) reported(ctx context.Context, f *facts) error {
	phone, err := s.store.Phone(ctx, f.phone.ID)
	if err != nil {
		return fmt.Errorf("phone to compare with: %w", err)
	}
	since := phone.Boot
	if phone.Bootstrap.After(since) {
		since = phone.Bootstrap
	}
	f.reported, f.current = make(map[string]db.Parameter), true
	for _, p := range f.job.Args.Parameters {
		// Of all names that begin with this one, itself comes first.
		page, err := s.store.Parameters(ctx, f.phone.ID, p.Name, db.Query{Limit: 1})
		if err != nil {
			return fmt.Errorf("parameters of %v: %w", f.phone.ID, err)
		}
		if len(page.Items) == 0 || page.Items[0].Name != p.Name {
			f.current = false
			continue
		}
		f.reported[p.Name] = page.Items[0]
		f.current = f.current && !page.Items[0].Changed.Before(since)
	}
	return nil
}
