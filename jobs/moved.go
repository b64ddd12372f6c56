package jobs

import (
	"context"
	"errors"
	"fmt"

	"phoneacs/db"
)

// Moved judges an attempt whose file has gone out, or come in, whole by our own
// record. The store knows it by then: what keeps this from being judged now is
// no harm, as the attempt's next event or its deadline finds it.
func (s *Service) Moved(ctx context.Context, id db.AttemptID) error {
	err := again(func() error {
		phone, err := s.store.Phone(ctx, id.Task.Phone)
		if err != nil {
			return fmt.Errorf("phone of the attempt: %w", err)
		}
		f, k, err := s.look(ctx, id, &phone.Phone)
		if err != nil || f.attempt.Outcome != "" || f.attempt.Moved.IsZero() {
			return err
		}
		return s.apply(ctx, f, k, k.moved(f), "")
	})
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("judge what moved for %v: %w", id.Task, err)
	}
	return nil
}
