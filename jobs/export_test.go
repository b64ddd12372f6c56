package jobs

import (
	"context"
	"errors"
)

// Settle does what Run would do by now, on the caller's goroutine: it makes
// tasks, takes what is due and wakes phones until nothing is left to be done.
func (s *Service) Settle(ctx context.Context) error {
	for {
		err := s.takeDue(ctx)
		more := true
		for more && err == nil {
			more, err = s.expandSome(ctx)
		}
		err = errors.Join(err, s.wakeDue(ctx))
		select {
		case <-s.busy:
		case <-s.wakes:
		default:
			return err
		}
		if err != nil {
			return err
		}
	}
}

// ExpandOnce makes one chunk of each busy job.
func (s *Service) ExpandOnce(ctx context.Context) (bool, error) { return s.expandSome(ctx) }
