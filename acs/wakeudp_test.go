package acs

import (
	"bytes"
	"errors"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	dto "github.com/prometheus/client_model/go"

	"phoneacs/db"
	"phoneacs/internal/stun"
)

// TestUDPSignature holds the signature of a request against a sample, and
// against python, which shares no code with us.
func TestUDPSignature(t *testing.T) {
	at := netip.MustParseAddrPort("203.0.113.7:3478")
	got := string(udpText(at, db.Login{User: "CPE57689", Password: "password"}, time.Unix(1120673700, 0), 1234, "XTGRWIPC6D3IPXS3"))
	want := "GET http://203.0.113.7:3478?ts=1120673700&id=1234&un=CPE57689&cn=XTGRWIPC6D3IPXS3" +
		"&sig=F749EE6D9E3BC469FB709EAD2A75EE7535F58552 HTTP/1.1\r\nHost: 203.0.113.7:3478\r\nContent-Length: 0\r\n\r\n"
	if got != want {
		t.Errorf("written\n%q, want\n%q", got, want)
	}
	path, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		t.Skip(err)
	}
	odd := udpRequest(at, db.Login{User: "a b&c=ü", Password: "p w"}, time.Unix(1800000000, 0))
	cmd := exec.Command(path, "-c", `
import hashlib, hmac, sys, urllib.parse
line = sys.stdin.buffer.read().split(b"\r\n")[0].decode()
method, url, version = line.split(" ")
q = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query, strict_parsing=True)
q = {k: v[0] for k, v in q.items()}
text = q["ts"] + q["id"] + q["un"] + q["cn"]
sig = hmac.new(b"p w", text.encode(), hashlib.sha1).hexdigest()
assert method == "GET" and version == "HTTP/1.1", line
assert q["un"] == "a b&c=\u00fc" and q["ts"] == "1800000000", q
assert sig == q["sig"].lower(), q
print("right")`)
	cmd.Stdin = bytes.NewReader(odd)
	if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "right" {
		t.Errorf("python: %v: %s", err, out)
	}
}

// fakeSTUN knows bindings, and what was sent to them.
type fakeSTUN struct {
	mu       sync.Mutex
	bindings map[db.PhoneID]stun.Binding
	seen     map[netip.AddrPort]time.Time
	refused  time.Time
	sent     []string // the address, and what it was sent
	fail     error
	onSend   func(n int) // n counts
}

func (f *fakeSTUN) Binding(id db.PhoneID) (stun.Binding, bool) {
	b, ok := f.bindings[id]
	return b, ok
}

func (f *fakeSTUN) Seen(at netip.AddrPort) (time.Time, bool) { v, ok := f.seen[at]; return v, ok }
func (f *fakeSTUN) Began() time.Time                         { return time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC) }
func (f *fakeSTUN) Refused(db.PhoneID) time.Time             { return f.refused }

func (f *fakeSTUN) Send(to netip.AddrPort, b []byte) error {
	f.mu.Lock()
	f.sent = append(f.sent, to.String()+" "+string(b))
	n := len(f.sent)
	f.mu.Unlock()
	if f.onSend != nil {
		f.onSend(n)
	}
	return f.fail
}

var natBinding = netip.MustParseAddrPort("203.0.113.9:40001")

// natRig is a server that knows a phone which is behind a NAT, at 203.0.113.9,
// and listens at an address that leads nowhere.
func natRig(t *testing.T, f *fakeSTUN) (*rig, *clockwork.FakeClock) {
	t.Helper()
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	r := newRig(t, func(o *Options) { o.STUN, o.Clock = f, clock })
	r.know("http://192.168.1.20:7547/cr")
	r.store.phones[1].Address = natBinding.Addr().String()
	return r, clock
}

func proven() *fakeSTUN {
	return &fakeSTUN{bindings: map[db.PhoneID]stun.Binding{1: {At: natBinding, Seen: time.Date(2026, 11, 21, 11, 59, 30, 0, time.UTC)}}}
}

