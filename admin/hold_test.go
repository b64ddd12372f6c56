package admin

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

func TestHold(t *testing.T) {
	h := newHarness(t)
	h.do("POST", "/api/v1/hold", `{"all":true,"reason":"storm"}`).is(200)
	h.do("POST", "/api/v1/hold", `{"phone":"0c383e000003"}`).is(200)
	a := h.do("POST", "/api/v1/hold", `{"site":"HQ / North","reason":"audit"}`).is(200)
	if want := `{"site":"s2","reason":"audit","by":"ops","since":"2026-05-17T09:00:00Z"}`; string(a.body) != want {
		t.Errorf("hold is %s; want %s", a.body, want)
	}
	want := []db.Hold{
		{Reason: "storm", By: "ops", Since: now}, {Phone: 3, By: "ops", Since: now}, {Site: 2, Reason: "audit", By: "ops", Since: now},
	}
	if diff := cmp.Diff(want, h.store.holds); diff != "" {
		t.Errorf("holds (-want +got)\n%s", diff)
	}
	var page db.Page[holdView]
	h.do("GET", "/api/v1/hold", "").is(200).into(&page)
	if len(page.Items) != 3 || !page.Items[0].All || page.Items[1].All {
		t.Errorf("listed %+v", page.Items)
	}
	h.do("DELETE", "/api/v1/hold?phone=p3", "").is(204)
	h.do("DELETE", "/api/v1/hold?site=s2", "").is(204)
	h.do("DELETE", "/api/v1/hold?all=true", "").is(204)
	if len(h.store.holds) != 0 {
		t.Errorf("left %+v", h.store.holds)
	}
}

func TestHoldErrors(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct {
		name, body string
		kind       kind
		field      string
	}{
		{"nobody", `{"reason":"x"}`, kindInvalid, ""},
		{"two", `{"all":true,"site":"s1"}`, kindInvalid, ""},
		{"all false", `{"all":false}`, kindInvalid, "all"},
		{"empty phone", `{"phone":""}`, kindInvalid, "phone"},
		{"unknown phone", `{"phone":"p99"}`, kindInvalid, "phone"},
		{"two phones", `{"phone":"0C383E-C3"}`, kindInvalid, "phone"},
		{"unknown site", `{"site":"Mars"}`, kindInvalid, "site"},
		{"long reason", `{"all":true,"reason":"` + strings.Repeat("r", maxReason+1) + `"}`, kindInvalid, "reason"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.do("POST", "/api/v1/hold", tt.body).refuses(tt.kind, tt.field)
		})
	}
	h.do("DELETE", "/api/v1/hold", "").refuses(kindInvalid, "")
	h.do("DELETE", "/api/v1/hold?all=yes", "").refuses(kindInvalid, "all")
	h.do("DELETE", "/api/v1/hold?all=true&phone=p1", "").refuses(kindInvalid, "")
	h.do("DELETE", "/api/v1/hold?all=true", "").refuses(kindNotFound, "")
	h.do("DELETE", "/api/v1/hold?phone=", "").refuses(kindInvalid, "phone")
	h.do("GET", "/api/v1/hold?limit=0", "").refuses(kindInvalid, "limit")
	if len(h.store.holds) != 1 {
		t.Errorf("holds are %+v", h.store.holds)
	}
	h.store.err = db.ErrNoSpace
	h.do("POST", "/api/v1/hold", `{"all":true}`).refuses(kindNoSpace, "")
}

// TestHeldJob: one job says which holds stop it; lists do not.
func TestHeldJob(t *testing.T) {
	h := newHarness(t)
	h.store.holds = append(h.store.holds, db.Hold{Reason: "storm", By: "ann", Since: now})
	var j jobView
	h.do("GET", "/api/v1/jobs/j1", "").is(200).into(&j)
	want := []heldView{
		{holdView: holdView{Site: 2, Reason: "moving house", By: "ops", Since: now}, SiteName: "HQ / North", Tasks: 1, AtLeast: true},
		{holdView: holdView{All: true, Reason: "storm", By: "ann", Since: now}, Tasks: 1, AtLeast: true},
	}
	if diff := cmp.Diff(want, j.Held, cmp.AllowUnexported(heldView{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	h.store.holds = nil
	if body := string(h.do("GET", "/api/v1/jobs/j1", "").is(200).body); strings.Contains(body, "held") {
		t.Errorf("without a hold: %s", body)
	}
}
