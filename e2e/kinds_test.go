package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// A one is a server with one simulated phone, to give orders to.
type one struct {
	*server
	t     *testing.T
	phone *sim.Phone
	id    string
	root  string // of the phone's parameters
}

func startOne(t *testing.T) *one { return startOneAs(t, sim.Behaviour{}) }

func startOneAs(t *testing.T, b sim.Behaviour) *one {
	t.Helper()
	s := startServer(t, t.TempDir(), "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--log-level", "debug")
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: 1, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02, Behaviour: b,
	})
	known := s.awaitPhones(t, 1, 30*time.Second)
	p := fleet.Phone(0)
	t.Cleanup(func() {
		if b := p.Ledger().Breaches; len(b) > 0 {
			t.Errorf("the phone met breaches of the standard: %v", b)
		}
	})
	return &one{server: s, t: t, phone: p, id: known[0].ID, root: p.Root()}
}

// do orders a job for the phone and returns its task once that has ended.
func (o *one) do(kind string, args map[string]any) task {
	o.t.Helper()
	j := o.order(o.t, newJob{
		Kind: kind, Args: args, Selection: map[string]any{"phones": []string{o.id}},
		When: map[string]any{"now": true}, Retry: map[string]any{"max": 0},
	})
	o.awaitEnded(o.t, j.ID, 30*time.Second)
	all := list[task](o.t, o.server, "/api/v1/jobs/"+j.ID+"/tasks")
	if len(all) != 1 {
		o.t.Fatalf("%s has %d tasks", kind, len(all))
	}
	return all[0]
}

func (o *one) set(name, kind, value string) task {
	o.t.Helper()
	return o.do("set-parameters", map[string]any{"parameters": []map[string]string{{"name": name, "type": kind, "value": value}}})
}

// ended wants a task in a state, with a text in its reason or its evidence.
func (o *one) ended(k task, state, text string) {
	o.t.Helper()
	said := k.Why
	for _, e := range k.Evidence {
		said += "\n" + e.What
	}
	if k.State != state || !strings.Contains(said, text) {
		o.t.Errorf("task is %s, and says %q; want %s, and %q in it", k.State, said, state, text)
	}
}

// reported is what the server has of a parameter.
func (o *one) reported(name string) (value, kind string) {
	o.t.Helper()
	var page struct {
		Items []struct{ Name, Type, Value string }
	}
	o.call(o.t, http.MethodGet, "/api/v1/phones/"+o.id+"/parameters?prefix="+url.QueryEscape(name), nil, &page)
	for _, p := range page.Items {
		if p.Name == name {
			return p.Value, p.Type
		}
	}
	return "", ""
}

// TestParameters reads and sets parameters of a phone.
func TestParameters(t *testing.T) {
	o := startOne(t)
	ntp := o.root + "Time.NTPServer2"
	upgrades := o.root + "ManagementServer.UpgradesManaged"

	o.ended(o.do("get-parameters", map[string]any{"names": []string{o.root + "Time.", upgrades}}), "succeeded", "values read")
	if v, kind := o.reported(upgrades); v != "false" || kind != "boolean" {
		t.Errorf("reported %q of type %q", v, kind)
	}
	o.ended(o.do("get-parameters", map[string]any{"names": []string{o.root + "Nothing"}}), "failed", "fault 9005")

	o.ended(o.set(upgrades, "boolean", "1"), "succeeded", "read back: 1 value as ordered")
	if v, _ := o.phone.Param(upgrades); v != "1" {
		t.Errorf("the phone has %q", v)
	}
	sets := o.phone.Ledger().Total("SetParameterValues")
	o.ended(o.set(upgrades, "boolean", "true"), "skipped", "already reports 1 value as ordered")
	if n := o.phone.Ledger().Total("SetParameterValues"); n != sets {
		t.Errorf("what is so already was set again")
	}
	o.ended(o.set(ntp, "", "ntp.example"), "succeeded", "read back")
	if v, _ := o.reported(ntp); v != "ntp.example" {
		t.Errorf("reported %q", v)
	}

	o.ended(o.set(ntp, "boolean", "1"), "failed", ntp+": fault 9006, the parameter has another type")
	o.ended(o.set(o.root+"DeviceInfo.UpTime", "unsignedInt", "1"), "failed", "fault 9008, the parameter cannot be written")
	o.ended(o.set(o.root+"Nothing", "", "1"), "failed", "fault 9005, the phone has no parameter of that name")
}

// TestNotOfThisPhone orders what the simulated phones, as the real ones they
// stand for, do not know.
func TestNotOfThisPhone(t *testing.T) {
	o := startOne(t)
	eventually(t, 30*time.Second, "the phone's methods", func() error {
		var m struct{ State string }
		if o.call(t, http.MethodGet, "/api/v1/phones/"+o.id+"/methods", nil, &m); m.State != "known" {
			return fmt.Errorf("they are %s", m.State)
		}
		return nil
	})
	table := o.root + "Services.VoiceService.1.VoiceProfile."
	for kind, args := range map[string]map[string]any{
		"add-object":      {"object": table},
		"delete-object":   {"object": table + "1."},
		"schedule-inform": {"delay": "1s"},
	} {
		a, err := o.server.do(t.Context(), http.MethodPost, "/api/v1/jobs", newJob{
			Kind: kind, Args: args, Selection: map[string]any{"phones": []string{o.id}}, When: map[string]any{"now": true},
		})
		if err != nil || a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest || !strings.Contains(string(a.body), "does not know") || !strings.Contains(string(a.body), "it offers") {
			t.Errorf("%s, of this phone: status %d, %v: %s", kind, a.status, err, a.body)
		}
		j := o.order(t, newJob{Kind: kind, Args: args, Selection: map[string]any{"all": true}, When: map[string]any{"now": true}})
		o.awaitEnded(t, j.ID, 30*time.Second)
		for _, k := range list[task](t, o.server, "/api/v1/jobs/"+j.ID+"/tasks") {
			o.ended(k, "skipped", "does not know")
			if len(k.Attempts) != 0 {
				t.Errorf("%s was sent: %+v", kind, k.Attempts)
			}
		}
	}
}

// TestFactoryReset resets a phone that something had been set on.
func TestFactoryReset(t *testing.T) {
	o := startOne(t)
	ntp := o.root + "Time.NTPServer2"
	o.ended(o.set(ntp, "", "ntp.example"), "succeeded", "read back")
	o.ended(o.do("factory-reset", nil), "succeeded", "0 BOOTSTRAP came")
	if v, _ := o.phone.Param(ntp); v != "" {
		t.Errorf("the phone still has %q", v)
	}
	if n := o.phone.Ledger().Total("FactoryReset"); n != 1 {
		t.Errorf("%d FactoryReset were sent", n)
	}
}
