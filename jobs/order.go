package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// What an order that does not say gets, and what it may ask for.
const (
	DefaultDeadline = 30 * time.Minute
	MinDeadline     = 100 * time.Millisecond
	MaxDeadline     = 24 * time.Hour

	DefaultRetries = 3 // attempts after the first
	MaxRetries     = 20
	DefaultBackoff = time.Minute
	MinBackoff     = 100 * time.Millisecond
	MaxBackoff     = maxBackoff

	DefaultExpiry = 30 * 24 * time.Hour      // after the order's time
	MaxExpiry     = 5 * 365 * 24 * time.Hour // from now
	MaxPriority   = 9
	MaxListed     = 100_000 // phones named one by one
)

// lateOrder is how far in the past the time of an order may be: clocks differ,
// and an order that was sent twice is not refused for its age.
const lateOrder = time.Minute

// Order checks an order and has the store accept it. What it may leave open
// takes its default: the deadline, the expiry (30 days after the order's time,
// see checkWindow for others), and the retries if all of Retry is zero. Of n.Job
// only what an order says is read, and Paused: nothing is sent until it is
// resumed. n.Phones and n.Filter are made of the selection where they are nil.
//
// It returns a *db.FieldError that names the field as JSON does, among them
// selection.phones for a phone, listed by name, that the file is not for; else
// what CreateJob returns.
func (s *Service) Order(ctx context.Context, n db.NewJob) (st db.JobStatus, again bool, err error) {
	now := s.clock.Now()
	o := n.Job
	n.Job = db.Job{
		Kind: o.Kind, Args: o.Args, Selection: o.Selection, When: o.When, Priority: o.Priority,
		Retry: o.Retry, Deadline: o.Deadline, Expires: o.Expires, Created: now, By: o.By, Calls: o.Calls,
		Paused: o.Paused, // from its first task on
	}
	if n.Idempotency.Key != "" {
		// What was accepted once is answered so again, whatever has become of
		// its file or its time since.
		if st, again, err = s.store.JobByKey(ctx, n.Idempotency, now); err != nil || again {
			return st, again, err
		}
	}
	if err := s.prepare(ctx, &n, now); err != nil {
		return st, false, err
	}
	if st, again, err = s.store.CreateJob(ctx, n); err != nil {
		return st, again, fmt.Errorf("order: %w", err)
	}
	if !again {
		s.metrics.orders.WithLabelValues(st.Kind).Inc()
	}
	kick(s.busy)
	return st, again, nil
}

// CheckOrder says what Order would refuse an order for, and orders nothing.
func (s *Service) CheckOrder(ctx context.Context, n db.NewJob) error {
	return s.prepare(ctx, &n, s.clock.Now())
}

// prepare checks an order, fills in what it leaves open, and resolves whom it is for.
func (s *Service) prepare(ctx context.Context, n *db.NewJob, now time.Time) error {
	k, err := kindOf(&n.Job)
	if err != nil {
		return &db.FieldError{Field: "kind", Err: errUnknownKind}
	}
	f, err := s.checkArgs(ctx, k, n.Job.Args)
	if err != nil {
		return err
	}
	if err := s.checkWindow(ctx, &n.Job, now); err != nil {
		return err
	}
	if err := complete(&n.Job, now); err != nil {
		return err
	}
	if err := checkCalls(&n.Job, k); err != nil {
		return err
	}
	if err := s.selection(ctx, n); err != nil {
		return err
	}
	if f != nil {
		if err := s.checkListed(ctx, n.Phones, f); err != nil {
			return err
		}
	}
	if err := s.checkCapable(ctx, n, k); err != nil {
		return err
	}
	return s.checkSlots(ctx, n)
}

// checkArgs checks the arguments and returns the file they name.
func (s *Service) checkArgs(ctx context.Context, k kind, a db.Args) (*db.File, error) {
	if err := s.mayNotify(k); err != nil {
		return nil, err
	}
	if err := foreign(a, k.traits().takes); err != nil {
		return nil, err
	}
	if a.File == 0 {
		return nil, k.check(a, nil)
	}
	f, err := s.store.File(ctx, a.File)
	if errors.Is(err, db.ErrNotFound) {
		return nil, k.check(a, nil)
	} else if err != nil {
		return nil, fmt.Errorf("file of the order: %w", err)
	}
	return &f, k.check(a, &f)
}

