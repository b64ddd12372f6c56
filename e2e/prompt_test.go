package e2e

import (
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// TestPrompt orders a restart in a window that opens in a little while, for a
// phone that nothing leads to and that informs by itself once in an hour. In a
// session before it is asked to inform at its slot; it does, and is restarted
// within the window.
func TestPrompt(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--zone", "UTC", "--drain", "2s")
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), ListenCR: "off", PeriodicInterval: time.Hour, BootTime: 50 * time.Millisecond,
		RetryScale: 0.02, Timeout: 10 * time.Second, Behaviour: sim.Behaviour{TakesSchedule: true},
	})
	id := s.awaitPhones(t, 1, time.Minute)[0].ID
	phone := fleet.Phone(0)
	opens := time.Now().UTC().Add(25 * time.Second).Truncate(time.Minute).Add(time.Minute)
	j := s.order(t, newJob{
		Kind: "reboot", Selection: map[string]any{"phones": []string{id}},
		When: map[string]any{"window": map[string]any{
			"flexible": map[string]any{"interval_days": 1, "begin": opens.Format("15:04")},
		}},
	}.unasked())
	eventually(t, 10*time.Second, "the task to wait for its slot", func() error {
		if s.job(t, j.ID).Counts["waiting"] != 1 {
			return errNotYet
		}
		return nil
	})
	if err := phone.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	if n := phone.Ledger().Total("ScheduleInform"); n != 1 {
		t.Fatalf("asked %d times to inform; the phone was sent %v", n, phone.Ledger().Calls)
	}
	if err := phone.Inform(t.Context(), "2 PERIODIC"); err != nil { // it is not asked again
		t.Fatal(err)
	}
	done := s.awaitEnded(t, j.ID, 3*time.Minute)
	l := phone.Ledger()
	if done.Counts["succeeded"] != 1 || l.Reboots != 1 || phone.Ledger().Total("ScheduleInform") != 1 {
		t.Errorf("of the job %v; the phone restarted %d times and was sent %v", done.Counts, l.Reboots, l.Calls)
	}
	tasks := list[struct {
		Attempts []struct{ Sent time.Time }
		Evidence []struct{ What string }
	}](t, s, "/api/v1/jobs/"+j.ID+"/tasks")
	if len(tasks) != 1 || len(tasks[0].Attempts) != 1 || tasks[0].Attempts[0].Sent.Before(opens) || tasks[0].Attempts[0].Sent.After(opens.Add(time.Minute)) {
		t.Errorf("the window opened at %s: %+v", opens, tasks)
	}
	said := ""
	for _, e := range tasks[0].Evidence {
		said += e.What + "\n"
	}
	for _, want := range []string{"could not be woken: the phone has not said where it takes connection requests", "asked by ScheduleInform: it was asked to inform at its slot"} {
		if !strings.Contains(said, want) {
			t.Errorf("evidence %q; want %q", said, want)
		}
	}
}
