package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mount mounts something on a directory until the test ends. Only root may;
// for others, and where it is not permitted, the test ends here.
func mount(tb testing.TB, dir string, args ...string) {
	tb.Helper()
	needPrograms(tb, "mount", "umount")
	if out, err := exec.Command("mount", append(args, dir)...).CombinedOutput(); err != nil {
		missing(tb, "leave to mount (mount %s: %v: %s)", strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	tb.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			tb.Errorf("umount %s: %v: %s", dir, err, out)
		}
	})
}

// smallDisk mounts a file system of 32 MiB.
func smallDisk(tb testing.TB) string {
	tb.Helper()
	disk := tb.TempDir()
	mount(tb, disk, "-t", "tmpfs", "-o", "size=32m,mode=0700", "tmpfs")
	return disk
}

// fill writes a file until the disk has no room for one more byte.
func fill(tb testing.TB, path string) {
	tb.Helper()
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err = f.Write(make([]byte, size)); err == nil {
			continue
		}
		if !errors.Is(err, syscall.ENOSPC) {
			tb.Fatalf("fill the disk: %v", err)
		}
		size /= 2
	}
}

// A problem is the body of an answer that is not a success.
type problem struct {
	Type   string `json:"type"`
	Detail string `json:"detail"`
}

// refused demands a status and a type of problem, and returns its sentence.
func (a answer) refused(tb testing.TB, status int, kind string) string {
	tb.Helper()
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		tb.Fatalf("status %d: %v in %.300q", a.status, err, a.body)
	}
	if a.status != status || p.Type != "urn:phoneacs:problem:"+kind {
		tb.Fatalf("status %d, %s (%s); want %d, %s", a.status, p.Type, p.Detail, status, kind)
	}
	return p.Detail
}

// readiness waits until /readyz answers a status, and returns its body.
func (s *server) readiness(tb testing.TB, status int, patience time.Duration) (body string) {
	tb.Helper()
	eventually(tb, patience, "readyz", func() error {
		a, err := s.do(tb.Context(), http.MethodGet, "/readyz", nil)
		if err == nil && a.status != status {
			err = fmt.Errorf("status %d, want %d: %s", a.status, status, a.body)
		}
		body = string(a.body)
		return err
	})
	return body
}

