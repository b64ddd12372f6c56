package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// What a phone was handed over is to be dropped when its order is taken back,
// has expired or is paused, while a hold covers the phone, and when its slot is
// another by now. None of this is kept with the attempt: it is found anew where
// it is needed, so a change holds from its own commit on, outlives the server,
// and costs nothing if it is undone before the phone was told. What is kept is
// what was said to the phone; see upkeep_recall.go.

const callCancel = "CancelTransfer"

// A recall is an open attempt that its phone holds and is to drop.
type recall struct {
	open    *db.OpenAttempt
	attempt *db.Attempt
	why     string // a clause
}

// said is what was said of it; the zero Recall if nothing was.
func (r *recall) said() db.Recall {
	if said := r.attempt.Handover.Recall; said != nil {
		return *said
	}
	return db.Recall{}
}

// withPhone returns the attempt that a phone holds; nil if there is none. There is
// one at most, as it keeps off any other transfer.
func (s *Service) withPhone(ctx context.Context, id db.PhoneID) (*recall, error) {
	open, err := s.store.OpenAttempts(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("open attempts of %v: %w", id, err)
	}
	for i := range open {
		if holds(open[i]) {
			return &recall{open: &open[i], attempt: attemptOf(&open[i].Task, open[i].ID.N)}, nil
		}
	}
	return nil, nil
}

// toRecall returns the attempt that a phone is to drop; nil if there is none, or
// the phone is told no more.
func (s *Service) toRecall(ctx context.Context, p *db.Phone) (*recall, error) {
	r, err := s.withPhone(ctx, p.ID)
	if err != nil || r == nil || r.said().Final {
		return nil, err
	}
	if r.why, err = s.whyRecall(ctx, &r.open.Job, r.attempt, p); err != nil || r.why == "" {
		return nil, err
	}
	return r, nil
}

// whyRecall says why a phone is to drop what it holds; "" if it is not. Where it
// may have dropped it, as it was told to and its answer was lost, it is told
// until it answers.
func (s *Service) whyRecall(ctx context.Context, j *db.Job, a *db.Attempt, p *db.Phone) (string, error) {
	why, err := s.unwanted(ctx, j, a, p)
	if err != nil || why != "" || !a.WithPhone() {
		return why, err
	}
	if said := a.Handover.Recall; said != nil && said.Refused == "" {
		return said.Why, nil
	}
	return "", nil
}

// unwanted says why a phone is not to do what it holds; "" if it is, or has done
// it already.
func (s *Service) unwanted(ctx context.Context, j *db.Job, a *db.Attempt, p *db.Phone) (string, error) {
	now := s.clock.Now()
	switch {
	case !a.WithPhone():
		return "", nil
	case j.Cancel:
		return "the order was taken back", nil
	case !now.Before(j.Expires):
		return "the order has expired", nil
	case j.Paused:
		return "the job is paused", nil
	}
	if h, held, err := s.store.Held(ctx, p.ID); err != nil {
		return "", fmt.Errorf("hold of %v: %w", p.ID, err)
	} else if held {
		return explainHold(h), nil
	}
	o, err := s.slotter().of(ctx, j, p)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return "", err
	}
	if o == nil {
		return "its window is gone", nil
	}
	if slot, ok := o.next(a.Handover.From.Add(-time.Second)); !ok || !slot.At.Equal(a.Handover.From) || !slot.Closes.Equal(a.Handover.Until) {
		return "its slot is another by now", nil
	}
	return "", nil
}

// wakeToRecall wakes a phone that is to drop what it holds, and can be told. ok
// is false if there is nothing of the kind.
func (s *Service) wakeToRecall(ctx context.Context, p *db.PhoneStatus, first bool) (done, ok bool, err error) {
	r, err := s.toRecall(ctx, &p.Phone)
	if err != nil || r == nil {
		return false, false, err
	}
	m, err := s.methods(ctx, p.ID)
	if err != nil || lacks(m, &p.Phone, callCancel) {
		return false, false, err
	}
	done = s.wake(ctx, p.ID, first)
	s.noteWake(ctx, p, []db.TaskID{r.open.ID.Task})
	return done, true, nil
}

// explainRecall says what is to become of a transfer that the phone of a task
// holds; "" if the phone is to make it.
func (s *Service) explainRecall(ctx context.Context, j *db.Job, t *db.Task) string {
	a := t.Last()
	p, err := s.store.Phone(ctx, t.ID.Phone)
	if err != nil {
		return ""
	}
	why, err := s.whyRecall(ctx, j, a, &p.Phone)
	if err != nil || why == "" {
		return ""
	}
	m, err := s.methods(ctx, p.ID)
	if err != nil {
		return ""
	}
	said := (&recall{attempt: a}).said()
	if !said.Final && lacks(m, &p.Phone, callCancel) {
		said.Final, said.Refused = true, whyNoCancel
	}
	switch {
	case said.Final:
		return fmt.Sprintf("%s, but the phone holds the transfer and %s: it may ask for the file until %s and is not given it, and what comes of that is awaited until %s",
			why, said.Refused, at(a.Handover.Until), at(a.Deadline))
	case said.Refused != "":
		return fmt.Sprintf("%s; the phone holds the transfer, and %s when it was told to drop it at %s: it is told again in its next session",
			why, said.Refused, at(said.Asked))
	case !said.Asked.IsZero():
		return fmt.Sprintf("%s; the phone holds the transfer, was told at %s to drop it and has not answered: it is told again in its next session", why, at(said.Asked))
	}
	return fmt.Sprintf("%s; the phone holds the transfer and is to be told to drop it, or is not given the file when it asks at %s: %s", why, at(a.Handover.From), explainContact(&p))
}
