package rehearsal

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"phoneacs/admin/client"
	"phoneacs/internal/app"
	"phoneacs/internal/sim"
)

const (
	adminToken = "the-token-of-the-rehearsal"
	acsHost    = "198.18.0.1" // of the networks for measurements (RFC 2544)
	newVersion = "3.1.4"
)

// TestBubble rehearses with a few hundred phones.
func TestBubble(t *testing.T) {
	n := 400
	if s := os.Getenv("N"); s != "" {
		fmt.Sscan(s, &n)
	}
	bubble(t, n)
}

// hosts are the addresses of a bubble's sites.
func hosts(site, host int) netip.Addr {
	return netip.AddrFrom4([4]byte{198, 18, byte(site + 1), byte(host)})
}

func bubble(t *testing.T, n int) {
	t.Setenv("GOGC", "200") // else the server tunes the collector each second of a clock that flies
	dir := filepath.Join(t.TempDir(), "data")
	began := time.Now()
	var results []tally
	var say func() = func() {}
	synctest.Test(t, func(t *testing.T) {
		begins := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
		time.Sleep(time.Until(begins))
		p, err := newPlan(n, 1, begins, 60*time.Hour, hosts)
		if err != nil {
			t.Fatal(err)
		}
		results, say = rehearse(t, p, dir)
	})
	say()
	for _, r := range results {
		t.Logf("%+v", r)
	}
	t.Logf("wall %v", time.Since(began))
}

func rehearse(t *testing.T, p *plan, dir string) ([]tally, func()) {
	n := newNetwork()
	for _, b := range p.branches {
		if b.reach == dark {
			n.darken(b.host)
		}
	}
	a, err := app.New(t.Context(), app.Config{
		Data: dir, CWMP: acsHost + ":7547", Admin: "127.0.0.1:8080", AdminToken: adminToken, Enrol: "approve",
		WakeGap: 10 * time.Second, Drain: 30 * time.Second, Listen: n.Listen, Dial: n.dialer(netip.MustParseAddr(acsHost)),
		LogLevel: "warn",
	}, t.Output(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	tr := &http.Transport{DialContext: n.dialer(netip.MustParseAddr("127.0.0.1"))}
	api, err := client.New(client.Options{Server: "http://127.0.0.1:8080", Token: adminToken, Transport: tr})
	if err != nil {
		t.Fatal(err)
	}
	firmware, err := p.furnish(ctx, api)
	if err != nil {
		t.Fatal(err)
	}
	accounts := make([]account, len(p.phones))
	var fleets []*sim.Fleet
	for i := range p.branches {
		b := &p.branches[i]
		fleets = append(fleets, p.fleet(b, "http://"+acsHost+":7547/acs", ways{n.dialer(b.host), n.Listen}, time.Hour, accounts))
	}
	stopFleets := crowdOf(ctx, fleets)
	time.Sleep(2 * time.Hour)
	of, err := p.phoneIDs(ctx, api)
	if err != nil || len(of) != len(p.phones) {
		t.Errorf("%d phones have enrolled, of %d: %v", len(of), len(p.phones), err)
	}
	ws := works(firmware)
	for _, w := range ws {
		if err := p.place(ctx, api, w); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(58 * time.Hour)
	if err := stopFleets(); err != nil {
		t.Error(err)
	}
	var out []tally
	for _, w := range ws {
		r, err := records(ctx, api, w, of)
		if err != nil {
			t.Fatal(err)
		}
		tallies, faults := p.judge(w, accounts, r)
		for i, f := range faults {
			if i == 20 {
				t.Errorf("and %d more", len(faults)-i)
				break
			}
			t.Error(f.says)
		}
		out = append(out, tallies...)
	}
	var sessions, failures int64
	for _, f := range fleets {
		s := f.Stats()
		sessions += s.Sessions
		failures += s.Failed
		if s.Failed+s.Breaches > 0 {
			t.Logf("%+v", s)
		}
	}
	tr.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return out, func() { t.Logf("%d sessions, %d failed", sessions, failures) }
}
