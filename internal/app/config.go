// Package app puts the server together: the store, the CWMP endpoint, jobs,
// files and the admin API, their listeners, and their orderly end.
//
// It is the only importer of a store's implementation. It decides nothing
// about phones; it knows who needs whom, in which order they start and stop,
// and what the person who started the program is told.
package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"phoneacs/acs"
)

// Config is what the program can be told. The zero value of each field but
// Data, CWMP and Admin has the meaning that is said with it.
type Config struct {
	Data      string   // directory of the store
	CWMP      string   // address for phones
	Admin     string   // address for operators
	PublicURL string   // scheme and host that phones reach us by; empty: as each phone's request says
	Enrol     string   // approve, list or open; empty: approve
	Networks  []string // CIDR; where phones may be woken beside the address they informed from
	Proxies   []string // CIDR; peers whose X-Forwarded-For is believed
	Hosts     []string // names under which the admin API is reached, beside localhost

	AdminToken string        // first admin token; empty: one is made
	Drain      time.Duration // how long open sessions may go on when the server stops; 0: 20 s
	Pprof      string        // address of the runtime's profiles; empty: none
	LogLevel   string        // debug, info, warn or error; empty: info
	LogFormat  string        // text or json; empty: text

	// From says of a setting, by the name of its flag, where it comes from if
	// that is not the flag: a variable, or a file with its line.
	From map[string]string
}

// A ConfigError names the setting that cannot be used, and where it was made.
type ConfigError struct {
	Setting string // as the flag is called, without dashes
	From    string // as in Config.From; empty: the flag
	Err     error
}

func (e *ConfigError) Error() string {
	if e.From != "" {
		return fmt.Sprintf("%s: %v", e.From, e.Err)
	}
	return fmt.Sprintf("--%s: %v", e.Setting, e.Err)
}

func (e *ConfigError) Unwrap() error { return e.Err }

func (c *Config) bad(setting string, err error) error {
	return &ConfigError{Setting: setting, From: c.From[setting], Err: err}
}

// Validate reports every setting that cannot be used.
func (c *Config) Validate() error {
	var errs []error
	bad := func(setting, format string, args ...any) {
		errs = append(errs, c.bad(setting, fmt.Errorf(format, args...)))
	}
	if c.Data == "" {
		bad("data", "needs a directory")
	}
	for _, a := range []struct{ setting, addr string }{{"cwmp", c.CWMP}, {"admin", c.Admin}} {
		if _, _, err := net.SplitHostPort(a.addr); err != nil {
			bad(a.setting, "%q is not host:port, as in 127.0.0.1:8080: %w", a.addr, err)
		}
	}
	if c.PublicURL != "" {
		if err := checkPublicURL(c.PublicURL); err != nil {
			bad("public-url", "%w", err)
		}
	}
	switch acs.Enrol(c.Enrol) {
	case "", acs.EnrolApprove, acs.EnrolList, acs.EnrolOpen:
	default:
		bad("enrol", "%q: want approve, list or open", c.Enrol)
	}
	if _, err := prefixes(c.Networks); err != nil {
		bad("phone-networks", "%w", err)
	}
	if _, err := prefixes(c.Proxies); err != nil {
		bad("trusted-proxies", "%w", err)
	}
	if c.AdminToken != "" && len(c.AdminToken) < minToken {
		bad("admin-token", "needs at least %d characters", minToken)
	}
	if c.Drain < 0 || c.Drain > time.Hour {
		bad("drain", "%v: want 0 to 1h", c.Drain)
	}
	if _, err := newLog(c, nil); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func checkPublicURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return err
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.User != nil,
		strings.Trim(u.Path, "/") != "", u.RawQuery != "", u.Fragment != "":
		return fmt.Errorf("%q: want scheme and host only, as in http://acs.example.com:7547", s)
	}
	return nil
}

func prefixes(cidrs []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(cidrs))
	for _, s := range cidrs {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			return nil, fmt.Errorf("%q is not a network in CIDR form, as in 192.168.0.0/16: %w", s, err)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
