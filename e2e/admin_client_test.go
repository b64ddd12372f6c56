package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"phoneacs/admin/client"
	"phoneacs/internal/sim"
	"phoneacs/schemas"
)

// A tally is a transport that counts which operations of the document were
// answered well.
type tally struct {
	mu    sync.Mutex
	paths map[string]*regexp.Regexp // by operationId, over "METHOD path"
	done  map[string]int
}

func newTally(t *testing.T) *tally {
	t.Helper()
	src, err := schemas.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(src, &doc); err != nil {
		t.Fatal(err)
	}
	y := &tally{paths: map[string]*regexp.Regexp{}, done: map[string]int{}}
	hole := regexp.MustCompile(`\\\{[a-z]+\\\}`)
	for path, item := range doc.Paths {
		for method, raw := range item {
			var op struct{ OperationID string }
			if method != "parameters" && json.Unmarshal(raw, &op) == nil {
				y.paths[op.OperationID] = regexp.MustCompile("^" + strings.ToUpper(method) + " " + hole.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$")
			}
		}
	}
	return y
}

func (y *tally) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && res.StatusCode/100 == 2 {
		line := r.Method + " " + r.URL.EscapedPath()
		y.mu.Lock()
		for id, p := range y.paths {
			if p.MatchString(line) {
				y.done[id]++
			}
		}
		y.mu.Unlock()
	}
	return res, err
}

