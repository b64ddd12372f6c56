package sim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// maxPhones is what one OUI has room for.
const maxPhones = 1 << 24

// ErrOptions reports options that no fleet can be made of.
var ErrOptions = errors.New("fleet options invalid")

// Options describe a fleet. Only ACS is mandatory.
type Options struct {
	ACS    string   // http or https URL of the ACS
	Phones int      // how many, 1 to 2^24; 0 means 1
	Models []string // dealt out in turn, of [Models]; empty means all of them
	Seed   int64    // the same seed gives the same phones, waits and phases
	Start  MAC      // of phone 0, the others count up; zero means 0c383e000001

	Username string // at the ACS; empty means OUI-ProductClass-SerialNumber (TR-069 3.4.4)
	Password string // at the ACS

	ConnReqUsername string // empty means dps
	ConnReqPassword string // empty means dps

	// Version is the CWMP version spoken, 1.0 to 1.4. Empty leaves it to the
	// model: 1.0 for the old platform, 1.2 for the new one.
	Version string

	// PeriodicInterval is the pause between periodic informs until the ACS sets
	// another; 0 means an hour, negative means none.
	PeriodicInterval time.Duration
	RetryScale       float64       // factor on the waits of the retry policy; 0 means 1
	Spread           time.Duration // phones are switched on at random within it; 0 means at once
	BootTime         time.Duration // a restart takes one to two times this
	Timeout          time.Duration // for a connection or an answer; 0 means 30 s (TR-069 3.4.2)
	Concurrency      int           // sessions and fetches that Run has open at once; 0 means 512

	// Known phones have met this ACS before: their first session is 1 BOOT only.
	Known bool
	// Manual phones start nothing by themselves: no boot at the start of Run and
	// no periodic informs, only what they are told or owe.
	Manual bool

	// InformParams are further parameters of each Inform, without the root
	// ("DeviceInfo.UpTime"). Names a model lacks are left out.
	InformParams []string

	// Calls of the first line begin once in each CallEvery and last CallFor of
	// it, which is the shorter; 0 means that nobody calls. CallState is computed,
	// so it is read, not told by 4 VALUE CHANGE.
	CallEvery, CallFor time.Duration
	// CallAt says what the first line of a phone does at a time, in the words of
	// TR-104; nil: as CallEvery and CallFor have it.
	CallAt func(phone int, at time.Time) string

	// Watch is told what phones do, as they do it. It is called by many goroutines
	// with the phone locked, so it must be quick and leave the phone alone.
	Watch func(Sighting)

	// Designs are further models, named after those of [Models] that they are
	// like; they differ in their name.
	Designs   map[string]string
	Behaviour Behaviour // of each phone until [Phone.Set]

	// CTC phones are set to speak with the ACS of China Telecom: their root is
	// InternetGatewayDevice., they have names of its, and take configuration
	// files as XML alone. How real ones do it is published nowhere.
	CTC bool

	// Voice is how phones tell of their lines: VoiceFirst, VoiceSecond, VoiceNone.
	// With CountsCalls lines have the statistics of TR-104 that count their calls,
	// from each boot on. What CallAt says cannot be counted.
	Voice       string
	CountsCalls bool

	// ListenCR is the address of the connection-request listener that all phones
	// share; empty means 127.0.0.1:0 and "off" means none. With OwnListeners each
	// phone opens one of its own on that host.
	ListenCR     string
	OwnListeners bool

	// ListenSIP is the host on which each phone takes SIP, by UDP at a port of its
	// own; empty means that none does. SIPManner is one of [SIPManners].
	ListenSIP, SIPManner string

	// STUN phones know Annex G of TR-069: they have its parameters and, once these
	// say so, keep a binding of their NAT alive and take requests by UDP. It is
	// the form of their messages: "3489", "5389" or "unpadded"; empty: they do not
	// know it. With STUNServer, host:port, it is switched on out of the box.
	STUN       string
	STUNServer string
	STUNEvery  time.Duration // between keep-alives; 0 means as the ACS says

	TLS    *tls.Config // for https; nil means the defaults of crypto/tls
	Dial   func(ctx context.Context, network, addr string) (net.Conn, error)
	Listen func(ctx context.Context, network, addr string) (net.Listener, error)
}

