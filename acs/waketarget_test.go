package acs

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestVet(t *testing.T) {
	const informed = "198.51.100.7"
	for _, tt := range []struct {
		name, host, networks, want string // want: the address, or a word of the refusal
		ok                         bool
	}{
		{"where it informed from", "198.51.100.7", "", "198.51.100.7", true},
		{"the same, mapped into IPv6", "::ffff:198.51.100.7", "", "198.51.100.7", true},
		{"a phone network", "10.1.2.3", "10.0.0.0/8", "10.1.2.3", true},
		{"a phone network of IPv6", "2001:db8::7", "2001:db8::/32", "2001:db8::7", true},
		{"elsewhere", "203.0.113.9", "10.0.0.0/8", "neither where it informs from (198.51.100.7)", false},
		{"a private address behind a NAT", "192.168.1.20", "", "NAT", false},
		{"unspecified", "0.0.0.0", "0.0.0.0/0", "no address of a phone", false},
		{"unspecified of IPv6", "::", "::/0", "no address of a phone", false},
		{"this network", "0.1.2.3", "0.0.0.0/0", "no address of a phone", false},
		{"broadcast", "255.255.255.255", "0.0.0.0/0", "no address of a phone", false},
		{"multicast", "224.0.1.75", "0.0.0.0/0", "no address of a phone", false},
		{"multicast of IPv6", "ff02::1", "::/0", "no address of a phone", false},
		{"link-local", "169.254.169.254", "0.0.0.0/0", "no address of a phone", false},
		{"link-local of IPv6", "fe80::1", "::/0", "no address of a phone", false},
		{"link-local, mapped", "::ffff:169.254.169.254", "0.0.0.0/0", "no address of a phone", false},
		{"loopback in a network that holds everything", "127.0.0.1", "0.0.0.0/0", "this machine itself", false},
		{"loopback in a network around it", "127.0.0.1", "126.0.0.0/7", "this machine itself", false},
		{"loopback by name", "127.0.0.1", "127.0.0.0/8", "127.0.0.1", true},
		{"loopback of IPv6", "::1", "::/0", "this machine itself", false},
		{"loopback of IPv6 by name", "::1", "::1/128", "::1", true},
		{"another loopback than the one named", "127.0.0.9", "127.0.0.1/32", "this machine itself", false},
		{"our own address", "10.0.0.1", "10.0.0.0/8", "this machine itself", false},
		{"a name of a phone", "phone.example", "", "198.51.100.7", true},
		{"a name of ours", "inside.example", "0.0.0.0/0", "this machine itself", false},
		{"a name of several", "both.example", "", "198.51.100.7", true},
		{"a name of nothing", "none.example", "", "cannot be resolved", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var nets []netip.Prefix
			if tt.networks != "" {
				nets = prefixes(tt.networks)
			}
			n := newNetwork(nets)
			n.own = func() ([]net.Addr, error) {
				return []net.Addr{&net.IPNet{IP: net.IPv4(10, 0, 0, 1), Mask: net.CIDRMask(8, 32)}}, nil
			}
			lookups := 0
			n.lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) {
				lookups++
				list := map[string][]netip.Addr{
					"phone.example":  {netip.MustParseAddr("198.51.100.7")},
					"inside.example": {netip.MustParseAddr("127.0.0.1")},
					"both.example":   {netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("198.51.100.7")},
				}[host]
				if list == nil {
					return nil, errors.New("no such host")
				}
				return list, nil
			}
			got, refusal := n.vet(t.Context(), tt.host, informed)
			switch {
			case tt.ok && (refusal != nil || got.String() != tt.want):
				t.Errorf("vet = %v, %v; want %s", got, refusal, tt.want)
			case !tt.ok && (refusal == nil || !strings.Contains(refusal.Sentence, tt.want)):
				t.Errorf("vet = %v, %v; want a refusal with %q", got, refusal, tt.want)
			}
			if lookups > 1 {
				t.Errorf("resolved %d times", lookups)
			}
		})
	}
}

// TestVetOwnUnknown: when our own addresses cannot be told, nothing is dialled.
func TestVetOwnUnknown(t *testing.T) {
	n := newNetwork(prefixes("10.0.0.0/8"))
	n.own = func() ([]net.Addr, error) { return nil, errors.New("no") }
	if _, refusal := n.vet(t.Context(), "10.1.2.3", ""); refusal == nil {
		t.Error("dialled")
	}
}

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct{ url, text, uri, refused string }{
		{"http://10.1.2.3:7547/a/b?c=d", "10.1.2.3:7547", "/a/b?c=d", ""},
		{"HTTP://10.1.2.3", "10.1.2.3", "/", ""},
		{"http://[2001:db8::1]:80/x", "[2001:db8::1]:80", "/x", ""},
		{"http://10.1.2.3/a b", "10.1.2.3", "/a%20b", ""},
		{"http://10.1.2.3? a", "10.1.2.3", "/?%20a", ""},
		{"http://10.1.2.3/a#b", "10.1.2.3", "/a", ""},
		{"", "", "", "has not said where"},
		{"https://10.1.2.3/", "", "", "plain HTTP"},
		{"ftp://10.1.2.3/", "", "", "plain HTTP"},
		{"10.1.2.3:7547", "", "", "no URL"},
		{"http://u:p@10.1.2.3/", "", "", "user name"},
		{"http:///x", "", "", "names no host"},
		{"http://:7547/x", "", "", "names no host"},
		{"http://10.1.2.3:0/", "", "", "port"},
		{"http://10.1.2.3:99999/", "", "", "port"},
		{"http://[fe80::1%25eth0]/", "", "", "names no host"},
		{"http://a\r\nb/", "", "", "no URL"},
		{"http://" + strings.Repeat("a", 2000), "", "", "too long"},
	} {
		got, refusal := parseTarget(tt.url)
		if tt.refused != "" {
			if refusal == nil || !strings.Contains(refusal.Sentence, tt.refused) {
				t.Errorf("%q: %v; want a refusal with %q", tt.url, refusal, tt.refused)
			}
			continue
		}
		if refusal != nil || got.text != tt.text || got.uri != tt.uri {
			t.Errorf("%q: %+v, %v", tt.url, got, refusal)
		}
	}
}

// FuzzParseTarget promises that what is taken from a phone's URL cannot break
// out of the lines of a request.
func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"http://10.1.2.3:7547/a?b", "http://[::1]/", "http://a b/", "http://a/\x7f", "http://0? ", "//", "http://é/é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, refusal := parseTarget(s)
		if refusal != nil {
			if refusal.Sentence == "" || refusal.Result == "" {
				t.Error("refused without a word")
			}
			return
		}
		if got.uri[0] != '/' && got.uri[0] != '*' || got.port == 0 || got.host == "" || !validHost(got.text) {
			t.Errorf("%q: %+v", s, got)
		}
		for i := range len(got.uri) {
			if c := got.uri[i]; c <= ' ' || c == 0x7f {
				t.Errorf("%q: %q", s, got.uri)
			}
		}
	})
}
