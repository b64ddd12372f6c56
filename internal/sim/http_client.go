package sim

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxReplyBody = 4 << 20 // of an envelope
	maxRedirects = 5       // TR-069 3.4.2
	maxChallenge = 3       // in one exchange: one, one stale, and the refusal
	maxCookies   = 512     // bytes of cookies that a phone keeps
)

// A StatusError reports an HTTP answer that carries no CWMP: anything but 200,
// 204 and what the client follows by itself.
type StatusError struct{ Status int }

func (e *StatusError) Error() string { return "http status " + strconv.Itoa(e.Status) }

// target is a URL taken apart once for many requests.
type target struct {
	tls  bool
	addr string // to dial
	name string // host without port, for TLS
	host string // Host header
	uri  string // path and query
}

func parseTarget(raw string) (target, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return target{}, fmt.Errorf("read url: %w", err)
	}
	t := target{tls: u.Scheme == "https", name: u.Hostname(), host: u.Host, uri: u.RequestURI()}
	if u.Scheme != "http" && !t.tls || t.name == "" || u.User != nil {
		return target{}, fmt.Errorf("read url: %q is not http or https with a host and without credentials", u.Redacted())
	}
	port := u.Port()
	if port == "" {
		port = map[bool]string{false: "80", true: "443"}[t.tls]
	}
	t.addr = net.JoinHostPort(t.name, port)
	return t, nil
}

// client is one phone's HTTP/1.1 side for the length of a session or a fetch:
// one connection at a time, its cookies and its credentials. It is written by
// hand because a fleet has to cost less than the server it measures.
type client struct {
	opts  *Options
	to    target
	agent string
	auth  authoriser

	http      httpHabits
	crowded   bool     // cookies found no room
	posts     int      // requests sent
	jar       []string // name=value
	noCookie  bool
	chunked   bool
	byteEvery time.Duration

	conn    net.Conn
	br      *bufio.Reader
	raw     net.Conn // beneath TLS
	unwatch func() bool
	out     []byte
	held    []byte // the part of out that waits for 100 Continue
}

// request is one HTTP request; header lines end in CRLF.
type request struct {
	method string
	header string
	body   []byte
	cut    int64        // so many bytes of the body are sent, and the connection closed; 0: all
	sent   func() error // called once the request is out; its error ends the exchange
}

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 4096) }}

// open dials the target unless a connection is at hand. The connection breaks
// when ctx ends.
func (c *client) open(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	dctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	conn, err := c.opts.Dial(dctx, "tcp", c.to.addr)
	if err != nil {
		return &dialError{err}
	}
	c.raw = conn
	if c.to.tls {
		cfg := c.opts.TLS.Clone()
		if cfg == nil {
			cfg = &tls.Config{}
		}
		cfg.ServerName = orDefault(cfg.ServerName, c.to.name)
		sec := tls.Client(conn, cfg)
		if err := sec.HandshakeContext(dctx); err != nil {
			conn.Close()
			return &dialError{fmt.Errorf("shake hands: %w", err)}
		}
		conn = sec
	}
	c.conn = conn
	c.br = readers.Get().(*bufio.Reader)
	c.br.Reset(conn)
	c.unwatch = context.AfterFunc(ctx, func() { conn.Close() })
	return nil
}

// close ends the connection, if there is one.
func (c *client) close() {
	if c.conn == nil {
		return
	}
	c.unwatch()
	c.conn.Close()
	c.br.Reset(nil)
	readers.Put(c.br)
	c.conn, c.raw, c.br = nil, nil, nil
}

// do sends a request and gives the answer, after answering challenges and
// following 302 and 307 with the same message.
func (c *client) do(ctx context.Context, req request) (*reply, error) {
	challenged, redirected := 0, 0
	for {
		r, err := c.roundTrip(ctx, req)
		if err != nil {
			return nil, err
		}
		c.keepCookies(r.cookies)
		switch {
		case r.status == 401:
			if challenged++; challenged == maxChallenge {
				return nil, ErrAuth
			}
			if err := c.auth.accept(r.challenges); err != nil {
				return nil, err
			}
			r.close = r.close || c.http.closed401
		case (r.status == 302 || r.status == 307) && r.location != "":
			if redirected++; redirected > maxRedirects {
				return nil, fmt.Errorf("%w: more than %d redirects", errHTTP, maxRedirects)
			}
			if err := c.follow(r.location); err != nil {
				return nil, err
			}
			r.close = true
		default:
			return r, nil
		}
		if n, err := io.Copy(io.Discard, io.LimitReader(r.body, 64<<10)); err != nil || n == 64<<10 {
			r.close = true
		}
		c.finish(r)
	}
}

