package admin

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

// TestStuck: while the disk does not answer, what may change something is
// refused with a sentence, before anything is done; what only reads is served;
// and who asks whether the server is ready is told why not, and nothing of room,
// for which the disk would be asked.
func TestStuck(t *testing.T) {
	h := newHarness(t)
	h.store.waited, h.store.ready = 12*time.Second, fmt.Errorf("bucket 7: %w", db.ErrStuck)
	h.store.tight = true
	const says = "the disk has not answered for 12s: phones and changes are refused until it does"
	if a := h.do("GET", "/readyz", "").is(503); string(a.body) != fmt.Sprintf(`{"status":"stuck","reasons":[%q],"version":"1.2.3"}`, says) {
		t.Errorf("readiness is %s", a.body)
	}
	a := h.do("POST", "/api/v1/hold", `{"all":true,"reason":"storm"}`).is(503)
	for _, part := range []string{"urn:phoneacs:problem:unavailable", "nothing was changed", "the server's disk does not answer"} {
		if !strings.Contains(string(a.body), part) {
			t.Errorf("%s lacks %q", a.body, part)
		}
	}
	if a.header.Get("Retry-After") != "5" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	h.do("DELETE", "/api/v1/phones/p1", "").is(503)
	h.do("GET", "/api/v1/phones/p1", "").is(200)
	h.do("DELETE", "/api/v1/phones/p1", "", "Authorization", "Bearer x").is(401) // who is not let in is told nothing
	h.store.waited, h.store.ready = db.StuckAfter-1, nil
	h.do("DELETE", "/api/v1/phones/p1", "").is(409) // it has tasks
}
