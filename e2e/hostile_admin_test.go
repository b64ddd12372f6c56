package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

const asJSON = "application/json"

// hostileAdmin are requests of the admin API that cannot be, or should not be,
// with the kind of problem that each is. The first of header pairs may be Host.
var hostileAdmin = []struct {
	name, method, path string
	body               string
	header             []string
	kind               string
}{
	{name: "path of nothing", method: "GET", path: "/api/v1/nothing", kind: "not-found"},
	{name: "way out of the API", method: "GET", path: "/api/v1/../../etc/passwd", kind: "not-found"},
	{name: "escaped way out of the API", method: "GET", path: "/api/v1/phones/..%2f..%2fetc", kind: "not-found"},
	{name: "phone that is none", method: "GET", path: "/api/v1/phones/p999", kind: "not-found"},
	{name: "NUL for a phone", method: "GET", path: "/api/v1/phones/%00", kind: "not-found"},
	{name: "no token", method: "GET", path: "/api/v1/phones", header: []string{"Authorization", ""}, kind: "unauthorized"},
	{name: "another token", method: "GET", path: "/api/v1/phones", header: []string{"Authorization", "Bearer " + adminToken + "x"}, kind: "unauthorized"},
	{name: "Basic for a token", method: "GET", path: "/api/v1/phones", header: []string{"Authorization", "Basic YTpi"}, kind: "unauthorized"},
	{name: "no token and nothing there", method: "GET", path: "/api/v1/nothing", header: []string{"Authorization", ""}, kind: "unauthorized"},
	{name: "host of another", method: "GET", path: "/api/v1/phones", header: []string{"Host", "evil.example"}, kind: "misdirected"},
	{name: "DELETE of all", method: "DELETE", path: "/api/v1/phones", kind: "method-not-allowed"},
	{name: "method of nobody", method: "BREW", path: "/api/v1/phones", kind: "method-not-allowed"},

	{name: "no JSON", method: "POST", path: "/api/v1/jobs", body: "hello", kind: "malformed"},
	{name: "no body", method: "POST", path: "/api/v1/jobs", body: " ", kind: "malformed"},
	{name: "half an order", method: "POST", path: "/api/v1/jobs", body: `{"kind":"reboot",`, kind: "malformed"},
	{name: "two orders", method: "POST", path: "/api/v1/jobs", body: `{"kind":"reboot"}{}`, kind: "malformed"},
	{name: "deep order", method: "POST", path: "/api/v1/jobs", body: `{"selection":` + strings.Repeat(`[`, 20_000) + strings.Repeat(`]`, 20_000) + `}`, kind: "invalid-value"},
	{name: "bytes for text", method: "POST", path: "/api/v1/sites", body: "{\"name\":\"\xff\"}", kind: "malformed"},
	{name: "member of no order", method: "POST", path: "/api/v1/jobs", body: `{"kind":"reboot","sudo":true}`, kind: "unknown-field"},
	{name: "parameter of no list", method: "GET", path: "/api/v1/phones?sudo=1", kind: "unknown-field"},
	{name: "kind that is none", method: "POST", path: "/api/v1/jobs", body: `{"kind":"format","selection":{"all":true},"when":{"now":true}}`, kind: "invalid-value"},
	{name: "order for nobody", method: "POST", path: "/api/v1/jobs", body: `{"kind":"reboot","selection":{},"when":{"now":true}}`, kind: "invalid-value"},
	{name: "cursor that is none", method: "GET", path: "/api/v1/phones?cursor=AAAA", kind: "invalid-value"},
	{name: "page of a million", method: "GET", path: "/api/v1/phones?limit=1000000", kind: "invalid-value"},
	{name: "filter without end", method: "GET", path: "/api/v1/phones?filter=" + strings.Repeat("(", 1000), kind: "invalid-filter"},
	{name: "not JSON by its type", method: "POST", path: "/api/v1/jobs", body: `{}`, header: []string{"Content-Type", "text/plain"}, kind: "unsupported-media-type"},
	{name: "packed order", method: "POST", path: "/api/v1/jobs", body: `{}`, header: []string{"Content-Encoding", "gzip"}, kind: "unsupported-media-type"},
	{name: "four fields of cron", method: "POST", path: "/api/v1/recurring-jobs", body: `{"name":"r","kind":"reboot","selection":{"all":true},"cron":"0 3 * *"}`, kind: "invalid-value"},
	{name: "window in no zone", method: "POST", path: "/api/v1/windows", body: `{"name":"w","weekly":{"days":["mon"],"begin":"02:00","end":"04:00"},"zone":"Mars/Olympus"}`, kind: "invalid-value"},
	{name: "window on the eighth day", method: "POST", path: "/api/v1/windows", body: `{"name":"w","weekly":{"days":["8"],"begin":"02:00","end":"04:00"}}`, kind: "invalid-value"},
	{name: "window each 13 weeks", method: "POST", path: "/api/v1/windows", body: `{"name":"w","weekly":{"days":["mon"],"begin":"02:00","end":"04:00","every":13}}`, kind: "invalid-value"},
	{name: "window each 0 days", method: "POST", path: "/api/v1/windows", body: `{"name":"w","flexible":{"interval_days":0,"begin":"02:00","end":"04:00"}}`, kind: "invalid-value"},
	{name: "window from 25 o'clock", method: "POST", path: "/api/v1/windows", body: `{"name":"w","weekly":{"days":["mon"],"begin":"25:00","end":"04:00"}}`, kind: "invalid-value"},
	{name: "window that is over", method: "POST", path: "/api/v1/windows/preview", body: `{"draft":{"weekly":{"days":["mon"],"begin":"02:00","end":"04:00"},"valid_to":"2020-01-01"},"selection":{"all":true}}`, kind: "never-opens"},
	{name: "large site", method: "POST", path: "/api/v1/sites", body: `{"name":"` + strings.Repeat("x", 70<<10) + `"}`, kind: "too-large"},
	{name: "name that is taken", method: "POST", path: "/api/v1/sites", body: `{"name":"taken"}`, kind: "exists"},
	{name: "file that a job needs", method: "DELETE", path: "/api/v1/files/f1", kind: "in-use"},
	{name: "pause of an ended job", method: "POST", path: "/api/v1/jobs/j1/pause", kind: "conflict"},
	{name: "key of another order", method: "POST", path: "/api/v1/jobs", header: []string{"Idempotency-Key", "once"},
		body: `{"kind":"reboot","selection":{"all":true},"when":{"now":true}}`, kind: "idempotency-mismatch"},
	{name: "wake of a phone without URL", method: "POST", path: "/api/v1/phones/p1/wake", kind: "wake-failed"},
}

