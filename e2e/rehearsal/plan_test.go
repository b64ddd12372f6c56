package rehearsal

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
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

var (
	reachNames = [...]string{"wakeable", "refusing", "dark", "nameless", "asleep"}
	habitNames = [...]string{"sound", "balks", "forgets", "rejects", "stumbles"}
)

// A trait is what is known of a phone beforehand.
type trait struct {
	site  int
	reach reach
	habit habit
	calls []call // in order, apart from each other
}

func (t *trait) String() string { return reachNames[t.reach] + ", " + habitNames[t.habit] }

// A branch is phones behind one address: a fleet.
type branch struct {
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

// A tempo is how fast everything goes.
type tempo struct {
	enrol         time.Duration // within which all phones come for the first time
	often, seldom time.Duration // between periodic informs: of phones that cannot be woken, and of the others
	boot          time.Duration // a restart takes once to twice this
	shortest      time.Duration // call; the longest lasts 360 times as long
	pause         time.Duration // between calls, at most
	deadline      time.Duration // of an attempt
	backoff       time.Duration // before the second attempt
}

// A plan says what there is, and from that what must come of it.
type plan struct {
	tempo
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

// newPlan deals n phones out to sites, branches and habits, for a rehearsal from
// begins on. The same arguments give the same plan. Site k has the network
// hosts(k, 0)/24.
func newPlan(n int, seed uint64, begins time.Time, lasts time.Duration, pace tempo, hosts func(site, host int) netip.Addr) (*plan, error) {
	p := &plan{tempo: pace, begins: begins, lasts: lasts}
	rng := rand.New(rand.NewPCG(seed, 0))
	for k, z := range zones {
		l, err := time.LoadLocation(z.zone)
		if err != nil {
			return nil, fmt.Errorf("plan: %w", err)
		}
		p.places = append(p.places, place{name: z.name, zone: z.zone, location: l, network: netip.PrefixFrom(hosts(k, 0), 24)})
		share := n / len(zones)
		if k == len(zones)-1 {
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

// settle puts n phones on a site.
func (p *plan) settle(site, n int, rng *rand.Rand, hosts func(site, host int) netip.Addr) {
	cannot := int(unwakeable*float64(n) + 0.5)
	sleep := max(1, int(sleepers*float64(n)+0.5))
	host := 2
	for r, share := range []int{n - cannot, cannot / 3, cannot / 2, cannot - cannot/3 - cannot/2 - sleep, sleep} {
		for share > 0 {
			b := branch{
				reach: reach(r), host: hosts(site, host), first: len(p.phones), phones: min(share, crowd),
				delay: time.Duration(50+rng.IntN(900)) * time.Millisecond,
			}
			for range b.phones {
				t := trait{site: site, reach: b.reach}
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
