package app

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// CWMPAddr is where the server listens for phones without TLS; nil: nowhere.
func (a *App) CWMPAddr() net.Addr { return addrOf(a.cwmpListener) }

// CWMPTLSAddr is where the server listens for phones with TLS; nil: nowhere.
func (a *App) CWMPTLSAddr() net.Addr { return addrOf(a.tlsListener) }

// AdminAddr is where the admin API listens.
func (a *App) AdminAddr() net.Addr { return a.adminListener.Addr() }

func addrOf(l net.Listener) net.Addr {
	if l == nil {
		return nil
	}
	return l.Addr()
}

// Banner is what a person who started the server should know. It holds no secret.
func (a *App) Banner() string {
	local := localAddrs()
	operators, scheme := addrPort(a.adminListener), "http"
	if a.adminTLS != nil {
		scheme = "https"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "phoneacs %s, data in %s\n", Version, a.cfg.Data)
	b.WriteString(a.demo.banner())
	fmt.Fprintf(&b, "Admin API:  %s\n", urls(scheme, operators, local, "/api/v1"))
	var acsURLs []string
	if a.cwmpListener != nil {
		at := addrPort(a.cwmpListener)
		fmt.Fprintf(&b, "Phones:     port %d of %s\n", at.Port(), where(at.Addr()))
		acsURLs = append(acsURLs, urls("http", at, local, "/acs"))
	}
	if a.tlsListener != nil {
		at := addrPort(a.tlsListener)
		fmt.Fprintf(&b, "Phones:     port %d of %s, with TLS\n", at.Port(), where(at.Addr()))
		acsURLs = append(acsURLs, urls("https", at, local, "/acs"))
	}
	if base, err := publicBase(a.cfg.PublicURL); err == nil && base != "" {
		acsURLs = []string{base + "/acs"}
	}
	fmt.Fprintf(&b, "Enter in a phone, as its TR-069 ACS URL: %s\n", strings.Join(acsURLs, "  or  "))
	if a.authority != nil {
		fmt.Fprintf(&b, "Phones that check who they speak to need the authority's certificate: %s, or GET /api/v1/ca\n", a.authority.CAFile())
	}
	if err := a.store.RoomFor(0); err != nil {
		fmt.Fprintf(&b, "Large orders, files and backups are refused: %v\n", err)
	}
	for _, n := range a.notes {
		fmt.Fprintln(&b, n)
	}
	switch a.cfg.Enrol {
	case "open":
		b.WriteString("Enrolment is open: any phone that informs is managed, without proof of who it is.\n")
	case "list":
		b.WriteString("Only imported phones are let in.\n")
	default:
		if a.demo != nil {
			b.WriteString(a.demo.admits())
			break
		}
		b.WriteString("New phones wait for approval and are given nothing before.\n")
	}
	if a.adminTLS == nil && !operators.Addr().IsLoopback() {
		b.WriteString("The admin API is open to the network without TLS: whoever reads along has the tokens.\n")
	}
	return b.String()
}

func where(ip netip.Addr) string {
	if ip.IsUnspecified() {
		return "all addresses"
	}
	return ip.String()
}

// urls are those under which a listener is reached: of its own address, or of
// the local ones if it listens on all.
func urls(scheme string, at netip.AddrPort, local []netip.Addr, path string) string {
	ips := []netip.Addr{at.Addr()}
	if at.Addr().IsUnspecified() {
		// The address of IPv4 takes IPv4 alone, that of IPv6 both.
		ips = slices.DeleteFunc(slices.Clone(local), func(ip netip.Addr) bool { return at.Addr().Is4() && !ip.Is4() })
	}
	var list []string
	for _, ip := range ips {
		host := netip.AddrPortFrom(ip, at.Port()).String()
		list = append(list, scheme+"://"+strings.Replace(host, "%", "%25", 1)+path) // a zone, in a URL (RFC 6874)
	}
	if len(list) == 0 {
		return fmt.Sprintf("%s://ADDRESS-OF-THIS-MACHINE:%d%s", scheme, at.Port(), path)
	}
	return strings.Join(list, "  or  ")
}

// localAddrs are this machine's addresses at which others can reach it, those
// of IPv4 first, no more than a person reads.
func localAddrs() []netip.Addr {
	nets, _ := net.InterfaceAddrs() // without them, the banner says what to put in
	var v4, v6 []netip.Addr
	for _, n := range nets {
		p, err := netip.ParsePrefix(n.String())
		switch ip := p.Addr(); {
		case err != nil || !ip.IsGlobalUnicast():
		case ip.Is4():
			v4 = append(v4, ip)
		default:
			v6 = append(v6, ip)
		}
	}
	const most = 8
	list := append(v4, v6...)
	return list[:min(len(list), most)]
}
