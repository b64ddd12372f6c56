package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// demoServer is a server of a demo, with its temporary files in a directory
// that the test can look at.
func demoServer(t *testing.T, phones int, args ...string) (s *server, temp string) {
	t.Helper()
	temp = t.TempDir()
	s = newServer(t, "", append([]string{"--demo", fmt.Sprint(phones)}, args...)...)
	s.noData = true
	s.env = append(s.env, "TMPDIR="+temp)
	return s, temp
}

// taskStates are all that a task can be in.
var taskStates = []string{"waiting", "ready", "sent", "proving", "succeeded", "failed", "expired", "cancelled", "skipped"}

// TestDemo sees every state of a task within a minute, every mark, and nothing
// left behind.
func TestDemo(t *testing.T) {
	t.Parallel()
	s, temp := demoServer(t, 50)
	began := time.Now()
	s.Start()
	for _, path := range []string{"/healthz", "/api/v1/phones", "/api/v1/none"} {
		a, err := s.do(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.header.Get("Phoneacs-Demo") != "true" || path == "/healthz" && !strings.Contains(string(a.body), `"demo":true`) {
			t.Errorf("%s does not say that it is a demo: %v %s", path, a.header, a.body)
		}
	}
	seen := make(map[string]bool)
	paused := false
	eventually(t, time.Minute, "every state of a task is seen", func() error {
		for _, j := range list[job](t, s, "/api/v1/jobs") {
			paused = paused || j.State == "paused"
			for state, n := range j.Counts {
				seen[state] = seen[state] || n > 0
			}
		}
		var missing []string
		for _, state := range taskStates {
			if !seen[state] {
				missing = append(missing, state)
			}
		}
		if len(missing) > 0 || !paused {
			return fmt.Errorf("without %v, a paused job: %v", missing, paused)
		}
		return nil
	})
	t.Logf("every state was seen within %v", time.Since(began).Round(time.Millisecond))

	var faults int
	for _, j := range list[job](t, s, "/api/v1/jobs") {
		for _, k := range list[task](t, s, "/api/v1/jobs/"+j.ID+"/tasks") {
			if k.State == "failed" {
				faults++
				if k.Cause != "fault" {
					t.Errorf("%s failed by %s: %s", k.ID, k.Cause, k.Why)
				}
			}
		}
	}
	if faults == 0 || faults > 5 {
		t.Errorf("%d tasks failed; want those of the phones that are to refuse a file", faults)
	}
	if holds := list[struct{ Reason string }](t, s, "/api/v1/hold"); len(holds) != 1 || !strings.Contains(holds[0].Reason, "demo") {
		t.Errorf("holds: %v", holds)
	}
	sites := list[struct{ Name string }](t, s, "/api/v1/sites")
	if n := len(slices.DeleteFunc(sites, func(x struct{ Name string }) bool { return !strings.HasPrefix(x.Name, "Demo ") })); n != 3 {
		t.Errorf("%d sites of a demo; want 3", n)
	}
	type named struct {
		Name, State string
		Tags        []string
	}
	eventually(t, time.Minute, "every phone is marked", func() error {
		phones := list[named](t, s, "/api/v1/phones")
		pending := 0
		for _, p := range phones {
			if p.State == "pending" {
				pending++
			}
			if !strings.HasPrefix(p.Name, "demo") || !slices.Contains(p.Tags, "demo") {
				return fmt.Errorf("phone %+v", p)
			}
		}
		if len(phones) != 50 || pending != 2 {
			return fmt.Errorf("%d phones, %d of them pending", len(phones), pending)
		}
		return nil
	})
	if left, err := os.ReadDir(temp); err != nil || len(left) != 1 {
		t.Errorf("while it runs: %v, %v; want one directory", left, err)
	}
	s.interrupt(t)
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if log := s.Log(); strings.Contains(log, "no_url") || strings.Contains(log, "New phones wait") || !strings.Contains(log, "but for 2 that nobody has listed") {
		t.Errorf("the demo tells what is of no use:\n%s", log)
	}
	if log := s.Log(); !strings.Contains(log, "DEMO: 50 simulated phones") || !strings.Contains(log, "this is a demo: all phones are simulated") {
		t.Errorf("neither banner nor log say that it is a demo:\n%s", log)
	}
}

// interrupt is Ctrl-C, which must end a demo in order.
func (s *server) interrupt(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
}

// TestDemoKept: a directory that was given stays, serves the demo again, and
// nothing but a demo; and a demo takes no directory of somebody else's.
func TestDemoKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := newServer(t, dir, "--demo", "3")
	s.Start()
	jobs := 0
	eventually(t, time.Minute, "the phones have their orders", func() error {
		if jobs = len(list[job](t, s, "/api/v1/jobs")); jobs < 3 {
			return fmt.Errorf("%d jobs", jobs)
		}
		for _, p := range list[phone](t, s, "/api/v1/phones") {
			if p.Informs < 2 {
				return fmt.Errorf("phone %+v", p)
			}
		}
		return nil
	})
	s.interrupt(t)

	s.Start()
	informs := func() (n int) {
		for _, p := range list[phone](t, s, "/api/v1/phones") {
			if p.State != "approved" {
				t.Errorf("phone %+v after a restart; want approved", p)
			}
			n += p.Informs
		}
		return n
	}
	before := informs()
	eventually(t, time.Minute, "the phones come again", func() error {
		if now := informs(); now < before+3 {
			return fmt.Errorf("%d Informs, and %d before", now, before)
		}
		return nil
	})
	if again := len(list[job](t, s, "/api/v1/jobs")); again > jobs+2 {
		t.Errorf("%d jobs after a restart, %d before: the first orders were given twice", again, jobs)
	}
	s.interrupt(t)

	real := startServer(t, filepath.Join(t.TempDir(), "data"))
	if err := real.Term(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		says string
	}{
		{"--data " + dir, "holds the store of a demo"},
		{"--demo 5 --data " + real.dir, "in use and not by a demo"},
		{"--demo 1001", "want 1 to 1000 phones"},
		{"--demo -1", "want 1 to 1000 phones"},
		{"--demo 5 --cwmp :7547", "not on loopback"},
		{"--demo 5 --admin :8080 --admin-plain", "not on loopback"},
		{"--demo 5 --public-url http://acs.example.com", "cannot be with --demo"},
	} {
		o := runProgram(t, nil, append([]string{"serve", "--check"}, strings.Fields(tt.args)...)...)
		if o.status != 2 || !strings.Contains(o.stderr, tt.says) {
			t.Errorf("serve %s: status %d: %s; want %q", tt.args, o.status, o.stderr, tt.says)
		}
	}
	if _, err := os.Stat(filepath.Join(real.dir, "demo")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a real store was marked: %v", err)
	}
	if o := runProgram(t, nil, "serve", "--check", "--demo", "5"); o.status != 0 {
		t.Errorf("a demo that could be: status %d: %s", o.status, o.stderr)
	}
}
