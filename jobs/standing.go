package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
	"phoneacs/internal/logkey"
)

// CheckStanding checks a standing order as [Service.Order] checks an order, and
// fills in what it leaves open. The error is a *db.FieldError that names the
// field as JSON does: "items[0].args.file".
func (s *Service) CheckStanding(ctx context.Context, o *db.StandingOrder) error {
	if o.Filter != "" {
		if strings.TrimSpace(o.Filter) == "" {
			return &db.FieldError{Field: "filter", Err: errors.New(`is empty; every phone is {"all": true}`)}
		}
		if _, err := filter.Parse(o.Filter, db.PhoneFields); err != nil {
			return &db.FieldError{Field: "filter", Err: err}
		}
	}
	now := s.clock.Now()
	for i := range o.Items {
		it := &o.Items[i]
		at := fmt.Sprintf("items[%d]", i)
		k, ok := kinds[it.Kind]
		if !ok {
			return &db.FieldError{Field: at + ".kind", Err: errUnknownKind}
		}
		if it.Expires == 0 {
			it.Expires = DefaultExpiry
		}
		if it.Expires < 0 {
			return &db.FieldError{Field: at + ".expires", Err: errors.New("is negative")}
		}
		if _, err := s.checkArgs(ctx, k, it.Args); err != nil {
			return below(at, err)
		}
		j := jobOf(it, now, "")
		if err := complete(&j, now); err != nil {
			return below(at, err)
		}
		if k, err := kindOf(&j); err != nil {
			return err
		} else if err := checkCalls(&j, k); err != nil {
			return below(at, err)
		}
		it.Retry, it.Deadline, it.Calls = j.Retry, j.Deadline, j.Calls
	}
	return nil
}

// below names the field of an error from the outside.
func below(at string, err error) error {
	var field *db.FieldError
	if errors.As(err, &field) {
		return &db.FieldError{Field: at + "." + field.Field, Err: field.Err}
	}
	return err
}

// admissions remembers phones whose standing orders wait and that are in a
// session: they are applied there, when it asks for what there is to do. What
// it forgets is found in the index of what is due.
type admissions struct {
	n  atomic.Int32 // entries of m; spares other sessions the lock
	mu sync.Mutex
	m  map[db.PhoneID]bool
}

// maxAdmissions bounds the phones remembered.
const maxAdmissions = 100_000

func (a *admissions) note(id db.PhoneID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.m == nil || len(a.m) >= maxAdmissions {
		a.m = make(map[db.PhoneID]bool)
	}
	a.m[id] = true
	a.n.Store(int32(len(a.m)))
}

