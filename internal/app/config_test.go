package app

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestValidate gives one bad setting each and wants it named.
func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*Config)
		setting string
		want    string // in the error
	}{
		{"no directory", func(c *Config) { c.Data = "" }, "data", "--data: needs a directory"},
		{"no port", func(c *Config) { c.CWMP = "127.0.0.1" }, "cwmp", `--cwmp: "127.0.0.1" is not host:port`},
		{"empty port", func(c *Config) { c.CWMP = "127.0.0.1:" }, "cwmp", "is not host:port"},
		{"port by name", func(c *Config) { c.CWMP = "127.0.0.1:http" }, "cwmp", "is not host:port"},
		{"port too high", func(c *Config) { c.CWMP = ":65536" }, "cwmp", "is not host:port"},
		{"IPv6 without brackets", func(c *Config) { c.Admin = "::1:8080" }, "admin", "[::1]:8080"},
		{"no address for operators", func(c *Config) { c.Admin = "" }, "admin", "is not host:port"},
		{"admin everywhere", func(c *Config) { c.Admin = ":8080" }, "admin", "there is no TLS"},
		{"admin on all of IPv4", func(c *Config) { c.Admin = "0.0.0.0:8080" }, "admin", "--admin-plain"},
		{"admin on all of IPv6", func(c *Config) { c.Admin = "[::]:8080" }, "admin", "--admin-plain"},
		{"admin on an address", func(c *Config) { c.Admin = "192.0.2.1:8080" }, "admin", "--admin-plain"},
		{"admin on a name", func(c *Config) { c.Admin = "acs.example.com:8080" }, "admin", "--admin-plain"},
		{"profiles everywhere", func(c *Config) { c.Pprof = ":6060" }, "pprof", "--pprof: \":6060\" is not on loopback"},
		{"profiles everywhere, admin too", func(c *Config) { c.Pprof, c.AdminPlain = ":6060", true }, "pprof", "is not on loopback"},
		{"same port", func(c *Config) { c.CWMP, c.Admin = ":8080", "127.0.0.1:8080" }, "admin", `has the port of --cwmp, ":8080"`},
		{"same port of profiles", func(c *Config) { c.Pprof = "[::ffff:127.0.0.1]:8080" }, "pprof", "has the port of --admin"},
		{"no port of STUN", func(c *Config) { c.STUN = "acs.example.com" }, "stun", `--stun: "acs.example.com" is not host:port`},
		{"set up by name", func(c *Config) { c.STUNSetup = "some" }, "stun-setup", `--stun-setup: "some": want off, behind-nat or all`},
		{"public URL without scheme", func(c *Config) { c.PublicURL = "acs.example.com:7547" }, "public-url", "want scheme and host only"},
		{"enrolment", func(c *Config) { c.Enrol = "all" }, "enrol", `--enrol: "all": want approve, list or open`},
		{"network without length", func(c *Config) { c.Networks = []string{"10.0.0.0/8", "10.1.1.1"} }, "phone-networks", `"10.1.1.1" is not a network in CIDR form`},
		{"proxy", func(c *Config) { c.Proxies = []string{"proxy"} }, "trusted-proxies", `"proxy" is not a network`},
		{"admin host with port", func(c *Config) { c.Hosts = []string{"acs.example.com:8080"} }, "admin-hosts", "without scheme and port"},
		{"admin host with scheme", func(c *Config) { c.Hosts = []string{"http://acs.example.com"} }, "admin-hosts", "without scheme and port"},
		{"no admin host", func(c *Config) { c.Hosts = []string{" "} }, "admin-hosts", "without scheme and port"},
		{"nowhere for phones", func(c *Config) { c.CWMP = "" }, "cwmp", "is not host:port"},
		{"no port of TLS", func(c *Config) { c.CWMPTLS = "127.0.0.1" }, "cwmp-tls", `--cwmp-tls: "127.0.0.1" is not host:port`},
		{"same port of TLS", func(c *Config) { c.CWMPTLS = "192.0.2.1:7547" }, "cwmp-tls", `has the port of --cwmp, ":7547"`},
		{"certificate without TLS", func(c *Config) { c.TLSCert = "a" }, "tls-cert", "--tls-cert: is for the listener of --cwmp-tls"},
		{"key without TLS", func(c *Config) { c.TLSKey = "a" }, "tls-key", "--cwmp-tls, and there is none"},
		{"client authorities without TLS", func(c *Config) { c.TLSClientCA = "a" }, "tls-client-ca", "--cwmp-tls, and there is none"},
		{"version without TLS", func(c *Config) { c.TLSMin = "1.0" }, "tls-min", "--cwmp-tls, and there is none"},
		{"certificate without key", func(c *Config) { c.CWMPTLS, c.TLSCert = ":7548", "a" }, "tls-cert", "--tls-cert: needs its key, by --tls-key"},
		{"key without certificate", func(c *Config) { c.CWMPTLS, c.TLSKey = ":7548", "a" }, "tls-key", "--tls-key: needs its certificate, by --tls-cert"},
		{"no such certificate", func(c *Config) { c.CWMPTLS, c.TLSCert, c.TLSKey = ":7548", "/none/a", "b" }, "tls-cert", "read certificate: open /none/a"},
		{"no such client authorities", func(c *Config) { c.CWMPTLS, c.TLSClientCA = ":7548", "/none/a" }, "tls-client-ca", "open /none/a"},
		{"version that is none", func(c *Config) { c.CWMPTLS, c.TLSMin = ":7548", "1.4" }, "tls-min", `--tls-min: "1.4": want 1.0, 1.1, 1.2 or 1.3`},
		{"admin certificate without key", func(c *Config) { c.AdminCert = "a" }, "admin-cert", "needs its key, by --admin-key"},
		{"admin key without certificate", func(c *Config) { c.AdminKey = "a" }, "admin-key", "needs its certificate, by --admin-cert"},
		{"no such admin certificate", func(c *Config) { c.AdminCert, c.AdminKey = "/none/a", "b" }, "admin-cert", "open /none/a"},
		{"no key", func(c *Config) { c.Key = "correct horse" }, "key", "PHONEACS_KEY: want 32 bytes as 64 hex digits"},
		{"short token", func(c *Config) { c.AdminToken = strings.Repeat("x", minToken-1) }, "admin-token", "PHONEACS_ADMIN_TOKEN: needs at least 16 characters"},
		{"long token", func(c *Config) { c.AdminToken = strings.Repeat("x", maxToken+1) }, "admin-token", "at most 256"},
		{"token with a space", func(c *Config) { c.AdminToken = "0123456789 abcdef" }, "admin-token", "no space"},
		{"token with a line end", func(c *Config) { c.AdminToken = "0123456789abcdef\n" }, "admin-token", "no space"},
		{"token beyond ASCII", func(c *Config) { c.AdminToken = "0123456789abcdéf" }, "admin-token", "ASCII"},
		{"no such quirks", func(c *Config) { c.Quirks = "/none/a" }, "quirks", "--quirks: open /none/a"},
		{"recordings kept for too short", func(c *Config) { c.RecordKept = time.Minute }, "record-kept", "want 1h to 43800h"},
		{"recordings kept for too long", func(c *Config) { c.RecordKept = 43801 * time.Hour }, "record-kept", "want 1h to 43800h"},
		{"drain below zero", func(c *Config) { c.Drain = -1 }, "drain", "want 0s to 1h"},
		{"drain too long", func(c *Config) { c.Drain = time.Hour + 1 }, "drain", "want 0s to 1h"},
		{"log level", func(c *Config) { c.LogLevel = "loud" }, "log-level", `--log-level: "loud": want debug`},
		{"log format", func(c *Config) { c.LogFormat = "xml" }, "log-format", `--log-format: "xml": want text or json`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{Data: "data", CWMP: ":7547", Admin: "127.0.0.1:8080"}
			tt.change(&c)
			err := c.Validate()
			var bad *ConfigError
			if !errors.As(err, &bad) {
				t.Fatalf("Validate: %v; want a *ConfigError", err)
			}
			if bad.Setting != tt.setting || !strings.Contains(bad.Error(), tt.want) {
				t.Errorf("setting %q, error %q; want %q and %q", bad.Setting, bad, tt.setting, tt.want)
			}
			if err.Error() != bad.Error() {
				t.Errorf("more than one setting is refused: %v", err)
			}
			if c.AdminToken != "" && strings.Contains(err.Error(), c.AdminToken) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestValidateAccepts(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"as the flags have it":   func(*Config) {},
		"localhost":              func(c *Config) { c.Admin = "LocalHost:8080" },
		"loopback of IPv6":       func(c *Config) { c.Admin = "[::1]:8080" },
		"anywhere in 127/8":      func(c *Config) { c.Admin = "127.5.5.5:8080" },
		"asked for by name":      func(c *Config) { c.Admin, c.AdminPlain = ":8080", true },
		"free ports":             func(c *Config) { c.CWMP, c.Admin, c.Pprof = ":0", "127.0.0.1:0", "127.0.0.1:0" },
		"a port, two addresses":  func(c *Config) { c.CWMP = "192.0.2.1:8080" },
		"no drain":               func(c *Config) { c.Drain = 0 },
		"networks with spaces":   func(c *Config) { c.Networks, c.Proxies = []string{"10.0.0.0/8", " fd00::/8 "}, []string{" ::1/128"} },
		"admin host with spaces": func(c *Config) { c.Hosts = []string{" acs.example.com"} },
		"TLS":                    func(c *Config) { c.CWMPTLS, c.TLSMin = ":7548", "1.0" },
		"TLS alone":              func(c *Config) { c.CWMP, c.CWMPTLS = "", ":7547" },
		"the version by default": func(c *Config) { c.TLSMin = "1.2" },
		"words":                  func(c *Config) { c.Enrol, c.LogLevel, c.LogFormat = "list", "debug", "json" },
		"a token":                func(c *Config) { c.AdminToken = strings.Repeat("~", minToken) },
	} {
		c := Config{Data: "data", CWMP: ":7547", Admin: "127.0.0.1:8080", Drain: time.Hour, PublicURL: "https://acs.example.com/"}
		change(&c)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestValidateTellsAll wants every bad setting on a line of its own, with the
// place where it was made.
func TestValidateTellsAll(t *testing.T) {
	c := Config{Enrol: "x", CWMP: "x", Admin: "127.0.0.1:1", AdminToken: "x",
		From: map[string]string{"enrol": "PHONEACS_ENROL", "cwmp": "/etc/phoneacs.yaml:3: cwmp"}}
	err := c.Validate()
	if err == nil {
		t.Fatal("Validate took it")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, begin := range []string{"/etc/phoneacs.yaml:3: cwmp: ", "--data: ", "PHONEACS_ENROL: ", "PHONEACS_ADMIN_TOKEN: "} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], begin) {
			t.Errorf("line %d does not begin with %q:\n%v", i+1, begin, err)
		}
	}
}
