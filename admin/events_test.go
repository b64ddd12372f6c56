package admin

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

const at = `"time":"2026-05-17T09:00:00Z"`

func TestEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHarness(t, realTime)
		h.store.buffer = 8
		h.store.last = 40
		e := h.watch("")
		e.want("id: 40")
		h.store.commit(db.Event{Type: "job.created", Job: 3, Why: "two\nlines"}, db.Event{Type: "phone.created", Phone: 9})
		e.want(
			"event: job.created\ndata: {\"seq\":41,"+at+`,"type":"job.created","job":"j3","why":"two\nlines"}`,
			"id: 41\nevent: phone.created\ndata: {\"seq\":41,"+at+`,"type":"phone.created","phone":"p9"}`)
		if !cmp.Equal(h.store.asked, []uint64{0}) {
			t.Errorf("subscribed after %v", h.store.asked)
		}
	})
}

func TestEventsResume(t *testing.T) {
	for _, tt := range []struct {
		name, query, id string
		asked           uint64
		want            []string
	}{
		{"header", "", "41", 41, []string{"id: 42\nevent: b\ndata: {\"seq\":42," + at + `,"type":"b"}`}},
		{"parameter", "?last_event_id=41", "", 41, []string{"id: 42\nevent: b\ndata: {\"seq\":42," + at + `,"type":"b"}`}},
		{"header wins", "?last_event_id=7", "41", 41, []string{"id: 42\nevent: b\ndata: {\"seq\":42," + at + `,"type":"b"}`}},
		{"no longer kept", "", "7", 7, []string{"id: 42", "event: reset\ndata: {\"seq\":42}"}},
		{"of another store", "", "9999", 9999, []string{"id: 42", "event: reset\ndata: {\"seq\":42}"}},
		{"no number", "", "abc", 0, []string{"id: 42", "event: reset\ndata: {\"seq\":42}"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHarness(t, realTime)
				h.store.last, h.store.first, h.store.buffer = 40, 41, 8
				h.store.commit(db.Event{Type: "a"})
				h.store.commit(db.Event{Type: "b"})
				e := h.watch(tt.query, "Last-Event-ID", tt.id)
				e.want(tt.want...)
				if !cmp.Equal(h.store.asked, []uint64{tt.asked}) {
					t.Errorf("subscribed after %v; want %d", h.store.asked, tt.asked)
				}
				h.store.commit(db.Event{Type: "c"})
				e.want("id: 43\nevent: c\ndata: {\"seq\":43," + at + `,"type":"c"}`)
			})
		})
	}
}

// TestEventsHeartbeat: a sign of life every 15 seconds, far beyond the
// server's own timeouts, which also tells how far a filter has come.
func TestEventsHeartbeat(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHarness(t, realTime)
		h.store.buffer = 8
		e := h.watch("?job=j3&phone=0c383e000001")
		began := time.Now()
		for n := 1; n <= 3; n++ {
			e.want(": alive")
			if took := time.Since(began); took != time.Duration(n)*heartbeat {
				t.Fatalf("sign of life %d came after %v", n, took)
			}
		}
		h.store.commit(db.Event{Type: "x", Job: 3, Phone: 1}, db.Event{Type: "x", Job: 3, Phone: 2})
		h.store.commit(db.Event{Type: "x", Job: 4, Phone: 1})
		e.want("event: x\ndata: {\"seq\":1,"+at+`,"type":"x","job":"j3","phone":"p1"}`, ": alive\nid: 2", ": alive")
	})
}

func TestEventsEnd(t *testing.T) {
	for _, tt := range []struct {
		name    string
		end     func(*harness)
		dropped bool
	}{
		{"server stops", func(h *harness) { close(h.stop) }, false},
		{"store closes", func(h *harness) { h.store.ready = db.ErrClosed; h.store.cut(h.store.live) }, false},
		{"reader is behind", func(h *harness) { h.store.cut(h.store.live) }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHarness(t, realTime)
				e := h.watch("")
				tt.end(h)
				e.wantEnd()
				synctest.Wait()
				h.checkReaders(0, tt.dropped)
			})
		})
	}
}

