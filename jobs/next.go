package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
)

const (
	readyPage  = 32 // ready tasks looked at in one go
	readyPages = 32 // and how often, as tasks are found to be so already
	maxURL     = 256
)

// errLongURL reports a link that TR-069 has no room for (A.3.2.8, string(256)).
// What is cut off somewhere on the way would be an attempt spent on nothing.
var errLongURL = fmt.Errorf("the URL of the file is longer than %d characters; shorten the name of the file or the URL of the site", maxURL)

// Next returns the RPC that the session is to send next, with the attempt that
// it belongs to, or nil when there is nothing more for this session. The
// attempt is durable; the caller sends the RPC at most once, and brings what
// comes back to [Service.Answered]. An attempt that the phone has accepted may
// come again with another RPC, which only reads back what the first has done.
//
// It returns ErrSuperseded if a newer session has begun.
func (s *Service) Next(ctx context.Context, sess db.Session) (cwmp.Message, db.AttemptID, error) {
	phone := sess.Phone.ID
	if sess.Phone.State != db.PhoneApproved || s.closed.isClosed(phone, sess.Token) {
		return nil, db.AttemptID{}, nil
	}
	if msg, err := s.nextUpkeep(ctx, sess); err != nil || msg != nil {
		return msg, db.AttemptID{}, err
	}
	if !mayTasks(sess) {
		return nil, db.AttemptID{}, nil
	}
	s.admitHere(ctx, phone)
	if msg, id, err := s.nextRead(ctx, sess); err != nil || msg != nil {
		return msg, id, err
	}
	for range readyPages {
		ready, err := s.store.ReadyTasks(ctx, phone, s.clock.Now(), readyPage)
		if err != nil {
			return nil, db.AttemptID{}, fmt.Errorf("ready tasks of %v: %w", phone, err)
		}
		if len(ready) == 0 {
			break
		}
		restarting, err := s.restarting(ctx, phone)
		if err != nil {
			return nil, db.AttemptID{}, err
		}
		msg, id, passed, err := s.first(ctx, sess, ready, restarting)
		if err != nil || msg != nil || s.closed.isClosed(phone, sess.Token) {
			return msg, id, err
		}
		if !passed {
			break
		}
	}
	if msg, id, err := s.nextHandover(ctx, sess); err != nil || msg != nil || !s.prompts.waits(phone, sess.Token) {
		return msg, id, err
	}
	// What this session has made wait, the phone may have to be asked for.
	msg, err := s.nextUpkeep(ctx, sess)
	return msg, db.AttemptID{}, err
}

// restarting says whether an attempt of the phone is open that holds back all
// but reads.
func (s *Service) restarting(ctx context.Context, phone db.PhoneID) (bool, error) {
	busy, _, err := s.openOf(ctx, phone)
	return busy, err
}

// openOf is restarting, and says until when the phone is woken for its lines,
// which an attempt awaits; zero: it is not.
func (s *Service) openOf(ctx context.Context, phone db.PhoneID) (restarting bool, lines time.Time, err error) {
	open, err := s.store.OpenAttempts(ctx, phone)
	if err != nil {
		return false, lines, fmt.Errorf("open attempts of %v: %w", phone, err)
	}
	for i := range open {
		k, err := kindOf(&open[i].Job)
		if err != nil {
			return false, lines, err
		}
		restarting = restarting || k.traits().exclusive
		if a := attemptOf(&open[i].Task, open[i].ID.N); a.Awaited() {
			lines = a.Lines.Shown.Add(linesTime(&open[i].Job))
		}
	}
	return restarting, lines, nil
}

