package sim

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// stunParams are of a phone that knows Annex G of TR-069.
var stunParams = []row{
	{"ManagementServer.UDPConnectionRequestAddress", kindString, readOnly, ""},
	{"ManagementServer.UDPConnectionRequestAddressNotificationLimit", kindUint, readWrite, "0"},
	{"ManagementServer.NATDetected", kindBool, readOnly, "false"},
	{"ManagementServer.STUNEnable", kindBool, readWrite, "$stun"},
	{"ManagementServer.STUNServerAddress", kindString, readWrite, "$stunhost"},
	{"ManagementServer.STUNServerPort", kindUint, readWrite, "$stunport"},
	{"ManagementServer.STUNUsername", kindString, readWrite, ""},
	{"ManagementServer.STUNPassword", kindString, writeOnly, ""},
	{"ManagementServer.STUNMaximumKeepAlivePeriod", kindInt, readWrite, "-1"},
	{"ManagementServer.STUNMinimumKeepAlivePeriod", kindUint, readWrite, "30"},
}

// The forms in which a phone writes STUN; see [Options.STUN].
const (
	stunClassic  = "3489"     // as Annex G has it: no cookie, padded integrity
	stunModern   = "5389"     // with the cookie
	stunUnpadded = "unpadded" // classic, with attributes one right after the other
)

// A stunClient keeps a phone's binding alive and listens on it.
type stunClient struct {
	p    *Phone
	conn net.PacketConn
	form string

	mu     sync.Mutex
	id     [16]byte  // of the transaction that is open
	signed bool      // it has been sent with the password
	sent   bool      // the last keep-alive; cleared by its answer
	at     time.Time // when that was
	mapped string    // as the server last told it
	told   string    // mapped, when a request last said that it has changed
	last   udpStamp
}

// runSTUN lives as long as ctx: while the phone is up and has STUN switched on,
// it sends a Binding Request each period and takes what comes back.
func (p *Phone) runSTUN(ctx context.Context, work *sync.WaitGroup) error {
	host, _, err := net.SplitHostPort(p.fleet.opts.ListenCR)
	if err != nil {
		host = "" // "off"
	}
	conn, err := new(net.ListenConfig).ListenPacket(ctx, "udp", net.JoinHostPort(host, "0"))
	if err != nil {
		return fmt.Errorf("listen for requests by UDP: %w", err)
	}
	c := &stunClient{p: p, conn: conn, form: p.fleet.opts.STUN}
	work.Go(func() {
		<-ctx.Done()
		conn.Close()
	})
	work.Go(func() { c.read() })
	work.Go(func() {
		for timer := time.NewTimer(0); ; {
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
			}
			timer.Reset(c.tick())
		}
	})
	return nil
}

// waitSTUN is how long an answer may take before the next keep-alive goes out.
const waitSTUN = time.Second

// idleSTUN is how often a phone looks whether STUN was switched on.
const idleSTUN = 100 * time.Millisecond

// tick sends a keep-alive, if there is to be one, and says when to do so again.
func (c *stunClient) tick() time.Duration {
	s, ok := c.p.stunSettings()
	if !ok {
		return idleSTUN
	}
	c.mu.Lock()
	if c.sent && time.Since(c.at) < waitSTUN {
		c.mu.Unlock()
		return s.every
	}
	c.sent, c.signed, c.at = true, false, time.Now()
	_, _ = rand.Read(c.id[:])
	c.mu.Unlock()
	c.request(&s)
	return s.every
}

// stunSettings are what the phone was told.
type stunSettings struct {
	server, user, password string
	every                  time.Duration
}

func (p *Phone) stunSettings() (s stunSettings, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	on := p.setting("ManagementServer.STUNEnable")
	if !p.up || on != "1" && on != "true" {
		return s, false
	}
	host := p.setting("ManagementServer.STUNServerAddress")
	if host == "" { // TR-069 G.2.1.1: then it is where the ACS is
		to, err := parseTarget(p.setting("ManagementServer.URL"))
		if err != nil {
			return s, false
		}
		if host, _, err = net.SplitHostPort(to.addr); err != nil {
			return s, false
		}
	}
	s.server = net.JoinHostPort(host, p.setting("ManagementServer.STUNServerPort"))
	s.user, s.password = p.setting("ManagementServer.STUNUsername"), p.setting("ManagementServer.STUNPassword")
	if s.every = p.fleet.opts.STUNEvery; s.every == 0 {
		n, _ := strconv.Atoi(p.setting("ManagementServer.STUNMinimumKeepAlivePeriod"))
		s.every = time.Duration(max(n, 1)) * time.Second
	}
	return s, true
}

// request sends the Binding Request that is open: signed, once it was asked to
// be.
func (c *stunClient) request(s *stunSettings) {
	to, err := net.ResolveUDPAddr("udp", s.server)
	if err != nil {
		return
	}
	c.mu.Lock()
	m := stunMessage{form: c.form, kind: stunRequest, id: c.id}
	m.add(stunListens, []byte("dslforum.org/TR-111 "))
	if c.form == stunUnpadded {
		m.attrs[0].value = m.attrs[0].value[:19] // as some phones do
	}
	if c.told != c.mapped || c.mapped == "" {
		m.add(stunChanged, nil)
	}
	password := ""
	if c.signed {
		m.add(stunUsername, []byte(s.user))
		password = s.password
	}
	c.mu.Unlock()
	_, _ = c.conn.WriteTo(m.encode(password), to)
}

// read takes datagrams until the socket is closed.
func (c *stunClient) read() {
	buf := make([]byte, 2048)
	for {
		n, from, err := c.conn.ReadFrom(buf)
		if err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				continue
			}
			return
		}
		if bytes.HasPrefix(buf[:n], []byte("GET ")) {
			c.p.calledByUDP(c, string(buf[:n]))
			continue
		}
		if m, ok := decodeSTUN(buf[:n]); ok {
			c.answered(m, from)
		}
	}
}

// answered takes the server's answer to the request that is open.
func (c *stunClient) answered(m stunMessage, _ net.Addr) {
	s, ok := c.p.stunSettings()
	c.mu.Lock()
	if !ok || !c.sent || m.id != c.wireID() {
		c.mu.Unlock()
		return
	}
	if m.kind == stunError {
		again := m.code() == 401 && !c.signed && s.user != "" && s.password != ""
		if again {
			c.signed = true
			_, _ = rand.Read(c.id[:])
		}
		c.mu.Unlock()
		if again {
			c.request(&s)
		}
		return
	}
	mapped := m.address()
	c.sent = false
	changed := mapped != "" && mapped != c.mapped
	if c.signed || c.mapped == mapped {
		c.told = mapped
	}
	if mapped != "" {
		c.mapped = mapped
	}
	c.mu.Unlock()
	if changed {
		c.p.SetParam(c.p.Root()+"ManagementServer.UDPConnectionRequestAddress", mapped)
		c.p.SetParam(c.p.Root()+"ManagementServer.NATDetected", strconv.FormatBool(!c.own(mapped)))
	}
}

// own reports whether an address is one of this machine.
func (c *stunClient) own(at string) bool {
	host, _, _ := net.SplitHostPort(at)
	list, _ := net.InterfaceAddrs()
	for _, a := range list {
		if ip, _, err := net.ParseCIDR(a.String()); err == nil && ip.String() == host {
			return true
		}
	}
	return false
}
