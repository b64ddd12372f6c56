package jobs

import (
	"context"
	"errors"
	"time"

	"phoneacs/db"
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

// StandingFor are the jobs that standing orders have for a phone that was
// admitted for the nth time.
func (s *Service) StandingFor(ctx context.Context, id db.PhoneID, n int) ([]db.StandingJob, error) {
	phone, err := s.store.Phone(ctx, id)
	if err != nil {
		return nil, err
	}
	orders, err := s.standingOrders(ctx)
	if err != nil {
		return nil, err
	}
	return s.standingJobs(ctx, db.Due{Phone: id, Attempt: n}, &phone, orders, s.clock.Now())
}

// ApplyDue takes what is due, once, and wakes nobody.
func (s *Service) ApplyDue(ctx context.Context) error { return s.takeDue(ctx) }

// NextRun is when a recurring job runs after an instant.
func (s *Service) NextRun(r *db.Recurring, after time.Time) (time.Time, error) {
	return s.nextRun(context.Background(), r, after)
}

// AwaitNotices waits until what came of every notice is stored.
func (s *Service) AwaitNotices() {
	s.partings.mu.Lock()
	defer s.partings.mu.Unlock()
	s.partings.wait()
}

// Overdue judges what a due entry of a deadline stands for, when it had been
// taken before.
func (s *Service) Overdue(ctx context.Context, d db.Due) error { return s.overdue(ctx, d) }
