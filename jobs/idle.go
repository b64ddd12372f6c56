package jobs

import (
	"context"
	"fmt"
	"time"

	"phoneacs/db"
)

// A weekly window may ask that a phone has been idle for some time, from its slot
// on, before it is given a task, whatever that does. The phone is woken at its
// slot as for any task, and looked at; it is woken again when the time would be
// over. What it counts of its calls in between must stand still. A phone that
// does not count them is idle from its slot on, or from when it was last found in
// a call, as far as can be known: the evidence says which of the two it was.
//
// So with idle time a phone has one session more, at least. One that is not
// reached at its slot is idle from the first look on, which may be one before the
// slot, if the window is open.

// rested says whether the phone of a task has been idle for as long as its window
// asks for. One that has not waits; moved says that it waits for the next period.
func (s *Service) rested(ctx context.Context, sess db.Session, f *facts, k kind, in *opening) (g guarded, moved bool, err error) {
	if in.slots == nil || in.slots.window.Inactivity() == 0 {
		return g, false, nil
	}
	w := idleWait{need: in.slots.window.Inactivity(), from: in.slot.At, in: in}
	if f.job.Calls == db.CallsIgnore {
		g.evidence = append(g.evidence, fmt.Sprintf("its idle time of %s is counted by the clock alone", span(w.need)))
		return s.waitIdle(ctx, sess, f, g, w)
	}
	c := s.guards.of(f.phone.ID, sess.Token)
	c.wanted = true
	if w.asks(c, f.now) {
		if _, held, err := s.store.Held(ctx, f.phone.ID); err != nil {
			return g, false, fmt.Errorf("hold of %v: %w", f.phone.ID, err)
		} else if held && k.traits().changes {
			return guarded{wait: true}, false, nil
		}
		msg, err := s.nextLook(ctx, sess, c, *f)
		if err != nil || msg != nil {
			return guarded{ask: msg}, false, err
		}
	}
	switch {
	case c.busy != "":
		return guarded{wait: true}, false, s.waitBusy(ctx, sess, f, c, in)
	case c.why != "":
		g.evidence = append(g.evidence, fmt.Sprintf("its idle time of %s is counted by the clock alone: its lines cannot be read (%s)", span(w.need), c.why))
		return s.waitIdle(ctx, sess, f, g, w)
	}
	w.from, w.moved = later(w.from, c.since()), c.moved
	g.evidence = append(g.evidence, w.seen(c, f.now))
	return s.waitIdle(ctx, sess, f, g, w)
}

// An idleWait is how long a phone is to be idle, and from when on it is.
type idleWait struct {
	need  time.Duration
	from  time.Time
	moved string // why it is not from before, as a clause
	in    *opening
}

func (w *idleWait) over() time.Time { return w.from.Add(w.need) }

// asks says whether its lines have to be looked at to know: in each session once,
// and again if its time would be over and what was read is too old.
func (w *idleWait) asks(c *lineCheck, now time.Time) bool {
	switch {
	case c.why != "" || c.counted && c.busy != "":
		return false
	case !c.counted:
		return true
	}
	return !c.settled(now) && !now.Before(later(w.from, c.since()).Add(w.need))
}

// seen is how it is known that the phone was idle.
func (w *idleWait) seen(c *lineCheck, now time.Time) string {
	what := fmt.Sprintf("idle for %s, from %s on", span(now.Sub(w.from).Truncate(time.Second)), at(w.from))
	n := counted(len(c.lines.Counters), "counter") + " of calls stood still"
	switch {
	case len(c.lines.Counters) == 0:
		return fmt.Sprintf("%s, whenever its lines were looked at; a call in between is not seen, as it does not count them (%s)", what, c.uncounted())
	case c.zero:
		return what + ": " + n + ", all at 0, as they would if it counted none"
	}
	return what + ": " + n
}

// waitIdle has a task wait until its phone has been idle for long enough, or for
// the next period if its window closes before that. Before the slot nothing is
// done: its slot wakes it. That it waits is durable, and by the same index as its
// slot was, so that a phone which is not reached is asked to speak then.
func (s *Service) waitIdle(ctx context.Context, sess db.Session, f *facts, g guarded, w idleWait) (guarded, bool, error) {
	switch {
	case w.in.slot.At.After(f.now):
		return guarded{wait: true}, false, nil
	case !f.now.Before(w.over()):
		return g, false, nil
	}
	slot, need := w.in.slot, span(w.need)
	p := db.Place{State: db.TaskWaiting, Due: w.over(), Opens: slot.Opens, Closes: slot.Closes, Idle: true}
	why := fmt.Sprintf("it has to be idle for %s first, and is so from %s on", need, at(w.from))
	if w.moved != "" {
		why += "; " + w.moved
	}
	gone := !p.Due.Before(slot.Closes)
	if gone {
		var next string
		p, next = w.in.slots.after(f.now, whyActive)
		why += "; " + next
	}
	moved, err := s.fileHere(ctx, f, p, why)
	if err != nil || !moved {
		return guarded{wait: true}, false, err
	}
	if w.moved != "" {
		if err := s.store.NoteEvidence(ctx, f.task.ID, 0, f.now, w.moved+"; its idle time counts anew"); err != nil {
			return g, false, fmt.Errorf("note call of %v: %w", f.task.ID, err)
		}
	}
	if s.prompts.waits(f.phone.ID, sess.Token) {
		s.upkeep.reopen(f.phone.ID, sess.Token)
	}
	return guarded{wait: true}, gone, nil
}

// waitBusy has a task whose slot has come wait for a call to end: it is ready
// meanwhile, for which its phone is looked at again and again.
func (s *Service) waitBusy(ctx context.Context, sess db.Session, f *facts, c *lineCheck, in *opening) error {
	if in.slot.At.After(f.now) {
		return nil
	}
	if f.task.State == db.TaskWaiting {
		p, why := readyIn(in.slot), whySession
		if moved, err := s.fileHere(ctx, f, p, why); err != nil || !moved {
			return err
		}
		f.task.State, f.task.Due, f.task.Idle = p.State, p.Due, p.Idle
	}
	return s.waitForCall(ctx, sess, *f, c)
}
