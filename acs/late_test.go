package acs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestLate holds an exchange up wherever it waits for the store, until the
// sweep answers in its place. The phone is told to come again; what it said is
// taken in once the store goes on; nothing is asked of it that it would not
// hear, and what was marked sent meanwhile is taken back.
func TestLate(t *testing.T) {
	for _, tt := range []struct {
		name string
		hold func(r *rig, f func()) // f is called where it waits
		say  func(p *phone, id string) *answered
		want []string // what happens once the store goes on
	}{
		{"record of an Inform", func(r *rig, f func()) { r.store.hook = func(context.Context, int) { f() } },
			func(p *phone, _ string) *answered { return p.inform("1 BOOT") },
			[]string{"inform A1", "informed A1"}},
		{"what it proves", func(r *rig, f func()) { r.disp.onInformed = f },
			func(p *phone, _ string) *answered { return p.inform("1 BOOT") },
			[]string{"inform A1", "informed A1"}},
		{"an answer", func(r *rig, f func()) { r.disp.onAnswered = f },
			func(p *phone, id string) *answered { return p.send(id, &cwmp.RebootResponse{}) },
			[]string{"answered 1 RebootResponse"}},
		{"the end of a transfer", func(r *rig, f func()) { r.disp.onCompleted = f },
			func(p *phone, _ string) *answered { return p.send("x", &cwmp.TransferComplete{CommandKey: "k"}) },
			[]string{"completed k"}},
		{"the next request", func(r *rig, f func()) {
			r.disp.onNext = func() { r.disp.onNext = nil; f() }
		},
			func(p *phone, id string) *answered { return p.send(id, &cwmp.RebootResponse{}) },
			[]string{"answered 1 RebootResponse", "next Reboot 2", "answered 2 Fault"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil).listen(t)
			r.disp.queue = []cwmp.Message{&cwmp.Reboot{}, &cwmp.Reboot{}, &cwmp.Reboot{}}
			p, id := r.phone(t, "A1"), ""
			if strings.Contains(strings.Join(tt.want, " "), "1 Reboot") || tt.want[0] == "completed k" {
				p.inform().want(t, 200, "InformResponse")
				id = p.post("").want(t, 200, "Reboot").env.ID
			}
			before := len(r.store.history())
			began, free := make(chan bool), make(chan bool)
			tt.hold(r, func() { close(began); <-free })
			got := make(chan *answered, 1)
			go func() { got <- tt.say(p, id) }()
			<-began
			r.answerLate(r.clock.Now().Add(lateAfter - 1))
			select {
			case a := <-got:
				t.Fatalf("answered too soon: %d %s", a.status, a.text)
			default:
			}
			r.clock.Advance(lateAfter)
			r.answerLate(r.clock.Now())
			a := (<-got).want(t, 503, "")
			if a.text != ruleLate || a.header.Get("Retry-After") == "" {
				t.Errorf("answer %q, headers %v", a.text, a.header)
			}
			r.answerLate(r.clock.Now().Add(time.Hour)) // it is answered once
			close(free)
			r.awaitIdle(t)
			if got := r.store.history()[before:]; !slices.Equal(got, tt.want) {
				t.Errorf("done: %q; want %q", got, tt.want)
			}
			if r.stateNow() != stateNone || r.count(t, "phoneacs_sessions_total", "failed") != 1 ||
				r.count(t, "phoneacs_rejections_total", ruleLate) != 1 || r.count(t, "phoneacs_rejections_total", ruleStore) != 0 {
				t.Errorf("%v sessions failed, %v answers late, state %v", r.count(t, "phoneacs_sessions_total", "failed"),
					r.count(t, "phoneacs_rejections_total", ruleLate), r.stateNow())
			}
			if last := r.disp.lastAnswer(); tt.name == "the next request" {
				if f, ok := last.(*cwmp.Fault); !ok || f.Code != cwmp.FaultRetryRequest {
					t.Errorf("the request was taken back by %+v; want fault 8005", last)
				}
			}
			r.store.hook, r.disp.onInformed, r.disp.onAnswered, r.disp.onCompleted, r.disp.onNext = nil, nil, nil, nil, nil
			p.inform().want(t, 200, "InformResponse")
			p.post("").want(t, 200, "Reboot")
		})
	}
}

