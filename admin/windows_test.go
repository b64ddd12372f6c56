package admin

import (
	"strings"
	"testing"

	"phoneacs/db"
)

// TestWindowBad: what no window can be names its field and the range, and
// nothing of it is stored.
func TestWindowBad(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct {
		name, body string
		kind       kind
		field      string
		says       string
	}{
		{"no name", `{"flexible":{"interval_days":1,"begin":"02:00"}}`, kindInvalid, "name", "1 to 64"},
		{"a long name", `{"name":"` + strings.Repeat("n", 65) + `","flexible":{"interval_days":1,"begin":"02:00"}}`, kindInvalid, "name", "64"},
		{"a taken name", `{"name":"Night","flexible":{"interval_days":1,"begin":"02:00"}}`, kindExists, "name", "already"},
		{"an unknown zone", `{"name":"x","zone":"Mars/Olympus","flexible":{"interval_days":1,"begin":"02:00"}}`, kindInvalid, "zone", "IANA"},
		{"day 8", `{"name":"x","weekly":{"days":["mon","day 8"],"begin":"02:00"}}`, kindInvalid, "weekly.days[1]", "mon, tue"},
		{"no day", `{"name":"x","weekly":{"begin":"02:00"}}`, kindInvalid, "weekly.days", "one or more"},
		{"interval 0", `{"name":"x","flexible":{"interval_days":0,"begin":"02:00"}}`, kindInvalid, "flexible.interval_days", "1 to 1000"},
		{"interval 1001", `{"name":"x","flexible":{"interval_days":1001,"begin":"02:00"}}`, kindInvalid, "flexible.interval_days", "1 to 1000"},
		{"13 weeks", `{"name":"x","weekly":{"days":["mon"],"begin":"02:00","every":13}}`, kindInvalid, "weekly.every", "0 to 12"},
		{"idle 121", `{"name":"x","weekly":{"days":["mon"],"begin":"02:00","inactivity_minutes":121}}`, kindInvalid, "weekly.inactivity_minutes", "0 to 120"},
		{"idle for longer than it is open", `{"name":"x","weekly":{"days":["mon"],"begin":"02:00","end":"03:00","inactivity_minutes":90}}`, kindInvalid, "weekly.inactivity_minutes", "open for 60"},
		{"begin 25:00", `{"name":"x","weekly":{"days":["mon"],"begin":"25:00"}}`, kindInvalid, "weekly.begin", "00:00 to 23:59"},
		{"no begin", `{"name":"x","flexible":{"interval_days":1}}`, kindInvalid, "flexible.begin", "00:00 to 23:59"},
		{"end 24:00", `{"name":"x","flexible":{"interval_days":1,"begin":"02:00","end":"24:00"}}`, kindInvalid, "flexible.end", "00:00 to 23:59"},
		{"both", `{"name":"x","weekly":{"days":["mon"],"begin":"02:00"},"flexible":{"interval_days":1,"begin":"02:00"}}`, kindInvalid, "flexible", "not both"},
		{"neither", `{"name":"x"}`, kindInvalid, "weekly", "needs weekly or flexible"},
		{"no such day", `{"name":"x","valid_from":"2027-02-30","flexible":{"interval_days":1,"begin":"02:00"}}`, kindInvalid, "valid_from", "2027-01-31"},
		{"black-out without an end", `{"name":"x","black_out":[{"first":"2027-02-03"}],"flexible":{"interval_days":1,"begin":"02:00"}}`, kindInvalid, "black_out[0].last", "2027-01-31"},
		{"a number for a day", `{"name":"x","weekly":{"days":[1],"begin":"02:00"}}`, kindInvalid, "weekly.days[0]", "a string"},
		{"a member unknown", `{"name":"x","weekly":{"days":["mon"],"begin":"02:00","until":"x"}}`, kindUnknownField, "weekly.until", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, to := range [][2]string{{"POST", "/api/v1/windows"}, {"PUT", "/api/v1/windows/w2"}} {
				h.store.windows = append(h.store.windows[:1], db.Window{ID: 2, Name: "other", Window: nightly(), Edition: 1})
				a := h.do(to[0], to[1], tt.body)
				a.refuses(tt.kind, tt.field)
				if !strings.Contains(string(a.body), tt.says) {
					t.Errorf("%s does not say %q", a.body, tt.says)
				}
				if len(h.store.windows) != 2 || h.store.windows[1].Edition != 1 {
					t.Errorf("%+v is stored", h.store.windows)
				}
			}
		})
	}
}

