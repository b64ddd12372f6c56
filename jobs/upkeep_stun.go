package jobs

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// Which phones are set up to keep a binding of their NAT.
const (
	STUNBehindNAT = "behind-nat" // those that say they hear elsewhere than where they inform from
	STUNAll       = "all"
)

// STUN is the service to which phones behind a NAT are sent (TR-069 Annex G).
type STUN struct {
	Host  string // name or address by which phones reach it
	Port  uint16
	Which string // STUNBehindNAT or STUNAll
	// Refused says when a request in a phone's name was last not signed with its
	// password; zero: it was not.
	Refused func(phone db.PhoneID) time.Time

	mu   sync.Mutex
	done map[db.PhoneID]time.Time // when a phone was last set up again for what Refused said
}

func (s *STUN) server() string { return s.Host + " " + strconv.Itoa(int(s.Port)) }

const (
	// stunTries is how often a step is tried that gets no answer.
	stunTries = 3
	// stunLostFor is how old a request may be that was not signed with a phone's
	// password, for the phone to be set up again.
	stunLostFor = time.Hour
	// Keep-alives of a binding, in s: NATs give one up after 30 s of silence and more.
	stunLeast, stunMost = "25", "60"
)

func (s *STUN) lost(phone db.PhoneID, now time.Time) bool {
	if s.Refused == nil {
		return false
	}
	at := s.Refused(phone)
	if at.IsZero() || now.Sub(at) >= stunLostFor {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last, ok := s.done[phone]
	return !ok || now.Sub(last) >= wakeLoginPace
}

// again notes that a phone is set up again: once in a day, since anybody can
// send requests in its name.
func (s *STUN) again(phone db.PhoneID, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == nil || len(s.done) >= maxUnwakeable {
		s.done = make(map[db.PhoneID]time.Time)
	}
	s.done[phone] = now
}

// stunAddress is the parameter by which a phone tells where it is heard.
const stunAddress = "UDPConnectionRequestAddress"

// stunNames are the parameters that are asked for, below ManagementServer.
var stunNames = []string{
	"STUNEnable", "STUNMaximumKeepAlivePeriod", "STUNMinimumKeepAlivePeriod", "STUNPassword",
	"STUNServerAddress", "STUNServerPort", "STUNUsername", stunAddress,
}

// nameSTUN asks a phone that is to be set up which of the parameters it has:
// SetParameterValues sets all or nothing (TR-069 A.3.2.1).
type nameSTUN struct{}

func (nameSTUN) name() string { return "GetParameterNames" }

func (nameSTUN) wants(f upkeepFacts) bool {
	if f.stun == nil || !f.proven {
		return false
	}
	st := &f.methods.STUN
	return st.Server != f.stun.server() || st.Step == "" || st.Step == db.STUNAsked && st.Tries < stunTries
}

func (nameSTUN) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	root := s.quirks.Root(ctx, f.phone)
	if root == "" {
		return nil, nil
	}
	if f.stun.Which != STUNAll {
		p, err := s.store.Phone(ctx, f.phone.ID)
		if err != nil || !behindNAT(&p) {
			return nil, err
		}
	}
	st := f.methods.STUN
	if st.Server != f.stun.server() {
		st = db.STUNSetup{Server: f.stun.server()}
	}
	st.Step, st.Tries = db.STUNAsked, st.Tries+1
	return &cwmp.GetParameterNames{ParameterPath: root + "ManagementServer.", NextLevel: true}, s.keepSTUN(ctx, f, st)
}

func (nameSTUN) answered(ctx context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error {
	r, ok := answer.(*cwmp.GetParameterNamesResponse)
	if !ok {
		return nil // it is tried again
	}
	st := f.methods.STUN
	st.Step, st.Tries, st.Names = db.STUNNamed, 0, nil
	for _, p := range r.Parameters {
		last := p.Name[strings.LastIndexByte(p.Name, '.')+1:]
		if slices.Contains(stunNames, last) && !slices.Contains(st.Names, last) && (p.Writable || last == stunAddress) {
			st.Names = append(st.Names, last)
		}
	}
	slices.Sort(st.Names)
	if !slices.Contains(st.Names, stunAddress) {
		st.Step = db.STUNWatched // there is nothing to watch
	}
	if !slices.Contains(st.Names, "STUNEnable") {
		st.Step, st.Why = db.STUNRefused, "the phone has no STUNEnable that can be set: it cannot be woken through a NAT"
	}
	return s.keepSTUN(ctx, f, st)
}

func (nameSTUN) refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error {
	return s.stunRefused(ctx, f, fault)
}

// setSTUN sets what the phone has of the parameters. Its requests are signed
// with the password by which we wake it, so that its binding is its own.
type setSTUN struct{}

func (setSTUN) name() string { return "SetParameterValues" }

func (setSTUN) wants(f upkeepFacts) bool {
	if f.stun == nil || !f.proven || f.methods.STUN.Server != f.stun.server() {
		return false
	}
	st := &f.methods.STUN
	return st.Step == db.STUNWatched && st.Tries < stunTries || f.stunLost && st.Step == db.STUNDone
}

func (setSTUN) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	root := s.quirks.Root(ctx, f.phone)
	if root == "" {
		return nil, nil
	}
	c, err := s.store.Credentials(ctx, f.phone.ID)
	if err != nil {
		return nil, err
	}
	login := c.ConnectionRequest
	if next := c.ConnectionRequestNext; !next.IsZero() && (c.ConnectionRequestTaken || login.IsZero()) {
		login = next
	}
	st := f.methods.STUN
	m := &cwmp.SetParameterValues{}
	add := func(name, kind, value string) {
		if slices.Contains(st.Names, name) {
			m.Parameters = append(m.Parameters, cwmp.ParameterValue{Name: root + "ManagementServer." + name, Type: kind, Value: value})
		}
	}
	add("STUNServerAddress", "string", f.stun.Host)
	add("STUNServerPort", "unsignedInt", strconv.Itoa(int(f.stun.Port)))
	if login.Password != "" { // by the phone's own name: that of the login may be of many
		add("STUNUsername", "string", stunUser(f.phone))
		add("STUNPassword", "string", login.Password)
	}
	add("STUNMaximumKeepAlivePeriod", "int", stunMost)
	add("STUNMinimumKeepAlivePeriod", "unsignedInt", stunLeast)
	add("STUNEnable", "boolean", s.quirks.Of(ctx, f.phone).Boolean("1"))
	if st.Step == db.STUNDone {
		f.stun.again(f.phone.ID, f.now)
	}
	st.Step, st.Tries = db.STUNWatched, st.Tries+1
	return m, s.keepSTUN(ctx, f, st)
}

