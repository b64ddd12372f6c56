package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// A reader is a kind whose attempts read, or read back, in as many RPCs as the
// phone needs.
type reader interface {
	// plan says what is to be read; nil: nothing.
	plan(f facts) *reading
}

// maxReading is how many bytes of names all readings may hold before those that
// have grown are ended.
const maxReading = 64 << 20

const smallReading = 64 << 10

// walks are the readings of attempts that are open.
type walks struct {
	mu      sync.Mutex
	m       map[db.AttemptID]*reading
	bytes   int
	lessons map[string]lesson // of a model and its firmware
}

func (w *walks) get(id db.AttemptID) *reading {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.m[id]; r != nil {
		return r.clone()
	}
	return nil
}

// put keeps a reading, and what it taught of the phone's model.
func (w *walks) put(id db.AttemptID, r *reading, p *db.Phone) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.m == nil {
		w.m, w.lessons = make(map[db.AttemptID]*reading), make(map[string]lesson)
	}
	if old := w.m[id]; old != nil {
		w.bytes -= old.bytes
	}
	if w.bytes+r.bytes > maxReading && r.bytes > smallReading && r.cut == "" {
		r.cut = "the server reads too many trees at once"
	}
	w.m[id] = r
	w.bytes += r.bytes
	if p == nil {
		return
	}
	r.model = modelKey(p)
	if r.batch < r.most || len(r.big) > 0 || r.levels && !r.walks {
		w.learn(r.model, r)
	}
}

func (w *walks) drop(id db.AttemptID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.m[id]
	if r == nil {
		return
	}
	w.bytes -= r.bytes
	delete(w.m, id)
	if r.out == nil || r.out.list || r.model == "" {
		return
	}
	// The attempt has ended with a request that was never answered. Once is
	// chance, twice is too much for the phone.
	l := w.lessons[r.model]
	if l.lost++; l.lost >= maxLost {
		if r.out.paths() && len(r.out.names) > 1 {
			l.paths = max(1, len(r.out.names)/2)
		} else {
			r.tooMuch()
		}
		l.lost = 0
	}
	w.lessons[r.model] = l
	w.learn(r.model, r)
}

// tooMuch learns from a request that was never answered.
func (r *reading) tooMuch() {
	r.batch = max(1, min(r.batch, len(r.out.names)/2))
	for _, name := range r.out.names {
		if partial(name) {
			r.remember(name)
		}
	}
}

// A lesson is what reading a phone taught of its model. It is soft: the next
// reading is cheaper for it, and right without it.
type lesson struct {
	batch  int
	paths  int // at once; 0: as many as it bears
	levels bool
	big    []string
	lost   int // attempts in a row that ended over their first request
}

const (
	maxLessons = 1024
	maxBig     = 64
)

func modelKey(p *db.Phone) string {
	return strings.Join([]string{p.Vendor, p.Model, p.ProductClass, p.SoftwareVersion}, "\x00")
}

func (w *walks) learn(key string, r *reading) {
	if _, ok := w.lessons[key]; !ok && len(w.lessons) >= maxLessons {
		clear(w.lessons)
	}
	l := w.lessons[key]
	if r.batch < r.most {
		l.batch = r.batch
	}
	l.levels = l.levels || r.levels && !r.walks
	for path := range r.big {
		if len(l.big) < maxBig && !slices.Contains(l.big, path) {
			l.big = append(slices.Clip(l.big), path)
		}
	}
	w.lessons[key] = l
}

// teach plans a reading as the phone's model is known to need it, in requests
// of no more names than that.
func (w *walks) teach(r *reading, p *db.Phone) {
	w.mu.Lock()
	l := w.lessons[modelKey(p)]
	w.mu.Unlock()
	if l.batch > 0 {
		r.batch = min(r.batch, l.batch)
	}
	r.paths.most = l.paths
	r.levels = r.levels || r.mode == readNames && l.levels
	queue := r.queue
	r.queue, r.bytes = nil, 0
	for _, a := range queue {
		var rest []string
		for _, name := range slices.Backward(a.names) {
			if r.mode != readNames && slices.Contains(l.big, name) {
				r.push(ask{names: []string{name}, list: true})
				continue
			}
			rest = append(rest, name)
		}
		slices.Reverse(rest)
		for n := len(rest); n > 0; n = len(rest) {
			from := (n - 1) / r.batch * r.batch
			r.push(ask{names: rest[from:], found: a.found})
			rest = rest[:from]
		}
	}
}

// plan gives an attempt its reading: the one under way, or a new one.
func (s *Service) plan(ctx context.Context, f *facts, k kind, id db.AttemptID) error {
	reads, ok := k.(reader)
	if !ok {
		return nil
	}
	if f.reading = s.walks.get(id); f.reading != nil || f.phone == nil {
		return nil
	}
	if f.reading = reads.plan(*f); f.reading != nil {
		q, root := s.quirks.Of(ctx, f.phone), ""
		if slices.Contains(f.job.Args.Names, "") {
			root = s.quirks.Root(ctx, f.phone)
		}
		f.reading.treat(q, root)
		s.walks.teach(f.reading, f.phone)
	}
	return nil
}

// readsOn says whether an attempt that the phone has accepted has more to be
// asked for.
func readsOn(k kind, f facts) bool {
	if reads, ok := k.(reader); ok {
		return f.reading != nil && !f.reading.done() || f.reading == nil && reads.plan(f) != nil
	}
	return k.readBack(f) != nil
}

// readOn returns the next RPC of a reading, or nil when the session has had
// enough: the phone is then woken for another.
func (s *Service) readOn(ctx context.Context, sess db.Session, f facts, id db.AttemptID) cwmp.Message {
	msg := f.reading.next(sess.Token)
	s.walks.put(id, f.reading, f.phone)
	if msg == nil && !f.reading.done() && f.reading.out == nil {
		s.soon.add(sess.Phone.ID, s.clock.Now().Add(soonAfter))
		s.log.DebugContext(ctx, "reading goes on in the next session", logkey.Attempt, f.attempt.Key)
	}
	return msg
}

// recordTraits keeps what a phone told beside values, in steps that the store
// takes.
func (s *Service) recordTraits(ctx context.Context, f facts, traits []db.Trait, session db.SessionToken) error {
	for part := range slices.Chunk(traits, db.MaxValues) {
		if err := s.store.RecordTraits(ctx, f.task.ID.Phone, session, part, f.now); err != nil {
			return fmt.Errorf("record traits of %v: %w", f.task.ID.Phone, err)
		}
	}
	return nil
}
