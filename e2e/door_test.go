package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/icholy/digest"

	"phoneacs/internal/sim"
)

// managed is what the admin API tells of a phone's standing.
type managed struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Proof   string `json:"proof"`
	Refused string `json:"proof_refused"`
}

func (s *server) managed(tb testing.TB, id string) (m managed) {
	tb.Helper()
	s.call(tb, http.MethodGet, "/api/v1/phones/"+id, nil, &m)
	return m
}

// awaitStanding waits for a phone's state and proof.
func (s *server) awaitStanding(tb testing.TB, id, state, proof string) {
	tb.Helper()
	eventually(tb, 30*time.Second, id+" "+state+" "+proof, func() error {
		if m := s.managed(tb, id); m.State != state || m.Proof != proof {
			return fmt.Errorf("it is %+v", m)
		}
		return nil
	})
}

func (s *server) approve(tb testing.TB, id string) {
	tb.Helper()
	s.call(tb, http.MethodPost, "/api/v1/phones/"+id+"/approve", nil, nil)
}

// TestOwnCredentials follows a phone from its first Inform: it is given nothing
// until it is approved, then credentials of its own, and what is ordered once
// it has used them. Who comes in its name without them is challenged and learns
// nothing. After a factory reset it is managed again when it is approved again.
func TestOwnCredentials(t *testing.T) {
	s := startServer(t, t.TempDir(), "--phone-networks", "127.0.0.0/8", "--log-level", "debug")
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: 1, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02,
	})
	p := fleet.Phone(0)
	id := s.awaitPhones(t, 1, 30*time.Second)[0].ID
	if m := s.managed(t, id); m.State != "pending" || m.Proof != "none" {
		t.Fatalf("at first it is %+v", m)
	}
	reboot := s.order(t, rebootNow(map[string]any{"phones": []string{id}}))
	before, _ := p.Param(p.Root() + "ManagementServer.Password")

	s.approve(t, id)
	s.awaitStanding(t, id, "approved", "own")
	s.awaitEnded(t, reboot.ID, 30*time.Second)
	if l := p.Ledger(); len(l.Breaches) > 0 {
		t.Errorf("the phone met breaches of the standard: %v", l.Breaches)
	}
	password, _ := p.Param(p.Root() + "ManagementServer.Password")
	user, _ := p.Param(p.Root() + "ManagementServer.Username")
	if password == before || len(password) < 20 {
		t.Error("the phone still has the password of its factory")
	}
	if wake, _ := p.Param(p.Root() + "ManagementServer.ConnectionRequestPassword"); wake == "dps" || wake == password {
		t.Error("the phone is woken with the password of its factory, or its own")
	}
	if strings.Contains(s.Log(), password) {
		t.Error("the log has the phone's password")
	}

	t.Run("an impostor", func(t *testing.T) {
		periodic := inform(p.Serial(), informOptions{})
		r := s.wire(t).post(periodic).must(http.StatusUnauthorized, "auth.required")
		if c := r.header.Get("WWW-Authenticate"); !strings.HasPrefix(c, "Digest ") || len(r.header.Values("WWW-Authenticate")) != 1 {
			t.Errorf("challenge %q", r.header.Values("WWW-Authenticate"))
		}
		for _, header := range []string{"Authorization: Digest garbage", "Authorization: Basic Zm9vOmJhcg==", "Authorization: Bearer x"} {
			s.wire(t).post(periodic, header).must(http.StatusUnauthorized, "")
		}
		// The empty POST that some agents open with is challenged too.
		s.wire(t).post("").must(http.StatusUnauthorized, "auth.required")
	})
	t.Run("a wrong password", func(t *testing.T) {
		c := &http.Client{Transport: &digest.Transport{Username: user, Password: "wrong"}}
		if status := postAs(t, c, s.ACS(), inform(p.Serial(), informOptions{})); status != http.StatusUnauthorized {
			t.Errorf("status %d", status)
		}
	})
	t.Run("after a reset", func(t *testing.T) {
		reset := s.order(t, newJob{Kind: "factory-reset", Selection: map[string]any{"phones": []string{id}}, When: map[string]any{"now": true}})
		s.awaitEnded(t, reset.ID, 30*time.Second)
		if j := s.job(t, reset.ID); j.Counts["succeeded"] != 1 {
			t.Errorf("the reset ended as %v", j.Counts)
		}
		s.awaitStanding(t, id, "re-enrol", "own")
		waits := s.order(t, rebootNow(map[string]any{"phones": []string{id}}))
		s.approve(t, id)
		s.awaitStanding(t, id, "approved", "own")
		s.awaitEnded(t, waits.ID, 30*time.Second)
		again, _ := p.Param(p.Root() + "ManagementServer.Password")
		if again == password || len(again) < 20 {
			t.Error("the phone has the same credentials as before it was reset")
		}
	})
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	checkStore(t, s.dir)
}

