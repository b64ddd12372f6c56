package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// An answer is what the admin API said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// adminClient gives up on a server that hangs.
var adminClient = &http.Client{
	Timeout:   30 * time.Second,
	Transport: &http.Transport{MaxIdleConnsPerHost: 64},
}

// do makes one request of the admin API with the server's token. body is nil,
// bytes to be sent as they are, or a value to be sent as JSON; header is pairs
// of names and values.
func (s *server) do(ctx context.Context, method, path string, body any, header ...string) (answer, error) {
	var content []byte
	kind := "application/json"
	switch b := body.(type) {
	case nil:
		kind = ""
	case []byte:
		content, kind = b, "application/octet-stream"
	default:
		var err error
		if content, err = json.Marshal(b); err != nil {
			return answer{}, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.admin+path, bytes.NewReader(content))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := adminClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.body, err = io.ReadAll(io.LimitReader(res.Body, 64<<20)); err != nil {
		return a, fmt.Errorf("%s %s: read answer: %w", method, path, err)
	}
	return a, nil
}

// call is do for what must succeed: it decodes the answer into out, unless that
// is nil, and fails the test on anything but 2xx.
func (s *server) call(tb testing.TB, method, path string, in, out any, header ...string) {
	tb.Helper()
	a, err := s.do(tb.Context(), method, path, in, header...)
	if err != nil {
		tb.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status/100 != 2 {
		tb.Fatalf("%s %s: status %d: %.500s", method, path, a.status, a.body)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		tb.Fatalf("%s %s: %v in %.500s", method, path, err, a.body)
	}
}

// list reads all pages of a list.
func list[T any](tb testing.TB, s *server, path string) (all []T) {
	tb.Helper()
	for cursor := ""; ; {
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next"`
		}
		s.call(tb, http.MethodGet, path+"?limit=1000&cursor="+url.QueryEscape(cursor), nil, &page)
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// A newJob is an order.
type newJob struct {
	Kind      string         `json:"kind"`
	Args      map[string]any `json:"args,omitempty"`
	Selection map[string]any `json:"selection"`
	When      map[string]any `json:"when"`
	Retry     map[string]any `json:"retry,omitempty"`
	Deadline  string         `json:"deadline,omitempty"`
	Priority  int            `json:"priority,omitempty"`
	Calls     string         `json:"calls,omitempty"`
}

// unasked orders it for phones that are not asked for their lines before.
func (o newJob) unasked() newJob {
	o.Calls = "ignore"
	return o
}

// downloadNow orders a file for a selection, at once.
func downloadNow(file string, selection map[string]any) newJob {
	return newJob{
		Kind: "download", Args: map[string]any{"file": file},
		Selection: selection, When: map[string]any{"now": true},
	}
}

// rebootNow orders a restart of a selection, at once.
func rebootNow(selection map[string]any) newJob {
	return newJob{Kind: "reboot", Selection: selection, When: map[string]any{"now": true}}
}

// A job is what the admin API tells of one.
type job struct {
	ID       string         `json:"id"`
	Kind     string         `json:"kind"`
	State    string         `json:"state"`
	Selected int            `json:"selected"`
	Expanded int            `json:"expanded"`
	Counts   map[string]int `json:"counts"`
}

// tasks is the number of its tasks in all states.
func (j job) tasks() (n int) {
	for _, c := range j.Counts {
		n += c
	}
	return n
}

// A task is what the admin API tells of one.
type task struct {
	ID       string    `json:"id"`
	Job      string    `json:"job"`
	Phone    string    `json:"phone"`
	State    string    `json:"state"`
	Why      string    `json:"why"`
	Cause    string    `json:"cause"`
	Attempts []attempt `json:"attempts"`
	Evidence []struct {
		Attempt int    `json:"attempt"`
		What    string `json:"what"`
	} `json:"evidence"`
}

// An attempt is one try of a task.
type attempt struct {
	N        int       `json:"n"`
	Key      string    `json:"key"`
	Sent     time.Time `json:"sent"`
	Accepted time.Time `json:"accepted"`
	Complete time.Time `json:"complete"`
	Ended    time.Time `json:"ended"`
	Outcome  string    `json:"outcome"`
	Fault    int       `json:"fault"`
	BytesOut int64     `json:"bytes_out"`
}

// final reports whether nothing more happens to a task by itself.
func (t task) final() bool {
	switch t.State {
	case "succeeded", "failed", "expired", "cancelled", "skipped":
		return true
	}
	return false
}

// A phone is what the admin API tells of one.
type phone struct {
	ID              string `json:"id"`
	State           string `json:"state"`
	MAC             string `json:"mac"`
	Model           string `json:"model"`
	SoftwareVersion string `json:"software_version"`
	Informs         int    `json:"informs"`
}

// addFile puts a file into the catalogue and returns its id. Models are parted
// by commas; empty fields are left out.
func (s *server) addFile(tb testing.TB, name, kind, models, version string, content []byte) string {
	tb.Helper()
	q := url.Values{"name": {name}, "kind": {kind}, "vendor": {"fanvil"}}
	if models != "" {
		q.Set("models", models)
	}
	if version != "" {
		q.Set("version", version)
	}
	var f struct {
		ID string `json:"id"`
	}
	s.call(tb, http.MethodPost, "/api/v1/files?"+q.Encode(), content, &f)
	return f.ID
}

// order orders a job and returns it as accepted.
func (s *server) order(tb testing.TB, o newJob) (j job) {
	tb.Helper()
	s.call(tb, http.MethodPost, "/api/v1/jobs", o, &j)
	return j
}

// job returns a job as it stands.
func (s *server) job(tb testing.TB, id string) (j job) {
	tb.Helper()
	s.call(tb, http.MethodGet, "/api/v1/jobs/"+id, nil, &j)
	return j
}

// awaitEnded waits until a job has ended, and returns it.
func (s *server) awaitEnded(tb testing.TB, id string, patience time.Duration) (j job) {
	tb.Helper()
	eventually(tb, patience, "end of "+id, func() error {
		if j = s.job(tb, id); j.State != "ended" {
			return fmt.Errorf("job is %s: %v", j.State, j.Counts)
		}
		return nil
	})
	return j
}

// awaitPhones waits until the server knows so many phones, and returns them.
func (s *server) awaitPhones(tb testing.TB, n int, patience time.Duration) (all []phone) {
	tb.Helper()
	eventually(tb, patience, "enrolment", func() error {
		if all = list[phone](tb, s, "/api/v1/phones"); len(all) != n {
			return fmt.Errorf("%d phones known, %d wanted", len(all), n)
		}
		return nil
	})
	return all
}
