package sip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"phoneacs/db"
)

const phoneAddr = "192.0.2.7"

// A packet is a datagram with its peer.
type packet struct {
	data string
	peer netip.AddrPort
	at   time.Time
}

// fakeSocket is a socket to nowhere: what is sent is kept, and what comes in is
// the test's.
type fakeSocket struct {
	in     chan packet
	closed chan struct{}
	once   sync.Once

	mu   sync.Mutex
	out  []packet
	fail error
	hear func(packet) // of each that is sent; nil: nobody
}

func newFakeSocket() *fakeSocket {
	return &fakeSocket{in: make(chan packet, 64), closed: make(chan struct{})}
}

func (s *fakeSocket) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case p := <-s.in:
		return copy(b, p.data), p.peer, nil
	case <-s.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (s *fakeSocket) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	s.mu.Lock()
	fail, hear := s.fail, s.hear
	p := packet{string(b), to, time.Now()}
	if fail == nil {
		s.out = append(s.out, p)
	}
	s.mu.Unlock()
	if fail != nil {
		return 0, fail
	}
	if hear != nil {
		hear(p)
	}
	return len(b), nil
}

func (s *fakeSocket) LocalAddr() net.Addr {
	return &net.UDPAddr{IP: net.IPv4zero, Port: 5060}
}

func (s *fakeSocket) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *fakeSocket) sent() []packet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]packet(nil), s.out...)
}

// A rig is an endpoint on such a socket, that runs.
type rig struct {
	t      *testing.T
	socket *fakeSocket
	e      *Endpoint
	reg    *prometheus.Registry
	stop   func()
}

func newRig(t *testing.T, networks ...string) *rig {
	t.Helper()
	r := &rig{t: t, socket: newFakeSocket(), reg: prometheus.NewRegistry()}
	o := Options{Socket: r.socket, Registerer: r.reg,
		own:    func() ([]net.Addr, error) { return nil, nil },
		source: func(netip.AddrPort) (netip.Addr, error) { return netip.MustParseAddr("192.0.2.1"), nil },
	}
	for _, n := range networks {
		o.Networks = append(o.Networks, netip.MustParsePrefix(n))
	}
	var err error
	if r.e, err = New(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.e.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return r
}

// counted is the value of a counter with a label, or without.
func (r *rig) counted(name, label string) float64 {
	r.t.Helper()
	all, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if label == "" || m.GetLabel()[0].GetValue() == label {
				return value(m)
			}
		}
	}
	r.t.Fatalf("there is no %s of %s", name, label)
	return 0
}

func value(m *dto.Metric) float64 { return m.GetCounter().GetValue() }

func notice() db.Notice {
	return db.Notice{Phone: 7, Address: phoneAddr, User: "1001", Event: "check-sync;reboot=true"}
}

// ask sends a notice.
func (r *rig) ask(n db.Notice) db.NoticeAnswer {
	r.t.Helper()
	send, _, err := r.e.Prepare(n)
	if err != nil {
		r.t.Fatal(err)
	}
	return send(r.t.Context())
}

// head is the value of a message's header.
func head(message, name string) string {
	for _, line := range strings.Split(message, "\r\n") {
		if n, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(n), name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// reply writes a phone's answer to a request, by hand.
func reply(request, status string, more ...string) string {
	lines := []string{"SIP/2.0 " + status}
	for _, h := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		lines = append(lines, h+": "+head(request, h))
	}
	return strings.Join(append(append(lines, more...), "Content-Length: 0"), "\r\n") + "\r\n\r\n"
}

// answers has the phone answer each request in turn with a status; "" is silence.
func (r *rig) answers(statuses ...string) {
	n := 0
	r.socket.hear = func(p packet) {
		if n < len(statuses) && statuses[n] != "" {
			r.socket.in <- packet{data: reply(p.data, statuses[n]), peer: p.peer}
		}
		n++
	}
}

// bubble runs a test with a clock of its own.
func bubble(t *testing.T, networks []string, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, networks...)
		test(t, r)
		r.stop()
		r.e.mu.Lock()
		defer r.e.mu.Unlock()
		if len(r.e.phones)+len(r.e.flights)+len(r.e.asked) > 0 {
			t.Errorf("left behind: %v, %v, %v", r.e.phones, r.e.flights, r.e.asked)
		}
	})
}

