package admin

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

func TestJobShows(t *testing.T) {
	h := newHarness(t)
	a := h.do("GET", "/api/v1/jobs/j1", "").is(200)
	var got map[string]any
	a.into(&got)
	counts := got["counts"].(map[string]any)
	if len(counts) != 9 || counts["sent"] != 1.0 || counts["waiting"] != 0.0 {
		t.Errorf("counts are %v", counts)
	}
	if diff := cmp.Diff(map[string]any{"max": 3.0, "backoff": "1m"}, got["retry"]); diff != "" || got["deadline"] != "1h30m" {
		t.Errorf("deadline %v, retry\n%s", got["deadline"], diff)
	}
	for _, tt := range []struct {
		state  db.JobState
		paused bool
		want   string
	}{
		{db.JobExpanding, false, "expanding"}, {db.JobExpanding, true, "expanding"},
		{db.JobActive, false, "active"}, {db.JobActive, true, "paused"},
		{db.JobPaused, true, "paused"}, {db.JobEnded, false, "ended"},
	} {
		v := viewJob(&db.JobStatus{Job: db.Job{State: tt.state, Paused: tt.paused}})
		if string(v.State) != tt.want || v.Paused != tt.paused {
			t.Errorf("%s, paused %v, is shown as %s, %v; want %s", tt.state, tt.paused, v.State, v.Paused, tt.want)
		}
	}
	if ids, _ := h.do("GET", "/api/v1/jobs?filter=kind%3Dreboot", "").is(200).ids(); !cmp.Equal(ids, []string{"j2"}) {
		t.Errorf("reboots are %v", ids)
	}
	if ids, next := h.do("GET", "/api/v1/jobs?limit=1", "").is(200).ids(); !cmp.Equal(ids, []string{"j2"}) || next == "" {
		t.Errorf("first page is %v, next %q", ids, next)
	}
}

func TestTasksExplain(t *testing.T) {
	h := newHarness(t)
	var page struct{ Items []taskViewJSON }
	h.do("GET", "/api/v1/jobs/j1/tasks", "").is(200).into(&page)
	if len(page.Items) != 2 || page.Items[0].Why != "explained: sent" || page.Items[1].Why != "fault 9010" ||
		page.Items[0].Job != "j1" || page.Items[0].Phone != "p1" || page.Items[1].Cause != "fault" {
		t.Errorf("tasks are %+v", page.Items)
	}
	if ids, _ := h.do("GET", "/api/v1/jobs/j1/tasks?filter=state%3Dfailed&limit=1", "").is(200).ids(); !cmp.Equal(ids, []string{"j1-p3"}) {
		t.Errorf("failed are %v", ids)
	}
}

type taskViewJSON struct{ ID, Job, Phone, State, Why, Cause string }

func TestChangeJob(t *testing.T) {
	h := newHarness(t)
	h.store.jobs[0].State = db.JobActive
	for _, tt := range []struct{ act, want string }{{"pause", "paused"}, {"resume", "active"}, {"cancel", "active"}, {"retry", "active"}} {
		var got struct{ State, Sweep string }
		h.do("POST", "/api/v1/jobs/j1/"+tt.act, "").is(200).into(&got)
		if got.State != tt.want {
			t.Errorf("after %s the job is %s; want %s", tt.act, got.State, tt.want)
		}
	}
	for _, act := range []string{"cancel", "pause", "resume", "retry"} {
		for _, id := range []string{"j99", "p1", "all"} {
			h.do("POST", "/api/v1/jobs/"+id+"/"+act, "").refuses(kindNotFound, "")
		}
	}
	h.do("GET", "/api/v1/jobs/j99", "").refuses(kindNotFound, "")
	h.do("GET", "/api/v1/jobs/j99/tasks", "").refuses(kindNotFound, "")
	h.do("GET", "/api/v1/jobs/j1/tasks?filter=mac%3Dx", "").refuses(kindFilter, "filter")
	h.do("GET", "/api/v1/jobs?filter=mac%3Dx", "").refuses(kindFilter, "filter")
}

// TestJobConflict: the state that stands in the way is named.
func TestJobConflict(t *testing.T) {
	h := newHarness(t)
	h.orders.err = fmt.Errorf("bucket 7: %w", db.ErrConflict)
	for _, tt := range []struct {
		change func(*db.JobStatus)
		want   string
	}{
		{func(j *db.JobStatus) { j.State = db.JobEnded }, "job j1 is ended"},
		{func(j *db.JobStatus) { j.State = db.JobExpanding }, "job j1 is expanding"},
		{func(j *db.JobStatus) { j.State, j.Expires = db.JobEnded, now.Add(-day) }, "job j1 is ended, and past its expiry"},
		{func(j *db.JobStatus) { j.State, j.Sweep = db.JobActive, db.SweepRetry },
			"job j1 is active, and its tasks are just being changed (retry); wait until that is over"},
	} {
		tt.change(&h.store.jobs[0])
		if p := h.do("POST", "/api/v1/jobs/j1/retry", "").refuses(kindConflict, ""); p.Detail != tt.want {
			t.Errorf("detail = %q; want %q", p.Detail, tt.want)
		}
	}
}

// TestTaskIsWhole: what the store keeps of a task is shown under the names of
// version 1 and no others.
func TestTaskIsWhole(t *testing.T) {
	h := newHarness(t)
	var page struct{ Items []map[string]json.RawMessage }
	a := h.do("GET", "/api/v1/phones/p1/tasks?filter=state%3Dsent", "").is(200)
	a.into(&page)
	if len(page.Items) != 1 {
		t.Fatalf("tasks are %s", a.body)
	}
	for _, want := range []string{`"key":"j1-p1-1-abcd"`, `"fetch_count":1`, `"bytes_out":9`, `"what":"fetched"`} {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("%s is missing in %s", want, a.body)
		}
	}
}
