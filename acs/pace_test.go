package acs

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestPaced: who is put off, and who never is.
func TestPaced(t *testing.T) {
	often := func(o *Options) { o.InformPace = 10 * time.Second }
	periodic := func(p *phone) *answered { return p.send("x", informOf(p.serial, cwmp.EventPeriodic)) }
	t.Run("a burst, then one in ten seconds", func(t *testing.T) {
		r := newRig(t, often).listen(t)
		p, other := r.phone(t, "A1"), r.phone(t, "A2")
		for range paceBurst {
			periodic(p).want(t, 200, "InformResponse")
		}
		periodic(p).want(t, 503, "")
		periodic(other).want(t, 200, "InformResponse")
		taken := 0
		for range 360 { // for an hour, each 10 s twice
			r.clock.Advance(10 * time.Second)
			for range 2 {
				if periodic(p).status == 200 {
					taken++
				}
			}
		}
		if taken < 355 || taken > 365 {
			t.Errorf("%d taken in an hour; want 360", taken)
		}
		if n := r.count(t, "phoneacs_rejections_total", ruleTooOften); n < 355 {
			t.Errorf("%v counted", n)
		}
		said := r.Remarks(1)
		if len(said) != 1 || !strings.Contains(said[0], "put off") || !strings.Contains(said[0], "periodic inform interval") {
			t.Errorf("remarks %q", said)
		}
		if said := r.Remarks(2); len(said) != 0 {
			t.Errorf("remarks on another phone %q", said)
		}
		r.clock.Advance(3 * time.Hour)
		if said := r.Remarks(1); len(said) != 0 {
			t.Errorf("remarks hours later %q", said)
		}
	})
	t.Run("not for what somebody else says in its name", func(t *testing.T) {
		r := newRig(t, func(o *Options) {
			often(o)
			o.TrustedProxies = prefixes("127.0.0.1/32")
		}).listen(t)
		p, forger := r.phone(t, "A1"), r.phone(t, "A1")
		p.header.Set("X-Forwarded-For", "192.0.2.1")
		forger.header.Set("X-Forwarded-For", "198.51.100.1")
		for range 2 * paceBurst {
			periodic(forger)
		}
		periodic(forger).want(t, 503, "")
		periodic(p).want(t, 200, "InformResponse")
		if said := r.Remarks(1); len(said) != 0 {
			t.Errorf("remarks on the phone %q", said)
		}
	})
	t.Run("not what would be lost", func(t *testing.T) {
		r := newRig(t, often).listen(t)
		for _, e := range []string{cwmp.EventBootstrap, cwmp.EventBoot, cwmp.EventTransferComplete, cwmp.EventMReboot,
			cwmp.EventScheduled, cwmp.EventDiagnosticsComplete, cwmp.EventMDownload} {
			p := r.phone(t, "S-"+e)
			for range 3 * paceBurst {
				p.send("x", informOf(p.serial, e, cwmp.EventPeriodic)).want(t, 200, "InformResponse")
			}
		}
	})
	t.Run("but that of a phone that tries again for ever", func(t *testing.T) {
		r := newRig(t, often).listen(t)
		p := r.phone(t, "A1")
		in := informOf("A1", cwmp.EventBoot)
		in.RetryCount = 1485
		for range paceBurst {
			p.send("x", in).want(t, 200, "InformResponse")
		}
		p.send("x", in).want(t, 503, "")
		if said := r.Remarks(1); len(said) != 1 || !strings.Contains(said[0], "1485") || !strings.Contains(said[0], "does not wait longer") {
			t.Errorf("remarks %q", said)
		}
	})
	t.Run("not what comes after much was put off", func(t *testing.T) {
		r := newRig(t, often).listen(t)
		p := r.phone(t, "A1")
		in := informOf("A1", cwmp.EventPeriodic)
		for n := range 3 * paceBurst {
			in.RetryCount = max(0, n-paceBurst)
			p.send("x", in)
		}
		in.Events = append(in.Events, cwmp.Event{Code: cwmp.EventBoot})
		in.RetryCount++
		p.send("x", in).want(t, 200, "InformResponse")
	})
	t.Run("not a phone with work", func(t *testing.T) {
		r := newRig(t, often).listen(t)
		r.store.busy = map[db.PhoneID]bool{1: true}
		p := r.phone(t, "A1")
		for range 3 * paceBurst {
			periodic(p).want(t, 200, "InformResponse")
		}
		r.store.mu.Lock()
		r.store.busy = nil
		r.store.mu.Unlock()
		periodic(p).want(t, 503, "")
	})
	t.Run("not at all without a pace", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		p := r.phone(t, "A1")
		for range 3 * paceBurst {
			periodic(p).want(t, 200, "InformResponse")
		}
	})
	t.Run("unknown phones that are refused", func(t *testing.T) {
		r := newRig(t, func(o *Options) { often(o); o.Enrol = EnrolList }).listen(t)
		p := r.phone(t, "A1")
		for range paceBurst {
			periodic(p).want(t, 200, "Fault")
		}
		periodic(p).want(t, 503, "")
	})
}