// withDefaults fills in what zero values stand for and checks the rest.
func (o Options) withDefaults() (Options, error) {
	if _, err := parseTarget(o.ACS); err != nil {
		return o, fmt.Errorf("%w: acs url: %w", ErrOptions, err)
	}
	if o.Phones == 0 {
		o.Phones = 1
	}
	if o.Phones < 0 || o.Phones > maxPhones {
		return o, fmt.Errorf("%w: %d phones, want 1 to %d", ErrOptions, o.Phones, maxPhones)
	}
	if len(o.Models) == 0 {
		o.Models = Models()
	}
	for _, m := range o.Models {
		if !slices.Contains(Models(), m) && !slices.Contains(Models(), o.Designs[m]) {
			return o, fmt.Errorf("%w: model %q, want one of %s", ErrOptions, m, strings.Join(Models(), " "))
		}
	}
	if _, ok := namespaces[o.Version]; !ok && o.Version != "" {
		return o, fmt.Errorf("%w: cwmp version %q, want 1.0 to 1.4", ErrOptions, o.Version)
	}
	if o.RetryScale < 0 || o.Spread < 0 || o.BootTime < 0 || o.Timeout < 0 || o.Concurrency < 0 {
		return o, fmt.Errorf("%w: retry scale, spread, boot time, timeout and concurrency are never negative", ErrOptions)
	}
	if o.Voice != VoiceFirst && o.Voice != VoiceSecond && o.Voice != VoiceNone {
		return o, fmt.Errorf("%w: voice %q, want none, second or nothing", ErrOptions, o.Voice)
	}
	if o.CallEvery < 0 || o.CallFor < 0 || o.CallFor > 0 && o.CallFor >= o.CallEvery {
		return o, fmt.Errorf("%w: calls of %v each %v, want 0 or less than that", ErrOptions, o.CallFor, o.CallEvery)
	}
	if o.CountsCalls && (o.CallAt != nil || o.Voice == VoiceNone) {
		return o, fmt.Errorf("%w: calls are counted of lines, and not those of CallAt", ErrOptions)
	}
	if !slices.Contains(SIPManners, o.SIPManner) {
		return o, fmt.Errorf("%w: manner of SIP %q, want one of %q", ErrOptions, o.SIPManner, SIPManners)
	}
	if o.STUN != "" && o.STUN != stunClassic && o.STUN != stunModern && o.STUN != stunUnpadded {
		return o, fmt.Errorf("%w: stun %q, want 3489, 5389 or unpadded", ErrOptions, o.STUN)
	}
	if o.STUNServer != "" {
		if _, _, err := net.SplitHostPort(o.STUNServer); err != nil || o.STUN == "" {
			return o, fmt.Errorf("%w: stun server %q, want host:port, and phones that know STUN", ErrOptions, o.STUNServer)
		}
	}
	if o.STUNEvery < 0 {
		return o, fmt.Errorf("%w: keep-alives each %v, want 0 or more", ErrOptions, o.STUNEvery)
	}
	if err := o.Behaviour.Check(); err != nil {
		return o, fmt.Errorf("%w: %w", ErrOptions, err)
	}
	o.Start = orDefault(o.Start, MAC{0x0c, 0x38, 0x3e, 0, 0, 1})
	o.ConnReqUsername = orDefault(o.ConnReqUsername, "dps")
	o.ConnReqPassword = orDefault(o.ConnReqPassword, "dps")
	o.PeriodicInterval = orDefault(o.PeriodicInterval, time.Hour)
	o.RetryScale = orDefault(o.RetryScale, 1)
	o.Timeout = orDefault(o.Timeout, 30*time.Second)
	o.Concurrency = orDefault(o.Concurrency, 512)
	o.ListenCR = orDefault(o.ListenCR, "127.0.0.1:0")
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	if o.Listen == nil {
		o.Listen = (&net.ListenConfig{}).Listen
	}
	return o, nil
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
