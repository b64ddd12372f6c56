package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// families reads the metrics: the type of each that has a help text.
func families(t *testing.T, text string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	helped := make(map[string]bool)
	for _, m := range regexp.MustCompile(`(?m)^# (HELP|TYPE) (\S+) (.+)$`).FindAllStringSubmatch(text, -1) {
		if m[1] == "HELP" {
			helped[m[2]] = strings.HasSuffix(m[3], ".") || !strings.HasPrefix(m[2], "phoneacs_")
		} else {
			out[m[2]] = m[3]
		}
	}
	for name := range out {
		if !helped[name] {
			t.Errorf("%s has no sentence of help", name)
		}
	}
	return out
}

// TestMetrics has promtool look at the metrics of a server that has done much,
// and looks itself for what it does not.
func TestMetrics(t *testing.T) {
	t.Parallel()
	needPrograms(t, "promtool")
	s := newServer(t, filepath.Join(t.TempDir(), "data"), "--demo", "20", "--cwmp-tls", freeAddr(t), "--auth", "digest-md5")
	s.Start()
	// What is only shown once it was counted.
	want := []string{
		"phoneacs_build_info", "phoneacs_phones", "phoneacs_sessions_total", "phoneacs_sessions_open", "phoneacs_informs_total",
		"phoneacs_rejections_total", "phoneacs_proofs_total", "phoneacs_proof_failures_total", "phoneacs_wakes_total",
		"phoneacs_jobs_orders_total", "phoneacs_jobs_attempts_total", "phoneacs_jobs_tasks_ended_total", "phoneacs_jobs_upkeep_total",
		"phoneacs_jobs_due_lag_seconds", "phoneacs_jobs_expand_seconds", "phoneacs_file_requests_total", "phoneacs_file_bytes_total", "phoneacs_upload_bytes_total",
		"phoneacs_recordings_total", "phoneacs_recordings_held_bytes", "phoneacs_unreadable_total",
		"phoneacs_admin_requests_total", "phoneacs_admin_request_seconds", "phoneacs_cwmp_request_seconds", "phoneacs_tls_certificate_end_seconds",
	}
	var text []byte
	eventually(t, time.Minute, "the server has done everything", func() error {
		a, err := s.do(t.Context(), http.MethodGet, "/metrics", nil)
		if err != nil {
			return err
		}
		text = a.body
		for _, name := range want {
			if !bytes.Contains(text, []byte("# TYPE "+name+" ")) {
				return fmt.Errorf("without %s", name)
			}
		}
		return nil
	})
	check := exec.Command("promtool", "check", "metrics")
	check.Stdin = bytes.NewReader(text)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
	for name, kind := range families(t, string(text)) {
		ours, ok := strings.CutPrefix(name, "phoneacs_")
		switch {
		case !ok: // of Go and the process
		case kind == "counter" && !strings.HasSuffix(ours, "_total"):
			t.Errorf("%s is a counter without _total", name)
		case kind == "histogram" && !strings.HasSuffix(ours, "_seconds"):
			t.Errorf("%s is a histogram and does not say of what", name)
		case kind == "untyped":
			t.Errorf("%s has no type", name)
		}
	}
	if !regexp.MustCompile(`(?m)^phoneacs_phones\{state="approved"\} 19$`).Match(text) {
		t.Errorf("not 19 approved phones:\n%.3000s", text)
	}
	// No label may grow with the fleet.
	if id := regexp.MustCompile(`(?m)^phoneacs_.*"(p\d+|j\d+|0c383e\w+|f\d+)".*$`).Find(text); id != nil {
		t.Errorf("a label names one of many: %s", id)
	}
}

// TestSessionLines holds what the log says of a session to a fixed set of keys,
// as text and as JSON, for sessions that did something, and were given up.
func TestSessionLines(t *testing.T) {
	t.Parallel()
	keys := []string{"time", "level", "msg", "session", "phone", "addr", "state", "count", "duration"}
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, filepath.Join(t.TempDir(), "data"), "--enrol", "open", "--log-format", format)
			runFleet(t, sim.Options{ACS: s.ACS(), Phones: 3, PeriodicInterval: time.Second})
			s.awaitPhones(t, 3, 30*time.Second)
			j := s.order(t, newJob{Kind: "get-parameters", Args: map[string]any{"names": []string{"Device.DeviceInfo.UpTime"}},
				Selection: map[string]any{"all": true}, When: map[string]any{"now": true}})
			if j.Selected != 3 {
				t.Fatalf("%d phones selected", j.Selected)
			}
			s.awaitEnded(t, j.ID, 30*time.Second)
			eventually(t, 30*time.Second, "a session with nothing to do", func() error {
				if !regexp.MustCompile(`session ended.*empty`).MatchString(s.Log()) {
					return errors.New("it is not told")
				}
				return nil
			})
			if err := s.Term(); err != nil {
				t.Fatal(err)
			}
			lines, empty := 0, 0
			for line := range strings.Lines(s.Log()) {
				if !strings.Contains(line, `session ended`) {
					continue
				}
				lines++
				if strings.Contains(line, "empty") {
					empty++
				}
				if got := keysOf(t, format, line); !slices.Equal(got, slices.Sorted(slices.Values(keys))) {
					t.Errorf("a session is told with %q; want %q:\n%s", got, keys, line)
				}
			}
			if lines-empty < 3 || empty == 0 {
				t.Errorf("%d sessions are told, %d in which there was nothing to do:\n%s", lines, empty, s.Log())
			}
		})
	}
}

// keysOf are the keys of a line, sorted. In JSON it also looks at the values:
// a count is a whole number, and a duration seconds.
func keysOf(t *testing.T, format, line string) []string {
	t.Helper()
	if format == "text" {
		var keys []string
		for _, m := range regexp.MustCompile(`(\w+)=("(?:[^"\\]|\\.)*"|\S*)`).FindAllStringSubmatch(line, -1) {
			keys = append(keys, m[1])
		}
		slices.Sort(keys)
		return keys
	}
	var values map[string]any
	if err := json.Unmarshal([]byte(line), &values); err != nil {
		t.Errorf("%v: %s", err, line)
	}
	if d, ok := values["duration"].(float64); !ok || d < 0 || d > 60 {
		t.Errorf("duration %v; want seconds", values["duration"])
	}
	if n, ok := values["count"].(float64); !ok || n != float64(int(n)) {
		t.Errorf("count %v", values["count"])
	}
	return slices.Sorted(maps.Keys(values))
}