// TestWindowNotes: what may not be meant is said with the window.
func TestWindowNotes(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct{ name, body, says string }{
		{"blank end", `{"name":"a","flexible":{"interval_days":1,"begin":"02:00","end":""}}`, "nothing is spread"},
		{"equal end", `{"name":"b","flexible":{"interval_days":1,"begin":"02:00","end":"02:00"}}`, "nothing is spread"},
		{"past", `{"name":"c","valid_to":"2026-05-16","flexible":{"interval_days":1,"begin":"02:00","end":"03:00"}}`, "valid_to is 2026-05-16, and that is past"},
		{"idle", `{"name":"e","weekly":{"days":["mon"],"begin":"22:00","end":"03:00","inactivity_minutes":10}}`, "idle for 10 minutes from its slot on, or in a later period"},
		{"not idle", `{"name":"f","weekly":{"days":["mon"],"begin":"22:00","end":"03:00","inactivity_minutes":0}}`, ""},
		{"end on the next day", `{"name":"d","flexible":{"interval_days":1,"begin":"22:00","end":"03:00"}}`, ""},
	} {
		var v windowView
		h.do("POST", "/api/v1/windows", tt.body).is(201).into(&v)
		if got := strings.Join(v.Notes, "; "); !strings.Contains(got, tt.says) || tt.says == "" && got != "" {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.says)
		}
	}
	var v windowView
	h.do("PUT", "/api/v1/windows/Night", `{"name":"night","flexible":{"interval_days":2,"begin":"02:00","end":"03:00"}}`).is(200).into(&v)
	if v.ID != 1 || v.Edition != 2 || len(v.Notes) != 1 || v.Notes[0] != filedAnew {
		t.Errorf("an edit answers %+v", v)
	}
	var w windowView
	h.do("GET", "/api/v1/windows/night", "").is(200).into(&w)
	if w.Flexible.Interval != 2 || len(w.Notes) != 0 {
		t.Errorf("after it the window is %+v", w)
	}
}

// TestWindowInUse: a deletion that cannot be names what stands in its way.
func TestWindowInUse(t *testing.T) {
	h := newHarness(t)
	h.store.windows[0].Name = "busy"
	a := h.do("DELETE", "/api/v1/windows/busy", "")
	a.refuses(kindInUse, "")
	if !strings.Contains(string(a.body), "job j7") {
		t.Errorf("%s names no job", a.body)
	}
	h.do("DELETE", "/api/v1/windows/w9", "").refuses(kindNotFound, "")
	a = h.do("DELETE", "/api/v1/sites/default", "")
	a.refuses(kindInUse, "")
	if !strings.Contains(string(a.body), "phone p2") {
		t.Errorf("%s names no phone", a.body)
	}
}

func TestEditSite(t *testing.T) {
	h := newHarness(t)
	var s db.Site
	h.do("PATCH", "/api/v1/sites/s2", `{"networks":[],"zone":""}`).is(200).into(&s)
	if s.Name != "HQ / North" || s.Zone != "" || len(s.Networks) != 0 || s.URL != "https://acs.example.net" {
		t.Errorf("site is %+v", s)
	}
	h.do("PATCH", "/api/v1/sites/s2", `{}`).refuses(kindInvalid, "")
	h.do("PATCH", "/api/v1/sites/s2", `{"name":""}`).refuses(kindInvalid, "name")
	h.do("PATCH", "/api/v1/sites/s2", `{"name":"default"}`).refuses(kindExists, "name")
	h.do("PATCH", "/api/v1/sites/s2", `{"zone":"Local"}`).refuses(kindInvalid, "zone")
	h.do("PATCH", "/api/v1/sites/s2", `{"networks":["10.0.0.1/8"]}`).refuses(kindInvalid, "networks")
	h.do("PATCH", "/api/v1/sites/s2", `{"url":"ftp://x"}`).refuses(kindInvalid, "url")
	h.do("PATCH", "/api/v1/sites/s9", `{"url":""}`).refuses(kindNotFound, "")
}

// TestWindowJobs: one window says how many jobs wait for it.
func TestWindowJobs(t *testing.T) {
	h := newHarness(t)
	var w windowView
	for n := range 3 {
		h.do("GET", "/api/v1/windows/night", "").is(200).into(&w)
		if w.Jobs == nil || *w.Jobs != n {
			t.Fatalf("jobs = %v; want %d", w.Jobs, n)
		}
		h.store.jobs = append(h.store.jobs, db.JobStatus{Job: db.Job{When: db.When{Window: 1}, State: db.JobActive}})
	}
}
