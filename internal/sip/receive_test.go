package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var stranger = netip.MustParseAddrPort("203.0.113.9:40000")

func request(method string, more ...string) string {
	return strings.Join(append([]string{
		method + " sip:phoneacs@192.0.2.1 SIP/2.0", "Via: SIP/2.0/UDP 198.51.100.66:5060;branch=z9hG4bK1;rport",
		"From: <sip:a@b>;tag=1", "To: <sip:phoneacs@192.0.2.1>", "Call-ID: 1", "CSeq: 7 " + method,
	}, append(more, "Content-Length: 0", "", "")...), "\r\n")
}

// TestRequests: who asks is told that nobody is here for it, where it came from
// and nowhere else.
func TestRequests(t *testing.T) {
	for _, tt := range []struct{ name, in, status, what string }{
		{"SUBSCRIBE", request("SUBSCRIBE", "Event: ua-profile"), "405", "refused"},
		{"INVITE", request("INVITE"), "405", "refused"},
		{"OPTIONS", request("OPTIONS"), "405", "refused"},
		{"one that nobody knows", request("DANCE"), "405", "refused"},
		{"NOTIFY", request("NOTIFY"), "481", "refused"},
		{"ACK", request("ACK"), "", "dropped"},
		{"CANCEL", request("CANCEL"), "", "dropped"},
		{"keeping a NAT open", "\r\n\r\n", "", "dropped"},
		{"nothing", "", "", "dropped"},
		{"an answer to nothing", "SIP/2.0 200 OK\r\nVia: x\r\n\r\n", "", "stray"},
		{"no SIP", "GET / HTTP/1.1\r\n\r\n", "", "unreadable"},
		{"headers missing", "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\n\r\n", "", "unreadable"},
		{"too long", request("OPTIONS", "X: "+strings.Repeat("x", maxMessage)), "", "unreadable"},
	} {
		bubble(t, nil, func(t *testing.T, r *rig) {
			r.socket.in <- packet{data: tt.in, peer: stranger}
			synctest.Wait()
			sent := r.socket.sent()
			if tt.status == "" && len(sent) != 0 || tt.status != "" && len(sent) != 1 {
				t.Fatalf("%s: answered %+v", tt.name, sent)
			}
			if tt.status != "" && (!strings.HasPrefix(sent[0].data, "SIP/2.0 "+tt.status+" ") || sent[0].peer != stranger ||
				head(sent[0].data, "CSeq") != head(tt.in, "CSeq") || !strings.Contains(head(sent[0].data, "To"), ";tag=")) {
				t.Errorf("%s: answered %+v", tt.name, sent[0])
			}
			if r.counted("phoneacs_sip_received_total", tt.what) != 1 {
				t.Errorf("%s is not counted as %s", tt.name, tt.what)
			}
		})
	}
}

// TestFlood: of a flood of requests so many are answered as would flood nobody
// else, and a phone that is waited for is heard through it.
func TestFlood(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		flood := func(n int) {
			for range n {
				r.socket.in <- packet{data: request("OPTIONS"), peer: stranger}
			}
			synctest.Wait()
		}
		flood(50)
		if n := len(r.socket.sent()); n != answerBurst {
			t.Errorf("%d of 50 were answered; want %d", n, answerBurst)
		}
		time.Sleep(time.Second)
		flood(50)
		if n := len(r.socket.sent()) - answerBurst; n != int(time.Second/answerGap) {
			t.Errorf("%d of 50 were answered a second later", n)
		}
		if n := r.counted("phoneacs_sip_received_total", "dropped"); n != 70 {
			t.Errorf("%v were dropped", n)
		}
		r.socket.hear = func(p packet) {
			if strings.HasPrefix(p.data, "NOTIFY") {
				r.socket.in <- packet{data: reply(p.data, "200 OK"), peer: p.peer}
			}
		}
		if a := r.ask(notice()); a.Status != 200 {
			t.Errorf("answer %+v", a)
		}
	})
}

// FuzzTake promises of any datagram that it is taken for one of the kinds that
// are counted, is answered by at most one message, to where it came from and
// not much longer than itself, and leaves nothing behind.
func FuzzTake(f *testing.F) {
	for _, s := range []string{
		"", "\r\n", "SIP/2.0 200 OK\r\n\r\n", request("SUBSCRIBE"), request("NOTIFY", "Event: x"), request("ACK"),
		reply(request("NOTIFY"), "200 OK"), reply(request("NOTIFY"), "401 No", `WWW-Authenticate: Digest realm="a", nonce="b"`),
		"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP\r\nFrom:\r\nTo: <\r\nCall-ID:\r\nCSeq: x\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP a;rport\r\nf: a\r\nt: b\r\ni: c\r\nCSeq: 99999999999 OPTIONS\r\n\r\n",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, waited bool) {
		socket := newFakeSocket()
		e, err := New(Options{Socket: socket})
		if err != nil {
			t.Fatal(err)
		}
		if waited { // an answer is read, and belongs to nothing
			e.asked[stranger.Addr()] = 1
		}
		what := e.take(data, stranger)
		if !strings.Contains(" answer stray unreadable refused dropped ", " "+what+" ") || what == gotAnswer {
			t.Fatalf("taken for %q", what)
		}
		sent := socket.sent()
		if len(sent) > 1 || (len(sent) == 1) != (what == gotRefused) {
			t.Fatalf("%s, and answered %d times", what, len(sent))
		}
		if len(sent) == 1 && (sent[0].peer != stranger || len(sent[0].data) > 2*len(data)+400) {
			t.Fatalf("%d bytes to %v for %d: %q", len(sent[0].data), sent[0].peer, len(data), sent[0].data)
		}
		if len(e.flights) != 0 || len(e.phones) != 0 {
			t.Fatal(fmt.Sprint("left behind: ", e.flights, e.phones))
		}
	})
}

// FuzzEscape promises that a user part holds nothing that ends it, and is
// bounded.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "1001", "a b", "\r\nX: y", "ü@host", "a%20", strings.Repeat("x", 1000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := escape(s)
		if len(got) > 3*maxUser || strings.ContainsAny(got, "@<>;:?/\"\r\n \t\x00") {
			t.Fatalf("escape(%q) = %q", s, got)
		}
	})
}
