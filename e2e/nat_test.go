package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestNAT wakes a phone behind a real NAT: over HTTP nothing leads to it, by
// UDP it comes at once; also when the NAT has forgotten its binding and given it
// another; and of no request anybody else hears, whoever says to be the phone.
func TestNAT(t *testing.T) {
	t.Parallel()
	n := newNAT(t)
	s := stunServer(t, natServer, "--phone-networks", "192.168.91.0/24") // where HTTP finds no way
	s.wrap = in(n.server)
	n.reach(s)
	port := freePort(t)
	s.args[1] = net.JoinHostPort(natServer, port)
	s.Start()
	s.importCSV(t, "/api/v1/phones/import", "mac\n0c383e000001\n")
	n.phone(t, s)
	id := s.settled(t)
	first := s.hears(t, id, "2") // as the NAT was told to begin its ports with

	s.wokenByUDP(t, id)
	if got := s.tried(t, "http", "ok"); got != 0 {
		t.Errorf("%v connection requests over HTTP got through", got)
	}

	n.translate("40000-49999")
	second := s.hears(t, id, "4")
	if first == second {
		t.Errorf("the binding is still %s", first)
	}
	s.wokenByUDP(t, id)

	user := "0C383E-00100400FV02001000000c383e000001"
	h := n.helper(n.nat, "forge", natOther+":5000", s.args[1], forged(1, ""), forged(2, ""), forged(3, user), forged(4, ""))
	h.ready()
	eventually(t, 10*time.Second, "the forged requests are answered", func() error {
		if got := s.gauge(t, `phoneacs_stun_packets_total\{outcome="refused"\}`); got < 1 {
			return fmt.Errorf("%v are refused", got)
		}
		return nil
	})
	said := h.says() // it hears what it is answered
	s.wokenByUDP(t, id)
	if said += h.end(); strings.Contains(said, "GET ") || !strings.HasPrefix(said, `"\x01\x11`) {
		t.Errorf("somebody else hears %s", said)
	}
}

// wokenByUDP wakes the phone, which must begin a session for it by UDP.
func (s *server) wokenByUDP(t *testing.T, id string) {
	t.Helper()
	before, was := s.wakes(t, id), s.tried(t, "udp", "ok")
	began := time.Now()
	eventually(t, time.Minute, "the phone is woken by UDP", func() error {
		// A session that it still owes for an earlier request stands for this one.
		s.call(t, http.MethodPost, "/api/v1/phones/"+id+"/wake", nil, nil)
		if n := s.tried(t, "udp", "ok"); n <= was {
			return fmt.Errorf("%v requests led to a session", n)
		}
		return nil
	})
	t.Logf("woken within %v", time.Since(began).Round(time.Millisecond))
	p := s.wakes(t, id)
	if p.Way != "udp" || p.Error != "" {
		t.Errorf("the phone was woken by %q: %q", p.Way, p.Error)
	}
	if p.Informs <= before.Informs {
		t.Errorf("it has informed %d times, as often as before", p.Informs)
	}
	eventually(t, 30*time.Second, "the session ends", func() error {
		if n := s.gauge(t, "phoneacs_sessions_open"); n != 0 {
			return fmt.Errorf("%v sessions open", n)
		}
		return nil
	})
}

// tried is how often a way of waking came to a result.
func (s *server) tried(t *testing.T, way, result string) float64 {
	t.Helper()
	a, err := s.do(t.Context(), http.MethodGet, "/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	var v float64
	for line := range strings.Lines(string(a.body)) {
		if rest, ok := strings.CutPrefix(line, fmt.Sprintf("phoneacs_wake_ways_total{result=%q,way=%q} ", result, way)); ok {
			_, _ = fmt.Sscan(rest, &v)
		}
	}
	return v
}

// hears waits until the phone has told of a binding whose port begins so, and
// returns it.
func (s *server) hears(t *testing.T, id, digit string) (at string) {
	t.Helper()
	eventually(t, 30*time.Second, "the phone tells of its binding", func() error {
		for _, p := range list[struct{ Name, Value string }](t, s, "/api/v1/phones/"+id+"/parameters") {
			if strings.HasSuffix(p.Name, "UDPConnectionRequestAddress") {
				at = p.Value
			}
		}
		if !strings.HasPrefix(at, natPublic+":"+digit) {
			return fmt.Errorf("it hears at %q", at)
		}
		if n := s.gauge(t, "phoneacs_sessions_open"); n != 0 {
			return fmt.Errorf("%v sessions open", n)
		}
		return nil
	})
	return at
}

// phone runs a simulated phone behind the NAT until the test ends.
func (n *natNet) phone(t *testing.T, s *server) {
	t.Helper()
	line := in(n.phones, program(t), "sim", "--yes-this-is-a-test-server", "--acs", s.ACS(), "--models", "X6",
		"--stun", "3489", "--stun-every", "200ms", "--listen-cr", natPhone+":7548", "--interval", "300ms", "--retry-scale", "0.01")
	cmd := exec.Command(line[0], line[1:]...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the phone says:\n%s", out.String())
		}
	})
}

// freePort is one that nobody has here; in a namespace of its own it is free too.
func freePort(t *testing.T) string {
	t.Helper()
	_, port, err := net.SplitHostPort(freeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// forged is a Binding Request as somebody sends it who is not the phone: in its
// name, signed with another password, or with neither. In hexadecimal.
func forged(id byte, user string) string {
	attr := func(b []byte, kind uint16, value string) []byte {
		b = binary.BigEndian.AppendUint16(b, kind)
		b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
		b = append(b, value...)
		return append(b, make([]byte, -len(value)&3)...)
	}
	b := append([]byte{0, 1, 0, 0}, make([]byte, 16)...)
	b[19] = id
	b = attr(b, 0xc001, "dslforum.org/TR-111 ")
	b = attr(b, 0xc002, "")
	if user != "" {
		b = attr(b, 0x0006, user)
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)-20+24))
		h := hmac.New(sha1.New, []byte("not its password"))
		h.Write(b)
		b = attr(b, 0x0008, string(h.Sum(nil)))
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)-20))
	return fmt.Sprintf("%x", b)
}
