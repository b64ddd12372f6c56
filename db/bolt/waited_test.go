package bolt

import (
	"context"
	"errors"
	"testing"
	"time"

	"phoneacs/db"
)

// TestWaited holds a step up, as a disk does that does not answer: how long is
// known from the oldest step, without a step of the asker; beyond StuckAfter
// the store is not ready; what waited is done once, and then all is as before.
func TestWaited(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir(), FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if w := s.Waited(); w != 0 {
		t.Errorf("idle: waited %v", w)
	}
	runs, done := [2]int{}, make(chan error, 2)
	began, free := make(chan bool), make(chan bool)
	go func() {
		done <- s.update(context.Background(), func(*tx) error {
			runs[0]++
			began <- true
			<-free
			return nil
		})
	}()
	<-began
	if w := s.Waited(); w <= 0 || s.Ready() != nil && w < db.StuckAfter {
		t.Errorf("at once: waited %v, ready %v", w, s.Ready())
	}
	s.oldest.at.Add(-int64(db.StuckAfter)) // as if it had waited so long
	if w := s.Waited(); w < db.StuckAfter || w > db.StuckAfter+time.Hour || !errors.Is(s.Ready(), db.ErrStuck) {
		t.Errorf("later: waited %v, ready %v", w, s.Ready())
	}
	go func() {
		done <- s.update(context.Background(), func(*tx) error { runs[1]++; return nil })
	}()
	for range auditLag {
		s.audit.add(db.AuditEntry{Time: time.Now()})
	}
	if err := s.NoteAudit(t.Context(), db.AuditEntry{}); !errors.Is(err, db.ErrStuck) {
		t.Errorf("an entry too many: %v", err)
	}
	if page, err := s.ListAudit(t.Context(), db.Query{}); err != nil || len(page.Items) != 0 {
		t.Errorf("list: %d entries, %v; want what is on disk, at once", len(page.Items), err)
	}
	close(free)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if page, err := s.ListAudit(t.Context(), db.Query{Limit: 1}); err != nil || len(page.Items) != 1 {
		t.Errorf("list: %d entries, %v; want those that waited", len(page.Items), err)
	}
	for s.Waited() != 0 { // the writer looks up
		select {
		case <-t.Context().Done():
			t.Fatal("it goes on to wait")
		case <-time.After(time.Millisecond):
		}
	}
	if s.Ready() != nil || runs != [2]int{1, 1} {
		t.Errorf("afterwards: ready %v, runs %v", s.Ready(), runs)
	}
}

// TestWaitedFromItsOwnTime holds that a step counts from when it was asked for,
// not from when its batch begins: a slow batch before it is part of its wait.
func TestWaitedFromItsOwnTime(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir(), FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	began, free := make(chan bool), make(chan bool)
	hold := func(*tx) error { began <- true; <-free; return nil }
	done := make(chan error, 2)
	go func() { done <- s.update(context.Background(), hold) }()
	<-began
	go func() { done <- s.update(context.Background(), hold) }()
	for len(s.writes) == 0 {
		select {
		case <-t.Context().Done():
			t.Fatal("the second step is not asked for")
		case <-time.After(time.Millisecond):
		}
	}
	asked := time.Since(s.opened) // the second was asked for before
	free <- true
	<-began
	least := time.Since(s.opened) - asked
	if w := s.Waited(); w < least {
		t.Errorf("waited %v; want %v at least", w, least)
	}
	free <- true
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
