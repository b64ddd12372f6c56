package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

// ids returns the ids of a page's items, and its cursor.
func (a *answer) ids() (ids []string, next string) {
	a.t.Helper()
	var page struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
		Next string `json:"next"`
	}
	a.into(&page)
	for _, item := range page.Items {
		ids = append(ids, item.ID)
	}
	return ids, page.Next
}

func TestListPhones(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct {
		name, query string
		ids         []string
		next        string
	}{
		{"all", "", []string{"p1", "p2", "p3", "p4"}, ""},
		{"first page", "?limit=3", []string{"p1", "p2", "p3"}, "3"},
		{"last page", "?limit=3&cursor=3", []string{"p4"}, ""},
		{"filter", "?filter=state%3Dpending", []string{"p2"}, ""},
		{"tags", "?filter=tags:lobby", []string{"p1"}, ""},
		{"filter that is blank", "?filter=%20", []string{"p1", "p2", "p3", "p4"}, ""},
		{"nobody", "?filter=state%3Dnone", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ids, next := h.do("GET", "/api/v1/phones"+tt.query, "").is(200).ids()
			if diff := cmp.Diff(tt.ids, ids); diff != "" || next != tt.next {
				t.Errorf("next %q, want %q; ids (-want +got)\n%s", next, tt.next, diff)
			}
		})
	}
	if a := h.do("GET", "/api/v1/phones?filter=state%3Dnone", ""); string(a.body) != `{"items":[]}` {
		t.Errorf("an empty page is %s", a.body)
	}
}

func TestListErrors(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct {
		name, query string
		kind        kind
		field       string
	}{
		{"limit 0", "?limit=0", kindInvalid, "limit"},
		{"limit 1001", "?limit=1001", kindInvalid, "limit"},
		{"limit is no number", "?limit=ten", kindInvalid, "limit"},
		{"limit twice", "?limit=1&limit=2", kindInvalid, "limit"},
		{"foreign cursor", "?cursor=xyz", kindInvalid, "cursor"},
		{"unknown parameter", "?filtre=x", kindUnknownField, "filtre"},
		{"badly encoded", "?filter=%zz", kindMalformed, ""},
		{"filter", "?filter=state%3D%3D%3D", kindFilter, "filter"},
		{"field that phones do not have", "?filter=height%3D3", kindFilter, "filter"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := h.do("GET", "/api/v1/phones"+tt.query, "").refuses(tt.kind, tt.field)
			if tt.kind == kindFilter && p.Position == nil {
				t.Error("no position")
			}
		})
	}
	p := h.do("GET", "/api/v1/phones?filter=mac%3Da+AND+height%3D3", "").refuses(kindFilter, "filter")
	if *p.Position != len("mac=a AND ") {
		t.Errorf("position = %d; want where the unknown field begins", *p.Position)
	}
}

// TestPhoneReferences: whatever names a phone in the path, escaped as it has
// to be, finds it.
func TestPhoneReferences(t *testing.T) {
	h := newHarness(t)
	for _, ref := range []string{"p2", "0c383e000002", "0C383E-X4%2FU-B%202", "0C383E-B%202"} {
		var got phoneView
		h.do("GET", "/api/v1/phones/"+ref, "").is(200).into(&got)
		if got.ID != 2 {
			t.Errorf("%s is %v; want p2", ref, got.ID)
		}
		h.do("GET", "/api/v1/phones/"+ref+"/history", "").is(200)
	}
	h.do("GET", "/api/v1/phones/p1//", "").refuses(kindNotFound, "")
	h.do("GET", "/api/v1/phones/"+strings.Repeat("a", 600), "").refuses(kindNotFound, "")
	p := h.do("GET", "/api/v1/phones/0C383E-C3", "").refuses(kindConflict, "")
	if !strings.Contains(p.Detail, "give the id") {
		t.Errorf("detail %q does not say what to do", p.Detail)
	}
	p = h.do("GET", "/api/v1/phones/p99", "").refuses(kindNotFound, "")
	if p.Detail != `phone "p99": not known here` {
		t.Errorf("detail = %q", p.Detail)
	}
	for _, path := range []string{"/parameters", "/history", "/tasks"} {
		h.do("GET", "/api/v1/phones/p99"+path, "").refuses(kindNotFound, "")
		h.do("GET", "/api/v1/phones/p1"+path+"?limit=0", "").refuses(kindInvalid, "limit")
	}
	for _, path := range []string{"/approve", "/wake"} {
		h.do("POST", "/api/v1/phones/p99"+path, "").refuses(kindNotFound, "")
	}
	h.do("DELETE", "/api/v1/phones/p99", "").refuses(kindNotFound, "")
	h.do("PATCH", "/api/v1/phones/p99", `{"name":"x"}`).refuses(kindNotFound, "")
}

