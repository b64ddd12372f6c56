package rehearsal

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
)

// backlog is how many connections wait to be accepted at one listener.
const backlog = 1024

// A network is one of connections in memory, which block only on conditions
// and timers: what waits in it lets a bubble's clock go on.
type network struct {
	mu        sync.Mutex
	listeners map[netip.AddrPort]*listener
	dark      map[netip.Addr]bool // hosts to which nothing comes through
	port      uint16              // last one given out
	dials     int
}

func newNetwork() *network {
	return &network{listeners: map[netip.AddrPort]*listener{}, dark: map[netip.Addr]bool{}, port: 20000}
}

// darken lets nothing through to a host: who dials it hears nothing.
func (n *network) darken(host netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dark[host] = true
}

// Listen opens a listener at a host and port, port 0 being any.
func (n *network) Listen(_ context.Context, _, addr string) (net.Listener, error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen in memory: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if at.Port() == 0 {
		at = netip.AddrPortFrom(at.Addr(), n.nextPort())
	}
	if n.listeners[at] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: syscall.EADDRINUSE}
	}
	l := &listener{net: n, at: at, queue: make(chan net.Conn, backlog), done: make(chan struct{})}
	n.listeners[at] = l
	return l, nil
}

func (n *network) nextPort() uint16 {
	if n.port++; n.port < 20000 {
		n.port = 20000
	}
	return n.port
}

// dialer dials from a host.
func (n *network) dialer(host netip.Addr) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, addr string) (net.Conn, error) {
		to, err := netip.ParseAddrPort(addr)
		if err != nil {
			return nil, fmt.Errorf("dial in memory: %w", err)
		}
		n.mu.Lock()
		l, dark := n.listeners[to], n.dark[to.Addr()]
		from := netip.AddrPortFrom(host, n.nextPort())
		n.dials++
		n.mu.Unlock()
		failed := func(err error) error {
			return &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: err}
		}
		switch {
		case dark:
			<-ctx.Done()
			return nil, failed(os.ErrDeadlineExceeded)
		case l == nil:
			return nil, failed(os.NewSyscallError("connect", syscall.ECONNREFUSED))
		}
		near, far := newConns(from, to)
		select {
		case l.queue <- far:
			return near, nil
		case <-l.done:
			return nil, failed(os.NewSyscallError("connect", syscall.ECONNREFUSED))
		case <-ctx.Done():
			return nil, failed(ctx.Err())
		}
	}
}

// A listener is one of a network.
type listener struct {
	net   *network
	at    netip.AddrPort
	queue chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() {
		l.net.mu.Lock()
		delete(l.net.listeners, l.at)
		l.net.mu.Unlock()
		close(l.done)
	})
	return nil
}

func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.at) }
