package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// A proxy stands before a server and carries all that comes over one connection.
type proxy struct {
	url   string
	dials atomic.Int32
}

func (s *server) proxy(t *testing.T, change func(*http.Request)) *proxy {
	t.Helper()
	p := &proxy{}
	transport := &http.Transport{MaxConnsPerHost: 1, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		p.dials.Add(1)
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	to := &url.URL{Scheme: "http", Host: s.acs}
	front := httptest.NewServer(&httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.SetXForwarded()
		change(r.Out)
	}})
	t.Cleanup(func() {
		front.Close()
		transport.CloseIdleConnections()
	})
	p.url = front.URL + "/acs"
	return p
}

// TestProxy has phones speak through one connection of a proxy: each is given
// its own order, and nobody that of another. A phone whose cookie is lost on the
// way is given nothing, as whose session its messages are of nobody can tell.
func TestProxy(t *testing.T) {
	t.Parallel()
	const phones = 6
	s := startServer(t, t.TempDir(), "--phone-networks", "127.0.0.0/8", "--trusted-proxies", "127.0.0.1/32", "--enrol", "open")
	whole := s.proxy(t, func(*http.Request) {})
	lossy := s.proxy(t, func(r *http.Request) { r.Header.Del("Cookie") })
	fleet := runFleet(t, sim.Options{ACS: whole.url, Phones: phones, Models: []string{"X6"}, PeriodicInterval: 500 * time.Millisecond, RetryScale: 0.02})
	lost := runFleet(t, sim.Options{ACS: lossy.url, Models: []string{"X6"}, Start: sim.MAC{0x0c, 0x38, 0x3e, 9, 0, 1},
		PeriodicInterval: 500 * time.Millisecond, RetryScale: 0.02}).Phone(0)
	known := s.awaitPhones(t, phones+1, time.Minute)
	name := fleet.Phone(0).Root() + "Time.NTPServer2"
	jobs := map[string]job{}
	for _, k := range known {
		order := newJob{Kind: "set-parameters", Selection: map[string]any{"phones": []string{k.ID}}, When: map[string]any{"now": true},
			Args: map[string]any{"parameters": []map[string]string{{"name": name, "value": k.MAC + ".example"}}}}
		jobs[k.MAC] = s.order(t, order)
	}
	for i := range phones {
		p := fleet.Phone(i)
		mac := p.MAC().String()
		s.awaitEnded(t, jobs[mac].ID, time.Minute)
		if v, _ := p.Param(name); v != mac+".example" {
			t.Errorf("phone %s was set to %q", mac, v)
		}
		if l := p.Ledger(); len(l.Breaches) > 0 || l.Total("SetParameterValues") != 1 {
			t.Errorf("phone %s met breaches %v, and calls %v", mac, l.Breaches, l.Calls)
		}
	}
	if n := whole.dials.Load(); n > 2 {
		t.Errorf("the phones came over %d connections of the proxy: they were to share one", n)
	}
	before := lost.Ledger().Sessions
	eventually(t, time.Minute, "two more sessions of the phone whose cookie is lost", func() error {
		if n := lost.Ledger().Sessions - before; n < 2 {
			return fmt.Errorf("it had %d", n)
		}
		return nil
	})
	if l := lost.Ledger(); len(l.Calls) > 0 {
		t.Errorf("the phone whose cookie is lost was called %v", l.Calls)
	}
	if tasks := list[task](t, s, "/api/v1/jobs/"+jobs[lost.MAC().String()].ID+"/tasks"); len(tasks) != 1 || tasks[0].State != "ready" {
		t.Errorf("its task is %+v", tasks)
	}
}
