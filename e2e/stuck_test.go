package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stick has no sync of the server return, as with a disk that does not answer,
// until release. It is strace that holds them up, so the server is the one that
// people run.
func (s *server) stick(t *testing.T) (release func()) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "strace", "-f", "-p", strconv.Itoa(s.cmd.Process.Pid), "-o", os.DevNull,
		"-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:delay_enter=1000000000") // µs
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	release = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it lets the server go
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Errorf("strace does not end: %s", said.String())
		}
	})
	t.Cleanup(release)
	eventually(t, time.Minute, "strace holds the server", func() error {
		select {
		case err := <-ended:
			ended <- err
			missing(t, "leave to trace another process: %v: %s", err, said.String())
		default:
		}
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", s.cmd.Process.Pid))
		if err != nil || len(threads) == 0 {
			return fmt.Errorf("threads %v: %v", threads, err)
		}
		for _, path := range threads {
			status, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if !strings.Contains(string(status), fmt.Sprintf("TracerPid:\t%d\n", cmd.Process.Pid)) {
				return fmt.Errorf("%s is not traced", path)
			}
		}
		return nil
	})
	return release
}

// A waiter is a phone whose answer waits for the disk.
type waiter struct {
	serial, job, key string
	got              chan reply
	took             time.Duration
	err              error
}

// says posts a message of a phone and has its answer waited for.
func (w *waiter) says(on *wire, body string) {
	w.got = make(chan reply, 1)
	began := time.Now()
	on.post(body)
	go func() {
		r, err := on.read()
		w.took, w.err = time.Since(began), err
		if err == nil {
			_, err := on.in.ReadByte()
			if err != io.EOF {
				w.err = fmt.Errorf("after the answer: %v; want the end of the connection", err)
			}
		}
		w.got <- r
	}()
}

var commandKey = regexp.MustCompile(`<CommandKey>([^<]+)</CommandKey>`)

// threeWait brings three phones to where a commit is waited for while the disk
// is stuck: one that comes for the first time, one that says that it will
// restart, and one that is about to be told to. ok is false if one of them was
// too late and was refused: then nothing was taken in.
func threeWait(t *testing.T, s *server, round int) (fresh, told, asks *waiter, release func(), ok bool) {
	t.Helper()
	serial := func(n int) string { return fmt.Sprintf("STUCK%d%d", round, n) }
	fresh, told, asks = &waiter{serial: serial(0)}, &waiter{serial: serial(1)}, &waiter{serial: serial(2)}
	toldWire, asksWire, freshWire := s.wire(t), s.wire(t), s.wire(t)
	order := s.asking(t, told.serial, toldWire, rebootNow(nil).unasked(), "Reboot>")
	id := regexp.MustCompile(`ID[^>]*>(acs-[^<]+)<`).FindStringSubmatch(order)[1]
	told.key = commandKey.FindStringSubmatch(order)[1]
	told.job, _, _ = strings.Cut(told.key, "-")
	s.wire(t).inform(asks.serial, firstBoot).post("").must(http.StatusNoContent, "")
	o := rebootNow(map[string]any{"phones": []string{"0C383E-X6-" + asks.serial}}).unasked()
	asks.job = s.order(t, o).ID
	eventually(t, time.Minute, "the task is ready", func() error {
		if j := s.job(t, asks.job); j.Counts["ready"] != 1 {
			return fmt.Errorf("job: %v", j.Counts)
		}
		return nil
	})
	asksWire.inform(asks.serial, informOptions{})

	release = s.stick(t)
	fresh.says(freshWire, inform(fresh.serial, firstBoot))
	told.says(toldWire, envelopeID(id, "<cwmp:RebootResponse/>"))
	asks.says(asksWire, "")
	if body := s.readiness(t, http.StatusServiceUnavailable, time.Minute); !strings.Contains(body, `"status":"stuck"`) ||
		!strings.Contains(body, "the disk has not answered for ") {
		t.Errorf("readyz says %s", body)
	}
	for _, w := range []*waiter{fresh, told, asks} {
		select {
		case r := <-w.got:
			if r.status != http.StatusServiceUnavailable || r.body != "store.stuck" {
				t.Fatalf("%s was answered %d %q while the disk was stuck (%v)", w.serial, r.status, r.body, w.err)
			}
			return fresh, told, asks, release, false
		default:
		}
	}
	return fresh, told, asks, release, true
}

