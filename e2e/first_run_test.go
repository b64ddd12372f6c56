package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// An outcome is how a run of the program ended.
type outcome struct {
	status         int
	stdout, stderr string
	took           time.Duration
}

// runProgram runs the program to its end, with nothing of its own in the
// environment but env.
func runProgram(tb testing.TB, env []string, args ...string) outcome {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(tb), args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PHONEACS_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	o := outcome{stdout: stdout.String(), stderr: stderr.String(), took: time.Since(began)}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		o.status = exit.ExitCode()
	} else if err != nil {
		tb.Fatalf("run the program: %v", err)
	}
	return o
}

// opens reports the status that a token gets.
func (s *server) opens(tb testing.TB, token string) int {
	tb.Helper()
	a, err := s.do(tb.Context(), http.MethodGet, "/api/v1/phones", nil, "Authorization", "Bearer "+token)
	if err != nil {
		tb.Fatal(err)
	}
	return a.status
}

// TestFirstStart looks at what a first start leaves on disk, in a directory
// that others could read before.
func TestFirstStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, dir)
	s.env = nil
	s.Start()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "admin-token")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(b))
	if len(token) < 16 || s.opens(t, token) != http.StatusOK {
		t.Errorf("the token %q does not open the API", token)
	}
	if s.opens(t, token+"x") != http.StatusUnauthorized || s.opens(t, "") != http.StatusUnauthorized {
		t.Error("another token opens the API")
	}
	if log := s.Log(); !strings.Contains(log, "The admin token is in "+file) || strings.Contains(log, token) {
		t.Errorf("the log does not name the token's file, or shows the token:\n%s", log)
	}
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	told := len(s.Log())
	s.Start()
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(b, again) || s.opens(t, token) != http.StatusOK {
		t.Errorf("a second start changed the token: %q, %v", again, err)
	}
	if log := s.Log()[told:]; strings.Contains(log, "token") {
		t.Errorf("a second start speaks of tokens:\n%s", log)
	}
}

// TestFirstStartAtTerminal shows the token to a person, once, and nowhere else.
func TestFirstStartAtTerminal(t *testing.T) {
	needPrograms(t, "script")
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	s.env = nil
	// script gives the program a terminal and copies what it shows.
	line := "exec " + program(t) + " serve --data " + s.dir + " --cwmp " + s.acs + " --admin " + s.admin
	typescript := filepath.Join(t.TempDir(), "typescript")
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "script", "--quiet", "--flush", "--return", "--command", line, typescript)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() { cancel(); <-ended })
	s.readiness(t, http.StatusOK, 30*time.Second)
	var m [][]byte
	eventually(t, 30*time.Second, "the token is shown", func() error {
		shown, err := os.ReadFile(typescript)
		if m = regexp.MustCompile(`Admin token \(shown this once\): (\S+)`).FindSubmatch(shown); err == nil && m == nil {
			err = fmt.Errorf("shown is %q", shown)
		}
		return err
	})
	if s.opens(t, string(m[1])) != http.StatusOK {
		t.Error("the token that was shown does not open the API")
	}
	if _, err := os.Stat(filepath.Join(s.dir, "admin-token")); !os.IsNotExist(err) {
		t.Errorf("the token is in a file as well: %v", err)
	}
}

// TestTokenFromEnvironment gives the first token, and later others.
func TestTokenFromEnvironment(t *testing.T) {
	const first, second = "first-token-of-all", "second-token-of-all"
	s := newServer(t, filepath.Join(t.TempDir(), "data"))
	for _, start := range []struct{ token, told string }{
		{first, "The admin token is the one in PHONEACS_ADMIN_TOKEN."},
		{first, "PHONEACS_ADMIN_TOKEN names a token that is known already; it changes nothing."},
		{second, "PHONEACS_ADMIN_TOKEN is set, but this store has its tokens since its first start: it changes nothing."},
	} {
		before := len(s.Log())
		s.env = []string{"PHONEACS_ADMIN_TOKEN=" + start.token}
		s.Start()
		if log := s.Log()[before:]; !strings.Contains(log, start.told) || strings.Contains(log, start.token) {
			t.Errorf("it does not say %q, or shows the token:\n%s", start.told, log)
		}
		if s.opens(t, first) != http.StatusOK || s.opens(t, second) != http.StatusUnauthorized {
			t.Errorf("with %s in the environment: first token %d, second %d", start.token, s.opens(t, first), s.opens(t, second))
		}
		if err := s.Term(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, "admin-token")); !os.IsNotExist(err) {
		t.Errorf("a token that was given is in a file: %v", err)
	}
	o := runProgram(t, []string{"PHONEACS_ADMIN_TOKEN=short"}, "serve", "--check")
	if o.status != 2 || !strings.Contains(o.stderr, "PHONEACS_ADMIN_TOKEN: needs at least 16 characters") || strings.Contains(o.stderr, "short") {
		t.Errorf("a short token: status %d: %s", o.status, o.stderr)
	}
}

