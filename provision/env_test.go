package provision

import (
	"bytes"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
)

// env is a service over a real socket. When a test ends, its log is searched
// for secrets.
type env struct {
	*Service
	store *memStore
	clock *clockwork.FakeClock
	reg   *prometheus.Registry
	http  *httptest.Server
	log   *syncBuffer
	busy  atomic.Int64 // requests under way
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var testStart = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newService makes a service without a socket; change may alter its options.
func newService(t testing.TB, change func(*Options)) *env {
	t.Helper()
	e := &env{
		store: newMemStore(t.TempDir()), clock: clockwork.NewFakeClockAt(testStart),
		reg: prometheus.NewRegistry(), log: &syncBuffer{},
	}
	o := Options{
		Store: e.store, Clock: e.clock, Registerer: e.reg,
		Log: slog.New(slog.NewJSONHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&o)
	}
	var err error
	if e.Service, err = New(o); err != nil {
		t.Fatal(err)
	}
	return e
}

func newEnv(t testing.TB, change func(*Options)) *env {
	t.Helper()
	e := newService(t, change)
	e.http = httptest.NewServer(e.count(e.Service))
	t.Cleanup(e.http.Close)
	return e
}

// add puts a config file of size random bytes into the catalogue.
func (e *env) add(t testing.TB, name string, size int) (db.File, []byte) {
	t.Helper()
	body := make([]byte, size)
	random := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = random.Read(body)
	f, err := e.Add(t.Context(), db.File{Name: name, Kind: db.FileConfig}, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return f, body
}

// link makes a link for an attempt and stores it, as sending a task does.
func (e *env) link(t testing.TB, base string, f db.File) (string, db.Link) {
	t.Helper()
	u, l, err := e.Link(base, f, e.clock.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	l.Attempt = db.AttemptID{Task: db.TaskID{Job: 17, Phone: 1042}, N: 1}
	e.store.put(l)
	secret := strings.Split(u, "/")[4]
	t.Cleanup(func() {
		if log := e.log.String(); strings.Contains(log, secret) || strings.Contains(log, Prefix) {
			t.Errorf("log has a secret:\n%s", log)
		}
	})
	return u, l
}

// fetch waits for the next recorded fetch.
func (e *env) fetch(t testing.TB) db.Fetch {
	t.Helper()
	select {
	case f := <-e.store.fetches:
		return f
	case <-time.After(20 * time.Second):
		t.Fatal("no fetch was recorded")
		return db.Fetch{}
	}
}

// ask sends a request and returns the answer with its body read.
func ask(t testing.TB, method, url string, header ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read body: %v", err)
	}
	return resp, body
}

// idle waits until every request has been answered, counted and recorded.
func (e *env) idle(t testing.TB) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 20_000 {
		if e.busy.Load() == 0 {
			return
		}
		<-tick.C
	}
	t.Fatal("requests do not end")
}

// count counts the requests that its handler is busy with.
func (e *env) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.busy.Add(1)
		defer e.busy.Add(-1)
		next.ServeHTTP(w, r)
	})
}

// refusals reads the counter of a rule.
func (e *env) refusals(t *testing.T, rule string) float64 {
	t.Helper()
	return e.counter(t, "phoneacs_file_refusals_total", rule)
}

// counter reads a counter, by the value of its label if it has one, once all
// requests have been counted: an answer reaches the client a little earlier.
func (e *env) counter(t *testing.T, name, label string) float64 {
	t.Helper()
	e.idle(t)
	families, err := e.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}
