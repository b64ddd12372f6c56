package jobs

import (
	"context"
	"fmt"
	"math"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// askToInform asks a phone that no connection request reaches, in whatever
// session it begins before, to inform at the slot of a task that waits for it
// (TR-069 A.4.1.2), once for each slot.
type askToInform struct{}

const kindAsked = "asked by ScheduleInform"

func (askToInform) name() string { return "ScheduleInform" }

func (askToInform) wants(f upkeepFacts) bool { return f.waits && f.proven }

func (askToInform) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	t, err := s.toPrompt(ctx, f, db.WayScheduleInform)
	if err != nil || t == nil {
		return nil, err
	}
	if err := s.keepPrompt(ctx, f, t, "it was asked to inform at its slot, and has not answered that"); err != nil {
		return nil, err
	}
	return &cwmp.ScheduleInform{DelaySeconds: promptDelay(t, f.now), CommandKey: promptKey(t.Due)}, nil
}

// promptDelay is until a little after the slot of a task, within its window.
func promptDelay(t *db.Task, now time.Time) uint32 {
	until := t.Due.Add(promptAfter)
	if last := t.Closes.Add(-promptAfter); until.After(last) {
		until = t.Due
	}
	return uint32(math.Ceil(until.Sub(now).Seconds()))
}

// promptKey is the CommandKey for a slot. It is of a form that no attempt has,
// which is told by the tag of the store at its end.
func promptKey(slot time.Time) string { return "slot " + slot.UTC().Format("20060102T150405Z") }

func (askToInform) answered(ctx context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error {
	why := "the phone did not answer that"
	if _, ok := answer.(*cwmp.ScheduleInformResponse); ok {
		why = fmt.Sprintf("it was asked to inform at its slot, %s, and said that it will", at(f.promptSlot()))
	}
	return s.prompted(ctx, f, kindAsked, why, "")
}

func (askToInform) refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error {
	return s.promptRefused(ctx, f, kindAsked, db.WayScheduleInform, fault)
}

// promptSlot is the slot that the phone was asked for last.
func (f *upkeepFacts) promptSlot() time.Time {
	if n := len(f.methods.Prompt.Slots); n > 0 {
		return f.methods.Prompt.Slots[n-1]
	}
	return time.Time{}
}

// promptRefused takes a fault: one that says that the phone had no room, or an
// error of its own, or was not sent the RPC, counts for this slot alone.
func (s *Service) promptRefused(ctx context.Context, f upkeepFacts, kind, by string, fault *cwmp.Fault) error {
	why := "the phone refused that: " + faulted(fault.Code, fault.String).why
	switch {
	case fault.Code == 9002, fault.Code == 9004, fault.Code < 9000:
		by = ""
	}
	return s.prompted(ctx, f, kind, why, by)
}
