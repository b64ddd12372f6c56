package sim

import (
	"errors"
	"time"
)

// conclude ends a session, which failed with err or was cut off from outside:
// it settles the books, and plans what the phone owes or does next.
func (p *Phone) conclude(s *session, err error, cut bool) {
	took := p.fleet.now() - s.began
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fleet.stats.active.Add(-1)
	defer func() { p.fleet.stats.concluded(err, cut, took) }()
	defer p.signal()

	p.ledger.Posts += s.c.posts
	var breach *BreachError
	switch {
	case cut:
		p.ledger.Cut++
	case err == nil:
		p.ledger.Sessions++
	default:
		p.ledger.Failed++
	}
	if errors.As(err, &breach) {
		p.breach(breach.Breach)
	}
	if err != nil {
		p.ledger.LastError = err.Error()
	}
	if p.life != s.life {
		return // the phone has forgotten this session
	}
	p.inSession, p.endSession = false, nil
	p.jar = nil
	if s.conduct.StaleCookie {
		p.jar = s.c.jar
	}
	if c := s.c.auth.challenge; c.nonce != "" && s.conduct.habits.auth.oneNonce {
		p.challenge = &c
	}
	now := p.fleet.now()
	p.setLater()
	for _, t := range p.flash.transfers {
		t.arm(now)
	}
	switch {
	case err == nil:
		p.retry, p.repeat = 0, nil
		if s.conduct.GapZero {
			p.flash.events |= evPeriodic
			p.sessionAt = now
		}
		if every := s.conduct.habits.inform.every; every > 0 {
			p.flash.events |= evPeriodic
			p.sessionAt = min(p.sessionAt, now+every)
		}
	case !cut:
		p.planRetry(s, now)
	}
	if p.restartDue {
		p.restart()
	}
	p.reschedule()
}

// planRetry files the next attempt. An event that came in the meantime does not
// wait for it, and a connection request that found no answer is not retried at
// all (TR-069 A.3.3.1).
func (p *Phone) planRetry(s *session, now time.Duration) {
	p.flash.events &^= evConnectionRequest
	if !s.informed && len(s.carried) == 1 && s.carried[0].code == "6 CONNECTION REQUEST" && p.retry == 0 {
		return
	}
	p.retry++
	p.repeat = nil
	if s.conduct.RepeatEvents {
		p.repeat = s.carried
	}
	wait := p.retryWait()
	p.ledger.wait(p.retry, wait)
	p.sessionAt = min(p.sessionAt, now+wait)
}
