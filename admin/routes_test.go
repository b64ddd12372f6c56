package admin

import (
	"bytes"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/mux"
)

// TestRoutesAreDeclared walks the mux: every route has a row in the table, a
// role, and an operation of the same name, method, path, role and query
// parameters in the OpenAPI document, and every operation has a route.
func TestRoutesAreDeclared(t *testing.T) {
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]route)
	for _, rt := range routes {
		if _, twice := rows[rt.name]; twice {
			t.Errorf("%s is in the table twice", rt.name)
		}
		rows[rt.name] = rt
	}
	served := make(map[string]bool)
	err = newHarness(t).router.Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		name := r.GetName()
		path, _ := r.GetPathTemplate()
		methods, _ := r.GetMethods()
		rt, ok := rows[name]
		if !ok {
			t.Errorf("route %q %v %s is not in the table", name, methods, path)
			return nil
		}
		served[name] = true
		op, ok := c.operations[name]
		if !ok {
			t.Errorf("%s is not in the OpenAPI document", name)
			return nil
		}
		methods = slices.DeleteFunc(methods, func(m string) bool { return m == http.MethodHead })
		if op.path != path || !slices.Equal(methods, []string{op.method}) {
			t.Errorf("%s is %v %s; the document says %s %s", name, methods, path, op.method, op.path)
		}
		var roles []string
		if rt.role != "" {
			roles = []string{rt.role}
		}
		if diff := cmp.Diff(op.roles, roles); diff != "" {
			t.Errorf("%s: roles (-document +table)\n%s", name, diff)
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(op.query)), slices.Sorted(slices.Values(rt.query))); diff != "" {
			t.Errorf("%s: query parameters (-document +table)\n%s", name, diff)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for id := range c.operations {
		if !served[id] {
			t.Errorf("operation %s of the document is not served", id)
		}
	}
}

// TestOpenWithoutToken names what needs no token, so that a new route is not
// opened by forgetting its role.
func TestOpenWithoutToken(t *testing.T) {
	var open []string
	for _, rt := range routes {
		if rt.role == "" {
			open = append(open, rt.method+" "+rt.path)
		}
	}
	want := []string{"GET /api/v1/openapi.json", "GET /healthz", "GET /readyz", "GET /metrics"}
	if diff := cmp.Diff(want, open); diff != "" {
		t.Errorf("open routes (-want +got)\n%s", diff)
	}
}

// TestProblemKindsAreDocumented holds the kinds against the document's list.
func TestProblemKindsAreDocumented(t *testing.T) {
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	schema := c.doc["components"].(map[string]any)["schemas"].(map[string]any)["Problem"].(map[string]any)
	for _, v := range schema["properties"].(map[string]any)["type"].(map[string]any)["enum"].([]any) {
		documented = append(documented, v.(string))
	}
	var kinds []string
	src, err := os.ReadFile("problem.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`= kind\{"([a-z-]+)"`).FindAllSubmatch(src, -1) {
		kinds = append(kinds, "urn:phoneacs:problem:"+string(m[1]))
	}
	slices.Sort(documented)
	slices.Sort(kinds)
	if diff := cmp.Diff(documented, kinds); diff != "" {
		t.Errorf("kinds of problems (-document +code)\n%s", diff)
	}
}

// TestEveryRouteSucceeds calls each operation once as it is meant to be.
func TestEveryRouteSucceeds(t *testing.T) {
	for _, rt := range routes {
		if rt.name == streamRoute {
			continue // TestEvents
		}
		t.Run(rt.name, func(t *testing.T) {
			ok, found := successes[rt.name]
			if !found {
				t.Fatal("no request of this operation is known to succeed")
			}
			h := newHarness(t)
			media := "application/json"
			if ok.media != "" {
				media = ok.media
			}
			a := h.do(rt.method, ok.path, ok.body, "Content-Type", media).is(ok.status)
			if bytes.Contains(a.body, []byte("hunter2")) {
				t.Errorf("a secret is shown: %s", a.body)
			}
			if rt.method == http.MethodGet {
				h.do(http.MethodHead, ok.path, "").is(ok.status)
			}
			if rt.role == "" {
				h.do(rt.method, ok.path, ok.body, "Authorization", "").is(ok.status)
				return
			}
			h.do(rt.method, ok.path, ok.body, "Authorization", "Bearer wrong").refuses(kindUnauthorized, "")
			h.do(rt.method, ok.path, ok.body, "Authorization", "Bearer expired-secret").refuses(kindUnauthorized, "")
			path, query, _ := strings.Cut(ok.path, "?")
			h.do(rt.method, path+"?nonsense=1&"+query, ok.body, "Content-Type", media).refuses(kindUnknownField, "nonsense")
		})
	}
}

