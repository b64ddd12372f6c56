package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// scratch is removed when the tests have ended.
var scratch string

func TestMain(m *testing.M) {
	if what := os.Getenv(helperVariable); what != "" {
		if err := help(strings.Fields(what)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	var err error
	if scratch, err = os.MkdirTemp("", "phoneacs-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	parallel()
	status := m.Run()
	if err := os.RemoveAll(scratch); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

// parallel lets many parallel tests run at once, unless the command line says
// how many: they wait for phones, not for processors.
func parallel() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", "64") // a flag that package testing has
	}
}

// program builds the server, once, and returns its path.
func program(tb testing.TB) string {
	tb.Helper()
	path, err := build()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

var build = sync.OnceValues(func() (string, error) {
	if err := lookAtSources(); err != nil {
		return "", err
	}
	path := filepath.Join(scratch, "phoneacs")
	args := append([]string{"build", "-o", path}, buildFlags...)
	out, err := exec.Command("go", append(args, "phoneacs/cmd/phoneacs")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the server: %w\n%s", err, out)
	}
	return path, nil
})

// lookAtSources tells the test cache what the server is made of: a result is
// kept while the files that a test has looked at stay as they are.
func lookAtSources() error {
	return filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("look at the sources: %w", err)
		case d.IsDir() && path != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "e2e"):
			return fs.SkipDir
		case d.Type().IsRegular():
			_, err = os.Stat(path)
		}
		return err
	})
}

// adminToken is what the server is given as its first admin token.
const adminToken = "the-token-of-the-tests"

// A server is `phoneacs serve` on a directory and on ports that stay the same
// over restarts. It is one test's; Start, Kill, Term and Wait are for its
// goroutine, the rest is safe for concurrent use.
type server struct {
	tb     testing.TB
	dir    string
	args   []string // of serve, besides --data, --cwmp and --admin
	env    []string
	token  string   // for the admin API
	noData bool     // the server picks its directory
	wrap   []string // a command line that the program is run by; empty: none

	acs   string // host:port for phones
	admin string // host:port for operators

	logFile string
	cmd     *exec.Cmd
	ended   chan struct{} // closed when the process has ended
	err     error         // what Wait returned
}

// startServer starts a server and waits until it serves. Whatever still runs
// when the test ends is killed; a data race or a panic in its log fails the test.
func startServer(tb testing.TB, dir string, args ...string) *server {
	tb.Helper()
	s := newServer(tb, dir, args...)
	s.Start()
	return s
}

// newServer is startServer for those who have something to change before Start.
func newServer(tb testing.TB, dir string, args ...string) *server {
	tb.Helper()
	s := &server{
		tb: tb, dir: dir, args: args, acs: freeAddr(tb), admin: freeAddr(tb),
		env: []string{"PHONEACS_ADMIN_TOKEN=" + adminToken}, token: adminToken,
	}
	s.logFile = filepath.Join(tb.TempDir(), "log")
	tb.Cleanup(func() {
		if s.running() {
			s.Kill()
		}
		s.checkLog()
	})
	return s
}

var givenAddrs sync.Map // address → true

// freeAddr picks a port that nobody listens on. It keeps away from those that
// the system gives to outgoing connections: phones that look for a server that
// is down would else take its port, some by calling themselves. None is given
// out twice: who asked first may not listen on it yet.
func freeAddr(tb testing.TB) string {
	tb.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 15000+rand.IntN(17000))
		if _, given := givenAddrs.LoadOrStore(addr, true); given {
			continue
		}
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	tb.Fatal("no free port found")
	return ""
}

// Start starts the process, on the same directory and ports as before, and
// waits until it is ready.
func (s *server) Start() {
	s.tb.Helper()
	s.launch()
	s.awaitReady()
}

