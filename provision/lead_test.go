package provision

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

var namedURL = regexp.MustCompile(`Url *:(http://\S+)\r\n`)

// TestLead follows a lead as a phone does: the config is the same each time,
// names the other link, and only what is fetched there whole is told.
func TestLead(t *testing.T) {
	w := &witness{}
	e := newEnv(t, func(o *Options) { o.Witness = w })
	body := bytes.Repeat([]byte("entry\n"), 1000)
	f, err := e.Add(t.Context(), db.File{Name: "500 $mac.xml", Kind: db.FilePhonebook, Vendor: "fanvil"}, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	phone := db.Phone{Vendor: "fanvil", Model: "X6"}
	u, lead, link, err := e.Lead(e.http.URL, f, phone, e.clock.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	lead.Attempt.N, link.Attempt.N = 1, 1
	e.store.put(lead)
	e.store.put(link)
	resp, config := ask(t, "GET", u)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" || resp.Header.Get("Etag") != `"`+lead.SHA256+`"` {
		t.Fatalf("lead: %d %v %s", resp.StatusCode, resp.Header, config)
	}
	m := namedURL.FindSubmatch(config)
	if m == nil || !strings.HasSuffix(string(m[1]), "/500%20%24mac.xml") {
		t.Fatalf("config names no URL: %s", config)
	}
	named := string(m[1])
	if strings.Contains(u, strings.Split(named, "/")[4]) || named == u {
		t.Error("the two links have one secret")
	}
	if raw, err := secretText.DecodeString(strings.Split(named, "/")[4]); err != nil || strings.Contains(u, string(raw)) {
		t.Errorf("the secret within tells that of the lead: %q, %v", raw, err)
	}
	if _, again := ask(t, "GET", u); !bytes.Equal(again, config) {
		t.Errorf("the config changes:\n%s\n%s", config, again)
	}
	if resp, part := ask(t, "GET", u, "Range", "bytes=64-"); resp.StatusCode != 206 || !bytes.Equal(part, config[64:]) {
		t.Errorf("a range of the config: %d, %q", resp.StatusCode, part)
	}
	e.idle(t)
	for _, want := range []bool{true, true, true} {
		if got := e.fetch(t); got.Role != db.LinkLead || got.Whole != want {
			t.Errorf("recorded %+v", got)
		}
	}
	if w.count() != 0 {
		t.Error("fetching the config is told as the file's")
	}
	ask(t, "GET", named, "Range", "bytes=0-2999")
	ask(t, "GET", named, "Range", "bytes=4000-")
	e.idle(t)
	if w.count() != 0 {
		t.Error("a file with a gap is told as whole")
	}
	if _, rest := ask(t, "GET", named, "Range", "bytes=3000-"); !bytes.Equal(rest, body[3000:]) {
		t.Errorf("the rest is %d bytes", len(rest))
	}
	e.idle(t)
	if w.count() != 1 {
		t.Errorf("told %d times; want once", w.count())
	}
	e.store.end(lead)
	e.store.end(link)
	for _, url := range []string{u, named} {
		if resp, _ := ask(t, "GET", url); resp.StatusCode != 404 {
			t.Errorf("after the attempt: %d", resp.StatusCode)
		}
	}
}

// TestLeadChanged holds that a phone is not given another config than was sent.
func TestLeadChanged(t *testing.T) {
	e := newEnv(t, nil)
	u, lead, _, err := e.UploadLead(e.http.URL, db.UploadConfig, db.Phone{Vendor: "fanvil", Model: "X6"}, e.clock.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	changed := *lead.Lead
	changed.Base = "http://other.example"
	lead.Lead = &changed
	e.store.put(lead)
	if resp, body := ask(t, "GET", u); resp.StatusCode != 500 || strings.Contains(string(body), "other") {
		t.Errorf("answer %d %s", resp.StatusCode, body)
	}
}

func TestLeadRefused(t *testing.T) {
	e := newService(t, nil)
	f := stored("book.xml", 10)
	f.Kind = db.FilePhonebook
	until := testStart.Add(time.Hour)
	if _, _, _, err := e.Lead("http://a", f, db.Phone{Vendor: "nobody"}, until); err == nil {
		t.Error("there is a lead for a vendor that nobody knows")
	}
	if _, _, _, err := e.Lead("http://"+strings.Repeat("a", 250), f, db.Phone{Vendor: "fanvil"}, until); err == nil {
		t.Error("a URL is longer than TR-069 has room for")
	}
	if _, _, _, err := e.UploadLead("ftp://a", db.UploadConfig, db.Phone{Vendor: "fanvil", Model: "X6"}, until); err == nil {
		t.Error("a lead goes to a base that is none")
	}
	if _, _, _, err := e.UploadLead("http://a", db.UploadLog, db.Phone{Vendor: "fanvil", Model: "X6"}, until); err == nil {
		t.Error("there is a lead for what no phone sends so")
	}
}