// stunUser is the name by which the STUN service finds the phone.
func stunUser(p *db.Phone) string { return url.PathEscape(p.OUI) + "-" + url.PathEscape(p.Serial) }

func (setSTUN) answered(ctx context.Context, s *Service, f upkeepFacts, answer cwmp.Message) error {
	if _, ok := answer.(*cwmp.SetParameterValuesResponse); !ok {
		return nil
	}
	st := f.methods.STUN
	st.Step, st.Tries = db.STUNDone, 0
	return s.keepSTUN(ctx, f, st)
}

func (setSTUN) refused(ctx context.Context, s *Service, f upkeepFacts, fault *cwmp.Fault) error {
	return s.stunRefused(ctx, f, fault)
}

// watchSTUN has the phone tell at once where it is heard: no data model has it
// do so by itself. It comes before the phone has anything to tell.
type watchSTUN struct{}

func (watchSTUN) name() string { return "SetParameterAttributes" }

func (watchSTUN) wants(f upkeepFacts) bool {
	return f.stun != nil && f.proven && f.methods.STUN.Server == f.stun.server() && f.methods.STUN.Step == db.STUNNamed
}

// request counts the step as done before it is: the STUN service learns of the
// binding without it, so one that gets no answer is not worth another.
func (watchSTUN) request(ctx context.Context, s *Service, f upkeepFacts) (cwmp.Message, error) {
	root := s.quirks.Root(ctx, f.phone)
	if root == "" {
		return nil, nil
	}
	st := f.methods.STUN
	st.Step = db.STUNWatched
	return &cwmp.SetParameterAttributes{Parameters: []cwmp.SetAttributes{{
		Name: root + "ManagementServer." + stunAddress, NotificationChange: true, Notification: 2,
	}}}, s.keepSTUN(ctx, f, st)
}

func (watchSTUN) answered(context.Context, *Service, upkeepFacts, cwmp.Message) error { return nil }

func (watchSTUN) refused(context.Context, *Service, upkeepFacts, *cwmp.Fault) error { return nil }

// stunRefused leaves a phone alone that does not let itself be set up, until it
// has another firmware or other logins, or the service is elsewhere.
func (s *Service) stunRefused(ctx context.Context, f upkeepFacts, fault *cwmp.Fault) error {
	st := f.methods.STUN
	st.Step, st.Why = db.STUNRefused, fmt.Sprintf("the phone does not let itself be set up for requests through a NAT: %s",
		faulted(fault.Code, "").why)
	return s.keepSTUN(ctx, f, st)
}

// keepSTUN keeps how far a phone has been set up.
func (s *Service) keepSTUN(ctx context.Context, f upkeepFacts, st db.STUNSetup) error {
	m := *f.methods
	m.STUN = st
	return s.keepMethods(ctx, f.session, m)
}

// forgetSTUN has a phone set up again that was given another login: it signs
// with the password of that.
func (s *Service) forgetSTUN(ctx context.Context, f upkeepFacts) error {
	if s.stun == nil || f.methods.STUN.Step == "" {
		return nil
	}
	return s.keepSTUN(ctx, f, db.STUNSetup{})
}

// behindNAT says whether a phone says that it hears elsewhere than where it
// informs from. One that names no address is not judged.
func behindNAT(p *db.PhoneStatus) bool {
	u, err := url.Parse(p.ConnectionRequestURL)
	if err != nil {
		return false
	}
	hears, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return false
	}
	from, err := netip.ParseAddr(p.Address)
	return err == nil && hears.Unmap() != from.Unmap()
}