// TestLateAndFailed: what fails after its phone was answered is told nobody, and
// does not count as another refusal.
func TestLateAndFailed(t *testing.T) {
	r := newRig(t, nil).listen(t)
	began, free := make(chan bool), make(chan bool)
	r.store.hook = func(context.Context, int) { close(began); <-free }
	r.store.fail = db.ErrFailed
	got := make(chan *answered, 1)
	go func() { got <- r.phone(t, "A1").inform() }()
	<-began
	r.answerLate(r.clock.Now().Add(lateAfter))
	(<-got).want(t, 503, "")
	close(free)
	r.awaitIdle(t)
	if r.count(t, "phoneacs_rejections_total", ruleLate) != 1 || r.count(t, "phoneacs_rejections_total", ruleStore) != 0 || r.stateNow() != stateNone {
		t.Errorf("%v late, %v failed, state %v", r.count(t, "phoneacs_rejections_total", ruleLate),
			r.count(t, "phoneacs_rejections_total", ruleStore), r.stateNow())
	}
}

// TestLateByRun holds that [Server.Run] answers in time: within 25 s of the message.
func TestLateByRun(t *testing.T) {
	r := newRig(t, nil).listen(t)
	ctx, cancel := contextFor(t)
	defer cancel()
	go func() { _ = r.Run(ctx) }()
	if err := r.clock.BlockUntilContext(ctx, 1); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(sweepEvery / 2) // the message comes between two sweeps
	began, free := make(chan bool), make(chan bool)
	r.store.hook = func(context.Context, int) { close(began); <-free }
	defer close(free)
	got := make(chan *answered, 1)
	go func() { got <- r.phone(t, "A1").inform() }()
	<-began
	for range 5 { // sweeps may be missed while one goes on: what counts is the last
		r.clock.Advance(sweepEvery)
	}
	select {
	case a := <-got:
		a.want(t, 503, "")
	case <-ctx.Done():
		t.Fatal("no answer after 25 s")
	}
	if most := lateAfter + sweepEvery + lateWrite; most >= 30*time.Second {
		t.Errorf("an answer may take %v", most)
	}
}

// TestLateAndSlow holds that a phone which does not read its late answer keeps
// nobody waiting, and that an exchange does not return while its answer is written.
func TestLateAndSlow(t *testing.T) {
	r := newRig(t, nil)
	began, free := make(chan bool, 2), make(chan bool)
	r.store.hook = func(context.Context, int) { began <- true; <-free }
	deaf := &deafWriter{ResponseRecorder: recorder(), hears: make(chan bool)}
	quick := &deafWriter{ResponseRecorder: recorder(), hears: make(chan bool), asked: make(chan bool)}
	close(quick.hears)
	var done sync.WaitGroup
	over := make(chan bool)
	serve := func(w http.ResponseWriter, serial string) func() {
		return func() { r.ServeHTTP(w, request(t, envelope(t, cwmp.Envelope{ID: "1", Body: informOf(serial)}))) }
	}
	go func() { serve(deaf, "A1")(); close(over) }()
	done.Go(serve(quick, "A2"))
	<-began
	<-began
	r.answerLate(r.clock.Now().Add(lateAfter))
	<-quick.asked
	close(free)
	done.Wait()
	if quick.Code != 503 || quick.Body.String() != ruleLate {
		t.Errorf("the phone that reads: %d %q", quick.Code, quick.Body)
	}
	select {
	case <-over:
		t.Error("the exchange has returned while its answer was written")
	default:
	}
	close(deaf.hears)
	<-over
}

// deafWriter takes nothing before it hears.
type deafWriter struct {
	*httptest.ResponseRecorder
	hears chan bool
	asked chan bool // closed when it is asked to; nil: nobody wants to know
}

func (w *deafWriter) Write(b []byte) (int, error) {
	if w.asked != nil {
		close(w.asked)
	}
	<-w.hears
	return w.ResponseRecorder.Write(b)
}

