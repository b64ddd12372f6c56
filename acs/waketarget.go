package acs

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"phoneacs/internal/reach"
)

// target is where a connection request goes.
type target struct {
	host string     // name or address, as the phone gave it
	text string     // the same with its port, for the Host header
	addr netip.Addr // vetted
	port uint16
	uri  string // path and query
}

const maxTarget = 1024

// noURL is the result of a phone that has not come yet.
const noURL = "no_url"

// parseTarget reads a ConnectionRequestURL. It comes from the phone, so
// nothing in it is believed: only plain HTTP to a host and port is left.
func parseTarget(s string) (target, *WakeError) {
	bad := func(why string) (target, *WakeError) {
		return target{}, &WakeError{"bad_url", "the phone's connection request URL cannot be used: " + why, nil}
	}
	if s == "" {
		return target{}, &WakeError{noURL, "the phone has not said where it takes connection requests; it will come by itself at its next Inform", nil}
	}
	if len(s) > maxTarget {
		return bad("it is too long")
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return bad("it is no URL")
	case u.Scheme != "http":
		return bad("connection requests are plain HTTP, and it is not")
	case u.User != nil:
		return bad("it holds a user name")
	case !validHost(u.Host) || u.Hostname() == "":
		return bad("it names no host")
	}
	t := target{host: u.Hostname(), text: u.Host, port: 80, uri: oneWord(u.RequestURI())}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return bad("its port is none")
		}
		t.port = uint16(n)
	}
	return t, nil
}

// oneWord escapes what would end a request's target or its line: package url
// leaves blanks in a query as they are.
func oneWord(uri string) string {
	var b strings.Builder
	for i := range len(uri) {
		if c := uri[i]; c <= ' ' || c == 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// network is what connection requests may reach, and how.
type network struct {
	phones []netip.Prefix
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	own    func() ([]net.Addr, error) // addresses of this machine
}

func newNetwork(phones []netip.Prefix) *network {
	return &network{
		phones: phones,
		dial:   new(net.Dialer).DialContext,
		lookup: net.DefaultResolver.LookupNetIP,
		own:    net.InterfaceAddrs,
	}
}

// vet resolves a host once and returns the first of its addresses that may be
// dialled. informed is the address the phone's last session came from.
func (n *network) vet(ctx context.Context, host, informed string) (netip.Addr, *WakeError) {
	addrs := make([]netip.Addr, 1)
	var err error
	if addrs[0], err = netip.ParseAddr(host); err != nil {
		if addrs, err = n.lookup(ctx, "ip", host); err != nil || len(addrs) == 0 {
			return netip.Addr{}, &WakeError{"name", fmt.Sprintf("the name %q in the phone's connection request URL cannot be resolved", host), err}
		}
	}
	var why *WakeError
	for _, a := range addrs {
		a = a.Unmap()
		if why = n.allowed(a, informed); why == nil {
			return a, nil
		}
	}
	return netip.Addr{}, why
}

// allowed says why an address must not be dialled, or nil.
func (n *network) allowed(a netip.Addr, informed string) *WakeError {
	rule := reach.Rule{Phones: n.phones, Own: n.own}
	switch no := rule.Refuse(a, informed); {
	case no == nil:
		return nil
	case no.Err != nil:
		return &WakeError{"address", "the addresses of this machine cannot be told, so none is dialled", no.Err}
	default:
		return &WakeError{"address", fmt.Sprintf("the phone's connection request URL leads to %s, %s", a, no.Why), nil}
	}
}
