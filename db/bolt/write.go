package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// maxBatch bounds how many writes share a commit, and so how long one waits.
const maxBatch = 512

// A write is one caller's step. fn may run more than once: when another step
// of its batch fails after it has begun to write, the batch is rolled back and
// run again without that one.
type write struct {
	fn   func(*tx) error
	at   time.Duration // when it began to wait, since the store was opened
	done chan error
}

// update runs fn in a transaction and returns when it is durable.
func (s *Store) update(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return db.ErrClosed
	}
	if err := s.fail.failed(); err != nil {
		return err
	}
	w := &write{fn: fn, at: time.Since(s.opened), done: make(chan error, 1)}
	s.writes <- w
	return <-w.done
}

// view runs fn in a read transaction. fn must be short: a long read keeps the
// file from reusing pages.
func (s *Store) view(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return db.ErrClosed
	}
	b, err := s.bolt.Begin(false)
	if err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	defer func() { _ = b.Rollback() }()
	return fn(&tx{Tx: b, s: s})
}

func (s *Store) writer() {
	defer s.wg.Done()
	batch := make([]*write, 0, maxBatch)
	for {
		select {
		case w := <-s.writes:
			batch = append(batch[:0], w)
		case <-s.quit:
			return
		}
	gather:
		for len(batch) < maxBatch {
			select {
			case w := <-s.writes:
				batch = append(batch, w)
			default:
				break gather
			}
		}
		s.oldest.begin(batch[0].at)
		s.commit(batch)
		s.oldest.end()
	}
}

// commit runs a batch in as few transactions as it takes for each failing step
// to fail its own caller only.
func (s *Store) commit(batch []*write) {
	for len(batch) > 0 {
		if err := s.fail.failed(); err != nil {
			answer(batch, err)
			return
		}
		b, err := s.bolt.Begin(true)
		if err != nil {
			answer(batch, fmt.Errorf("begin write: %w", err))
			return
		}
		t := &tx{Tx: b, s: s}
		bad, err := runAll(t, batch)
		if bad >= 0 {
			t.drop()
			batch[bad].done <- err
			batch = append(batch[:bad], batch[bad+1:]...)
			continue
		}
		s.finish(t, batch)
		return
	}
}

// runAll runs the steps. A step that failed before it wrote anything keeps its
// error for later; one that had begun to write spoils the transaction and is
// named by its index.
func runAll(t *tx, batch []*write) (spoiler int, err error) {
	t.errs = make([]error, len(batch))
	for i, w := range batch {
		before := t.changes
		err := call(w.fn, t)
		if err != nil && t.changes != before {
			return i, err
		}
		t.errs[i] = err
	}
	return -1, nil
}

func call(fn func(*tx) error, t *tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			t.changes++ // what it did is not known
			err = fmt.Errorf("store step panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return fn(t)
}

func (s *Store) finish(t *tx, batch []*write) {
	err := s.seal(t)
	for i, w := range batch {
		if err != nil {
			w.done <- err
		} else {
			w.done <- t.errs[i]
		}
	}
}

// seal commits a transaction that has run, or drops it if nothing changed.
func (s *Store) seal(t *tx) error {
	if err := t.settle(); err != nil || t.changes == 0 {
		t.drop()
		return err
	}
	seq := uint64(t.ID())
	if err := t.Commit(); err != nil {
		t.putBack()
		known := s.fail.full()
		err = s.fail.judge(err)
		if !known || s.fail.failed() != nil { // a full disk is told once: phones must not fill another with it
			s.opts.Log.Error("commit failed", logkey.Err, err)
		}
		return err
	}
	s.feed.publish(seq, t.events)
	return nil
}

func answer(batch []*write, err error) {
	for _, w := range batch {
		w.done <- err
	}
}

// failure remembers why writes do not succeed.
type failure struct {
	mu    sync.RWMutex
	space error // a commit found no space, and none has been seen since; writes go on being tried
	fatal error
	ch    chan struct{}
}

// judge sorts a commit's error. A page that could not be written for want of
// space leaves the file as it was, since the meta page that makes a commit
// visible comes after a sync. Anything else, a failed sync above all, leaves
// it unknown what the disk holds: no further write may build on it.
func (f *failure) judge(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var pe *fs.PathError
	wrote := errors.As(err, &pe) && pe.Op == "write" && outOfSpace(err)
	// bbolt drops the errno of a failed resize.
	resized := strings.HasPrefix(err.Error(), "file resize error") &&
		strings.Contains(err.Error(), syscall.ENOSPC.Error())
	if wrote || resized {
		f.space = fmt.Errorf("%w: %w", db.ErrNoSpace, err)
		return f.space
	}
	if f.fatal == nil {
		f.fatal = fmt.Errorf("%w: %w", db.ErrFailed, err)
		close(f.ch)
	}
	return f.fatal
}

func (f *failure) failed() error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.fatal
}

func (f *failure) full() bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.space != nil
}

func (f *failure) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.space = nil
}

// Ready reports whether writes succeed.
func (s *Store) Ready() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return db.ErrClosed
	}
	s.fail.mu.RLock()
	defer s.fail.mu.RUnlock()
	if s.fail.fatal != nil {
		return s.fail.fatal
	}
	if waited := s.Waited(); waited >= db.StuckAfter {
		return fmt.Errorf("%w: a step has waited for it for %v", db.ErrStuck, waited.Round(time.Second))
	}
	return s.fail.space
}

// Failed is closed when a write's fate is unknown.
func (s *Store) Failed() <-chan struct{} { return s.fail.ch }

func outOfSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// noSpace marks an error that says that the disk is full.
func noSpace(err error) error {
	if outOfSpace(err) {
		return fmt.Errorf("%w: %w", db.ErrNoSpace, err)
	}
	return err
}

var errCorrupt = errors.New("store is damaged")
