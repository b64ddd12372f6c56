package jobs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

const kindPeriodic = "periodic Informs"

var periodicNames = []string{"PeriodicInformEnable", "PeriodicInformInterval", "PeriodicInformTime"}

// readPeriodic asks a phone that is neither reached nor takes ScheduleInform
// when it informs by itself: an operator may have changed that.
type readPeriodic struct{}

func (readPeriodic) name() string { return "GetParameterValues" }

func (readPeriodic) wants(f upkeepFacts) bool { return f.waits && f.proven }

func (readPeriodic) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	root := s.quirks.Root(ctx, f.phone)
	if root == "" {
		return nil, nil
	}
	t, err := s.toPrompt(ctx, f, db.WayPeriodicInform)
	if err != nil || t == nil {
		return nil, err
	}
	m := &cwmp.GetParameterValues{}
	for _, name := range periodicNames {
		m.Names = append(m.Names, root+"ManagementServer."+name)
	}
	return m, nil
}

func (readPeriodic) answered(_ context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error {
	r, ok := answer.(*cwmp.GetParameterValuesResponse)
	now, waits := s.prompts.of(f.phone.ID, f.session.Token)
	if !ok || !waits {
		return nil
	}
	for _, v := range r.Parameters {
		switch v.Name[strings.LastIndexByte(v.Name, '.')+1:] {
		case "PeriodicInformEnable":
			now.on, now.read = truth(v.Value)
		case "PeriodicInformInterval":
			if n, ok := whole(v.Value); ok && n.IsInt64() && n.Int64() > 0 && n.Int64() <= 1<<32 {
				now.every = time.Duration(n.Int64()) * time.Second
			}
		case "PeriodicInformTime":
			if t, ok := instant(v.Value); ok && t.Year() > 1 { // the year 1 stands for: not known
				now.phase = t
			}
		}
	}
	s.prompts.keep(f.phone.ID, now)
	return nil
}

func (readPeriodic) refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error {
	if fault.Code < 9000 {
		return nil
	}
	m := *f.methods
	m.Prompt.Refused = append(m.Prompt.Refused[:len(m.Prompt.Refused):len(m.Prompt.Refused)], db.WayPeriodicInform)
	return s.keepMethods(ctx, f.session, m)
}

// setPeriodic moves the periodic Informs of such a phone by their
// PeriodicInformTime, so that one falls on the slot of a task: once for a slot,
// and not at all where one falls into its window anyhow. How often they come,
// and whether, is the operator's to say.
type setPeriodic struct{}

func (setPeriodic) name() string { return "SetParameterValues" }

func (setPeriodic) wants(f upkeepFacts) bool { return f.waits && f.proven }

func (setPeriodic) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	now, _ := s.prompts.of(f.phone.ID, f.session.Token)
	if !now.read {
		return nil, nil
	}
	t, err := s.toPrompt(ctx, f, db.WayPeriodicInform)
	if err != nil || t == nil {
		return nil, err
	}
	if _, held, err := s.store.Held(ctx, f.phone.ID); err != nil || held {
		return nil, err // a later session may
	}
	why, set := now.plan(t)
	if err := s.keepPrompt(ctx, f, t, why); err != nil {
		return nil, err
	}
	if !set {
		f.methods, err = s.methods(ctx, f.phone.ID)
		if err != nil {
			return nil, err
		}
		return nil, s.prompted(ctx, f, kindPeriodic, why, "")
	}
	return &cwmp.SetParameterValues{Parameters: []cwmp.ParameterValue{{
		Name: s.quirks.Root(ctx, f.phone) + "ManagementServer.PeriodicInformTime", Type: "dateTime",
		Value: promptPhase(t).UTC().Format("2006-01-02T15:04:05Z"),
	}}}, nil
}

// promptPhase is when a phone is to inform for a task.
func promptPhase(t *db.Task) time.Time {
	if phase := t.Due.Add(promptAfter).Truncate(time.Second); phase.Before(t.Closes.Add(-promptAfter)) {
		return phase
	}
	return t.Due.Truncate(time.Second)
}

// plan says what the periodic Informs of a phone mean for a task, and whether
// they are to be moved.
func (p *prompting) plan(t *db.Task) (why string, set bool) {
	if !p.on || p.every <= 0 {
		return "its periodic Informs are off, so nothing makes it speak in its window", false
	}
	if p.every <= t.Closes.Sub(t.Opens) {
		return fmt.Sprintf("it informs each %s by itself, and so while its window is open", span(p.every)), false
	}
	if !p.phase.IsZero() {
		if next := p.next(t.Opens); next.Before(t.Closes.Add(-promptAfter)) {
			return fmt.Sprintf("it informs each %s by itself, at %s while its window is open", span(p.every), at(next)), false
		}
	}
	return fmt.Sprintf("its Informs, which come each %s, were to be moved to its slot, and it has not answered that", span(p.every)), true
}

// next is the first periodic Inform from an instant on (TR-181 Device.ManagementServer.PeriodicInformTime).
// The phase may be centuries off: it is reckoned in whole seconds.
func (p *prompting) next(from time.Time) time.Time {
	every := int64(p.every / time.Second)
	off := (from.Unix() - p.phase.Unix()) % every
	at := from.Truncate(time.Second).Add(-time.Duration(off) * time.Second)
	if at.Before(from) {
		at = at.Add(p.every)
	}
	return at
}

func (setPeriodic) answered(ctx context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error {
	now, _ := s.prompts.of(f.phone.ID, f.session.Token)
	why := "the phone did not answer when they were to be moved to its slot"
	if _, ok := answer.(*cwmp.SetParameterValuesResponse); ok {
		why = fmt.Sprintf("its Informs, which come each %s, were moved so that one falls on its slot, %s", span(now.every), at(f.promptSlot()))
	}
	return s.prompted(ctx, f, kindPeriodic, why, "")
}

func (setPeriodic) refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error {
	return s.promptRefused(ctx, f, kindPeriodic, db.WayPeriodicInform, fault)
}
