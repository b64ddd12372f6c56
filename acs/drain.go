package acs

import (
	"context"
	"fmt"
)

// Drain lets the open sessions come to their end and begins no more: Informs
// are answered 503 from now on. It returns when none is open, or says with the
// error of ctx how many were left. [Server.Run] must go on meanwhile, because a
// silent session ends only there.
func (s *Server) Drain(ctx context.Context) error {
	s.draining.Store(true)
	for s.sessions.open.Load() > 0 {
		select {
		case <-s.sessions.none():
		case <-ctx.Done():
			return fmt.Errorf("drain: %d sessions open: %w", s.sessions.open.Load(), ctx.Err())
		}
	}
	return nil
}
