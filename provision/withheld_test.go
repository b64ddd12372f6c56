package provision

import (
	"bytes"
	"net/http"
	"testing"
)

// TestWithheld: a file that is not to go out by now is worth asking for again,
// and goes on to its end once it has begun.
func TestWithheld(t *testing.T) {
	w := &witness{no: true}
	e := newEnv(t, func(o *Options) { o.Witness = w })
	f, body := e.add(t, "a.cfg", 1000)
	u, l := e.link(t, e.http.URL, f)
	res, got := ask(t, http.MethodGet, u)
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" || bytes.Contains(got, body[:8]) {
		t.Errorf("withheld: %s, %q", res.Status, got)
	}
	if f := e.fetch(t); f.Status != http.StatusServiceUnavailable || f.Bytes != 0 {
		t.Errorf("recorded as %+v", f)
	}
	if n := e.refusals(t, "link.withheld"); n != 1 {
		t.Errorf("counted %v times", n)
	}
	l.Out = 10
	e.store.put(l)
	if res, got := ask(t, http.MethodGet, u); res.StatusCode != http.StatusOK || !bytes.Equal(got, body) {
		t.Errorf("one that had begun: %s", res.Status)
	}
}
