package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// TestRecall hands a config over to a phone, and takes it back: by a hold, by a
// pause whose CancelTransfer the phone carries out and whose answer is lost as
// the server is killed, and by a cancel that the phone refuses. The phone is
// woken for each, and told of no key that has ended.
func TestRecall(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, dir, "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--zone", "UTC", "--drain", "2s")
	s.call(t, "PATCH", "/api/v1/sites/s1", map[string]any{"ways": []string{"http", "schedule-download"}}, nil)
	able := sim.Behaviour{TakesWindows: true}
	phone := runFleet(t, sim.Options{
		ACS: s.ACS(), Models: []string{"X6"}, PeriodicInterval: time.Hour, BootTime: 50 * time.Millisecond,
		RetryScale: 0.02, Timeout: 10 * time.Second, Behaviour: able,
	}).Phone(0)
	s.awaitPhones(t, 1, time.Minute)
	file := s.addFile(t, "X6.cfg", "config", "X6", "", []byte("<SIP CONFIG MODULE>"))
	j := s.order(t, newJob{
		Kind: "download", Args: map[string]any{"file": file}, Selection: map[string]any{"all": true}, Deadline: "5m",
		When: map[string]any{"window": map[string]any{"flexible": map[string]any{"interval_days": 1, "begin": time.Now().UTC().Add(2 * time.Hour).Format("15:04")}}},
	})
	type view struct {
		State, Why string
		Attempts   []struct {
			Key, Outcome string
			Handover     *struct{ Recall *struct{ Refused string } }
		}
	}
	task := func() (v view) {
		if all := list[view](t, s, "/api/v1/jobs/"+j.ID+"/tasks"); len(all) == 1 {
			v = all[0]
		}
		return v
	}
	until := func(what string, ok func(view) bool) view {
		t.Helper()
		eventually(t, time.Minute, what, func() error {
			if !ok(task()) {
				return errNotYet
			}
			return nil
		})
		return task()
	}
	// handed has the phone speak until it holds its nth attempt.
	handed := func(n int) string {
		t.Helper()
		v := until("the task to be with the phone", func(v view) bool {
			if v.State == "waiting" {
				_ = phone.Inform(t.Context(), "2 PERIODIC") // it may be in a session
				v = task()
			}
			return v.State == "proving" && len(v.Attempts) == n
		})
		key := v.Attempts[n-1].Key
		if l := phone.Ledger(); !slices.Equal(l.Pending, []string{key}) {
			t.Fatalf("the phone holds %v; want %s", l.Pending, key)
		}
		return key
	}
	dropped := func(n int) func(view) bool {
		return func(v view) bool {
			return v.State == "waiting" && len(v.Attempts) == n && v.Attempts[n-1].Outcome == "dropped" && len(phone.Ledger().Pending) == 0
		}
	}

	first := handed(1)
	s.call(t, "POST", "/api/v1/hold", map[string]any{"all": true, "reason": "drill"}, nil)
	until("the phone to drop it under the hold", dropped(1))
	s.call(t, "DELETE", "/api/v1/hold?all=true", nil, nil)

	second := handed(2)
	lossy := able
	lossy.Drop = sim.BeforeAnswer
	phone.Set(lossy)
	s.call(t, "POST", "/api/v1/jobs/"+j.ID+"/pause", nil, nil)
	if err := phone.Await(t.Context(), func(l sim.Ledger) bool { return l.Count("CancelTransfer", second) > 0 }); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	checkStore(t, dir)
	phone.Set(able)
	s.Start()
	told := phone.Ledger().Count("CancelTransfer", second)
	until("the phone to say that it has dropped it", dropped(2))
	if again := phone.Ledger().Count("CancelTransfer", second); again <= told {
		t.Errorf("told %d times before the server was killed, and %d times in all", told, again)
	}
	s.call(t, "POST", "/api/v1/jobs/"+j.ID+"/resume", nil, nil)

	third := handed(3)
	stubborn := able
	stubborn.FaultNext = map[string]int{"CancelTransfer": 9021}
	phone.Set(stubborn)
	s.call(t, "POST", "/api/v1/jobs/"+j.ID+"/cancel", nil, nil)
	v := until("the phone to refuse", func(v view) bool {
		r := v.Attempts[2].Handover.Recall
		return r != nil && strings.Contains(r.Refused, "fault 9021")
	})
	if want := "the order was taken back, but the phone holds the transfer and answered fault 9021"; v.State != "proving" || !strings.Contains(v.Why, want) {
		t.Errorf("it is %s: %q; want %q", v.State, v.Why, want)
	}
	l := phone.Ledger()
	if l.Count("CancelTransfer", first) != 1 || l.Count("CancelTransfer", third) != 1 || l.Total("ScheduleDownload") != 3 || len(l.Applied)+len(l.Breaches) != 0 {
		t.Errorf("the phone was sent %v; applied %v; breaches %v", l.Calls, l.Applied, l.Breaches)
	}
}
