package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// guardPatience outlasts a look at a phone in a call, which is each 30 s, and
// the wait for its lines.
const guardPatience = 3 * time.Minute

// A guarded is a server with one simulated phone that it can wake.
type guarded struct {
	*server
	fleet *sim.Fleet
	phone phone
	t     *testing.T
}

func newGuarded(t *testing.T, o sim.Options) *guarded {
	t.Helper()
	g := &guarded{t: t, server: startServer(t, filepath.Join(t.TempDir(), "data"), "--enrol", "open", "--phone-networks", "127.0.0.0/8")}
	o.ACS, o.Models, o.PeriodicInterval, o.RetryScale = g.ACS(), []string{"X6"}, -1, 0.05
	g.fleet = runFleet(t, o)
	g.phone = g.awaitPhones(t, 1, guardPatience)[0]
	return g
}

// task waits until the one task of a job is as wanted.
func (g *guarded) task(job, what string, ok func(task) bool) (found task) {
	g.t.Helper()
	eventually(g.t, guardPatience, what, func() error {
		all := list[task](g.t, g.server, "/api/v1/jobs/"+job+"/tasks")
		if len(all) != 1 || !ok(all[0]) {
			return fmt.Errorf("tasks are %+v", all)
		}
		found = all[0]
		return nil
	})
	return found
}

// has says whether something is in a task's evidence.
func (t task) has(what string) bool {
	for _, e := range t.Evidence {
		if strings.Contains(e.What, what) {
			return true
		}
	}
	return false
}

func (g *guarded) reboots() int { return g.fleet.Phone(0).Ledger().Reboots }

// TestGuardOnTheWire: a phone in a call is not restarted until the call is over,
// also when the server is killed while it waits, and nobody does anything then
// but the server.
func TestGuardOnTheWire(t *testing.T) {
	for _, voice := range []string{sim.VoiceFirst, sim.VoiceSecond} {
		t.Run("issue "+voice, func(t *testing.T) {
			t.Parallel()
			g := newGuarded(t, sim.Options{Voice: voice, Behaviour: sim.Behaviour{InCall: true}})
			j := g.order(t, rebootNow(map[string]any{"all": true}))
			g.task(j.ID, "a call that is found", func(k task) bool {
				return k.State == "ready" && strings.Contains(k.Why, "in a call since") && k.has("not sent into it")
			})
			g.Kill()
			g.Start()
			g.task(j.ID, "a second look, after the start", func(k task) bool { return strings.Contains(k.Why, "looked 2 times") })
			if n := g.reboots(); n != 0 {
				t.Fatalf("restarted %d times in its call", n)
			}
			g.fleet.Phone(0).Set(sim.Behaviour{})
			done := g.task(j.ID, "a restart when the call is over", task.final)
			if done.State != "succeeded" || !done.has("looked 3 times") || !strings.Contains(done.Why, "1 line is registered again") || g.reboots() != 1 {
				t.Errorf("task is %+v, restarted %d times", done, g.reboots())
			}
		})
	}
}

// TestGuardRules: a phone that does not tell of calls is restarted or skipped, as
// the order says, and one in a call only if the order says so.
func TestGuardRules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		options sim.Options
		calls   string
		want    string
		why     string // in the evidence, or of the task that is skipped
	}{
		{"hides its calls", sim.Options{Behaviour: sim.Behaviour{HidesCalls: true}}, "", "succeeded", "cannot be read (fault 9005"},
		{"hides its calls, skip", sim.Options{Behaviour: sim.Behaviour{HidesCalls: true}}, "skip", "skipped", "cannot be read (fault 9005"},
		{"no lines", sim.Options{Voice: sim.VoiceNone}, "go-on", "succeeded", "the phone lists no lines"},
		{"no lines, skip", sim.Options{Voice: sim.VoiceNone}, "skip", "skipped", "the phone lists no lines"},
		{"in a call, ignored", sim.Options{Behaviour: sim.Behaviour{InCall: true}}, "ignore", "succeeded", "for phones in calls, too"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := newGuarded(t, tt.options)
			var j struct {
				ID, Calls string
			}
			body := map[string]any{"kind": "reboot", "selection": map[string]any{"all": true}, "when": map[string]any{"now": true}}
			if tt.calls != "" {
				body["calls"] = tt.calls
			}
			g.call(t, http.MethodPost, "/api/v1/jobs", body, &j)
			if want := tt.calls; j.Calls != want && (want != "" || j.Calls != "go-on") {
				t.Errorf("the job shows calls %q", j.Calls)
			}
			done := g.task(j.ID, "its end", task.final)
			if done.State != tt.want || !done.has(tt.why) && !strings.Contains(done.Why, tt.why) {
				t.Errorf("task is %+v", done)
			}
			if n := g.reboots(); n != map[string]int{"succeeded": 1}[tt.want] {
				t.Errorf("restarted %d times", n)
			}
		})
	}
}

// TestLinesOnTheWire: a restart is not done before the lines are registered
// again, also when the server is killed in between; a line that is lost fails it.
func TestLinesOnTheWire(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		conduct  sim.Behaviour
		deadline string
		kill     bool
		want     string
		cause    string
		why      string
	}{
		{"back after a while", sim.Behaviour{Registers: 4 * time.Second}, "", false, "succeeded", "", "1 line is registered again"},
		{"killed in between", sim.Behaviour{Registers: 4 * time.Second}, "", true, "succeeded", "", "1 line is registered again"},
		{"lost", sim.Behaviour{LosesLines: true}, "20s", false, "failed", "lines-lost", "VoiceProfile.1.Line.1 is Error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := newGuarded(t, sim.Options{})
			g.fleet.Phone(0).Set(tt.conduct)
			if tt.conduct.Registers > 0 { // it is registered when it is looked at first
				eventually(t, guardPatience, "registration", func() error {
					p := g.fleet.Phone(0)
					if v, _ := p.Param(p.Root() + "Services.VoiceService.1.VoiceProfile.1.Line.1.Status"); v != "Up" {
						return fmt.Errorf("line is %s", v)
					}
					return nil
				})
			}
			o := rebootNow(map[string]any{"all": true})
			o.Deadline = tt.deadline
			j := g.order(t, o)
			waiting := g.task(j.ID, "lines that are awaited", func(k task) bool { return strings.Contains(k.Why, "to register again") })
			if waiting.State != "proving" {
				t.Errorf("task is %+v", waiting)
			}
			if tt.kill {
				g.Kill()
				g.Start()
			}
			done := g.task(j.ID, "its end", task.final)
			if done.State != tt.want || done.Cause != tt.cause || !strings.Contains(done.Why, tt.why) || len(done.Attempts) != 1 || g.reboots() != 1 {
				t.Errorf("task is %+v, restarted %d times", done, g.reboots())
			}
		})
	}
}
