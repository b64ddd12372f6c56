package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// Before an RPC that restarts a phone, or may, the phone is asked whether it is
// in a call; nothing leaves unless every line that it tells of was idle at most
// callFresh earlier. The question belongs to no attempt. What a session found
// out is kept in memory, and is void with it.

const (
	callFresh  = 2 * time.Second
	callLook   = 30 * time.Second // how often a phone in a call is looked at
	callsWhile = 2 * time.Hour    // and for how long it is woken for it
	// maxLooks is how often the lines are read in one session, where that takes
	// so long that what was read first is too old.
	maxLooks = 3
)

// guarded says what is to become of a task that is about to be sent. The zero
// guarded is: it may be.
type guarded struct {
	ask      cwmp.Message // first the phone is to be asked
	wait     bool         // it stays ready: the phone is in a call
	skip     string       // why the phone is passed over
	until    time.Time    // when it is too late to send
	lines    []string     // that are registered, and expected to be so again
	evidence []string
}

// guard says whether a task may be sent into what the phone is doing.
func (s *Service) guard(ctx context.Context, sess db.Session, f facts, k kind) (g guarded, err error) {
	if !mayRestart(f, k) {
		return g, nil
	}
	if f.job.Calls == db.CallsIgnore {
		return guarded{evidence: []string{"not asked whether it is in a call: the order is for phones in calls, too"}}, nil
	}
	c := s.guards.of(sess.Phone.ID, sess.Token)
	if c.busy == "" && !c.settled(f.now) {
		if _, held, err := s.store.Held(ctx, f.phone.ID); err != nil {
			return g, fmt.Errorf("hold of %v: %w", f.phone.ID, err)
		} else if held && k.traits().changes {
			return guarded{wait: true}, nil // it would not be sent, so nothing is asked
		}
		msg, err := s.nextLook(ctx, sess, c, f)
		if err != nil || msg != nil {
			return guarded{ask: msg}, err
		}
	}
	switch {
	case c.busy != "":
		return guarded{wait: true}, s.waitForCall(ctx, sess, f, c)
	case c.why != "" && f.job.Calls == db.CallsSkip:
		return guarded{skip: "whether the phone is in a call cannot be read (" + c.why + "), and the order is to skip it then"}, nil
	case c.why != "":
		g.evidence = append(g.evidence, "whether the phone is in a call cannot be read ("+c.why+"); the order is to go on then")
	default:
		g.until = c.at.Add(callFresh)
		g.evidence = append(g.evidence, fmt.Sprintf("%s idle, read %s before it was sent", isAre(c.idle, "line"), span(f.now.Sub(c.at))))
	}
	if b := f.task.Busy; b != nil {
		g.evidence = append(g.evidence, fmt.Sprintf("the phone was in a call at %s; looked %s", at(b.Since), times(b.Looked+1)))
	}
	if k.traits().returns && len(c.registered) > 0 {
		g.lines = c.registered
		g.evidence = append(g.evidence, isAre(len(c.registered), "line")+" registered before it")
	}
	return g, nil
}

// waitForCall keeps that a task waits for a call to end, once for each look.
func (s *Service) waitForCall(ctx context.Context, sess db.Session, f facts, c *lineCheck) error {
	old := f.task.Busy
	if old != nil && old.At.Equal(c.at) {
		return nil
	}
	b := db.Busy{Since: c.at, At: c.at, Looked: 1, What: "the phone is in a call: " + c.busy}
	var evidence []string
	if old != nil {
		b.Since, b.Looked = old.Since, old.Looked+1
	} else {
		evidence = []string{fmt.Sprintf("the phone is in a call (%s): not sent into it", c.busy)}
	}
	if !c.woke { // one task is enough to wake for
		b.Wake = s.guardOver(f, &b)
	}
	if over := c.at.Sub(b.Since) >= callsWhile; over && old.At.Sub(old.Since) < callsWhile {
		evidence = append(evidence, fmt.Sprintf("still in a call %s later, after %s: not woken for it any more", span(c.at.Sub(b.Since)), counted(b.Looked, "look")))
	}
	err := s.store.NoteBusy(ctx, f.task.ID, sess.Token, b, evidence...)
	if errors.Is(err, db.ErrConflict) {
		return nil // it has moved on
	}
	if err != nil {
		return fmt.Errorf("note call of %v: %w", f.task.ID, err)
	}
	c.woke = c.woke || !b.Wake.IsZero() // and not for one that waits for its slot, of which nothing is noted
	return nil
}

// guardOver says when a phone in a call is woken to be looked at again; zero:
// it is not. After callsWhile its task waits for the sessions that it begins
// itself, each of which looks again. One of a window is not looked at after it
// has closed: when it does, the task goes to the next period.
func (s *Service) guardOver(f facts, b *db.Busy) time.Time {
	next := b.At.Add(callLook)
	if b.At.Sub(b.Since) >= callsWhile || !f.task.Closes.IsZero() && !next.Before(f.task.Closes) {
		return time.Time{}
	}
	return next
}

func explainBusy(b *db.Busy) string {
	again := "looked at again in the next session that it begins itself"
	if !b.Wake.IsZero() {
		again = "looked at again at " + at(b.Wake)
	}
	return fmt.Sprintf("%s, in a call since %s; looked %s; %s", b.What, at(b.Since), times(b.Looked), again)
}

// isAre writes a number of things with its verb: "1 line is", "2 lines are".
func isAre(n int, thing string) string {
	if n == 1 {
		return "1 " + thing + " is"
	}
	return fmt.Sprintf("%d %ss are", n, thing)
}

// times writes how often: "once", "4 times".
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
