package e2e

import (
	"errors"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

var errNotYet = errors.New("not yet")

// TestWindow orders in a window that is open now and in one that is not, of a
// fleet that speaks by itself, and kills the server while it is served. Who is
// in its window is served once; who is not, not at all.
func TestWindow(t *testing.T) {
	const phones = 20
	dir := t.TempDir()
	s := startServer(t, dir, "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--zone", "UTC", "--drain", "2s")
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: phones, PeriodicInterval: time.Second, Spread: time.Second,
		BootTime: 50 * time.Millisecond, RetryScale: 0.02, Timeout: 10 * time.Second,
	})
	known := s.awaitPhones(t, phones, time.Minute)
	dial := func(d time.Duration) string { return time.Now().UTC().Add(d).Format("15:04") }
	in := func(begin, end time.Duration, kind string) job {
		return s.order(t, newJob{
			Kind: kind, Selection: map[string]any{"all": true}, Deadline: "5s", Retry: map[string]any{"max": 0},
			When: map[string]any{"missed": "rest", "window": map[string]any{
				"flexible": map[string]any{"interval_days": 1, "begin": dial(begin), "end": dial(end)},
			}},
		})
	}
	open := in(-time.Hour, 20*time.Minute, "reboot")
	shut := in(8*time.Hour, 10*time.Hour, "reboot")
	for range 3 {
		eventually(t, time.Minute, "some phone to be served", func() error {
			if j := s.job(t, open.ID); j.Counts["waiting"]+j.Counts["ready"] == phones {
				return errNotYet
			}
			return nil
		})
		s.Kill()
		checkStore(t, dir)
		s.Start()
	}
	s.awaitEnded(t, open.ID, 3*time.Minute)
	reboots := 0
	for i := range phones {
		n := fleet.Phone(i).Ledger().Reboots
		if reboots += n; n > 1 {
			t.Errorf("phone %d was restarted %d times", i, n)
		}
	}
	done := s.job(t, open.ID)
	if done.Counts["succeeded"]+done.Counts["failed"] != phones || done.Counts["succeeded"] > reboots {
		t.Errorf("of %d phones, %d restarted: %v", phones, reboots, done.Counts)
	}
	if j := s.job(t, shut.ID); j.Counts["waiting"] != phones {
		t.Errorf("of the job whose window is shut: %v", j.Counts)
	}
	all := list[struct {
		Due    time.Time
		Why    string
		Window struct {
			Opens, Closes time.Time
			Zone          string
		}
	}](t, s, "/api/v1/jobs/"+shut.ID+"/tasks")
	if len(all) != phones || len(known) != phones || all[0].Window.Zone != "UTC" || all[0].Due.Before(all[0].Window.Opens) || !all[0].Due.Before(all[0].Window.Closes) {
		t.Errorf("what waits: %+v", all)
	}
	s.call(t, "POST", "/api/v1/jobs/"+shut.ID+"/cancel", nil, nil)
	s.awaitEnded(t, shut.ID, time.Minute)
}
