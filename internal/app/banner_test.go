package app

import (
	"net/netip"
	"strings"
	"testing"
)

func TestURLs(t *testing.T) {
	local := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}
	for _, tt := range []struct {
		name, at string
		local    []netip.Addr
		want     string
	}{
		{"an address", "127.0.0.1:7547", local, "http://127.0.0.1:7547/acs"},
		{"an address of IPv6", "[::1]:7547", local, "http://[::1]:7547/acs"},
		{"a link-local address", "[fe80::1%eth0]:7547", local, "http://[fe80::1%25eth0]:7547/acs"},
		{"all of both", "[::]:7547", local, "http://192.0.2.1:7547/acs  or  http://[2001:db8::1]:7547/acs"},
		{"all of IPv4", "0.0.0.0:7547", local, "http://192.0.2.1:7547/acs"},
		{"all of a machine that has none", "[::]:7547", nil, "http://ADDRESS-OF-THIS-MACHINE:7547/acs"},
		{"all of IPv4 on one that has IPv6", "0.0.0.0:7547", local[1:], "http://ADDRESS-OF-THIS-MACHINE:7547/acs"},
	} {
		if got := urls("http", netip.MustParseAddrPort(tt.at), tt.local, "/acs"); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
	if local[0].String() != "192.0.2.1" || local[1].String() != "2001:db8::1" {
		t.Error("the list of local addresses was changed")
	}
}

func TestLocalAddrs(t *testing.T) {
	list := localAddrs()
	if len(list) > 8 {
		t.Errorf("%d addresses are too many to read", len(list))
	}
	for i, ip := range list {
		if ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || i > 0 && ip.Is4() && !list[i-1].Is4() {
			t.Errorf("%v is of no use to phones, or stands in the wrong place", list)
		}
	}
}

func TestBanner(t *testing.T) {
	open := "The admin API is open to the network"
	for _, tt := range []struct {
		name     string
		change   func(*Config)
		has, not []string
	}{
		{"loopback", func(c *Config) {},
			[]string{"Admin API:  http://127.0.0.1:", "/api/v1\n", "ACS URL: http://127.0.0.1:", "/acs\n", "Enrolment is open"}, []string{open, "all addresses"}},
		{"public URL", func(c *Config) { c.PublicURL = "https://acs.example.com/" },
			[]string{"ACS URL: https://acs.example.com/acs\n", "of 127.0.0.1\n"}, []string{"com//"}},
		{"list", func(c *Config) { c.Enrol = "list" }, []string{"Only imported phones are let in."}, nil},
		{"approve", func(c *Config) { c.Enrol = "" }, []string{"New phones wait for approval"}, nil},
		{"a small demo", func(c *Config) { c.Enrol, c.Demo = "", 5 }, []string{"DEMO: 5 simulated", "are all let in"}, []string{"New phones wait"}},
		{"a demo", func(c *Config) { c.Enrol, c.Demo = "", 50 }, []string{"but for 2 that nobody has listed: they wait for approval"}, []string{"New phones wait", "are all let in"}},
		{"everywhere", func(c *Config) { c.CWMP, c.Admin, c.AdminPlain = ":0", ":0", true },
			[]string{open, "of all addresses\n"}, []string{"[::]", "0.0.0.0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := testConfig(t)
			tt.change(&cfg)
			a := newApp(t, cfg, t.Output(), nil)
			defer closeApp(t, a)
			banner := a.Banner()
			for _, s := range append(tt.has, cfg.Data, "The admin token is the one in PHONEACS_ADMIN_TOKEN.") {
				if !strings.Contains(banner, s) {
					t.Errorf("it does not tell %q:\n%s", s, banner)
				}
			}
			for _, s := range append(tt.not, testToken) {
				if strings.Contains(banner, s) {
					t.Errorf("it tells %q:\n%s", s, banner)
				}
			}
		})
	}
}