// launch is Start that does not wait.
func (s *server) launch() {
	s.tb.Helper()
	if s.running() {
		s.tb.Fatal("the server runs already")
	}
	line := append(append([]string{}, s.wrap...), program(s.tb), "serve", "--cwmp", s.acs, "--admin", s.admin)
	if !s.noData {
		line = append(line, "--data", s.dir)
	}
	// Tests that have no time to wait for phones; what they say themselves counts.
	line = append(line, "--inform-pace", "0s", "--wake-gap", "0s", "--min-free", "0")
	line = append(line, s.args...)
	log, err := os.OpenFile(s.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(line[0], line[1:]...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PHONEACS_") {
			s.cmd.Env = append(s.cmd.Env, v)
		}
	}
	s.cmd.Env = append(s.cmd.Env, s.env...)
	if err := s.cmd.Start(); err != nil {
		s.tb.Fatalf("start the server: %v", err)
	}
	s.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		s.err = cmd.Wait()
		close(ended)
	}(s.cmd, s.ended)
}

func (s *server) awaitReady() {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(s.tb.Context(), time.Minute)
	defer cancel()
	err := poll(ctx, func() error {
		select {
		case <-s.ended:
			s.tb.Fatalf("the server ended (%v) and should serve:\n%s", s.err, tail(s.Log()))
		default:
		}
		a, err := s.do(ctx, http.MethodGet, "/readyz", nil)
		if err == nil && a.status != http.StatusOK {
			err = fmt.Errorf("status %d", a.status)
		}
		return err
	})
	if err != nil {
		s.tb.Fatalf("the server is not ready: %v\n%s", err, tail(s.Log()))
	}
}

func (s *server) running() bool {
	if s.cmd == nil {
		return false
	}
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

// Kill ends the process as kill -9 does, and returns when it is gone.
func (s *server) Kill() {
	s.tb.Helper()
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.tb.Fatalf("kill the server: %v", err)
	}
	<-s.ended
}

// Term asks the process to end in order, and returns how it did.
func (s *server) Term() error {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.tb.Fatalf("ask the server to end: %v", err)
	}
	return s.Wait()
}

// Wait waits until the process has ended, and returns how it did: nil for
// status 0, else an *exec.ExitError. It fails the test after a minute.
func (s *server) Wait() error {
	s.tb.Helper()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	select {
	case <-s.ended:
		return s.err
	case <-patience.C:
		s.tb.Fatalf("the server does not end:\n%s", tail(s.Log()))
		return nil
	}
}

// Log returns all that the process wrote, over all its starts.
func (s *server) Log() string {
	b, err := os.ReadFile(s.logFile)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.tb.Error(err)
	}
	return string(b)
}

func (s *server) checkLog() {
	log := s.Log()
	for _, bad := range []string{"WARNING: DATA RACE", "panic:", "fatal error:", "panicked"} {
		if i := strings.Index(log, bad); i >= 0 {
			s.tb.Errorf("the server's log has %q:\n%s", bad, log[i:min(len(log), i+8000)])
		}
	}
	if s.tb.Failed() {
		s.tb.Logf("end of the server's log:\n%s", tail(log))
	}
}

func tail(log string) string { return log[max(0, len(log)-4000):] }

// ACS is the URL that phones are given.
func (s *server) ACS() string { return "http://" + s.acs + "/acs" }

// poll repeats step, a few hundred times a second, until it returns nil or ctx
// ends, and then returns its last error.
func poll(ctx context.Context, step func() error) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := step()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	}
}

// eventually is poll with a time of its own; it fails the test.
func eventually(tb testing.TB, patience time.Duration, what string, step func() error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	if err := poll(ctx, step); err != nil {
		tb.Fatalf("%s: %v", what, err)
	}
}

// runFleet lets simulated phones live until the test ends.
func runFleet(tb testing.TB, o sim.Options) *sim.Fleet {
	tb.Helper()
	f := sim.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("fleet: %v", err)
		}
	})
	select {
	case <-f.Ready():
	case err := <-done:
		done <- nil
		tb.Fatalf("run fleet: %v", err)
	}
	return f
}
