package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// Informed judges what an Inform shows of attempts that are open, and of those
// that were given up as unknown. When it returns nil, what it found is durable
// and the phone may be told to forget its events. in is that of the session,
// rec what the store made of it.
//
// It returns ErrSuperseded if a newer session has begun; after any error the
// Inform must not be answered, so that the phone sends it again.
func (s *Service) Informed(ctx context.Context, sess db.Session, rec db.Recorded, in *cwmp.Inform) error {
	s.closed.forget(rec.Phone.ID)
	s.reads.forget(rec.Phone.ID)
	s.upkeep.forget(rec.Phone.ID)
	s.guards.forget(rec.Phone.ID)
	s.prompts.note(rec.Phone.ID, sess.Token, rec.Waits, slices.ContainsFunc(rec.Open, holds))
	if rec.Admit {
		s.admissions.note(rec.Phone.ID)
	}
	transferring := false
	for _, o := range rec.Open {
		k, err := kindOf(&o.Job)
		if err != nil {
			return err
		}
		transferring = transferring || k.traits().transfer
		if err := s.informedOf(ctx, sess, o, &rec.Phone, in); err != nil {
			return fmt.Errorf("judge inform: %w", err)
		}
		if a := attemptOf(&o.Task, o.ID.N); a.Awaited() {
			s.reads.expect(o.ID, sess.Token)
		} else if a != nil && !a.Accepted.IsZero() && readsOn(k, facts{job: &o.Job}) {
			s.reads.expect(o.ID, sess.Token) // the session that was to ask has ended
		}
	}
	if rec.Phone.State == db.PhoneReEnrol {
		return nil // nothing else is believed of it
	}
	if err := s.lateRestart(ctx, sess, &rec.Phone, in); err != nil {
		return fmt.Errorf("judge inform: %w", err)
	}
	if transferring {
		return nil
	}
	if err := s.lateVersion(ctx, sess, &rec.Phone, in); err != nil {
		return fmt.Errorf("judge inform: %w", err)
	}
	return nil
}

// informedOf judges one open attempt.
func (s *Service) informedOf(ctx context.Context, sess db.Session, o db.OpenAttempt, phone *db.Phone, in *cwmp.Inform) error {
	f, k, err := s.lookAt(ctx, o, phone)
	if err != nil {
		return err
	}
	err = s.apply(ctx, f, k, k.informed(f, in), sess.Token)
	if !errors.Is(err, db.ErrConflict) {
		return err
	}
	return again(func() error { // it moved since the Inform was recorded
		f, k, err := s.look(ctx, o.ID, phone)
		if err != nil {
			return err
		}
		return s.apply(ctx, f, k, k.informed(f, in), sess.Token)
	})
}

// lateRestart judges "M …" events that name one of the phone's attempts which
// is not open any more.
func (s *Service) lateRestart(ctx context.Context, sess db.Session, phone *db.Phone, in *cwmp.Inform) error {
	for _, e := range in.Events {
		if e.Code != cwmp.EventMReboot && e.Code != cwmp.EventMScheduleInform {
			continue
		}
		id, ok := db.ParseCommandKey(e.CommandKey, s.store.StoreTag())
		if !ok || id.Task.Phone != phone.ID {
			continue
		}
		err := again(func() error {
			f, k, err := s.look(ctx, id, phone)
			if err != nil || f.attempt.Outcome == "" {
				return err
			}
			return s.apply(ctx, f, k, k.informed(f, in), sess.Token)
		})
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	return nil
}

const (
	// lateFor is how long after it was given up a version may still prove an
	// attempt. Later, somebody else may as well have put it there.
	lateFor = 24 * time.Hour
	// lateAmong is how many of the phone's newest tasks are looked at. One
	// transfer at a time and new jobs first: it is among them or long past.
	lateAmong = 3
)

// lateVersion proves firmware late that was given up as unknown, when the
// phone's newest attempt was to put in just the version that it now reports.
func (s *Service) lateVersion(ctx context.Context, sess db.Session, phone *db.Phone, in *cwmp.Inform) error {
	if phone.SoftwareVersion == "" || !afresh(in) {
		return nil
	}
	page, err := s.store.PhoneTasks(ctx, phone.ID, db.Query{Limit: lateAmong})
	if err != nil {
		return fmt.Errorf("tasks of %v: %w", phone.ID, err)
	}
	var newest *db.Attempt
	var id db.AttemptID
	for i := range page.Items {
		if a := page.Items[i].Last(); a != nil && (newest == nil || a.Sent.After(newest.Sent)) {
			newest, id = a, db.AttemptID{Task: page.Items[i].ID, N: a.N}
		}
	}
	if newest == nil || newest.Outcome != db.OutcomeUnknown || s.clock.Since(newest.Ended) > lateFor {
		return nil
	}
	return again(func() error {
		f, k, err := s.look(ctx, id, phone)
		if err != nil {
			return err
		}
		if r := k.informed(f, in); k.traits().transfer && r.event == db.EventProof {
			return s.apply(ctx, f, k, r, sess.Token)
		}
		return nil
	})
}

// afresh says whether an Inform has events that firmware which went in brings
// with it. Periodic ones are spared the reads.
func afresh(in *cwmp.Inform) bool {
	for _, e := range in.Events {
		switch e.Code {
		case cwmp.EventBootstrap, cwmp.EventBoot, cwmp.EventValueChange, cwmp.EventTransferComplete, cwmp.EventMDownload, cwmp.EventMScheduleDownload:
			return true
		}
	}
	return false
}
