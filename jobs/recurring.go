package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// missedAfter is how late a run may be and not count as missed: a tick that
// waits for a slow disk is no reason to leave one out.
const missedAfter = 5 * time.Minute

// CheckRecurring checks a recurring job as [Service.Order] checks an order,
// fills in what it leaves open, and says when it runs next. The error is a
// *db.FieldError that names the field as JSON does.
func (s *Service) CheckRecurring(ctx context.Context, r *db.Recurring) error {
	now := s.clock.Now()
	switch r.Missed {
	case "":
		r.Missed = db.RunMissed
	case db.RunMissed, db.SkipMissed:
	default:
		return &db.FieldError{Field: "missed", Err: fmt.Errorf("want %s or %s", db.RunMissed, db.SkipMissed)}
	}
	if err := s.checkRecurringWhen(ctx, r, now); err != nil {
		return err
	}
	if r.Newest && r.Item.Args.File == 0 {
		return &db.FieldError{Field: "newest_file", Err: errors.New("the job names no file")}
	}
	n, err := s.firstRun(ctx, r, now)
	if err != nil {
		return err
	}
	r.Item.Retry, r.Item.Deadline = n.Job.Retry, n.Job.Deadline
	return nil
}

// firstRun checks the order of a recurring job as it will be made at its first
// run. Without a window it could as well be made now.
func (s *Service) firstRun(ctx context.Context, r *db.Recurring, now time.Time) (n db.NewJob, err error) {
	at := *r
	var p *period
	if r.Window != 0 {
		now = r.Next
		if at.Next, err = s.nextRun(ctx, r, now); err != nil {
			return n, err
		}
		var why string
		if p, why, err = s.runPeriod(ctx, r, now); err != nil {
			return n, err
		} else if why != "" {
			return n, &db.FieldError{Field: "window", Err: errors.New(why)}
		}
	}
	n = s.recurringOrder(&at, now, p)
	return n, s.prepare(ctx, &n, now)
}

// recurringOrder is what a recurring job orders at a run, for a period of its
// window if one is given. Unless its template says how long, what is not done
// when the next run is due, or the period over, is left to the next.
func (s *Service) recurringOrder(r *db.Recurring, now time.Time, p *period) db.NewJob {
	j := jobOf(&r.Item, now, "")
	j.Selection, j.By = r.Selection, "recurring-job "+r.Name
	if r.Window != 0 {
		j.When = db.When{Window: r.Window}
	}
	if p != nil {
		j.When.From, j.When.Until = &p.first, &p.last
	}
	switch {
	case r.Item.Expires != 0:
	case p != nil:
		j.Expires = begins(p.last + periodAfter)
	case r.Next.After(now):
		j.Expires = r.Next
	default:
		j.Expires = time.Time{} // the default of an order
	}
	return db.NewJob{Job: j}
}

// recur runs the recurring jobs that are due.
func (s *Service) recur(ctx context.Context, due []db.Due) error {
	var errs []error
	for _, d := range due {
		if err := s.recurOne(ctx, d); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// recurOne makes the job of one run, and files the next. A run of which nothing
// can come says why; what may pass by itself, such as a full disk, is tried
// again until the next run is due.
func (s *Service) recurOne(ctx context.Context, d db.Due) error {
	r, err := s.store.Recurring(ctx, db.RecurringID(d.Job))
	if errors.Is(err, db.ErrNotFound) {
		return s.store.DropDue(ctx, []db.Due{d})
	} else if err != nil {
		return fmt.Errorf("recurring job that is due: %w", err)
	}
	now := s.clock.Now()
	run := db.RecurringRun{}
	if r.Cron == "" {
		w, err := s.recurringWindow(ctx, &r)
		if err != nil {
			return err
		}
		run.Edition = w.Edition
	}
	if r.Recount {
		return s.recount(ctx, d, &r, run.Edition)
	}
	// From now, not from when it was due: of runs that nobody served there is
	// one at most.
	var field *db.FieldError
	if run.Next, err = s.nextRun(ctx, &r, now); errors.As(err, &field) {
		run.Skip = err.Error() // a zone that this machine does not know
	} else if err != nil {
		return err
	}
	due := r.Next
	if run.Skip == "" {
		run.Skip = skipped(&r, now)
	}
	var p *period
	if run.Skip == "" {
		if p, run.Skip, err = s.runPeriod(ctx, &r, now); err != nil {
			return fmt.Errorf("run recurring job %v: %w", r.ID, err)
		}
	}
	if run.Skip == "" {
		r.Next = run.Next
		if err := s.newest(ctx, &r); err != nil {
			return fmt.Errorf("run recurring job %v: %w", r.ID, err)
		}
		run.Order = s.recurringOrder(&r, now, p)
		if err := s.prepare(ctx, &run.Order, now); errors.As(err, &field) || errors.Is(err, db.ErrTooMany) {
			run.Skip = err.Error()
		} else if err != nil {
			return fmt.Errorf("run recurring job %v: %w", r.ID, err)
		}
	}
	done, err := s.store.RunRecurring(ctx, d, run, now)
	if errors.Is(err, db.ErrConflict) || errors.Is(err, db.ErrNotFound) {
		return nil // changed or taken away this moment
	} else if err != nil {
		return fmt.Errorf("run recurring job %v: %w", r.ID, err)
	}
	if done.Job == 0 {
		s.log.InfoContext(ctx, "recurring job passed over", logkey.Kind, r.Name, logkey.Why, done.Why)
		return nil
	}
	s.metrics.orders.WithLabelValues(r.Item.Kind).Inc()
	s.log.InfoContext(ctx, "recurring job run", logkey.Kind, r.Name, logkey.Job, done.Job.String(), logkey.Duration, now.Sub(due).Round(time.Second).String())
	kick(s.busy)
	return nil
}

// newest puts the newest file of the same name, kind and vendor in the place of
// the one that the template names, if it is to.
func (s *Service) newest(ctx context.Context, r *db.Recurring) error {
	if !r.Newest || r.Item.Args.File == 0 {
		return nil
	}
	old, err := s.store.File(ctx, r.Item.Args.File)
	if errors.Is(err, db.ErrNotFound) {
		return nil // the order says so
	} else if err != nil {
		return fmt.Errorf("file of the last run: %w", err)
	}
	q := db.Query{Limit: db.MaxLimit}
	for {
		page, err := s.store.ListFiles(ctx, q)
		if err != nil {
			return fmt.Errorf("look for files called %q: %w", old.Name, err)
		}
		for _, f := range page.Items {
			if f.Name == old.Name && f.Kind == old.Kind && f.Vendor == old.Vendor && f.ID > r.Item.Args.File {
				r.Item.Args.File = f.ID
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// skipped says why a run is left out, or nothing.
func skipped(r *db.Recurring, now time.Time) string {
	var why []string
	if r.Paused {
		why = append(why, "it is paused")
	}
	if late := lateRun(r, now); r.Missed == db.SkipMissed && late > missedAfter {
		why = append(why, fmt.Sprintf("it was due at %s and nobody served until %s; what is missed is to be left out", at(r.Next), at(now)))
	}
	return strings.Join(why, "; ")
}