func (a *admissions) take(id db.PhoneID) bool {
	if a.n.Load() == 0 {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	had := a.m[id]
	delete(a.m, id)
	a.n.Store(int32(len(a.m)))
	return had
}

// admitHere applies the standing orders of a phone within its session. If that
// fails, the session goes on without: they are still due.
func (s *Service) admitHere(ctx context.Context, id db.PhoneID) {
	if !s.admissions.take(id) {
		return
	}
	d, ok, err := s.store.Admission(ctx, id)
	if err == nil && ok {
		var orders []standing
		if orders, err = s.standingOrders(ctx); err == nil {
			err = s.admit(ctx, d, orders)
		}
	}
	s.failing.report(ctx, "standing orders", err)
}

// admitDue applies the standing orders of phones that were admitted.
func (s *Service) admitDue(ctx context.Context, due []db.Due) error {
	orders, err := s.standingOrders(ctx)
	if err != nil {
		return err
	}
	var (
		mu   sync.Mutex
		errs []error
		wg   sync.WaitGroup
		slot = make(chan struct{}, judges) // they share commits
	)
	for _, d := range due {
		slot <- struct{}{}
		wg.Go(func() {
			defer func() { <-slot }()
			if err := s.admit(ctx, d, orders); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	kick(s.wakes)
	return errors.Join(errs...)
}

// A standing order with its filter compiled.
type standing struct {
	db.StandingOrder
	filter *filter.Filter // nil: every phone
}

// standingOrders reads those in force, oldest first.
func (s *Service) standingOrders(ctx context.Context) ([]standing, error) {
	page, err := s.store.ListStanding(ctx, db.Query{Limit: db.MaxStanding})
	if err != nil {
		return nil, fmt.Errorf("standing orders: %w", err)
	}
	var all []standing
	for _, o := range page.Items {
		if o.Paused {
			continue
		}
		one := standing{StandingOrder: o}
		if o.Filter != "" {
			if one.filter, err = filter.Parse(o.Filter, db.PhoneFields); err != nil {
				return nil, fmt.Errorf("filter of standing order %v: %w", o.ID, err)
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// admit makes the jobs that standing orders have for an admitted phone. That it
// was done is durable with them, so it is done once.
func (s *Service) admit(ctx context.Context, d db.Due, orders []standing) error {
	phone, err := s.store.Phone(ctx, d.Phone)
	if errors.Is(err, db.ErrNotFound) {
		return nil // its entry has gone with it
	} else if err != nil {
		return fmt.Errorf("admitted phone: %w", err)
	}
	now := s.clock.Now()
	jobs, err := s.standingJobs(ctx, d, &phone, orders, now)
	if err != nil {
		return err
	}
	ids, err := s.store.ApplyStanding(ctx, d, jobs, now)
	if errors.Is(err, db.ErrConflict) {
		return nil // done meanwhile, in the phone's session or by the scheduler
	} else if err != nil {
		return fmt.Errorf("apply standing orders to %v: %w", d.Phone, err)
	}
	made := 0
	for i, id := range ids {
		if id != 0 {
			made++
			s.metrics.orders.WithLabelValues(jobs[i].Job.Kind).Inc()
		}
	}
	if s.metrics.made.Add(float64(made)); made > 0 {
		s.log.InfoContext(ctx, "standing orders applied", logkey.Phone, d.Phone.String(), logkey.Count, made)
	}
	return nil
}

// standingJobs are the jobs that orders have for a phone, in their order.
func (s *Service) standingJobs(ctx context.Context, d db.Due, phone *db.PhoneStatus, orders []standing, now time.Time) (jobs []db.StandingJob, err error) {
	for i := range orders {
		o := &orders[i]
		if d.Attempt > 1 && !o.Again || !o.filter.Match(phone.Field) {
			continue
		}
		for _, it := range o.Items {
			j := jobOf(&it, now, o.Name)
			sd, err := s.standingSeed(ctx, &j, phone, now)
			if err != nil {
				return nil, err
			}
			jobs = append(jobs, db.StandingJob{Order: o.ID, Job: j, Seed: sd})
		}
	}
	return jobs, nil
}

// standingSeed says how the one task of such a job begins its life. It wakes
// the phone also if it is made within a session, which may break off.
func (s *Service) standingSeed(ctx context.Context, j *db.Job, phone *db.PhoneStatus, now time.Time) (db.TaskSeed, error) {
	k, err := kindOf(j)
	if err != nil {
		return db.TaskSeed{}, err
	}
	f := facts{job: j, now: now}
	if f.file, err = s.file(ctx, j); err != nil && !errors.Is(err, db.ErrNotFound) {
		return db.TaskSeed{}, err
	}
	return s.seed(ctx, k, f, phone)
}

// jobOf makes the job of a template, due now.
func jobOf(it *db.StandingItem, now time.Time, order string) db.Job {
	return db.Job{
		Kind: it.Kind, Args: it.Args, When: db.When{Now: true}, Priority: it.Priority, Retry: it.Retry,
		Deadline: it.Deadline, Created: now, Expires: now.Add(it.Expires), By: "standing-order " + order,
		Calls: it.Calls,
	}
}
