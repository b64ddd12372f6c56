// Package reach says which addresses may be sent something because a phone is
// taken to be there. What a phone tells of itself could else turn the server
// against its own network, or against itself.
//
// It decides about addresses alone: it resolves no names, opens no sockets and
// knows nothing of what is sent.
package reach

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// A Rule is what a server lets be reached. The zero rule lets phones be reached
// where their last session came from, and nothing else.
type Rule struct {
	// Phones are the networks of phones. Loopback is only reached if one of them
	// lies within it: what holds everything does not mean this machine.
	Phones []netip.Prefix
	// Own lists the addresses of this machine; nil stands for net.InterfaceAddrs.
	Own func() ([]net.Addr, error)
}

// A Refusal says why an address is not to be reached.
type Refusal struct {
	// Why goes on a sentence that ends in the address, as in "leads to
	// 127.0.0.1, this machine itself"; empty with Err.
	Why string
	// Err says why this machine's own addresses cannot be told.
	Err error
}

// broadcast and thisNetwork are not addresses of anybody (RFC 919, RFC 1122 3.2.1.3).
var (
	broadcast   = netip.AddrFrom4([4]byte{255, 255, 255, 255})
	thisNetwork = netip.PrefixFrom(netip.IPv4Unspecified(), 8)
)

// Refuse says why an address must not be reached, nil if it may. An address of
// IPv4 within IPv6 is to be unmapped before. informed is the address that the
// phone's last session came from; empty if there was none.
func (r *Rule) Refuse(a netip.Addr, informed string) *Refusal {
	switch {
	case a.Zone() != "" || !a.IsGlobalUnicast() && !a.IsLoopback() || a == broadcast || thisNetwork.Contains(a):
		return &Refusal{Why: "which is no address of a phone"}
	case a.IsLoopback():
		if !r.loopback(a) {
			return &Refusal{Why: "this machine itself; only --phone-networks " + netip.PrefixFrom(a, a.BitLen()).String() + " would allow it"}
		}
		return nil
	}
	list := r.Own
	if list == nil {
		list = net.InterfaceAddrs
	}
	own, err := list()
	if err != nil {
		return &Refusal{Err: err}
	}
	for _, o := range own {
		if p, err := netip.ParsePrefix(o.String()); err == nil && p.Addr().Unmap() == a {
			return &Refusal{Why: "this machine itself"}
		}
	}
	if from, err := netip.ParseAddr(informed); err == nil && from.Unmap() == a {
		return nil
	}
	if slices.ContainsFunc(r.Phones, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return nil
	}
	from := "and it has not informed yet"
	if informed = strings.TrimSpace(informed); informed != "" {
		from = "which is neither where it informs from (" + informed + ") nor in a phone network; it may be behind a NAT, or --phone-networks " + netip.PrefixFrom(a, a.BitLen()).String() + " would allow it"
	}
	return &Refusal{Why: from}
}

// loopback says whether a network of phones within loopback has the address.
func (r *Rule) loopback(a netip.Addr) bool {
	return slices.ContainsFunc(r.Phones, func(p netip.Prefix) bool {
		return p.Addr().IsLoopback() && (p.Addr().Is6() || p.Bits() >= 8) && p.Contains(a)
	})
}
