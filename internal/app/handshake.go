package app

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// handshakeTime is how long a peer may take to shake hands.
const handshakeTime = 15 * time.Second

// A greeter is a listener that gives out connections whose TLS handshake is
// done, and accounts for those that fail. A peer that is slow keeps nobody
// waiting; how many shake hands at once is bounded by the files that the
// process may open, as connections are.
type greeter struct {
	net.Listener
	cfg    *tls.Config
	failed func(peer net.Addr, f failure)

	ctx   context.Context // ends with Close
	close context.CancelFunc
	out   chan accepted
	work  sync.WaitGroup
}

type accepted struct {
	conn net.Conn
	err  error
}

// A peer is a connection that remembers what its client said of itself until
// the handshake is done.
type peer struct {
	net.Conn
	versions []uint16 // offered
	last     [7]byte  // that came: as long as an alert in clear
	done     bool
}

func (p *peer) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if !p.done && n > 0 {
		all := append(p.last[:], b[:n]...)
		copy(p.last[:], all[len(all)-len(p.last):])
	}
	return n, err
}

// alert is what the client sent last, if that is an alert in clear. OpenSSL
// sends so what it finds wrong with a certificate in TLS 1.3, where crypto/tls
// awaits it encrypted and sees a broken record.
func (p *peer) alert() (tls.AlertError, bool) {
	const kind, major, length = 21, 3, 2
	l := p.last
	return tls.AlertError(l[6]), l[0] == kind && l[1] == major && l[3] == 0 && l[4] == length
}

// greet begins to take connections from l; closing what it returns closes l.
func greet(l net.Listener, cfg *tls.Config, failed func(net.Addr, failure)) *greeter {
	g := &greeter{Listener: l, failed: failed, out: make(chan accepted)}
	choose := cfg.GetConfigForClient
	g.cfg = cfg.Clone()
	g.cfg.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if p, ok := hello.Conn.(*peer); ok {
			p.versions = hello.SupportedVersions
		}
		return choose(hello)
	}
	g.ctx, g.close = context.WithCancel(context.Background())
	g.work.Go(g.run)
	return g
}

// Accept waits for a peer that has shaken hands. An error of the listener
// below is handed on, and the next is asked for after it only: who accepts
// decides how long to wait.
func (g *greeter) Accept() (net.Conn, error) {
	select {
	case a := <-g.out:
		return a.conn, a.err
	case <-g.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close ends handshakes that are under way and waits until they have.
func (g *greeter) Close() error {
	g.close()
	err := g.Listener.Close()
	g.work.Wait()
	return err
}

func (g *greeter) run() {
	for {
		conn, err := g.Listener.Accept()
		if err == nil {
			g.work.Go(func() { g.shake(conn) })
			continue
		}
		if !g.give(accepted{err: err}) || errors.Is(err, net.ErrClosed) {
			return
		}
	}
}

// give hands something on, unless the listener is closed.
func (g *greeter) give(a accepted) bool {
	select {
	case g.out <- a:
		return true
	case <-g.ctx.Done():
		return false
	}
}

func (g *greeter) shake(raw net.Conn) {
	ctx, cancel := context.WithTimeout(g.ctx, handshakeTime)
	defer cancel()
	p := &peer{Conn: raw}
	conn := tls.Server(p, g.cfg)
	err := conn.HandshakeContext(ctx)
	if err == nil {
		p.done = true
		if g.give(accepted{conn: conn}) {
			return
		}
	} else if g.ctx.Err() == nil {
		f := explain(err, p)
		if f.cause == causePlain {
			answerPlain(raw)
		}
		g.failed(raw.RemoteAddr(), f)
	}
	_ = raw.Close() // it may have been closed by what failed
}

// answerPlain tells who speaks HTTP where TLS is spoken. The peer that is gone
// does not hear it.
func answerPlain(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	_, _ = io.WriteString(conn, "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nthis port speaks TLS: use https\n")
}