// later orders a restart of all phones in an hour, under an idempotency key.
func (s *server) later(tb testing.TB, key string, at time.Time) answer {
	tb.Helper()
	a, err := s.do(tb.Context(), http.MethodPost, "/api/v1/jobs", newJob{
		Kind: "reboot", Selection: map[string]any{"all": true}, When: map[string]any{"at": at.UTC().Format(time.RFC3339)},
	}, "Idempotency-Key", key)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// untilRefused orders until there is no room, and returns the key of the order
// that was refused. On a full disk one may still fit into free pages of the
// store's file: it is accepted then, and kept.
func untilRefused(tb testing.TB, order func(key string) answer) (refused string) {
	tb.Helper()
	for i := range 1000 {
		key := fmt.Sprintf("full-%d", i)
		a := order(key)
		if a.status == http.StatusCreated {
			continue
		}
		if why := a.refused(tb, http.StatusInsufficientStorage, "no-space"); !strings.Contains(why, "nothing was changed; the server's disk is full") {
			tb.Errorf("the order is refused with %q", why)
		}
		return key
	}
	tb.Fatal("a thousand orders were accepted on a full disk")
	return ""
}

// TestDiskFull lets the disk of a working server run full, and empties it. What
// was accepted is kept, what was refused has left nothing, phones that bring
// nothing to keep are served, and no restart is needed.
func TestDiskFull(t *testing.T) {
	disk := smallDisk(t)
	filler := filepath.Join(disk, "filler")
	s := startServer(t, filepath.Join(disk, "data"), "--enrol", "open")
	boot := informOptions{events: []string{"0 BOOTSTRAP", "1 BOOT"}}
	for _, serial := range []string{"A1", "A2"} {
		s.wire(t).inform(serial, boot).post("").must(http.StatusNoContent, "")
	}
	at := time.Now().Add(time.Hour)
	accepted := map[string]bool{}
	order := func(key string) answer {
		t.Helper()
		a := s.later(t, key, at)
		if a.status == http.StatusCreated {
			var j job
			if err := json.Unmarshal(a.body, &j); err != nil {
				t.Fatal(err)
			}
			accepted[j.ID] = true
		}
		return a
	}
	if a := order("before"); a.status != http.StatusCreated {
		t.Fatalf("an order while there is room: status %d: %s", a.status, a.body)
	}

	fill(t, filler)
	refused := untilRefused(t, order)
	if body := s.readiness(t, http.StatusServiceUnavailable, 10*time.Second); !strings.Contains(body, "the disk is full") {
		t.Errorf("readyz does not say why: %s", body)
	}
	upload, err := s.do(t.Context(), http.MethodPost, "/api/v1/files?name=a.cfg&kind=config", bytes.Repeat([]byte("a"), 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	upload.refused(t, http.StatusInsufficientStorage, "no-space")

	// A phone's Inform that the answer makes it forget is not answered.
	much := informOptions{events: []string{"1 BOOT"}}
	for range 400 {
		much.parameters = append(much.parameters, strings.Repeat("v", 900))
	}
	for serial, o := range map[string]informOptions{"A1": much, "B1": {events: boot.events, parameters: much.parameters}} {
		r := s.wire(t).post(inform(serial, o)).must(http.StatusServiceUnavailable, "store.no_space")
		if wait, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || wait < 1 {
			t.Errorf("phone %s: Retry-After %q", serial, r.header.Get("Retry-After"))
		}
	}
	if n := strings.Count(s.Log(), "commit failed"); n != 1 {
		t.Errorf("the log says %d times that a commit failed; want once", n)
	}
	for _, o := range []informOptions{{}, {version: "2.4.13"}, {events: []string{"6 CONNECTION REQUEST"}}} {
		s.wire(t).inform("A2", o).post("").must(http.StatusNoContent, "")
	}

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	s.readiness(t, http.StatusOK, 10*time.Second)
	if a := order(refused); a.status != http.StatusCreated || a.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("the refused order, repeated: status %d, replayed %q: %s", a.status, a.header.Get("Idempotency-Replayed"), a.body)
	}
	for _, serial := range []string{"A1", "B1"} {
		s.wire(t).inform(serial, much).post("").must(http.StatusNoContent, "")
	}
	s.addFile(t, "a.cfg", "config", "", "", bytes.Repeat([]byte("a"), 1<<20))
	s.awaitPhones(t, 3, 10*time.Second)
	jobs := list[job](t, s, "/api/v1/jobs")
	for _, j := range jobs {
		if !accepted[j.ID] {
			t.Errorf("job %s was never accepted", j.ID)
		}
	}
	if len(jobs) != len(accepted) {
		t.Errorf("%d jobs, %d were accepted", len(jobs), len(accepted))
	}
	if err := s.Term(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	checkStore(t, s.dir)
	leftovers, err := os.ReadDir(filepath.Join(s.dir, "blobs", "tmp"))
	if err != nil || len(leftovers) > 0 {
		t.Errorf("of uploads remain %v, %v", leftovers, err)
	}
}

// TestDiskFullSends has restarts ready for phones whose sessions find the disk
// full. Each phone is told to restart once, over all its sessions: on the full
// disk if it could be noted, else when there is room.
func TestDiskFullSends(t *testing.T) {
	const phones = 300 // more than the free pages of the store have room for
	disk := smallDisk(t)
	filler := filepath.Join(disk, "filler")
	s := startServer(t, filepath.Join(disk, "data"), "--enrol", "open")
	for i := range phones {
		s.wire(t).inform(fmt.Sprintf("A%d", i), firstBoot).post("").must(http.StatusNoContent, "")
	}
	j := s.order(t, rebootNow(map[string]any{"all": true}).unasked())
	eventually(t, 10*time.Second, "the tasks are ready", func() error {
		if j = s.job(t, j.ID); j.Counts["ready"] != phones {
			return fmt.Errorf("job: %v", j.Counts)
		}
		return nil
	})

	fill(t, filler)
	untilRefused(t, func(key string) answer { return s.later(t, key, time.Now().Add(time.Hour)) })
	told := make([]int, phones)
	session := func(i int) (refused bool) {
		w := s.wire(t).inform(fmt.Sprintf("A%d", i), informOptions{}).post("")
		r, err := w.read()
		switch {
		case err != nil:
			t.Fatal(err)
		case r.status == http.StatusServiceUnavailable && r.body == "store.no_space":
			return true
		case r.status == http.StatusOK && strings.Contains(r.body, "Reboot>"):
			told[i]++ // and breaks off
		case r.status != http.StatusNoContent:
			t.Errorf("phone %d: status %d: %s", i, r.status, r.body)
		}
		return false
	}
	refused := 0
	for i := range phones {
		if session(i) {
			refused++
		}
	}
	t.Logf("of %d sessions %d found no room to note the restart", phones, refused)
	if refused == 0 {
		t.Error("no session found the disk full")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for i := range phones {
			if session(i) {
				t.Errorf("phone %d finds no room on a disk that has some", i)
			}
		}
	}
	for i, n := range told {
		if n != 1 {
			t.Errorf("phone %d was told to restart %d times", i, n)
		}
	}
	s.Kill()
	checkStore(t, s.dir)
}

// TestDiskFullAndQuiet wants readyz to tell when there is room again, although
// nobody asks the server to write anything.
func TestDiskFullAndQuiet(t *testing.T) {
	disk := smallDisk(t)
	filler := filepath.Join(disk, "filler")
	s := startServer(t, filepath.Join(disk, "data"))
	fill(t, filler)
	untilRefused(t, func(key string) answer { return s.later(t, key, time.Now().Add(time.Hour)) })
	s.readiness(t, http.StatusServiceUnavailable, 10*time.Second)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	s.readiness(t, http.StatusOK, 10*time.Second)
}

// TestKilledOnFullDisk restarts a server whose disk is still full: it serves,
// says what is wrong, and has all that it accepted.
func TestKilledOnFullDisk(t *testing.T) {
	disk := smallDisk(t)
	filler := filepath.Join(disk, "filler")
	s := startServer(t, filepath.Join(disk, "data"), "--enrol", "open")
	s.wire(t).inform("A1", firstBoot).post("").must(http.StatusNoContent, "")
	if a := s.later(t, "k", time.Now().Add(time.Hour)); a.status != http.StatusCreated {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	fill(t, filler)
	s.Kill()
	s.launch()
	eventually(t, 10*time.Second, "the jobs after a restart", func() error {
		a, err := s.do(t.Context(), http.MethodGet, "/api/v1/jobs", nil)
		if err == nil && (a.status != http.StatusOK || !bytes.Contains(a.body, []byte(`"id":"j1"`))) {
			err = fmt.Errorf("status %d: %s", a.status, a.body)
		}
		return err
	})
	s.wire(t).inform("A1", informOptions{}).post("").must(http.StatusNoContent, "")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if a := s.later(t, "k2", time.Now().Add(time.Hour)); a.status != http.StatusCreated {
		t.Errorf("an order when there is room again: status %d: %s", a.status, a.body)
	}
	s.Kill()
	checkStore(t, s.dir)
}

// TestReadOnlyDirectory wants an error that names the path.
func TestReadOnlyDirectory(t *testing.T) {
	used := filepath.Join(t.TempDir(), "disk")
	dir := filepath.Join(used, "data")
	s := startServer(t, dir)
	if err := s.Term(); err != nil {
		t.Fatal(err)
	}
	mount(t, used, "--bind", used)
	if out, err := exec.Command("mount", "-o", "remount,bind,ro", used).CombinedOutput(); err != nil {
		missing(t, "leave to mount read-only (%v: %s)", err, bytes.TrimSpace(out))
	}
	for _, path := range []string{dir, filepath.Join(used, "new")} {
		o := runProgram(t, nil, "serve", "--data", path, "--cwmp", freeAddr(t), "--admin", freeAddr(t))
		if o.status != 1 || !strings.Contains(o.stderr, path) || !strings.Contains(o.stderr, "read-only file system") {
			t.Errorf("status %d: %s", o.status, o.stderr)
		}
	}
}

// TestLocked starts a second process on the same data. The wait for the first
// is bounded; of a machine that is busy, the best of three tries counts.
func TestLocked(t *testing.T) {
	s := startServer(t, t.TempDir())
	var took time.Duration
	for range 3 {
		o := runProgram(t, nil, "serve", "--data", s.dir, "--cwmp", freeAddr(t), "--admin", freeAddr(t))
		if o.status != 3 {
			t.Fatalf("status %d: %s", o.status, o.stderr)
		}
		for _, told := range []string{s.dir, "another process uses this directory", "stop the other phoneacs, or give this one its own --data"} {
			if !strings.Contains(o.stderr, told) {
				t.Errorf("it does not say %q: %s", told, o.stderr)
			}
		}
		if took = o.took; took < 2*time.Second {
			break
		}
	}
	t.Logf("refused within %v", took.Round(time.Millisecond))
	if took >= 2*time.Second {
		t.Errorf("refused within %v, want 2s", took)
	}
	s.readiness(t, http.StatusOK, 10*time.Second) // the first has not noticed
}

// signal sends the server a signal.
func (s *server) signal(tb testing.TB, sig os.Signal) {
	tb.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		tb.Fatal(err)
	}
}

// TestStopLetsSessionsEnd stops a server in the middle of a session.
func TestStopLetsSessionsEnd(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open", "--drain", "40s")
	phone := s.wire(t).inform("A1", firstBoot)
	s.signal(t, syscall.SIGTERM)
	if body := s.readiness(t, http.StatusServiceUnavailable, 10*time.Second); !strings.Contains(body, "the server is stopping") {
		t.Errorf("readyz does not say why: %s", body)
	}
	late := s.wire(t).post(inform("A2", informOptions{})).must(http.StatusServiceUnavailable, "session.draining")
	if late.header.Get("Retry-After") == "" {
		t.Error("an Inform while the server stops is not told when to come again")
	}
	phone.post(envelope("<cwmp:GetRPCMethods/>")).must(http.StatusOK, "GetRPCMethodsResponse")
	phone.post("").must(http.StatusNoContent, "")
	began := time.Now()
	if err := s.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("with no session open it took %v to end", took)
	}
	if log := s.Log(); strings.Contains(log, "cut off") {
		t.Errorf("the session was cut off:\n%s", log)
	}
	checkStore(t, s.dir)
}

// TestStopIsBounded stops a server while a phone has fallen silent.
func TestStopIsBounded(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open", "--drain", "1s")
	s.wire(t).inform("A1", firstBoot)
	began := time.Now()
	if err := s.Term(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if took := time.Since(began); took < time.Second || took > 15*time.Second {
		t.Errorf("it took %v to end, with --drain 1s", took)
	}
	if log := s.Log(); !strings.Contains(log, "sessions still open were cut off") {
		t.Errorf("the log does not say that a session was cut off:\n%s", log)
	}
	checkStore(t, s.dir)
}

// TestSecondSignal wants no patience with a session once asked twice.
func TestSecondSignal(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open", "--drain", "10m")
	s.wire(t).inform("A1", firstBoot)
	s.signal(t, syscall.SIGTERM)
	s.readiness(t, http.StatusServiceUnavailable, 10*time.Second)
	s.signal(t, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	select {
	case <-s.ended:
	case <-ctx.Done():
		t.Fatal("the second signal did not end it")
	}
	var exit *exec.ExitError
	if !errors.As(s.err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("it ended with %v; want signal: terminated", s.err)
	}
	checkStore(t, s.dir)
	s.Start()
	s.awaitPhones(t, 1, 10*time.Second)
}
