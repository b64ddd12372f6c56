package sim

import "time"

// callState is what the first line does just now, in the words of TR-104. It
// follows from the time alone: a call rings for a tenth of its length, and the
// calls of a fleet begin one after the other, not together. The phone is locked.
func (p *Phone) callState() string {
	if at := p.fleet.opts.CallAt; at != nil {
		return at(p.index, time.Now())
	}
	every, length := p.fleet.opts.CallEvery, p.fleet.opts.CallFor
	if length == 0 {
		return "Idle"
	}
	const spread = 7919 // prime, so that neighbours do not call together
	shift := every / time.Duration(spread) * time.Duration(p.index%spread*31%spread)
	switch at := (p.fleet.now() + shift) % every; {
	case at < length/10:
		return "Ringing"
	case at < length:
		return "InCall"
	}
	return "Idle"
}

// Deliver sets the firmware that the phone comes with, before [Fleet.Run].
func (p *Phone) Deliver(software string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flash.software = software
}

// DemoHeader is in every answer of a server whose phones are all simulated.
const DemoHeader = "Phoneacs-Demo"
