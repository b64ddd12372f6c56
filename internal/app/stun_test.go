package app

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
)

// TestNewWithSTUN: New opens the socket, says if it cannot, and sends phones
// there only where it is known how they reach it.
func TestNewWithSTUN(t *testing.T) {
	busy, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	cfg := testConfig(t)
	good := cfg
	cfg.STUN = busy.LocalAddr().String()
	var bad *ConfigError
	if a, err := New(t.Context(), cfg, t.Output(), nil); a != nil || !errors.As(err, &bad) || bad.Setting != "stun" || !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("New = %v, %v; want a *ConfigError of stun", a, err)
	}
	good.STUN = "127.0.0.1:0"
	var log strings.Builder
	a := newApp(t, good, &log, nil)
	if a.stunSetup(t.Context(), "") != nil || !strings.Contains(log.String(), "no phone is set up for STUN") {
		t.Errorf("phones are sent nobody knows where; the log has %q", log.String())
	}
	s := a.stunSetup(t.Context(), "http://acs.example:7547")
	if s == nil || s.Host != "acs.example" || s.Port != a.stun.Addr().Port() || s.Port == 0 || s.Which != "behind-nat" {
		t.Errorf("phones are sent to %+v", s)
	}
	a.cfg.STUNSetup = "off"
	if a.stunSetup(t.Context(), "http://acs.example:7547") != nil {
		t.Error("phones are sent there although they are not to be")
	}
	closeApp(t, a)
	if c, err := net.ListenPacket("udp", a.stun.Addr().String()); err != nil {
		t.Errorf("the socket is still open: %v", err)
	} else {
		c.Close()
	}
}