// TestLateRace has answers and the sweep come at the same time: each phone gets
// one of the two, whole.
func TestLateRace(t *testing.T) {
	r := newRig(t, nil)
	began, free := make(chan bool), make(chan bool)
	r.store.hook = func(context.Context, int) { began <- true; <-free }
	var done sync.WaitGroup
	answers := make([]*httptest.ResponseRecorder, 200)
	for i := range answers {
		answers[i] = recorder()
		done.Go(func() {
			r.ServeHTTP(answers[i], request(t, envelope(t, cwmp.Envelope{ID: "1", Body: informOf(fmt.Sprint("A", i))})))
		})
		<-began
	}
	go close(free)
	r.answerLate(r.clock.Now().Add(lateAfter))
	done.Wait()
	late := 0
	for i, a := range answers {
		switch {
		case a.Code == 200 && strings.Contains(a.Body.String(), "InformResponse") && strings.HasSuffix(strings.TrimSpace(a.Body.String()), "Envelope>"):
		case a.Code == 503 && a.Body.String() == ruleLate && a.Header().Get("Set-Cookie") == "":
			late++
		default:
			t.Errorf("phone %d: %d %.200q %v", i, a.Code, a.Body, a.Header())
		}
	}
	if failed := int(r.count(t, "phoneacs_sessions_total", "failed")); failed != late {
		t.Errorf("%d sessions failed, %d phones were told so", failed, late)
	}
	t.Logf("%d late of %d", late, len(answers))
}

// TestStuck holds that messages are refused before anything is held while the
// disk does not answer, or seems not to and many wait: neither is anything taken
// in, nor does the session end, and no line is logged.
func TestStuck(t *testing.T) {
	var log strings.Builder
	r := newRig(t, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) }).listen(t)
	r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
	p := r.phone(t, "A1")
	p.inform().want(t, 200, "InformResponse")
	id := p.post("").want(t, 200, "Reboot").env.ID
	before, said := len(r.store.history()), log.String()

	stuck := func(what string, a *answered) {
		t.Helper()
		if a.want(t, 503, ""); a.text != ruleStuck || a.header.Get("Retry-After") == "" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %q %v", what, a.text, a.header)
		}
	}
	for _, tt := range []struct {
		what   string
		waited time.Duration
		crowd  int
	}{{"the disk does not answer", db.StuckAfter, 0}, {"many wait", slowAfter, maxWaiting}} {
		r.store.waited.Store(int64(tt.waited))
		for range tt.crowd {
			r.waiting.add(new(outlet), r.clock.Now())
		}
		stuck(tt.what+": another phone", r.phone(t, "A2").inform())
		stuck(tt.what+": an answer", p.send(id, &cwmp.RebootResponse{}))
		stuck(tt.what+": nothing", p.post(""))
		r.waiting.n, r.waiting.m = 0, make(map[*outlet]struct{})
	}
	if got := r.store.history()[before:]; len(got) > 0 || r.stateNow() != stateAwaiting || log.String() != said {
		t.Errorf("done: %q, state %v, log:\n%s", got, r.stateNow(), log.String())
	}
	if n := r.waiting.count(); n != 0 {
		t.Errorf("%d are waited for", n)
	}
	r.store.waited.Store(int64(db.StuckAfter - 1)) // slow, and few wait
	p.send(id, &cwmp.RebootResponse{}).want(t, 204, "")
	r.phone(t, "A2").inform().want(t, 200, "InformResponse")
}

// TestStuckWhileReading is a message that began to arrive before the disk was stuck.
func TestStuckWhileReading(t *testing.T) {
	r := newRig(t, nil)
	body := &hookedReader{text: envelope(t, cwmp.Envelope{ID: "1", Body: informOf("A1")}),
		atEnd: func() { r.store.waited.Store(int64(db.StuckAfter)) }}
	if a := serveBody(t, r, body); a.status != 503 || a.text != ruleStuck || r.store.calls != 0 {
		t.Errorf("answer %d %q after %d Informs", a.status, a.text, r.store.calls)
	}
}

type hookedReader struct {
	text  string
	atEnd func()
}

func (h *hookedReader) Read(b []byte) (int, error) {
	n := copy(b, h.text)
	if h.text = h.text[n:]; n == 0 {
		h.atEnd()
		return 0, io.EOF
	}
	return n, nil
}

// awaitIdle waits until no exchange is under way.
func (r *rig) awaitIdle(t *testing.T) {
	t.Helper()
	r.awaitWaiting(t, func() bool { return r.waiting.n == 0 })
}

func (r *rig) awaitWaiting(t *testing.T, ok func() bool) {
	t.Helper()
	ctx, cancel := contextFor(t)
	defer cancel()
	for {
		r.waiting.mu.Lock()
		now := ok()
		r.waiting.mu.Unlock()
		if now {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("exchanges are still under way")
		case <-time.After(time.Millisecond):
		}
	}
}
