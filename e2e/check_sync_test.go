package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// sipOne starts a server that speaks SIP, and one phone that answers it in a
// manner; the phone reports where it listens.
func sipOne(t *testing.T, manner string, args ...string) *one {
	t.Helper()
	s := startServer(t, t.TempDir(), append([]string{
		"--enrol", "open", "--phone-networks", "127.0.0.0/8", "--sip", "127.0.0.1:0", "--log-level", "debug"}, args...)...)
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: 1, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02,
		ListenSIP: "127.0.0.1", SIPManner: manner, InformParams: []string{"Services.VoiceService.1.VoiceProfile.1.SIP.UserAgentPort"},
	})
	known := s.awaitPhones(t, 1, 30*time.Second)
	return &one{server: s, t: t, phone: fleet.Phone(0), id: known[0].ID, root: fleet.Phone(0).Root()}
}

// TestCheckSync orders check-syncs, with and without a restart, of phones that
// answer in their several ways: each is asked once for an attempt.
func TestCheckSync(t *testing.T) {
	for _, tt := range []struct {
		manner  string
		reboot  bool
		state   string
		says    string
		resyncs int
	}{
		{"", false, "succeeded", "accepted: NOTIFY sent ", 1},
		{"", true, "succeeded", "inferred: 1 BOOT came", 1},
		{"digest", true, "succeeded", "inferred: 1 BOOT came", 1},
		{"gone", true, "failed", "the phone answered 481", 0},
		{"late", false, "succeeded", "accepted: NOTIFY sent ", 1},
	} {
		t.Run(fmt.Sprintf("%s/%v", tt.manner, tt.reboot), func(t *testing.T) {
			t.Parallel()
			o := sipOne(t, tt.manner)
			if tt.manner == "digest" {
				o.call(t, http.MethodPatch, "/api/v1/phones/"+o.id, map[string]any{
					"connection_request_user": "dps", "connection_request_password": "dps"}, nil)
			}
			boots := o.phone.Ledger().Reboots
			k := o.do("check-sync", map[string]any{"reboot": tt.reboot})
			o.ended(k, tt.state, tt.says)
			l := o.phone.Ledger()
			want := "check-sync"
			if tt.reboot {
				want += ";reboot=true"
			}
			asked := 1
			if tt.manner == "digest" {
				asked = 2 // 401, and again with who asks
			}
			if len(k.Attempts) != 1 || len(l.Notifies) != asked || l.Notifies[0].Event != want || l.Notifies[0].User != o.phone.MAC().String() || l.Resyncs != tt.resyncs {
				t.Errorf("%d attempts, and the phone has %+v, heeded %d", len(k.Attempts), l.Notifies, l.Resyncs)
			}
			restarts := 0
			if tt.reboot && tt.state == "succeeded" {
				restarts = 1
			}
			if l.Reboots-boots != restarts {
				t.Errorf("it restarted %d times", l.Reboots-boots)
			}
			if tt.manner == "late" && l.NotifyRepeats == 0 {
				t.Error("it was answered before it was repeated")
			}
			metrics, err := o.server.do(t.Context(), http.MethodGet, "/metrics", nil)
			if err != nil || !strings.Contains(string(metrics.body), "phoneacs_sip_notifies_total{result=") {
				t.Errorf("it is not measured: %v", err)
			}
			if strings.Contains(o.Log(), "nonce=") || strings.Contains(o.Log(), "response=") {
				t.Error("the log has who asked")
			}
		})
	}
}

