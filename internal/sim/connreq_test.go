package sim

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// curl asks like an ACS, with an implementation of Digest that is not ours.
func curl(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("curl")
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		t.Skip("needs curl, as a Digest client that shares no code with this package")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	out, _ := exec.CommandContext(ctx, path, append([]string{"--silent", "--output", "/dev/null", "--write-out", "%{http_code}"}, args...)...).Output()
	return string(out) // 000 when there is no answer
}

func TestConnectionRequest(t *testing.T) {
	for name, conduct := range map[string]Behaviour{"qop": {}, "rfc 2069": {NoQop: true}} {
		t.Run(name, func(t *testing.T) {
			acs := newACS()
			p := fleetOf(t, acs, conduct)
			url, _ := p.Param("Device.ManagementServer.ConnectionRequestURL")
			if got := curl(t, "--digest", "--user", "dps:dps", url); got != "200" {
				t.Fatalf("connection request answered %s; want 200", got)
			}
			l := await(t, p, "session", func(l Ledger) bool { return l.Sessions == 1 })
			if in := acs.seenInforms(); !slices.Equal(in[0].Events, []string{"6 CONNECTION REQUEST"}) || l.ConnectionRequests != 1 {
				t.Errorf("informs = %+v, ledger %+v", in, l)
			}
			for args, want := range map[string]string{
				"--digest --user dps:wrong " + url:                "401",
				"--digest --user other:dps " + url:                "401",
				"--user dps:dps " + url:                           "401",
				url:                                               "401",
				"--digest --user dps:dps " + url + "x":            "404",
				"--digest --user dps:dps --request POST " + url:   "405",
				"--digest --user dps:dps " + url[:len(url)-16]:    "404",
				"--digest --user dps:dps " + url + "?and=a+query": "200",
			} {
				if got := curl(t, strings.Fields(args)...); got != want {
					t.Errorf("curl %s: %s; want %s", args, got, want)
				}
			}
		})
	}
}

func TestConnectionRequestCredentialsOfTheACS(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	acs.order(p, "SetParameterValues", spv(p, map[string]string{
		"ManagementServer.ConnectionRequestUsername": "acs", "ManagementServer.ConnectionRequestPassword": "new",
	}, "string"))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	url, _ := p.Param("Device.ManagementServer.ConnectionRequestURL")
	if got := curl(t, "--digest", "--user", "dps:dps", url); got != "401" {
		t.Errorf("old credentials: %s; want 401", got)
	}
	if got := curl(t, "--digest", "--user", "acs:new", url); got != "200" {
		t.Errorf("new credentials: %s; want 200", got)
	}
}

// ask sends a connection request with a digest of our own.
func ask(t *testing.T, url string) (int, error) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	d, ok := parseDigest(resp.Header.Get("WWW-Authenticate"))
	if !ok {
		return resp.StatusCode, nil
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		return 0, err
	}
	d.user, d.uri, d.qop, d.nc, d.cnonce = "dps", req.URL.RequestURI(), "auth", "00000001", "c"
	d.response, _ = d.sum("dps", "GET")
	req.Header.Set("Authorization", d.header())
	if resp, err = http.DefaultClient.Do(req); err != nil {
		return 0, err
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}

func TestConnectionRequestRefused(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	url, _ := p.Param("Device.ManagementServer.ConnectionRequestURL")
	status := 0
	acs.before = func(_ http.ResponseWriter, _ *http.Request, body string) bool {
		if body == "" {
			status, _ = ask(t, url)
		}
		return false
	}
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status != http.StatusServiceUnavailable {
		t.Errorf("in a session: %d; want 503", status)
	}
	p.mu.Lock()
	p.fleet.opts.BootTime = time.Hour
	p.mu.Unlock()
	p.PowerCut()
	if status, err := ask(t, url); err == nil {
		t.Errorf("without power: status %d; want no answer", status)
	}
}

func TestOwnListeners(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	f := run(t, New(Options{ACS: srv.URL, Phones: 3, Models: []string{"X6"}, Manual: true, OwnListeners: true}))
	hosts := map[string]bool{}
	for i := range f.Len() {
		url, _ := f.Phone(i).Param("Device.ManagementServer.ConnectionRequestURL")
		hosts[strings.Split(url, "/")[2]] = true
		if status, err := ask(t, url); status != 200 || err != nil {
			t.Errorf("phone %d: %d, %v; want 200", i, status, err)
		}
		await(t, f.Phone(i), "session", func(l Ledger) bool { return l.Sessions == 1 })
	}
	if len(hosts) != 3 {
		t.Errorf("%d listeners; want 3", len(hosts))
	}
}

// TestUnansweredConnectionRequestIsNotRetried: event 6 is never told twice.
func TestUnansweredConnectionRequestIsNotRetried(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	acs.before = func(w http.ResponseWriter, _ *http.Request, _ string) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	p := New(Options{ACS: srv.URL}).Phone(0)
	for _, tt := range []struct {
		event string
		waits int
	}{{"6 CONNECTION REQUEST", 0}, {"2 PERIODIC", 1}} {
		if err := p.Inform(t.Context(), tt.event); err == nil {
			t.Fatal("want a failed session")
		}
		if got := len(p.Ledger().Waits); got != tt.waits {
			t.Errorf("%s: %d retries planned; want %d", tt.event, got, tt.waits)
		}
	}
}
