package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"phoneacs/admin/client"
	"phoneacs/internal/sim"
)

// TestPhoneVerbs looks at a phone in all ways that the command line has.
func TestPhoneVerbs(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "--enrol", "open", "--phone-networks", "127.0.0.0/8")
	fleet := runFleet(t, sim.Options{ACS: s.ACS(), Phones: 2, Models: []string{"X6"}, PeriodicInterval: time.Hour, BootTime: time.Millisecond, RetryScale: 0.02})
	s.awaitPhones(t, 2, 30*time.Second)
	ref := fleet.Phone(0).MAC().String()
	run := func(line, out, errs string) string {
		t.Helper()
		got := s.line("", strings.Fields(line)...)
		if got.status != 0 || !regexp.MustCompile(out).MatchString(got.out) || !regexp.MustCompile(errs).MatchString(got.errs) {
			t.Errorf("phoneacs %s: status %d, want %q and %q\nstdout: %s\nstderr: %s", line, got.status, out, errs, got.out, got.errs)
		}
		return got.out
	}
	run("phone record "+ref+" --for 1h", "is recorded until", "phone recordings")
	run("job get Device.DeviceInfo. --phone "+ref+" --watch", "1 succeeded", "")
	run("job upload config "+ref+" --watch", "1 succeeded", "")
	run("phone parameters "+ref, `(?m)^Device\.DeviceInfo\.SoftwareVersion +\S+`, "^$")
	run("phone methods "+ref, `(?m)^.*GetParameterValues`, "^$")
	run("phone history "+ref, `(?m)^WHEN +WHAT`, "^$")
	run("phone edit "+ref+" --name Reception", `Reception`, "^$")
	run("phone history "+ref, `(?m) name +.*Reception`, "^$")
	run("phone tasks "+ref, `(?m)^j2-p\d +succeeded`, "^$")

	list := run("phone uploads "+ref+" --json", `^{.*"sha256":"[0-9a-f]{64}".*}\n$`, "^$")
	var u client.Upload
	if err := json.Unmarshal([]byte(list), &u); err != nil {
		t.Fatal(err)
	}
	run("phone uploads "+ref, `(?m)^`+u.ID+` +config +`, "^$")
	path := filepath.Join(t.TempDir(), "phone.cfg")
	run("phone upload "+ref+" "+u.ID+" --output "+path, "^$", "^$")
	if info, err := os.Stat(path); err != nil || info.Size() != u.Size || info.Mode().Perm() != 0o600 {
		t.Errorf("upload: %v, %v; want %d bytes", info, err, u.Size)
	}
	if got := s.line("", "phone", "upload", ref, u.ID, "--output", path); got.status != 2 {
		t.Errorf("over a file: %+v", got)
	}

	var rec client.Recording
	eventually(t, 30*time.Second, "a recording", func() error {
		got := s.line("", "phone", "recordings", ref, "--limit", "1", "--json")
		if err := json.Unmarshal([]byte(got.out), &rec); err != nil {
			return fmt.Errorf("%w: %+v", err, got)
		}
		return nil
	})
	run("phone recording "+ref+" "+rec.ID, `(?s)Inform.*InformResponse`, "^$")
	run("phone recording "+ref+" "+rec.ID+" --json", `^{.*"id":"`+rec.ID+`"`, "^$")
	run("recording list", `(?m)`+rec.ID, "^$")

	before := fleet.Stats().Sessions
	run("phone wake "+ref, ".", "^$")
	eventually(t, 30*time.Second, "a session that was asked for", func() error {
		if n := fleet.Stats().Sessions; n <= before {
			return fmt.Errorf("%d sessions, as before", n)
		}
		return nil
	})
	if got := s.line("", "phone", "wake", "p99"); got.status != 5 || !strings.Contains(got.errs, "phoneacs phone list") {
		t.Errorf("waking nobody: %+v", got)
	}
}

// TestEventFollow: what is committed is told at once, of what was asked for
// alone, until Ctrl-C, which is a good end.
func TestEventFollow(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "--enrol", "open")
	runFleet(t, sim.Options{ACS: s.ACS(), Phones: 2, Models: []string{"X6"}, PeriodicInterval: time.Hour})
	phones := s.awaitPhones(t, 2, 30*time.Second)
	cmd := exec.CommandContext(t.Context(), program(t), "event", "follow", "--phone", phones[0].ID)
	cmd.Env = []string{"PHONEACS_SERVER=" + s.admin, "PHONEACS_TOKEN=" + s.token}
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 64)
	go func() {
		defer close(told)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			told <- lines.Text()
		}
	}()
	var first string
	eventually(t, 30*time.Second, "an event", func() error { // it may not listen yet when the first is committed
		s.line("", "phone", "edit", phones[1].ID, "--name", "not mine")
		s.line("", "phone", "edit", phones[0].ID, "--name", fmt.Sprint(time.Now().UnixNano()))
		select {
		case first = <-told:
			return nil
		default:
			return fmt.Errorf("none yet")
		}
	})
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\d .* phone\.\w+ ` + phones[0].ID + `\b`).MatchString(first) {
		t.Errorf("it tells %q", first)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for line := range told {
		if !strings.Contains(line, " "+phones[0].ID) {
			t.Errorf("not asked for: %q", line)
		}
	}
	if err := cmd.Wait(); err != nil || errs.Len() > 0 {
		t.Errorf("Ctrl-C ends it with %v: %s", err, &errs)
	}
}

// TestFileAddInTerminal: a file on its way is a bar that goes when it has come.
func TestFileAddInTerminal(t *testing.T) {
	t.Parallel()
	needPrograms(t, "tmux")
	const size = 64 << 20 // more than sockets hold
	read, goOn, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.CopyN(io.Discard, r.Body, size/2); err != nil {
			return
		}
		close(read)
		select {
		case <-goOn:
		case <-over: // the request does not end by itself: its body was not read
			return
		}
		n, _ := io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(client.File{ID: "f7", Name: "big.bin", Kind: "ringer", Size: size/2 + n})
	}))
	t.Cleanup(func() { close(over); s.CloseClientConnections(); s.Close() })
	big := filepath.Join(t.TempDir(), "big.bin")
	if err := os.WriteFile(big, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	screen := newTerminal(t, 160, 20, s.URL, "x", program(t)+" file add "+big+" --kind ringer; echo status $?")
	screen.shows(`big\.bin +[5-9]\d% .*/67 MB`)
	<-read
	close(goOn)
	screen.shows(`(?s)^[^%]*file +f7\n.*status 0`)
}
