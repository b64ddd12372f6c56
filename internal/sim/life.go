package sim

import (
	"context"
	"errors"
	"strconv"
	"time"
)

// ErrPowerCut reports a session that ended because the phone lost its power.
var ErrPowerCut = errors.New("power cut")

// switchOn lets the phone boot for the first time.
func (p *Phone) switchOn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.fleet.opts.Known {
		p.flash.events |= evBootstrap
	}
	p.up = false
	p.bootAt = p.fleet.now() + time.Duration(p.random()*float64(p.fleet.opts.Spread))
	p.reschedule()
}

// PowerCut takes the power and gives it back: the session and the fetch break
// off, and the phone boots after [Options.BootTime].
func (p *Phone) PowerCut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ledger.PowerCuts++
	p.fleet.stats.powerCuts.Add(1)
	p.goDown()
}

// restart is a restart on the phone's own account; the phone is locked and in
// no session.
func (p *Phone) restart() {
	p.ledger.Reboots++
	p.fleet.stats.reboots.Add(1)
	p.saw(SawRestart, "", "")
	if p.resetDue {
		p.ledger.FactoryResets++
		p.flash = flash{software: p.flash.software, next: p.flash.next, events: evBootstrap}
	}
	p.goDown()
}

// goDown loses what is in memory and plans the boot.
func (p *Phone) goDown() {
	p.life++
	p.up, p.inSession, p.fetching = false, false, false
	for _, stop := range []*context.CancelCauseFunc{&p.endSession, &p.endFetch} {
		if *stop != nil {
			(*stop)(ErrPowerCut)
			*stop = nil
		}
	}
	p.memory = memory{sessionAt: never, periodicAt: never}
	bootTime := float64(p.fleet.opts.BootTime)
	p.bootAt = p.fleet.now() + time.Duration(bootTime*(1+p.random()))
	if bootTime == 0 {
		p.boot()
	}
	p.reschedule()
	p.signal()
}

// boot brings the phone up: what was flashed is in force, what was fetched in
// vain is fetched again, and the ACS is told.
func (p *Phone) boot() {
	now := p.fleet.now()
	p.up, p.bootedAt, p.bootAt = true, now, never
	p.talks = talks{since: now}
	p.flash.events &^= lostAtRestart
	p.flash.events |= evBoot
	p.flash.software = orDefault(p.flash.next, p.flash.software)
	p.flash.next = ""
	for _, t := range p.flash.transfers {
		t.arm(now)
	}
	p.sessionAt = now
	p.periodicAt = never
	if every := p.interval(); every > 0 {
		p.periodicAt = now + time.Duration((1-p.random())*float64(every))
	}
	p.saw(SawBoot, "", "")
	p.signal()
}

// turn does what is due and gives the work that takes longer, if any: a fetch
// or a session. What is due beside it gets another turn.
func (p *Phone) turn(ctx context.Context) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.reschedule()
	now := p.fleet.now()
	if !p.up {
		if p.bootAt > now {
			return nil
		}
		p.boot()
	}
	if p.periodicAt <= now {
		p.flash.events |= evPeriodic
		p.planPeriodic()
		p.sessionAt = min(p.sessionAt, now)
	}
	p.tellScheduled(now)
	if t := p.nextTransfer(); t != nil && t.due <= now && !p.fetching {
		return p.beginFetch(ctx, t)
	}
	if p.sessionAt <= now && !p.inSession {
		s, ctx, stop := p.begin(ctx)
		return func() {
			defer stop(nil)
			_ = s.live(ctx) // the ledger tells
		}
	}
	return nil
}

// reschedule files the phone under the next time it has something to do.
func (p *Phone) reschedule() {
	at := p.bootAt
	if p.up {
		at = p.periodicAt
		if !p.inSession {
			at = min(at, p.sessionAt)
		}
		at = min(at, p.nextScheduled())
		if t := p.nextTransfer(); t != nil && !p.fetching {
			at = min(at, t.due)
		}
	}
	p.fleet.sched.set(p, at)
}

// planPeriodic files the next periodic inform, skipping those that were missed.
func (p *Phone) planPeriodic() {
	every, now := p.interval(), p.fleet.now()
	switch {
	case every <= 0:
		p.periodicAt = never
	case p.periodicAt == never || p.periodicAt+every <= now:
		p.periodicAt = now + every
	default:
		p.periodicAt += every
	}
}

// interval is the pause between periodic informs, 0 when there are none. What
// the ACS set goes before the options, which also know parts of a second.
func (p *Phone) interval() time.Duration {
	if p.setting("ManagementServer.PeriodicInformEnable") != "true" && p.setting("ManagementServer.PeriodicInformEnable") != "1" {
		return 0
	}
	if v, ok := p.flash.params[p.model.root+"ManagementServer.PeriodicInformInterval"]; ok {
		n, _ := strconv.Atoi(v)
		return time.Duration(n) * time.Second
	}
	if p.fleet.opts.Manual {
		return 0
	}
	return max(0, p.fleet.opts.PeriodicInterval)
}
