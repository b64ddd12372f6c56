package app

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// publicBase brings a public URL into the form http://host:port, to which
// paths are added. An empty one stays empty. The error shows no password.
func publicBase(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	const want = "want scheme and host only, as in http://acs.example.com:7547"
	u, err := url.Parse(s)
	if err != nil {
		return "", fmt.Errorf("not a URL: %s", want)
	}
	if u.Scheme != "http" && u.Scheme != "https" || !isHost(u) || u.User != nil ||
		u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", fmt.Errorf("%q: %s", u.Redacted(), want)
	}
	return u.Scheme + "://" + u.Host, nil
}

// isHost reports whether a URL names a host, by ASCII letters, digits, dots and
// hyphens or by an address, and a port, if any, that can be.
func isHost(u *url.URL) bool {
	name, port := u.Hostname(), u.Port()
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) || strings.HasSuffix(u.Host, ":") {
		return false
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Zone() == "" // which is this machine's, not the phone's
	}
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789.-_"
	return name != "" && len(u.Host) <= 255 && strings.Trim(strings.ToLower(name), letters) == ""
}