// postAs posts a message and returns the status of the answer to it.
func postAs(tb testing.TB, c *http.Client, url, body string) int {
	tb.Helper()
	res, err := c.Post(url, "text/xml", strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// TestSharedLogin: with a login that all phones share nobody enrols without it,
// and who has it gets no further than that.
func TestSharedLogin(t *testing.T) {
	s := newServer(t, t.TempDir(), "--enrol-user", "fleet", "--phone-networks", "127.0.0.0/8")
	s.env = append(s.env, "PHONEACS_ENROL_PASSWORD=a password for all")
	s.Start()
	s.wire(t).post(inform("A1", firstBoot)).must(http.StatusUnauthorized, "auth.required")
	if known := list[phone](t, s, "/api/v1/phones"); len(known) != 0 {
		t.Fatalf("phones enrolled: %v", known)
	}
	runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: 1, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond,
		Username: "fleet", Password: "a password for all",
	})
	id := s.awaitPhones(t, 1, 30*time.Second)[0].ID
	s.approve(t, id)
	s.awaitStanding(t, id, "approved", "own")
}

// TestGuessing: a thousand wrong logins a second from one address, and the
// phones behind the same address work on: they inform, are woken, take a file
// and a setting. One of them is who the guesser says to be.
func TestGuessing(t *testing.T) {
	const phones, least = 5, 5000
	s := startServer(t, t.TempDir(), "--phone-networks", "127.0.0.0/8", "--log-level", "warn")
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: phones, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02,
	})
	known := s.awaitPhones(t, phones, 30*time.Second)
	for _, p := range known {
		s.approve(t, p.ID)
	}
	for _, p := range known {
		s.awaitStanding(t, p.ID, "approved", "own")
	}
	file := s.addFile(t, "x6.cfg", "config", "X6", "", []byte("<<VOIP CONFIG FILE>>"))
	g := s.guess(t, fleet.Phone(0).Serial())
	eventually(t, time.Minute, "guesses", func() error {
		if n := g.answered(); n < least/5 {
			return fmt.Errorf("%d were answered", n)
		}
		return nil
	})
	for _, j := range []job{
		s.order(t, downloadNow(file, map[string]any{"all": true})),
		s.order(t, newJob{Kind: "set-parameters", Selection: map[string]any{"all": true}, When: map[string]any{"now": true},
			Args: map[string]any{"parameters": []map[string]string{{"name": fleet.Phone(0).Root() + "Time.NTPServer2", "value": "ntp.example"}}}}),
	} {
		s.awaitEnded(t, j.ID, time.Minute)
		if n := s.job(t, j.ID).Counts["succeeded"]; n != phones {
			t.Errorf("%s succeeded with %d phones of %d", j.ID, n, phones)
		}
	}
	informed := make([]int, phones)
	for i := range informed {
		informed[i] = fleet.Phone(i).Ledger().Informs
	}
	eventually(t, time.Minute, "three more Informs of each phone, and guesses", func() error {
		for i, n := range informed {
			if now := fleet.Phone(i).Ledger().Informs; now < n+3 {
				return fmt.Errorf("phone %d had %d", i, now-n)
			}
		}
		if n := g.answered(); n < least {
			return fmt.Errorf("%d guesses were answered", n)
		}
		return nil
	})
	took := g.end()
	t.Logf("%d guesses in %v, %.0f a second, %d of them refused at once, %d without an answer",
		g.answered(), took.Round(time.Millisecond), float64(g.answered())/took.Seconds(), g.refused.Load(), g.unanswered.Load())
	if 2*g.refused.Load() < g.answered() {
		t.Errorf("%d of %d guesses were refused at once: too many were held", g.refused.Load(), g.answered())
	}
	for i := range phones {
		if l := fleet.Phone(i).Ledger(); len(l.Breaches) > 0 {
			t.Errorf("phone %d met breaches: %v", i, l.Breaches)
		}
	}
}

// A guesser sends wrong logins in the name of a phone, a thousand a second if
// the machine can.
type guesser struct {
	challenged, refused, unanswered atomic.Int64
	end                             func() time.Duration // stops it, and says how long it went on
}

func (g *guesser) answered() int64 { return g.challenged.Load() + g.refused.Load() }

func (s *server) guess(t *testing.T, serial string) *guesser {
	t.Helper()
	body := inform(serial, informOptions{})
	challenge, err := digest.FindChallenge(s.wire(t).post(body).must(http.StatusUnauthorized, "").header)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := digest.Digest(challenge, digest.Options{Method: http.MethodPost, URI: "/acs", Username: "0C383E-X6-" + serial, Password: "wrong"})
	if err != nil {
		t.Fatal(err)
	}
	const atOnce = 400
	g, began := &guesser{}, time.Now()
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}
	one := func() {
		req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, s.ACS(), strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", wrong.String())
		res, err := client.Do(req)
		if err != nil {
			g.unanswered.Add(1)
			return
		}
		res.Body.Close()
		switch res.StatusCode {
		case http.StatusUnauthorized:
			g.challenged.Add(1)
		case http.StatusServiceUnavailable:
			g.refused.Add(1)
		default:
			t.Errorf("a guess was answered %d", res.StatusCode)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		slots := make(chan struct{}, atOnce)
		for sent := int64(0); ; {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			for due := time.Since(began).Milliseconds(); sent < due && ctx.Err() == nil; sent++ {
				slots <- struct{}{}
				wg.Go(func() {
					defer func() { <-slots }()
					one()
				})
			}
		}
	})
	g.end = func() time.Duration {
		took := time.Since(began)
		cancel()
		wg.Wait()
		client.CloseIdleConnections()
		return took
	}
	t.Cleanup(func() { g.end() })
	return g
}
