package stun

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"phoneacs/db"
)

// fakePhones is one phone, with its password.
type fakePhones struct {
	id       db.PhoneID
	name     string
	password string
	next     string
	fail     error
}

func (f *fakePhones) FindPhone(_ context.Context, ref string) (db.PhoneID, error) {
	if f.fail != nil {
		return 0, f.fail
	}
	if ref != f.name {
		return 0, db.ErrNotFound
	}
	return f.id, nil
}

func (f *fakePhones) Credentials(context.Context, db.PhoneID) (db.Credentials, error) {
	c := db.Credentials{ConnectionRequest: db.Login{User: f.name, Password: f.password}}
	if f.next != "" {
		c.ConnectionRequestNext = db.Login{User: f.name, Password: f.next}
	}
	return c, nil
}

var began = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// rig is a service on a real socket of loopback, which is asked directly what
// becomes of a datagram; who hears its answers listens on others.
type rig struct {
	*Server
	t      *testing.T
	clock  *clockwork.FakeClock
	phones *fakePhones
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, clock: clockwork.NewFakeClockAt(began), phones: &fakePhones{id: 7, name: "0C383E-1", password: "secret"}}
	var err error
	r.Server, err = New(Options{Conn: udp(t), Phones: r.phones, Clock: r.clock})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func udp(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// peer is somebody who sends to the service.
type peer struct {
	*net.UDPConn
	r  *rig
	at netip.AddrPort
}

func (r *rig) peer() *peer {
	r.t.Helper()
	c := udp(r.t)
	return &peer{c, r, c.LocalAddr().(*net.UDPAddr).AddrPort()}
}

// sends has the service hear a datagram of the peer.
func (p *peer) sends(b []byte, want outcome) {
	p.r.t.Helper()
	if got := p.r.hear(p.r.t.Context(), b, p.at); got != want {
		p.r.t.Fatalf("it is %s; want %s", outcomes[got], outcomes[want])
	}
}

// hears returns what the peer has been sent, nil if nothing.
func (p *peer) hears() []byte {
	p.r.t.Helper()
	// What was sent over loopback is in the socket once it was sent. The deadline
	// is only for what was not.
	buf := make([]byte, 2048)
	if err := p.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		p.r.t.Fatal(err)
	}
	n, _, err := p.ReadFromUDPAddrPort(buf)
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		return nil
	}
	if err != nil {
		p.r.t.Fatal(err)
	}
	return buf[:n]
}
