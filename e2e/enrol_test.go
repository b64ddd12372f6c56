package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// importCSV sends a list and returns what became of its lines.
func (s *server) importCSV(tb testing.TB, path, list string) (got struct{ Created, Updated, Failed int }) {
	tb.Helper()
	s.call(tb, http.MethodPost, path, []byte(list), &got, "Content-Type", "text/csv")
	return got
}

// A listed is a phone with what it was let in with.
type listed struct {
	ID, State, MAC, Site string
	Tags, Remarks        []string
}

// states are how many phones are in which state.
func (s *server) states(tb testing.TB) map[string]int {
	tb.Helper()
	n := make(map[string]int)
	for _, p := range list[listed](tb, s, "/api/v1/phones") {
		n[p.State]++
	}
	return n
}

func (s *server) awaitStates(tb testing.TB, want map[string]int) {
	tb.Helper()
	eventually(tb, 30*time.Second, "phones by state", func() error {
		if got := s.states(tb); fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("%v; want %v", got, want)
		}
		return nil
	})
}

// TestEnrolmentRules lets phones in by a list of rules, refuses the others,
// lets more in by a rule that is added, and approves the rest in bulk.
func TestEnrolmentRules(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "list", "--phone-networks", "127.0.0.0/8")
	sites := s.importCSV(t, "/api/v1/phones/import?create_sites=true",
		"mac,site,tags,name\n0c383e000001,Depot,desk hall,first\n0c383e000002,Depot,,\n")
	if sites.Created != 2 || sites.Failed != 0 {
		t.Fatalf("import %+v", sites)
	}
	rules := s.importCSV(t, "/api/v1/enrolment-rules/import",
		"mac,site,tags,action,order\n0c383e000003-0c383e000004,Depot,new,approve,10\n0c383e000005,,,refuse,5\n,,,approve,1\n")
	if rules.Created != 2 || rules.Failed != 1 {
		t.Fatalf("import %+v", rules)
	}
	runFleet(t, sim.Options{ACS: s.ACS(), Phones: 8, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02})
	s.awaitStates(t, map[string]int{"approved": 4})
	for _, p := range list[listed](t, s, "/api/v1/phones") {
		if p.Site != "s2" {
			t.Errorf("phone %+v is not at the site of its list", p)
		}
		if tags := strings.Join(p.Tags, " "); p.MAC == "0c383e000001" && tags != "desk hall" || p.MAC == "0c383e000003" && tags != "new" {
			t.Errorf("phone %s has tags %q", p.MAC, tags)
		}
	}
	// All but the refused one, which a rule before it is for, wait; two at the most are let in at once.
	s.call(t, http.MethodPost, "/api/v1/enrolment-rules", map[string]any{"oui": "0C383E", "action": "pending", "order": 20}, nil)
	s.awaitStates(t, map[string]int{"approved": 4, "pending": 3})
	s.call(t, http.MethodPost, "/api/v1/enrolment-rules",
		map[string]any{"network": "127.0.0.0/8", "action": "approve", "order": 15, "limit": 2}, nil)
	s.awaitStates(t, map[string]int{"approved": 6, "pending": 1})
	var got struct{ Changed, Unchanged int }
	s.call(t, http.MethodPost, "/api/v1/phones/approve", map[string]any{"selection": map[string]any{"all": true}}, &got)
	if got.Changed != 1 {
		t.Errorf("approved %+v; want one", got)
	}
	s.awaitStates(t, map[string]int{"approved": 7})
	for _, r := range list[struct {
		Action   string
		Limit    int
		Admitted int
	}](t, s, "/api/v1/enrolment-rules") {
		if r.Limit > 0 && r.Admitted != r.Limit {
			t.Errorf("rule %+v", r)
		}
	}
	if err := s.Term(); err != nil {
		t.Fatal(err)
	}
	checkStore(t, s.dir)
}

// TestStandingKill kills the server over and over while phones are approved
// whom a standing order has a file for: each gets it, by one job.
func TestStandingKill(t *testing.T) {
	const phones = 40
	s := startServer(t, t.TempDir(), "--enrol", "approve", "--phone-networks", "127.0.0.0/8", "--drain", "1s")
	file := s.addFile(t, "welcome.cfg", "config", "", "", []byte("welcome"))
	s.call(t, http.MethodPost, "/api/v1/standing-orders", map[string]any{
		"name": "welcome", "filter": `vendor = "fanvil"`,
		"items": []any{map[string]any{"kind": "download", "args": map[string]any{"file": file}, "retry": map[string]any{"max": 5, "backoff": "100ms"}, "deadline": "5s"}},
	}, nil)
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: phones, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02, Timeout: 5 * time.Second,
	})
	known := s.awaitPhones(t, phones, time.Minute)
	for kill := range 6 {
		// Some by name, the rest by filter; the answer may be lost with the server.
		var refs []string
		for _, p := range known[kill*phones/8 : (kill+1)*phones/8] {
			refs = append(refs, p.ID)
		}
		selection := map[string]any{"phones": refs}
		if kill == 5 {
			selection = map[string]any{"filter": `state = "pending"`}
		}
		done := make(chan error, 1)
		go func() {
			_, err := s.do(context.Background(), http.MethodPost, "/api/v1/phones/approve", map[string]any{"selection": selection})
			done <- err
		}()
		if kill%2 == 0 {
			<-done
		}
		pass(upTo(300 * time.Millisecond))
		s.Kill()
		if kill%2 == 1 {
			<-done
		}
		checkStore(t, s.dir)
		s.Start()
	}
	s.call(t, http.MethodPost, "/api/v1/phones/approve", map[string]any{"selection": map[string]any{"all": true}}, nil)
	s.awaitStates(t, map[string]int{"approved": phones})
	type standing struct {
		ID, By, State string
		Counts        map[string]int
		Selection     struct{ Phones []string }
	}
	var made []standing
	eventually(t, 90*time.Second, "all files", func() error {
		made = list[standing](t, s, "/api/v1/jobs")
		ended := 0
		for _, j := range made {
			if j.State == "ended" {
				ended++
			}
		}
		if len(made) < phones || ended < len(made) {
			return fmt.Errorf("%d jobs for %d phones, %d ended", len(made), phones, ended)
		}
		return nil
	})
	of := make(map[string]int)
	for _, j := range made {
		if j.By != "standing-order welcome" || j.Counts["succeeded"] != 1 {
			t.Errorf("job %+v", j)
		}
		of[j.Selection.Phones[0]]++
	}
	for _, p := range known {
		if of[p.ID] != 1 {
			t.Errorf("%s was ordered it %d times", p.ID, of[p.ID])
		}
	}
	for i := range phones {
		if len(fleet.Phone(i).Ledger().Applied) == 0 {
			t.Errorf("phone %d has not taken the file", i)
		}
	}
}

