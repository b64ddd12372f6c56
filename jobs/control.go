package jobs

import (
	"context"
	"errors"
	"fmt"

	"phoneacs/db"
)

// Cancel takes an order back: from its commit on nothing more of the job is
// sent or tried again. What is sent already runs to its outcome. It may be
// repeated while it is under way; ErrConflict if the job has ended.
func (s *Service) Cancel(ctx context.Context, id db.JobID) (db.JobStatus, error) {
	return s.startSweep(ctx, id, db.SweepCancel)
}

// Retry makes the failed, expired and cancelled tasks of a job ready again,
// with all their retries. ErrConflict while the job expands or another such
// change is under way, and past the job's expiry.
func (s *Service) Retry(ctx context.Context, id db.JobID) (db.JobStatus, error) {
	return s.startSweep(ctx, id, db.SweepRetry)
}

func (s *Service) startSweep(ctx context.Context, id db.JobID, kind db.SweepKind) (db.JobStatus, error) {
	st, err := s.store.StartSweep(ctx, id, kind, s.clock.Now())
	if errors.Is(err, db.ErrConflict) {
		if st, err := s.store.Job(ctx, id); err == nil && st.Sweep == kind {
			return st, nil // it is under way
		}
	}
	if err != nil {
		return db.JobStatus{}, fmt.Errorf("%s %v: %w", kind, id, err)
	}
	kick(s.busy)
	return st, nil
}

// Pause holds back what is not sent. It may be repeated; ErrConflict if the
// job has ended.
func (s *Service) Pause(ctx context.Context, id db.JobID) (db.JobStatus, error) {
	st, err := s.store.PauseJob(ctx, id)
	if err != nil {
		return db.JobStatus{}, fmt.Errorf("pause %v: %w", id, err)
	}
	kick(s.busy) // what is with phones is called back
	return st, nil
}

// Resume lets a paused job go on and wakes the phones whose tasks are ready.
// It may be repeated; ErrConflict if the job has ended.
func (s *Service) Resume(ctx context.Context, id db.JobID) (db.JobStatus, error) {
	st, err := s.store.ResumeJob(ctx, id)
	if err != nil {
		return db.JobStatus{}, fmt.Errorf("resume %v: %w", id, err)
	}
	kick(s.busy)
	return st, nil
}