// TestPaceAddress: many phones at one address are held together, those on
// loopback are not; what is remembered stays bounded.
func TestPaceAddress(t *testing.T) {
	now := time.Unix(1e9, 0)
	for address, want := range map[string]int{"192.0.2.1": addrBurst, "127.0.0.1": 3 * paceKept} {
		p := newPace(10 * time.Second)
		taken := 0
		for n := range 3 * paceKept {
			in := informOf(db.PhoneID(n+1).String(), cwmp.EventPeriodic)
			if _, over := p.comes(now, in, netip.MustParseAddr(address)); !over {
				taken++
			}
		}
		if taken != want {
			t.Errorf("%d taken from %s; want %d", taken, address, want)
		}
		if n := len(p.phones.newer) + len(p.phones.older); n > 2*paceKept {
			t.Errorf("%d phones are remembered", n)
		}
	}
}

func BenchmarkPace(b *testing.B) {
	p := newPace(10 * time.Second)
	in, now, a := informOf("A1", cwmp.EventPeriodic), time.Unix(1e9, 0), netip.MustParseAddr("192.0.2.1")
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Minute)
		p.comes(now, in, a)
		p.letIn(in, a, 1)
	}
}

// TestTwins: what alternates is told, what changes once or twice is not.
func TestTwins(t *testing.T) {
	type seen struct {
		mac, oui, address string
	}
	a, b := seen{"0c383e000001", "0C383E", "10.0.0.1"}, seen{"0c383e000002", "0C383E", "10.0.0.2"}
	moved, flipped := a, a
	moved.address, flipped.oui = "10.0.0.9", "000000"
	c, d := a, a
	c.mac, d.mac = "0c383e000003", "0c383e000004"
	for _, tt := range []struct {
		name  string
		order []seen
		every time.Duration
		want  string // "": nothing is told
	}{
		{"one phone", []seen{a, a, a, a, a, a}, time.Minute, ""},
		{"a replaced phone", []seen{a, a, b, b, b}, time.Minute, ""},
		{"a replaced phone that is put back", []seen{a, b, b, a, a}, time.Minute, ""},
		{"two by MAC", []seen{a, b, a, b}, time.Minute, "MAC 0c383e000001 at 10.0.0.1 and MAC 0c383e000002 at 10.0.0.2"},
		{"never the same again", []seen{a, b, c, d, moved}, time.Minute, ""},
		{"two by MAC over days", []seen{a, b, a, b, a, b, a, b}, 20 * time.Hour, ""},
		{"a new lease", []seen{a, moved, moved, moved}, time.Minute, ""},
		{"a line that fails over once", []seen{a, moved, a, a}, time.Minute, ""},
		{"two by address", []seen{a, moved, a, moved, a, moved}, time.Minute, "in turn from 10.0.0.1 and 10.0.0.9"},
		{"OUI flips", []seen{a, flipped, a, flipped}, time.Minute, "OUI 0C383E and OUI 000000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var tw twins
			now := time.Unix(1e9, 0)
			told := ""
			for _, s := range tt.order {
				now = now.Add(tt.every)
				if why := tw.sees(now, 7, "001122334455", face(s)); why != "" {
					if told != "" {
						t.Errorf("told again: %s", why)
					}
					told = why
				}
			}
			if (told == "") != (tt.want == "") || !strings.Contains(told, tt.want) || tt.want != "" && !strings.Contains(told, "001122334455") {
				t.Errorf("told %q; want %q", told, tt.want)
			}
			if got := tw.remark(now, 7); got != told {
				t.Errorf("remark %q; told %q", got, told)
			}
			if got := tw.remark(now.Add(25*time.Hour), 7); got != "" {
				t.Errorf("remark a day later %q", got)
			}
		})
	}
}

// TestTwinsNoted: the store is told, once, and the phones are served.
func TestTwinsNoted(t *testing.T) {
	r := newRig(t, nil).listen(t)
	p := r.phone(t, "001122334455")
	for n := range 12 {
		in := informOf(p.serial, cwmp.EventPeriodic)
		mac := []string{"0C:38:3E:00:00:01", "0C:38:3E:00:00:02"}[n%2]
		in.Parameters = append(in.Parameters, cwmp.ParameterValue{Name: "Device.LAN.MACAddress", Value: mac})
		p.send("x", in).want(t, 200, "InformResponse")
		r.clock.Advance(20 * time.Second)
	}
	if len(r.store.duplicates) != 1 || !strings.HasPrefix(r.store.duplicates[0], "p1: two devices seem to share") {
		t.Errorf("noted %q", r.store.duplicates)
	}
	if said := r.Remarks(1); len(said) != 1 || "p1: "+said[0] != r.store.duplicates[0] {
		// A later Inform may have turned the two round.
		if len(said) != 1 || !strings.Contains(said[0], "two devices seem to share") {
			t.Errorf("remarks %q", said)
		}
	}
}
