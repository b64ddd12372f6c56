package admin

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// checkHost refuses a request whose Host is neither an IP address, localhost
// nor one of Options.Hosts. See there for why.
func (a *API) checkHost(r *http.Request) error {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if _, err := netip.ParseAddr(bare); err == nil {
		return nil
	}
	if key := hostKey(host); key == "localhost" || a.hosts[key] {
		return nil
	}
	return newProblem(kindMisdirected, "%q is not a name of this server; use its address, or configure the name", host).
		at("Host")
}

// hostKey is the form in which host names are compared.
func hostKey(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// noSuchPath answers paths that no route has. Below v1 it needs a token like
// everything there.
func (a *API) noSuchPath(_ http.ResponseWriter, r *http.Request) error {
	if err := a.guardUnrouted(r); err != nil {
		return err
	}
	return newProblem(kindNotFound, "there is nothing at this path")
}

// noSuchMethod answers paths that exist, for other methods.
func (a *API) noSuchMethod(_ http.ResponseWriter, r *http.Request) error {
	if err := a.guardUnrouted(r); err != nil {
		return err
	}
	allow := strings.Join(a.allowed(r), ", ")
	return newProblem(kindMethod, "this path takes %s", allow).with("Allow", allow)
}

func (a *API) guardUnrouted(r *http.Request) error {
	if path := r.URL.EscapedPath(); path != v1 && !strings.HasPrefix(path, v1+"/") {
		return nil
	}
	_, err := a.authenticate(r)
	return err
}
