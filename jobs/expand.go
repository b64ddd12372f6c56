package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

const (
	// chunk is how many tasks are made or swept in one commit: what a commit
	// costs is shared by many, and sessions that wait for it do not notice.
	chunk = 500
	// failedWait is how long the expander rests when a chunk has failed.
	failedWait = 5 * time.Second
)

// expandLoop makes and sweeps tasks while there are any to be.
func (s *Service) expandLoop(ctx context.Context) {
	for {
		more, err := s.expandSome(ctx)
		s.failing.report(ctx, "making tasks", err)
		var rest <-chan time.Time
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			rest = s.clock.After(failedWait)
		case more:
			runtime.Gosched() // sessions first
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-s.busy:
		case <-rest:
		}
	}
}

// expandSome takes each job that has tasks to be made or swept one chunk
// further, so that an order for one phone does not wait for one for all. more
// says that there was something to do. A job that fails stops no other.
func (s *Service) expandSome(ctx context.Context) (more bool, err error) {
	busy, err := s.store.BusyJobs(ctx)
	if err != nil {
		return false, fmt.Errorf("busy jobs: %w", err)
	}
	var errs []error
	for i := range busy {
		j := &busy[i]
		step := s.sweep
		switch {
		case j.Expanded < j.Selected:
			step = s.expand
		case j.Sweep == "" && j.Refiling():
			step = s.refile
		}
		if err := s.counted(ctx, j.ID, func() error { return step(ctx, j) }); err != nil && !errors.Is(err, db.ErrConflict) {
			errs = append(errs, err)
		}
	}
	return len(busy) > 0, errors.Join(errs...)
}

// counted counts the tasks that a step over many of a job ends at once. What
// a session ends at the same instant may be counted twice.
func (s *Service) counted(ctx context.Context, id db.JobID, step func() error) error {
	before, err := s.store.Job(ctx, id)
	if err != nil {
		return fmt.Errorf("job to step: %w", err)
	}
	if err := step(); err != nil {
		return err
	}
	after, err := s.store.Job(ctx, id)
	if err != nil {
		return fmt.Errorf("job after step: %w", err)
	}
	for _, st := range []db.TaskState{db.TaskSkipped, db.TaskCancelled, db.TaskExpired} {
		s.metrics.ended.WithLabelValues(string(st)).Add(float64(max(0, after.Counts[st]-before.Counts[st])))
	}
	return nil
}

// expand makes the next chunk of a job's tasks.
func (s *Service) expand(ctx context.Context, j *db.Job) error {
	began := s.clock.Now()
	k, err := kindOf(j)
	if err != nil {
		return err
	}
	f := facts{job: j, now: began}
	if f.file, err = s.file(ctx, j); err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	phones, err := s.store.Selected(ctx, j.ID, chunk)
	if err != nil {
		return fmt.Errorf("selection of %v: %w", j.ID, err)
	}
	if len(phones) == 0 {
		return fmt.Errorf("selection of %v ends at %d of %d", j.ID, j.Expanded, j.Selected)
	}
	seeds := make([]db.TaskSeed, len(phones))
	x := s.slotter()
	for i := range phones {
		if f.slots, err = x.of(ctx, j, &phones[i].Phone); err != nil {
			return err
		}
		f.quirks = s.quirks.Of(ctx, &phones[i].Phone)
		if seeds[i], err = s.seed(ctx, k, f, &phones[i]); err != nil {
			return err
		}
	}
	after, err := s.store.AddTasks(ctx, j.ID, j.Expanded, seeds, began)
	if err != nil {
		return fmt.Errorf("make tasks of %v: %w", j.ID, err)
	}
	s.metrics.made.Add(float64(len(seeds)))
	s.metrics.chunk.Observe(s.clock.Since(began).Seconds())
	if after.Expanded == after.Selected {
		s.log.InfoContext(ctx, "job expanded", logkey.Job, j.ID.String(), logkey.Count, after.Selected)
	}
	kick(s.wakes)
	return nil
}

// Why tasks wait that have just been made.
const (
	whyTime    = "waits for the time of the order"
	whySession = "ready; waits for the phone's next session"
)

// seed says how a phone's task begins its life. A phone that is gone has none.
func (s *Service) seed(ctx context.Context, k kind, f facts, phone *db.PhoneStatus) (db.TaskSeed, error) {
	sd := db.TaskSeed{Phone: phone.ID, Site: phone.Site, MAC: phone.MAC}
	if phone.State == "" {
		return sd, nil
	}
	f.phone = &phone.Phone
	p, err := s.passing(ctx, &f, k, false)
	if err != nil {
		return sd, err
	}
	switch {
	case p.why != "":
		sd.State, sd.Why = db.TaskSkipped, p.why
	case f.slots != nil:
		place, why := f.slots.fresh(f.now)
		sd.State, sd.Due, sd.Opens, sd.Closes, sd.Why = place.State, place.Due, place.Opens, place.Closes, why
		sd.Wake = phone.State == db.PhoneApproved
	case f.job.When.At.After(f.now):
		sd.State, sd.Why, sd.Due = db.TaskWaiting, whyTime, f.job.When.At
	default:
		sd.State, sd.Why, sd.Wake = db.TaskReady, whySession, phone.State == db.PhoneApproved
	}
	return sd, nil
}

// sweep takes a change of all tasks of a job one chunk further.
func (s *Service) sweep(ctx context.Context, j *db.Job) error {
	done, err := s.store.StepSweep(ctx, j.ID, chunk, s.clock.Now())
	if err != nil {
		return fmt.Errorf("%s tasks of %v: %w", j.Sweep, j.ID, err)
	}
	if done {
		s.log.InfoContext(ctx, "job swept", logkey.Job, j.ID.String(), logkey.Kind, string(j.Sweep))
	}
	kick(s.wakes)
	return nil
}
