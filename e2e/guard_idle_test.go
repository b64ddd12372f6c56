package e2e

import (
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// TestIdleTimeOnTheWire: a call that nobody sees, as it begins and ends between
// two looks at a phone that is to be idle for a minute, has it begin that minute
// anew; also when the server is killed in it. A phone that counts no calls is
// restarted when the first is over, and the evidence says what is not known.
func TestIdleTimeOnTheWire(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		voice  string
		counts bool
		says   string
	}{
		{"first issue", sim.VoiceFirst, true, "18 counters of calls stood still"},
		{"second issue", sim.VoiceSecond, true, "24 counters of calls stood still"},
		{"no counters", sim.VoiceFirst, false, "a call in between is not seen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := newGuarded(t, sim.Options{Voice: tt.voice, CountsCalls: tt.counts})
			opens := time.Now().UTC().Add(-time.Minute)
			j := g.order(t, newJob{
				Kind: "reboot", Selection: map[string]any{"all": true},
				When: map[string]any{"missed": "rest", "window": map[string]any{"zone": "UTC", "weekly": map[string]any{
					"days": []string{strings.ToLower(opens.Format("Mon"))}, "begin": opens.Format("15:04"), "inactivity_minutes": 1,
				}}},
			})
			if tt.counts {
				g.task(j.ID, "a first look", func(k task) bool {
					return k.State == "waiting" && strings.Contains(k.Why, "it has to be idle for 1m first")
				})
			}
			g.Kill()
			called := time.Now()
			g.fleet.Phone(0).Set(sim.Behaviour{InCall: true})
			g.fleet.Phone(0).Set(sim.Behaviour{})
			g.Start()
			if tt.counts {
				g.task(j.ID, "a look that shows the call", func(k task) bool {
					return k.State == "waiting" && k.has("went from 0 to 1; its idle time counts anew")
				})
				if n := g.reboots(); n != 0 {
					t.Fatalf("restarted %d times", n)
				}
			}
			done := g.task(j.ID, "a restart when it was idle for long enough", task.final)
			if done.State != "succeeded" || !done.has(tt.says) || g.reboots() != 1 {
				t.Fatalf("task is %+v, restarted %d times", done, g.reboots())
			}
			if after := done.Attempts[0].Sent.Sub(called); tt.counts && after < time.Minute {
				t.Errorf("restarted %s after the call", after)
			}
		})
	}
}
