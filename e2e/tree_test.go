package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// readings counts the RPCs with which the phone was read.
func (o *one) readings() int {
	l := o.phone.Ledger()
	return l.Total("GetParameterValues") + l.Total("GetParameterNames") + l.Total("GetParameterAttributes")
}

// behaves has the phone behave so, and waits until it does: from a new session on.
func (o *one) behaves(b sim.Behaviour) {
	o.t.Helper()
	o.phone.Set(b)
	since := o.phone.Ledger().Sessions
	eventually(o.t, 30*time.Second, "a new session", func() error {
		if n := o.phone.Ledger().Sessions; n < since+2 {
			return fmt.Errorf("%d sessions since", n-since)
		}
		return nil
	})
}

// tree is what the server has of the phone's parameters, by name.
func (o *one) tree() map[string]parameter {
	m := make(map[string]parameter)
	for _, p := range list[parameter](o.t, o.server, "/api/v1/phones/"+o.id+"/parameters") {
		m[p.Name] = p
	}
	return m
}

type parameter struct {
	Name, Type, Value, Description string
	Writable                       *bool
	Notification                   *int
}

// TestWholeTree reads all of a phone that can tell only a little at once, has
// no empty path, lists one level at a time and objects without their dot, and
// does not know what it lists.
func TestWholeTree(t *testing.T) {
	o := startOne(t)
	o.ended(o.do("get-parameters", map[string]any{"names": []string{""}}), "succeeded", "values read")
	plain := o.tree()
	if len(plain) < 100 {
		t.Fatalf("%d parameters are known", len(plain))
	}
	for _, b := range []string{"max-values=7", "no-root", "max-values=1,no-root,no-deep", "max-values=40,no-dots", "max-values=7,no-dots,own-unknown,no-root"} {
		t.Run(b, func(t *testing.T) {
			o := startOne(t)
			odd, err := sim.ParseBehaviour(b)
			if err != nil {
				t.Fatal(err)
			}
			o.behaves(odd)
			before := o.readings()
			k := o.do("get-parameters", map[string]any{"names": []string{""}})
			o.ended(k, "succeeded", "values read")
			if len(k.Attempts) != 1 {
				t.Errorf("%d attempts", len(k.Attempts))
			}
			t.Logf("%d requests", o.readings()-before)
			tree := o.tree()
			for name := range plain {
				if _, ok := tree[name]; !ok && !(odd.Tree.OwnUnknown && strings.HasSuffix(name, ".UpTime")) {
					t.Errorf("%s was not read", name)
				}
			}
			first := o.readings()
			o.ended(o.do("get-parameters", map[string]any{"names": []string{""}}), "succeeded", "values read")
			if now := o.readings() - first; now > first-before {
				t.Errorf("the second reading took %d requests, the first %d", now, first-before)
			}
		})
	}
}

// TestLargeTree reads trees of thousands of parameters: one whose answers are
// small, in more requests than a session has, and one that no body can hold, so
// that the first requests for all of it come to nothing.
func TestLargeTree(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		behave string
		params int
		within time.Duration // of which most is for slow machines
	}{
		{"pad-kb=3000,max-values=8", 3000, 3 * time.Minute},
		{"pad-kb=5000", 5000, 3 * time.Minute},
	} {
		t.Run(tt.behave, func(t *testing.T) {
			t.Parallel()
			b, err := sim.ParseBehaviour(tt.behave)
			if err != nil {
				t.Fatal(err)
			}
			o := startOneAs(t, b)
			order := newJob{Kind: "get-parameters", Args: map[string]any{"names": []string{""}}}
			order.Selection, order.When = map[string]any{"phones": []string{o.id}}, map[string]any{"now": true}
			order.Retry = map[string]any{"max": 3, "backoff": "1s"}
			j := o.order(t, order)
			o.awaitEnded(t, j.ID, tt.within)
			k := list[task](t, o.server, "/api/v1/jobs/"+j.ID+"/tasks")[0]
			o.ended(k, "succeeded", "values read")
			t.Logf("%s, by %d requests in %d sessions", k.Why, o.readings(), o.phone.Ledger().Sessions)
			tree := o.tree()
			for n := 1; n <= tt.params; n++ {
				if name := fmt.Sprintf("%sX_0C383E_Pad.%d.Text", o.root, n); tree[name].Value == "" {
					t.Errorf("%s was not read", name)
				}
			}
		})
	}
}