func TestUpdatePhone(t *testing.T) {
	h := newHarness(t)
	h.do("PATCH", "/api/v1/phones/p3", `{"name":"Reception","site":"HQ / North","tags":["a","b"],
		"connection_request_user":"u","connection_request_password":"hunter3"}`,
		"Content-Type", "application/merge-patch+json; charset=utf-8").is(200)
	p, err := h.store.Phone(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "Reception" || p.Site != 2 || len(p.Tags) != 2 || p.ConnectionRequestUser != "u" ||
		h.store.password != "hunter3" || h.store.by != "ops" {
		t.Errorf("phone is %+v by %s", p, h.store.by)
	}
	if strings.Contains(h.log.String(), "hunter3") {
		t.Errorf("the password is in the log: %s", h.log)
	}
	for _, proof := range []string{"waived", "own"} {
		h.do("PATCH", "/api/v1/phones/p3", `{"proof":"`+proof+`"}`).is(200)
		if p, _ = h.store.Phone(t.Context(), 3); (p.Proof == db.ProvesWaived) != (proof == "waived") {
			t.Errorf("proof %q leaves it %q", proof, p.Proof)
		}
	}
	for _, proof := range []string{"", "none", "certificate"} {
		h.do("PATCH", "/api/v1/phones/p3", `{"proof":"`+proof+`"}`).refuses(kindInvalid, "proof")
	}
	h.do("PATCH", "/api/v1/phones/p3", `{"tags":[],"site":"s1"}`).is(200)
	if p, _ = h.store.Phone(t.Context(), 3); len(p.Tags) != 0 || p.Name != "Reception" || p.Site != 1 {
		t.Errorf("phone is %+v", p.Phone)
	}
}

func TestUpdatePhoneErrors(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct {
		name, body string
		kind       kind
		field      string
	}{
		{"nothing", `{}`, kindInvalid, ""},
		{"name too long", `{"name":"` + strings.Repeat("é", maxPhoneName+1) + `"}`, kindInvalid, "name"},
		{"name with a line break", `{"name":"a\nb"}`, kindInvalid, "name"},
		{"refused by the store", `{"name":"refused"}`, kindInvalid, "name"},
		{"unknown site", `{"site":"Mars"}`, kindInvalid, "site"},
		{"empty site", `{"site":""}`, kindInvalid, "site"},
		{"tag with a space", `{"tags":["a b"]}`, kindInvalid, "tags"},
		{"empty tag", `{"tags":[""]}`, kindInvalid, "tags"},
		{"tag too long", `{"tags":["` + strings.Repeat("t", maxTag+1) + `"]}`, kindInvalid, "tags"},
		{"too many tags", `{"tags":["a"` + strings.Repeat(`,"a"`, maxTags) + `]}`, kindInvalid, "tags"},
		{"password with a control character", `{"connection_request_password":"\u0000"}`, kindInvalid, "connection_request_password"},
		{"state is not to be set", `{"state":"approved"}`, kindUnknownField, "state"},
		{"null", `{"name":null}`, kindInvalid, "name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.do("PATCH", "/api/v1/phones/p1", tt.body).refuses(tt.kind, tt.field)
		})
	}
	h.do("DELETE", "/api/v1/phones/p1", "").refuses(kindInUse, "")
}

