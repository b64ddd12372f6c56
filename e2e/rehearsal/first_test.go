package rehearsal

import (
	"context"
	"net/http"
	"net/netip"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"phoneacs/admin/client"
	"phoneacs/internal/app"
	"phoneacs/internal/sim"
)

func TestFirst(t *testing.T) {
	t.Setenv("GOGC", "200")
	dir := filepath.Join(t.TempDir(), "data")
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)))
		n := newNetwork()
		const token = "the-token-of-the-rehearsal"
		a, err := app.New(t.Context(), app.Config{
			Data: dir, CWMP: "198.18.0.1:7547", Admin: "127.0.0.1:8080", AdminToken: token, Enrol: "approve",
			WakeGap: 10 * time.Second, Drain: 30 * time.Second, Listen: n.Listen, Dial: n.dialer(netip.MustParseAddr("198.18.0.1")),
			LogLevel: "info",
		}, t.Output(), nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- a.Run(ctx) }()
		tr := &http.Transport{DialContext: n.dialer(netip.MustParseAddr("127.0.0.1"))}
		api, err := client.New(client.Options{Server: "http://127.0.0.1:8080", Token: token, Transport: tr})
		if err != nil {
			t.Fatal(err)
		}
		site, err := api.CreateSite(ctx, client.Site{Name: "Berlin", Zone: "Europe/Berlin", Networks: []string{"198.18.1.0/24"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.CreateEnrolmentRule(ctx, client.NewEnrolmentRule{Network: "198.18.1.0/24", Action: "approve", Site: site.ID}); err != nil {
			t.Fatal(err)
		}
		f := sim.New(sim.Options{ACS: "http://198.18.0.1:7547/acs", Phones: 100, PeriodicInterval: 2 * time.Hour, Spread: 5 * time.Minute, BootTime: time.Minute,
			ListenCR: "198.18.1.2:80", Listen: n.Listen, Dial: n.dialer(netip.MustParseAddr("198.18.1.2"))})
		fleet := make(chan error, 1)
		fctx, fstop := context.WithCancel(ctx)
		go func() { fleet <- f.Run(fctx) }()
		time.Sleep(time.Hour)
		j, err := api.CreateJob(ctx, client.NewJob{Kind: "reboot", Selection: client.Selection{All: true}, When: client.When{At: time.Now().Add(time.Hour)}}, "")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Hour)
		if j, err = api.GetJob(ctx, j.ID); err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v", j)
		t.Logf("%+v", f.Stats())
		tr.CloseIdleConnections()
		fstop()
		t.Log(<-fleet)
		stop()
		t.Log(<-ended)
	})
}
