package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A terminal is one that is not ours: tmux shows in it what a shell does.
type terminal struct {
	tb     testing.TB
	socket string
	env    []string
}

// newTerminal runs a line of shell in a terminal of some size, as who has the
// token of a server; it stands still when the line has ended.
func newTerminal(tb testing.TB, columns, rows int, server, token, line string) *terminal {
	tb.Helper()
	m := &terminal{
		tb: tb, socket: filepath.Join(tb.TempDir(), "tmux"),
		env: append(os.Environ(), "TERM=xterm", "PHONEACS_SERVER="+server, "PHONEACS_TOKEN="+token, "LC_ALL=C.UTF-8", "TMUX="),
	}
	if out, err := m.tmux("new-session", "-d", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows), "sh", "-c", line+"; cat"); err != nil {
		tb.Fatalf("start tmux: %v: %s", err, out)
	}
	tb.Cleanup(func() { _, _ = m.tmux("kill-server") })
	return m
}

func (m *terminal) tmux(args ...string) (string, error) {
	cmd := exec.Command("tmux", append([]string{"-f", "/dev/null", "-S", m.socket}, args...)...)
	cmd.Env = m.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// keys types.
func (m *terminal) keys(keys ...string) {
	m.tb.Helper()
	if out, err := m.tmux(append([]string{"send-keys"}, keys...)...); err != nil {
		m.tb.Fatalf("type %q: %v: %s", keys, err, out)
	}
}

// shows waits until the screen matches a pattern, and returns it.
func (m *terminal) shows(pattern string) (screen string) {
	m.tb.Helper()
	want := regexp.MustCompile(pattern)
	eventually(m.tb, 30*time.Second, "a terminal that shows "+pattern, func() (err error) {
		screen, err = m.tmux("capture-pane", "-p")
		if err == nil && !want.MatchString(screen) {
			err = fmt.Errorf("it shows\n%s", strings.TrimSpace(screen))
		}
		return err
	})
	return screen
}
