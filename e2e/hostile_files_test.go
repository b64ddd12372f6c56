package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// hostileFiles are requests below /files/, by one who has a link or none, with
// the rule that refuses each; "" is none. path makes a path of that link.
var hostileFiles = []struct {
	name   string
	method string
	path   func(link string) string
	header []string
	times  int  // 0: once
	up     bool // the link is one to send a file to
	rule   string
	status int
}{
	{name: "POST to a link to fetch from", method: "POST", rule: "link.send", status: 405},
	{name: "DELETE of a file", method: "DELETE", rule: "files.method", status: 405},
	{name: "short secret", path: at("/files/abc/x.z"), rule: "link.malformed", status: 404},
	{name: "secret of other letters", path: at("/files/" + strings.Repeat("A", 26) + "/x.z"), rule: "link.malformed", status: 404},
	{name: "no name", path: func(link string) string { return link[:strings.LastIndex(link, "/")+1] }, rule: "link.malformed", status: 404},
	{name: "escaped way out", path: func(link string) string { return link[:strings.LastIndex(link, "/")] + "/..%2f..%2fetc%2fpasswd" }, rule: "link.malformed", status: 404},
	{name: "escaped NUL", path: func(link string) string { return link + "%00" }, rule: "link.malformed", status: 404},
	{name: "very long name", path: func(link string) string { return link + strings.Repeat("a", 4000) }, rule: "link.malformed", status: 404},
	{name: "secret that is none", path: at("/files/" + strings.Repeat("a", 26) + "/x.z"), rule: "link.unknown", status: 404},
	{name: "another name", path: func(link string) string { return link + ".bak" }, rule: "link.name", status: 404},
	{name: "range behind the end", header: []string{"Range: bytes=90000000-"}, status: 416},
	{name: "thousand ranges", header: []string{"Range: bytes=" + strings.Repeat("0-1,", 1000) + "0-1"}, status: 200},
	{name: "range that is none", header: []string{"Range: bytes=z"}, status: 416},
	{name: "fetched without end", times: 6, rule: "link.budget", status: 429},
	{name: "GET of a link to send to", up: true, rule: "link.fetch", status: 405},
	{name: "PUT of nothing", method: "PUT", up: true, header: []string{"Content-Length: 0"}, rule: "upload.empty", status: 400},
	{name: "PUT of a part", method: "PUT", up: true, header: []string{"Content-Range: bytes 5-9/10", "Content-Length: 0"}, rule: "upload.part", status: 400},
	{name: "PUT beyond reason", method: "PUT", up: true, header: []string{"Content-Length: 900000000000"}, rule: "upload.large", status: 413},
}

func at(path string) func(string) string { return func(string) string { return path } }

// TestHostileFiles wants the documented answer to each, and the file to be
// taken by those who have the link.
func TestHostileFiles(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open", "--drain", "1s")
	content := bytes.Repeat([]byte("0123456789"), 4000) // above the least budget, which is five files
	file := s.addFile(t, "x.cfg", "config", "", "", content)
	link, up := s.downloading(t, "A1", file), s.sending(t, "A3")
	for _, tt := range hostileFiles {
		t.Run(tt.name, func(t *testing.T) {
			path, method := link, tt.method
			if tt.path != nil {
				path = tt.path(link)
			}
			if method == "" {
				method = "GET"
			}
			if tt.up {
				path = up
			}
			if tt.times > 1 {
				path = s.downloading(t, "A2", file)
			}
			before := s.refusals(t, tt.rule)
			var r reply
			for range max(tt.times, 1) {
				var err error
				r, err = s.wire(t).raw(method, " ", path, " HTTP/1.1\r\nHost: x\r\n", strings.Join(append(tt.header, ""), "\r\n"), "\r\n").read()
				if err != nil {
					t.Fatal(err)
				}
			}
			if r.status != tt.status {
				t.Errorf("status %d, want %d; body %.100q", r.status, tt.status, r.body)
			}
			if tt.rule != "" { // it is counted when it has been answered
				eventually(t, 10*time.Second, "the refusal is counted", func() error {
					if n := s.refusals(t, tt.rule) - before; n != 1 {
						return fmt.Errorf("%d by %s", n, tt.rule)
					}
					return nil
				})
			}
			if strings.Contains(r.body, "0123456789") != (r.status == http.StatusOK) {
				t.Errorf("the answer %d has the body %.100q", r.status, r.body)
			}
		})
	}
	r, err := s.wire(t).raw("GET ", link, " HTTP/1.1\r\nHost: x\r\n\r\n").read()
	if err != nil || r.status != http.StatusOK || r.body != string(content) {
		t.Errorf("the link gives status %d, %v, %d bytes", r.status, err, len(r.body))
	}
}

// downloading has a phone be told to fetch a file, and returns the path of the
// link that it was given.
func (s *server) downloading(tb testing.TB, serial, file string) string {
	tb.Helper()
	body := s.asking(tb, serial, s.wire(tb), downloadNow(file, nil).unasked(), "Download>")
	m := fileLink.FindStringSubmatch(body)
	if m == nil {
		tb.Fatalf("the request has no link: %s", body)
	}
	return m[1]
}

// sending has a phone be told to send its config, by a config that says where
// to, and returns that path.
func (s *server) sending(tb testing.TB, serial string) string {
	tb.Helper()
	order := newJob{Kind: "upload", Args: map[string]any{"upload": map[string]any{"kind": "config"}}, When: map[string]any{"now": true}}
	lead := fileLink.FindStringSubmatch(s.asking(tb, serial, s.wire(tb), order.unasked(), "Download>"))
	if lead == nil {
		tb.Fatal("the request has no link")
	}
	r, err := s.wire(tb).raw("GET ", lead[1], " HTTP/1.1\r\nHost: x\r\n\r\n").read()
	m := regexp.MustCompile(`https?://[^/\s]+(/files/[a-z2-7]+/config\.txt)`).FindStringSubmatch(r.body)
	if err != nil || m == nil {
		tb.Fatalf("the config names no place to send to: %v, %s", err, r.body)
	}
	return m[1]
}

var fileLink = regexp.MustCompile(`<URL>https?://[^/<]+(/files/[^<]+)</URL>`)

// refusals is how many requests for files a rule has refused.
func (s *server) refusals(tb testing.TB, rule string) int {
	tb.Helper()
	a, err := s.do(tb.Context(), http.MethodGet, "/metrics", nil)
	if err != nil {
		tb.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^phoneacs_file_refusals_total\{rule="` + regexp.QuoteMeta(rule) + `"\} (\d+)$`).FindSubmatch(a.body)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		tb.Fatal(err)
	}
	return n
}