// TestAdminClient makes every request of the document by the client for Go, of
// a real server with a phone, and reads each answer strictly.
func TestAdminClient(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--cwmp-tls", freeAddr(t))
	runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: 1, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02,
	})
	known := s.awaitPhones(t, 1, 30*time.Second)[0]
	y := newTally(t)
	c, err := client.New(client.Options{Server: "http://" + s.admin, Token: s.token, Transport: y, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	good := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	whole := client.Query{}
	ref := known.MAC

	p, err := c.GetPhone(ctx, ref)
	if err != nil || p.ID != known.ID || p.LastInform.IsZero() {
		t.Fatalf("getPhone: %+v, %v", p, err)
	}
	name := "Front desk"
	p, err = c.UpdatePhone(ctx, ref, client.PhonePatch{Name: &name, Tags: &[]string{"b", "a"}})
	if err != nil || p.Name != name || len(p.Tags) != 2 {
		t.Fatalf("updatePhone: %+v, %v", p, err)
	}
	site, err := c.CreateSite(ctx, client.Site{Name: "North wing", Zone: "Europe/Berlin", Networks: []string{"10.1.0.0/16"}})
	good("createSite", err)
	got, err := c.GetSite(ctx, "North wing")
	if err != nil || got.ID != site.ID {
		t.Fatalf("getSite: %+v, %v", got, err)
	}
	sites, err := c.ListSites(ctx, whole)
	if err != nil || len(sites.Items) != 2 {
		t.Fatalf("listSites: %+v, %v", sites, err)
	}
	zone := "Asia/Tokyo"
	site, err = c.UpdateSite(ctx, "North wing", client.SitePatch{Zone: &zone, Networks: &[]string{}, Ways: &[]string{"http", "schedule-inform"}})
	if err != nil || site.Zone != zone || len(site.Networks) != 0 || len(site.Ways) != 2 || site.Name != "North wing" {
		t.Fatalf("updateSite: %+v, %v", site, err)
	}
	attic, err := c.CreateSite(ctx, client.Site{Name: "Attic"})
	good("createSite", err)
	good("deleteSite", c.DeleteSite(ctx, attic.ID))
	useWindows(t, c, ref)
	here := client.Selection{Phones: []string{ref}}
	b, err := c.EditPhones(ctx, client.Edit{Selection: here, Site: site.ID, AddTags: []string{"c"}, RemoveTags: []string{"a"}})
	if err != nil || b.Changed != 1 {
		t.Fatalf("editPhones: %+v, %v", b, err)
	}
	b, err = c.ApprovePhones(ctx, client.Approval{Selection: client.Selection{All: true}, DryRun: true})
	if err != nil || b.Changed != 0 || !b.DryRun { // it is approved already
		t.Fatalf("approvePhones: %+v, %v", b, err)
	}
	_, err = c.ApprovePhone(ctx, ref)
	good("approvePhone", err)
	imported, err := c.ImportPhones(ctx, strings.NewReader("mac,site\n0c383e0000aa,Depot\nnonsense,Depot\n"), true)
	if err != nil || imported.Created != 1 || imported.Failed != 1 || imported.SitesCreated != 1 || len(imported.Errors) != 1 {
		t.Fatalf("importPhones: %+v, %v", imported, err)
	}
	good("deletePhone", c.DeletePhone(ctx, "0c383e0000aa"))
	first, err := c.ListPhones(ctx, client.Query{Filter: `tags:c`, Limit: 1})
	if err != nil || len(first.Items) != 1 || first.Items[0].Site != site.ID {
		t.Fatalf("listPhones: %+v, %v", first, err)
	}
	_, err = c.WakePhone(ctx, ref)
	good("wakePhone", err)

	// What a phone is told to do, and what it said.
	_, err = c.RecordPhone(ctx, ref, "1h")
	good("recordPhone", err)
	order, err := c.GetPhoneRecording(ctx, ref)
	if err != nil || time.Until(order.Until) > time.Hour {
		t.Fatalf("getPhoneRecording: %+v, %v", order, err)
	}
	ended := func(id string) (j client.Job) {
		t.Helper()
		eventually(t, 30*time.Second, "end of "+id, func() error {
			var err error
			if j, err = c.GetJob(ctx, id); err == nil && j.State != client.JobEnded {
				err = errors.New(j.State)
			}
			return err
		})
		return j
	}
	run := func(kind string, args client.Args) client.Job {
		t.Helper()
		j, err := c.CreateJob(ctx, client.NewJob{Kind: kind, Args: &args, Selection: here, When: client.When{Now: true}}, "key-"+kind)
		good("createJob "+kind, err)
		again, err := c.CreateJob(ctx, client.NewJob{Kind: kind, Args: &args, Selection: here, When: client.When{Now: true}}, "key-"+kind)
		if err != nil || again.ID != j.ID {
			t.Fatalf("the same order again: %+v, %v", again, err)
		}
		return ended(j.ID)
	}
	raw := run("raw", client.Args{Raw: &client.RawCall{RPC: "GetParameterNames", Args: json.RawMessage(`{"ParameterPath":"","NextLevel":true}`)}})
	result, err := c.GetTaskResult(ctx, raw.ID+"-"+known.ID)
	if err != nil || result.RPC == "" || len(result.Answer) == 0 {
		t.Fatalf("getTaskResult: %+v, %v", result, err)
	}
	if j := run("upload", client.Args{Upload: &client.UploadArgs{Kind: "config"}}); j.Counts.Succeeded != 1 {
		t.Fatalf("upload: %+v", j)
	}
	ups, err := c.ListPhoneUploads(ctx, ref, whole)
	if err != nil || len(ups.Items) != 1 {
		t.Fatalf("listPhoneUploads: %+v, %v", ups, err)
	}
	up, err := c.GetPhoneUpload(ctx, ref, ups.Items[0].ID)
	good("getPhoneUpload", err)
	body, err := c.PhoneUploadContent(ctx, ref, up.ID)
	good("getPhoneUploadContent", err)
	if n, err := io.Copy(io.Discard, body); err != nil || n != up.Size {
		t.Errorf("an upload of %d bytes came as %d: %v", up.Size, n, err)
	}
	body.Close()
	f, err := c.AddFile(ctx, client.NewFile{Name: "a.cfg", Kind: "config", Vendor: "fanvil", Models: []string{"X6", "V65"}, Size: 5}, strings.NewReader("bytes"))
	if err != nil || f.Size != 5 || len(f.Models) != 2 {
		t.Fatalf("addFile: %+v, %v", f, err)
	}
	_, err = c.GetFile(ctx, f.ID)
	good("getFile", err)
	files, err := c.ListFiles(ctx, client.Query{Filter: `name = "a.cfg"`})
	if err != nil || len(files.Items) != 1 {
		t.Fatalf("listFiles: %+v, %v", files, err)
	}
	if j := run("download", client.Args{File: f.ID}); j.Counts.Succeeded != 1 {
		t.Fatalf("download: %+v", j)
	}
	later, err := c.CreateJob(ctx, client.NewJob{Kind: "reboot", Selection: client.Selection{All: true}, When: client.When{At: time.Now().Add(time.Hour)}}, "")
	good("createJob later", err)
	for what, act := range map[string]func(context.Context, string) (client.Job, error){"pauseJob": c.PauseJob, "resumeJob": c.ResumeJob} {
		_, err := act(ctx, later.ID)
		good(what, err)
	}
	_, err = c.CancelJob(ctx, later.ID)
	good("cancelJob", err)
	ended(later.ID)
	_, err = c.RetryJob(ctx, later.ID)
	good("retryJob", err)
	_, err = c.CancelJob(ctx, later.ID)
	good("cancelJob again", err)
	jobs, err := c.ListJobs(ctx, whole)
	if err != nil || len(jobs.Items) != 4 {
		t.Fatalf("listJobs: %d, %v", len(jobs.Items), err)
	}
	tasks, err := c.ListJobTasks(ctx, raw.ID, whole)
	if err != nil || len(tasks.Items) != 1 || len(tasks.Items[0].Attempts) != 1 {
		t.Fatalf("listJobTasks: %+v, %v", tasks, err)
	}
	tasks, err = c.ListPhoneTasks(ctx, ref, client.Query{Filter: `state = "succeeded"`})
	if err != nil || len(tasks.Items) != 3 {
		t.Fatalf("listPhoneTasks: %d, %v", len(tasks.Items), err)
	}
	ended(later.ID)
	good("deleteFile", c.DeleteFile(ctx, f.ID))
	params, err := c.ListPhoneParameters(ctx, ref, "Device.DeviceInfo.", client.Query{Limit: 2})
	good("listPhoneParameters", err)
	if len(params.Items) == 0 {
		params, err = c.ListPhoneParameters(ctx, ref, "InternetGatewayDevice.DeviceInfo.", client.Query{Limit: 2})
	}
	if err != nil || len(params.Items) != 2 || params.Next == "" {
		t.Fatalf("listPhoneParameters: %+v, %v", params, err)
	}
	history, err := c.ListPhoneHistory(ctx, ref, whole)
	if err != nil || len(history.Items) == 0 {
		t.Fatalf("listPhoneHistory: %+v, %v", history, err)
	}
	_, err = c.GetPhoneMethods(ctx, ref)
	good("getPhoneMethods", err)

	recs, err := c.ListPhoneRecordings(ctx, ref, whole)
	if err != nil || len(recs.Items) == 0 {
		t.Fatalf("listPhoneRecordings: %+v, %v", recs, err)
	}
	rec, err := c.GetRecording(ctx, ref, recs.Items[0].ID)
	if err != nil || len(rec.Log) == 0 {
		t.Fatalf("getRecording: %+v, %v", rec, err)
	}
	text, err := c.RecordingText(ctx, ref, rec.ID)
	if err != nil || len(text) == 0 || text[0] == '{' {
		t.Fatalf("getRecording as text: %.80s, %v", text, err)
	}
	_, err = c.ListRecordings(ctx, false, whole)
	good("listRecordings", err)
	good("stopRecordingPhone", c.StopRecordingPhone(ctx, ref))
	res, err := http.Post(s.ACS(), "text/xml", strings.NewReader("<nothing"))
	good("a message that is none", err)
	res.Body.Close()
	eventually(t, 30*time.Second, "listUnreadable", func() error {
		odd, err := c.ListUnreadable(ctx, whole)
		if err == nil && len(odd.Items) != 1 {
			err = fmt.Errorf("%d messages", len(odd.Items))
		}
		return err
	})
	set := client.QuirkSet{"empty_end": true}
	_, err = c.UpdatePhoneQuirks(ctx, ref, set)
	good("updatePhoneQuirks", err)
	quirks, err := c.ReplacePhoneQuirks(ctx, ref, client.QuirkSet{"max_names": 16})
	if err != nil || len(quirks.Items) == 0 {
		t.Fatalf("replacePhoneQuirks: %+v, %v", quirks, err)
	}
	good("clearPhoneQuirks", c.ClearPhoneQuirks(ctx, ref))
	_, err = c.GetPhoneQuirks(ctx, ref)
	good("getPhoneQuirks", err)
	_, err = c.ListQuirks(ctx, whole)
	good("listQuirks", err)

	rule, err := c.CreateEnrolmentRule(ctx, client.NewEnrolmentRule{Action: "approve", MAC: "0c383e000000/24", Until: "2h", Tags: []string{"x"}})
	good("createEnrolmentRule", err)
	_, err = c.ReplaceEnrolmentRule(ctx, rule.ID, client.NewEnrolmentRule{Action: "pending", All: true, Limit: 3})
	good("replaceEnrolmentRule", err)
	rule, err = c.GetEnrolmentRule(ctx, rule.ID)
	if err != nil || !rule.All || rule.Limit != 3 {
		t.Fatalf("getEnrolmentRule: %+v, %v", rule, err)
	}
	rules, err := c.ImportEnrolmentRules(ctx, strings.NewReader("mac\n0c383e000009\nx\n"))
	if err != nil || rules.Created != 1 || rules.Failed != 1 {
		t.Fatalf("importEnrolmentRules: %+v, %v", rules, err)
	}
	_, err = c.ListEnrolmentRules(ctx, whole)
	good("listEnrolmentRules", err)
	good("deleteEnrolmentRule", c.DeleteEnrolmentRule(ctx, rule.ID))
	nightly := client.NewRecurringJob{Name: "nightly", Kind: "reboot", Selection: client.Selection{All: true}, Cron: "30 2 * * *", Zone: "Europe/Berlin"}
	rj, err := c.CreateRecurringJob(ctx, nightly)
	if err != nil || rj.Next.IsZero() || rj.Missed != "run" {
		t.Fatalf("createRecurringJob: %+v, %v", rj, err)
	}
	nightly.Name, nightly.Paused = "weekly", true
	_, err = c.ReplaceRecurringJob(ctx, rj.ID, nightly)
	good("replaceRecurringJob", err)
	if rj, err = c.GetRecurringJob(ctx, rj.ID); err != nil || rj.Name != "weekly" || !rj.Paused {
		t.Fatalf("getRecurringJob: %+v, %v", rj, err)
	}
	_, err = c.ListRecurringJobs(ctx, whole)
	good("listRecurringJobs", err)
	good("deleteRecurringJob", c.DeleteRecurringJob(ctx, rj.ID))
	if works, err := c.GetSchedule(ctx); err != nil || len(works.Items) != 2 || works.Items[0].Next.IsZero() {
		t.Fatalf("getSchedule: %+v, %v", works, err)
	}
	standing := client.NewStandingOrder{Name: "first", All: true, Paused: true, Items: []client.StandingItem{{Kind: "reboot"}}}
	so, err := c.CreateStandingOrder(ctx, standing)
	good("createStandingOrder", err)
	standing.Name, standing.Filter, standing.All = "second", `model = "X6"`, false
	_, err = c.ReplaceStandingOrder(ctx, so.ID, standing)
	good("replaceStandingOrder", err)
	so, err = c.GetStandingOrder(ctx, so.ID)
	if err != nil || so.Name != "second" || len(so.Items) != 1 {
		t.Fatalf("getStandingOrder: %+v, %v", so, err)
	}
	_, err = c.ListStandingOrders(ctx, whole)
	good("listStandingOrders", err)
	good("deleteStandingOrder", c.DeleteStandingOrder(ctx, so.ID))

	// An event comes for what is committed while the stream is open.
	enough := errors.New("enough")
	go func() {
		for ctx.Err() == nil {
			if _, err := c.SetHold(ctx, client.Scope{Phone: ref}, "test"); err != nil {
				return
			}
			y.mu.Lock()
			seen := y.done["seen"]
			y.mu.Unlock()
			if seen > 0 {
				return
			}
		}
	}()
	err = c.StreamEvents(ctx, client.Watch{Phone: ref}, func(e client.Event, _ string) error {
		y.mu.Lock()
		y.done["seen"]++
		y.mu.Unlock()
		return enough
	})
	if !errors.Is(err, enough) {
		t.Fatalf("streamEvents: %v", err)
	}
	_, err = c.SetHold(ctx, client.Scope{Phone: ref}, "test")
	good("setHold", err)
	holds, err := c.ListHolds(ctx, whole)
	if err != nil || len(holds.Items) != 1 || holds.Items[0].Phone != known.ID {
		t.Fatalf("listHolds: %+v, %v", holds, err)
	}
	good("clearHold", c.ClearHold(ctx, client.Scope{Phone: ref}))
	for what, ask := range map[string]func(context.Context) ([]byte, error){
		"getCA": c.GetCA, "getMetrics": c.GetMetrics,
		"getOpenAPI": func(ctx context.Context) ([]byte, error) { return c.GetOpenAPI(ctx) },
	} {
		if b, err := ask(ctx); err != nil || len(b) < 100 {
			t.Errorf("%s: %d bytes, %v", what, len(b), err)
		}
	}
	if h, err := c.GetHealth(ctx); err != nil || h.Status != "ok" {
		t.Errorf("getHealth: %+v, %v", h, err)
	}
	if r, err := c.GetReadiness(ctx); err != nil || r.Status != "ok" || len(r.Reasons) > 0 {
		t.Errorf("getReadiness: %+v, %v", r, err)
	}
	clientCares(t, ctx, c, ref)
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(y.paths)) {
		if y.done[id] == 0 {
			t.Errorf("%s was not made, or not answered well", id)
		}
	}
}

