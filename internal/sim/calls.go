package sim

import (
	"strings"
	"time"
)

// callState is what the first line does just now, in the words of TR-104. It
// follows from the time alone: a call rings for a tenth of its length, and the
// calls of a fleet begin one after the other, not together. The phone is locked.
func (p *Phone) callState() string {
	if p.conduct.InCall {
		return "InCall"
	}
	if at := p.fleet.opts.CallAt; at != nil {
		return at(p.index, time.Now())
	}
	every, length := p.fleet.opts.CallEvery, p.fleet.opts.CallFor
	if length == 0 {
		return "Idle"
	}
	switch at := (p.fleet.now() + p.callShift()) % every; {
	case at < length/10:
		return "Ringing"
	case at < length:
		return "InCall"
	}
	return "Idle"
}

// callShift is by how much sooner than those of the first phone its calls begin.
func (p *Phone) callShift() time.Duration {
	const spread = 7919 // prime, and 4895 its golden part, so that neighbours do not call together
	return p.fleet.opts.CallEvery / time.Duration(spread) * time.Duration(p.index%spread*4895%spread)
}

// lineStatus is the registration of the first line, in the words of TR-104. The
// phone is locked.
func (p *Phone) lineStatus() string {
	switch {
	case p.conduct.LosesLines && p.life > 0:
		return "Error"
	case p.fleet.now() < p.bootedAt+p.conduct.Registers:
		return "Registering"
	}
	return "Up"
}

// hides reports whether the phone does not know a name that says what its lines
// do; below a path it is left out.
func (b *Behaviour) hides(name string) bool {
	return b.HidesCalls && (strings.HasSuffix(name, ".CallState") || strings.HasSuffix(name, ".CallStatus"))
}

// Deliver sets the firmware that the phone comes with, before [Fleet.Run].
func (p *Phone) Deliver(software string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flash.software = software
}

// DemoHeader is in every answer of a server whose phones are all simulated.
const DemoHeader = "Phoneacs-Demo"