// follow turns to another URL, absolute or relative to the present one.
func (c *client) follow(location string) error {
	base := url.URL{Scheme: "http", Host: c.to.host}
	if c.to.tls {
		base.Scheme = "https"
	}
	u, err := base.Parse(location)
	if err != nil {
		return fmt.Errorf("follow redirect: %w", err)
	}
	to, err := parseTarget(u.String())
	if err != nil {
		return fmt.Errorf("follow redirect: %w", err)
	}
	if to.addr != c.to.addr {
		c.auth.challenge, c.auth.basic = digest{}, false // another server asks afresh
		c.jar = nil
	}
	c.to = to
	return nil
}

// roundTrip sends a request once. A connection that was closed before the
// request went out is replaced: a clean close does not end a session (TR-069
// 3.4.2). One that breaks later fails the exchange, for the server may have
// taken the request.
func (c *client) roundTrip(ctx context.Context, req request) (*reply, error) {
	if c.conn != nil && hungUp(c.raw) {
		c.close()
	}
	reused := c.conn != nil
	r, err := c.attempt(ctx, req)
	if reused && errors.Is(err, errUnsent) && ended(ctx) == nil {
		c.close()
		r, err = c.attempt(ctx, req)
	}
	if err == nil {
		return r, nil
	}
	c.close()
	if over := ended(ctx); over != nil {
		return nil, over
	}
	return nil, err
}

// ended gives the reason why ctx is over, nil while it is not. A deadline that
// has passed counts at once: a dial gives up on it before ctx does.
func ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if at, ok := ctx.Deadline(); ok && !time.Now().Before(at) {
		return context.DeadlineExceeded
	}
	return nil
}

func (c *client) attempt(ctx context.Context, req request) (*reply, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if err := c.conn.SetDeadline(time.Now().Add(c.opts.Timeout)); err != nil {
		return nil, err
	}
	c.posts++
	if err := c.send(ctx, req); err != nil {
		return nil, err
	}
	if c.http.expect && req.body != nil {
		if early, err := c.awaitContinue(); early != nil || err != nil {
			return early, err
		}
	}
	if req.sent != nil {
		if err := req.sent(); err != nil {
			return nil, err
		}
	}
	return readReply(c.br, req.method)
}

// post sends an envelope, or nothing, and gives the answer with its body, which
// lives until the next call.
func (c *client) post(ctx context.Context, envelope []byte, sent func() error) (*reply, []byte, error) {
	req := request{method: "POST", body: envelope, sent: sent}
	if envelope != nil {
		req.header, req.body = c.http.dress(envelope)
	}
	r, err := c.do(ctx, req)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(r.body, maxReplyBody+1))
	if err != nil {
		c.close()
		if over := ended(ctx); over != nil {
			return nil, nil, over
		}
		return nil, nil, fmt.Errorf("read answer: %w", err)
	}
	if len(body) > maxReplyBody {
		return nil, nil, fmt.Errorf("%w: more than %d bytes", errHTTP, maxReplyBody)
	}
	c.finish(r)
	return r, body, nil
}

// finish is called when a body has been read to its end.
func (c *client) finish(r *reply) {
	if r.close {
		c.close()
	}
}

// keepCookies stores name=value pairs as phones do: no path, no domain, and no
// more than they have room for.
func (c *client) keepCookies(set []string) {
	if c.http.cookieFresh {
		c.jar = nil
	}
	for _, s := range set {
		pair, attrs, _ := strings.Cut(s, ";")
		pair = strings.TrimSpace(pair)
		name, _, ok := strings.Cut(pair, "=")
		if !ok || name == "" || c.http.cookiePath && !strings.EqualFold(strings.TrimSpace(attrs), "path=/") {
			continue
		}
		kept := c.jar[:0:0]
		size := len(pair)
		for _, old := range c.jar {
			if !strings.HasPrefix(old, name+"=") {
				kept = append(kept, old)
				size += len(old)
			}
		}
		gone := strings.Contains(strings.ToLower(attrs), "max-age=0")
		if !gone && size <= maxCookies {
			kept = append(kept, pair)
		}
		c.crowded = c.crowded || size > maxCookies
		c.jar = kept
	}
}

// dialError sets a failure to reach the server apart from one later on.
type dialError struct{ err error }

func (e *dialError) Error() string { return "connect: " + e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }
