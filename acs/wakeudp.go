package acs

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"phoneacs/db"
	"phoneacs/internal/stun"
)

// STUN knows where phones behind a NAT hear, and sends there.
type STUN interface {
	// Binding returns where a phone hears, as it has proven, and when it was
	// last heard of; ok is false if it has not, or too long ago.
	Binding(phone db.PhoneID) (b stun.Binding, ok bool)
	// Seen says when somebody was heard from a place who listens there, and of
	// whom it is not proven who it is.
	Seen(at netip.AddrPort) (time.Time, bool)
	// Began is since when anything is seen.
	Began() time.Time
	// Refused says when a request in the name of a phone was last not signed
	// with its password; zero: it was not.
	Refused(phone db.PhoneID) time.Time
	// Send sends a datagram to a place from which a phone that listens there
	// was heard, by the socket that heard it. Nowhere else.
	Send(to netip.AddrPort, datagram []byte) error
}

// resultUnbound is the result of a phone of which no binding is known.
const resultUnbound = "no_binding"

// udpCopies are when a request is sent: datagrams get lost, so that TR-069
// G.2.2.3 has several of one sent, which the phone tells by being the same.
var udpCopies = []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 4 * time.Second}

// udpWay is the connection request of TR-069 Annex G.
type udpWay struct {
	*waker
	stun  STUN
	store Store
	open  bool // phones are taken for who they say they are
	clock clockwork.Clock
}

func (*udpWay) name() string { return "udp" }

func (u *udpWay) prepare(ctx context.Context, w *waking) (wakeRequest, *WakeError) {
	b, failure := u.binding(ctx, w.phone)
	if failure != nil {
		return nil, failure
	}
	if failure := u.allowed(b.At.Addr(), w.phone.Address); failure != nil {
		return nil, &WakeError{"address", fmt.Sprintf("the phone's STUN binding is at %s, which is not where it informs from; "+
			"--phone-networks %s would allow it", b.At.Addr(), netip.PrefixFrom(b.At.Addr(), b.At.Addr().BitLen())), failure}
	}
	c := &datagram{udpWay: u, phone: w.phone.ID, to: b}
	for _, as := range wakeLogins(w.phone, w.logins) {
		if !as.IsZero() {
			c.texts = append(c.texts, udpRequest(b.At, as, w.began))
		}
	}
	if len(c.texts) == 0 {
		return nil, &WakeError{"unauthorised", "no connection-request password of the phone is known, with which a request over UDP could be signed", nil}
	}
	return c, nil
}

// binding is where the phone hears: what it has proven to the STUN service, or
// what it reported itself if that was seen there.
func (u *udpWay) binding(ctx context.Context, p *db.PhoneStatus) (stun.Binding, *WakeError) {
	b, ok := u.stun.Binding(p.ID)
	if ok {
		return b, nil
	}
	var err error
	if u.open || p.Proof != db.ProvesNothing && p.Proof != db.ProvesIssued {
		for _, root := range []string{"Device.", "InternetGatewayDevice."} {
			var told string
			told, err = u.told(ctx, p.ID, root+"ManagementServer.UDPConnectionRequestAddress")
			if err != nil {
				break
			}
			if at, ok := parseBinding(told); ok {
				if seen, ok := u.stun.Seen(at); ok {
					return stun.Binding{At: at, Seen: seen}, nil
				}
			}
		}
	}
	since := b.Seen
	if since.IsZero() {
		since = u.stun.Began()
	}
	sentence := fmt.Sprintf("no STUN binding of this phone was seen since %s; its NAT may block UDP, or STUN is not switched on in it",
		since.UTC().Format("2006-01-02 15:04:05 UTC"))
	if at := u.stun.Refused(p.ID); !at.IsZero() {
		sentence = fmt.Sprintf("a STUN request in the phone's name was not signed with its connection-request password at %s, so no binding of it is known",
			at.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return b, &WakeError{resultUnbound, sentence, err}
}

// told returns a value that the phone reported; empty: none.
func (u *udpWay) told(ctx context.Context, phone db.PhoneID, name string) (string, error) {
	page, err := u.store.Parameters(ctx, phone, name, db.Query{Limit: 1})
	if err != nil {
		return "", fmt.Errorf("where the phone says that it hears: %w", err)
	}
	for _, p := range page.Items {
		if p.Name == name {
			return p.Value, nil
		}
	}
	return "", nil
}

// parseBinding reads UDPConnectionRequestAddress: host:port, or a host alone for
// port 80. It is an address: nothing is looked up for a phone.
func parseBinding(s string) (netip.AddrPort, bool) {
	s = strings.TrimSpace(s)
	if at, err := netip.ParseAddrPort(s); err == nil {
		return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), at.Port() != 0
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return netip.AddrPortFrom(a.Unmap(), 80), err == nil
}

// A datagram is one connection request over UDP: a text for each login that the
// phone may know us by.
type datagram struct {
	*udpWay
	phone db.PhoneID
	to    stun.Binding
	texts [][]byte
}

func (d *datagram) at() netip.Addr { return d.to.At.Addr() }

// request sends the request, and waits for the phone: it gives no other answer.
func (d *datagram) request(ctx context.Context) *WakeError {
	came, done := d.await(d.phone)
	defer done()
	timer := d.clock.NewTimer(0)
	defer timer.Stop()
	began := d.clock.Now()
	for next := 0; ; {
		select {
		case <-came:
			return nil
		case <-ctx.Done():
			return &WakeError{"timeout", "the server stopped waiting for the phone", ctx.Err()}
		case <-timer.Chan():
		}
		if next == len(udpCopies) {
			return d.silent()
		}
		for _, text := range d.texts {
			if err := d.stun.Send(d.to.At, text); err != nil {
				return &WakeError{"unreachable", "nothing can be sent to the phone's STUN binding at " + d.to.At.String(), err}
			}
		}
		until := wakeTime
		if next++; next < len(udpCopies) {
			until = udpCopies[next]
		}
		timer.Reset(until - d.clock.Since(began))
	}
}

func (d *datagram) silent() *WakeError {
	return &WakeError{"silent", fmt.Sprintf("no Inform followed within %s the connection request over UDP to %s, "+
		"a binding last seen %s ago: the NAT may have given it up, or the phone does not take the request",
		wakeTime, net.JoinHostPort(d.to.At.Addr().String(), fmt.Sprint(d.to.At.Port())), round(d.clock.Since(d.to.Seen))), nil}
}
