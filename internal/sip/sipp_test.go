package sip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

// A sipp is the program of that name in the place of a phone: it shares no code
// with this one.
type sipp struct {
	t        *testing.T
	port     uint16
	messages string // file with all that came and went
	cmd      *exec.Cmd
	out      bytes.Buffer
	ended    chan error
}

// bound says whether a UDP port of this machine is taken, without touching it.
func bound(t *testing.T, port uint16) bool {
	t.Helper()
	table, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		t.Skipf("it cannot be told here when sipp listens: %v", err)
	}
	return strings.Contains(string(table), fmt.Sprintf(":%04X ", port))
}

// startSIPp runs a scenario of testdata on a port of its own, for one call, and
// waits until it listens.
func startSIPp(t *testing.T, scenario string) *sipp {
	t.Helper()
	path, err := exec.LookPath("sipp")
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		t.Skip("sipp is not installed here, and is the other side of this test")
	}
	scenario, err = filepath.Abs(filepath.Join("testdata", scenario+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 { // somebody may take the port before sipp does
		s := &sipp{t: t, port: uint16(15000 + rand.IntN(17000)), messages: filepath.Join(t.TempDir(), "messages"), ended: make(chan error, 1)}
		if bound(t, s.port) {
			continue
		}
		s.cmd = exec.Command(path, "-sf", scenario, "-i", "127.0.0.1", "-p", fmt.Sprint(s.port), "-m", "1", "-nostdin",
			"-trace_msg", "-message_file", s.messages)
		s.cmd.Dir = filepath.Dir(s.messages)
		s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
		if err := s.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { s.ended <- s.cmd.Wait() }()
		if s.listens() {
			t.Cleanup(func() { _ = s.cmd.Process.Kill() })
			return s
		}
	}
	t.Fatal("sipp does not listen on any port")
	return nil
}

// listens waits until sipp does; it is false if sipp has ended instead.
func (s *sipp) listens() bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !bound(s.t, s.port) {
		select {
		case <-tick.C:
		case <-s.ended:
			return false
		case <-deadline:
			s.t.Fatal("sipp does not listen")
		}
	}
	return true
}

// wait waits for the end of the call, and says how often a NOTIFY came. sipp
// fails if anything was not as its scenario has it.
func (s *sipp) wait() int {
	s.t.Helper()
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Fatalf("sipp: %v\n%s", err, s.out.String())
		}
	case <-time.After(time.Minute):
		s.t.Fatal("sipp does not end")
	}
	return s.came()
}

func (s *sipp) came() int {
	s.t.Helper()
	log, err := os.ReadFile(s.messages)
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.Count(string(log), "\nNOTIFY sip:")
}

// speak runs an endpoint on a real socket.
func speak(t *testing.T) *Endpoint {
	t.Helper()
	c, err := net.ListenUDP("udp", nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(Options{Socket: c, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return e
}

func (s *sipp) notice() db.Notice {
	return db.Notice{
		Phone: 1, Address: "127.0.0.1", Port: s.port, User: "1001", Event: "check-sync;reboot=true",
		Login: db.Login{User: "acs", Password: "secret"},
	}
}

// TestSIPp sends NOTIFYs to phones that sipp plays: each leaves once, again by
// Timer E where no answer comes, and again with who we are where it is asked.
func TestSIPp(t *testing.T) {
	for _, tt := range []struct {
		scenario     string
		status       int
		least, exact int // how often it came: as often at least, or just so
		why          string
	}{
		{"accepts", 200, 0, 1, ""},
		{"challenges", 200, 0, 2, ""},
		{"gone", 481, 0, 1, "the phone answered 481"},
		{"slow", 200, 4, 0, ""},
	} {
		t.Run(tt.scenario, func(t *testing.T) {
			t.Parallel()
			s := startSIPp(t, tt.scenario)
			send, _, err := speak(t).Prepare(s.notice())
			if err != nil {
				t.Fatal(err)
			}
			a := send(t.Context())
			came := s.wait()
			if a.Status != tt.status || !strings.Contains(a.Why, tt.why) || a.Cut {
				t.Errorf("answer %+v", a)
			}
			if a.Sent != came || came < tt.least || tt.exact != 0 && came != tt.exact {
				t.Errorf("sent %d times, and %d came", a.Sent, came)
			}
		})
	}
	t.Run("silent", func(t *testing.T) {
		t.Parallel()
		s := startSIPp(t, "silent")
		send, _, err := speak(t).Prepare(s.notice())
		if err != nil {
			t.Fatal(err)
		}
		a := send(t.Context())
		if a.Status != 0 || a.Cut || a.Sent < 9 || a.Sent > 11 || !strings.Contains(a.Why, "Timer F") {
			t.Errorf("answer %+v", a)
		}
		if came := s.came(); came != a.Sent {
			t.Errorf("sent %d times, and %d came", a.Sent, came)
		}
	})
}

// TestNewRefused: an endpoint needs a socket, and one that is not closed behind
// its back.
func TestNewRefused(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("it needs no socket")
	}
	s := newFakeSocket()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e, err := New(Options{Socket: s})
	if err != nil {
		t.Fatal(err)
	}
	s.Close() // by somebody else
	if err := e.Run(ctx); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Run on a closed socket: %v", err)
	}
}
