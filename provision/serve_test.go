package provision

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

func TestServe(t *testing.T) {
	e := newEnv(t, nil)
	f, body := e.add(t, "phone config.cfg", 10_000)
	etag := `"` + f.SHA256 + `"`
	for _, tt := range []struct {
		name, method string
		header       []string
		status       int
		from, to     int // of the body
		length       string
	}{
		{"whole", "GET", nil, 200, 0, 10_000, "10000"},
		{"whole again", "GET", nil, 200, 0, 10_000, "10000"},
		{"head", "HEAD", nil, 200, 0, 0, "10000"},
		{"first bytes", "GET", []string{"Range", "bytes=0-99"}, 206, 0, 100, "100"},
		{"the rest", "GET", []string{"Range", "bytes=9900-"}, 206, 9900, 10_000, "100"},
		{"last bytes", "GET", []string{"Range", "bytes=-10"}, 206, 9990, 10_000, "10"},
		{"head of a range", "HEAD", []string{"Range", "bytes=0-99"}, 206, 0, 0, "100"},
		{"rest of the same file", "GET", []string{"Range", "bytes=5000-", "If-Range", etag}, 206, 5000, 10_000, "5000"},
		{"rest of another file", "GET", []string{"Range", "bytes=5000-", "If-Range", `"x"`}, 200, 0, 10_000, "10000"},
		{"several ranges", "GET", []string{"Range", "bytes=0-1,5-6"}, 200, 0, 10_000, "10000"},
		{"unchanged", "GET", []string{"If-None-Match", etag}, 304, 0, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, _ := e.link(t, e.http.URL, f) // with its own budget
			header := append([]string{"User-Agent", "Fanvil X6 2.12.1 0c383e000001"}, tt.header...)
			resp, got := ask(t, tt.method, u, header...)
			if resp.StatusCode != tt.status || !bytes.Equal(got, body[tt.from:tt.to]) || resp.Header.Get("Content-Length") != tt.length {
				t.Errorf("status %d, %d bytes, length %q", resp.StatusCode, len(got), resp.Header.Get("Content-Length"))
			}
			if resp.Header.Get("Etag") != etag || resp.Header.Get("Cache-Control") != "private, no-store" {
				t.Errorf("header %v", resp.Header)
			}
			want := db.Fetch{Time: testStart, Bytes: int64(tt.to - tt.from), Whole: tt.to-tt.from == len(body), Status: tt.status, Address: "127.0.0.1", Agent: "Fanvil X6 2.12.1 0c383e000001"}
			if diff := cmp.Diff(want, e.fetch(t)); diff != "" {
				t.Error(diff)
			}
		})
	}
	u, _ := e.link(t, e.http.URL, f)
	resp, _ := ask(t, "GET", u, "Range", "bytes=10000-")
	if resp.StatusCode != 416 || resp.Header.Get("Content-Range") != "bytes */10000" {
		t.Errorf("range beyond the end: %d %v", resp.StatusCode, resp.Header)
	}
	if got := e.fetch(t); got.Status != 416 || got.Bytes != 0 {
		t.Errorf("recorded %+v", got)
	}
}

func TestContentType(t *testing.T) {
	e := newEnv(t, nil)
	config, _ := e.add(t, "a.html", 10)
	firmware, err := e.Add(t.Context(), db.File{Name: "x6-2.12.1.z", Kind: db.FileFirmware, Vendor: "fanvil"}, strings.NewReader("<html>"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		file db.File
		want string
	}{{config, "text/plain; charset=utf-8"}, {firmware, "application/octet-stream"}} {
		u, _ := e.link(t, e.http.URL, tt.file)
		resp, _ := ask(t, "GET", u)
		if got := resp.Header.Get("Content-Type"); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.file.Name, got, tt.want)
		}
	}
}

func TestExpiryByTheClock(t *testing.T) {
	e := newEnv(t, nil)
	f, _ := e.add(t, "a.cfg", 10)
	u, _ := e.link(t, e.http.URL, f)
	e.clock.Advance(time.Hour - 1)
	if resp, _ := ask(t, "GET", u); resp.StatusCode != 200 {
		t.Errorf("an instant before: %d", resp.StatusCode)
	}
	e.clock.Advance(1)
	if resp, _ := ask(t, "GET", u); resp.StatusCode != 404 {
		t.Errorf("at the instant: %d", resp.StatusCode)
	}
}

func TestMaxTransfers(t *testing.T) {
	wait := make(chan struct{})
	e := newEnv(t, func(o *Options) { o.MaxTransfers = 1 })
	f, body := e.add(t, "a.cfg", 10_000)
	first, _ := e.link(t, e.http.URL, f)
	second, _ := e.link(t, e.http.URL, f)
	opened := make(chan struct{}, 1)
	e.store.open = func(string) (db.Blob, error) {
		opened <- struct{}{}
		return slowBlob{ramBlob{bytes.NewReader(body)}, wait}, nil
	}
	got := make(chan int)
	go func() {
		resp, err := http.Get(first)
		if err != nil {
			t.Error(err)
			close(got)
			return
		}
		all, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		got <- len(all)
	}()
	<-opened
	resp, _ := ask(t, "GET", second)
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("second transfer: %d %v", resp.StatusCode, resp.Header)
	}
	close(wait)
	if n := <-got; n != len(body) {
		t.Errorf("first transfer: %d bytes", n)
	}
	e.idle(t)
	if resp, _ := ask(t, "GET", second); resp.StatusCode != 200 {
		t.Errorf("when the slot is free: %d", resp.StatusCode)
	}
}

// A phone may take its file on the connection of its session (TR-069 3.4.3):
// what follows on it is not held to the deadlines of the file.
func TestConnectionLivesOn(t *testing.T) {
	e := newEnv(t, nil)
	f, body := e.add(t, "a.cfg", 100_000)
	u, _ := e.link(t, e.http.URL, f)
	c, err := net.Dial("tcp", e.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := bufio.NewReader(c)
	for _, path := range []string{u, e.http.URL + "/files/x", u} {
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: acs\r\n\r\n", strings.TrimPrefix(path, e.http.URL))
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || resp.Close || path == u && !bytes.Equal(got, body) {
			t.Errorf("status %d, %d bytes, close %v, %v", resp.StatusCode, len(got), resp.Close, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	e := newService(t, nil)
	for name, o := range map[string]Options{
		"no store":           {},
		"negative size":      {Store: e.store, MaxFile: -1},
		"size beyond a TiB":  {Store: e.store, MaxFile: 1<<40 + 1},
		"negative transfers": {Store: e.store, MaxTransfers: -1},
		"negative stall":     {Store: e.store, Stall: -1},
		"metrics are in use": {Store: e.store, Registerer: e.reg},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := New(Options{Store: e.store}); err != nil {
		t.Errorf("defaults: %v", err)
	}
}