func TestPhoneParts(t *testing.T) {
	h := newHarness(t)
	a := h.do("GET", "/api/v1/phones/p1/parameters?prefix=Device.Time.", "").is(200)
	var page db.Page[db.Parameter]
	a.into(&page)
	if len(page.Items) != 1 || page.Items[0].Name != "Device.Time.Enable" {
		t.Errorf("parameters are %s", a.body)
	}
	h.do("GET", "/api/v1/phones/p1/parameters?prefix="+strings.Repeat("x", maxPrefix+1), "").refuses(kindInvalid, "prefix")

	a = h.do("GET", "/api/v1/phones/p1/tasks?filter=state%3Dwaiting", "").is(200)
	if ids, _ := a.ids(); !cmp.Equal(ids, []string{"j2-p1"}) {
		t.Errorf("tasks are %s", a.body)
	}
	h.do("GET", "/api/v1/phones/p1/tasks?filter=mac%3Dx", "").refuses(kindFilter, "filter")
}

func TestApprovePhone(t *testing.T) {
	h := newHarness(t)
	var got phoneView
	h.do("POST", "/api/v1/phones/p2/approve", "").is(200).into(&got)
	if got.State != db.PhoneApproved || h.store.by != "ops" {
		t.Errorf("state %s, by %s", got.State, h.store.by)
	}
}

func TestWakePhone(t *testing.T) {
	h := newHarness(t)
	h.do("POST", "/api/v1/phones/p1/wake", "").is(http.StatusAccepted)
	if !cmp.Equal(h.waker.woken, []db.PhoneID{1}) {
		t.Errorf("woken %v", h.waker.woken)
	}
	h.waker.err, h.waker.why = errors.New("dial http://dps:dps@10.0.0.9"), "no answer within 10 s"
	p := h.do("POST", "/api/v1/phones/p3/wake", "").refuses(kindWake, "")
	if p.Detail != "no answer within 10 s" {
		t.Errorf("detail = %q", p.Detail)
	}
	if strings.Contains(h.log.String(), `"level":"ERROR"`) {
		t.Errorf("a phone that does not answer is an error of ours: %s", h.log)
	}
	// The sentence in the record is of an earlier try.
	h.waker.why = ""
	h.clock.Advance(day)
	p = h.do("POST", "/api/v1/phones/p3/wake", "").refuses(kindWake, "")
	if strings.Contains(p.Detail, "no answer") || strings.Contains(p.Detail, "dps") {
		t.Errorf("detail = %q", p.Detail)
	}
}

// TestWakeStoreErrors: a store that fails is not blamed on the phone.
func TestWakeStoreErrors(t *testing.T) {
	h := newHarness(t)
	h.waker.err = fmt.Errorf("wake: %w", db.ErrNotFound)
	h.do("POST", "/api/v1/phones/p1/wake", "").refuses(kindNotFound, "")
	h.waker.err = fmt.Errorf("wake: %w", db.ErrClosed)
	h.do("POST", "/api/v1/phones/p1/wake", "").refuses(kindUnavailable, "")
}

// TestPhoneShowsAll: a phone with every member set shows every member of the
// document but what is not its own.
func TestPhoneShowsAll(t *testing.T) {
	h := newHarness(t)
	var got map[string]json.RawMessage
	h.do("GET", "/api/v1/phones/p1", "").is(200).into(&got)
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	schema := c.doc["components"].(map[string]any)["schemas"].(map[string]any)["Phone"].(map[string]any)
	for name := range schema["properties"].(map[string]any) {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	if string(got["held"]) != "true" {
		t.Errorf("held = %s", got["held"])
	}
}
