package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

const (
	// periodLead is how long before the first day of a period, in UTC, its job is
	// made: no zone has that day for 12 hours, so that a server that is down at
	// the run does not cost a phone its slot.
	periodLead = 26 * time.Hour
	// earliestZone is how long before it begins in UTC a day begins somewhere.
	earliestZone = 14 * time.Hour
	// periodAfter is how many days after the last day of a period its job ends:
	// the last zone has that day for 12 hours more, and a window may end on the
	// day after it.
	periodAfter = 3
)

// A period is that of a window for which a recurring job is run.
type period struct{ first, last window.Date }

// begins is when a day begins in UTC.
func begins(d window.Date) time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// checkRecurringWhen checks when a recurring job runs, and finds its first run.
func (s *Service) checkRecurringWhen(ctx context.Context, r *db.Recurring, now time.Time) (err error) {
	if r.Cron == "" && r.Window != 0 && r.Zone != "" {
		return &db.FieldError{Field: "zone", Err: errors.New("is that of cron; a window opens by its own zone, or that of the site")}
	}
	if r.Next, err = s.nextRun(ctx, r, now); err != nil {
		return err
	}
	switch {
	case !r.Next.IsZero():
		return nil
	case r.Cron == "":
		return &db.FieldError{Field: "window", Err: errors.New("does not open again")}
	}
	return &db.FieldError{Field: "cron", Err: errors.New("names a day that never comes")}
}

// nextRun is when a recurring job runs next after an instant; zero if never.
//
// By a window alone, it runs [periodLead] before each period in which the
// window may open. A period whose run has passed is not made up for: the first
// run of a new one is for the next.
func (s *Service) nextRun(ctx context.Context, r *db.Recurring, after time.Time) (time.Time, error) {
	if r.Cron != "" || r.Window == 0 {
		return s.nextByCron(r, after)
	}
	w, err := s.recurringWindow(ctx, r)
	if err != nil {
		return time.Time{}, err
	}
	first, _, ok := w.Window.NextPeriod(window.DateOf(after.UTC().Add(periodLead)))
	if !ok {
		return time.Time{}, nil
	}
	return begins(first).Add(-periodLead), nil
}

func (s *Service) recurringWindow(ctx context.Context, r *db.Recurring) (w db.Window, err error) {
	w, err = s.store.Window(ctx, r.Window)
	if errors.Is(err, db.ErrNotFound) {
		return w, &db.FieldError{Field: "window", Err: err}
	} else if err != nil {
		return w, fmt.Errorf("window of recurring job %q: %w", r.Name, err)
	}
	return w, nil
}

// recount finds the next run of a recurring job anew, whose window was changed.
func (s *Service) recount(ctx context.Context, d db.Due, r *db.Recurring, edition int) error {
	next, err := s.nextRun(ctx, r, r.Next)
	if err == nil {
		_, err = s.store.RunRecurring(ctx, d, db.RecurringRun{Next: next, Recount: true, Edition: edition}, s.clock.Now())
	}
	if err != nil && !errors.Is(err, db.ErrConflict) && !errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("find the next run of recurring job %v: %w", r.ID, err)
	}
	return nil // changed or taken away this moment
}

// runPeriod is the period that a run is for, if it is made at an instant; nil
// for a job that runs by cron. The run before it and the one after are for
// others, however late any of them is. why says why there is none.
func (s *Service) runPeriod(ctx context.Context, r *db.Recurring, now time.Time) (p *period, why string, err error) {
	if r.Cron != "" {
		return nil, "", nil
	}
	w, err := s.recurringWindow(ctx, r)
	if err != nil {
		return nil, "", err
	}
	first, last, opens := w.Window.PeriodOf(window.DateOf(now.UTC().Add(periodLead)))
	if !opens {
		return nil, fmt.Sprintf("its window does not open from %v to %v", first, last), nil
	}
	return &period{first, last}, "", nil
}

// lateRun is how late a run is: by a window alone, behind the time at which the
// first of its phones may have its slot.
func lateRun(r *db.Recurring, now time.Time) time.Duration {
	if r.Cron == "" {
		now = now.Add(earliestZone - periodLead)
	}
	return now.Sub(r.Next)
}
