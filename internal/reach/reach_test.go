package reach

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// TestRefuse: who may be reached, and why others may not.
func TestRefuse(t *testing.T) {
	const informed = "198.51.100.7"
	for _, tt := range []struct{ name, addr, networks, informed, refused string }{
		{"where it informed from", "198.51.100.7", "", informed, ""},
		{"where it informed from, mapped", "198.51.100.7", "", "::ffff:198.51.100.7", ""},
		{"a phone network", "10.1.2.3", "192.0.2.0/24 10.0.0.0/8", informed, ""},
		{"a phone network of IPv6", "2001:db8::7", "2001:db8::/32", informed, ""},
		{"elsewhere", "203.0.113.9", "10.0.0.0/8", informed, "neither where it informs from (198.51.100.7)"},
		{"elsewhere, and how to allow it", "203.0.113.9", "", informed, "--phone-networks 203.0.113.9/32"},
		{"never informed", "203.0.113.9", "", "", "has not informed yet"},
		{"unspecified", "0.0.0.0", "0.0.0.0/0", "0.0.0.0", "no address of a phone"},
		{"this network", "0.1.2.3", "0.0.0.0/0", informed, "no address of a phone"},
		{"broadcast", "255.255.255.255", "0.0.0.0/0", informed, "no address of a phone"},
		{"multicast", "224.0.1.75", "0.0.0.0/0", "224.0.1.75", "no address of a phone"},
		{"link-local", "169.254.169.254", "0.0.0.0/0", informed, "no address of a phone"},
		{"with a zone", "fe80::1%eth0", "::/0", informed, "no address of a phone"},
		{"loopback in all there is", "127.0.0.1", "0.0.0.0/0", informed, "this machine itself"},
		{"loopback that informed", "127.0.0.1", "", "127.0.0.1", "--phone-networks 127.0.0.1/32"},
		{"loopback in a network around it", "127.0.0.1", "126.0.0.0/7", informed, "this machine itself"},
		{"loopback by name", "127.0.0.9", "127.0.0.0/8", informed, ""},
		{"loopback of IPv6 by name", "::1", "::1/128", informed, ""},
		{"our own", "10.0.0.1", "10.0.0.0/8", "10.0.0.1", "this machine itself"},
	} {
		r := Rule{Own: func() ([]net.Addr, error) {
			return []net.Addr{&net.IPNet{IP: net.IPv4(10, 0, 0, 1), Mask: net.CIDRMask(8, 32)}}, nil
		}}
		for _, n := range strings.Fields(tt.networks) {
			r.Phones = append(r.Phones, netip.MustParsePrefix(n))
		}
		no := r.Refuse(netip.MustParseAddr(tt.addr), tt.informed)
		if tt.refused == "" && no != nil || tt.refused != "" && (no == nil || no.Err != nil || !strings.Contains(no.Why, tt.refused)) {
			t.Errorf("%s: %+v; want %q", tt.name, no, tt.refused)
		}
	}
}

// TestRefuseBlind: where our own addresses cannot be told, nothing is reached.
func TestRefuseBlind(t *testing.T) {
	blind := errors.New("no")
	r := Rule{
		Phones: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Own:    func() ([]net.Addr, error) { return nil, blind },
	}
	if no := r.Refuse(netip.MustParseAddr("10.1.2.3"), "10.1.2.3"); no == nil || !errors.Is(no.Err, blind) {
		t.Errorf("%+v", no)
	}
	r.Own = nil // then it is asked of this machine, which has not that address
	if no := r.Refuse(netip.MustParseAddr("10.255.255.254"), ""); no != nil {
		t.Errorf("%+v", no)
	}
}
