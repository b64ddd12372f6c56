package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/cwmp"
	"phoneacs/db"
)

var epoch = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// rig is a recorder with a store in memory.
type rig struct {
	*Recorder
	t     testing.TB
	store *memory
	reg   *prometheus.Registry
	log   bytes.Buffer
}

func newRig(t testing.TB, failed bool, chosen ...db.PhoneID) *rig {
	t.Helper()
	r := &rig{t: t, store: new(memory), reg: prometheus.NewRegistry()}
	for _, id := range chosen {
		r.store.orders = append(r.store.orders, db.RecordingOrder{Phone: id, Until: epoch.Add(time.Hour)})
	}
	var err error
	r.Recorder, err = New(context.Background(), Options{
		Store: r.store, Failed: failed, Registerer: r.reg, Log: slog.New(slog.NewTextHandler(&r.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// drain writes all that waits, and holds the recorder to having given back all.
func (r *rig) drain() {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.Run(ctx); err != nil {
		r.t.Fatal(err)
	}
	if n := r.held.Load(); n != 0 {
		r.t.Errorf("%d bytes are held of nothing", n)
	}
}

// count is a counter of the metrics; label is that of its only label.
func (r *rig) count(name, label string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue()
			}
		}
	}
	r.t.Errorf("no metric %s of %q", name, label)
	return 0
}

func bodyOf(s string) Body { return Body{[]byte(s), len(s)} }

// TestChosen follows orders to record.
func TestChosen(t *testing.T) {
	r := newRig(t, false, 1)
	if r.Begin(1, "S", "", epoch) == nil || r.Begin(2, "S", "", epoch) != nil || r.Begin(1, "S", "", epoch.Add(time.Hour)) != nil {
		t.Error("other sessions are recorded than those of phone 1 within the hour")
	}
	if err := r.Record(t.Context(), db.RecordingOrder{Phone: 2, Until: epoch.Add(time.Hour)}); err != nil || r.Begin(2, "S", "", epoch) == nil {
		t.Errorf("phone 2 is not recorded: %v", err)
	}
	if err := r.Stop(t.Context(), 2); err != nil || r.Begin(2, "S", "", epoch) != nil {
		t.Errorf("phone 2 is still recorded: %v", err)
	}
	r.store.err = db.ErrNotFound
	if err := r.Record(t.Context(), db.RecordingOrder{Phone: 3, Until: epoch.Add(time.Hour)}); !errors.Is(err, db.ErrNotFound) || r.Begin(3, "S", "", epoch) != nil {
		t.Errorf("a phone is recorded that is not there: %v", err)
	}
	if err := r.Stop(t.Context(), 1); !errors.Is(err, db.ErrNotFound) || r.Begin(1, "S", "", epoch) != nil {
		t.Errorf("phone 1, whose order the store had no more: %v", err)
	}
	if _, err := New(t.Context(), Options{Store: &memory{err: db.ErrClosed}}); !errors.Is(err, db.ErrClosed) {
		t.Errorf("New with a store that is closed: %v", err)
	}
	var none *Recorder
	none.Unreadable(Misread{Raw: bodyOf("x")})
	none.Begin(1, "S", "", epoch).End(epoch, "done", false)
}

// TestSessionBounds holds a session to its bounds: what is over goes from the
// middle, and the last that was said stays.
func TestSessionBounds(t *testing.T) {
	for _, tt := range []struct {
		name             string
		whole            bool
		messages, size   int
		log, least, most int // what is left: messages, and bytes of bodies
	}{
		{"chosen, long", true, 40, 60 << 10, 40, maxWhole - 64<<10, maxWhole},
		{"chosen, many", true, 700, 10, wholeCount, wholeCount * 10, wholeCount * 10},
		{"chosen, a large message", true, 1, 500 << 10, 1, maxMessage, maxMessage},
		{"failed, long", false, 40, 60 << 10, 40, maxSketch - 64<<10, maxSketch},
		{"failed, many", false, 300, 10, sketchCount, sketchCount * 10, sketchCount * 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var chosen []db.PhoneID
			if tt.whole {
				chosen = []db.PhoneID{1}
			}
			r := newRig(t, true, chosen...)
			tape := r.Begin(1, "S", "", epoch)
			for i := range tt.messages {
				tape.Heard(epoch, nil, "R", bodyOf(fmt.Sprintf("%-10d", i)+strings.Repeat("x", tt.size-10)))
			}
			tape.End(epoch, "failed", true)
			tape.End(epoch, "done", false) // of no effect
			tape.Heard(epoch, nil, "R", bodyOf("late"))
			r.drain()
			if len(r.store.recordings) != 1 {
				t.Fatalf("%d recordings", len(r.store.recordings))
			}
			rec := r.store.recordings[0]
			size := 0
			for _, m := range rec.Log {
				size += len(m.Body)
				if m.Cut == (len(m.Body) == m.Size) {
					t.Errorf("message of %d bytes, %d kept, cut: %v", m.Size, len(m.Body), m.Cut)
				}
			}
			if len(rec.Log) != tt.log || size < tt.least || size > tt.most {
				t.Errorf("kept %d messages of %d bytes; want %d of %d to %d", len(rec.Log), size, tt.log, tt.least, tt.most)
			}
			if rec.Messages != tt.messages || rec.Bytes != int64(tt.messages)*int64(tt.size) || rec.How != "failed" {
				t.Errorf("recording is %+v", rec.How)
			}
			for i, at := range map[int]int{0: 0, len(rec.Log) - 1: tt.messages - 1} {
				if got := rec.Log[i].Body; !strings.HasPrefix(got, fmt.Sprintf("%-10d", at)) {
					t.Errorf("message %d is %.12q; want number %d", i, got, at)
				}
			}
		})
	}
}

// TestHeldBound: all sessions that are open hold no more than they may, and one
// that is over gives back what it held.
func TestHeldBound(t *testing.T) {
	r := newRig(t, true, 1)
	var tapes []*Tape
	for range 80 {
		tape := r.Begin(1, "S", "", epoch)
		for range 20 {
			tape.Heard(epoch, nil, "R", bodyOf(strings.Repeat("x", 60<<10)))
		}
		tapes = append(tapes, tape)
		if n := r.held.Load(); n > maxHeld {
			t.Fatalf("%d bytes are held", n)
		}
	}
	if n := r.held.Load(); n < maxHeld-64<<10 {
		t.Fatalf("%d bytes are held, %d may be", n, maxHeld)
	}
	env := &cwmp.Envelope{Namespace: cwmp.NS1_0, Body: new(cwmp.Inform)}
	sketch := r.Begin(2, "S", "", epoch)
	sketch.Informed(epoch, nil, env, Body{make([]byte, 60<<10), 60 << 10})
	if sketch.log[0].env != nil || !sketch.log[0].Cut {
		t.Error("an Inform is held for which there is no room")
	}
	for _, tape := range append(tapes, sketch) {
		tape.End(epoch, "done", false)
	}
	r.drain()
}

// TestFailedRate: when all sessions fail at once, some are kept, and what is
// not is counted.
func TestFailedRate(t *testing.T) {
	r := newRig(t, true)
	fail := func(n int, at time.Time) {
		for range n {
			r.Begin(1, "S", "", at).End(at, "silent", true)
		}
		r.drain()
	}
	fail(150, epoch)
	if n := len(r.store.recordings); n != failedBurst {
		t.Errorf("%d kept; want %d", n, failedBurst)
	}
	if n := r.count("phoneacs_recordings_dropped_total", dropRate); n != 50 {
		t.Errorf("%v counted as dropped; want 50", n)
	}
	fail(50, epoch.Add(10*time.Second))
	if n := len(r.store.recordings); n != failedBurst+10*failedRate {
		t.Errorf("%d kept after 10 s more; want %d", n, failedBurst+10*failedRate)
	}
	if n := r.count("phoneacs_recordings_total", "failed"); n != failedBurst+10*failedRate {
		t.Errorf("%v counted as kept", n)
	}
	r.Begin(1, "S", "", epoch).End(epoch, "empty", false)
	r.drain()
	if n := len(r.store.recordings); n != failedBurst+10*failedRate {
		t.Error("a session is kept that did not fail")
	}
}

// TestQueueIsFull: nothing waits for the store, and what it does not take is
// counted.
func TestQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, 1)
		for range maxQueue + 7 {
			tape := r.Begin(1, "S", "", epoch)
			tape.Heard(epoch, nil, "R", bodyOf("x"))
			tape.End(epoch, "done", false)
		}
		if n := r.count("phoneacs_recordings_dropped_total", dropQueue); n != 7 {
			t.Errorf("%v counted as dropped; want 7", n)
		}
		r.drain()
		if n := len(r.store.recordings); n != maxQueue {
			t.Errorf("%d kept; want %d", n, maxQueue)
		}

		r.store.err = db.ErrNoSpace
		r.Begin(1, "S", "", epoch).End(epoch, "done", false)
		r.Unreadable(Misread{At: epoch, Rule: cwmp.RuleMalformed, Raw: bodyOf("<"), Address: "10.0.0.9"})
		r.store.err = db.ErrNoSpace
		r.drain()
		if n := r.count("phoneacs_recordings_dropped_total", dropStore); n != 2 || !strings.Contains(r.log.String(), "session not kept") {
			t.Errorf("%v counted as lost, log\n%s", n, &r.log)
		}
		r.store.err = db.ErrNotFound
		r.Begin(1, "S", "", epoch).End(epoch, "done", false)
		r.drain()
		if n := r.count("phoneacs_recordings_dropped_total", dropGone); n != 1 {
			t.Errorf("%v counted as of phones that are gone; want 1", n)
		}
	})
}

