package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

// told sends a list and returns the lines of the answer, each held against the
// document.
func (h *harness) told(path, media, list string) (fates []importFate, end fatesEnd) {
	h.t.Helper()
	a := h.do("POST", path, list, "Content-Type", media, "Accept", "text/plain;q=0.1, application/jsonl").is(200)
	c, err := loadContract()
	if err != nil {
		h.t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(a.body), []byte("\n"))
	for i, line := range lines {
		schema, into := "ImportFate", any(new(importFate))
		if i == len(lines)-1 {
			schema, into = "ImportEnd", &end
		}
		if err := c.validate("/components/schemas/"+schema, line); err != nil {
			h.t.Errorf("line %s: %v", line, err)
		}
		if err := json.Unmarshal(line, into); err != nil {
			h.t.Fatalf("line %s: %v", line, err)
		}
		if f, ok := into.(*importFate); ok {
			fates = append(fates, *f)
		}
	}
	return fates, end
}

func TestFates(t *testing.T) {
	h := newHarness(t)
	list := `{"mac":"0c383e0000aa","name":"ü","tags":["b","a","b"],"site":"HQ / North"}
{"mac":"0c383e0000aa","colour":"red"}

{"mac":"zz"}
{"name":"x"}
{"mac":null}
{"mac":"0c383e0000ab","tags":["a b"]}
[]
{"mac":"0c383e0000ac","serial":"taken"}
`
	var want []importFate
	for _, l := range []struct {
		line          int
		fate          db.Fate
		field, detail string
	}{
		{1, "created", "", ""},
		{2, "refused", "colour", `there is no member "colour"; the members are mac, serial, oui, site, name, tags, vendor, model`},
		{4, "refused", "mac", `"zz" is not a MAC address`},
		{5, "refused", "mac", "want a mac or a serial"},
		{6, "refused", "mac", "want a string"},
		{7, "refused", "tags", `"a b" is no tag: want a word without spaces, commas and semicolons`},
		{8, "refused", "", "the body must be an object"},
		{9, "refused", "", "its mac and its serial belong to two different phones"},
	} {
		f := importFate{Line: l.line, Fate: l.fate, Field: l.field, Detail: l.detail}
		want = append(want, f)
	}
	dry, _ := h.told("/api/v1/phones/import?dry_run=true", "application/x-ndjson", list)
	if diff := cmp.Diff(want, dry); diff != "" {
		t.Errorf("dry run (-want +got)\n%s", diff)
	}
	if !h.store.options.DryRun || len(h.store.phones) != 4 {
		t.Errorf("a dry run: %+v, %d phones", h.store.options, len(h.store.phones))
	}
	want[0].ID = "p104"
	got, end := h.told("/api/v1/phones/import", "application/jsonl", list)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if s := end.Summary; s.Created != 1 || s.Failed != 7 || s.Through != 9 || end.Problem != nil {
		t.Errorf("sum %+v", s)
	}
	// How lines fall into batches is a matter of when they arrive.
	var first db.PhoneImport
	for _, batch := range h.store.imports {
		for _, p := range batch {
			if p.Name == "ü" {
				first = p
			}
		}
	}
	if first.Site != 2 || !cmp.Equal(first.Tags, []string{"a", "b"}) {
		t.Errorf("the store was given %+v", first)
	}
	var again importResult
	h.do("POST", "/api/v1/phones/import?format=jsonl&existing=skip", list, "Content-Type", "text/plain").is(200).into(&again)
	if again.Unchanged != 1 || again.Failed != 7 || h.store.options.Existing != db.ExistingSkip {
		t.Errorf("again: %+v with %+v", again, h.store.options)
	}
	for query, field := range map[string]string{"existing=x": "existing", "dry_run=1": "dry_run", "format=xml": "format"} {
		h.do("POST", "/api/v1/phones/import?"+query, list, "Content-Type", "text/csv").refuses(kindInvalid, field)
	}
}

// TestDryRunAcrossLines: a dry run knows the phones and sites that its earlier
// lines would have made.
func TestDryRunAcrossLines(t *testing.T) {
	h := newHarness(t)
	list := "mac,serial,oui,site\n0c383e0000aa,,,Mars\n0c383e0000aa,,,mars\n,S9,001565,Venus\n,S9,001565,\n"
	for existing, want := range map[string][]db.Fate{
		"update": {db.FateCreated, db.FateUpdated, db.FateCreated, db.FateUpdated},
		"skip":   {db.FateCreated, db.FateSkipped, db.FateCreated, db.FateSkipped},
		"refuse": {db.FateCreated, db.FateRefused, db.FateCreated, db.FateRefused},
	} {
		fates, end := h.told("/api/v1/phones/import?create_sites=true&dry_run=true&existing="+existing, "text/csv", list)
		var got []db.Fate
		for _, f := range fates {
			got = append(got, f.Fate)
		}
		if !cmp.Equal(want, got) || end.Summary.SitesCreated != 2 || len(h.store.sites) != 2 {
			t.Errorf("%s: %v, sum %+v, %d sites", existing, got, end.Summary, len(h.store.sites))
		}
	}
}