// first sends the first of some ready tasks that can be. passed says that at
// least one was passed over for good, so that there may be more behind them.
func (s *Service) first(ctx context.Context, sess db.Session, ready []db.ReadyTask, restarting bool) (msg cwmp.Message, id db.AttemptID, passed bool, err error) {
	held := false
	for i := 0; i < len(ready); i++ {
		k, err := kindOf(&ready[i].Job)
		if err != nil {
			return nil, id, passed, err
		}
		t := k.traits()
		if restarting && !t.passes && (t.exclusive || t.changes) || held && t.changes {
			continue
		}
		f := facts{job: &ready[i].Job, task: &ready[i].Task, phone: &sess.Phone, quirks: s.quirks.Of(ctx, &sess.Phone), now: s.clock.Now()}
		in, moved, err := s.inWindow(ctx, &f)
		if err != nil {
			return nil, id, passed, err
		} else if in == nil {
			passed = passed || moved
			continue
		}
		rest, moved, err := s.rested(ctx, sess, &f, k, in)
		if err != nil || rest.ask != nil {
			return rest.ask, id, passed, err
		} else if rest.wait {
			passed = passed || moved
			continue
		}
		if f.file, err = s.file(ctx, f.job); err != nil && !errors.Is(err, db.ErrNotFound) {
			return nil, id, passed, err
		}
		if t.compares {
			if err := s.reported(ctx, &f); err != nil {
				return nil, id, passed, err
			}
		}
		p, err := s.passing(ctx, &f, k, true)
		if err != nil {
			return nil, id, passed, err
		}
		if p.why != "" {
			if err := s.passOver(ctx, sess, f, k, p); err != nil {
				return nil, id, passed, err
			}
			passed = true
			continue
		}
		g, err := s.guard(ctx, sess, f, k)
		switch {
		case err != nil:
			return nil, id, passed, err
		case g.ask != nil:
			return g.ask, id, passed, nil
		case g.wait:
			continue
		case g.skip != "":
			if err := s.passOver(ctx, sess, f, k, passing{why: g.skip}); err != nil {
				return nil, id, passed, err
			}
			passed = true
			continue
		}
		g.evidence = append(rest.evidence, g.evidence...)
		msg, id, err = s.send(ctx, sess, f, k, g)
		var later *db.LaterError
		var never errPart
		switch {
		case errors.Is(err, db.ErrStale):
			s.guards.spoil(sess.Phone.ID, sess.Token)
			i-- // its lines are looked at again
		case errors.As(err, &later): // it leaves in another session
		case errors.As(err, &never):
			if err := s.passOver(ctx, sess, f, k, passing{why: never.Error()}); err != nil {
				return nil, id, passed, err
			}
			passed = true
		case errors.Is(err, errLongURL):
			if err := s.passOver(ctx, sess, f, k, passing{why: err.Error()}); err != nil {
				return nil, id, passed, err
			}
			passed = true
		case errors.Is(err, db.ErrHeld):
			held = true
		case errors.Is(err, db.ErrConflict): // taken back, paused or expired this moment
			passed = passed || f.job.When.Windowed() // or its window was changed: it may still be open
		default:
			return msg, id, passed, err
		}
	}
	return nil, db.AttemptID{}, passed, nil
}

// send marks a task sent and builds its RPC.
func (s *Service) send(ctx context.Context, sess db.Session, f facts, k kind, g guarded) (cwmp.Message, db.AttemptID, error) {
	t := k.traits()
	order := db.Send{
		Task: f.task.ID, Session: sess.Token,
		Now: f.now, Deadline: f.now.Add(f.job.Args.Delay + f.job.Deadline),
		Before: f.phone.SoftwareVersion, Exclusive: t.exclusive, Changes: t.changes,
		Until: g.until, Lines: g.lines, Evidence: g.evidence, Round: f.job.Refile,
	}
	url, err := s.link(ctx, sess, f, &order)
	if err != nil {
		return nil, db.AttemptID{}, err
	}
	notice, err := s.part(ctx, f, k)
	if err != nil {
		return nil, db.AttemptID{}, err
	}
	a, err := s.store.MarkSent(ctx, order)
	if err != nil {
		if notice != nil {
			notice.drop()
		}
		return nil, db.AttemptID{}, fmt.Errorf("mark %v sent: %w", f.task.ID, err)
	}
	if t.exclusive {
		s.guards.done(f.phone.ID, sess.Token)
		s.closed.close(f.phone.ID, sess.Token)
	}
	s.log.InfoContext(ctx, "task sent", logkey.Attempt, a.Key, logkey.Kind, f.job.Kind)
	id := db.AttemptID{Task: f.task.ID, N: a.N}
	if notice != nil {
		s.leave(notice, id)
		return nil, id, nil
	}
	if msg := k.request(f, a.Key, url); msg != nil {
		return msg, id, nil
	}
	f.attempt = &a
	if err := s.plan(ctx, &f, k, id); err != nil {
		return nil, id, err
	}
	return s.readOn(ctx, sess, f, id), id, nil
}

// base is what the phone reaches us by: what its site says, else what the
// session says.
func (s *Service) base(ctx context.Context, sess db.Session) (string, error) {
	site, err := s.store.Site(ctx, sess.Phone.Site)
	switch {
	case errors.Is(err, db.ErrNotFound), err == nil && site.URL == "":
		return sess.BaseURL, nil
	case err != nil:
		return "", fmt.Errorf("site of %v: %w", sess.Phone.ID, err)
	}
	return strings.TrimRight(site.URL, "/"), nil
}

// passOver ends a task that the phone needs not or cannot be given. If an
// attempt of it was lost from sight, what already is so is its late proof.
func (s *Service) passOver(ctx context.Context, sess db.Session, f facts, k kind, p passing) error {
	v := db.Verdict{Task: f.task.ID, Session: sess.Token, Event: db.EventSkip, Now: f.now, Why: p.why}
	if f.attempt = f.task.Last(); p.already && f.attempt != nil && f.attempt.Outcome == db.OutcomeUnknown {
		v = decide(f, k.traits(), proven(p.why, "late: the attempt had been given up as unknown"), sess.Token)
	}
	_, err := s.judge(ctx, f, v)
	if errors.Is(err, db.ErrConflict) {
		return nil // it has moved on, and is not ready any more
	}
	return err
}
