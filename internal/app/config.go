// Package app puts the server together: the store, the CWMP endpoint, jobs,
// files and the admin API, their listeners, and their orderly end.
//
// It is the only importer of a store's implementation. It decides nothing
// about phones; it knows who needs whom, in which order they start and stop,
// and what the person who started the program is told. It refuses settings
// that cannot work, or that open more than was asked for by name.
package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"phoneacs/acs"
	"phoneacs/internal/quirkbook"
	"phoneacs/internal/seal"
	"phoneacs/jobs/window"
)

// Config is what the program can be told. The zero value of each field but
// Data, CWMP and Admin has the meaning that is said with it.
type Config struct {
	Data       string   // directory of the store
	CWMP       string   // host:port for phones; port 0: any that is free; empty: none, with CWMPTLS
	CWMPTLS    string   // host:port for phones that speak TLS, as CWMP; empty: none
	SIP        string   // host:port for SIP over UDP, by which phones are notified; empty: none
	Admin      string   // host:port for operators, as CWMP; on loopback unless AdminCert or AdminPlain
	AdminPlain bool     // Admin may be reached from elsewhere, though there is no TLS
	PublicURL  string   // scheme and host that phones reach us by; empty: as each phone's request says
	Enrol      string   // approve, list or open; empty: approve
	EnrolUser  string   // name that phones share which have no login of their own; empty: they enrol without one
	Auth       string   // what phones are asked for to prove who they are, as acs.Ask; empty: digest-md5
	AuthTLS    string   // the same within TLS
	Networks   []string // CIDR; where phones may be woken beside the address they informed from
	Proxies    []string // CIDR; peers whose X-Forwarded-For is believed
	Hosts      []string // names under which the admin API is reached, beside localhost

	// Files in PEM form, which may change while the server runs. Those of phones
	// need CWMPTLS.
	TLSCert, TLSKey     string // of CWMPTLS; both empty: the server's own authority makes them
	TLSClientCA         string // authorities that certificates of phones are held against; empty: none is asked for
	TLSMin              string // 1.0, 1.1, 1.2 or 1.3: the lowest version on CWMPTLS; empty: 1.2
	AdminCert, AdminKey string // of Admin; both empty: plain HTTP

	Quirks string // file of entries on the odd behaviour of phones, which may change while the server runs; empty: none

	AdminToken     string        // first admin token; empty: one is made
	EnrolPassword  string        // that goes with EnrolUser
	Key            string        // seals secrets in the store, as seal.Parse reads it; empty: that of a file in Data
	Drain          time.Duration // how long open sessions and requests may go on when the server stops, up to 1 h; 0: not at all
	Pprof          string        // host:port, on loopback, of the runtime's profiles; empty: none
	LogLevel       string        // debug, info, warn or error; empty: info
	LogSessions    string        // all or busy: of which sessions a line is logged at info; empty: all
	LogFormat      string        // text or json; empty: text
	NoRecordFailed bool          // sessions that failed are not kept, but for phones that are recorded
	RecordKept     time.Duration // how long recordings and unreadable messages are kept, 1 h to 5 years; 0: 90 days
	InformPace     time.Duration // how far apart the Informs of one phone may be for long, up to 1 h; 0: as close as it likes
	STUN           string        // host:port, of UDP, by which phones behind a NAT are woken; empty: not at all
	STUNSetup      string        // off, behind-nat or all: which phones are set up for that; empty: behind-nat
	Zone           string        // of the IANA database, for windows and sites that name none; empty: the machine's
	WakeGap        time.Duration // between connection requests to one phone, up to 10 min; 0: none

	KeepJobs    time.Duration // how long a job that has ended is kept, with its tasks; 0: for ever
	KeepHistory time.Duration // the same of what changed about a phone
	KeepUploads time.Duration // the same of what phones sent
	KeepBackups int           // how many backups are kept; 0: 7
	WarnFree    string        // room on the disk, as MinFree or as in 5%, below which there is a warning; auto: twice MinFree, at least 1 GiB; empty: none
	MinFree     string        // room on the disk, as in 512MiB, below which nothing large is taken on; empty: none
	// Demo is how many simulated phones live in this process, up to MaxDemo, on a
	// store of their own; 0: it is no demo. Data may then be empty: a temporary
	// directory. All listeners are on loopback.
	Demo int

	// Listen and Dial stand for the system's network where all that is spoken with
	// lives in the same process, as in a rehearsal; nil: the system's. Dial is for
	// connection requests. Addresses of listeners are of type *net.TCPAddr.
	Listen func(ctx context.Context, network, addr string) (net.Listener, error)
	Dial   func(ctx context.Context, network, addr string) (net.Conn, error)

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

// TokenVariable gives the first admin token. There is no flag of that: others
// on the machine could read it.
const TokenVariable = "PHONEACS_ADMIN_TOKEN"

// KeyVariable gives the key that seals secrets in the store; for the same
// reason there is no flag of it.
const KeyVariable = "PHONEACS_KEY"

// EnrolPasswordVariable gives the password of --enrol-user.
const EnrolPasswordVariable = "PHONEACS_ENROL_PASSWORD"

// sealKey reads the key; nil if none is given.
func (c *Config) sealKey() (*seal.Key, error) {
	if c.Key == "" {
		return nil, nil
	}
	return seal.Parse(c.Key)
}

// bad makes the error of a setting; nil of none.
func (c *Config) bad(setting string, err error) error {
	if err == nil {
		return nil
	}
	from := c.From[setting]
	switch setting {
	case "admin-token":
		from = TokenVariable
	case "key":
		from = KeyVariable
	case "enrol-password":
		from = EnrolPasswordVariable
	}
	return &ConfigError{Setting: setting, From: from, Err: err}
}

// Validate reports every setting that cannot be used, each as a [*ConfigError]
// on a line of its own. It reads the files of certificates and quirks, looks
// whether the data directory is a demo's, and opens nothing else: a port that somebody else has is found by [New].
func (c *Config) Validate() error {
	errs := slices.Concat(c.checkAddresses(), c.checkTLS(), c.checkDoor(), c.checkKept(), c.checkDemo())
	if c.Data == "" && c.Demo == 0 {
		errs = append(errs, c.bad("data", errors.New("needs a directory")))
	}
	switch acs.Enrol(c.Enrol) {
	case "", acs.EnrolApprove, acs.EnrolList, acs.EnrolOpen:
	default:
		errs = append(errs, c.bad("enrol", fmt.Errorf("%q: want approve, list or open", c.Enrol)))
	}
	if c.Drain < 0 || c.Drain > time.Hour {
		errs = append(errs, c.bad("drain", fmt.Errorf("%v: want 0s to 1h", c.Drain)))
	}
	if c.RecordKept != 0 && (c.RecordKept < time.Hour || c.RecordKept > 5*365*24*time.Hour) {
		errs = append(errs, c.bad("record-kept", fmt.Errorf("%v: want 1h to 43800h", c.RecordKept)))
	}
	if c.InformPace < 0 || c.InformPace > time.Hour {
		errs = append(errs, c.bad("inform-pace", fmt.Errorf("%v: want 0s to 1h", c.InformPace)))
	}
	if c.Zone != "" {
		if _, err := window.LoadZone(c.Zone); err != nil {
			errs = append(errs, c.bad("zone", err))
		}
	}
	if c.WakeGap < 0 || c.WakeGap > 10*time.Minute {
		errs = append(errs, c.bad("wake-gap", fmt.Errorf("%v: want 0s to 10m", c.WakeGap)))
	}
	_, badURL := publicBase(c.PublicURL)
	_, badNetwork := prefixes(c.Networks)
	_, badProxy := prefixes(c.Proxies)
	_, badHost := hostNames(c.Hosts)
	_, badKey := c.sealKey()
	_, badLevel := logLevel(c.LogLevel)
	_, badFormat := logHandler(c.LogFormat)
	var badSessions error
	if !slices.Contains([]string{"", "all", "busy"}, c.LogSessions) {
		badSessions = fmt.Errorf("%q: want all or busy", c.LogSessions)
	}
	var badQuirks error
	if c.Quirks != "" {
		_, badQuirks = quirkbook.ReadFile(c.Quirks)
	}
	return errors.Join(append(errs,
		c.bad("quirks", badQuirks),
		c.bad("public-url", badURL),
		c.bad("phone-networks", badNetwork),
		c.bad("trusted-proxies", badProxy),
		c.bad("admin-hosts", badHost),
		c.bad("admin-token", checkToken(c.AdminToken)),
		c.bad("key", badKey),
		c.bad("log-level", badLevel),
		c.bad("log-format", badFormat),
		c.bad("stun-setup", c.checkSTUNSetup()),
		c.bad("log-sessions", badSessions),
	)...)
}

// prefixes reads networks. White space around one is not meant.
func prefixes(cidrs []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(cidrs))
	for _, s := range cidrs {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			return nil, fmt.Errorf("%q is not a network in CIDR form, as in 192.168.0.0/16", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// hostNames reads names without port. White space around one is not meant.
func hostNames(names []string) ([]string, error) {
	out := make([]string, 0, len(names))
	for _, s := range names {
		name := strings.TrimSpace(s)
		if name == "" || strings.ContainsAny(name, ":/ \t") {
			return nil, fmt.Errorf("%q: want a name without scheme and port, as in acs.example.com", s)
		}
		out = append(out, name)
	}
	return out, nil
}
