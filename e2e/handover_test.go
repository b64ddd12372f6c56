package e2e

import (
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// TestHandover orders firmware in a window that opens in a little while, at a
// site whose phones take windows over. One does in a session before, and fetches
// by itself, though the server is killed and no session of it comes meanwhile;
// the other does not know how, and is served at its slot.
func TestHandover(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, dir, "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--zone", "UTC", "--drain", "2s")
	s.call(t, "PATCH", "/api/v1/sites/s1", map[string]any{"ways": []string{"http", "schedule-download"}}, nil)
	options := sim.Options{
		ACS: s.ACS(), Models: []string{"X6"}, PeriodicInterval: time.Hour, BootTime: 50 * time.Millisecond,
		RetryScale: 0.02, Timeout: 10 * time.Second, Behaviour: sim.Behaviour{TakesWindows: true},
	}
	able := runFleet(t, options).Phone(0)
	options.Behaviour, options.Seed, options.Start = sim.Behaviour{}, 2, sim.MAC{0x0c, 0x38, 0x3e, 1, 0, 1}
	plain := runFleet(t, options).Phone(0)
	s.awaitPhones(t, 2, time.Minute)
	image := sim.FirmwareImage([]string{"X6"}, "9.9.9", 3000)
	file := s.addFile(t, "X6-9.9.9.z", "firmware", "X6", "9.9.9", image)
	opens := time.Now().UTC().Add(25 * time.Second).Truncate(time.Minute).Add(time.Minute)
	order := newJob{
		Kind: "download", Args: map[string]any{"file": file}, Selection: map[string]any{"all": true}, Deadline: "5m",
		When: map[string]any{"window": map[string]any{"flexible": map[string]any{"interval_days": 1, "begin": opens.Format("15:04")}}},
	}
	j := s.order(t, order)
	eventually(t, 10*time.Second, "the tasks to wait for their slots", func() error {
		if s.job(t, j.ID).Counts["waiting"] != 2 {
			return errNotYet
		}
		return nil
	})
	for _, p := range []*sim.Phone{able, plain} {
		if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
			t.Fatal(err)
		}
	}
	if n, m := able.Ledger().Total("ScheduleDownload"), plain.Ledger().Total("ScheduleDownload"); n != 1 || m != 0 {
		t.Fatalf("the phones were sent it %d and %d times", n, m)
	}
	if j := s.job(t, j.ID); j.Counts["proving"] != 1 || j.Counts["waiting"] != 1 {
		t.Errorf("before the window: %v", j.Counts)
	}
	s.Kill()
	checkStore(t, dir)
	s.Start()
	done := s.awaitEnded(t, j.ID, 4*time.Minute)
	if done.Counts["succeeded"] != 2 || able.Ledger().Total("Download") != 0 || plain.Ledger().Total("Download") != 1 {
		t.Errorf("of the job %v; the phones were sent %v and %v", done.Counts, able.Ledger().Calls, plain.Ledger().Calls)
	}
	if l := able.Ledger(); len(l.Applied) != 1 || l.Applied[0].Bytes != int64(len(image)) || len(l.Breaches) != 0 {
		t.Errorf("applied %+v; breaches %+v", l.Applied, l.Breaches)
	}
	tasks := list[struct {
		Attempts []struct {
			Sent     time.Time
			Handover *struct{ From, Until time.Time }
		}
		Evidence []struct {
			What string
			Time time.Time
		}
	}](t, s, "/api/v1/jobs/"+j.ID+"/tasks")
	handed := 0
	for _, task := range tasks {
		if len(task.Attempts) != 1 {
			t.Errorf("attempts %+v", task.Attempts)
			continue
		}
		a := task.Attempts[0]
		if a.Handover == nil {
			if a.Sent.Before(opens) {
				t.Errorf("sent at %s, before the window", a.Sent)
			}
			continue
		}
		handed++
		if !a.Sent.Before(opens) || a.Handover.From.Before(opens) || !a.Handover.From.Before(a.Handover.Until) {
			t.Errorf("the window opens at %s: %+v", opens, a)
		}
		said := ""
		for _, e := range task.Evidence {
			said += e.What + "\n"
			if strings.HasPrefix(e.What, "the phone reports version") && e.Time.Before(a.Handover.From) {
				t.Errorf("proven at %s, before its slot at %s", e.Time, a.Handover.From)
			}
		}
		for _, want := range []string{"the phone has taken the window over", "1 line is registered before it", "the phone reports version 9.9.9", "1 line is registered again, read"} {
			if !strings.Contains(said, want) {
				t.Errorf("evidence %q; want %q", said, want)
			}
		}
	}
	if handed != 1 {
		t.Errorf("%d tasks were handed over: %+v", handed, tasks)
	}
}
