package acs

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
)

// connection is what is known of one TCP connection of a phone.
type connection struct {
	addr    netip.Addr // of the peer; not valid if it has none
	text    string     // the same, as text
	net     net.Conn   // nil: not known
	proxied bool       // the peer is a trusted proxy, which several phones share
	// session is the one whose Inform came over this connection: how a phone
	// is found that returns no cookie.
	session atomic.Pointer[session]
	served  atomic.Bool   // a session was begun over it
	phone   atomic.Uint64 // of the first of them
	shared  atomic.Bool   // it was seen to carry more than one phone, or may
}

type connectionKey struct{}

// ConnContext goes into [http.Server.ConnContext]. Without it phones that
// return no cookie cannot get past their Inform.
func (s *Server) ConnContext(ctx context.Context, c net.Conn) context.Context {
	var addr netip.Addr
	if tcp, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		addr = tcp.AddrPort().Addr()
	}
	known := s.newConnection(addr)
	known.net = c
	return context.WithValue(ctx, connectionKey{}, known)
}

// close ends the connection, whoever still reads from it or writes to it.
func (c *connection) close() {
	if c.net != nil {
		_ = c.net.Close() // its phone has been answered, or is gone
	}
}

func (s *Server) newConnection(addr netip.Addr) *connection {
	c := &connection{addr: addr.Unmap().WithZone("")}
	if c.addr.IsValid() {
		c.text = c.addr.String()
	}
	c.proxied = contains(s.opts.TrustedProxies, c.addr)
	return c
}

// connectionOf returns the connection that a request came over.
func (s *Server) connectionOf(r *http.Request) *connection {
	if c, ok := r.Context().Value(connectionKey{}).(*connection); ok {
		return c
	}
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return s.newConnection(peer.Addr())
}

// forwardHeaders are what a proxy says of itself. One that nobody has told us of
// may send several phones' requests over one connection.
var forwardHeaders = []string{"Via", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-Ip"}

// carries notes who sends requests over a connection, as far as that shows.
func (c *connection) carries(r *http.Request) {
	for _, name := range forwardHeaders {
		if len(r.Header[name]) > 0 {
			c.shared.Store(true)
			return
		}
	}
}

// begun notes that a session was begun over the connection. A phone is only
// found by one that has carried no other, nor a proxy's requests: else one
// would get what is meant for another.
func (c *connection) begun(s *session) {
	c.served.Store(true)
	id := uint64(s.db.Phone.ID)
	if !c.phone.CompareAndSwap(0, id) && c.phone.Load() != id {
		c.shared.Store(true)
	}
	if !c.proxied && !c.shared.Load() {
		c.session.Store(s)
	}
}

// phoneAddress is the address a request was sent from. Behind trusted proxies
// it is the last of X-Forwarded-For that is none of theirs: what stands before
// it is the sender's own claim.
func (s *Server) phoneAddress(c *connection, r *http.Request) string {
	if !c.proxied {
		return c.text
	}
	hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		addr, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if addr = addr.Unmap().WithZone(""); !contains(s.opts.TrustedProxies, addr) {
			return addr.String()
		}
	}
	return c.text
}

// contains reports whether one of the networks holds addr.
func contains(networks []netip.Prefix, addr netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(addr) {
			return true
		}
	}
	return false
}
