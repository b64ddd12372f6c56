package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// anonymous is the memory of a process that no file backs, in bytes: heap and
// stacks.
func anonymous(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(`(?m)^RssAnon:\s+(\d+) kB$`).FindSubmatch(b)
	if m == nil {
		return 0, fmt.Errorf("process %d has no memory:\n%s", pid, b)
	}
	kb, err := strconv.ParseInt(string(m[1]), 10, 64)
	return kb << 10, err
}

// anonymous is that of the server. Only Linux tells it.
func (s *server) anonymous(tb testing.TB) int64 {
	tb.Helper()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		missing(tb, "Linux's /proc, to read a process's memory")
	}
	n, err := anonymous(s.cmd.Process.Pid)
	if err != nil {
		tb.Fatalf("read the server's memory: %v", err)
	}
	return n
}

// memoryBound is n, or more where the server carries the race detector.
func memoryBound(n int64) int64 { return n * int64(1+7*len(buildFlags)) }

// watchMemory reads the server's memory until stop is called, which returns the
// most there was.
func (s *server) watchMemory(tb testing.TB) (stop func() int64) {
	tb.Helper()
	most, pid := s.anonymous(tb), s.cmd.Process.Pid
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				n, err := anonymous(pid)
				if err != nil {
					tb.Errorf("read the server's memory: %v", err)
					return
				}
				most = max(most, n)
			case <-quit:
				return
			}
		}
	}()
	return func() int64 { close(quit); <-done; return most }
}

