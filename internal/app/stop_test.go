package app

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestStopLetsSessionsEnd: a session goes on, no other begins, operators are
// told, and Run waits for the session and no longer.
func TestStopLetsSessionsEnd(t *testing.T) {
	r := serve(t, testConfig(t))
	cookie := r.openSession("A1")
	r.stop()
	eventually(t, "not ready", func() bool { return r.ask(http.MethodGet, "/readyz", "").StatusCode == http.StatusServiceUnavailable })
	eventually(t, "refuses sessions", func() bool {
		res := r.post("", inform("A2"))
		return res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != ""
	})
	select {
	case err := <-r.ended:
		t.Fatalf("Run returned %v while a session is open", err)
	default:
	}
	if res := r.endSession(cookie); res.StatusCode != http.StatusNoContent {
		t.Errorf("the end of the session: status %d", res.StatusCode)
	}
	if err := r.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if strings.Contains(r.log.String(), "cut off") {
		t.Errorf("the log speaks of something cut off:\n%s", r.log)
	}
}

// TestStopCutsOff: a phone that stays keeps nobody from stopping.
func TestStopCutsOff(t *testing.T) {
	for name, limit := range map[string]time.Duration{"soon": 50 * time.Millisecond, "at once": 0} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t)
			cfg.Drain = limit
			r := serve(t, cfg)
			r.openSession("A1")
			r.stop()
			if err := r.end(); err != nil {
				t.Errorf("Run: %v; a session cut off is no failure", err)
			}
			if !strings.Contains(r.log.String(), "sessions still open were cut off") {
				t.Errorf("the log does not say it:\n%s", r.log)
			}
		})
	}
}

// TestStopEndsEventStreams: a reader that would stay for ever does not hold the
// server up, and comes to an end rather than to an error.
func TestStopEndsEventStreams(t *testing.T) {
	r := serve(t, testConfig(t))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.AdminAddr().String()+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if ct := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || !strings.HasPrefix(ct, "text/event-stream") {
		t.Fatalf("status %d, type %q", res.StatusCode, ct)
	}
	in := bufio.NewReader(res.Body)
	if _, err := in.ReadString('\n'); err != nil {
		t.Fatalf("the stream does not begin: %v", err)
	}
	r.stop()
	if _, err := io.Copy(io.Discard, in); err != nil {
		t.Errorf("the stream breaks off: %v", err)
	}
	if err := r.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if strings.Contains(r.log.String(), "cut off") {
		t.Errorf("the stream had to be cut off:\n%s", r.log)
	}
}
