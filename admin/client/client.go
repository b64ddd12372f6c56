package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// DefaultServer is where a server listens for operators unless it is told otherwise.
const DefaultServer = "http://127.0.0.1:8080"

// answerTime is how long one answer may take. A change of many phones is given
// 20 s by the server before it answers with where to go on.
const answerTime = time.Minute

// Options say how a server is reached.
type Options struct {
	// Server is a URL, or host:port, which means HTTP on loopback and HTTPS
	// elsewhere. Empty: DefaultServer.
	Server string
	// Token is the secret of an admin token. Empty: only what is open to all.
	Token string
	// CA is what the server's certificate is checked against, in PEM. Empty:
	// what the system trusts.
	CA []byte
	// Agent is sent as User-Agent.
	Agent string
	// Transport replaces the network, for tests. nil: HTTP with CA.
	Transport http.RoundTripper
	// Strict refuses answers with members that this package does not know,
	// which a newer server may send.
	Strict bool
}

// A Client makes requests of one server. It is safe for concurrent use.
type Client struct {
	base   *url.URL
	o      Options
	client *http.Client
}

// New returns a client. It connects with the first request.
func New(o Options) (*Client, error) {
	base, err := ParseServer(o.Server)
	if err != nil {
		return nil, err
	}
	if strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("token: has characters that no token has")
	}
	if o.Transport == nil {
		if o.Transport, err = transport(o.CA); err != nil {
			return nil, err
		}
	}
	return &Client{base, o, &http.Client{
		Transport:     o.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func transport(ca []byte) (http.RoundTripper, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	if len(ca) > 0 {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(ca) {
			return nil, errors.New("ca: holds no certificate in PEM form")
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return t, nil
}

// Server is the URL of the server, without a trailing slash.
func (c *Client) Server() string { return c.base.String() }

// ParseServer reads where a server is, as Options.Server has it. The URL has
// scheme and host and nothing else.
func ParseServer(s string) (*url.URL, error) {
	switch {
	case s == "":
		s = DefaultServer
	case !strings.Contains(s, "://"):
		scheme := "https://"
		if host, _, err := net.SplitHostPort(s); err == nil && loopback(host) {
			scheme = "http://"
		}
		s = scheme + s
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("server: %q is not a URL, as in %s", s, DefaultServer)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("server: %q does not begin with http:// or https://", s)
	case u.Hostname() == "", strings.Trim(u.Path, "/") != "", u.RawQuery != "", u.Fragment != "", u.User != nil:
		return nil, fmt.Errorf("server: %q is more or less than scheme and host, as in %s", s, DefaultServer)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// IsLocal reports whether a server is on this machine.
func IsLocal(server *url.URL) bool { return loopback(server.Hostname()) }

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}