// clientCares does what is for those who look after a server.
func clientCares(t *testing.T, ctx context.Context, c *client.Client, phone string) {
	t.Helper()
	good := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	token, err := c.CreateToken(ctx, client.NewToken{Name: "for a while", Role: "viewer"})
	good("createToken", err)
	if len(token.Secret) < 16 {
		t.Errorf("createToken: a secret of %d characters", len(token.Secret))
	}
	tokens, err := c.ListTokens(ctx, client.Query{})
	if err != nil || len(tokens.Items) != 2 {
		t.Errorf("listTokens: %+v, %v", tokens, err)
	}
	good("revokeToken", c.RevokeToken(ctx, token.ID))
	audit, err := c.ListAudit(ctx, client.Query{})
	if err != nil || len(audit.Items) == 0 || audit.Items[0].Route == "" {
		t.Errorf("listAudit: %+v, %v", audit, err)
	}
	whole := func(what string, r io.ReadCloser, err error) []byte {
		t.Helper()
		good(what, err)
		if err != nil {
			return nil
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		good(what, err)
		return b
	}
	csv, err := c.Export(ctx, client.Phones, client.CSV, "")
	if b := whole("exportPhones", csv, err); !strings.Contains(string(b), "mac") {
		t.Errorf("exportPhones: %.200s", b)
	}
	_, err = c.AddFile(ctx, client.NewFile{Name: "b.cfg", Kind: "config", Size: 5}, strings.NewReader("bytes"))
	good("addFile", err)
	for _, kind := range []string{client.Sites, client.Tags, client.Files, client.Jobs} {
		list, err := c.Export(ctx, kind, client.JSONL, "")
		got := whole("export "+kind, list, err)
		if len(got) == 0 {
			t.Errorf("export of %s: nothing", kind)
		}
		if kind == client.Files {
			continue
		}
		told := 0
		sum, err := c.Import(ctx, kind, bytes.NewReader(got), client.ImportOptions{Format: client.JSONL}, func(client.ImportFate) error { told++; return nil })
		if err != nil || sum.Unchanged+sum.Skipped != told || told == 0 || sum.Failed > 0 {
			t.Errorf("import of %s: %+v of %d lines, %v", kind, sum, told, err)
		}
	}
	files, err := c.ListFiles(ctx, client.Query{Filter: `name = "b.cfg"`})
	if err != nil || len(files.Items) != 1 {
		t.Fatalf("listFiles: %+v, %v", files, err)
	}
	bytesOf, err := c.FileContent(ctx, files.Items[0].ID)
	if got := whole("getFileContent", bytesOf, err); int64(len(got)) != files.Items[0].Size {
		t.Errorf("getFileContent: %q", got)
	}
	b, err := c.CreateBackup(ctx, false)
	good("createBackup", err)
	eventually(t, 30*time.Second, "a backup", func() error {
		if b, err = c.Backup(ctx, b.ID); err != nil || b.State != "ready" {
			return fmt.Errorf("it is %+v: %w", b, err)
		}
		return nil
	})
	content, err := c.BackupContent(ctx, b.ID)
	if got := whole("getBackupContent", content, err); int64(len(got)) != b.Size {
		t.Errorf("getBackupContent: %d bytes; want %d", len(got), b.Size)
	}
	if all, err := c.ListBackups(ctx); err != nil || len(all.Items) != 1 {
		t.Errorf("listBackups: %+v, %v", all, err)
	}
	good("deleteBackup", c.DeleteBackup(ctx, b.ID))
	_, err = c.ReplacePhone(ctx, phone, "0c383effff01")
	good("replacePhone", err)
}
