package app

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/internal/certs"
)

// tlsDir is where the server's own authority lives, within Config.Data.
const tlsDir = "tls"

// checkTLS reports settings of certificates that do not go together, and files
// that cannot be used.
func (c *Config) checkTLS() []error {
	var errs []error
	pair := func(certFlag, cert, keyFlag, key string) bool {
		switch {
		case cert != "" && key == "":
			errs = append(errs, c.bad(certFlag, fmt.Errorf("needs its key, by --%s", keyFlag)))
		case cert == "" && key != "":
			errs = append(errs, c.bad(keyFlag, fmt.Errorf("needs its certificate, by --%s", certFlag)))
		}
		return cert != "" && key != ""
	}
	lowest, err := certs.Version(c.TLSMin)
	errs = append(errs, c.bad("tls-min", err))
	if c.CWMPTLS == "" {
		for _, s := range []struct{ flag, value string }{
			{"tls-cert", c.TLSCert}, {"tls-key", c.TLSKey}, {"tls-client-ca", c.TLSClientCA},
		} {
			if s.value != "" {
				errs = append(errs, c.bad(s.flag, errors.New("is for the listener of --cwmp-tls, and there is none")))
			}
		}
		if lowestByDefault, _ := certs.Version(""); err == nil && lowest != lowestByDefault {
			errs = append(errs, c.bad("tls-min", errors.New("is for the listener of --cwmp-tls, and there is none")))
		}
	} else if pair("tls-cert", c.TLSCert, "tls-key", c.TLSKey) {
		o := certs.Options{Cert: c.TLSCert, Key: c.TLSKey}
		errs = append(errs, c.bad("tls-cert", o.Check()))
	}
	if c.CWMPTLS != "" && c.TLSClientCA != "" {
		errs = append(errs, c.bad("tls-client-ca", certs.CheckClientCA(c.TLSClientCA)))
	}
	if pair("admin-cert", c.AdminCert, "admin-key", c.AdminKey) {
		o := certs.Options{Cert: c.AdminCert, Key: c.AdminKey}
		errs = append(errs, c.bad("admin-cert", o.Check()))
	}
	if c.AdminPlain && c.AdminCert != "" {
		errs = append(errs, c.bad("admin-plain", errors.New("is for an admin API without TLS; leave it out, or --admin-cert")))
	}
	return errs
}

// secure reads the certificates, and makes those of the server's own authority
// if phones are to be served by TLS and no others are given.
func (a *App) secure(context.Context) error {
	if a.cfg.CWMPTLS != "" {
		lowest, err := certs.Version(a.cfg.TLSMin)
		if err != nil {
			return a.cfg.bad("tls-min", err)
		}
		o := certs.Options{Cert: a.cfg.TLSCert, Key: a.cfg.TLSKey, ClientCA: a.cfg.TLSClientCA, Min: lowest, Log: a.log}
		if o.Cert == "" {
			dir := filepath.Join(a.cfg.Data, tlsDir)
			if a.authority, err = certs.OpenAuthority(dir, a.ownNames(), time.Now()); err != nil {
				return fmt.Errorf("own certificates: %w", err)
			}
			o.Own, o.Cert, o.Key = a.authority, a.authority.ServerFile(), a.authority.ServerFile()
		}
		if a.phonesTLS, err = certs.New(o); err != nil {
			return a.cfg.bad("tls-cert", err)
		}
		a.showEnd("cwmp-tls", a.phonesTLS)
	}
	if a.cfg.AdminCert != "" {
		var err error
		if a.adminTLS, err = certs.New(certs.Options{Cert: a.cfg.AdminCert, Key: a.cfg.AdminKey, Log: a.log}); err != nil {
			return a.cfg.bad("admin-cert", err)
		}
		a.showEnd("admin", a.adminTLS)
	}
	return nil
}

// showEnd shows when the certificate of a listener ends.
func (a *App) showEnd(listener string, s *certs.Server) {
	a.metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "phoneacs_tls_certificate_end_seconds",
		Help:        "When the certificate of a listener ends, in seconds since 1970.",
		ConstLabels: prometheus.Labels{"listener": listener},
	}, func() float64 { return float64(s.NotAfter().Unix()) }))
}

// ownNames are those that phones may reach us by: that of the public URL first,
// the addresses of this machine, and its names on the machine itself.
func (a *App) ownNames() []string {
	var names []string
	have := make(map[string]bool)
	add := func(name string) {
		if ip, err := netip.ParseAddr(name); err == nil {
			name = ip.Unmap().WithZone("").String()
		}
		name = strings.TrimSuffix(strings.ToLower(name), ".")
		if name != "" && !have[name] {
			have[name] = true
			names = append(names, name)
		}
	}
	if u, err := url.Parse(a.cfg.PublicURL); err == nil {
		add(u.Hostname())
	}
	if p := (place{addr: a.cfg.CWMPTLS}); p.parse() == nil && !p.everywhere() {
		add(p.host)
	}
	for _, ip := range localAddrs() {
		add(ip.String())
	}
	if host, err := os.Hostname(); err == nil && isName(host) {
		add(host)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		add(name)
	}
	return names
}

// isName reports whether a machine's name can be in a certificate.
func isName(s string) bool { return isHost(&url.URL{Host: s}) }
