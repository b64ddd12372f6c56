package admin

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

func TestRecurringJobs(t *testing.T) {
	h := newHarness(t)
	var got recurringView
	h.do("POST", "/api/v1/recurring-jobs", `{"name":"book","kind":"set-parameters","newest_file":true,"selection":{"filter":"model = \"X6U\""},
		"args":{"parameters":[{"name":"Device.X.Password","value":"hunter2"}]},"cron":"30 2 * * *","zone":"Europe/Berlin","deadline":"1h","priority":3}`).is(201).into(&got)
	want := recurringView{
		ID: 2, Name: "book", Kind: "set-parameters", Newest: true, Selection: db.Selection{Filter: `model = "X6U"`},
		Args: argsView{Parameters: []settingView{{Name: "Device.X.Password", Type: "string"}}},
		Cron: "30 2 * * *", Zone: "Europe/Berlin", Missed: db.RunMissed, Priority: 3, Retry: retryView{3, "1m"}, Deadline: "1h",
		Created: now, By: "ops", Next: now.Add(time.Hour),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if h.store.recurring[1].Item.Args.Parameters[0].Value != "hunter2" {
		t.Error("the value was not kept")
	}
	h.do("PUT", "/api/v1/recurring-jobs/c2", `{"name":"book","kind":"reboot","selection":{"all":true},"cron":"0 3 * * sun","missed":"skip","paused":true,"expires":"2h"}`).is(200).into(&got)
	if !got.Paused || got.Missed != db.SkipMissed || got.By != "ops" || got.Expires != "2h" {
		t.Errorf("replaced by %+v", got)
	}
	h.do("DELETE", "/api/v1/recurring-jobs/c2", "").is(204)
	h.do("GET", "/api/v1/recurring-jobs/c2", "").refuses(kindNotFound, "")
	w := h.store.windows[0].ID // "night"
	got = recurringView{}
	h.do("POST", "/api/v1/recurring-jobs", `{"name":"a","kind":"reboot","selection":{"all":true},"window":"NIGHT"}`).is(201).into(&got)
	if got.Window != w || got.Cron != "" {
		t.Errorf("by a window: %+v", got)
	}
	h.do("PUT", "/api/v1/recurring-jobs/"+got.ID.String(), `{"name":"a","kind":"reboot","selection":{"all":true},"window":"`+w.String()+`","cron":"0 1 * * *"}`).is(200).into(&got)
	if got.Window != w || got.Cron != "0 1 * * *" {
		t.Errorf("by a window and cron: %+v", got)
	}
	for body, field := range map[string]string{
		`{"name":"","kind":"reboot","selection":{"all":true},"cron":"0 3 * * *"}`:                           "name",
		`{"name":"a","kind":"","selection":{"all":true},"cron":"0 3 * * *"}`:                                "kind",
		`{"name":"a","kind":"dance","selection":{"all":true},"cron":"0 3 * * *"}`:                           "kind",
		`{"name":"a","kind":"reboot","cron":"0 3 * * *"}`:                                                   "selection",
		`{"name":"a","kind":"reboot","selection":{"filter":""},"cron":"0 3 * * *"}`:                         "selection.filter",
		`{"name":"a","kind":"reboot","selection":{"all":true},"cron":"0 3 * * *","deadline":"soon"}`:        "deadline",
		`{"name":"a","kind":"reboot","selection":{"all":true},"cron":"0 3 * * *","expires":"0s"}`:           "expires",
		`{"name":"a","kind":"reboot","selection":{"all":true},"cron":"0 3 * * *","retry":{"max":99}}`:       "retry.max",
		`{"name":"a","kind":"reboot","selection":{"all":true},"cron":"0 3 * * *","retry":{"backoff":"2h"}}`: "retry.backoff",
		`{"name":"a","kind":"reboot","selection":{"all":true}}`:                                             "cron",
		`{"name":"a","kind":"reboot","selection":{"all":true},"window":"none"}`:                             "window",
		`{"name":"a","kind":"reboot","selection":{"all":true},"cron":"0 3 * * *","window":""}`:              "window",
		`{"name":"a","kind":"download","args":{"file":"x"},"selection":{"all":true},"cron":"0 3 * * *"}`:    "args.file",
	} {
		h.do("POST", "/api/v1/recurring-jobs", body).refuses(kindInvalid, field)
	}
	var works struct{ Items []workView }
	h.do("GET", "/api/v1/schedule", "").is(200).into(&works)
	if len(works.Items) != 1 || works.Items[0].Every != "1h0m0s" || works.Items[0].Error != "disk" || !works.Items[0].Last.Equal(now) {
		t.Errorf("schedule = %+v", works.Items)
	}
}
