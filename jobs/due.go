package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

const (
	duePage = 500 // entries taken in one go
	// dueLease is how long an entry that was taken is not given out again:
	// longer than a page takes, and no longer than a failed step may wait.
	dueLease = 10 * time.Second
	judges   = 16 // overdue attempts judged at a time, so that they share commits
)

// takeDue takes all that is due but the wakes: tasks whose time has
// come or whose window has closed, attempts whose proof is overdue, jobs that expire. It returns when nothing
// of the kind is left, with the errors of what did not work; those entries
// come again after their lease.
func (s *Service) takeDue(ctx context.Context) error {
	var errs []error
	for ctx.Err() == nil {
		taken := 0
		for _, step := range []struct {
			kind db.DueKind
			do   func(context.Context, []db.Due) error
		}{
			{db.DueRelease, s.release},
			{db.DueClose, s.closeWindows},
			{db.DueDeadline, s.judgeOverdue},
			{db.DueExpire, s.expire},
			{db.DueAdmit, s.admitDue},
			{db.DueRecur, s.recur},
		} {
			now := s.clock.Now()
			s.serving.at(now)
			due, err := s.store.TakeDue(ctx, now, duePage, dueLease, step.kind)
			if err != nil {
				return errors.Join(append(errs, fmt.Errorf("take due: %w", err))...)
			}
			if len(due) == 0 {
				continue
			}
			taken += len(due)
			s.metrics.observeLag(s.clock.Now(), due)
			if err := step.do(ctx, due); err != nil {
				errs = append(errs, err)
			}
		}
		if taken == 0 {
			break
		}
	}
	return errors.Join(errs...)
}

// serving says since when what is due is taken without a break: how late a
// slot's task is taken says nothing of that, as very many may be due at once.
type serving struct {
	mu          sync.Mutex
	begun, last time.Time
}

// at notes that what is due is taken at an instant. A clock that was set is a
// break, as is a disk that stood still.
func (v *serving) at(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last.IsZero() || now.Sub(v.last).Abs() > lateSlot {
		v.begun = now
	}
	v.last = now
}

func (v *serving) since() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.begun
}

// expire begins the end of jobs whose expiry has passed.
func (s *Service) expire(ctx context.Context, due []db.Due) error {
	var done []db.Due
	var errs []error
	for _, d := range due {
		_, err := s.store.StartSweep(ctx, d.Job, db.SweepExpire, s.clock.Now())
		if errors.Is(err, db.ErrConflict) {
			// Ended: nothing is left to expire. Another sweep is under way: the
			// entry comes again after its lease.
			j, err := s.store.Job(ctx, d.Job)
			if err == nil && j.State != db.JobEnded {
				continue
			}
		} else if err != nil && !errors.Is(err, db.ErrNotFound) {
			errs = append(errs, fmt.Errorf("expire %v: %w", d.Job, err))
			continue
		}
		done = append(done, d)
	}
	kick(s.busy)
	if len(done) > 0 {
		errs = append(errs, s.store.DropDue(ctx, done))
	}
	return errors.Join(errs...)
}

// judgeOverdue judges attempts whose deadline has passed.
func (s *Service) judgeOverdue(ctx context.Context, due []db.Due) error {
	var (
		mu   sync.Mutex
		done []db.Due
		errs []error
		wg   sync.WaitGroup
		slot = make(chan struct{}, judges)
	)
	for _, d := range due {
		slot <- struct{}{}
		wg.Go(func() {
			defer func() { <-slot }()
			err := again(func() error { return s.overdue(ctx, d) })
			mu.Lock()
			defer mu.Unlock()
			if err == nil || errors.Is(err, db.ErrNotFound) {
				done = append(done, d)
				return
			}
			if errors.Is(err, errEarly) {
				return // the entry comes again after its lease
			}
			errs = append(errs, err)
		})
	}
	wg.Wait()
	if len(done) > 0 {
		errs = append(errs, s.store.DropDue(ctx, done))
	}
	return errors.Join(errs...)
}

// grace is how long phones have to tell us, after we were away, what became of
// an attempt whose deadline passed meanwhile.
const grace = 2 * time.Minute

var errEarly = errors.New("the phone has not had the time to say what became of it")

// mayStillCome says that an attempt became overdue while nobody served, and
// that its phone has not had grace, or the job's own deadline if that is
// shorter, to come back since.
func (s *Service) mayStillCome(f facts) bool {
	ns := s.started.Load()
	if ns == 0 {
		return false
	}
	started := time.Unix(0, ns)
	return f.attempt.Deadline.Before(started) && s.clock.Now().Before(started.Add(min(grace, f.job.Deadline)))
}

// overdue judges one, if it still has no outcome.
func (s *Service) overdue(ctx context.Context, d db.Due) error {
	phone, err := s.store.Phone(ctx, d.Phone)
	if err != nil {
		return fmt.Errorf("phone of overdue attempt: %w", err)
	}
	id := db.AttemptID{Task: db.TaskID{Job: d.Job, Phone: d.Phone}, N: d.Attempt}
	f, k, err := s.look(ctx, id, &phone.Phone)
	if err != nil || f.attempt.Outcome != "" {
		return err
	}
	if f.attempt.Deadline.UnixMilli() > f.now.UnixMilli() {
		return nil // it was moved when the entry had been taken
	}
	if s.mayStillCome(f) {
		return errEarly
	}
	s.log.DebugContext(ctx, "attempt overdue", logkey.Attempt, f.attempt.Key)
	if f.attempt.Awaited() {
		return s.linesOverdue(ctx, f, k, &phone)
	}
	return s.apply(ctx, f, k, k.overdue(f), "")
}
