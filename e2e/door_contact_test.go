package e2e

import (
	"net/http"
	"testing"

	"phoneacs/internal/sim"
)

// TestFirstCredentials counts all that a phone from the box sends until the
// server has given it credentials of its own: in each way to be let in.
func TestFirstCredentials(t *testing.T) {
	for _, c := range []struct {
		name, enrol string
		before      func(t *testing.T, s *server, mac string)
		shared      bool // a login that all phones share
		posts       int  // until the phone has its own credentials
	}{
		{"listed", "approve", func(t *testing.T, s *server, mac string) {
			if got := s.importCSV(t, "/api/v1/phones/import", "mac\n"+mac+"\n"); got.Created != 1 {
				t.Fatalf("import %+v", got)
			}
		}, false, 3},
		{"listed, and no others", "list", func(t *testing.T, s *server, mac string) {
			if got := s.importCSV(t, "/api/v1/phones/import", "mac\n"+mac+"\n"); got.Created != 1 {
				t.Fatalf("import %+v", got)
			}
		}, false, 3},
		{"by a rule", "approve", func(t *testing.T, s *server, mac string) {
			s.call(t, http.MethodPost, "/api/v1/enrolment-rules", map[string]any{"network": "127.0.0.0/8", "action": "approve"}, nil)
		}, false, 3},
		{"by a rule, with a login that all share", "approve", func(t *testing.T, s *server, mac string) {
			s.call(t, http.MethodPost, "/api/v1/enrolment-rules", map[string]any{"network": "127.0.0.0/8", "action": "approve"}, nil)
		}, true, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := []string{"--enrol", c.enrol}
			if c.shared {
				args = append(args, "--enrol-user", "fleet")
			}
			s := newServer(t, t.TempDir(), args...)
			o := sim.Options{ACS: s.ACS(), Models: []string{"X6"}, PeriodicInterval: -1, Manual: true}
			if c.shared {
				s.env = append(s.env, "PHONEACS_ENROL_PASSWORD=a password for all")
				o.Username, o.Password = "fleet", "a password for all"
			}
			s.Start()
			p := sim.New(o).Phone(0)
			c.before(t, s, p.MAC().String())
			if err := p.Inform(t.Context(), "0 BOOTSTRAP", "1 BOOT"); err != nil {
				t.Fatal(err)
			}
			l := p.Ledger()
			// Inform, empty, the answer to SetParameterValues; then the answer to
			// GetRPCMethods, which is no part of it.
			at := l.Posts - l.Total("GetRPCMethods")
			if l.Sessions != 1 || l.Total("SetParameterValues") != 1 || at != c.posts || at > contactRequests {
				t.Errorf("%d sessions, %d posts, calls %v; want %d posts, and never more than %d", l.Sessions, at, l.Calls, c.posts, contactRequests)
			}
			if own := ownLogin(p); len(own.password) < 20 || own.user == "fleet" {
				t.Error("it has no credentials of its own")
			}
			// Its next session proves them, is challenged once, and asked what the
			// phone can do.
			before := l.Posts
			if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
				t.Fatal(err)
			}
			if n := p.Ledger().Posts - before; n != 4 {
				t.Errorf("the next session takes %d posts; want the one that is challenged, Inform, empty, and the answer", n)
			}
			known := s.awaitPhones(t, 1, 0)
			if m := s.managed(t, known[0].ID); m.State != "approved" || m.Proof != "own" {
				t.Errorf("it is %+v", m)
			}
		})
	}
}
