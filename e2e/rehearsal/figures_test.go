package rehearsal

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"phoneacs/e2e/bench/proc"
)

// figures are what a rehearsal came to, and what it cost.
type figures struct {
	result
	began   time.Time
	cpu     time.Duration // of this process
	wall    time.Duration
	memory  int // the most that the process with the server had resident, in KiB
	commits int
}

func begin() figures { return figures{began: time.Now(), cpu: cpuTime()} }

// end takes the figures of a rehearsal that is over, with its store closed.
func (f *figures) end(t *testing.T, dir string) {
	t.Helper()
	f.wall, f.cpu = time.Since(f.began), cpuTime()-f.cpu
	var err error
	if f.commits, err = commitsOf(dir); err != nil {
		t.Error(err)
	}
}

// cpuTime is what this process has used of processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// commitsOf counts the commits of a store that is closed: each takes the next
// number.
func commitsOf(dir string) (n int, err error) {
	db, err := bbolt.Open(filepath.Join(dir, "phoneacs.db"), 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return 0, fmt.Errorf("count commits: %w", err)
	}
	err = db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil })
	return n, errors.Join(err, db.Close())
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak takes the most memory that the server's process has had resident.
func (f *figures) peak(t *testing.T, pid int) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Errorf("memory of the process: %v", err)
		return
	}
	if m := highWater.FindSubmatch(b); m != nil {
		f.memory, _ = strconv.Atoi(string(m[1]))
	}
	if f.memory == 0 {
		t.Error("memory of the process: it is not said")
	}
}

// String writes the tables as Markdown.
func (f figures) String() string {
	var b strings.Builder
	columns := []string{
		"order", "site", "phones", "done", "failed, as planned", "expired, as planned", "of them in calls all the while", "of them with a later slot", "otherwise",
		"restarts", "out of the window", "into a call that was there", "into a call begun after the line was read",
		"found in a call, left alone", "slots in a minute, at most", "busiest minute", "last restart",
	}
	b.WriteString("| " + strings.Join(columns, " | ") + " |\n|" + strings.Repeat(" --- |", len(columns)) + "\n")
	for _, t := range f.tallies {
		busiest, last := "", ""
		if t.restarts > 0 {
			busiest = fmt.Sprintf("%d at %s", t.busiest, t.minute.In(t.zone).Format("Mon 15:04"))
			last = t.last.In(t.zone).Format("Mon 15:04:05")
		}
		row := []any{
			t.work, t.site, grouped(t.phones), grouped(t.succeeded), t.failed, grouped(t.expired), t.excused, grouped(t.elsewhere), t.astray,
			grouped(t.restarts), t.outside, t.inCall, t.begun, t.spared, t.slots, busiest, last,
		}
		for _, cell := range row {
			fmt.Fprintf(&b, "| %v ", cell)
		}
		b.WriteString("|\n")
	}
	sum := func(of func(*tally) int) (n int) {
		for i := range f.tallies {
			n += of(&f.tallies[i])
		}
		return n
	}
	b.WriteString("\n| figure | value |\n| --- | --- |\n")
	for _, row := range []struct {
		what  string
		value any
	}{
		{"phones", f.phones.Phones},
		{"requests out of the window", sum(func(t *tally) int { return t.early })},
		{"requests long after the slot, to phones awake and idle", sum(func(t *tally) int { return t.late })},
		{"restarts asked for in the window, and up to 15 s after it", sum(func(t *tally) int { return t.after })},
		{"requests that came twice", sum(func(t *tally) int { return t.twice })},
		{"done or not, says the server alone", sum(func(t *tally) int { return t.unshown })},
		{"sessions", int(f.phones.Sessions)},
		{"sessions that failed", int(f.phones.Failed)},
		{"rules of TR-069 that the server broke", int(f.phones.Breaches)},
		{"connection requests that phones took", int(f.phones.ConnectionRequests)},
		{"RPCs of the server", int(f.phones.Requests)},
		{"commits", f.commits},
		{"lasted, by its own clock", f.clock.Round(time.Minute)},
		{"lasted, by ours", f.wall.Round(time.Second)},
		{"CPU of this process", f.cpu.Round(time.Second)},
		{"memory at most", fmt.Sprintf("%d MiB", f.memory>>10)},
	} {
		value := row.value
		if n, ok := value.(int); ok {
			value = grouped(n)
		}
		fmt.Fprintf(&b, "| %s | %v |\n", row.what, value)
	}
	return b.String()
}

// grouped writes a number as people read it: 20,000.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

const document = "../../docs/rehearsal.md"

// write puts the tables into their part of the document, if that is asked for.
func (f figures) write(t *testing.T, part string) {
	if os.Getenv("PHONEACS_WRITE_DOCS") != "1" || t.Failed() {
		return
	}
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(b), "<!-- "+part+" -->\n")
	_, after, ends := strings.Cut(rest, "<!-- end -->\n")
	if !begins || !ends {
		t.Fatalf("%s has no place for its part %s", document, part)
	}
	text := fmt.Sprintf("%s<!-- %s -->\nMachine: %s, %d cores, %s %s/%s, %s:\n\n%s<!-- end -->\n%s", before, part,
		cmp.Or(proc.Model(), "unknown processor"), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, f.began.Format(time.DateOnly), f, after)
	if err := os.WriteFile(document, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
