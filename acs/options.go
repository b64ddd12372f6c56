package acs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/record"
)

// Enrol says what becomes of a phone that informs for the first time.
type Enrol string

// The ways to enrol.
const (
	EnrolApprove Enrol = "approve" // it waits for an operator
	EnrolList    Enrol = "list"    // it is refused: phones are listed beforehand
	EnrolOpen    Enrol = "open"    // it is managed at once
)

// state is the state of a phone that was unknown; empty refuses it.
func (e Enrol) state() db.PhoneState {
	switch e {
	case EnrolApprove:
		return db.PhonePending
	case EnrolOpen:
		return db.PhoneApproved
	}
	return ""
}

// Options say how a [Server] works. Store and Dispatcher must be given.
type Options struct {
	Store      Store
	Dispatcher Dispatcher
	Clock      clockwork.Clock  // nil: the real one
	Log        *slog.Logger     // nil: nothing is logged
	LogBusy    bool             // sessions in which there was nothing to do are told of at Debug alone
	Quirks     Quirks           // nil: no phone has any
	Enrol      Enrol            // empty: EnrolApprove
	Door       *Door            // nil: phones are taken for who they say they are
	Recorder   *record.Recorder // nil: nothing is recorded
	STUN       STUN             // nil: phones behind a NAT are not woken through it

	// PublicURL is scheme and host by which phones reach this server. Empty:
	// as each phone's own request names it.
	PublicURL string

	// SessionTimeout is how long a phone may be silent within a session, 30 s
	// to 10 min; 0 means 60 s. A phone that asks for longer gets it, up to 10 min.
	SessionTimeout time.Duration
	// MaxBody bounds a body, inflated: 64 KiB to 8 MiB; 0 means 4 MiB.
	MaxBody int64
	// MaxSessions bounds the open sessions; 0 means 20,000.
	MaxSessions int

	// InformPace is how far apart the Informs of one phone may be for long that
	// bring nothing urgent, at most 1 h; 0: as close as it likes.
	InformPace time.Duration

	// WakeGap is how long after a connection request to a phone the next one
	// may follow, at most 10 min; 0: at once.
	WakeGap time.Duration

	// PhoneNetworks are where connection requests may go besides the address
	// that the phone informed from. Loopback addresses are dialled only if one
	// of these lies within loopback.
	PhoneNetworks []netip.Prefix
	// Dial makes the connections of connection requests, to an address that was
	// vetted; nil: the system's network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TrustedProxies forward several phones over one connection; of them,
	// X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix

	Registerer prometheus.Registerer // nil: metrics are not registered
}

const maxSessionTimeout = 10 * time.Minute

// complete fills in what was left out and refuses what cannot work.
func (o *Options) complete() error {
	if o.Store == nil || o.Dispatcher == nil {
		return errors.New("acs: a store and a dispatcher are needed")
	}
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Quirks == nil {
		o.Quirks = plainPhones{}
	}
	o.Enrol = or(o.Enrol, EnrolApprove)
	o.SessionTimeout = or(o.SessionTimeout, time.Minute)
	o.MaxBody = or(o.MaxBody, 4<<20)
	o.MaxSessions = or(o.MaxSessions, 20_000)
	switch {
	case o.Enrol != EnrolApprove && o.Enrol != EnrolList && o.Enrol != EnrolOpen:
		return fmt.Errorf("acs: enrol %q: want approve, list or open", o.Enrol)
	case o.SessionTimeout < 30*time.Second || o.SessionTimeout > maxSessionTimeout:
		return fmt.Errorf("acs: session timeout %v: want 30s to 10m", o.SessionTimeout)
	case o.MaxBody < 64<<10 || o.MaxBody > cwmp.MaxBytes:
		return fmt.Errorf("acs: largest body %d: want %d to %d", o.MaxBody, 64<<10, cwmp.MaxBytes)
	case o.InformPace < 0 || o.InformPace > time.Hour:
		return fmt.Errorf("acs: inform pace %v: want 0 to 1h", o.InformPace)
	case o.WakeGap < 0 || o.WakeGap > busyMost:
		return fmt.Errorf("acs: wake gap %v: want 0 to %v", o.WakeGap, busyMost)
	case o.MaxSessions < 1:
		return fmt.Errorf("acs: largest number of sessions %d: want 1 or more", o.MaxSessions)
	}
	return o.completeURL()
}

// completeURL brings PublicURL into the form "http://host:port".
func (o *Options) completeURL() error {
	if o.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(o.PublicURL)
	if err != nil {
		return fmt.Errorf("acs: public URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || !validHost(u.Host) || u.User != nil ||
		u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return fmt.Errorf("acs: public URL %q: want http or https and a host, nothing else", u.Redacted())
	}
	o.PublicURL = u.Scheme + "://" + u.Host
	return nil
}

// or returns v, or def if v is zero.
func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
