package rehearsal

import (
	"strings"
	"time"

	"phoneacs/internal/sim"
)

// An asking is one request of the server that restarts or transfers.
type asking struct {
	at       time.Time
	rpc, key string
}

// job is the job that a CommandKey belongs to: j17 of j17-p1042-2-k3f9.
func (a asking) job() string { j, _, _ := strings.Cut(a.key, "-"); return j }

// A look is when a phone's line was last read, and what was told.
type look struct {
	at    time.Time
	state string
}

// A restart is one of a phone, with what led to it.
type restart struct {
	at    time.Time
	asked asking // the last one before
	look  look   // the last one before; zero: none since the phone came up
}

// An account is what a phone says of itself. It is written with the phone
// locked, and read when the fleet has ended.
type account struct {
	asked    []asking
	restarts []restart
	busy     []time.Time // when its line was read and was not idle
	last     look
	sessions []time.Time // when each began
}

// watch keeps the account of a branch's phones.
func (b *branch) watch(accounts []account) func(sim.Sighting) {
	return func(s sim.Sighting) {
		a, now := &accounts[b.first+s.Phone], time.Now()
		switch s.What {
		case sim.SawSession:
			a.sessions = append(a.sessions, now)
		case sim.SawRequest:
			if s.Detail == "Reboot" || s.Detail == "Download" {
				a.asked = append(a.asked, asking{now, s.Detail, s.Key})
			}
		case sim.SawLine:
			a.last = look{now, s.Detail}
			if s.Detail != "Idle" {
				a.busy = append(a.busy, now)
			}
		case sim.SawRestart:
			r := restart{at: now, look: a.last}
			if len(a.asked) > 0 {
				r.asked = a.asked[len(a.asked)-1]
			}
			a.restarts = append(a.restarts, r)
		case sim.SawBoot:
			a.last = look{}
		}
	}
}