// TestLearned: a secret that is sent is masked wherever it stands, before and
// after, and so are what goes with transfers, and headers.
func TestLearned(t *testing.T) {
	const secret, pass, link = "hunter2&x", "transfer-pass", "abcdefghijklmnopqrstuvwx23"
	r := newRig(t, false, 1)
	tape := r.Begin(1, "S", "", epoch)
	h := http.Header{"Content-Type": {"text/xml"}, "User-Agent": {"x " + secret}, "Cookie": {"a=" + secret}, "Authorization": {"Basic " + secret}}
	tape.Heard(epoch, h, "Inform", bodyOf("<a>said before: "+secret+"</a>"))
	for _, msg := range []cwmp.Message{
		&cwmp.SetParameterValues{Parameters: []cwmp.ParameterValue{{Name: "A.Password", Value: secret}, {Name: "A.B", Value: "open"}}},
		&cwmp.Download{URL: "http://acs/files/" + link + "/x", Password: pass},
		&cwmp.ScheduleDownload{Password: "pass-sd"}, &cwmp.Upload{Password: "pass-up"},
		&cwmp.ChangeDUState{Operations: []cwmp.DUOperation{{Password: "pass-du"}}},
	} {
		env := cwmp.Envelope{Namespace: cwmp.NS1_0, Body: msg}
		tape.Said(epoch, 200, "text/xml", &env, bodyOf("<b>hunter2&amp;x "+pass+" open</b>"))
	}
	tape.Heard(epoch, h, "R", bodyOf("x "+secret+" "+pass+" "+link+" pass-sd pass-up pass-du open"))
	for i := range tape.log {
		if strings.Contains(tape.log[i].Body, "hunter2") || strings.Contains(tape.log[i].Body, link) {
			t.Errorf("in memory: %s", tape.log[i].Body)
		}
	}
	tape.End(epoch, "done", false)
	r.drain()
	rec := fmt.Sprintf("%+v", r.store.recordings)
	for _, bad := range []string{"hunter2", pass, link, "pass-sd", "pass-up", "pass-du"} {
		if strings.Contains(rec, bad) {
			t.Errorf("%s is kept: %s", bad, rec)
		}
	}
	last := r.store.recordings[0].Log[6]
	if want := "x **** **** **** **** **** **** open"; last.Body != want || last.Masked != 6 {
		t.Errorf("the last message is %q, %d masked; want %q", last.Body, last.Masked, want)
	}
	if got := last.Header; got["Cookie"] != Hidden || got["Authorization"] != Hidden || got["User-Agent"] != "x ****" || got["Content-Type"] != "text/xml" {
		t.Errorf("headers are %v", got)
	}
}