// complete checks what an order says of its running, and fills in the rest.
func complete(j *db.Job, now time.Time) error {
	bad := func(field, format string, args ...any) error {
		return &db.FieldError{Field: field, Err: fmt.Errorf(format, args...)}
	}
	begins := now
	switch {
	case j.When.Windowed():
	case j.When.Now != j.When.At.IsZero():
		return bad("when", "want exactly one of now, at and window")
	case !j.When.Now && j.When.At.Before(now.Add(-lateOrder)):
		return bad("when.at", "%s is past", at(j.When.At))
	case !j.When.Now && j.When.At.After(now):
		begins = j.When.At
	}
	if j.Expires.IsZero() {
		j.Expires = begins.Add(DefaultExpiry)
	}
	if j.Deadline == 0 {
		j.Deadline = DefaultDeadline
	}
	if j.Retry == (db.Retry{}) {
		j.Retry = db.Retry{Max: DefaultRetries, Backoff: DefaultBackoff}
	}
	if j.Retry.Backoff == 0 {
		j.Retry.Backoff = DefaultBackoff
	}
	switch {
	case !j.Expires.After(begins):
		return bad("expires", "%s is not after %s, when the job begins", at(j.Expires), at(begins))
	case j.Expires.After(now.Add(MaxExpiry)):
		return bad("expires", "%s is more than 5 years away", at(j.Expires))
	case j.Deadline < MinDeadline || j.Deadline > MaxDeadline:
		return bad("deadline", "%s is not within %s and %s", j.Deadline, MinDeadline, MaxDeadline)
	case j.Retry.Max < 0 || j.Retry.Max > MaxRetries:
		return bad("retry.max", "%d is not within 0 and %d", j.Retry.Max, MaxRetries)
	case j.Retry.Backoff < MinBackoff || j.Retry.Backoff > MaxBackoff:
		return bad("retry.backoff", "%s is not within %s and %s", j.Retry.Backoff, MinBackoff, MaxBackoff)
	case j.Priority < 0 || j.Priority > MaxPriority:
		return bad("priority", "%d is not within 0 and %d", j.Priority, MaxPriority)
	}
	return nil
}

// selection checks who the order is for, and resolves it.
func (s *Service) selection(ctx context.Context, n *db.NewJob) error {
	sel := n.Job.Selection
	ways := 0
	for _, set := range []bool{len(sel.Phones) > 0, sel.Filter != "", sel.All} {
		if set {
			ways++
		}
	}
	switch {
	case ways != 1:
		return &db.FieldError{Field: "selection", Err: errors.New(`want exactly one of phones, filter and all; everyone is {"all": true}`)}
	case sel.All:
		n.Phones, n.Filter = nil, nil
		return nil
	case sel.Filter != "":
		return resolveFilter(n)
	}
	return s.resolveListed(ctx, n)
}

func resolveFilter(n *db.NewJob) (err error) {
	n.Phones = nil
	if strings.TrimSpace(n.Job.Selection.Filter) == "" {
		return &db.FieldError{Field: "selection.filter", Err: errors.New(`is empty; everyone is {"all": true}`)}
	}
	if n.Filter == nil {
		if n.Filter, err = filter.Parse(n.Job.Selection.Filter, db.PhoneFields); err != nil {
			return &db.FieldError{Field: "selection.filter", Err: err}
		}
	}
	return nil
}

func (s *Service) resolveListed(ctx context.Context, n *db.NewJob) error {
	refs := n.Job.Selection.Phones
	n.Filter = nil
	if len(refs) > MaxListed {
		return &db.FieldError{Field: "selection.phones", Err: fmt.Errorf("%d phones: at most %d by name: %w", len(refs), MaxListed, db.ErrTooMany)}
	}
	if len(n.Phones) > 0 {
		return nil
	}
	for _, ref := range refs {
		id, err := s.store.FindPhone(ctx, ref)
		switch {
		case errors.Is(err, db.ErrNotFound):
			return &db.FieldError{Field: "selection.phones", Err: fmt.Errorf("%q: %w", clip(ref), db.ErrNotFound)}
		case errors.Is(err, db.ErrConflict):
			return &db.FieldError{Field: "selection.phones", Err: fmt.Errorf("%q names several phones; use their ids", clip(ref))}
		case err != nil:
			return fmt.Errorf("find phone %q: %w", clip(ref), err)
		}
		n.Phones = append(n.Phones, id) // twice the same is once, to the store
	}
	return nil
}

// checkListed refuses phones that were named one by one for a file that is not
// for them. In a larger selection they are skipped instead, each with its reason.
func (s *Service) checkListed(ctx context.Context, ids []db.PhoneID, f *db.File) error {
	for _, id := range ids {
		p, err := s.store.Phone(ctx, id)
		if errors.Is(err, db.ErrNotFound) {
			return &db.FieldError{Field: "selection.phones", Err: fmt.Errorf("%v: %w", id, db.ErrNotFound)}
		} else if err != nil {
			return fmt.Errorf("listed phone: %w", err)
		}
		why := misfit(f, &p.Phone, false)
		if why == "" {
			why = unfit(f, &p.Phone, s.quirks.Of(ctx, &p.Phone), false)
		}
		if why != "" {
			return &db.FieldError{Field: "selection.phones", Err: fmt.Errorf("%s: %s", called(&p.Phone), why)}
		}
	}
	return nil
}

// called names a phone as an operator knows it.
func called(p *db.Phone) string {
	switch {
	case p.Name != "":
		return p.ID.String() + " (" + p.Name + ")"
	case p.MAC != "":
		return p.ID.String() + " (" + p.MAC + ")"
	}
	return p.ID.String()
}
