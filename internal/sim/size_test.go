package sim

import (
	"context"
	"net/http"
	"runtime"
	"testing"
	"time"
)

// maxIdle is what an idle phone may cost, in bytes of memory from the system's
// point of view; maxFresh one that has never spoken.
const (
	maxIdle  = 20 << 10
	maxFresh = 2 << 10
)

// TestMemoryOfIdlePhones measures the heap and the goroutines of a fleet that
// has spoken once and rests.
func TestMemoryOfIdlePhones(t *testing.T) {
	const phones = 2000
	heap := func() int {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // a second time, for what pools held
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc + m.StackInuse)
	}
	acs := newACS()
	acs.before = func(w http.ResponseWriter, _ *http.Request, body string) bool {
		if body == "" {
			w.WriteHeader(204)
			return true
		}
		return false
	}
	srv := acs.start(t)
	before := heap()
	f := New(Options{ACS: srv.URL, Phones: phones, PeriodicInterval: time.Hour, Concurrency: 64})
	if each := (heap() - before) / phones; each > maxFresh {
		t.Errorf("a fresh phone takes %d bytes; want at most %d", each, maxFresh)
	} else {
		t.Logf("a fresh phone takes %d bytes", each)
	}
	run(t, f)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := f.Await(ctx, func(s Stats) bool { return s.Sessions >= phones && s.Active == 0 }); err != nil {
		t.Fatal(err)
	}
	srv.CloseClientConnections()
	acs.mu.Lock()
	acs.informs, acs.posts = nil, nil
	clear(acs.sessions)
	clear(acs.conns)
	acs.mu.Unlock()
	if each := (heap() - before) / phones; each > maxIdle {
		t.Errorf("an idle phone takes %d bytes; want at most %d", each, maxIdle)
	} else {
		t.Logf("an idle phone takes %d bytes", each)
	}
	if n := runtime.NumGoroutine(); n > 100 {
		t.Errorf("%d goroutines for %d idle phones", n, phones)
	}
	runtime.KeepAlive(f)
}

func TestSchedule(t *testing.T) {
	s := schedule{kick: make(chan struct{}, 1)}
	phones := make([]Phone, 50)
	for i := range phones {
		s.set(&phones[i], time.Duration((i*37)%50))
	}
	s.set(&phones[10], never) // taken out, (10*37)%50 = 20
	s.set(&phones[10], never)
	s.set(&phones[3], 100) // put off, from 11
	var got []time.Duration
	for {
		p, wait := s.next(60)
		if p == nil {
			if wait != 40 {
				t.Errorf("the next is due in %d; want 40", wait)
			}
			break
		}
		got = append(got, p.wake)
	}
	if len(got) != 48 {
		t.Fatalf("%d phones were due; want 48", len(got))
	}
	for i := 1; i < len(got); i++ {
		if got[i] <= got[i-1] || got[i] == 20 || got[i] == 11 {
			t.Errorf("out of order or not due: %d after %d", got[i], got[i-1])
		}
	}
	if p, _ := s.next(100); p != &phones[3] {
		t.Error("the phone that was put off did not come last")
	}
	if p, wait := s.next(100); p != nil || wait <= 0 {
		t.Errorf("an empty schedule gave %v, %v", p, wait)
	}
}

func TestHistogram(t *testing.T) {
	var h histogram
	for i := 1; i <= 1000; i++ {
		h.add(time.Duration(i) * time.Millisecond)
	}
	l := h.latency()
	for _, tt := range []struct{ got, want time.Duration }{
		{l.P50, 500 * time.Millisecond}, {l.P95, 950 * time.Millisecond}, {l.P99, 990 * time.Millisecond},
	} {
		if off := (tt.got - tt.want).Abs(); off > tt.want/12 {
			t.Errorf("quantile = %v; want %v within a twelfth", tt.got, tt.want)
		}
	}
	if l.Max != time.Second || (&histogram{}).latency() != (Latency{}) {
		t.Errorf("latency = %+v", l)
	}
}

// BenchmarkSession measures a session of two POSTs, both ends in one process.
func BenchmarkSession(b *testing.B) {
	answer := envelopeOf(testNS, "0", response)
	url := newServer(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength == 0 {
			w.WriteHeader(204)
			return
		}
		reply200(w, answer)
	}))
	p := New(Options{ACS: url, Models: []string{"X6"}}).Phone(0)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Inform(b.Context(), "2 PERIODIC"); err != nil {
			b.Fatal(err)
		}
	}
}
