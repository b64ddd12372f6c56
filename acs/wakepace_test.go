package acs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"phoneacs/db"
)

// pacedRig is a wakeRig with a gap of half a minute; asked counts requests.
func pacedRig(t *testing.T, answer func(n int32) string) (r *rig, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	r = wakeRig(t, func(int, string) (string, bool) { return answer(asked.Add(1)), true })
	r.waker.pace.gap = 30 * time.Second
	return r, asked
}

func (r *rig) informedNow() {
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	r.store.phones[1].LastInform = r.clock.Now()
}

// later wants a wake to be put off until at.
func (r *rig) later(t *testing.T, at time.Time, words string) {
	t.Helper()
	err := r.Wake(t.Context(), 1)
	var l *db.LaterError
	if !errors.As(err, &l) || !l.At.Equal(at) {
		t.Fatalf("Wake = %v (%+v); want it put off until %v", err, l, at)
	}
	if w := (*WakeError)(nil); !errors.As(err, &w) || !strings.Contains(w.Sentence, words) {
		t.Errorf("it says %v; want %q", err, words)
	}
}

// TestWakeGap: orders close together make one request; the next one waits.
func TestWakeGap(t *testing.T) {
	r, asked := pacedRig(t, func(int32) string { return ok200 })
	begin := r.clock.Now()
	for range 3 { // it has not come yet: the first request stands for all
		if err := r.Wake(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	r.clock.Advance(2 * time.Second)
	r.informedNow()
	r.clock.Advance(time.Second)
	r.later(t, begin.Add(5*time.Second), "woken 3s ago; the next connection request may be made in 2s")
	if n := asked.Load(); n != 1 || len(r.store.wakes) != 1 {
		t.Errorf("%d requests, recorded %q", n, r.store.wakes)
	}
	r.clock.Advance(2 * time.Second)
	if err := r.Wake(t.Context(), 1); err != nil || asked.Load() != 2 {
		t.Errorf("after it has come: %v, %d requests", err, asked.Load())
	}
	for label, want := range map[string]float64{wakeOK: 2, wakeAsked: 2, wakeLater: 1} {
		if got := r.count(t, "phoneacs_wakes_total", label); got != want {
			t.Errorf("%v counted as %s; want %v", got, label, want)
		}
	}
}

// TestWakeBackOff: a phone that says it is busy is left alone for longer each
// time, ten minutes at most, until it takes one.
func TestWakeBackOff(t *testing.T) {
	busy := true
	r, asked := pacedRig(t, func(int32) string {
		if busy {
			return "HTTP/1.1 503 busy\r\nContent-Length: 0\r\n\r\n"
		}
		return ok200
	})
	for n, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 10 * time.Minute, 10 * time.Minute} {
		at := r.clock.Now().Add(wait)
		r.later(t, at, "503")
		if r.store.wakes[n] == "" {
			t.Error("not recorded")
		}
		r.clock.Advance(wait - time.Second)
		r.later(t, at, "the next connection request may be made in 1s")
		if int(asked.Load()) != n+1 {
			t.Fatalf("%d requests; want %d", asked.Load(), n+1)
		}
		r.clock.Advance(time.Second)
	}
	busy = false
	if err := r.Wake(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	busy = true
	r.clock.Advance(30 * time.Second)
	r.later(t, r.clock.Now().Add(30*time.Second), "503") // from the beginning
}

// TestWakeFailedGap: a failure holds for the gap, and is no reason to ask again.
func TestWakeFailedGap(t *testing.T) {
	r, asked := pacedRig(t, func(int32) string { return "HTTP/1.1 404 no\r\nContent-Length: 0\r\n\r\n" })
	var l *db.LaterError
	if err := r.Wake(t.Context(), 1); err == nil || errors.As(err, &l) {
		t.Errorf("Wake = %v; want the failure alone", err)
	}
	r.clock.Advance(10 * time.Second)
	r.later(t, r.clock.Now().Add(20*time.Second), "404")
	if asked.Load() != 1 {
		t.Errorf("%d requests", asked.Load())
	}
}

// TestWakeCrowd: phones behind one address are asked so many a second.
func TestWakeCrowd(t *testing.T) {
	dials := 0
	r := pipeRig(t, func(context.Context) (net.Conn, error) {
		dials++
		return nil, errors.New("no")
	})
	const phones = wakeBurst + 200
	later := make(map[time.Duration]int)
	for id := db.PhoneID(1); id <= phones; id++ {
		p := *r.store.phones[1]
		p.ID, p.ConnectionRequestURL = id, fmt.Sprintf("http://192.0.2.9:%d/", 10000+int(id))
		r.store.phones[id] = &p
		var l *db.LaterError
		if err := r.Wake(t.Context(), id); errors.As(err, &l) {
			later[l.At.Sub(r.clock.Now()).Truncate(time.Second)]++
		}
	}
	if dials != wakeBurst {
		t.Errorf("%d dialled at once; want %d", dials, wakeBurst)
	}
	n := 0
	for wait, count := range later {
		if n += count; wait < time.Second || wait > (2+phones/wakePerSec)*time.Second {
			t.Errorf("%d put off by %v", count, wait)
		}
	}
	if n != 200 || len(later) < 3 {
		t.Errorf("%d put off, over %d seconds", n, len(later))
	}
	if len(r.store.wakes) != wakeBurst {
		t.Errorf("%d recorded; what was not made is no failure of the phone", len(r.store.wakes))
	}
	r.clock.Advance(time.Second)
	p := *r.store.phones[1]
	p.ID, p.ConnectionRequestURL = phones+1, "http://192.0.2.9:9/"
	r.store.phones[p.ID] = &p
	r.Wake(t.Context(), p.ID)
	if dials != wakeBurst+1 {
		t.Error("a second later none may be asked")
	}
}

// TestWakeNetworks: of an IPv6 site's /64 all addresses count together.
func TestWakeNetworks(t *testing.T) {
	var w wakePace
	now := time.Unix(1e9, 0)
	for n := range wakeBurst {
		if w.crowded(now, netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", n+1))) != nil {
			t.Fatalf("refused after %d", n)
		}
	}
	if w.crowded(now, netip.MustParseAddr("2001:db8::ffff")) == nil {
		t.Error("another address of the same /64 is taken")
	}
	if w.crowded(now, netip.MustParseAddr("2001:db8:0:1::1")) != nil {
		t.Error("another /64 is refused")
	}
}