// gauge reads one figure of /metrics.
func (s *server) gauge(tb testing.TB, name string) float64 {
	tb.Helper()
	a, err := s.do(tb.Context(), http.MethodGet, "/metrics", nil)
	if err != nil {
		tb.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindSubmatch(a.body)
	if m == nil {
		tb.Fatalf("there is no metric %s", name)
	}
	v, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// needFiles ends the test if a process may not have so many files open.
func needFiles(tb testing.TB, n uint64) {
	tb.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		tb.Fatal(err)
	}
	if limit.Cur < n {
		missing(tb, "leave to open %d files; `ulimit -n` says %d", n, limit.Cur)
	}
}

// serves runs a session and a request of the admin API, each of which must be
// over soon, whatever else the server is made to do.
func (s *server) serves(tb testing.TB, serial string) {
	tb.Helper()
	began := time.Now()
	s.wire(tb).inform(serial, informOptions{events: []string{"1 BOOT"}}).post("").must(http.StatusNoContent, "")
	s.readiness(tb, http.StatusOK, time.Second)
	if took := time.Since(began); took > 5*time.Second {
		tb.Errorf("a session and a request took %v", took)
	}
}

// TestIdle has thousands of phones open a session and fall silent, and more
// connections that say nothing at all. Others are served as if they were not
// there, what they cost is bounded, and the mute ones are hung up on. The bound
// on memory is generous: it guards against what grows without end.
func TestIdle(t *testing.T) {
	silent, mute := 3000, 1000
	if testing.Short() {
		silent, mute = 1000, 300
	}
	bound := memoryBound(512 << 20)
	needFiles(t, uint64(silent+mute+200))
	t.Parallel()
	s := startServer(t, t.TempDir(), "--enrol", "open", "--drain", "1s")
	s.serves(t, "first")
	before := s.anonymous(t)

	began := time.Now()
	var next atomic.Int64
	var work sync.WaitGroup
	for range 16 {
		work.Go(func() {
			for n := next.Add(1); n <= int64(silent); n = next.Add(1) {
				// A connection that waited for its turn would be a mute one.
				r, err := s.wire(t).post(inform(fmt.Sprintf("S%d", n), firstBoot)).read()
				if err != nil || r.status != http.StatusOK || !strings.Contains(r.body, "InformResponse") {
					t.Errorf("phone %d: status %d, %v: %.200s", n, r.status, err, r.body)
					return
				}
			}
		})
	}
	work.Wait()
	if t.Failed() {
		return
	}
	if open := s.gauge(t, "phoneacs_sessions_open"); open < float64(silent)*0.9 {
		t.Errorf("%v sessions are open; %d phones have begun one", open, silent)
	}
	muted := time.Now()
	mutes := make([]*wire, mute)
	for i := range mutes {
		mutes[i] = s.wire(t)
	}
	s.serves(t, "among")
	with := s.anonymous(t)
	t.Logf("%d open sessions and %d mute connections, opened within %v: %d KiB of memory without a file, %d before",
		silent, mute, time.Since(began).Round(time.Millisecond), with>>10, before>>10)
	if with > bound {
		t.Errorf("%d MiB of memory; %d are the bound", with>>20, bound>>20)
	}

	for _, w := range mutes { // 15 s after they were opened
		if r, err := w.read(); err == nil {
			t.Fatalf("a connection that said nothing is answered %d", r.status)
		}
	}
	if took := time.Since(muted); took > time.Minute {
		t.Errorf("it took %v until all mute connections were closed", took)
	}
	s.serves(t, "after")
}

// TestOutOfFiles takes more connections than the server may open files. It
// takes no more from phones for a while, and serves them again when it has hung
// up on the mute ones; the store, what was connected before and operators are
// not disturbed.
func TestOutOfFiles(t *testing.T) {
	needPrograms(t, "bash")
	t.Parallel()
	s := newServer(t, t.TempDir(), "--enrol", "open", "--drain", "1s", "--log-level", "debug")
	s.wrap = []string{"bash", "-c", `ulimit -n 100 && exec "$@"`, "bash"}
	s.Start()
	s.serves(t, "first")
	phone := s.wire(t).inform("A1", firstBoot)
	began := time.Now()
	for range 120 {
		s.wire(t)
	}
	late := s.wire(t).post(inform("A2", firstBoot))
	eventually(t, 20*time.Second, "the log", func() error {
		if !strings.Contains(s.Log(), "phones wait: as many of their connections are open as may be") {
			return errors.New("does not say that phones wait")
		}
		return nil
	})
	s.readiness(t, http.StatusOK, time.Second)
	phone.post("").must(http.StatusNoContent, "")
	late.must(http.StatusOK, "InformResponse")
	late.post("").must(http.StatusNoContent, "")
	t.Logf("a phone that came late was served after %v", time.Since(began).Round(time.Millisecond))
	s.readiness(t, http.StatusOK, 20*time.Second)
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	checkStore(t, s.dir)
}

// TestSlow has phones that send a byte a second, or half a message and no more.
// Each is cut off by the server's own deadline, and others do not wait for it.
func TestSlow(t *testing.T) {
	const headTime, bodyTime = 15 * time.Second, 30 * time.Second // the documented deadlines
	t.Parallel()
	s := startServer(t, t.TempDir(), "--enrol", "open", "--drain", "1s")
	message := inform("A1", firstBoot)
	announce := "Content-Length: " + strconv.Itoa(len(message))
	var slow sync.WaitGroup
	for _, tt := range []struct {
		name   string
		begin  func(w *wire)
		drip   string
		within time.Duration
	}{
		{"half a head", func(w *wire) { w.raw("POST /acs HTTP/1.1\r\nHost: x\r\n") }, "", headTime},
		{"a head by bytes", func(*wire) {}, "POST /acs HTTP/1.1\r\nHost: x\r\n", headTime},
		{"half a body", func(w *wire) { w.raw(head(announce), message[:200]) }, "", bodyTime},
		{"a body by bytes", func(w *wire) { w.raw(head(announce)) }, message, bodyTime},
		{"chunks by bytes", func(w *wire) { w.raw(head(chunked), "1000\r\n") }, message, bodyTime},
	} {
		w := s.wire(t)
		began := time.Now()
		tt.begin(w)
		slow.Go(func() {
			stop := w.drip(tt.drip)
			defer stop()
			r, err := w.read()
			took := time.Since(began)
			switch {
			case tt.within == headTime && err == nil && r.status != http.StatusBadRequest:
				t.Errorf("%s: status %d; want to be hung up on", tt.name, r.status)
			case tt.within == bodyTime && (err != nil || r.status != http.StatusRequestTimeout || r.body != "http.slow"):
				t.Errorf("%s: status %d, %q, %v; want 408, http.slow", tt.name, r.status, r.body, err)
			}
			if took < tt.within-time.Second || took > tt.within+10*time.Second {
				t.Errorf("%s: cut off after %v; the deadline is %v", tt.name, took, tt.within)
			}
		})
	}
	for i := range 8 {
		s.serves(t, fmt.Sprintf("beside%d", i))
	}
	s.stuffed(t)
	s.serves(t, "after")
	slow.Wait()
}

// stuffed has eight phones keep large bodies in memory by not ending them; a
// ninth is turned away instead of waiting for as long as they do.
func (s *server) stuffed(t *testing.T) {
	const places = 8
	got := make(chan reply)
	for i := range places + 1 {
		w := s.wire(t).inform(fmt.Sprintf("L%d", i), firstBoot)
		w.raw(head("Content-Length: 4000000"), strings.Repeat(" ", 600<<10))
		go func() {
			r, err := w.read()
			if err != nil {
				r.body = err.Error()
			}
			got <- r
		}()
	}
	// Which of the nine came last is not ours to say.
	if r := <-got; r.status != http.StatusServiceUnavailable || r.body != "http.busy" || r.header.Get("Retry-After") == "" {
		t.Errorf("the first to be answered got %d, %q, Retry-After %q; want 503, http.busy", r.status, r.body, r.header.Get("Retry-After"))
	}
	for range places {
		if r := <-got; r.status != http.StatusRequestTimeout || r.body != "http.slow" {
			t.Errorf("a body that stopped is answered %d, %q; want 408, http.slow", r.status, r.body)
		}
	}
}

// drip writes a byte a second, until it is stopped or the server hangs up.
func (w *wire) drip(s string) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for i := range len(s) {
			select {
			case <-tick.C:
			case <-quit:
				return
			}
			if _, err := w.conn.Write([]byte{s[i]}); err != nil {
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}

// TestLargeBodiesAtOnce has many phones send as much as they may, packed and
// not, at the same time: what is in memory at once is bounded.
func TestLargeBodiesAtOnce(t *testing.T) {
	const phones = 48
	bound := memoryBound(1 << 30)
	s := startServer(t, t.TempDir(), "--enrol", "open", "--drain", "1s")
	value := "<ParameterValueStruct><Name>Device.X.Y</Name><Value>" + strings.Repeat("v", 100) + "</Value></ParameterValueStruct>"
	full := envelope("<cwmp:GetParameterValuesResponse><ParameterList>" + strings.Repeat(value, 20_000) +
		"</ParameterList></cwmp:GetParameterValuesResponse>")
	small := packed(full)
	wires := make([]*wire, phones)
	for i := range wires {
		wires[i] = s.wire(t).inform(fmt.Sprintf("L%d", i), firstBoot)
	}
	before, stop := s.anonymous(t), s.watchMemory(t)
	got := make(chan reply, phones)
	for i, w := range wires {
		go func() {
			if i%2 == 0 {
				w.post(full)
			} else {
				w.post(small, gzipped)
			}
			r, err := w.read()
			if err != nil {
				r.body = err.Error()
			}
			got <- r
		}()
	}
	answers := map[string]int{}
	for range wires {
		r := <-got
		answers[fmt.Sprintf("%d %s", r.status, r.body)]++
	}
	most := stop()
	t.Logf("%d bodies of %d KiB at once: %d MiB of memory without a file, %d before; answers %v",
		phones, len(full)>>10, most>>20, before>>20, answers)
	if most > bound {
		t.Errorf("%d MiB of memory; %d are the bound", most>>20, bound>>20)
	}
	for a := range answers { // they were read, and nothing had asked for them
		if a != "400 session.unasked" && a != "503 http.busy" {
			t.Errorf("a large body is answered %s", a)
		}
	}
	s.serves(t, "after")
}
