package jobs

import (
	"context"
	"errors"
	"fmt"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// recallTransfer tells a phone to drop what it was handed over (TR-069
// A.4.1.9), before it is sent anything else. That it is told is durable first,
// and only of an attempt that is still open: a key that has ended is not named.
// A phone that drops it gives the attempt back, which is as if nothing had been
// sent; no TransferComplete follows. One that refuses is not given the file, and its
// attempt runs to its outcome.
type recallTransfer struct{}

func (recallTransfer) name() string { return callCancel }

// wants waits until it is known what the phone takes.
func (recallTransfer) wants(f upkeepFacts) bool {
	return f.holds && f.proven && !askMethods{}.wants(f)
}

const (
	whyNoCancel = "does not take " + callCancel
	toldToDrop  = "the phone was told to drop the transfer"
)

func (k recallTransfer) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	r, err := s.toRecall(ctx, f.phone)
	if err != nil || r == nil {
		return nil, err
	}
	said := db.Recall{Asked: f.now, Why: r.why}
	note := toldToDrop + ": " + r.why
	if lacks(f.methods, f.phone, callCancel) {
		said = db.Recall{Why: r.why, Refused: whyNoCancel, Final: true}
		note = fmt.Sprintf("%s, but the phone %s: it may ask for the file until %s and is not given it", r.why, whyNoCancel, at(r.attempt.Handover.Until))
	}
	if sent, err := k.keep(ctx, s, f, r, said, note); err != nil || !sent || said.Final {
		return nil, err
	}
	return &cwmp.CancelTransfer{CommandKey: r.attempt.Key}, nil
}

// keep keeps what was said; ok is false if the attempt has ended meanwhile.
func (recallTransfer) keep(ctx context.Context, s *Service, f upkeepFacts, r *recall, said db.Recall, evidence ...string) (ok bool, err error) {
	err = s.store.NoteRecall(ctx, r.open.ID, f.session.Token, f.now, said, evidence...)
	if errors.Is(err, db.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// told returns the attempt that the phone was told to drop; nil if it has ended
// since.
func (recallTransfer) told(ctx context.Context, s *Service, f upkeepFacts) (*recall, error) {
	r, err := s.withPhone(ctx, f.phone.ID)
	if err != nil || r == nil || r.said().Asked.IsZero() {
		return nil, err
	}
	return r, nil
}

func (k recallTransfer) answered(ctx context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error {
	r, err := k.told(ctx, s, f)
	if err != nil || r == nil {
		return err
	}
	if _, ok := answer.(*cwmp.CancelTransferResponse); !ok {
		_, err := k.keep(ctx, s, f, r, r.said(), "the phone did not say whether it drops the transfer")
		return err
	}
	return s.dropped(ctx, f, r)
}

// refused: 9021 and what is refused for good are the last word; any other fault
// may pass. What never left was not said.
func (k recallTransfer) refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error {
	r, err := k.told(ctx, s, f)
	if err != nil || r == nil {
		return err
	}
	said, because := r.said(), faulted(fault.Code, fault.String).why
	if fault.Code < 9000 {
		_, err := k.keep(ctx, s, f, r, said, because)
		return err
	}
	_, lasts := lasting[fault.Code]
	said.Refused, said.Final = "answered "+because, lasts || fault.Code == cwmp.FaultCancelNotPermitted
	note := "told to drop the transfer, the phone answered " + because
	if said.Final {
		note += fmt.Sprintf("; it may ask for the file until %s and is not given it", at(r.attempt.Handover.Until))
	}
	_, err = k.keep(ctx, s, f, r, said, note)
	return err
}

// dropped gives an attempt that the phone has dropped back: its task waits to be
// filed anew, as if nothing had been sent, or ends with its order.
func (s *Service) dropped(ctx context.Context, uf upkeepFacts, r *recall) error {
	f, _, err := s.lookAt(ctx, *r.open, uf.phone)
	if err != nil {
		return err
	}
	why := "the phone has dropped the transfer that it was handed over: " + r.said().Why
	evidence := "the phone says that it has dropped the transfer"
	if f.attempt.Count > 0 {
		evidence += "; before, " + fetched(f)
	}
	_, err = s.judge(ctx, f, db.Verdict{
		Task: f.task.ID, Attempt: f.attempt.N, Session: uf.session.Token, Event: db.EventAgain, Outcome: db.OutcomeDropped,
		Now: f.now, Due: f.now, Why: why, Evidence: []string{evidence}, Unspent: true,
	})
	if errors.Is(err, db.ErrConflict) {
		return nil // it ended at this moment
	}
	return err
}
