package admin

import (
	"encoding/json"
	"testing"

	"phoneacs/db"
)

func TestParameterIsDescribed(t *testing.T) {
	h := newHarness(t)
	yes, two := true, 2
	h.store.params = []db.Parameter{
		{Name: "Device.ManagementServer.PeriodicInformInterval", Type: "string", Value: "60", Changed: now},
		{Name: "Device.X_V.Thing", Type: db.TypeUnread, Changed: now},
	}
	h.store.traits = map[string]db.Trait{"Device.X_V.Thing": {Writable: &yes, Notification: &two, AccessList: &[]string{"Subscriber"}}}
	var page struct{ Items []map[string]any }
	a := h.do("GET", "/api/v1/phones/p1/parameters", "").is(200)
	if err := json.Unmarshal(a.body, &page); err != nil || len(page.Items) != 2 {
		t.Fatalf("%s: %v", a.body, err)
	}
	first, second := page.Items[0], page.Items[1]
	if first["type"] != "string" || first["known_type"] != "unsignedInt" || first["description"] != "Seconds between two regular Informs" || first["writable"] != nil {
		t.Errorf("shown %v", first)
	}
	if second["writable"] != true || second["notification"] != 2.0 || second["description"] != nil || second["access_list"] == nil {
		t.Errorf("shown %v", second)
	}
}

func TestPhoneMethods(t *testing.T) {
	for _, tt := range []struct {
		m     db.Methods
		state string
	}{
		{db.Methods{}, "unknown"},
		{db.Methods{Asked: now, Firmware: "2.4", Names: []string{"Reboot"}}, "known"},
		{db.Methods{Asked: now, Firmware: "2.3", Names: []string{"Reboot"}}, "outdated"},
		{db.Methods{Asked: now, Firmware: "2.4", Refused: "fault 9000"}, "refused"},
	} {
		h := newHarness(t)
		h.store.phones[0].SoftwareVersion, h.store.methods = "2.4", tt.m
		var got methodsView
		a := h.do("GET", "/api/v1/phones/p1/methods", "").is(200)
		if err := json.Unmarshal(a.body, &got); err != nil || got.State != tt.state || got.Why != tt.m.Refused {
			t.Errorf("%+v is shown as %s", tt.m, a.body)
		}
	}
	newHarness(t).do("GET", "/api/v1/phones/p99/methods", "").refuses(kindNotFound, "")
}

func TestTaskResult(t *testing.T) {
	h := newHarness(t)
	h.do("GET", "/api/v1/tasks/j1-p1/result", "").is(200)
	for _, id := range []string{"j1-p2", "j1", "x", "j1-p1-1"} {
		h.do("GET", "/api/v1/tasks/"+id+"/result", "").refuses(kindNotFound, "")
	}
}

func TestTaskHelp(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct {
		fault int
		state db.TaskState
		want  string
	}{
		{9008, db.TaskFailed, "Set it with a configuration file instead."},
		{9500, db.TaskWaiting, "Update the phone's firmware, or report the code to its vendor: it is reserved and should not be sent."},
		{9850, db.TaskFailed, "Look the code up in the vendor's documentation and read the fault text beside it."},
		{9008, db.TaskSucceeded, ""},
		{8002, db.TaskFailed, ""},
		{0, db.TaskFailed, ""},
	} {
		task := db.Task{ID: db.TaskID{Job: 1, Phone: 1}, State: tt.state, Attempts: []db.Attempt{{N: 1, Fault: tt.fault}}}
		if got := help(&task); got != tt.want {
			t.Errorf("help for %d of a task that is %s is %q; want %q", tt.fault, tt.state, got, tt.want)
		}
	}
	h.store.tasks = []db.Task{{ID: db.TaskID{Job: 1, Phone: 1}, State: db.TaskFailed, Attempts: []db.Attempt{{N: 1, Key: "k", Fault: 9005}}, Created: now}}
	var page struct{ Items []taskView }
	a := h.do("GET", "/api/v1/jobs/j1/tasks", "").is(200)
	if err := json.Unmarshal(a.body, &page); err != nil || len(page.Items) != 1 || page.Items[0].Help == "" {
		t.Errorf("shown %s", a.body)
	}
}
