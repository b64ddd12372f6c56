package admin

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

func TestTokenLife(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct{ body, field string }{
		{`{"role":"viewer"}`, "name"},
		{`{"name":" ","role":"viewer"}`, "name"},
		{`{"name":"` + strings.Repeat("x", 65) + `","role":"viewer"}`, "name"},
		{`{"name":"x"}`, "role"},
		{`{"name":"x","role":"root"}`, "role"},
		{`{"name":"x","role":"viewer","expires":"tomorrow"}`, "expires"},
		{`{"name":"x","role":"viewer","expires":"2026-05-17T09:00:00Z"}`, "expires"},
	} {
		h.do("POST", "/api/v1/tokens", tt.body).refuses(kindInvalid, tt.field)
	}
	var made tokenView
	h.do("POST", "/api/v1/tokens", `{"name":"board","role":"viewer","expires":"2026-05-17T11:00:00+01:00"}`).is(201).into(&made)
	if len(made.Secret) < 26 || made.By != "ops" || !made.Expires.Equal(now.Add(time.Hour)) || made.Expired {
		t.Errorf("made %+v", made)
	}
	bearer := []string{"Authorization", "Bearer " + made.Secret}
	h.do("GET", "/api/v1/phones", "", bearer...).is(200)
	h.do("DELETE", "/api/v1/phones/p2", "", bearer...).refuses(kindForbidden, "")
	list := h.do("GET", "/api/v1/tokens", "").is(200)
	if strings.Contains(string(list.body), made.Secret) || strings.Contains(string(list.body), "hash") {
		t.Errorf("the list shows what opens: %s", list.body)
	}
	var page db.Page[tokenView]
	list.into(&page)
	if last := page.Items[len(page.Items)-1]; last.ID != made.ID || last.Secret != "" {
		t.Errorf("listed last: %+v", last)
	}
	h.clock.Advance(time.Hour)
	h.do("GET", "/api/v1/phones", "", bearer...).refuses(kindUnauthorized, "")
	h.do("DELETE", "/api/v1/tokens/"+made.ID.String(), "").is(204)
	h.do("DELETE", "/api/v1/tokens/"+made.ID.String(), "").refuses(kindNotFound, "")
	h.do("DELETE", "/api/v1/tokens/t1", "").refuses(kindInUse, "")
	if strings.Contains(h.log.String(), made.Secret) {
		t.Error("the secret is in the log")
	}
}

// from sends a request from an address.
func (h *harness) from(addr, secret string) *answer {
	r := httptest.NewRequest("GET", "http://localhost/api/v1/phones", nil)
	r.RemoteAddr = addr
	r.Header.Set("Authorization", "Bearer "+secret)
	return h.serve(r, "")
}

func TestGuessing(t *testing.T) {
	h := newHarness(t)
	h.from("192.0.2.7:1", secret).is(200) // known from now on
	for i := range maxGuesses {
		h.from(fmt.Sprintf("192.0.2.7:%d", i+1), fmt.Sprint("guess", i)).refuses(kindUnauthorized, "")
	}
	a := h.from("192.0.2.7:99", "another guess")
	a.refuses(kindGuessing, "")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if n := strings.Count(h.log.String(), "many wrong tokens;"); n != 1 {
		t.Errorf("%d warnings; want 1", n)
	}
	h.from("192.0.2.7:1", "viewer-secret").refuses(kindGuessing, "") // right, but not known to be
	h.from("192.0.2.7:1", secret).is(200)                            // a known one is not locked out
	h.from("192.0.2.8:1", "viewer-secret").is(200)                   // nor are others
	h.clock.Advance(guessPace)
	h.from("192.0.2.7:1", "one more").refuses(kindUnauthorized, "")
	h.from("192.0.2.7:1", "and another").refuses(kindGuessing, "")

	for i := range maxGuesses { // a host has a whole network of IPv6
		h.from(fmt.Sprintf("[2001:db8::%x]:1", i+1), "guess").refuses(kindUnauthorized, "")
	}
	h.from("[2001:db8::ffff]:1", "guess").refuses(kindGuessing, "")
	h.from("[2001:db8:0:1::1]:1", "guess").refuses(kindUnauthorized, "")
}

func TestGuessesAreBounded(t *testing.T) {
	h := newHarness(t)
	g := newGuesses(h.clock)
	for range maxGuesses {
		g.wrong("steady")
	}
	for i := range 2 * maxGuesser {
		g.wrong(fmt.Sprint(i))
		g.right([32]byte{byte(i), byte(i >> 8)})
	}
	if len(g.until) > maxGuesser || len(g.good) > maxKnownTo {
		t.Errorf("%d addresses and %d tokens are remembered", len(g.until), len(g.good))
	}
	if g.closed("steady", [32]byte{1, 1, 1}) == 0 {
		t.Error("the worst was forgotten for others")
	}
}