// TestNotify: what the phone is sent, and that its answer ends it.
func TestNotify(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		r.answers("200 OK")
		n := notice()
		n.User = "10 01\r\n@evil"
		if a := r.ask(n); a.Status != 200 || a.Sent != 1 || a.Cut {
			t.Errorf("answer %+v", a)
		}
		sent := r.socket.sent()
		if len(sent) != 1 || sent[0].peer.String() != phoneAddr+":5060" {
			t.Fatalf("sent %+v", sent)
		}
		m := sent[0].data
		if line, _, _ := strings.Cut(m, "\r\n"); line != "NOTIFY sip:10%2001%0D%0A%40evil@192.0.2.7:5060 SIP/2.0" {
			t.Errorf("request line %q", line)
		}
		for name, want := range map[string]string{
			"Event": "check-sync;reboot=true", "Subscription-State": "terminated", "Max-Forwards": "70", "CSeq": "1 NOTIFY",
			"Content-Length": "0", "To": "<sip:10%2001%0D%0A%40evil@192.0.2.7:5060>", "Contact": "<sip:phoneacs@192.0.2.1:5060>",
		} {
			if got := head(m, name); got != want {
				t.Errorf("%s is %q; want %q", name, got, want)
			}
		}
		if via := head(m, "Via"); !strings.HasPrefix(via, "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK") {
			t.Errorf("Via is %q", via)
		}
		if from := head(m, "From"); !strings.HasPrefix(from, "<sip:phoneacs@192.0.2.1>;tag=") || len(from) < 45 {
			t.Errorf("From is %q", from)
		}
		if strings.Count(m, "\r\n\r\n") != 1 || !strings.HasSuffix(m, "\r\n\r\n") {
			t.Errorf("it does not end where it should: %q", m)
		}
		if r.counted("phoneacs_sip_notifies_total", "ok") != 1 || r.counted("phoneacs_sip_received_total", "answer") != 1 || r.counted("phoneacs_sip_retransmissions_total", "") != 0 {
			t.Error("it is not counted")
		}
	})
}

// TestRetransmission: Timer E doubles from 0.5 s to 4 s, and Timer F ends it
// after 32 s (RFC 3261 17.1.2.2); an answer that comes late is taken.
func TestRetransmission(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		began := time.Now()
		a := r.ask(notice())
		if a.Status != 0 || a.Cut || a.Sent != 11 || !strings.Contains(a.Why, "no answer from 192.0.2.7:5060 within 32s (Timer F") {
			t.Errorf("answer %+v", a)
		}
		if d := time.Since(began); d != 32*time.Second {
			t.Errorf("given up after %v", d)
		}
		var at []time.Duration
		sent := r.socket.sent()
		for _, p := range sent {
			at = append(at, p.at.Sub(began).Round(time.Millisecond))
			if p.data != sent[0].data {
				t.Errorf("the repetition is another message: %q", p.data)
			}
		}
		if want := "[0s 500ms 1.5s 3.5s 7.5s 11.5s 15.5s 19.5s 23.5s 27.5s 31.5s]"; fmt.Sprint(at) != want {
			t.Errorf("sent at %v; want %v", at, want)
		}
		if r.counted("phoneacs_sip_retransmissions_total", "") != 10 || r.counted("phoneacs_sip_notifies_total", "timeout") != 1 {
			t.Error("it is not counted")
		}
	})
	bubble(t, nil, func(t *testing.T, r *rig) {
		r.answers("", "", "100 Trying", "200 OK")
		began := time.Now()
		if a := r.ask(notice()); a.Status != 200 || a.Sent != 4 {
			t.Errorf("answer %+v", a)
		}
		if d := time.Since(began); d != 3500*time.Millisecond {
			t.Errorf("answered after %v", d)
		}
	})
}