// checkReaders looks at the metrics of event streams.
func (h *harness) checkReaders(open int, dropped bool) {
	h.t.Helper()
	metrics := string(h.do("GET", "/metrics", "").is(200).body)
	count := map[bool]string{true: " 1\n", false: " 0\n"}
	if !strings.Contains(metrics, "phoneacs_admin_event_readers_dropped_total"+count[dropped]) {
		h.t.Errorf("dropped should be %s: %s", count[dropped], metrics)
	}
	if len(h.readers) != open {
		h.t.Errorf("%d places are taken; want %d", len(h.readers), open)
	}
}

// TestEventsSlowReader: who does not take what is written is cut off after
// writeTime, and does not hold up anybody.
func TestEventsSlowReader(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHarness(t, realTime)
		h.store.buffer = 8
		h.watch("")
		h.store.commit(db.Event{Type: "x"}) // nobody reads: a pipe holds nothing
		began := time.Now()
		synctest.Wait()
		h.checkReaders(1, false)
		<-time.After(writeTime) // the bubble's time
		synctest.Wait()
		if took := time.Since(began); took != writeTime {
			t.Errorf("waited %v", took)
		}
		h.checkReaders(0, true)
	})
}

// TestEventsReaderLeaves: a place is given back, and nobody is blamed.
func TestEventsReaderLeaves(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHarness(t, realTime)
		e := h.watch("")
		_ = e.conn.Close()
		synctest.Wait()
		h.checkReaders(0, false)
	})
}

func TestEventsErrors(t *testing.T) {
	h := newHarness(t)
	h.do("GET", "/api/v1/events?job=x", "").refuses(kindInvalid, "job")
	h.do("GET", "/api/v1/events?job=", "").refuses(kindInvalid, "job")
	h.do("GET", "/api/v1/events?phone=p99", "").refuses(kindInvalid, "phone")
	h.do("GET", "/api/v1/events?filter=x", "").refuses(kindUnknownField, "filter")
	h.store.fakeFeed.err = errors.New("odd")
	h.do("GET", "/api/v1/events", "").refuses(kindInternal, "")
	h.store.fakeFeed.err = nil
	for range maxReaders {
		h.readers <- struct{}{}
	}
	if a := h.do("GET", "/api/v1/events", ""); a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	} else {
		a.refuses(kindBusy, "")
	}
	close(h.stop)
	h.do("GET", "/api/v1/events", "").refuses(kindUnavailable, "")
}

// TestEventsBurst: many events leave in few writes, and none is lost.
func TestEventsBurst(t *testing.T) {
	h := newHarness(t)
	h.store.buffer = 3 * eventBurst
	ctx, cancel := context.WithCancel(t.Context())
	w := &countingWriter{ResponseRecorder: httptest.NewRecorder(), cancel: cancel, until: []byte("id: 600\n")}
	r := httptest.NewRequest("GET", "http://localhost/api/v1/events?last_event_id=1", nil).WithContext(ctx)
	r.Header.Set("Authorization", "Bearer "+secret)
	for range 600 {
		h.store.commit(db.Event{Type: "x"})
	}
	h.handler.ServeHTTP(w, r)
	if got := strings.Count(w.Body.String(), "event: x\n"); got != 599 {
		t.Errorf("%d events; want 599", got)
	}
	if w.writes > 5 {
		t.Errorf("%d writes for 599 events", w.writes)
	}
}

type countingWriter struct {
	*httptest.ResponseRecorder
	cancel func()
	until  []byte
	writes int
}

func (w *countingWriter) Write(p []byte) (int, error) {
	w.writes++
	if strings.Contains(string(p), string(w.until)) {
		w.cancel()
	}
	return w.ResponseRecorder.Write(p)
}