// TestSettings gives settings that cannot be used and wants to be told which,
// where, and what would do. Which one is told also shows which source wins.
func TestSettings(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "phoneacs.yaml")
	for _, tt := range []struct {
		name string
		yaml string // empty: no file
		env  []string
		args []string
		told []string
	}{
		{"unknown key", "cwmp: :7547\nadmn: :1\n", nil, nil, []string{config + ":2:", `unknown setting "admn"`, "phoneacs serve --help"}},
		{"key twice", "cwmp: :7547\ndata: a\ncwmp: :7548\n", nil, nil, []string{config, "[3:1]", `"cwmp" already defined`}},
		{"key twice in two documents", "cwmp: :7547\n---\ncwmp: :7548\n", nil, nil, []string{config + ":3:", "line 1 already"}},
		{"not a duration", "data: a\n\ndrain: soon\n", nil, nil, []string{config + ":3:", "drain", "soon"}},
		{"not YAML", "cwmp: [\n", nil, nil, []string{config, "1"}},
		{"not a mapping", "- a\n- b\n", nil, nil, []string{config, "want a mapping of settings"}},
		{"mapping as value", "cwmp:\n  port: 7547\n", nil, nil, []string{config + ":1:", "cwmp", "want a value or a list"}},
		{"another file", "config: b.yaml\n", nil, nil, []string{config + ":1:", `unknown setting "config"`}},
		{"token in a file", "admin-token: aaaaaaaaaaaaaaaaaaaa\n", nil, nil, []string{config + ":1:", `unknown setting "admin-token"`}},
		{"no file", "", nil, []string{"--config", filepath.Join(dir, "none.yaml")}, []string{"none.yaml", "no such file"}},
		{"too large", "# " + strings.Repeat("x", 1<<20), nil, nil, []string{config, "larger than"}},
		{"file", "enrol: from-file\n", nil, nil, []string{config + ":1: enrol", `"from-file"`, "want approve, list or open"}},
		{"environment before file", "enrol: from-file\n", []string{"PHONEACS_ENROL=from-env"}, nil, []string{"PHONEACS_ENROL", `"from-env"`}},
		{"flag before environment", "enrol: from-file\n", []string{"PHONEACS_ENROL=from-env"}, []string{"--enrol", "from-flag"}, []string{"--enrol", `"from-flag"`}},
		{"flag before file", "enrol: from-file\n", nil, []string{"--enrol", "from-flag"}, []string{"--enrol", `"from-flag"`}},
		{"file named by environment", "", []string{"PHONEACS_CONFIG=" + filepath.Join(dir, "env.yaml")}, nil, []string{"env.yaml", "no such file"}},
		{"not a duration in the environment", "", []string{"PHONEACS_DRAIN=soon"}, nil, []string{`PHONEACS_DRAIN="soon"`}},
		{"unknown flag", "", nil, []string{"--admn"}, []string{"unknown flag: --admn"}},
		{"argument", "", nil, []string{"here"}, []string{`"here"`, "phoneacs serve --help"}},
		{"two at once", "", nil, []string{"--cwmp", "7547", "--log-level", "loud"}, []string{"--cwmp", "host:port", "--log-level", "loud"}},
		{"not a network", "# ours\nphone-networks: [10.0.0.0/8, 10.1.1.1]\n", nil, nil, []string{config + ":2: phone-networks", "10.1.1.1", "CIDR"}},
		{"a demo too large", "# ours\ndemo: 2000\n", nil, nil, []string{config + ":2: demo", "want 1 to 1000"}},
		{"a demo that is no number", "demo: many\n", nil, nil, []string{config + ":1: demo", "many"}},
		{"a demo off loopback", "demo: 5\ncwmp: :7547\n", nil, nil, []string{config + ":2: cwmp", "not on loopback"}},
		{"a demo with a name outside", "public-url: http://a\n", []string{"PHONEACS_DEMO=5"}, nil, []string{config + ":1: public-url", "--demo"}},
		{"a demo without clear text", "", nil, []string{"--demo", "5", "--cwmp=", "--cwmp-tls", "127.0.0.1:1"}, []string{"--cwmp: is missing"}},
		{"a demo that asks for more", "", nil, []string{"--demo", "5", "--auth", "basic"}, []string{"--auth: cannot be basic"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"serve", "--check"}, tt.args...)
			if tt.yaml != "" {
				if err := os.WriteFile(config, []byte(tt.yaml), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, "--config", config)
			}
			o := runProgram(t, tt.env, args...)
			if o.status != 2 || o.stdout != "" {
				t.Errorf("status %d, output %q; want 2 and none", o.status, o.stdout)
			}
			for _, told := range tt.told {
				if !strings.Contains(o.stderr, told) {
					t.Errorf("it does not say %q: %s", told, o.stderr)
				}
			}
		})
	}
}

