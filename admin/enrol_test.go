package admin

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

func TestRules(t *testing.T) {
	h := newHarness(t)
	var got ruleView
	h.do("POST", "/api/v1/enrolment-rules", `{"mac":"0C:38:3E:00:00:00/40","model":"X*","network":"10.0.0.0/8","action":"approve",
		"site":"HQ / North","tags":["b","a"],"limit":5,"until":"30d","re_enrol":true,"note":"delivery 7"}`).is(201).into(&got)
	want := ruleView{
		ID: 2, Order: 1000, Note: "delivery 7", MAC: "0c383e000000-0c383e0000ff", Model: "X*", Network: "10.0.0.0/8",
		Action: db.EnrolApprove, ReEnrol: true, Site: 2, Tags: []string{"a", "b"}, Limit: 5, Until: now.Add(30 * day),
		Created: now, By: "ops",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	h.do("PUT", "/api/v1/enrolment-rules/e1", `{"all":true,"action":"refuse","order":0}`).is(200).into(&got)
	if got.ID != 1 || !got.All || got.By != "night" || got.Admitted != 3 || got.Order != 0 {
		t.Errorf("replaced by %+v", got)
	}
	var page db.Page[ruleView]
	h.do("GET", "/api/v1/enrolment-rules", "").is(200).into(&page)
	if len(page.Items) != 2 {
		t.Errorf("%d rules", len(page.Items))
	}
	h.do("DELETE", "/api/v1/enrolment-rules/e2", "").is(204)
	h.do("GET", "/api/v1/enrolment-rules/e2", "").refuses(kindNotFound, "")
	for body, field := range map[string]string{
		`{"action":"approve"}`:                                           "all",
		`{"all":false,"action":"approve"}`:                               "all",
		`{"all":true,"oui":"0C383E","action":"approve"}`:                 "all",
		`{"oui":"0C383","action":"approve"}`:                             "oui",
		`{"mac":"0c383e","action":"approve"}`:                            "mac",
		`{"mac":"0c383e000002-0c383e000001","action":"x"}`:               "mac",
		`{"all":true,"action":"perhaps"}`:                                "action",
		`{"all":true}`:                                                   "action",
		`{"all":true,"action":"refuse","limit":2}`:                       "action",
		`{"all":true,"action":"pending","re_enrol":true}`:                "re_enrol",
		`{"all":true,"action":"approve","until":"soon"}`:                 "until",
		`{"all":true,"action":"approve","site":"Mars"}`:                  "site",
		`{"all":true,"action":"approve","limit":-1}`:                     "limit",
		`{"all":true,"action":"approve","order":-1}`:                     "order",
		`{"all":true,"action":"approve","tags":["a b"]}`:                 "tags",
		`{"network":"10.0.0.1/8","action":"approve"}`:                    "network",
		`{"model":"` + strings.Repeat("x", 65) + `","action":"approve"}`: "model",
	} {
		if p := h.do("POST", "/api/v1/enrolment-rules", body).refuses(kindInvalid, field); p.Detail == "" {
			t.Errorf("%s: nothing said", body)
		}
	}
	h.do("POST", "/api/v1/enrolment-rules", `{"all":true,"action":"approve","note":"one too many"}`).refuses(kindTooMany, "")
}

func TestImportRules(t *testing.T) {
	h := newHarness(t)
	var got ruleImportResult
	h.do("POST", "/api/v1/enrolment-rules/import", "mac,oui,site,tags,action,limit,until,note,re_enrol\n"+
		"0c383e000001,,HQ / North,a b,,,,,\n"+ // 2
		"0c:38:3e:00:00:10-0c:38:3e:00:00:1f,,,,pending,5,,,\n"+ // 3
		",0c383e,,,approve,,2027-01-01T00:00:00Z,,TRUE\n"+ // 4
		"zz,,,,,,,,\n"+ // 5
		",,,,approve,,,,\n"+ // 6
		"0c383e000002,,Mars,,,,,,\n"+ // 7
		"0c383e000003,,,,,many,,,\n"+ // 8
		"0c383e000004,,s1,,refuse,,,,\n"+ // 9
		"0c383e000005,,,,,,,one too many,\n", // 10
		"Content-Type", "text/csv").is(200).into(&got)
	want := ruleImportResult{Created: 3, Failed: 6, Errors: []*lineError{
		{5, "mac", "want a MAC address, a range as in 0c383e000010-0c383e00001f, or the beginning of one as in 0c383e000000/24"},
		{6, "all", `the rule names nothing to match; a rule for every phone says {"all": true}`},
		{7, "site", `site "Mars" is not known here`},
		{8, "limit", "want a whole number"},
		{9, "action", "a rule that refuses takes no site, tags and limit: it keeps nothing of the phone"},
		{10, "", "more than the server takes"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	rules := h.store.rules[1:]
	if len(rules) != 3 || rules[0].Site != 2 || rules[0].Action != db.EnrolApprove || len(rules[0].Tags) != 2 ||
		rules[1].LastMAC != "0c383e00001f" || rules[1].Limit != 5 || rules[2].OUI != "0C383E" || !rules[2].ReEnrol {
		t.Errorf("kept %+v", rules)
	}
	h.do("POST", "/api/v1/enrolment-rules/import", "mac,colour\n", "Content-Type", "text/csv").refuses(kindUnknownField, "colour")
	h.do("POST", "/api/v1/enrolment-rules/import", "{}").refuses(kindMediaType, "Content-Type")
}

// FuzzReadRules holds the promise that a line which is read, written again by
// its cells, is read the same.
func FuzzReadRules(f *testing.F) {
	f.Add([]byte("mac,action\n0c383e000001,approve\n"))
	f.Add([]byte("\ufeffoui,site,tags,limit,re_enrol,order\n0c383e,\"a,b\",x;y,3,true,5\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		list, err := newRuleReader(bytes.NewReader(in))
		if err != nil {
			return
		}
		for range 100 {
			rule, line, err := list.next()
			var bad *lineError
			if errors.As(err, &bad) {
				continue
			}
			if err != nil {
				return
			}
			again, err := newRuleReader(strings.NewReader(writeRule(t, &rule)))
			if err != nil {
				t.Fatalf("line %d: header: %v", line, err)
			}
			got, _, err := again.next()
			if err != nil {
				t.Fatalf("line %d: %v", line, err)
			}
			if diff := cmp.Diff(rule, got); diff != "" {
				t.Fatalf("line %d (-first +again)\n%s", line, diff)
			}
			if _, _, err := again.next(); err != io.EOF {
				t.Fatalf("line %d: %v after the only line", line, err)
			}
		}
	})
}

func writeRule(t *testing.T, r *newRule) string {
	t.Helper()
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	order := ""
	if r.Order != nil {
		order = fmt.Sprint(*r.Order)
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	err := w.WriteAll([][]string{ruleColumns, {
		r.MAC, r.OUI, r.Vendor, r.Model, r.ProductClass, r.Network, r.Action, text(r.Site), strings.Join(r.Tags, ";"),
		fmt.Sprint(r.Limit), text(r.Until), fmt.Sprint(r.ReEnrol), order, r.Note,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestImportCreatesSites(t *testing.T) {
	h := newHarness(t)
	list := "mac,site,tags\n0c383e0000a1,Mars,a b\n0c383e0000a2,Mars,\n0c383e0000a3,s77,\n0c383e0000a4,HQ / North,\n"
	var got importResult
	h.do("POST", "/api/v1/phones/import?create_sites=true", list, "Content-Type", "text/csv").is(200).into(&got)
	want := importResult{Through: 5, Created: 3, Failed: 1, SitesCreated: 1, Errors: []*lineError{{4, "site", `site "s77" is not known here`}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := len(h.store.sites); n != 3 || h.store.sites[2].Name != "Mars" || h.store.imports[0][0].Site != 3 || h.store.imports[0][1].Site != 3 {
		t.Errorf("sites %+v, imported %+v", h.store.sites, h.store.imports)
	}
	h.do("POST", "/api/v1/phones/import?create_sites=perhaps", list, "Content-Type", "text/csv").refuses(kindInvalid, "create_sites")
}

func TestBulk(t *testing.T) {
	h := newHarness(t)
	var got bulkResult
	h.do("POST", "/api/v1/phones/approve", `{"selection":{"all":true},"dry_run":true}`).is(200).into(&got)
	if want := (bulkResult{Changed: 1, DryRun: true}); got != want || len(h.store.edits) != 0 {
		t.Errorf("dry run %+v, edits %v; want %+v and none", got, h.store.edits, want)
	}
	got = bulkResult{}
	h.do("POST", "/api/v1/phones/approve", `{"selection":{"filter":"mac = \"0c383e000002\""},"tags":["new"],"site":"s2"}`).is(200).into(&got)
	if want := (bulkResult{Changed: 1}); got != want || h.store.by != "ops" {
		t.Errorf("%+v by %s; want %+v", got, h.store.by, want)
	}
	if p := h.store.phones[1]; p.State != db.PhoneApproved || p.Site != 2 || len(p.Tags) != 1 {
		t.Errorf("phone %+v", p.Phone)
	}
	got = bulkResult{}
	h.do("POST", "/api/v1/phones/edit", `{"selection":{"phones":["p1","p2","p3"]},"add_tags":["new"],"remove_tags":["lobby"]}`).is(200).into(&got)
	if want := (bulkResult{Changed: 2, Unchanged: 1}); got != want {
		t.Errorf("%+v; want %+v", got, want)
	}
	for body, field := range map[string]string{
		`{"selection":{}}`:                                           "selection",
		`{"selection":{"filter":" "},"site":"s2"}`:                   "selection.filter",
		`{"selection":{"all":true},"site":"Mars"}`:                   "site",
		`{"selection":{"phones":["p9"]},"site":"s2"}`:                "selection.phones[0]",
		`{"selection":{"phones":["p1"]},"site":"s2","cursor":"x"}`:   "cursor",
		`{"selection":{"all":true},"site":"s2","cursor":"nonsense"}`: "cursor",
		`{"selection":{"all":true},"add_tags":["a b"]}`:              "add_tags",
		`{"selection":{"all":true}}`:                                 "",
	} {
		if strings.HasPrefix(body, `{"selection":{}}`) {
			body = `{"selection":{},"site":"s2"}`
		}
		h.do("POST", "/api/v1/phones/edit", body).refuses(kindInvalid, field)
	}
	h.do("POST", "/api/v1/phones/approve", `{"selection":{"all":true},"tags":["a;b"]}`).refuses(kindInvalid, "tags")
}

// TestBulkPages: pages of 500, each a commit, and a cursor when the time is up.
func TestBulkPages(t *testing.T) {
	h := newHarness(t)
	h.store.phones = nil
	for i := range 2*db.MaxEdit + 7 {
		h.store.phones = append(h.store.phones, db.PhoneStatus{Phone: db.Phone{ID: db.PhoneID(i + 1), State: db.PhonePending, Site: 1}})
	}
	var got bulkResult
	h.do("POST", "/api/v1/phones/edit", `{"selection":{"all":true},"add_tags":["x"]}`).is(200).into(&got)
	if got.Changed != 2*db.MaxEdit+7 || !cmp.Equal(h.store.edits, []int{db.MaxEdit, db.MaxEdit, 7}) {
		t.Errorf("%+v in commits of %v", got, h.store.edits)
	}
	h.store.listed = func() { h.clock.Advance(15 * time.Second) }
	cursor, changed, requests := "", 0, 0
	for ; requests < 5; requests++ {
		got = bulkResult{}
		h.do("POST", "/api/v1/phones/edit", fmt.Sprintf(`{"selection":{"all":true},"add_tags":["y"],"cursor":%q}`, cursor)).is(200).into(&got)
		changed += got.Changed
		if cursor = got.Next; cursor == "" {
			break
		}
	}
	if changed != 2*db.MaxEdit+7 || requests != 1 {
		t.Errorf("%d changed, the last was request %d", changed, requests+1)
	}
}

func TestStanding(t *testing.T) {
	h := newHarness(t)
	var got standingView
	h.do("POST", "/api/v1/standing-orders", `{"name":"welcome","filter":"model = \"X6U\"","again":true,"items":[
		{"kind":"download","args":{"file":"f1"},"deadline":"1h","priority":3},
		{"kind":"set-parameters","args":{"parameters":[{"name":"Device.X.Password","value":"hunter2"}]},"expires":"2d","retry":{"max":0}}]}`).is(201).into(&got)
	want := standingView{
		ID: 2, Name: "welcome", Filter: `model = "X6U"`, Again: true, Created: now, By: "ops",
		Items: []standingItemView{
			{Kind: "download", Args: argsView{File: 1}, Priority: 3, Retry: retryView{3, "1m"}, Deadline: "1h", Expires: "30d"},
			{Kind: "set-parameters", Args: argsView{Parameters: []settingView{{Name: "Device.X.Password", Type: "string"}}},
				Retry: retryView{0, "1m"}, Deadline: "30m", Expires: "2d"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if h.store.standing[1].Items[1].Args.Parameters[0].Value != "hunter2" {
		t.Error("the value was not kept")
	}
	h.do("PUT", "/api/v1/standing-orders/o2", `{"name":"welcome","all":true,"paused":true,"items":[{"kind":"reboot"}]}`).is(200).into(&got)
	if !got.All || !got.Paused || got.By != "ops" {
		t.Errorf("replaced by %+v", got)
	}
	h.do("DELETE", "/api/v1/standing-orders/o2", "").is(204)
	h.do("GET", "/api/v1/standing-orders/o2", "").refuses(kindNotFound, "")
	for body, field := range map[string]string{
		`{"name":"a","items":[{"kind":"reboot"}]}`:                                  "filter",
		`{"name":"a","all":true,"filter":"x","items":[{"kind":"reboot"}]}`:          "filter",
		`{"name":"a","all":false,"items":[{"kind":"reboot"}]}`:                      "all",
		`{"name":"a","filter":"","items":[{"kind":"reboot"}]}`:                      "filter",
		`{"name":"","all":true,"items":[{"kind":"reboot"}]}`:                        "name",
		`{"name":"a","all":true,"items":[]}`:                                        "items",
		`{"name":"a","all":true,"items":[{"kind":""}]}`:                             "items[0].kind",
		`{"name":"a","all":true,"items":[{"kind":"reboot"},{"kind":"dance"}]}`:      "items[1].kind",
		`{"name":"a","all":true,"items":[{"kind":"download","args":{"file":"x"}}]}`: "items[0].args.file",
		`{"name":"a","all":true,"items":[{"kind":"reboot","deadline":"soon"}]}`:     "items[0].deadline",
		`{"name":"a","all":true,"items":[{"kind":"reboot","expires":"0s"}]}`:        "items[0].expires",
		`{"name":"a","all":true,"items":[{"kind":"reboot","retry":{"max":99}}]}`:    "items[0].retry.max",
	} {
		h.do("POST", "/api/v1/standing-orders", body).refuses(kindInvalid, field)
	}
	h.do("POST", "/api/v1/standing-orders", `{"name":"first","all":true,"items":[{"kind":"reboot"}]}`).refuses(kindExists, "name")
	h.do("POST", "/api/v1/standing-orders", `{"name":"a","filter":"model =","items":[{"kind":"reboot"}]}`).refuses(kindFilter, "filter")
}

func TestRemarks(t *testing.T) {
	h := newHarness(t)
	var p phoneView
	h.do("GET", "/api/v1/phones/p1", "").is(200).into(&p)
	if len(p.Remarks) != 1 {
		t.Errorf("remarks %q", p.Remarks)
	}
	var page db.Page[phoneView]
	h.do("GET", "/api/v1/phones", "").is(200).into(&page)
	if len(page.Items[0].Remarks) != 1 || len(page.Items[1].Remarks) != 0 {
		t.Errorf("remarks of the list %q, %q", page.Items[0].Remarks, page.Items[1].Remarks)
	}
}