// TestRefused: what phones answer, as a sentence.
func TestRefused(t *testing.T) {
	for status, want := range map[string]string{
		"301 Moved":     "not followed",
		"401 No":        "no login of it is known",
		"403 Forbidden": "takes no NOTIFY from us",
		"404 Not Found": "no such user",
		"481 Gone":      "has not subscribed",
		"489 Bad Event": "knows no check-sync",
		"486 Busy":      "busy",
		"500 Oops":      "the phone answered 500",
	} {
		bubble(t, nil, func(t *testing.T, r *rig) {
			r.answers(status)
			a := r.ask(notice())
			if fmt.Sprint(a.Status) != status[:3] || a.Sent != 1 || !strings.Contains(a.Why, want) {
				t.Errorf("%s: %+v", status, a)
			}
			result := "refused"
			if status[:3] == "401" {
				result = "unauthorised"
			}
			if r.counted("phoneacs_sip_notifies_total", result) != 1 {
				t.Errorf("%s is not counted as %s", status, result)
			}
		})
	}
}

// TestFromElsewhere: an answer counts from where the request went, to what was
// asked, and once.
func TestFromElsewhere(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		r.socket.hear = func(p packet) {
			if len(r.socket.sent()) > 1 {
				return
			}
			ok := reply(p.data, "200 OK")
			r.socket.in <- packet{data: ok, peer: netip.MustParseAddrPort("192.0.2.8:5060")}
			r.socket.in <- packet{data: strings.Replace(ok, "branch=z9hG4bK", "branch=z9hG4bKx", 1), peer: p.peer}
			r.socket.in <- packet{data: strings.Replace(ok, "1 NOTIFY", "1 OPTIONS", 1), peer: p.peer}
			r.socket.in <- packet{data: "SIP/2.0 200 OK\r\n\r\n", peer: p.peer}
			r.socket.in <- packet{data: reply(p.data, "481 Gone"), peer: netip.AddrPortFrom(p.peer.Addr(), 40000)} // another port may be
		}
		if a := r.ask(notice()); a.Status != 481 || a.Sent != 1 {
			t.Errorf("answer %+v", a)
		}
		if n := r.counted("phoneacs_sip_received_total", "stray"); n != 3 {
			t.Errorf("%v were strays", n)
		}
		if n := r.counted("phoneacs_sip_received_total", "unreadable"); n != 1 {
			t.Errorf("%v were unreadable", n)
		}
	})
}

// TestFromAnother: a phone cannot answer in the place of another that is asked
// at the same time.
func TestFromAnother(t *testing.T) {
	bubble(t, []string{"192.0.2.0/24"}, func(t *testing.T, r *rig) {
		other := notice()
		other.Phone, other.Address = 8, "192.0.2.8"
		r.socket.hear = func(p packet) {
			if p.peer.Addr().String() == phoneAddr {
				r.socket.in <- packet{data: reply(p.data, "481 Gone"), peer: netip.MustParseAddrPort("192.0.2.8:5060")}
			}
		}
		var wg sync.WaitGroup
		wg.Go(func() { r.ask(other) })
		synctest.Wait()
		if a := r.ask(notice()); a.Status != 0 {
			t.Errorf("another has answered: %+v", a)
		}
		wg.Wait()
	})
}

// TestVet: where it may go, and where it does.
func TestVet(t *testing.T) {
	for _, tt := range []struct {
		name, address, believed string
		port                    uint16
		networks                []string
		to, refused             string
	}{
		{"where it informs from", phoneAddr, "", 0, nil, "192.0.2.7:5060", ""},
		{"at a port of its own", phoneAddr, "", 5080, nil, "192.0.2.7:5080", ""},
		{"mapped", "::ffff:192.0.2.7", "", 0, nil, "192.0.2.7:5060", ""},
		{"where it says, which is there", phoneAddr, phoneAddr, 0, nil, "192.0.2.7:5060", ""},
		{"where it says, in a phone network", "198.51.100.1", "10.1.2.3", 0, []string{"10.0.0.0/8"}, "10.1.2.3:5060", ""},
		{"where it says, which is elsewhere", phoneAddr, "203.0.113.9", 0, nil, "192.0.2.7:5060", ""},
		{"where it says, which is ourselves", phoneAddr, "127.0.0.1", 0, []string{"0.0.0.0/0"}, "192.0.2.7:5060", ""},
		{"a name is not resolved", phoneAddr, "phone.example", 0, []string{"0.0.0.0/0"}, "192.0.2.7:5060", ""},
		{"never seen", "", "", 0, nil, "", "no session of it has come yet"},
		{"from loopback", "127.0.0.1", "", 0, nil, "", "only --phone-networks 127.0.0.1/32"},
		{"loopback by name", "127.0.0.1", "", 0, []string{"127.0.0.0/8"}, "127.0.0.1:5060", ""},
		{"link-local", "169.254.1.1", "", 0, []string{"0.0.0.0/0"}, "", "no address of a phone"},
		{"multicast", "224.0.1.75", "", 0, []string{"0.0.0.0/0"}, "", "no address of a phone"},
		{"the other IP", "2001:db8::7", "", 0, nil, "", "different versions of IP"},
	} {
		bubble(t, tt.networks, func(t *testing.T, r *rig) {
			r.answers("200 OK")
			send, _, err := r.e.Prepare(db.Notice{Phone: 1, Address: tt.address, Believed: tt.believed, Port: tt.port, Event: "check-sync"})
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Errorf("%s: %v; want %q", tt.name, err, tt.refused)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			if a := send(t.Context()); a.Status != 200 || r.socket.sent()[0].peer.String() != tt.to {
				t.Errorf("%s: %+v to %v; want %s", tt.name, a, r.socket.sent()[0].peer, tt.to)
			}
		})
	}
}

