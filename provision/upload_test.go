package provision

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"phoneacs/db"
)

// witness keeps what it is told.
type witness struct {
	mu   sync.Mutex
	told []db.AttemptID
	no   bool // files are withheld
}

func (w *witness) Withhold(context.Context, db.AttemptID) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.no, nil
}

func (w *witness) Moved(_ context.Context, id db.AttemptID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, id)
	return nil
}

func (w *witness) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.told)
}

// newUploads makes a service that takes at most 1000 bytes, and a link to put to.
func newUploads(t *testing.T) (*env, *witness, string, db.Link) {
	t.Helper()
	w := &witness{}
	e := newEnv(t, func(o *Options) { o.MaxUpload, o.Witness = 1000, w })
	u, l, err := e.Upload(e.http.URL, db.UploadConfig, e.clock.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	l.Attempt = db.AttemptID{Task: db.TaskID{Job: 17, Phone: 1042}, N: 1}
	e.store.put(l)
	return e, w, u, l
}

// put sends a body; a length of -1 sends it in chunks.
func put(t testing.TB, method, url, body string, length int64, header ...string) *http.Response {
	t.Helper()
	var in io.Reader = struct{ io.Reader }{strings.NewReader(body)}
	if body == "" {
		in = http.NoBody
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, in)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = length
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

// stored wants the store to have one upload of this content, or none if it is
// empty, and no other bytes.
func (e *env) stored(t *testing.T, content string) {
	t.Helper()
	e.idle(t)
	e.store.mu.Lock()
	defer e.store.mu.Unlock()
	want := 1
	if content == "" {
		want = 0
	}
	if len(e.store.uploads) != want || len(e.store.blobs()) != want {
		t.Fatalf("%d uploads, bytes %v; want %d", len(e.store.uploads), e.store.blobs(), want)
	}
	if want == 0 {
		return
	}
	b, err := e.store.OpenBlob(t.Context(), e.store.uploads[0].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got, _ := io.ReadAll(b); string(got) != content {
		t.Errorf("stored %.80q; want %.80q", got, content)
	}
}

func TestReceive(t *testing.T) {
	full := strings.Repeat("x", 1000)
	for _, tt := range []struct {
		name, method, body string
		length             int64
		header             []string
		status             int
		rule               string
	}{
		{"put", "PUT", "a config", 8, nil, 201, ""},
		{"in chunks", "PUT", "a config", -1, nil, 201, ""},
		{"posted", "POST", "a config", 8, []string{"Content-Type", "text/x-\x01config"[:7]}, 201, ""},
		{"asking first", "PUT", "a config", 8, []string{"Expect", "100-continue"}, 201, ""},
		{"as much as there is room for", "PUT", full, 1000, nil, 201, ""},
		{"a byte more", "PUT", full + "x", 1001, nil, 413, "upload.large"},
		{"a byte more in chunks", "PUT", full + "x", -1, nil, 413, "upload.large"},
		{"empty", "PUT", "", 0, nil, 400, "upload.empty"},
		{"empty in chunks", "PUT", "", -1, nil, 400, "upload.empty"},
		{"a part", "PUT", "a config", 8, []string{"Content-Range", "bytes 0-7/20"}, 400, "upload.part"},
		{"fetched", "GET", "", 0, nil, 405, "link.fetch"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, w, u, _ := newUploads(t)
			resp := put(t, tt.method, u, tt.body, tt.length, tt.header...)
			if resp.StatusCode != tt.status {
				t.Errorf("status %d; want %d", resp.StatusCode, tt.status)
			}
			f := e.fetch(t)
			if f.Status != tt.status || f.Role != db.LinkUpload || f.Whole != (tt.rule == "") {
				t.Errorf("recorded %+v", f)
			}
			if tt.rule != "" {
				e.stored(t, "")
				if n := e.refusals(t, tt.rule); n != 1 || w.count() != 0 {
					t.Errorf("%v refusals, %d told", n, w.count())
				}
				return
			}
			e.stored(t, tt.body)
			if w.count() != 1 || f.Bytes != int64(len(tt.body)) {
				t.Errorf("%d told; recorded %+v", w.count(), f)
			}
		})
	}
}

// TestReceiveCut breaks connections in the middle: nothing is left of that, and
// what was whole before stays.
func TestReceiveCut(t *testing.T) {
	e, w, u, _ := newUploads(t)
	put(t, "PUT", u, "whole", 5)
	for _, head := range []string{"Content-Length: 100\r\n\r\nsome of it", "Transfer-Encoding: chunked\r\n\r\n5\r\nsome \r\n", "Transfer-Encoding: chunked\r\n\r\nzz\r\n"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(e.http.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: a\r\n%s", strings.TrimPrefix(u, e.http.URL), head)
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if r, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || r.StatusCode != 400 {
			t.Errorf("answer %v, %v", r, err)
		}
		conn.Close()
	}
	e.stored(t, "whole")
	if n := e.refusals(t, "upload.cut"); n != 3 || w.count() != 1 {
		t.Errorf("%v cut, %d told", n, w.count())
	}
	put(t, "PUT", u, "the last", 8)
	e.stored(t, "the last")
}

// TestReceiveAtOnce sends several files at the same time: one of them is kept,
// whole, and they do not mix.
func TestReceiveAtOnce(t *testing.T) {
	e, _, u, _ := newUploads(t)
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() { put(t, "PUT", u, strings.Repeat(string(rune('a'+i)), 900), -1) })
	}
	wg.Wait()
	e.idle(t)
	b, err := e.store.OpenBlob(t.Context(), e.store.uploads[0].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	got, _ := io.ReadAll(b)
	if len(got) != 900 || len(bytes.Trim(got, string(got[:1]))) != 0 {
		t.Errorf("kept %d bytes, %.40q", len(got), got)
	}
	e.stored(t, string(got))
}

// TestReceiveBudget sends until there is no more room in the link.
func TestReceiveBudget(t *testing.T) {
	e, _, u, l := newUploads(t)
	body := strings.Repeat("x", 1000)
	for range l.Budget / 1000 {
		if s := put(t, "PUT", u, body, 1000).StatusCode; s != 201 {
			t.Fatalf("status %d within the budget", s)
		}
	}
	if s := put(t, "PUT", u, body, 1000).StatusCode; s != 429 {
		t.Errorf("status %d beyond the budget", s)
	}
	e.stored(t, body)
}

func TestReceiveRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*env, db.Link)
		status int
	}{
		{"ended", func(e *env, l db.Link) { e.store.end(l) }, 404},
		{"expired", func(e *env, _ db.Link) { e.clock.Advance(time.Hour) }, 404},
		{"ends meanwhile", func(e *env, _ db.Link) { e.store.uploadErr = db.ErrNotFound }, 404},
		{"disk full", func(e *env, _ db.Link) { e.store.uploadErr = fmt.Errorf("write: %w", db.ErrNoSpace) }, 507},
		{"store closed", func(e *env, _ db.Link) { e.store.uploadErr = db.ErrClosed }, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, w, u, l := newUploads(t)
			tt.change(e, l)
			if s := put(t, "PUT", u, "a config", 8).StatusCode; s != tt.status || w.count() != 0 {
				t.Errorf("status %d, %d told; want %d", s, w.count(), tt.status)
			}
			e.stored(t, "")
		})
	}
	e := newEnv(t, nil)
	f, _ := e.add(t, "a.cfg", 10)
	u, _ := e.link(t, e.http.URL, f)
	if s := put(t, "PUT", u, "x", 1).StatusCode; s != 405 {
		t.Errorf("PUT to a link to fetch from is answered %d", s)
	}
	if s := put(t, "DELETE", u, "", 0).StatusCode; s != 405 {
		t.Errorf("DELETE is answered %d", s)
	}
}

// TestReceiveTooMuch: who is told that it is too much, and does not stop, or
// falls silent, is not listened to for longer.
func TestReceiveTooMuch(t *testing.T) {
	w := &witness{}
	e := newEnv(t, func(o *Options) { o.MaxUpload, o.Witness, o.Stall = 1000, w, time.Second })
	u, l, err := e.Upload(e.http.URL, db.UploadConfig, e.clock.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	l.Attempt = db.AttemptID{Task: db.TaskID{Job: 17, Phone: 1042}, N: 1}
	e.store.put(l)
	conn, err := net.Dial("tcp", strings.TrimPrefix(e.http.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n44c\r\n%s\r\n", strings.TrimPrefix(u, e.http.URL), strings.Repeat("x", 0x44c))
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != 413 {
		t.Errorf("status %d; want 413", resp.StatusCode)
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("the connection: %v; want its end", err)
	}
}