var successes = map[string]struct {
	path   string
	status int
	body   string
	media  string
}{
	"listPhones":            {"/api/v1/phones", 200, "", ""},
	"importPhones":          {"/api/v1/phones/import", 200, "mac\n0c383e000009\n", "text/csv"},
	"getPhone":              {"/api/v1/phones/p1", 200, "", ""},
	"updatePhone":           {"/api/v1/phones/p1", 200, `{"name":"x"}`, ""},
	"deletePhone":           {"/api/v1/phones/p2", 204, "", ""},
	"listPhoneParameters":   {"/api/v1/phones/p1/parameters", 200, "", ""},
	"listPhoneHistory":      {"/api/v1/phones/p1/history", 200, "", ""},
	"listPhoneTasks":        {"/api/v1/phones/p1/tasks", 200, "", ""},
	"approvePhone":          {"/api/v1/phones/p2/approve", 200, "", ""},
	"wakePhone":             {"/api/v1/phones/p1/wake", 202, "", ""},
	"listQuirks":            {"/api/v1/quirks", 200, "", ""},
	"getPhoneQuirks":        {"/api/v1/phones/p1/quirks", 200, "", ""},
	"replacePhoneQuirks":    {"/api/v1/phones/p1/quirks", 200, `{"empty_end":true}`, ""},
	"updatePhoneQuirks":     {"/api/v1/phones/p1/quirks", 200, `{"empty_end":true}`, ""},
	"clearPhoneQuirks":      {"/api/v1/phones/p1/quirks", 204, "", ""},
	"listSites":             {"/api/v1/sites", 200, "", ""},
	"createSite":            {"/api/v1/sites", 201, `{"name":"South"}`, ""},
	"getSite":               {"/api/v1/sites/s2", 200, "", ""},
	"updateSite":            {"/api/v1/sites/s2", 200, `{"zone":"Asia/Tokyo"}`, ""},
	"deleteSite":            {"/api/v1/sites/s2", 204, "", ""},
	"listWindows":           {"/api/v1/windows", 200, "", ""},
	"createWindow":          {"/api/v1/windows", 201, `{"name":"weekend","weekly":{"days":["sat"],"begin":"02:00"}}`, ""},
	"getWindow":             {"/api/v1/windows/night", 200, "", ""},
	"replaceWindow":         {"/api/v1/windows/w1", 200, `{"name":"night","flexible":{"interval_days":7,"begin":"02:00","end":"04:00"}}`, ""},
	"deleteWindow":          {"/api/v1/windows/w1", 204, "", ""},
	"listWindowSlots":       {"/api/v1/windows/night/slots?phone=p1", 200, "", ""},
	"previewWindow":         {"/api/v1/windows/preview", 200, `{"window":"night","selection":{"all":true},"file":"f1","takes":"5m","rate_per_minute":9}`, ""},
	"listFiles":             {"/api/v1/files", 200, "", ""},
	"addFile":               {"/api/v1/files?name=a.cfg&kind=config", 201, "bytes", "application/x-anything"},
	"getFile":               {"/api/v1/files/f1", 200, "", ""},
	"deleteFile":            {"/api/v1/files/f1", 204, "", ""},
	"listJobs":              {"/api/v1/jobs", 200, "", ""},
	"createJob":             {"/api/v1/jobs", 201, `{"kind":"reboot","selection":{"all":true},"when":{"now":true}}`, ""},
	"getJob":                {"/api/v1/jobs/j1", 200, "", ""},
	"listJobTasks":          {"/api/v1/jobs/j1/tasks", 200, "", ""},
	"cancelJob":             {"/api/v1/jobs/j1/cancel", 200, "", ""},
	"pauseJob":              {"/api/v1/jobs/j1/pause", 200, "", ""},
	"resumeJob":             {"/api/v1/jobs/j1/resume", 200, "", ""},
	"retryJob":              {"/api/v1/jobs/j1/retry", 200, "", ""},
	"getTaskResult":         {"/api/v1/tasks/j1-p1/result", 200, "", ""},
	"getPhoneMethods":       {"/api/v1/phones/p1/methods", 200, "", ""},
	"listHolds":             {"/api/v1/hold", 200, "", ""},
	"setHold":               {"/api/v1/hold", 200, `{"all":true,"reason":"storm"}`, ""},
	"clearHold":             {"/api/v1/hold?site=s2", 204, "", ""},
	"listBackups":           {"/api/v1/backups", 200, "", ""},
	"createBackup":          {"/api/v1/backups", 201, `{"secrets":true}`, ""},
	"getBackup":             {"/api/v1/backups/b20260517-080000000", 200, "", ""},
	"getBackupContent":      {"/api/v1/backups/b20260517-080000000/content", 200, "", ""},
	"deleteBackup":          {"/api/v1/backups/b20260517-080000000", 204, "", ""},
	"getCA":                 {"/api/v1/ca", 200, "", ""},
	"getOpenAPI":            {"/api/v1/openapi.json", 200, "", ""},
	"getHealth":             {"/healthz", 200, "", ""},
	"getReadiness":          {"/readyz", 200, "", ""},
	"getMetrics":            {"/metrics", 200, "", ""},
	"listPhoneUploads":      {"/api/v1/phones/p1/uploads", 200, "", ""},
	"getPhoneUpload":        {"/api/v1/phones/p1/uploads/u1", 200, "", ""},
	"getPhoneUploadContent": {"/api/v1/phones/p1/uploads/u1/content", 200, "", ""},
	"recordPhone":           {"/api/v1/phones/p1/recording", 200, `{"for":"2d"}`, ""},
	"getPhoneRecording":     {"/api/v1/phones/p4/recording", 200, "", ""},
	"stopRecordingPhone":    {"/api/v1/phones/p4/recording", 204, "", ""},
	"listPhoneRecordings":   {"/api/v1/phones/p1/recordings", 200, "", ""},
	"getRecording":          {"/api/v1/phones/p1/recordings/r7", 200, "", ""},
	"listRecordings":        {"/api/v1/recordings?failed=true", 200, "", ""},
	"listUnreadable":        {"/api/v1/unreadable", 200, "", ""},
	"approvePhones":         {"/api/v1/phones/approve", 200, `{"selection":{"all":true}}`, ""},
	"editPhones":            {"/api/v1/phones/edit", 200, `{"selection":{"all":true},"site":"s2"}`, ""},

	"listEnrolmentRules":   {"/api/v1/enrolment-rules", 200, "", ""},
	"createEnrolmentRule":  {"/api/v1/enrolment-rules", 201, `{"oui":"0C383E","action":"approve"}`, ""},
	"importEnrolmentRules": {"/api/v1/enrolment-rules/import", 200, "mac\n0c383e000009\n", "text/csv"},
	"getEnrolmentRule":     {"/api/v1/enrolment-rules/e1", 200, "", ""},
	"replaceEnrolmentRule": {"/api/v1/enrolment-rules/e1", 200, `{"oui":"0C383E","action":"approve"}`, ""},
	"deleteEnrolmentRule":  {"/api/v1/enrolment-rules/e1", 204, "", ""},
	"listStandingOrders":   {"/api/v1/standing-orders", 200, "", ""},
	"replacePhone":         {"/api/v1/phones/p1/replace", 200, `{"with":"p4"}`, ""},
	"exportPhones":         {"/api/v1/phones/export", 200, "", ""},
	"listTokens":           {"/api/v1/tokens", 200, "", ""},
	"createToken":          {"/api/v1/tokens", 201, `{"name":"x","role":"viewer"}`, ""},
	"revokeToken":          {"/api/v1/tokens/t3", 204, "", ""},
	"listAudit":            {"/api/v1/audit", 200, "", ""},
	"createStandingOrder":  {"/api/v1/standing-orders", 201, `{"name":"x","all":true,"items":[{"kind":"reboot"}]}`, ""},
	"getStandingOrder":     {"/api/v1/standing-orders/o1", 200, "", ""},
	"replaceStandingOrder": {"/api/v1/standing-orders/o1", 200, `{"name":"x","all":true,"items":[{"kind":"reboot"}]}`, ""},
	"deleteStandingOrder":  {"/api/v1/standing-orders/o1", 204, "", ""},
}