// TestStandingFirstSession: a phone that is let in at once has the file of a
// standing order when its first session ends; its order came with no wake.
func TestStandingFirstSession(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open")
	file := s.addFile(t, "welcome.cfg", "config", "", "", []byte("welcome"))
	s.call(t, http.MethodPost, "/api/v1/standing-orders", map[string]any{
		"name": "welcome", "all": true, "items": []any{map[string]any{"kind": "download", "args": map[string]any{"file": file}}},
	}, nil)
	fleet := runFleet(t, sim.Options{ACS: s.ACS(), Phones: 1, Manual: true, Models: []string{"X6"}})
	p := fleet.Phone(0)
	if err := p.Inform(t.Context(), "0 BOOTSTRAP", "1 BOOT"); err != nil {
		t.Fatal(err)
	}
	if l := p.Ledger(); len(l.Calls) == 0 || l.Calls[len(l.Calls)-1].RPC != "Download" || l.Sessions != 1 {
		t.Errorf("after one session: %+v", l)
	}
}

// TestInformPace: a phone that informs without a pause is put off, and its
// record says so; as soon as there is work for it, it is not.
func TestInformPace(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open", "--inform-pace", "10s")
	fleet := runFleet(t, sim.Options{ACS: s.ACS(), Phones: 1, Manual: true, Models: []string{"X6"}})
	p := fleet.Phone(0)
	if err := p.Inform(t.Context(), "1 BOOT"); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for range 40 {
		if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
			if refused++; !strings.Contains(err.Error(), "503") {
				t.Fatal(err)
			}
		}
	}
	if refused < 15 || refused > 25 {
		t.Errorf("%d of 40 put off; want about 20", refused)
	}
	known := list[listed](t, s, "/api/v1/phones")
	if len(known[0].Remarks) != 1 || !strings.Contains(known[0].Remarks[0], "informs too often: 41 in the last hour") {
		t.Errorf("remarks %q", known[0].Remarks)
	}
	if err := p.Inform(t.Context(), "1 BOOT"); err != nil {
		t.Errorf("a boot is put off: %v", err)
	}
	s.order(t, newJob{Kind: "get-parameters", Args: map[string]any{"names": []string{p.Root() + "DeviceInfo."}},
		Selection: map[string]any{"all": true}, When: map[string]any{"now": true}})
	eventually(t, 10*time.Second, "a session for the order", func() error { return p.Inform(t.Context(), "2 PERIODIC") })
}

// TestWakeGap: orders one after the other make connection requests that are
// apart, and each is done.
func TestWakeGap(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--wake-gap", "3s")
	fleet := runFleet(t, sim.Options{ACS: s.ACS(), Phones: 1, Models: []string{"X6"}, PeriodicInterval: -1, BootTime: time.Millisecond})
	s.awaitPhones(t, 1, 30*time.Second)
	p := fleet.Phone(0)
	get := newJob{Kind: "get-parameters", Args: map[string]any{"names": []string{p.Root() + "DeviceInfo."}},
		Selection: map[string]any{"all": true}, When: map[string]any{"now": true}}
	begin := time.Now()
	for range 3 {
		s.awaitEnded(t, s.order(t, get).ID, time.Minute)
	}
	if n := p.Ledger().ConnectionRequests; n > 3 {
		t.Errorf("%d connection requests for 3 orders", n)
	}
	if took := time.Since(begin); p.Ledger().ConnectionRequests == 3 && took < 6*time.Second {
		t.Errorf("3 connection requests within %v; want 3 s between them", took)
	}
}

// TestDuplicate: two devices with one identity, at two addresses, are told.
func TestDuplicate(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open")
	from := func(host string) *sim.Phone {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}}
		return runFleet(t, sim.Options{ACS: s.ACS(), Phones: 1, Manual: true, Models: []string{"X6"}, ListenCR: "off", Dial: d.DialContext}).Phone(0)
	}
	a, b := from("127.0.0.1"), from("127.0.0.2")
	for range 4 {
		if err := errors.Join(a.Inform(t.Context(), "2 PERIODIC"), b.Inform(t.Context(), "2 PERIODIC")); err != nil {
			t.Fatal(err)
		}
	}
	known := list[listed](t, s, "/api/v1/phones")
	if len(known) != 1 || len(known[0].Remarks) != 1 || !strings.Contains(known[0].Remarks[0], "two devices seem to share") {
		t.Fatalf("phones %+v", known)
	}
	found := false
	for _, c := range list[struct{ What, New string }](t, s, "/api/v1/phones/"+known[0].ID+"/history") {
		found = found || c.What == "duplicate identity" && strings.Contains(c.New, "127.0.0.2")
	}
	if !found {
		t.Error("its history does not tell")
	}
}