// TestFatesUntilDiskIsFull: what could not be done is told where the answer goes on.
func TestFatesUntilDiskIsFull(t *testing.T) {
	h := newHarness(t)
	h.store.err = db.ErrNoSpace
	r := httptest.NewRequest("POST", "http://localhost/api/v1/tags/import", strings.NewReader("phone,tag\np1,a\n"))
	for k, v := range map[string]string{"Authorization": "Bearer " + secret, "Content-Type": "text/csv", "Accept": "application/jsonl"} {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	func() {
		defer func() { _ = recover() }() // the connection is broken off where the list had not ended
		h.handler.ServeHTTP(w, r)
	}()
	var end fatesEnd
	if err := json.Unmarshal(w.Body.Bytes(), &end); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	if p := end.Problem; p == nil || p.Status != http.StatusInsufficientStorage || p.Request == "" || !strings.HasSuffix(p.Detail, "nothing was imported") {
		t.Errorf("the end says %s", w.Body)
	}
}

// TestImportSitesAndTags: cells become what the store takes, and what cannot be
// is refused by the name of its column.
func TestImportSitesAndTags(t *testing.T) {
	h := newHarness(t)
	fates, _ := h.told("/api/v1/sites/import", "text/csv", "url;NAME;networks;zone;ways\n;'=S;10.1.0.0/16 2001:db8::/32;Europe/Berlin;udp http\n;;;;\n;a;;Local;\n;b;10.1.0.1/16;;\nftp://x;c;;;\n;Import;;;\n;d;;;smoke\n")
	var bad []string
	for _, f := range fates[1:] {
		bad = append(bad, fmt.Sprint(f.Line, f.Field))
	}
	if !cmp.Equal(bad, []string{"3name", "4zone", "5networks", "6url", "7name", "8ways"}) || fates[0].Fate != db.FateCreated {
		t.Errorf("fates %+v", fates)
	}
	if s := h.store.sites[2]; s.Name != "=S" || s.Zone != "Europe/Berlin" || len(s.Networks) != 2 || !cmp.Equal(s.Ways, []string{"udp", "http"}) {
		t.Errorf("site %+v", s)
	}
	fates, _ = h.told("/api/v1/tags/import", "application/jsonl", `{"phone":"p1","tag":"night"}
{"phone":"p1"}
{"tag":"x"}
{"phone":"p99","tag":"x"}
`)
	if fates[0].Fate != db.FateCreated || fates[1].Field != "tag" || fates[2].Field != "phone" || fates[3].Field != "phone" || h.store.by != "" && h.store.options.By != "ops" {
		t.Errorf("fates %+v", fates)
	}
	h.do("POST", "/api/v1/tags/import", "tag\nx\n", "Content-Type", "text/csv").refuses(kindInvalid, "phone")
	h.do("POST", "/api/v1/sites", `{"name":"EXPORT"}`).refuses(kindInvalid, "name")
}

// longList makes a list as it is read, and looks now and then how much memory
// there is in use.
type longList struct {
	line, until int
	rest        []byte
	most        *uint64
}

func (e *longList) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		switch {
		case e.line == 0:
			e.rest = []byte("mac,name\n")
		case e.line > e.until:
			return 0, io.EOF
		default:
			e.rest = fmt.Appendf(e.rest[:0], "0c383e%06x,big\n", e.line)
		}
		if e.line++; e.line%50_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			*e.most = max(*e.most, m.HeapInuse)
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// counting is where an answer goes that nobody keeps.
type counting struct {
	http.ResponseWriter
	lines int
}

func (c *counting) Write(p []byte) (int, error) {
	c.lines += bytes.Count(p, []byte("\n"))
	return len(p), nil
}

// TestMillionLines: a list of a million lines is neither kept whole nor are its fates.
func TestMillionLines(t *testing.T) {
	const lines = 1_000_000
	h := newHarness(t)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var most uint64
	r := httptest.NewRequest("POST", "http://localhost/api/v1/phones/import", &longList{until: lines, most: &most})
	for k, v := range map[string]string{"Authorization": "Bearer " + secret, "Content-Type": "text/csv", "Accept": "application/jsonl"} {
		r.Header.Set(k, v)
	}
	w := &counting{ResponseWriter: httptest.NewRecorder()}
	h.handler.ServeHTTP(w, r)
	if w.lines != lines+1 || h.store.counted != lines {
		t.Errorf("%d lines were told, %d phones imported", w.lines, h.store.counted)
	}
	if grown := int64(most) - int64(before.HeapInuse); grown > 64<<20 {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
}

func TestExportLists(t *testing.T) {
	h := newHarness(t)
	h.store.sites[1].Zone, h.store.sites[1].Networks, h.store.sites[1].Ways = "Europe/Berlin", []string{"10.1.0.0/16", "10.2.0.0/16"}, []string{"udp", "http"}
	for path, want := range map[string]string{
		"sites/export":                         "name,zone,networks,url,ways\ndefault,,,,\nHQ / North,Europe/Berlin,10.1.0.0/16 10.2.0.0/16,https://acs.example.net,udp http\n",
		"tags/export":                          "phone,tag\n0c383e000001,lobby\n",
		"tags/export?format=jsonl":             `{"phone":"0c383e000001","tag":"lobby"}` + "\n",
		"files/export?filter=id+%3D+%22f1%22":  "id,name,kind,vendor,models,version,sha256,size,created,by\nf1,x6.z,firmware,fanvil,X6U,2.4.11," + strings.Repeat("ab", 32) + ",9,2026-05-17T09:00:00Z,ops\n",
		"files/export?filter=id+%3D+%22f99%22": "id,name,kind,vendor,models,version,sha256,size,created,by\n",
	} {
		if got := string(h.do("GET", "/api/v1/"+path, "").is(200).body); got != want {
			t.Errorf("%s: %s\nwant %s", path, got, want)
		}
	}
	a := h.do("GET", "/api/v1/files/f1/content", "").is(200)
	if string(a.body) != "nine-byte" || a.header.Get("Content-Length") != "9" || !strings.Contains(a.header.Get("Content-Disposition"), "x6.z") {
		t.Errorf("content: %s, %v", a.body, a.header)
	}
}

// TestJobsMove: what is exported is ordered anew, paused, for those it was still
// to be done at, and only once.
func TestJobsMove(t *testing.T) {
	h := newHarness(t)
	h.store.jobs = []db.JobStatus{{Job: db.Job{
		ID: 1, Kind: db.KindDownload, Args: db.Args{File: 1}, Selection: db.Selection{All: true}, When: db.When{At: now.Add(-time.Hour)},
		Retry: db.Retry{Max: 2, Backoff: time.Minute}, Deadline: time.Hour, Created: now, Expires: now.Add(30 * day), State: db.JobActive,
		Priority: 4, Selected: 3, Expanded: 3,
	}, Counts: db.Counts{db.TaskReady: 1, db.TaskSent: 1, db.TaskFailed: 1}}}
	h.store.tasks = nil
	for phone, state := range map[db.PhoneID]db.TaskState{1: db.TaskReady, 2: db.TaskSent, 3: db.TaskFailed} {
		h.store.tasks = append(h.store.tasks, db.Task{ID: db.TaskID{Job: 1, Phone: phone}, State: state, Created: now})
	}
	list := string(h.do("GET", "/api/v1/jobs/export?format=jsonl", "").is(200).body)
	if n := strings.Count(list, "\n"); n != 4 {
		t.Fatalf("exported %d lines:\n%s", n, list)
	}
	table := string(h.do("GET", "/api/v1/jobs/export", "").is(200).body)
	if !strings.Contains(table, "\nj1,download,,2026-05-17T09:00:00Z,2026-06-16T09:00:00Z,active,x6.z,p1,0c383e000001,A1,ready,,") {
		t.Errorf("table:\n%s", table)
	}
	const path = "/api/v1/jobs/import"
	fates, _ := h.told(path, "application/jsonl", list)
	if len(fates) != 1 || fates[0].Fate != db.FateUnchanged || fates[0].ID != "j1" {
		t.Errorf("where it comes from: %+v", fates)
	}
	elsewhere := newHarness(t)
	elsewhere.store.jobs = nil
	for _, query := range []string{"?dry_run=true", "", "?dry_run=true", ""} {
		fates, end := elsewhere.told(path+query, "application/jsonl", list)
		want := db.FateCreated
		if len(elsewhere.store.jobs) > 0 && end.Summary.Unchanged == 1 {
			want = db.FateUnchanged
		}
		if len(fates) != 1 || fates[0].Fate != want || want == db.FateCreated && fates[0].Detail != "without 1 tasks that were sent and are not sent twice" {
			t.Errorf("import%s: %+v", query, fates)
		}
		if query == "?dry_run=true" && want == db.FateCreated && len(elsewhere.store.jobs) != 0 {
			t.Error("a dry run ordered a job")
		}
	}
	if len(elsewhere.store.jobs) != 1 {
		t.Fatalf("%d jobs", len(elsewhere.store.jobs))
	}
	j := elsewhere.orders.last.Job
	if !j.Paused || !j.When.Now || !j.Expires.Equal(now.Add(30*day)) || j.Args.File != 1 || j.Priority != 4 || j.Retry.Max != 2 || j.Deadline != time.Hour ||
		!cmp.Equal(elsewhere.orders.last.Phones, []db.PhoneID{1}) || j.By != "ops" {
		t.Errorf("ordered %+v for %v", j, elsewhere.orders.last.Phones)
	}
	lines := strings.SplitAfter(list, "\n")
	for _, tt := range []struct{ name, list, fate, says string }{
		{"cut", strings.Join(lines[:3], ""), "refused", "the list has 2 of its 3 tasks"},
		{"ended", strings.Replace(list, `"state":"active"`, `"state":"ended"`, 1), "skipped", "it has ended"},
		{"past", strings.Replace(list, "2026-06-16", "2026-05-16", 1), "skipped", "its expiry has passed"},
		{"expanding", strings.Replace(list, `"expanded":3`, `"expanded":2`, 1), "refused", "still being made"},
		{"other file", strings.Replace(list, strings.Repeat("ab", 32), strings.Repeat("cd", 32), 1), "refused", "import the files first"},
		{"other phones", strings.ReplaceAll(list, `"ref":"0c383e000001"`, `"ref":"0c383e0000ff"`), "refused", "import the phones first"},
		{"id of another server", strings.ReplaceAll(list, `"ref":"0c383e000001"`, `"ref":"p1"`), "refused", "import the phones first"},
		{"secret", strings.Replace(list, `"args":{"file":"f1"}`, `"args":{"parameters":[{"name":"Device.X.Password","type":"string","value":""}]}`, 1), "refused", "no export tells"},
		{"unknown member", strings.Replace(list, `"args":{"file":"f1"}`, `"args":{"colour":"red"}`, 1), "refused", "colour"},
	} {
		fates, _ := newHarness(t).told(path, "application/jsonl", tt.list)
		if len(fates) != 1 || string(fates[0].Fate) != tt.fate || !strings.Contains(fates[0].Detail, tt.says) {
			t.Errorf("%s: %+v", tt.name, fates)
		}
	}
	raw := strings.Replace(strings.Replace(list, `"kind":"download"`, `"kind":"raw"`, 1), `"args":{"file":"f1"}`, `"args":{"raw":{"rpc":"X"}}`, 1)
	a := h.do("POST", path, raw, "Content-Type", "application/jsonl", "Authorization", "Bearer operator-secret")
	if !strings.Contains(string(a.is(200).body), "raw RPCs need the role admin") {
		t.Errorf("raw by an operator: %s", a.body)
	}
}

// FuzzPhoneLines holds that a phone that was read from an object is written and
// read again as the same, as a table and as JSON lines.
func FuzzPhoneLines(f *testing.F) {
	for _, s := range []string{
		`{"mac":"0c383e000001","name":"=1","tags":["b","a"]}`, "\ufeff{\"serial\":\"S\",\"oui\":\"00-15-65\",\"site\":\"'x\"}\n\n{", `{"mac":"0c383e000001","vendor":"Ä","model":" "}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		l, _, err := readPhoneObject(newLineReader(bytes.NewReader(in), maxLine))
		if err != nil || l.site == "" && l.phone.Tags != nil && len(l.phone.Tags) == 0 {
			return // an export has no empty list: it says nothing of what is not there
		}
		p := l.phone
		out := exportedPhone{p.MAC, p.Serial, p.OUI, l.site, p.Name, p.Tags, p.Vendor, p.Model}
		b, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := readPhoneObject(newLineReader(bytes.NewReader(b), maxLine*8))
		again.line = l.line
		if len(p.Tags) == 0 {
			again.phone.Tags = p.Tags
		}
		if err != nil || !cmp.Equal(l, again, cmp.AllowUnexported(phoneLine{})) {
			t.Errorf("%s became %+v, %v; was %+v", b, again, err, l)
		}
	})
}

// FuzzTable holds that the beginning of a table is read or refused, whatever it
// is, and that what is read is one of the separators and a line.
func FuzzTable(f *testing.F) {
	for _, s := range []string{"mac,name\n", "sep=;\r\nmac;name\r\n", "\ufeffmac\tname", "\n\nphone\n", "\xff\xfem\x00", "a\rb"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := readHeader(bytes.NewReader(in), siteColumns)
		if err != nil {
			if problemFor(err).Status != http.StatusBadRequest {
				t.Errorf("%q: %v", in, err)
			}
			return
		}
		if !strings.ContainsRune(separators, p.csv.Comma) || len(p.column) == 0 || p.skipped > maxBlank+1 {
			t.Errorf("%q: %q between %v, %d skipped", in, p.csv.Comma, p.column, p.skipped)
		}
	})
}
