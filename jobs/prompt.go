package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"phoneacs/db"
)

// Bounds of what is asked of phones so that they speak at their slots.
const (
	promptLeast = 10 * time.Second    // before a slot; what is nearer is about to come
	promptMost  = 30 * 24 * time.Hour // before a slot; a later session asks for what is farther
	promptAfter = 2 * time.Second     // after the slot, so that a phone whose clock is fast is not early
	promptPage  = db.MaxPrompts       // tasks that are looked at in a session
	promptNear  = 2 * time.Minute     // of a slot, an Inform without a key may be the one that was asked for
)

// prompts are the sessions of phones for which tasks wait for a slot, or which
// hold a task that was handed over to them. It costs the session of another
// phone one look at a number, and survives no restart: sessions do not either.
type prompts struct {
	n  atomic.Int32
	mu sync.Mutex
	m  map[db.PhoneID]prompting
}

type prompting struct {
	session db.SessionToken
	waits   bool // a task waits for a slot
	holds   bool // the phone holds one
	// What the phone said of its periodic Informs in this session.
	read  bool
	on    bool
	every time.Duration
	phase time.Time // zero: it is not known
}

func (p *prompts) note(id db.PhoneID, s db.SessionToken, waits, holds bool) {
	if !waits && !holds && p.n.Load() == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !waits && !holds:
		delete(p.m, id)
	case p.m == nil || len(p.m) >= maxAdmissions:
		p.m = make(map[db.PhoneID]prompting)
		fallthrough
	default:
		p.m[id] = prompting{session: s, waits: waits, holds: holds}
	}
	p.n.Store(int32(len(p.m)))
}

// of returns what is known in a session; ok is false if nothing waits in it, nor
// is held.
func (p *prompts) of(id db.PhoneID, s db.SessionToken) (now prompting, ok bool) {
	if p.n.Load() == 0 {
		return now, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now, ok = p.m[id]
	return now, ok && now.session == s
}

func (p *prompts) waits(id db.PhoneID, s db.SessionToken) bool {
	now, _ := p.of(id, s)
	return now.waits
}

func (p *prompts) keep(id db.PhoneID, now prompting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.m[id].session == now.session {
		p.m[id] = now
	}
}

// unreached says why no connection request makes a phone speak; "" if one may.
func unreached(p *db.PhoneStatus, site *db.Site) string {
	ways := site.SpeakBy()
	woken := p.WakeError == "" && !p.LastWake.IsZero()
	switch {
	case !slices.Contains(ways, db.WayHTTP) && !slices.Contains(ways, db.WayUDP):
		return "its site has no connection request made"
	case p.WakeError != "":
		return "the last connection request to it failed at " + at(p.LastWake)
	case p.ConnectionRequestURL == "" && !woken:
		return "it has not said where it takes connection requests"
	}
	return ""
}

// promptWay is by what a phone that is not reached is made to speak at a slot: the
// first that its site names, and that it has not refused, and can; "" if none.
func promptWay(p *db.Phone, site *db.Site, m *db.Methods) string {
	for _, w := range site.SpeakBy() {
		switch {
		case slices.Contains(m.Prompt.Refused, w):
		case w == db.WayScheduleInform && !lacks(m, p, "ScheduleInform"):
			return w
		case w == db.WayPeriodicInform && !lacks(m, p, "SetParameterValues"):
			return w
		}
	}
	return ""
}

// near says whether an Inform at an instant may be the one that a phone was
// asked for by a prompt.
func near(m *db.Methods, now time.Time) bool {
	return m != nil && slices.ContainsFunc(m.Prompt.Slots, func(slot time.Time) bool { return slot.Sub(now).Abs() <= promptNear })
}

// asked says whether a phone was asked for a slot.
func asked(m *db.Methods, slot time.Time) bool {
	return slices.ContainsFunc(m.Prompt.Slots, slot.Equal)
}

// toPrompt finds the task of a phone whose slot it is to be asked for by a way,
// the nearest first; nil if there is none: it is reached, or has been asked.
func (s *Service) toPrompt(ctx context.Context, f upkeepFacts, by string) (*db.Task, error) {
	p, err := s.store.Phone(ctx, f.phone.ID)
	if err != nil {
		return nil, err
	}
	site, err := s.store.Site(ctx, p.Site)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, err
	}
	if unreached(&p, &site) == "" || promptWay(&p.Phone, &site, f.methods) != by {
		return nil, nil
	}
	waiting, err := s.store.WaitingTasks(ctx, f.phone.ID, f.now, promptPage)
	if err != nil {
		return nil, err
	}
	for i := range waiting {
		t := &waiting[i].Task
		if ahead := t.Due.Sub(f.now); ahead >= promptLeast && ahead <= promptMost && !asked(f.methods, t.Due) {
			return t, nil
		}
	}
	return nil, nil
}

// keepPrompt keeps that a phone was asked for the slot of a task, before it is:
// it is asked once.
func (s *Service) keepPrompt(ctx context.Context, f upkeepFacts, t *db.Task, why string) error {
	m := *f.methods
	m.Prompt.Slots = slices.Clone(m.Prompt.Slots)
	m.Prompt.Slots = slices.DeleteFunc(m.Prompt.Slots, func(slot time.Time) bool { return slot.Before(f.now.Add(-promptNear)) })
	if over := len(m.Prompt.Slots) + 1 - db.MaxPrompts; over > 0 {
		m.Prompt.Slots = m.Prompt.Slots[over:]
	}
	m.Prompt.Slots = append(m.Prompt.Slots, t.Due)
	m.Prompt.Task, m.Prompt.Why = t.ID, why
	return s.keepMethods(ctx, f.session, m)
}

// prompted keeps what came of asking, and notes it as evidence of the task.
// With refused the phone is asked so no more, until it has another firmware,
// and for this slot by the next way.
func (s *Service) prompted(ctx context.Context, f upkeepFacts, kind, why, refused string) error {
	m := *f.methods
	id := m.Prompt.Task
	m.Prompt.Why = why
	if refused != "" {
		m.Prompt.Refused = append(slices.Clone(m.Prompt.Refused), refused)
		m.Prompt.Slots = m.Prompt.Slots[:max(0, len(m.Prompt.Slots)-1)]
	}
	if err := s.keepMethods(ctx, f.session, m); err != nil {
		return err
	}
	if err := s.store.NoteRepeated(ctx, id, f.now, kind, why); err != nil && !errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("note what came of asking: %w", err)
	}
	return nil
}

// explainPrompt says how a phone that is not reached comes to speak at the slot
// of a task that waits for it; "" if it is reached.
func (s *Service) explainPrompt(ctx context.Context, p *db.PhoneStatus, j *db.Job, t *db.Task) string {
	site, err := s.store.Site(ctx, p.Site)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return ""
	}
	m, err := s.methods(ctx, p.ID)
	if err != nil {
		return ""
	}
	if why := explainHandover(&p.Phone, &site, m, j, t, s.clock.Now()); why != "" {
		return why
	}
	why := unreached(p, &site)
	if why == "" {
		return ""
	}
	switch by := promptWay(&p.Phone, &site, m); {
	case asked(m, t.Due) && m.Prompt.Task == t.ID:
		return why + "; " + m.Prompt.Why
	case asked(m, t.Due):
		return why + "; it was asked before to speak at that time"
	case by == db.WayScheduleInform:
		return why + "; in its next session it is asked to inform at its slot"
	case by == db.WayPeriodicInform:
		return why + "; in its next session its periodic Informs are moved to its slot, if they do not fall into its window"
	}
	return why + ", and it takes nothing else that its site names to make it speak: it is served if it comes by itself while the window is open"
}