// tried is how often a way of waking came to a result.
func (r *rig) tried(t *testing.T, way, result string) float64 {
	t.Helper()
	var m dto.Metric
	if err := r.metrics.ways.WithLabelValues(way, result).Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

// TestWakeUDP: a phone that HTTP does not reach is asked by UDP, and was woken
// once it comes.
func TestWakeUDP(t *testing.T) {
	f := proven()
	r, _ := natRig(t, f)
	f.onSend = func(int) { r.waker.came(1) }
	if err := r.Wake(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if len(f.sent) != 1 || !strings.HasPrefix(f.sent[0], "203.0.113.9:40001 GET http://203.0.113.9:40001?ts=1795262400&id=") {
		t.Errorf("sent %q", f.sent)
	}
	if p := r.store.phones[1]; p.WakeWay != "udp" || len(r.store.wakes) != 1 || r.store.wakes[0] != "" {
		t.Errorf("kept %q: %q", p.WakeWay, r.store.wakes)
	}
	for _, want := range [][2]string{{"http", "address"}, {"udp", "ok"}} {
		if n := r.tried(t, want[0], want[1]); n != 1 {
			t.Errorf("%v is counted %v times", want, n)
		}
	}
	// The way that worked is the first the next time.
	f.onSend = func(int) { r.waker.came(1) }
	if err := r.Wake(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if n := r.tried(t, "http", "address"); n != 1 {
		t.Error("HTTP was tried first although UDP had worked")
	}
	query := func(s string) url.Values {
		u, err := url.Parse(strings.Fields(s)[2])
		if err != nil {
			t.Fatal(err)
		}
		return u.Query()
	}
	a, b := query(f.sent[0]), query(f.sent[1])
	if a.Get("id") == b.Get("id") || a.Get("cn") == b.Get("cn") {
		t.Errorf("two requests are one: %v, %v", a, b)
	}
}

// TestWakeUDPSilent: copies of one request are sent until the phone has had its
// time, and then it is said that it did not come.
func TestWakeUDPSilent(t *testing.T) {
	f := proven()
	r, clock := natRig(t, f)
	ended := make(chan error, 1)
	go func() { ended <- r.Wake(t.Context(), 1) }()
	begin := clock.Now()
	for _, at := range append(udpCopies[1:len(udpCopies):len(udpCopies)], wakeTime) {
		if err := clock.BlockUntilContext(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		clock.Advance(at - clock.Since(begin))
	}
	err := <-ended
	var failure *WakeError
	if !errors.As(err, &failure) || failure.Result != "address" {
		t.Fatalf("Wake = %v", err)
	}
	for _, words := range []string{"192.168.1.20", "no Inform followed within 10s the connection request over UDP to 203.0.113.9:40001", "last seen 40s ago"} {
		if !strings.Contains(failure.Sentence, words) {
			t.Errorf("%q; want %q in it", failure.Sentence, words)
		}
	}
	if len(f.sent) != 4 {
		t.Fatalf("%d copies were sent; want 4", len(f.sent))
	}
	for _, s := range f.sent {
		if s != f.sent[0] {
			t.Errorf("a copy is another request: %q, %q", s, f.sent[0])
		}
	}
	if len(r.waker.awaited) != 0 {
		t.Error("the phone is still waited for")
	}
}

// TestWakeUDPNot: when nothing is sent by UDP, and what is said.
func TestWakeUDPNot(t *testing.T) {
	const name = "Device.ManagementServer.UDPConnectionRequestAddress"
	told := func(r *rig, v string) {
		r.store.params = map[db.PhoneID]map[string]string{1: {name: v}}
		r.store.phones[1].Proof = db.ProvesOwn
	}
	for _, tt := range []struct {
		name  string
		stun  *fakeSTUN
		set   func(r *rig)
		words string
	}{
		{"no binding", &fakeSTUN{}, nil, "no STUN binding of this phone was seen since 2026-11-21 08:00:00 UTC; its NAT may block UDP"},
		{"a wrong password", &fakeSTUN{refused: time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC)}, nil, "not signed with its connection-request password at 2026-11-21 11:00:00 UTC"},
		{"a binding elsewhere", proven(), func(r *rig) { r.store.phones[1].Address = "203.0.113.10" }, "--phone-networks 203.0.113.9/32 would allow it"},
		{"of this machine", &fakeSTUN{bindings: map[db.PhoneID]stun.Binding{1: {At: netip.MustParseAddrPort("127.0.0.1:22")}}},
			func(r *rig) { r.store.phones[1].Address = "127.0.0.1" }, "STUN binding is at 127.0.0.1"},
		{"no password", proven(), func(r *rig) { r.store.logins[1] = db.Credentials{} }, "no connection-request password of the phone is known"},
		{"it says so, but was not seen there", &fakeSTUN{}, func(r *rig) { told(r, natBinding.String()) }, "no STUN binding"},
		{"somebody was seen elsewhere", &fakeSTUN{seen: map[netip.AddrPort]time.Time{netip.MustParseAddrPort("198.51.100.1:9"): {}}},
			func(r *rig) { told(r, natBinding.String()) }, "no STUN binding"},
		{"it says a name", &fakeSTUN{seen: map[netip.AddrPort]time.Time{natBinding: {}}}, func(r *rig) { told(r, "phone.example:40001") }, "no STUN binding"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := natRig(t, tt.stun)
			tt.stun.onSend = func(int) { r.waker.came(1) } // whom it should not be sent
			if tt.set != nil {
				tt.set(r)
			}
			var failure *WakeError
			if err := r.Wake(t.Context(), 1); !errors.As(err, &failure) || !strings.Contains(failure.Sentence, tt.words) {
				t.Errorf("Wake = %v; want %q in it", err, tt.words)
			}
			if len(tt.stun.sent) != 0 {
				t.Errorf("sent %q", tt.stun.sent)
			}
		})
	}
}

// TestWakeUDPTold: what a phone that has proven itself says is believed where
// the service has seen it; a host alone is port 80. An unproven one's is not.
func TestWakeUDPTold(t *testing.T) {
	for _, tt := range []struct {
		name, told, at string
		proof          db.ProofState
		ok             bool
	}{
		{"an address", "203.0.113.9:40001", "203.0.113.9:40001", db.ProvesOwn, true},
		{"a host alone", "203.0.113.9", "203.0.113.9:80", db.ProvesCertificate, true},
		{"the proof is waived", " 203.0.113.9:40001 ", "203.0.113.9:40001", db.ProvesWaived, true},
		{"it has proven nothing", "203.0.113.9:40001", "203.0.113.9:40001", db.ProvesNothing, false},
		{"it has not used what it was issued", "203.0.113.9:40001", "203.0.113.9:40001", db.ProvesIssued, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeSTUN{seen: map[netip.AddrPort]time.Time{netip.MustParseAddrPort(tt.at): {}}}
			r, _ := natRig(t, f)
			r.waker.ways[1].(*udpWay).open = false
			f.onSend = func(int) { r.waker.came(1) }
			r.store.phones[1].Proof = tt.proof
			r.store.params = map[db.PhoneID]map[string]string{1: {"InternetGatewayDevice.ManagementServer.UDPConnectionRequestAddress": tt.told}}
			err := r.Wake(t.Context(), 1)
			if (err == nil) != tt.ok || (len(f.sent) == 1) != tt.ok {
				t.Errorf("Wake = %v, sent %q", err, f.sent)
			}
			if tt.ok && !strings.HasPrefix(f.sent[0], tt.at+" ") {
				t.Errorf("sent %q", f.sent)
			}
		})
	}
}

// TestBusyIsReached: a phone that answers over HTTP that it is busy is asked by
// no other way, and a wrong password is not blamed on a NAT.
func TestBusyIsReached(t *testing.T) {
	for _, tt := range []struct{ name, answer, words string }{
		{"busy", "HTTP/1.1 503 busy\r\nContent-Length: 0\r\n\r\n", "busy"},
		{"wrong password", denied(plain), "password is not ours"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeSTUN{}
			if tt.name == "busy" {
				f = proven()
			}
			r := wakeRigWith(t, always(tt.answer), func(o *Options) { o.STUN = f })
			err := r.Wake(t.Context(), 1)
			if err == nil || !strings.Contains(err.Error(), tt.words) || strings.Contains(err.Error(), "STUN") || len(f.sent) != 0 {
				t.Errorf("Wake = %v; sent %q", err, f.sent)
			}
		})
	}
}

