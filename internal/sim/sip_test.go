package sim

import (
	"errors"
	"strings"
	"testing"
)

// ask writes a NOTIFY by its own hand.
func askSIP(user, branch, event string, more ...string) sipRequest {
	text := strings.Join(append([]string{
		"NOTIFY sip:" + user + "@127.0.0.1:5060 SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1;branch=" + branch + ";rport", "From: <sip:a@b>;tag=1",
		"To: <sip:" + user + "@127.0.0.1>", "Call-ID: 1", "CSeq: 1 NOTIFY", "event: " + event,
	}, append(more, "", "")...), "\r\n")
	m, ok := readSIP(text)
	if !ok {
		panic("no request: " + text)
	}
	return m
}

// TestSIP: each manner answers as it says, a repetition is answered as the first
// was and does nothing, and what is heeded is in the ledger.
func TestSIP(t *testing.T) {
	for _, tt := range []struct {
		manner, user, event string
		first, again        string // status lines; empty: silence
		resyncs, restarts   int
	}{
		{"", "0c383e000001", "check-sync", "200", "200", 1, 0},
		{"", "0c383e000001", "check-sync;reboot=false", "200", "200", 1, 0},
		{"", "0c383e000001", "check-sync;reboot=true", "200", "200", 1, 1},
		{"", serialPrefix + "0c383e000001", "check-sync", "200", "200", 1, 0},
		{"", "1001", "check-sync", "404", "404", 0, 0},
		{"", "0c383e000001", "resync", "489", "489", 0, 0},
		{"gone", "0c383e000001", "check-sync", "481", "481", 0, 0},
		{"digest", "0c383e000001", "check-sync", "401", "401", 0, 0},
		{"silent", "0c383e000001", "check-sync;reboot=true", "", "", 0, 0},
		{"deaf", "0c383e000001", "check-sync;reboot=true", "", "", 1, 1},
		{"late", "0c383e000001", "check-sync", "", "200", 1, 0},
	} {
		f := New(Options{ACS: "http://127.0.0.1:1/acs", Manual: true, SIPManner: tt.manner})
		p := f.Phone(0)
		for i, want := range []string{tt.first, tt.again} {
			answer := p.notified(askSIP(tt.user, "z9hG4bK1", tt.event))
			if want == "" && answer != "" || !strings.HasPrefix(answer, strings.TrimSuffix("SIP/2.0 "+want, "SIP/2.0 ")) {
				t.Errorf("%q, %s, time %d: %q; want %q", tt.manner, tt.event, i+1, answer, want)
			}
		}
		l := p.Ledger()
		if l.Resyncs != tt.resyncs || l.Reboots != tt.restarts || len(l.Notifies) != 1 || l.NotifyRepeats != 1 {
			t.Errorf("%q, %s: %+v", tt.manner, tt.event, l)
		}
	}
}

// TestSIPDigest: who knows the login by which the phone is woken is heeded.
func TestSIPDigest(t *testing.T) {
	f := New(Options{ACS: "http://127.0.0.1:1/acs", Manual: true, SIPManner: "digest"})
	p := f.Phone(0)
	user := p.MAC().String()
	refused := p.notified(askSIP(user, "z9hG4bK1", "check-sync"))
	_, challenge, _ := strings.Cut(refused, "WWW-Authenticate: ")
	challenge, _, _ = strings.Cut(challenge, "\r\n")
	d, ok := parseDigest(challenge)
	if !ok {
		t.Fatalf("no challenge: %q", refused)
	}
	for i, tt := range []struct{ password, want string }{{"wrong", "401"}, {"dps", "200"}} {
		d.user, d.uri, d.qop, d.nc, d.cnonce = "dps", "sip:x", "auth", "00000001", "c"
		d.response, _ = d.sum(tt.password, "NOTIFY")
		answer := p.notified(askSIP(user, "z9hG4bK"+strings.Repeat("2", i+2), "check-sync", "Authorization: "+d.header()))
		if !strings.HasPrefix(answer, "SIP/2.0 "+tt.want) {
			t.Errorf("password %q: %q", tt.password, answer)
		}
	}
	if _, err := (Options{ACS: "http://127.0.0.1:1/acs", SIPManner: "rude"}).withDefaults(); !errors.Is(err, ErrOptions) {
		t.Errorf("a manner that nobody has: %v", err)
	}
}

// FuzzReadSIP promises that what is read as a request can be answered by lines
// that hold nothing else than those of the request.
func FuzzReadSIP(f *testing.F) {
	f.Add("NOTIFY sip:a@b SIP/2.0\r\nVia: x;branch=1\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\nCSeq: 1 NOTIFY\r\n\r\n")
	f.Add("SIP/2.0 200 OK\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, ok := readSIP(text)
		if !ok {
			return
		}
		if answer := m.answer("200 OK"); strings.Count(answer, "\r\n") != 8 || strings.Count(answer, "\r\n\r\n") != 1 {
			t.Fatalf("%q is answered by %q", text, answer)
		}
	})
}
