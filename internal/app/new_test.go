package app

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"phoneacs/db"
)

// TestNewOnBusyPort: New that fails closes what it has opened, and leaves no
// token behind that nobody was told of.
func TestNewOnBusyPort(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for setting, change := range map[string]func(*Config){
		"cwmp":  func(c *Config) { c.CWMP = busy.Addr().String() },
		"admin": func(c *Config) { c.Admin = busy.Addr().String() },
		"pprof": func(c *Config) { c.Pprof = busy.Addr().String() },
	} {
		t.Run(setting, func(t *testing.T) {
			cfg := testConfig(t)
			cfg.AdminToken = ""
			good := cfg
			change(&cfg)
			cfg.From = map[string]string{setting: "phoneacs.yaml:7: " + setting}
			var terminal bytes.Buffer
			a, err := New(t.Context(), cfg, t.Output(), &terminal)
			var bad *ConfigError
			if a != nil || !errors.As(err, &bad) || bad.Setting != setting || !errors.Is(err, syscall.EADDRINUSE) {
				t.Fatalf("New = %v, %v; want a *ConfigError of %s", a, err, setting)
			}
			if want := "phoneacs.yaml:7: " + setting + ": cannot listen on " + busy.Addr().String(); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error %q; want it to begin with %q", err, want)
			}
			if terminal.Len() != 0 {
				t.Errorf("a token is shown of a server that has not started: %s", &terminal)
			}
			again := newApp(t, good, t.Output(), &terminal)
			defer closeApp(t, again)
			if !strings.HasPrefix(terminal.String(), "Admin token") {
				t.Errorf("the next start shows no token: %q", &terminal)
			}
		})
	}
}

func TestNewOnLockedStore(t *testing.T) {
	cfg := testConfig(t)
	defer closeApp(t, newApp(t, cfg, t.Output(), nil))
	if a, err := New(t.Context(), cfg, t.Output(), nil); a != nil || !errors.Is(err, db.ErrLocked) {
		t.Errorf("New = %v, %v; want db.ErrLocked", a, err)
	}
}

func TestNewRefusesBadSettings(t *testing.T) {
	cfg := testConfig(t)
	cfg.Enrol = "all"
	var bad *ConfigError
	if a, err := New(t.Context(), cfg, t.Output(), nil); a != nil || !errors.As(err, &bad) || bad.Setting != "enrol" {
		t.Errorf("New = %v, %v", a, err)
	}
	mustNotExist(t, cfg.Data)
}

// TestNewInterrupted is a signal that comes while the server starts.
func TestNewInterrupted(t *testing.T) {
	cfg := testConfig(t)
	cfg.AdminToken = ""
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if a, err := New(ctx, cfg, t.Output(), nil); a != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("New = %v, %v; want %v", a, err, context.Canceled)
	}
	mustNotExist(t, filepath.Join(cfg.Data, tokenFile))
	defer closeApp(t, newApp(t, cfg, t.Output(), nil))
	if _, err := os.Stat(filepath.Join(cfg.Data, tokenFile)); err != nil {
		t.Errorf("the next start makes no token: %v", err)
	}
}

// TestListenLooksAgain: localhost that is not loopback is found out only when
// the socket is there. What Validate would refuse stands in for it.
func TestListenLooksAgain(t *testing.T) {
	for setting, cfg := range map[string]Config{
		"admin": {CWMP: "127.0.0.1:0", Admin: ":0"},
		"pprof": {CWMP: "127.0.0.1:0", Admin: "127.0.0.1:0", Pprof: "0.0.0.0:0"},
	} {
		a := &App{cfg: cfg}
		err := a.listen(t.Context())
		var bad *ConfigError
		if !errors.As(err, &bad) || bad.Setting != setting || !strings.Contains(err.Error(), "not on loopback") {
			t.Errorf("%s: %v", setting, err)
		}
		for _, l := range []net.Listener{a.cwmpListener, a.adminListener, a.pprofListener} {
			if l != nil {
				l.Close()
			}
		}
	}
}
