package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// TestOperationsBlocks runs the blocks of docs/operations.md that are marked "sh
// run", in one shell, as they stand and in their order, beside a server with a
// phone that waits for approval: each command must end well.
func TestOperationsBlocks(t *testing.T) {
	needPrograms(t, "bash", "curl")
	const mark = "=-=-= end of block =-=-="
	_, blocks := document(t, "docs/operations.md")
	var script strings.Builder
	var run []block
	for _, b := range blocks {
		if b.info != "sh run" {
			continue
		}
		run = append(run, b)
		script.WriteString(b.text + "echo '" + mark + "'\n")
	}
	if len(run) < 10 {
		t.Fatalf("docs/operations.md has %d blocks to run; they have got lost", len(run))
	}
	s := startServer(t, t.TempDir(), "--phone-networks", "127.0.0.0/8", "--wake-gap", "0s")
	runFleet(t, sim.Options{ACS: s.ACS(), Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02})
	s.awaitPhones(t, 1, time.Minute)
	cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", script.String())
	cmd.Dir = t.TempDir()
	cmd.Env = append(cmd.Environ(), "PHONEACS_ADMIN="+s.admin, "PHONEACS_ADMIN_TOKEN="+s.token,
		"PATH="+filepath.Dir(program(t))+string(filepath.ListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	done := strings.Count(string(out), mark+"\n")
	if err != nil || done != len(run) {
		if done < len(run) {
			t.Fatalf("docs/operations.md:%d: this block failed (%v):\n%s\n%s", run[done].line, err, run[done].text, tail(string(out)))
		}
		t.Fatal(err)
	}
	// What the blocks are there for has come about.
	for path, want := range map[string]string{
		"/api/v1/phones/0c383e000001": `"state":"approved"`,
		"/api/v1/phones/0c383e0000a1": `"name":"Reception"`,
		"/api/v1/enrolment-rules":     `"limit":200`,
		"/api/v1/standing-orders":     `"name":"clock"`,
	} {
		a, err := s.do(t.Context(), "GET", path, nil)
		if err != nil || !strings.Contains(string(a.body), want) {
			t.Errorf("%s: %v, %s; want %s in it", path, err, a.body, want)
		}
	}
}