// TestSketch: of a session that is kept only if it fails, an Inform is kept as
// it was understood, unless it holds what masking has to look at.
func TestSketch(t *testing.T) {
	for url, kept := range map[string]bool{
		"http://10.0.0.9:7547/cr":                             true,
		"http://bob:hunter2@10.0.0.9/cr":                      false,
		"http://10.0.0.9/files/abcdefghijklmnopqrstuvwx23/cr": false,
	} {
		r := newRig(t, true)
		env := &cwmp.Envelope{Namespace: cwmp.NS1_0, ID: "7", Body: &cwmp.Inform{Parameters: []cwmp.ParameterValue{{Name: "A.URL", Value: url}}}}
		raw, err := env.Encode()
		if err != nil {
			t.Fatal(err)
		}
		tape := r.Begin(1, "S", "", epoch)
		tape.Informed(epoch, nil, env, Body{raw, len(raw)})
		if got := tape.log[0].env != nil; got != kept {
			t.Errorf("%s: kept as understood: %v; want %v", url, got, kept)
		}
		tape.Greeted(epoch, 200, "text/xml", cwmp.Envelope{Namespace: cwmp.NS1_0, ID: "7", Body: &cwmp.InformResponse{MaxEnvelopes: 1}}, bodyOf("x"))
		tape.Broke("session.unasked")
		tape.End(epoch, "failed", true)
		r.drain()
		rec := r.store.recordings[0]
		if rec.Rule != "session.unasked" || rec.Log[0].Rebuilt != kept || !strings.Contains(rec.Log[0].Body, "A.URL") || !strings.Contains(rec.Log[1].Body, "InformResponse") {
			t.Errorf("kept: %+v", rec)
		}
		if strings.Contains(rec.Log[0].Body, "hunter2") || strings.Contains(rec.Log[0].Body, "abcdefgh") {
			t.Errorf("kept: %s", rec.Log[0].Body)
		}
	}
}

// TestEncodings: a body whose encoding cannot be searched is not kept.
func TestEncodings(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		cut, latin     bool
	}{
		{"UTF-8", "<a>é</a>", "<a>é</a>", false, false},
		{"ISO-8859-1", "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><Password>\xe9</Password><a>\xe9</a>", "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><Password>****</Password><a>é</a>", false, true},
		{"UTF-16", "\xff\xfe<\x00P\x00", "", true, false},
		{"UTF-7 by its declaration", `<?xml version="1.0" encoding="UTF-7"?><a>+AHA-</a>`, "", true, false},
		{"EBCDIC by its declaration", "<?xml version='1.0' encoding='cp037'?><a/>", "", true, false},
		{"none named", `<?xml version="1.0"?><a/>`, `<?xml version="1.0"?><a/>`, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, false, 1)
			tape := r.Begin(1, "S", "", epoch)
			tape.Heard(epoch, nil, "", bodyOf(tt.in))
			tape.End(epoch, "done", false)
			r.drain()
			if m := r.store.recordings[0].Log[0]; m.Body != tt.want || m.Cut != tt.cut || m.Latin != tt.latin {
				t.Errorf("kept %+v", m)
			}
		})
	}
}
