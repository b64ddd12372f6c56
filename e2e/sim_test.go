package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// TestRehearsal makes a fleet like the one of a server, by its own list of
// phones, and rehearses with it: a real server only if it is named as none.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	s := startServer(t, filepath.Join(t.TempDir(), "data"), "--enrol", "open")
	runFleet(t, sim.Options{ACS: s.ACS(), Phones: 6, Models: []string{"X6", "X6", "H5"}, PeriodicInterval: -1})
	s.awaitPhones(t, 6, 30*time.Second)
	a, err := s.do(t.Context(), http.MethodGet, "/api/v1/phones", nil)
	if err != nil {
		t.Fatal(err)
	}
	export := filepath.Join(t.TempDir(), "phones.json")
	if err := os.WriteFile(export, a.body, 0o600); err != nil {
		t.Fatal(err)
	}

	twin := startServer(t, filepath.Join(t.TempDir(), "data"), "--enrol", "open")
	line := []string{"sim", "--acs", twin.ACS(), "--like", export, "--duration", "3s", "--json", "--strict", "--power-cut-at", "1s"}
	if o := runProgram(t, nil, line...); o.status != 2 || !strings.Contains(o.stderr, "--yes-this-is-a-test-server") {
		t.Errorf("a server that may be real: status %d: %s", o.status, o.stderr)
	}
	if n := len(list[phone](t, twin, "/api/v1/phones")); n != 0 {
		t.Errorf("%d phones have enrolled there", n)
	}
	o := runProgram(t, nil, append(line, "--yes-this-is-a-test-server")...)
	var stats sim.Stats
	if err := json.Unmarshal([]byte(o.stdout), &stats); err != nil || o.status != 0 {
		t.Fatalf("status %d: %v\n%s%s", o.status, err, o.stdout, o.stderr)
	}
	if stats.Phones != 6 || stats.PowerCuts != 6 || stats.Sessions < 12 || stats.Breaches != 0 {
		t.Errorf("statistics %+v", stats)
	}
	if !strings.Contains(o.stderr, "6 simulated phones, MAC 0c383e000001 to 0c383e000006, enrol at "+twin.ACS()) {
		t.Errorf("it does not say who enrols where: %s", o.stderr)
	}
	census := func(s *server) map[string]int {
		out := make(map[string]int)
		for _, p := range list[phone](t, s, "/api/v1/phones") {
			out[fmt.Sprint(p.Model, " ", p.SoftwareVersion)]++
		}
		return out
	}
	if was, is := fmt.Sprint(census(s)), fmt.Sprint(census(twin)); was != is || len(census(s)) != 2 {
		t.Errorf("the rehearsal's phones are %s; the fleet's %s", is, was)
	}

	demo, _ := demoServer(t, 3)
	demo.Start()
	if o := runProgram(t, nil, "sim", "--acs", demo.ACS(), "--start-mac", "0c383e010001", "--duration", "1s"); o.status != 0 || !strings.Contains(o.stdout, "rules broken") {
		t.Errorf("against a demo: status %d: %s%s", o.status, o.stdout, o.stderr)
	}
	demo.interrupt(t)
}
