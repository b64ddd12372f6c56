package rehearsal

import (
	"context"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"phoneacs/admin/client"
	"phoneacs/internal/app"
)

const (
	adminToken = "the-token-of-the-rehearsal"
	acsHost    = "198.18.0.1" // of the networks for measurements (RFC 2544)
)

// asked is the variable that has the large rehearsals run.
const asked = "PHONEACS_REHEARSAL"

// night is how phones live in a bubble. Who cannot be woken comes at least once
// in a window, also in that of Berlin, which is an hour shorter in this night.
var night = tempo{
	enrol: time.Hour, often: 150 * time.Minute, seldom: 24 * time.Hour, boot: 45 * time.Second,
	shortest: 10 * time.Second, pause: 90 * time.Minute, deadline: 30 * time.Minute, backoff: 2 * time.Minute,
}

// brief is how they live where time is short: what takes long in a bubble is
// also a clock that goes on with nothing to do. Who cannot be woken comes at
// another time of each day.
var brief = tempo{
	enrol: 10 * time.Minute, often: 42 * time.Minute, seldom: 6 * time.Hour, boot: 45 * time.Second,
	shortest: 10 * time.Second, pause: 45 * time.Minute, deadline: 10 * time.Minute, backoff: 2 * time.Minute,
}

// TestBubble rehearses with some phones on four sites, each with windows of its
// own, which are open at the same time. The firmware's are so short that many
// phones miss their slot in the first period: they are in a call, or do not come
// by themselves in time. Some of them are served on the next day, in the second.
// In Berlin it has one day of two, so some phones have their slots when all is
// over, and nothing may come of them.
func TestBubble(t *testing.T) {
	f := bubble(t, small, time.Date(2026, time.March, 29, 0, 0, 0, 0, time.UTC), smallLasts, brief, func(p *plan, works []*work) {
		for k, place := range p.places {
			weekly, day := around(p.begins.Add(25*time.Minute), time.Hour, place.location)
			weekly.days = []time.Weekday{day}
			flexible, _ := around(p.begins.Add(100*time.Minute), 20*time.Minute, place.location)
			if flexible.interval = 1; k == 0 {
				flexible.interval = 2
			}
			works[0].recurs, works[1].recurs = append(works[0].recurs, weekly), append(works[1].recurs, flexible)
		}
	})
	first, crossed := 0, 0
	for i := range f.tallies {
		first, crossed = first+f.tallies[i].restarts-f.tallies[i].crossed, crossed+f.tallies[i].crossed
	}
	if t.Logf("%d restarts in the first period, and %d in the second of who missed it", first, crossed); crossed == 0 && smallLasts > 24*time.Hour {
		t.Error("nobody was served in the next period")
	}
}

// TestFleetInBubble rehearses with 20,000 phones and one window for each work,
// which opens at each site by its own clocks: the night to Sunday, in which
// clocks change in Berlin, and the evening of Saturday or of Sunday.
func TestFleetInBubble(t *testing.T) {
	if os.Getenv(asked) == "" {
		t.Skipf("takes minutes: make rehearsal, or %s=1 go test ./e2e/rehearsal -run %s", asked, t.Name())
	}
	// Orders are given soon after midnight in New York: no window of the day before is open anywhere.
	r := bubble(t, 20_000, time.Date(2026, time.March, 28, 3, 0, 0, 0, time.UTC), 51*time.Hour, night, func(_ *plan, works []*work) {
		works[0].recurs = []recurrence{{days: []time.Weekday{time.Sunday}, begin: time.Hour, end: 5 * time.Hour}}
		works[1].recurs = []recurrence{{interval: 2, begin: 20 * time.Hour, end: 0}}
	})
	r.write(t, "bubble")
}

// hosts are the addresses of a bubble's sites.
func hosts(site, host int) netip.Addr {
	return netip.AddrFrom4([4]byte{198, 18, byte(site + 1), byte(host)})
}

// bubble rehearses in one.
func bubble(t *testing.T, n int, begins time.Time, lasts time.Duration, pace tempo, arrange func(p *plan, works []*work)) figures {
	t.Setenv("GOGC", "400") // else the server tunes the collector each second, of a clock that flies
	dir := filepath.Join(quickDir(t), "data")
	f := begin()
	synctest.Test(t, func(t *testing.T) {
		wait(t.Context(), time.Until(begins))
		p, err := newPlan(n, 1, begins, lasts, pace, hosts)
		if err != nil {
			t.Fatal(err)
		}
		f.result = p.inBubble(t, dir, arrange)
	})
	if f.phones.Failed > 0 {
		t.Errorf("%d sessions failed: %v", f.phones.Failed, f.phones.Failures)
	}
	f.peak(t, os.Getpid())
	f.end(t, dir)
	t.Logf("\n%s", f)
	return f
}

// quickDir is a directory for a store, in memory where there is such a place: a
// bubble's clock stands still while the disk is waited for, so nothing is seen
// of it but that all takes longer.
func quickDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "phoneacs-rehearsal-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// inBubble rehearses with a server of the bubble it is in.
func (p *plan) inBubble(t *testing.T, dir string, arrange func(p *plan, works []*work)) result {
	net := newNetwork()
	for _, b := range p.branches {
		if b.reach == dark {
			net.darken(b.host)
		}
	}
	cwmp, admin := netip.MustParseAddrPort(acsHost+":7547"), netip.MustParseAddrPort("127.0.0.1:8080")
	a, err := app.New(t.Context(), app.Config{
		Data: dir, CWMP: cwmp.String(), Admin: admin.String(), AdminToken: adminToken, Enrol: "approve", PublicURL: "http://" + cwmp.String(),
		WakeGap: 10 * time.Second, InformPace: 10 * time.Second, Drain: 30 * time.Second, LogLevel: "warn",
		Listen: net.Listen, Dial: net.dialer(cwmp.Addr()),
	}, t.Output(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	way := &http.Transport{DialContext: net.dialer(admin.Addr())}
	defer func() {
		way.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	api, err := client.New(client.Options{Server: "http://" + admin.String(), Token: adminToken, Transport: way})
	if err != nil {
		t.Fatal(err)
	}
	return p.rehearse(t, scene{api, "http://" + cwmp.String() + "/acs", func(b *branch) ways {
		return ways{net.dialer(b.host), net.Listen}
	}}, arrange)
}
