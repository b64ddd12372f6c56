package sip

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"

	wire "github.com/emiago/sipgo/sip"

	"phoneacs/db"
)

const (
	ourName     = "phoneacs"
	maxUser     = 128
	maxHop      = 70
	defaultPort = 5060
)

// escape writes the user part of a SIP URI (RFC 3261 25.1). It comes from a
// phone, so nothing of it is believed to be one.
func escape(user string) string {
	var b strings.Builder
	for i := 0; i < len(user) && i < maxUser; i++ {
		c := user[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.!~*'()&=+$,", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// newNotify writes the request for a phone: to the user that it is registered
// as, at its own address, as a phone takes no other for its own.
func (e *Endpoint) newNotify(n *db.Notice, to netip.AddrPort, from netip.Addr) *wire.Request {
	phone := wire.Uri{Scheme: "sip", User: escape(n.User), Host: to.Addr().String(), Port: int(to.Port())}
	us := wire.Uri{Scheme: "sip", User: ourName, Host: from.String()}
	req := wire.NewRequest(wire.NOTIFY, phone)
	req.SetTransport("UDP")
	e.via(req, from)
	hops := wire.MaxForwardsHeader(maxHop)
	tag := wire.NewParams()
	tag.Add("tag", random())
	id := wire.CallIDHeader(random() + "@" + from.String())
	reach := us
	reach.Port = int(e.port)
	for _, h := range []wire.Header{
		&hops,
		&wire.FromHeader{Address: us, Params: tag},
		&wire.ToHeader{Address: phone, Params: wire.NewParams()},
		&id,
		&wire.CSeqHeader{SeqNo: 1, MethodName: wire.NOTIFY},
		&wire.ContactHeader{Address: reach},
		wire.NewHeader("Event", n.Event),
		wire.NewHeader("Subscription-State", "terminated"),
		wire.NewHeader("User-Agent", ourName),
	} {
		req.AppendHeader(h)
	}
	req.SetBody(nil) // and with it Content-Length
	return req
}

// via gives a request a Via of its own: with it, it is a transaction of its own
// (RFC 3261 8.1.1.7). Answers are asked for at the port that the phone sees
// (RFC 3581), should a NAT be between.
func (e *Endpoint) via(req *wire.Request, from netip.Addr) {
	req.RemoveHeader("Via")
	params := wire.NewParams()
	params.Add("rport", "")
	params.Add("branch", wire.RFC3261BranchMagicCookie+random())
	req.PrependHeader(&wire.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: "UDP", Host: from.String(), Port: int(e.port), Params: params,
	})
}

// random is a text that nobody guesses, of letters and digits.
func random() string { return strings.ToLower(rand.Text()) }

// A line is the way to one phone, as a transaction wants it.
type line struct {
	e    *Endpoint
	to   netip.AddrPort
	sent atomic.Int32 // messages that left
}

// WriteMsg sends a message, for the first time or again.
func (l *line) WriteMsg(m wire.Message) error {
	if _, err := l.e.socket.WriteToUDPAddrPort([]byte(m.String()), l.to); err != nil {
		return fmt.Errorf("send to %s: %w", l.to, err)
	}
	l.sent.Add(1)
	return nil
}

func (l *line) LocalAddr() net.Addr    { return l.e.socket.LocalAddr() }
func (l *line) Ref(int) int            { return 1 }
func (l *line) TryClose() (int, error) { return 1, nil }
func (l *line) Close() error           { return nil }
