package rehearsal

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"sort"
	"time"
)

// A reach is how a phone can be asked to begin a session.
type reach uint8

const (
	wakeable reach = iota // by a connection request
	refusing              // nothing listens where it says that it does
	dark                  // what is sent there gets lost
	nameless              // it names no URL for it
	asleep                // nor does it ever come by itself, once it has enrolled
)

// A habit is how a phone takes orders.
type habit uint8

const (
	sound    habit = iota
	balks          // answers Reboot with fault 9002
	forgets        // accepts a Download and does nothing
	rejects        // reports the file to be corrupted
	stumbles       // answers its first Download with fault 9010
)

// A trait is what is known of a phone beforehand.
type trait struct {
	site   int
	branch int
	reach  reach
	habit  habit
	calls  []call // in order, apart from each other
}

// A call of a phone's first line.
type call struct{ begins, ends time.Time }

// A branch is phones behind one address: a fleet.
type branch struct {
	site   int
	reach  reach
	host   netip.Addr
	first  int // of the plan's phones
	phones int
	delay  time.Duration // before each message
}

// A place is a site with its part of the phones.
type place struct {
	name, zone string
	location   *time.Location
	network    netip.Prefix
	id         string // as the server has it
}

// A plan says what there is, and from that what must come of it.
type plan struct {
	begins   time.Time
	lasts    time.Duration
	places   []place
	branches []branch
	phones   []trait
}

// zones are where the sites are: with summer time, with other summer time, with
// none and an odd offset, and with half an hour of it.
var zones = []struct{ name, zone string }{
	{"Berlin", "Europe/Berlin"}, {"New York", "America/New_York"},
	{"Kathmandu", "Asia/Kathmandu"}, {"Lord Howe", "Australia/Lord_Howe"},
}

// Shares of the phones.
const (
	unwakeable = 0.30
	sleepers   = 0.01 // of all; they count among the unwakeable
	failing    = 0.02
	calling    = 1.0 / 3
	crowd      = 500 // phones of a branch at most
)

// newPlan deals n phones out to sites, branches and habits, from begins on. The
// same arguments give the same plan. Site k has the network hosts(k, 0)/24.
func newPlan(n int, seed uint64, begins time.Time, lasts time.Duration, hosts func(site, host int) netip.Addr) (*plan, error) {
	p := &plan{begins: begins, lasts: lasts}
	for k, z := range zones {
		l, err := time.LoadLocation(z.zone)
		if err != nil {
			return nil, fmt.Errorf("plan: %w", err)
		}
		p.places = append(p.places, place{name: z.name, zone: z.zone, location: l, network: netip.PrefixFrom(hosts(k, 0), 24)})
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	for k := range p.places {
		share := n / len(p.places)
		if k == len(p.places)-1 {
			share = n - len(p.phones)
		}
		p.settle(k, share, rng, hosts)
	}
	for i := range p.phones {
		if rng.Float64() < calling {
			p.phones[i].calls = p.chatter(rng)
		}
	}
	return p, nil
}

// settle puts phones on a site.
func (p *plan) settle(site, n int, rng *rand.Rand, hosts func(site, host int) netip.Addr) {
	cannot := int(unwakeable*float64(n) + 0.5)
	sleep := max(1, int(sleepers*float64(n)+0.5))
	shares := []int{n - cannot, cannot / 3, cannot / 2, cannot - cannot/3 - cannot/2 - sleep, sleep}
	host := 2
	for r, share := range shares {
		for share > 0 {
			b := branch{
				site: site, reach: reach(r), host: hosts(site, host), first: len(p.phones), phones: min(share, crowd),
				delay: time.Duration(50+rng.IntN(900)) * time.Millisecond,
			}
			for range b.phones {
				t := trait{site: site, branch: len(p.branches), reach: b.reach}
				if b.reach != asleep && rng.Float64() < failing {
					t.habit = balks + habit(rng.IntN(4))
				}
				p.phones = append(p.phones, t)
			}
			p.branches = append(p.branches, b)
			share -= b.phones
			host++
		}
	}
}

// chatter draws the calls of a phone: pauses of 1 to 90 minutes between calls of
// 15 seconds to 90 minutes, short ones being as likely as long ones ten times
// their length.
func (p *plan) chatter(rng *rand.Rand) (calls []call) {
	at := p.begins.Add(-time.Duration(rng.IntN(5400)) * time.Second)
	for end := p.begins.Add(p.lasts); at.Before(end); {
		length := time.Duration(15 * math.Pow(360, rng.Float64()) * float64(time.Second))
		calls = append(calls, call{at, at.Add(length)})
		at = at.Add(length + time.Minute + time.Duration(rng.IntN(89*60))*time.Second)
	}
	return calls
}

// calls gives the call in which a phone is at a time.
func (t *trait) call(at time.Time) (c call, ok bool) {
	i := sort.Search(len(t.calls), func(i int) bool { return t.calls[i].ends.After(at) })
	if i == len(t.calls) || at.Before(t.calls[i].begins) {
		return call{}, false
	}
	return t.calls[i], true
}

// line is the state of the first line, in the words of TR-104.
func (t *trait) line(at time.Time) string {
	switch c, ok := t.call(at); {
	case !ok:
		return "Idle"
	case at.Sub(c.begins) < c.ends.Sub(c.begins)/10:
		return "Ringing"
	}
	return "InCall"
}