// TestSiteWays: the phones of a site are asked in the ways that it names, in its
// order, and in no other.
func TestSiteWays(t *testing.T) {
	busy := "HTTP/1.1 503 busy\r\nContent-Length: 0\r\n\r\n"
	for _, tt := range []struct {
		name        string
		ways        []string
		http        string // what HTTP answers
		want        string // of what was tried, and kept
		http1, udp1 int
	}{
		{"default", nil, ok200, "http", 1, 0},
		{"udp first", []string{db.WayUDP, db.WayHTTP}, ok200, "udp", 0, 1},
		{"http alone", []string{db.WayScheduleInform, db.WayHTTP}, denied(plain), "", 1, 0},
		{"udp alone", []string{db.WayUDP}, busy, "udp", 0, 1},
		{"neither", []string{db.WayScheduleInform}, ok200, "", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked atomic.Int32
			f := proven()
			f.bindings[1] = stun.Binding{At: netip.MustParseAddrPort("127.0.0.1:4001"), Seen: time.Now()}
			r := wakeRigWith(t, func(int, string) (string, bool) { asked.Store(1); return tt.http, false }, func(o *Options) { o.STUN = f })
			f.onSend = func(int) { r.waker.came(1) }
			r.store.site = db.Site{ID: 3, Ways: tt.ways}
			r.waker.pace.worked(1, "http") // which a site's own order does not ask for
			err := r.Wake(t.Context(), 1)
			if got := r.store.phones[1].WakeWay; got != tt.want || (err == nil) != (tt.want != "") || int(asked.Load()) != tt.http1 || min(len(f.sent), 1) != tt.udp1 {
				t.Errorf("Wake = %v by %q, asked %d by HTTP and %d by UDP", err, got, asked.Load(), len(f.sent))
			}
			if tt.name == "neither" && !strings.Contains(r.store.wakes[0], "the ways of site s3, schedule-inform, have") {
				t.Errorf("kept %q", r.store.wakes)
			}
		})
	}
	r, _ := natRig(t, proven())
	r.waker.ways = r.waker.ways[:1] // as without --stun
	r.store.site = db.Site{ID: 3, Ways: []string{db.WayUDP}}
	if err := r.Wake(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "--stun") {
		t.Errorf("Wake = %v", err)
	}
}