// TestHostileAdmin wants the documented problem for each, and nothing done.
func TestHostileAdmin(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open", "--drain", "1s")
	s.wire(t).inform("A1", firstBoot).post("").must(http.StatusNoContent, "")
	s.addFile(t, "x.cfg", "config", "", "", []byte("x"))
	s.call(t, http.MethodPost, "/api/v1/sites", map[string]any{"name": "taken"}, nil)
	one := map[string]any{"phones": []string{"p1"}}
	ended := s.order(t, rebootNow(one))
	s.call(t, http.MethodPost, "/api/v1/jobs/"+ended.ID+"/cancel", nil, nil)
	s.awaitEnded(t, ended.ID, wirePatience)
	var kept job
	s.call(t, http.MethodPost, "/api/v1/jobs", downloadNow("f1", one), &kept, "Idempotency-Key", "once")

	statuses := problemKinds(t)
	for _, tt := range hostileAdmin {
		t.Run(tt.name, func(t *testing.T) {
			var body any
			if tt.body != "" {
				body = []byte(tt.body)
			}
			header := append([]string{"Content-Type", asJSON}, tt.header...)
			a, err := s.do(t.Context(), tt.method, tt.path, body, header...)
			if err != nil {
				t.Fatal(err)
			}
			var p struct{ Type, Detail, Request string }
			if err := json.Unmarshal(a.body, &p); err != nil || a.header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("the answer is %d %.200s", a.status, a.body)
			}
			if p.Type != "urn:phoneacs:problem:"+tt.kind || a.status != statuses[tt.kind] || p.Detail == "" || p.Request == "" {
				t.Errorf("the problem is %d %+v; want %d %s", a.status, p, statuses[tt.kind], tt.kind)
			}
		})
	}
	if jobs, sites := list[job](t, s, "/api/v1/jobs"), list[struct{ Name string }](t, s, "/api/v1/sites"); len(jobs) != 2 || len(sites) != 2 {
		t.Errorf("there are %d jobs and %d sites; want 2 of each", len(jobs), len(sites))
	}
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	checkStore(t, s.dir)
}