// TestNamesAndAttributes reads what a phone tells beside values, and changes it.
func TestNamesAndAttributes(t *testing.T) {
	o := startOne(t)
	ntp := o.root + "Time.NTPServer1"
	o.ended(o.do("get-names", map[string]any{"names": []string{o.root + "Time.", o.root + "DeviceInfo.UpTime"}}), "succeeded", "names read")
	tree := o.tree()
	if p := tree[ntp]; p.Type != "unread" || p.Writable == nil || !*p.Writable || p.Description == "" {
		t.Errorf("reported %+v", p)
	}
	if p := tree[o.root+"Time."]; p.Type != "object" || p.Writable == nil || *p.Writable {
		t.Errorf("reported %+v", p)
	}
	if p := tree[o.root+"DeviceInfo.UpTime"]; p.Writable == nil || *p.Writable {
		t.Errorf("reported %+v", p)
	}
	o.ended(o.do("set-attributes", map[string]any{"attributes": []map[string]any{{"name": ntp, "notification": 2}}}),
		"succeeded", "read back: attributes of 1 parameter as ordered")
	if p := o.tree()[ntp]; p.Notification == nil || *p.Notification != 2 {
		t.Errorf("reported %+v", p)
	}
	o.ended(o.do("get-attributes", map[string]any{"names": []string{o.root + "Time."}}), "succeeded", "attributes read")
	if p := o.tree()[o.root+"Time.NTPServer2"]; p.Notification == nil || *p.Notification != 0 {
		t.Errorf("reported %+v", p)
	}
	o.ended(o.do("set-attributes", map[string]any{"attributes": []map[string]any{{"name": ntp, "notification": 4}}}),
		"skipped", "notification 4 of "+ntp+" needs 1.4")
}

// TestRaw sends RPCs as they were written.
func TestRaw(t *testing.T) {
	const secret = "correct-horse-battery"
	o := startOne(t)
	raw := func(rpc string, args map[string]any) task {
		return o.do("raw", map[string]any{"raw": map[string]any{"rpc": rpc, "args": args}})
	}
	k := raw("GetParameterNames", map[string]any{"ParameterPath": o.root, "NextLevel": true})
	o.ended(k, "succeeded", "the phone answered with GetParameterNamesResponse")
	var res struct {
		RPC    string
		Answer struct {
			ParameterList []struct{ Name, Writable string }
		}
	}
	o.call(t, http.MethodGet, "/api/v1/tasks/"+k.ID+"/result", nil, &res)
	if res.RPC != "GetParameterNamesResponse" || len(res.Answer.ParameterList) < 5 {
		t.Errorf("result %+v", res)
	}
	name := o.root + "ManagementServer.ConnectionRequestPassword"
	o.ended(raw("SetParameterValues", map[string]any{"ParameterList": []map[string]any{{"Name": name, "Value": secret}}, "ParameterKey": "k"}),
		"succeeded", "SetParameterValuesResponse")
	if v, _ := o.phone.Param(name); v != secret {
		t.Errorf("the phone has %q", v)
	}
	k = raw("SetParameterValues", map[string]any{"ParameterList": []map[string]any{{"Name": o.root + "No" + "Password", "Value": secret}}})
	o.ended(k, "failed", "fault 9003")
	o.call(t, http.MethodGet, "/api/v1/tasks/"+k.ID+"/result", nil, &json.RawMessage{})
	for _, path := range []string{"/api/v1/jobs", "/api/v1/phones/" + o.id + "/tasks", "/api/v1/tasks/" + k.ID + "/result"} {
		a, err := o.server.do(t.Context(), http.MethodGet, path, nil)
		if err != nil || a.status != http.StatusOK || strings.Contains(string(a.body), secret) {
			t.Errorf("GET %s: status %d, %v, tells the secret: %v", path, a.status, err, strings.Contains(string(a.body), secret))
		}
	}
	if strings.Contains(o.Log(), secret) {
		t.Error("the log tells the secret")
	}
}

// TestHistoryNames who changed a value.
func TestHistoryNames(t *testing.T) {
	o := startOne(t)
	ntp := o.root + "Time.NTPServer2"
	o.ended(o.do("get-parameters", map[string]any{"names": []string{ntp}}), "succeeded", "1 value read")
	k := o.set(ntp, "", "ntp.example")
	o.ended(k, "succeeded", "read back")
	o.phone.SetParam(ntp, "other.example")
	o.ended(o.do("get-parameters", map[string]any{"names": []string{ntp}}), "succeeded", "1 value read")
	var by []string
	for _, c := range list[struct{ What, New, By string }](t, o.server, "/api/v1/phones/"+o.id+"/history") {
		if c.What == ntp {
			by = append(by, c.New+" by "+c.By)
		}
	}
	if len(by) != 2 || by[0] != "other.example by phone" || !strings.HasPrefix(by[1], "ntp.example by ") || !strings.Contains(by[1], "("+k.Job+")") {
		t.Errorf("history: %q", by)
	}
}

// TestMethodsAreAskedOnce over sessions and orders, also of a phone that refuses.
func TestMethodsAreAskedOnce(t *testing.T) {
	for _, odd := range []bool{false, true} {
		o := startOneAs(t, sim.Behaviour{Tree: sim.Tree{NoMethods: odd}})
		for range 3 {
			o.ended(o.do("get-parameters", map[string]any{"names": []string{o.root + "Time."}}), "succeeded", "read")
		}
		if n := o.phone.Ledger().Total("GetRPCMethods"); n != 1 {
			t.Errorf("asked %d times", n)
		}
	}
}
