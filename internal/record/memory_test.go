package record

import (
	"context"
	"sync"

	"phoneacs/db"
)

// memory is a store that keeps all it is given, until it is told to fail.
type memory struct {
	mu         sync.Mutex
	orders     []db.RecordingOrder
	recordings []db.Recording
	unreadable []db.Unreadable
	err        error
}

func (s *memory) SetRecording(_ context.Context, o db.RecordingOrder) error {
	if s.err == nil {
		s.orders = append(s.orders, o)
	}
	return s.err
}

func (s *memory) ClearRecording(context.Context, db.PhoneID) error { return s.err }

func (s *memory) RecordingOrders(context.Context) ([]db.RecordingOrder, error) {
	return s.orders, s.err
}

func (s *memory) AddRecording(_ context.Context, r db.Recording) (db.RecordingID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.recordings = append(s.recordings, r)
	}
	return db.RecordingID(len(s.recordings)), s.err
}

func (s *memory) AddUnreadable(_ context.Context, u db.Unreadable) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.unreadable = append(s.unreadable, u)
	}
	return s.err
}
