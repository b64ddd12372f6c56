package sip

import (
	"bytes"
	"net"
	"net/netip"
	"strconv"

	wire "github.com/emiago/sipgo/sip"
)

// take looks at a datagram and says what it was. What cannot be for us is
// dropped before anything of it is read.
func (e *Endpoint) take(data []byte, from netip.AddrPort) string {
	switch {
	case len(data) > maxMessage:
		return gotUnreadable
	case len(bytes.Trim(data, "\r\n\x00 ")) == 0:
		return gotDropped // some phones keep a NAT open by such
	case bytes.HasPrefix(data, []byte("SIP/2.0 ")):
		if !e.waitsFor(from.Addr()) {
			return gotStray
		}
	case !e.answers.take():
		return gotDropped
	}
	m, err := wire.ParseMessage(data)
	if err != nil {
		return gotUnreadable
	}
	switch m := m.(type) {
	case *wire.Response:
		return e.answer(m, from)
	case *wire.Request:
		return e.request(m, from)
	}
	return gotUnreadable
}

// waitsFor says whether an answer may come from an address.
func (e *Endpoint) waitsFor(a netip.Addr) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked[a] > 0
}

// answer hands an answer to whom it belongs (RFC 3261 17.1.3). It must come from
// where the request went; some phones answer from another port.
func (e *Endpoint) answer(res *wire.Response, from netip.AddrPort) string {
	key, err := wire.ClientTxKeyMake(res)
	if err != nil {
		return gotUnreadable
	}
	e.mu.Lock()
	f, ok := e.flights[key]
	e.mu.Unlock()
	if !ok || f.to.Addr() != from.Addr() {
		return gotStray
	}
	f.tx.Receive(res) // who waits for it takes it at once
	return gotAnswer
}

// request is where requests part by method. Nothing here is for anybody yet: a
// NOTIFY belongs to a subscription (RFC 6665 4.1.3), and there is none; any
// other method is not taken (RFC 3261 8.2.1). The answer goes where the request
// came from, whatever its Via says, so it leads to nobody else.
func (e *Endpoint) request(req *wire.Request, from netip.AddrPort) string {
	if req.Via() == nil || req.From() == nil || req.To() == nil || req.CallID() == nil || req.CSeq() == nil {
		return gotUnreadable
	}
	req.SetSource(net.JoinHostPort(from.Addr().String(), strconv.Itoa(int(from.Port()))))
	status, reason := 405, "Method Not Allowed"
	switch req.Method {
	case wire.ACK, wire.CANCEL:
		return gotDropped
	case wire.NOTIFY:
		status, reason = 481, "Subscription Does Not Exist"
	}
	res := wire.NewResponseFromRequest(req, status, reason, nil)
	if status == 405 {
		res.AppendHeader(wire.NewHeader("Allow", "NOTIFY"))
	}
	if _, err := e.socket.WriteToUDPAddrPort([]byte(res.String()), from); err != nil {
		return gotDropped
	}
	return gotRefused
}
