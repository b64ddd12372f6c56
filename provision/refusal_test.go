package provision

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

// raw sends a request target as it is, as no client library would, and returns
// the answer without its date.
func raw(t *testing.T, e *env, method, target string) string {
	t.Helper()
	c, err := net.Dial("tcp", e.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: acs\r\nConnection: close\r\n\r\n", method, target)
	all, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(all)) {
		if !strings.HasPrefix(line, "Date: ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// Whoever does not hold a link that is good now gets one and the same answer.
func TestSameAnswerToAllWithoutALink(t *testing.T) {
	e := newEnv(t, nil)
	f, _ := e.add(t, "a.cfg", 10)
	path := func(u string) string { return strings.TrimPrefix(u, e.http.URL) }

	good, _ := e.link(t, e.http.URL, f)
	endedURL, ended := e.link(t, e.http.URL, f)
	e.store.end(ended)
	expiredURL, expired := e.link(t, e.http.URL, f)
	expired.Expires = e.clock.Now()
	e.store.put(expired)
	secret := strings.Split(path(good), "/")[2]

	if got := raw(t, e, "GET", path(good)); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
		t.Fatalf("good link: %s", got)
	}
	want := raw(t, e, "GET", "/files/")
	if !strings.HasPrefix(want, "HTTP/1.1 404 ") || !strings.HasSuffix(want, "\r\n\r\nnot found\n") {
		t.Fatalf("answer %s", want)
	}
	for _, tt := range []struct{ name, target, rule string }{
		{"never made", "/files/" + secret26 + "/a.cfg", "link.unknown"},
		{"attempt ended", path(endedURL), "link.unknown"},
		{"expired", path(expiredURL), "link.expired"},
		{"other name", "/files/" + secret + "/b.cfg", "link.name"},
		{"other case", "/files/" + secret + "/A.cfg", "link.name"},
		{"no name", "/files/" + secret + "/", "link.malformed"},
		{"two slashes first", "//files/" + secret + "/a.cfg", "link.malformed"},
		{"two slashes", "/files//" + secret + "/a.cfg", "link.malformed"},
		{"two slashes last", "/files/" + secret + "//a.cfg", "link.malformed"},
		{"dots", "/files/" + secret + "/../a.cfg", "link.malformed"},
		{"escaped dots", "/files/" + secret + "/%2e%2e/a.cfg", "link.malformed"},
		{"escaped slash", "/files/" + secret + "%2fa.cfg", "link.malformed"},
		{"escaped way up", "/files/" + secret + "/..%2f..%2fetc%2fpasswd", "link.malformed"},
		{"backslash", "/files/" + secret + `/..\a.cfg`, "link.malformed"},
		{"NUL", "/files/" + secret + "/a.cfg%00", "link.malformed"},
		{"upper case secret", "/files/" + strings.ToUpper(secret) + "/a.cfg", "link.malformed"},
		{"very long", "/files/" + secret + "/" + strings.Repeat("a", 100_000), "link.malformed"},
		{"elsewhere", "/etc/passwd", "link.malformed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := e.refusals(t, tt.rule)
			if got := raw(t, e, "GET", tt.target); got != want {
				t.Errorf("answer:\n%s\nwant:\n%s", got, want)
			}
			if n := e.refusals(t, tt.rule) - before; n != 1 {
				t.Errorf("counted %v times as %s", n, tt.rule)
			}
		})
	}
	if got := raw(t, e, "PUT", path(good)); !strings.HasPrefix(got, "HTTP/1.1 405 ") || !strings.Contains(got, "\r\nAllow: GET, HEAD\r\n") {
		t.Errorf("PUT: %s", got)
	}
}

func TestServeWhenTheStoreFails(t *testing.T) {
	broken := errors.New("disk says no")
	for _, tt := range []struct {
		name   string
		breaks func(*memStore)
		status int
		rule   string
		known  bool // the link was found: the answer is recorded
	}{
		{"no links", func(m *memStore) { m.linkErr = broken }, 503, "files.store", false},
		{"no bytes just now", func(m *memStore) { m.openErr = broken }, 503, "files.store", true},
		{"bytes are gone", func(m *memStore) { m.openErr = db.ErrNotFound }, 500, "files.bytes", true},
		{"bytes are short", func(m *memStore) {
			m.open = func(string) (db.Blob, error) { return ramBlob{bytes.NewReader([]byte("short"))}, nil }
		}, 500, "files.bytes", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(t, nil)
			f, _ := e.add(t, "a.cfg", 10)
			u, _ := e.link(t, e.http.URL, f)
			tt.breaks(e.store)
			resp, body := ask(t, "GET", u)
			if resp.StatusCode != tt.status || strings.Contains(string(body), "disk") || resp.Header.Get("Etag") != "" {
				t.Errorf("%d %q %v", resp.StatusCode, body, resp.Header)
			}
			if (resp.Header.Get("Retry-After") != "") != (tt.status == 503) {
				t.Errorf("Retry-After %q", resp.Header.Get("Retry-After"))
			}
			if got := e.refusals(t, tt.rule); got != 1 {
				t.Errorf("%s counted %v times", tt.rule, got)
			}
			if tt.known {
				if got := e.fetch(t); got.Status != tt.status || got.Bytes != 0 {
					t.Errorf("recorded %+v", got)
				}
			}
			if log := e.log.String(); !strings.Contains(log, `"level":"ERROR"`) || !strings.Contains(log, tt.rule) {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// Bytes that end early must not look like a whole file to the phone.
func TestBytesThatEndEarly(t *testing.T) {
	e := newEnv(t, nil)
	f, body := e.add(t, "a.cfg", 10_000)
	u, _ := e.link(t, e.http.URL, f)
	e.store.open = func(string) (db.Blob, error) { return lyingBlob{ramBlob{bytes.NewReader(body)}}, nil }
	resp, err := http.Get(u)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Errorf("%d bytes without an error", n)
	}
	if got := e.fetch(t); got.Bytes >= 10_000 {
		t.Errorf("recorded %+v", got)
	}
	e.idle(t)
	if log := e.log.String(); !strings.Contains(log, "cut short") {
		t.Errorf("log: %s", log)
	}
}

// lyingBlob says it has its size, and ends halfway.
type lyingBlob struct{ ramBlob }

func (b lyingBlob) Read(p []byte) (int, error) {
	if at := b.Reader.Size() - int64(b.Len()); at < b.Reader.Size()/2 {
		return b.Reader.Read(p[:min(int64(len(p)), b.Reader.Size()/2-at)])
	}
	return 0, io.EOF
}
