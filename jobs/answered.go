package jobs

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// Answered judges what the phone answered to the RPC of an attempt: a response,
// a *cwmp.Fault, or nil for an empty POST or anything else that is no answer,
// which some phones send instead of refusing an RPC. A fault of 8xxx says that
// the RPC never left; after 8005, since the phone had been told to come again,
// another attempt may. A session that is lost instead needs no call: the
// attempt stays open, and the phone's next session or its deadline decides.
//
// It returns ErrSuperseded if a newer session has begun.
func (s *Service) Answered(ctx context.Context, sess db.Session, id db.AttemptID, answer cwmp.Message) error {
	if fault, ok := unsent(answer); ok {
		if id == (db.AttemptID{}) {
			return nil // as if the session was lost
		}
		return s.takeBack(ctx, sess, id, fault)
	}
	if id == (db.AttemptID{}) {
		if s.guards.asked(sess.Phone.ID, sess.Token) {
			return s.guardAnswered(ctx, sess, answer)
		}
		return s.upkept(ctx, sess, answer)
	}
	err := again(func() error {
		f, k, err := s.look(ctx, id, &sess.Phone)
		if err != nil {
			return err
		}
		if f.attempt.Awaited() {
			return s.linesTold(ctx, sess, f, k, answer)
		}
		if f.reading != nil && f.reading.out != nil && f.reading.session != sess.Token {
			return nil // to a request of a session that has ended
		}
		var r ruling
		switch m := answer.(type) {
		case nil:
			r = noted("the phone posted nothing, or something else, instead of an answer")
		case *cwmp.Fault:
			if r = k.refused(f, m); r.unspent {
				if err := s.keepRefusal(ctx, sess, f, m.Code); err != nil {
					return err
				}
			}
		default:
			r = k.answered(f, m)
		}
		if err := s.apply(ctx, f, k, r, sess.Token); err != nil {
			return err
		}
		if r.event == db.EventAccept && readsOn(k, f) {
			if f.reading != nil {
				s.walks.put(id, f.reading, f.phone)
			}
			s.reads.expect(id, sess.Token)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("judge answer to %v: %w", id.Task, err)
	}
	return nil
}

// Completed judges a TransferComplete. When it returns nil, what it found is
// durable and the phone may be told to forget it; that goes for one that
// belongs to nothing, too.
//
// A key of ours names the attempt. Else, as some phones send no key or that of
// another request, it is taken for the phone's one open transfer, and the
// evidence says so. Who has not proven to be the phone is not believed: it
// could else end what the phone is still at. It returns ErrSuperseded if a
// newer session has begun.
func (s *Service) Completed(ctx context.Context, sess db.Session, tc *cwmp.TransferComplete) error {
	if sess.Proof == db.ProofNone {
		s.log.InfoContext(ctx, "transfer complete without proof is not believed",
			logkey.Phone, sess.Phone.ID.String(), logkey.Fault, int(tc.Fault.Code))
		return nil
	}
	err := again(func() error {
		f, k, how, err := s.match(ctx, sess, tc)
		if err != nil || k == nil {
			return err
		}
		r := k.completed(f)
		if tc.Fault.Code != 0 {
			if r, err = s.withheld(ctx, f, faulted(tc.Fault.Code, tc.Fault.String)); err != nil {
				return err
			}
		}
		return s.apply(ctx, f, k, r.because(how), sess.Token)
	})
	if err != nil {
		return fmt.Errorf("judge transfer complete: %w", err)
	}
	return nil
}

// foreignKey is the form of CommandKeys, whatever store they are of.
var foreignKey = regexp.MustCompile(`^j[1-9][0-9]*-p[1-9][0-9]*-[1-9][0-9]*-[0-9A-Za-z]{4}$`)

// match finds the attempt that a TransferComplete belongs to, and says how. k
// is nil if there is none.
func (s *Service) match(ctx context.Context, sess db.Session, tc *cwmp.TransferComplete) (f facts, k kind, how string, err error) {
	phone := &sess.Phone
	id, ours := db.ParseCommandKey(tc.CommandKey, s.store.StoreTag())
	if ours && id.Task.Phone == phone.ID {
		f, k, err = s.look(ctx, id, phone)
		switch {
		case errors.Is(err, db.ErrNotFound):
		case err != nil:
			return facts{}, nil, "", err
		case k.traits().transfer:
			return f, k, "TransferComplete came with the key of this attempt", nil
		}
	}
	if !ours && foreignKey.MatchString(tc.CommandKey) {
		s.log.InfoContext(ctx, "transfer complete with the key of another installation",
			logkey.Phone, phone.ID.String(), logkey.Fault, int(tc.Fault.Code))
		return facts{}, nil, "", nil
	}
	open, err := s.store.OpenAttempts(ctx, phone.ID)
	if err != nil {
		return facts{}, nil, "", fmt.Errorf("open attempts of %v: %w", phone.ID, err)
	}
	var found *db.OpenAttempt
	for i := range open {
		k, err := kindOf(&open[i].Job)
		if err != nil {
			return facts{}, nil, "", err
		}
		if k.traits().transfer {
			if found != nil {
				found = nil // never: one transfer at a time
				break
			}
			found = &open[i]
		}
	}
	if found == nil {
		s.log.InfoContext(ctx, "transfer complete that belongs to nothing",
			logkey.Phone, phone.ID.String(), logkey.Fault, int(tc.Fault.Code))
		return facts{}, nil, "", nil
	}
	f, k, err = s.lookAt(ctx, *found, phone)
	how = "TransferComplete came without a key; taken for this attempt, the phone's only open transfer"
	if tc.CommandKey != "" {
		how = fmt.Sprintf("TransferComplete came with the key %q; taken for this attempt, the phone's only open transfer", clip(tc.CommandKey))
	}
	return f, k, how, err
}
