package app

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"phoneacs/provision"
)

// phoneSide is what phones reach: CWMP by POST at /acs and at the root, files
// below their prefix. GET at the root stays free for the names that vendors'
// phones ask for. A router would cost a copy of every request here.
func (a *App) phoneSide() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch p := r.URL.Path; {
		case p == "/acs", p == "/" && r.Method == http.MethodPost:
			a.acs.ServeHTTP(w, r)
		case strings.HasPrefix(p, provision.Prefix):
			a.files.ServeHTTP(w, r)
		default:
			http.Error(w, "not found", http.StatusNotFound)
		}
	})
}

// CWMPAddr and AdminAddr are where the server listens.
func (a *App) CWMPAddr() net.Addr { return a.cwmpListener.Addr() }

// AdminAddr is where the admin API listens.
func (a *App) AdminAddr() net.Addr { return a.adminListener.Addr() }

// Banner is what a person who started the server should know.
func (a *App) Banner() string {
	var b strings.Builder
	fmt.Fprintf(&b, "phoneacs %s, data in %s\n", Version, a.cfg.Data)
	fmt.Fprintf(&b, "Admin API:  http://%s/api/v1\n", a.AdminAddr())
	fmt.Fprintf(&b, "Phones:     http://%s/acs\n", a.CWMPAddr())
	urls := a.phoneURLs()
	fmt.Fprintf(&b, "Enter in a phone, as its TR-069 ACS URL: %s\n", strings.Join(urls, "  or  "))
	for _, n := range a.notes {
		fmt.Fprintln(&b, n)
	}
	switch a.cfg.Enrol {
	case "open":
		b.WriteString("Enrolment is open: any phone that informs is managed, without proof of who it is.\n")
	case "list":
		b.WriteString("Only imported phones are let in.\n")
	default:
		b.WriteString("New phones wait for approval and are given nothing before.\n")
	}
	return b.String()
}

func (a *App) phoneURLs() []string {
	if a.cfg.PublicURL != "" {
		return []string{strings.TrimRight(a.cfg.PublicURL, "/") + "/acs"}
	}
	addr, ok := a.CWMPAddr().(*net.TCPAddr)
	if !ok {
		return nil
	}
	if ip := addr.AddrPort().Addr(); !ip.IsUnspecified() {
		return []string{"http://" + addr.String() + "/acs"}
	}
	var urls []string
	ifaces, _ := net.InterfaceAddrs()
	for _, i := range ifaces {
		if p, err := netip.ParsePrefix(i.String()); err == nil && p.Addr().Is4() && !p.Addr().IsLoopback() {
			urls = append(urls, fmt.Sprintf("http://%s/acs", netip.AddrPortFrom(p.Addr(), uint16(addr.Port))))
		}
	}
	if len(urls) == 0 {
		urls = []string{fmt.Sprintf("http://ADDRESS-OF-THIS-MACHINE:%d/acs", addr.Port)}
	}
	return urls
}
