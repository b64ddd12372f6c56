package admin

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// TestWindowedJobsMove: a job keeps its window, by name or of its own, the days
// of its period, and what it does with phones whose lines cannot be read.
func TestWindowedJobsMove(t *testing.T) {
	h := newHarness(t)
	own, first, last := nightly(), window.Day(2026, 5, 18), window.Day(2026, 5, 24)
	for i, when := range []db.When{
		{Window: 1, Missed: db.MissedRest, From: &first, Until: &last}, {Window: 1}, {Inline: &own},
	} {
		id := db.JobID(i + 1)
		h.store.jobs = append(h.store.jobs[:i:i], db.JobStatus{Job: db.Job{
			ID: id, Kind: db.KindReboot, Selection: db.Selection{All: true}, When: when, Calls: db.CallsSkip, Retry: db.Retry{Max: 2, Backoff: time.Minute},
			Deadline: time.Hour, Created: now, Expires: now.Add(30 * day), State: db.JobActive, Selected: 1, Expanded: 1,
		}, Counts: db.Counts{db.TaskWaiting: 1}})
		h.store.tasks = append(h.store.tasks[:i:i], db.Task{ID: db.TaskID{Job: id, Phone: 1}, State: db.TaskWaiting, Created: now})
	}
	list := string(h.do("GET", "/api/v1/jobs/export?format=jsonl", "").is(200).body)
	if n := strings.Count(list, `"window":{"name":"night","flexible":{"interval_days":1,"begin":"02:00","end":"03:00"}}`); n != 2 {
		t.Fatalf("%d windows are told:\n%s", n, list)
	}
	const path = "/api/v1/jobs/import"
	elsewhere := newHarness(t)
	elsewhere.store.jobs = nil
	elsewhere.store.windows[0].ID = 7 // its number there
	for _, want := range []db.Fate{db.FateCreated, db.FateUnchanged} {
		fates, _ := elsewhere.told(path, "application/jsonl", list)
		if len(fates) != 3 || fates[0].Fate != want || fates[1].Fate != want || fates[2].Fate != want {
			t.Fatalf("%+v; want three %s", fates, want)
		}
	}
	want := []db.When{{Window: 7, Missed: db.MissedRest, From: &first, Until: &last}, {Window: 7}, {Inline: &own}}
	slices.Reverse(want) // the newest comes first
	for i, j := range elsewhere.store.jobs {
		if !cmp.Equal(j.When, want[i]) || j.Calls != db.CallsSkip || !j.Paused {
			t.Errorf("ordered %+v; want when %+v", j.Job, want[i])
		}
	}
	for name, tt := range map[string]struct{ old, new, says string }{
		"no such window":  {`"when":{"window":"night"`, `"when":{"window":"day"`, "there is no window \"day\" here; add it first"},
		"by an id":        {`"when":{"window":"night"`, `"when":{"window":"w1"`, "where the job comes from"},
		"half a period":   {`"from":"2026-05-18",`, ``, "want from and until"},
		"no period":       {`"from":"2026-05-18"`, `"from":"2026-06-18"`, "want from and until"},
		"no day":          {`"from":"2026-05-18"`, `"from":"2026-02-30"`, "is no day"},
		"a period of now": {`"when":{"window":"night","missed":"rest"`, `"when":{"now":true`, "needs a named window"},
		"no such rule":    {`"when":{"window":{"flexible":{"interval_days":1`, `"when":{"window":{"flexible":{"interval_days":0`, "want 1 to 1000"},
	} {
		fates, _ := newHarness(t).told(path, "application/jsonl", strings.Replace(list, tt.old, tt.new, 1))
		if !slices.ContainsFunc(fates, func(f importFate) bool { return f.Fate == db.FateRefused && strings.Contains(f.Detail, tt.says) }) {
			t.Errorf("%s: %+v", name, fates)
		}
	}
}
