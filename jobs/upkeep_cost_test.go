package jobs_test

import (
	"context"
	"sync/atomic"
	"testing"

	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/jobs"
)

// A countingStore counts how often it is asked what a phone takes.
type countingStore struct {
	*bolt.Store
	asked, kept atomic.Int32
}

func (s *countingStore) Methods(ctx context.Context, id db.PhoneID) (db.Methods, error) {
	s.asked.Add(1)
	return s.Store.Methods(ctx, id)
}

func (s *countingStore) RecordMethods(ctx context.Context, id db.PhoneID, t db.SessionToken, m db.Methods) error {
	s.kept.Add(1)
	return s.Store.RecordMethods(ctx, id, t, m)
}

// TestPlainSessionCostsNoMore holds that a session without work asks the store
// nothing for what the phone takes, but the first after a start.
func TestPlainSessionCostsNoMore(t *testing.T) {
	r := newRig(t)
	store := &countingStore{Store: r.store}
	open := func() {
		var err error
		r.svc, err = jobs.New(jobs.Options{Store: store, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock})
		r.must(err)
	}
	open()
	r.inform("1", "2.4").answersMethods(methodsOf("Reboot"))
	for range 10 {
		r.inform("1", "2.4").asksNothing()
	}
	if store.asked.Load() != 1 || store.kept.Load() != 2 {
		t.Errorf("asked %d times, kept %d times; want 1 and 2", store.asked.Load(), store.kept.Load())
	}
	open()
	for range 10 {
		r.inform("1", "2.4").asksNothing()
	}
	if store.asked.Load() != 2 || store.kept.Load() != 2 {
		t.Errorf("after a start: asked %d times, kept %d times; want 2 and 2", store.asked.Load(), store.kept.Load())
	}
}
