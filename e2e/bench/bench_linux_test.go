package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// asFake makes this test program, started again, the server.
const asFake = "BENCH_TEST_FAKE_SERVER"

func TestMain(m *testing.M) {
	args := os.Args[1:]
	switch {
	case len(args) > 0 && args[0] == floorCommand:
		os.Exit(run(context.Background(), args, os.Stdout, os.Stderr))
	case len(args) > 0 && args[0] == "serve" && os.Getenv(asFake) != "":
		fmt.Fprintln(os.Stderr, "fake:", runFake(args[1:]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// small are sizes that take a second in all.
var small = []string{
	"-rounds", "2", "-round", "20ms", "-settle", "1ms", "-patience", "30s", "-idle", "10ms",
	"-phones", "20", "-at-once", "4", "-crowds", "2,30", "-known", "40", "-few", "10", "-many", "60",
	"-sample", "15", "-extra", "3000", "-order", "50", "-drain", "40", "-drainers", "8", "-moves", "30", "-import-rows", "17",
}

// start runs the program on a directory of its own, against the fake.
func start(t *testing.T, ctx context.Context, args ...string) (status int, out, errOut, work string) {
	t.Helper()
	t.Setenv(asFake, "1")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	work = t.TempDir()
	var stdout, stderr bytes.Buffer
	all := append(append([]string{"-server", self, "-work", work}, small...), args...)
	status = run(ctx, all, &stdout, &stderr)
	return status, stdout.String(), stderr.String(), work
}

func TestEveryScenario(t *testing.T) {
	file := filepath.Join(t.TempDir(), "figures.md")
	status, out, errOut, work := start(t, t.Context(), "-o", file)
	if status != 0 {
		t.Fatalf("status %d\n%s\n%s", status, out, errOut)
	}
	cfg, err := parseFlags(small, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scenarios(cfg) {
		lost := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(s.name) + ` \| sessions refused or failed \| 0 refused, 0 failed of \d.* \| ≤ 0 \| met \|$`)
		if !lost.MatchString(out) {
			t.Errorf("no line of %s that lost no session", s.name)
		}
	}
	const some = `(?:[1-9]\d*\.\d\d|0\.\d[1-9]|0\.[1-9]\d)` // not 0
	for _, want := range []string{
		`^Machine: .+, \d+ cores, go\S+ linux/\S+, \d{4}-\d\d-\d\d$`,
		`^\| session/boot \| CPU a session, server ÷ floor \| \d+\.\d\d \(\d+ µs ÷ \d+ µs; rounds .*\) \| ≤ 2.8 × floor, aim 2 \| .+ \|$`,
		`^\| crowd/30 \| RssAnon \(VmHWM\) of the server \| \d+\.\d MiB \(\d+\.\d MiB\) \| ≤ 64 MiB \| met \|$`,
		`^\| scale/phones \| CPU a session, 60 ÷ 10 phones, 4 VALUE CHANGE \| .* \| ≤ 1.3 × few \| .+ \|$`,
		`^\| scale/parameters \| CPU a session, 3,000 ÷ 0 bytes stored a phone, 2 PERIODIC \| .* \| ≤ 1.15 × without \| .+ \|$`,
		`^\| jobs/order \| order for 50 phones, accepted \| 0\.\d\d s \| ≤ 1 s \| met \|$`,
		`^\| jobs/order \| order for 50 phones, expanded \| 0\.\d\d s \(50 ready\) \| ≤ 10 s \| met \|$`,
		`^\| jobs/waiting \| RssAnon \(VmHWM\) with 60 waiting tasks \| .* \| < 100 MiB \| met \|$`,
		`^\| start/phones \| exec to ready, 60 \(40\) phones \| ` + some + ` s \(\d+\.\d\d s; rounds \d+\.\d\d to \d+\.\d\d\) \| ≤ 5 s \| .+ \|$`,
		`^\| start/phones \| exec to ready, the large store not in memory \| ` + some + ` s \| ≤ 15 s \| .+ \|$`,
		`^\| start/phones \| RssAnon after the start, 60 ÷ 40 phones \| \d\.\d\d \(\d+\.\d MiB ÷ \d+\.\d MiB\) \| ≤ 1.3 × few \| .+ \|$`,
		`^\| start/phones \| store's file, 60 \(40\) phones \| 0\.0 MiB \(0\.0 MiB\) \|`,
		`^\| backup/sessions \| backup of 60 phones made \| \d+\.\d s \(1\.0 MiB\) \| ≤ 120 s \| .+ \|$`,
		`^\| backup/sessions \| sessions/s meanwhile ÷ without \| \d+\.\d\d \(.+\) \| ≥ 0.33 × without \| .+ \|$`,
		`^\| backup/sessions \| latency p99 meanwhile \(without\) \| \d+\.\d ms \(\d+\.\d ms\) \| ≤ 1 s \| .+ \|$`,
		`^\| backup/sessions \| RssAnon \(VmHWM\) meanwhile \| .+ MiB\) \| ≤ 100 MiB \| met \|$`,
		`^\| jobs/waiting-window \| RssAnon \(VmHWM\) with 60 tasks waiting for a window \| .* \| < 100 MiB \| met \|$`,
		`^\| jobs/waiting-window \| exec to ready with 60 tasks waiting for a window \(without\) \| ` + some + ` s \(.*\) \| ≤ 5 s \| .+ \|$`,
		`^\| jobs/waiting-window \| CPU of an idle second with them \(without\) \| \d+\.\d\d ms \(.*\) \| ≤ 5 ms \| .+ \|$`,
		`^\| jobs/waiting-window \| CPU a session, with ÷ without a task \| .* \| ≤ 1.3 × without \| .+ \|$`,
		`^\| jobs/waiting-window \| order accepted, expanded \| .* \(60 waiting\) \|`,
		`^\| moves/phones \| 30 phones imported, their fates told \| \d\.\d\d s \(\d\.\d\d s CPU\) \| ≤ 1 s \| .+ \|$`,
		`^\| moves/phones \| 30 phones listed, last page by its cursor \| .+ \| ≤ 0.1 s \| .+ \|$`,
		`^\| moves/phones \| 30 phones exported as JSON lines \| .+ \| ≤ 1 s \| .+ \|$`,
		`^\| moves/phones \| RssAnon \(VmHWM\) of the server \| .+ \| ≤ 100 MiB \| .+ \|$`,
		`^\| jobs/drain \| downloads ended a second \| [\d,]+ \(40 in \d\.\d s; 40 succeeded\) \| ≥ 1000 /s \| .+ \|$`,
	} {
		if !regexp.MustCompile("(?m)" + want).MatchString(out) {
			t.Errorf("no line %s", want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != out {
		t.Errorf("file differs from what was printed: %v", err)
	}
	if left, err := os.ReadDir(work); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	// Interrupted from within: once the second line is told, children run.
	stderr := writerFunc(func(b []byte) {
		if strings.Contains(string(b), "making a fleet") {
			cancel()
		}
	})
	t.Setenv(asFake, "1")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	var out bytes.Buffer
	status := run(ctx, append([]string{"-server", self, "-work", work, "-run", "session"}, small...), &out, stderr)
	if status != 1 || !strings.Contains(out.String(), "not measured") {
		t.Errorf("status %d, table\n%s\nwant 1 and what was not measured", status, &out)
	}
	if left, err := os.ReadDir(work); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestServerThatEnds(t *testing.T) {
	status, out, errOut, _ := start(t, t.Context(), "-server", "/bin/false", "-run", "jobs/order")
	if status != 1 || !strings.Contains(errOut, "ended instead of serving") {
		t.Errorf("status %d, %q; want 1 and why", status, errOut)
	}
	if !strings.Contains(out, "| jobs/order | not measured |") {
		t.Errorf("table does not say what was not measured:\n%s", out)
	}
}

func TestJobThatDoesNotEnd(t *testing.T) {
	status, out, errOut, _ := start(t, t.Context(), "-patience", "1ns", "-run", "jobs/(order|drain)")
	if status != 0 {
		t.Errorf("status %d, %s; want 0: a target missed is a figure", status, errOut)
	}
	for _, want := range []string{"phones, expanded | job j1 is expanding", "ended a second | job j1 is expanding"} {
		if !strings.Contains(out, want) {
			t.Errorf("table does not say %q:\n%s", want, out)
		}
	}
	if strings.Count(out, "| **missed** |") != 2 {
		t.Errorf("want two targets missed:\n%s", out)
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(b []byte) (int, error) {
	f(b)
	return len(b), nil
}