// TestCommandLine holds what is not understood, and what is.
func TestCommandLine(t *testing.T) {
	for line, want := range map[string]int{
		"--server 127.0.0.1:1": 7, "help": 0, "--help": 0, "version": 0, "serve --help": 0,
		"sevre": 2, "--cwmp x": 2, "version 2": 2, "serve x": 2,
	} {
		o := runProgram(t, nil, strings.Fields(line)...)
		if o.status != want || (o.stderr == "") != (want == 0) || (o.stdout == "") != (want != 0) {
			t.Errorf("phoneacs %s: status %d, want %d; output %.100q, errors %q", line, o.status, want, o.stdout, o.stderr)
		}
	}
}

// TestSettingsFromAllSources starts a server that could not start if a source
// that should lose had won.
func TestSettingsFromAllSources(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "phoneacs.yaml")
	// The harness gives data, cwmp and admin as flags.
	yaml := "data: /dev/null/no\ncwmp: 203.0.113.1:1\nadmin: 203.0.113.1:1\nlog-format: json\nlog-level: error\nenrol: list\n"
	if err := os.WriteFile(config, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, filepath.Join(dir, "data"), "--config", config)
	s.env = append(s.env, "PHONEACS_LOG_LEVEL=info")
	s.Start()
	s.wire(t).post(inform("A1", informOptions{})).must(http.StatusOK, "<FaultCode>8001</FaultCode>")
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	if log := s.Log(); !strings.Contains(log, `"level":"INFO","msg":"stopping`) || !strings.Contains(log, "Only imported phones are let in.") {
		t.Errorf("the settings of the file, or of the environment, are not in force:\n%s", log)
	}
}

// TestPortTaken starts a server where another listens: the setting is named.
func TestPortTaken(t *testing.T) {
	s := startServer(t, t.TempDir())
	o := runProgram(t, nil, "serve", "--data", t.TempDir(), "--cwmp", s.acs, "--admin", freeAddr(t))
	if o.status != 2 || !strings.Contains(o.stderr, "--cwmp: cannot listen on "+s.acs) {
		t.Errorf("status %d: %s", o.status, o.stderr)
	}
}

// TestBackupByCopy starts a server on the copy of another's directory, which is
// how docs/operations.md has it backed up.
func TestBackupByCopy(t *testing.T) {
	s := startServer(t, filepath.Join(t.TempDir(), "data"), "--enrol", "open")
	s.wire(t).inform("A1", firstBoot).post("").must(http.StatusNoContent, "")
	content := bytes.Repeat([]byte("config "), 100)
	file := s.addFile(t, "a.cfg", "config", "", "", content)
	if a := s.later(t, "k", time.Now().Add(time.Hour)); a.status != http.StatusCreated {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if err := s.Term(); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(copied, "key"), 0o600); err != nil { // cp -a keeps it so
		t.Fatal(err)
	}

	fleet := sim.Options{Phones: 1, Models: []string{"X6"}, PeriodicInterval: time.Second}
	again := startServer(t, copied, "--enrol", "open", "--phone-networks", "127.0.0.0/8")
	if jobs := list[job](t, again, "/api/v1/jobs"); len(jobs) != 1 || jobs[0].Kind != "reboot" {
		t.Errorf("the copy has the jobs %v", jobs)
	}
	fleet.ACS = again.ACS()
	phones := runFleet(t, fleet)
	again.awaitPhones(t, 2, 10*time.Second)
	j := again.order(t, downloadNow(file, map[string]any{"phones": []string{phones.Phone(0).MAC().String()}}))
	if j = again.awaitEnded(t, j.ID, 30*time.Second); j.Counts["succeeded"] != 1 {
		t.Errorf("a file of the copy: %v", j.Counts)
	}
	sum := sha256.Sum256(content)
	if got := phones.Phone(0).Ledger().Configs(); len(got) != 1 || got[0].Digest != hex.EncodeToString(sum[:]) {
		t.Errorf("the phone took %v", got)
	}
}
