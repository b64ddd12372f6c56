package app

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// A place is where the server is told to listen.
type place struct {
	setting string
	addr    string // as it was told
	host    string // an address, a name, or empty for all addresses
	port    uint16 // 0: any that is free
	udp     bool   // else it is TCP
}

// places are all of them, not looked at yet.
func (c *Config) places() []place {
	var list []place
	if c.CWMP != "" || c.CWMPTLS == "" {
		list = append(list, place{setting: "cwmp", addr: c.CWMP})
	}
	if c.CWMPTLS != "" {
		list = append(list, place{setting: "cwmp-tls", addr: c.CWMPTLS})
	}
	list = append(list, place{setting: "admin", addr: c.Admin})
	if c.SIP != "" {
		list = append(list, place{setting: "sip", addr: c.SIP, udp: true})
	}
	if c.Pprof != "" {
		list = append(list, place{setting: "pprof", addr: c.Pprof})
	}
	return list
}

// checkAddresses reports what is wrong with where the server is to listen.
func (c *Config) checkAddresses() (errs []error) {
	var sound []*place
	for _, p := range c.places() {
		err := p.parse()
		if err == nil {
			err = c.mayListen(&p, p.isLoopback())
		}
		for i := 0; i < len(sound) && err == nil; i++ {
			err = p.collides(sound[i])
		}
		if err != nil {
			errs = append(errs, c.bad(p.setting, err))
			continue
		}
		sound = append(sound, &p)
	}
	if c.STUN != "" { // of UDP, where it collides with nobody
		p := place{setting: "stun", addr: c.STUN}
		err := p.parse()
		if err == nil {
			err = c.mayListen(&p, p.isLoopback())
		}
		if err != nil {
			errs = append(errs, c.bad(p.setting, err))
		}
	}
	return errs
}

func (p *place) parse() error {
	host, port, err := net.SplitHostPort(p.addr)
	n, perr := strconv.ParseUint(port, 10, 16)
	if err != nil || perr != nil {
		return fmt.Errorf("%q is not host:port, as in 127.0.0.1:8080, [::1]:8080 or, for all addresses, :8080", p.addr)
	}
	p.host, p.port = host, uint16(n)
	return nil
}

// mayListen keeps what is for operators on loopback: tokens would cross the
// network as they are, and profiles ask for none.
func (c *Config) mayListen(p *place, loopback bool) error {
	switch {
	case loopback:
		return nil
	case c.Demo > 0:
		return fmt.Errorf("%q is not on loopback, and a demo is for this machine alone: use an address such as 127.0.0.1:7547", p.addr)
	case p.setting == "admin" && !c.AdminPlain && c.AdminCert == "":
		return fmt.Errorf("%q is not on loopback, and there is no TLS: tokens would cross the network for all to read; "+
			"give a certificate by --admin-cert, or accept this with --admin-plain", p.addr)
	case p.setting == "pprof":
		return fmt.Errorf("%q is not on loopback, and profiles are shown to whoever asks: use an address such as 127.0.0.1:6060", p.addr)
	}
	return nil
}

// isLoopback says so of addresses, and of names of localhost alone. Whether
// that name is what it should be shows when the server listens.
func (p *place) isLoopback() bool {
	if ip, err := netip.ParseAddr(p.host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return strings.EqualFold(p.host, "localhost")
}

// collides reports that both want the same port of the same address. Names are
// compared as such; two of one address collide when the server listens.
func (p *place) collides(q *place) error {
	if p.udp != q.udp || p.port != q.port || p.port == 0 || !p.everywhere() && !q.everywhere() && p.plainHost() != q.plainHost() {
		return nil
	}
	return fmt.Errorf("%q has the port of --%s, %q: each needs its own", p.addr, q.setting, q.addr)
}

func (p *place) everywhere() bool {
	ip, err := netip.ParseAddr(p.host)
	return p.host == "" || err == nil && ip.IsUnspecified()
}

// plainHost is the form in which hosts are compared.
func (p *place) plainHost() string {
	if ip, err := netip.ParseAddr(p.host); err == nil {
		return ip.Unmap().String()
	}
	return strings.ToLower(p.host)
}