// TestBounds: one at a time to a phone, so many in all, so many a second; room
// that is given back can be had.
func TestBounds(t *testing.T) {
	bubble(t, []string{"10.0.0.0/8"}, func(t *testing.T, r *rig) {
		var sends []func(context.Context) db.NoticeAnswer
		var drops []func()
		at := func(i int) db.Notice {
			return db.Notice{Phone: db.PhoneID(i), Address: fmt.Sprintf("10.0.%d.1", i), Event: "check-sync"}
		}
		for i := range maxFlights {
			send, drop, err := r.e.Prepare(at(i + 1))
			if err != nil {
				t.Fatal(err)
			}
			sends, drops = append(sends, send), append(drops, drop)
		}
		var later *db.LaterError
		if _, _, err := r.e.Prepare(at(1)); !errors.As(err, &later) || !strings.Contains(err.Error(), "to the phone") {
			t.Errorf("a second one to a phone: %v", err)
		}
		if _, _, err := r.e.Prepare(at(200)); !errors.As(err, &later) || !strings.Contains(err.Error(), "no room") {
			t.Errorf("one too many: %v", err)
		}
		drops[0]()
		if _, drop, err := r.e.Prepare(at(1)); err != nil {
			t.Errorf("once there is room: %v", err)
		} else {
			drop()
		}
		began := time.Now()
		r.socket.hear = func(p packet) { r.socket.in <- packet{data: reply(p.data, "200 OK"), peer: p.peer} }
		var wg sync.WaitGroup
		for _, send := range sends[1:] {
			wg.Go(func() {
				if a := send(t.Context()); a.Status != 200 {
					t.Errorf("answer %+v", a)
				}
			})
		}
		wg.Wait()
		if d := time.Since(began); d != (maxFlights-2)*sendGap {
			t.Errorf("%d went out in %v", maxFlights-1, d)
		}
	})
}

// TestStopped: the end of Run and that of the context cut it short, and it is
// said whether anything had left.
func TestStopped(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		r.socket.hear = func(packet) { go r.stop() }
		if a := r.ask(notice()); !a.Cut || a.Sent != 1 || a.Status != 0 {
			t.Errorf("answer %+v", a)
		}
		time.Sleep(time.Minute)
		if n := len(r.socket.sent()); n != 1 {
			t.Errorf("what was cut short is sent on, %d times", n)
		}
		n := notice()
		if a := r.ask(n); a.Sent != 0 || a.Status != 0 {
			t.Errorf("after the end: %+v", a)
		}
	})
	bubble(t, nil, func(t *testing.T, r *rig) {
		r.socket.fail = errors.New("network is unreachable")
		if a := r.ask(notice()); a.Cut || a.Sent != 0 || !strings.Contains(a.Why, "could not be sent: ") {
			t.Errorf("answer %+v", a)
		}
		if r.counted("phoneacs_sip_notifies_total", "unsent") != 1 {
			t.Error("it is not counted")
		}
	})
}
