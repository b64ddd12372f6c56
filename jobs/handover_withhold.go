package jobs

import (
	"context"
	"errors"
	"fmt"

	"phoneacs/db"
)

// Withhold says whether the file of an attempt is not to go out: its phone holds
// the window, was not reached or did not heed, and is not to do it by now. So a
// hold is one for a phone, too, that nobody can tell of it.
func (s *Service) Withhold(ctx context.Context, id db.AttemptID) (bool, error) {
	phone, err := s.store.Phone(ctx, id.Task.Phone)
	if err != nil {
		return false, fmt.Errorf("phone of %v: %w", id.Task, err)
	}
	f, _, err := s.look(ctx, id, &phone.Phone)
	if errors.Is(err, db.ErrNotFound) || err == nil && !handed(f) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at %v: %w", id.Task, err)
	}
	why, err := s.unwanted(ctx, f.job, f.attempt, f.phone)
	return why != "", err
}

// withheld is the ruling on a transfer that failed as its file was withheld:
// nothing was spent, and its task waits as it would if the phone had dropped it.
func (s *Service) withheld(ctx context.Context, f facts, r ruling) (ruling, error) {
	if !handed(f) {
		return r, nil
	}
	why, err := s.unwanted(ctx, f.job, f.attempt, f.phone)
	if err == nil && why != "" {
		r.unspent, r.evidence = true, append(r.evidence, r.why)
		r.why = "the file was not given to the phone: " + why
	}
	return r, err
}