// TestCheckSyncAccount: it goes to the user that the phone has reported, and a
// phone that does not know that user says so.
func TestCheckSyncAccount(t *testing.T) {
	t.Parallel()
	o := sipOne(t, "")
	line := o.root + "Services.VoiceService.1.VoiceProfile.1.Line.1."
	o.ended(o.set(line+"SIP.AuthUserName", "", "1001"), "succeeded", "read back")
	o.ended(o.do("check-sync", nil), "succeeded", "accepted: ")
	o.ended(o.set(line+"SIP.URI", "", "sip:4711@pbx.example"), "succeeded", "read back")
	o.ended(o.do("check-sync", nil), "failed", "the phone answered 404")
	var users []string
	for _, n := range o.phone.Ledger().Notifies {
		users = append(users, n.User+" "+n.Status)
	}
	if got := fmt.Sprint(users); got != "[1001 200 4711 404]" {
		t.Errorf("asked %s", got)
	}
	order := []string{"job", "check-sync", o.id, "--reboot", "--watch"}
	out := runProgram(t, []string{"PHONEACS_SERVER=http://" + o.admin, "PHONEACS_TOKEN=" + o.token}, order...)
	if l := o.phone.Ledger(); len(l.Notifies) != 3 || l.Notifies[2].Event != "check-sync;reboot=true" {
		t.Errorf("%v: status %d, and the phone has %+v\n%s%s", order, out.status, l.Notifies, out.stdout, out.stderr)
	}
}

// TestCheckSyncKill kills the server when the phone has the NOTIFY and has not
// answered: the outcome is unknown, and it is never sent again, though the phone
// has restarted.
func TestCheckSyncKill(t *testing.T) {
	t.Parallel()
	o := sipOne(t, "deaf")
	j := o.order(t, newJob{
		Kind: "check-sync", Args: map[string]any{"reboot": true}, Selection: map[string]any{"phones": []string{o.id}},
		When: map[string]any{"now": true}, Retry: map[string]any{"max": 5, "backoff": "100ms"}, Deadline: "3s",
	})
	eventually(t, 30*time.Second, "the NOTIFY at the phone", func() error {
		if n := len(o.phone.Ledger().Notifies); n != 1 {
			return fmt.Errorf("there are %d", n)
		}
		return nil
	})
	o.Kill()
	o.Start()
	o.awaitEnded(t, j.ID, time.Minute)
	k := list[task](t, o.server, "/api/v1/jobs/"+j.ID+"/tasks")[0]
	o.ended(k, "failed", "not repeated by itself")
	if k.Cause != "unknown-outcome" || len(k.Attempts) != 1 {
		t.Errorf("cause %q, %d attempts", k.Cause, len(k.Attempts))
	}
	if l := o.phone.Ledger(); len(l.Notifies) != 1 || l.Resyncs != 1 {
		t.Errorf("the phone has %+v", l.Notifies)
	}
}

// TestCheckSyncHeld: neither a hold nor a server without SIP lets one leave.
func TestCheckSyncHeld(t *testing.T) {
	t.Parallel()
	o := sipOne(t, "")
	o.call(t, http.MethodPost, "/api/v1/hold", map[string]any{"all": true, "reason": "drill"}, nil)
	j := o.order(t, newJob{Kind: "check-sync", Selection: map[string]any{"all": true}, When: map[string]any{"now": true}})
	sessions := o.phone.Ledger().Sessions
	eventually(t, 30*time.Second, "sessions under the hold", func() error {
		if n := o.phone.Ledger().Sessions - sessions; n < 3 {
			return fmt.Errorf("there were %d", n)
		}
		return nil
	})
	if n := len(o.phone.Ledger().Notifies); n != 0 {
		t.Errorf("%d left under a hold", n)
	}
	o.call(t, http.MethodDelete, "/api/v1/hold?all=true", nil, nil)
	o.awaitEnded(t, j.ID, 30*time.Second)
	o.ended(list[task](t, o.server, "/api/v1/jobs/"+j.ID+"/tasks")[0], "succeeded", "accepted: ")

	plain := startServer(t, t.TempDir(), "--enrol", "open")
	a, err := plain.do(t.Context(), http.MethodPost, "/api/v1/jobs", newJob{Kind: "check-sync", Selection: map[string]any{"all": true}, When: map[string]any{"now": true}})
	if err != nil || a.status < 400 || a.status >= 500 || !strings.Contains(string(a.body), "--sip") {
		t.Errorf("without SIP: status %d, %v: %s", a.status, err, a.body)
	}
}
