package e2e

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// TestWakeByUDP has phones that take no connection request over HTTP woken by
// UDP, each with another form of STUN: set up by the server alone, in sessions
// that they began themselves.
func TestWakeByUDP(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"3489", "5389", "unpadded"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			s := stunServer(t, "127.0.0.1", "--phone-networks", "127.0.0.0/8", "--stun-setup", "all")
			s.Start()
			s.importCSV(t, "/api/v1/phones/import", "mac\n0c383e000001\n")
			f := runFleet(t, sim.Options{
				ACS: s.ACS(), Models: []string{"X6"}, STUN: form, STUNEvery: 50 * time.Millisecond,
				ListenCR: "off", PeriodicInterval: 200 * time.Millisecond,
			})
			id := s.settled(t)
			before := f.Phone(0).Ledger()
			s.wokenByUDP(t, id)
			if after := f.Phone(0).Ledger(); after.UDPRequests <= before.UDPRequests || after.UDPRefused != 0 {
				t.Errorf("%d requests by UDP were taken and %d refused", after.UDPRequests-before.UDPRequests, after.UDPRefused)
			}
			if b := f.Phone(0).Ledger().Breaches; len(b) > 0 {
				t.Errorf("rules broken: %v", b)
			}
		})
	}
}

// stunServer is a server with a STUN service that phones reach by an address.
func stunServer(t *testing.T, host string, args ...string) *server {
	t.Helper()
	s := newServer(t, filepath.Join(t.TempDir(), "data"), append([]string{"--stun", net.JoinHostPort(host, "0"), "--enrol", "list"}, args...)...)
	_, port, err := net.SplitHostPort(s.acs)
	if err != nil {
		t.Fatal(err)
	}
	s.acs = net.JoinHostPort(host, port)
	s.args = append(s.args, "--public-url", "http://"+s.acs)
	return s
}

// woken is what the admin API tells of how a phone is woken.
type wokenPhone struct {
	ID      string `json:"id"`
	Proof   string `json:"proof"`
	Way     string `json:"wake_way"`
	Error   string `json:"wake_error"`
	Informs int    `json:"informs"`
}

func (s *server) wakes(t *testing.T, id string) (p wokenPhone) {
	t.Helper()
	s.call(t, http.MethodGet, "/api/v1/phones/"+id, nil, &p)
	return p
}

// settled waits until the one phone has its own logins and a binding, and has
// it come by itself no more: whoever comes then was woken.
func (s *server) settled(t *testing.T) (id string) {
	t.Helper()
	eventually(t, time.Minute, "the phone proves who it is and keeps a binding", func() error {
		list := list[wokenPhone](t, s, "/api/v1/phones")
		if len(list) != 1 || list[0].Proof != "own" {
			return fmt.Errorf("phones %+v", list)
		}
		id = list[0].ID
		if n := s.gauge(t, "phoneacs_stun_bindings"); n != 1 {
			return fmt.Errorf("%v bindings", n)
		}
		return nil
	})
	var j job
	s.call(t, http.MethodPost, "/api/v1/jobs", newJob{
		Kind:      "set-parameters",
		Args:      map[string]any{"parameters": []map[string]string{{"name": "Device.ManagementServer.PeriodicInformEnable", "value": "0", "type": "boolean"}}},
		Selection: map[string]any{"phones": []string{id}}, When: map[string]any{"now": true},
	}, &j)
	eventually(t, time.Minute, "the phone informs no more by itself", func() error {
		s.call(t, http.MethodGet, "/api/v1/jobs/"+j.ID, nil, &j)
		if j.State != "ended" || j.Counts["succeeded"] != 1 {
			return fmt.Errorf("job %+v", j)
		}
		if n := s.gauge(t, "phoneacs_sessions_open"); n != 0 {
			return fmt.Errorf("%v sessions open", n)
		}
		return nil
	})
	return id
}
