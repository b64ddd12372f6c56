package e2e

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// gapConduct is dealt out to the phones of TestGapZero. All begin their next
// session in the instant that the last one ends; some make it hard to tell
// which session a message belongs to.
var gapConduct = []sim.Behaviour{
	{GapZero: true},
	{GapZero: true, StaleCookie: true},
	{GapZero: true},
	{GapZero: true, NoCookie: true},
	{GapZero: true},
	{GapZero: true, NewConnEachPost: true},
	{GapZero: true, DownloadNow: true},
	{GapZero: true, DoubleInform: true},
}

// TestGapZero holds that tasks meet no session twice where sessions follow one
// another without a pause: so many tasks give so many Download requests, each
// with a key of its own, all in effect once and all succeeded at the first
// attempt, whatever phones do with cookies and connections.
func TestGapZero(t *testing.T) {
	phones, jobs := 200, 50
	if testing.Short() {
		phones, jobs = 40, 25
	}
	began := time.Now()
	dir := t.TempDir()
	s := startServer(t, dir, "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--log-level", "warn", "--drain", "2s")
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: phones, PeriodicInterval: -1, RetryScale: 0.02, Concurrency: 64,
	})
	s.awaitPhones(t, phones, time.Minute)
	file := s.addFile(t, "gap.cfg", "config", "", "", fmt.Appendf(nil, "%2000s", "gap"))
	var ids []string
	for range jobs {
		ids = append(ids, s.order(t, downloadNow(file, map[string]any{"all": true})).ID)
	}
	// Should no wake arrive, each phone begins by itself.
	var all sync.WaitGroup
	for i := range phones {
		p := fleet.Phone(i)
		p.Set(gapConduct[i%len(gapConduct)])
		all.Go(func() { _ = p.Inform(t.Context(), "2 PERIODIC") }) // that it failed is in the ledger
	}
	all.Wait()
	for _, id := range ids {
		s.awaitEnded(t, id, 4*time.Minute)
	}
	for i := range phones {
		fleet.Phone(i).Set(sim.Behaviour{})
	}
	eventually(t, time.Minute, "phones at rest", func() error {
		if n := fleet.Stats().Active; n > 0 {
			return fmt.Errorf("%d sessions are open", n)
		}
		return nil
	})

	a := takeAccount(t, s, fleet)
	a.conduct = func(string) sim.Behaviour { return sim.Behaviour{} }
	a.verify(t)
	want := phones * jobs
	if a.states["succeeded"] != want || len(a.tasks) != want {
		t.Errorf("%d tasks are %v; want %d, all succeeded", len(a.tasks), a.states, want)
	}
	if a.attempts != want || len(a.keys) != want || a.received != want || a.applied != want {
		t.Errorf("%d attempts with %d keys, %d requests received, %d files in effect; want %d of each",
			a.attempts, len(a.keys), a.received, a.applied, want)
	}
	if err := s.Term(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	checkStore(t, dir)
	st := fleet.Stats()
	t.Logf("%d phones took %d downloads in %d sessions (%d failed: %v) within %v",
		phones, a.received, st.Sessions, st.Failed, st.Failures, time.Since(began).Round(100*time.Millisecond))
}