// TestStuckDisk is a server whose disk stops to answer for as long as it likes.
// Who comes then is refused at once, a thousand times over, and nothing of it
// stays; who waited before is answered within 30 s; readyz and operators are told
// why. When the disk answers, all that waited is done, once: nothing is lost, and
// what never left is sent another time.
func TestStuckDisk(t *testing.T) {
	t.Parallel()
	needPrograms(t, "strace")
	dir := filepath.Join(t.TempDir(), "data")
	s := startServer(t, dir, "--enrol", "open", "--log-level", "info")
	fresh, told, asks, release, ok := threeWait(t, s, 0)
	rounds := 1
	for ; !ok; rounds++ {
		if rounds == 4 {
			t.Fatal("the machine is too slow for three messages within five seconds")
		}
		release()
		s.readiness(t, http.StatusOK, time.Minute)
		eventually(t, time.Minute, "that is said", func() error {
			if n := strings.Count(s.Log(), "the disk answers again"); n != rounds {
				return fmt.Errorf("%d times", n)
			}
			return nil
		})
		fresh, told, asks, release, ok = threeWait(t, s, rounds)
	}

	a, err := s.do(t.Context(), http.MethodPost, "/api/v1/jobs", rebootNow(map[string]any{"all": true}))
	if err != nil || a.status != http.StatusServiceUnavailable || !strings.Contains(string(a.body), "the server's disk does not answer") {
		t.Errorf("an order: %v %d %s", err, a.status, a.body)
	}
	known := len(list[phone](t, s, "/api/v1/phones"))
	before := s.gauge(t, "go_goroutines")
	refused := flood(t, s, 3000)
	eventually(t, time.Minute, "nothing of them stays", func() error { // the server sees late that a phone hangs up
		if after := s.gauge(t, "go_goroutines"); after > before+20 {
			return fmt.Errorf("%v goroutines before %d messages, %v after", before, refused, after)
		}
		return nil
	})
	t.Logf("%d messages were refused; %v goroutines before", refused, before)
	for _, w := range []*waiter{fresh, told, asks} {
		r := <-w.got
		if w.err != nil || r.status != http.StatusServiceUnavailable || r.body != "http.late" || r.header.Get("Retry-After") == "" {
			t.Errorf("%s: %v, %d %q %v", w.serial, w.err, r.status, r.body, r.header)
		}
		if w.took > 30*time.Second {
			t.Errorf("%s was answered after %v", w.serial, w.took)
		}
		t.Logf("%s was answered after %v", w.serial, w.took)
	}
	if waited := s.gauge(t, "phoneacs_store_wait_seconds"); waited < 5 {
		t.Errorf("the disk has answered meanwhile: %v", waited)
	}

	release()
	s.readiness(t, http.StatusOK, time.Minute)
	eventually(t, time.Minute, "what waited is done", func() error {
		for _, w := range []*waiter{told, asks} {
			if got := s.taskOf(t, w); len(got.Attempts) != 1 || w == told && got.State != "proving" || w == asks && got.Attempts[0].Outcome != "fault" {
				return fmt.Errorf("task of %s: %+v", w.serial, got)
			}
		}
		if n := len(list[phone](t, s, "/api/v1/phones")); n != known+1 { // the fresh one, and none of the flood
			return fmt.Errorf("%d phones are known, %d were", n, known)
		}
		return nil
	})
	s.wire(t).inform(fresh.serial, firstBoot).post("").must(http.StatusNoContent, "")
	s.wire(t).inform(told.serial, restarted(told.key)).post("").must(http.StatusNoContent, "")

	// The order that never left comes once more, under another key, and is kept.
	eventually(t, time.Minute, "the task is ready again", func() error {
		if got := s.taskOf(t, asks); got.State != "ready" {
			return fmt.Errorf("task: %+v", got)
		}
		return nil
	})
	on := s.wire(t).inform(asks.serial, informOptions{})
	order := on.post("").must(http.StatusOK, "Reboot>").body
	key := commandKey.FindStringSubmatch(order)[1]
	id := regexp.MustCompile(`ID[^>]*>(acs-[^<]+)<`).FindStringSubmatch(order)[1]
	on.post(envelopeID(id, "<cwmp:RebootResponse/>")).must(http.StatusNoContent, "")
	s.wire(t).inform(asks.serial, restarted(key)).post("").must(http.StatusNoContent, "")
	for w, attempts := range map[*waiter]int{told: 1, asks: 2} {
		s.awaitEnded(t, w.job, time.Minute)
		got := s.taskOf(t, w)
		if got.State != "succeeded" || len(got.Attempts) != attempts {
			t.Errorf("task of %s: %+v; want one that succeeded with %d attempts", w.serial, got, attempts)
		}
		if last := got.Attempts[len(got.Attempts)-1]; w == asks && (last.Key != key || got.Attempts[0].Key == key || got.Attempts[0].Fault != 8005) {
			t.Errorf("attempts of %s: %+v; the phone was told %s", w.serial, got.Attempts, key)
		}
	}

	eventually(t, time.Minute, "each time is said once", func() error {
		log := s.Log()
		begun, over := strings.Count(log, "the disk does not answer: phones"), strings.Count(log, "the disk answers again")
		if begun != over || begun < rounds || begun > rounds+3 { // the machine's own disk may be slow, too
			return fmt.Errorf("%d times that it is stuck, %d times that it answers, of %d", begun, over, rounds)
		}
		return nil
	})
	if log := s.Log(); strings.Contains(log, "store.stuck") {
		t.Error("the log tells of single messages")
	}
	if err := s.Term(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	checkStore(t, dir)
}

// restarted is the Inform after a restart by the order with a key.
func restarted(key string) informOptions {
	return informOptions{events: []string{"1 BOOT", "M Reboot</EventCode><CommandKey>" + key + "</CommandKey></EventStruct><EventStruct><EventCode>2 PERIODIC"}}
}

// taskOf returns the task of a phone.
func (s *server) taskOf(t *testing.T, w *waiter) task {
	t.Helper()
	all := list[task](t, s, "/api/v1/jobs/"+w.job+"/tasks")
	if len(all) != 1 {
		t.Fatalf("tasks of %s: %+v", w.job, all)
	}
	return all[0]
}

// flood has phones come again and again, each message on one of some
// connections, of which some are new: all are refused, at once, by the disk.
func flood(t *testing.T, s *server, n int) (refused int) {
	t.Helper()
	const lanes, each = 16, 20
	counts := make([]int, lanes)
	var all sync.WaitGroup
	for lane := range lanes {
		all.Go(func() {
			var on *wire
			for i := range n / lanes {
				if i%each == 0 {
					var err error
					if on, err = s.dial(t); err != nil {
						t.Error(err)
						return
					}
				}
				on.post(inform(fmt.Sprintf("FLOOD%d", i*lanes+lane), firstBoot))
				r, err := on.read()
				if err != nil || r.status != http.StatusServiceUnavailable || r.body != "store.stuck" || r.header.Get("Retry-After") == "" {
					t.Errorf("message %d of lane %d: %v, %d %q %v", i, lane, err, r.status, r.body, r.header)
					return
				}
				counts[lane]++
				if i%each == each-1 || i == n/lanes-1 {
					on.conn.Close()
				}
			}
		})
	}
	all.Wait()
	for _, c := range counts {
		refused += c
	}
	return refused
}
