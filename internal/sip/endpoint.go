// Package sip is the one SIP socket of the server: it sends NOTIFYs to phones,
// outside of any dialog, and says what they answered.
//
// It sends to vetted addresses alone, few at a time and none twice for one
// [db.Notice] but for the repetitions of RFC 3261. It takes in answers to what
// it has sent, from where it was sent to. Requests are told that nobody is here
// for them, a bounded number of them. It registers nobody, makes no calls and
// believes nothing of what phones say of themselves. UDP alone: a NOTIFY fits
// into a datagram, and the phones asked are those that listen for such.
//
// Messages and the life of a transaction are those of sipgo. Its transport is
// not used: it keeps an entry for whoever has sent anything, for as long as the
// socket is open, and this socket is one that anybody may send to.
package sip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	wire "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
	"phoneacs/internal/reach"
)

// A Socket is what an [Endpoint] speaks through; *net.UDPConn is one.
type Socket interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// Options says what an [Endpoint] works with.
type Options struct {
	Socket     Socket                // required; Run closes it
	Networks   []netip.Prefix        // of phones, as in reach.Rule
	Log        *slog.Logger          // nil: none
	Registerer prometheus.Registerer // nil: metrics are counted but not shown

	own    func() ([]net.Addr, error)                         // of reach.Rule
	source func(to netip.AddrPort) (from netip.Addr, _ error) // by which address this machine speaks to another
}

// An Endpoint is the SIP socket. Its methods are safe for concurrent use.
type Endpoint struct {
	socket  Socket
	port    uint16
	bound   netip.Addr // unspecified: all addresses
	rule    reach.Rule
	source  func(netip.AddrPort) (netip.Addr, error)
	log     *slog.Logger
	metrics *metrics
	life    context.Context // ends when Run does
	end     context.CancelFunc
	pace    pace
	answers allowance

	mu      sync.Mutex
	phones  map[db.PhoneID]bool // that have a notice under way
	flights map[string]flight   // by the key of the transaction
	asked   map[netip.Addr]int  // how many of them go there
}

// A flight is a request that may still be answered.
type flight struct {
	tx *wire.ClientTx
	to netip.AddrPort
}

// New returns an endpoint on a socket. [Endpoint.Run] must run for answers to
// be heard.
func New(o Options) (*Endpoint, error) {
	if o.Socket == nil {
		return nil, errors.New("sip: Options.Socket is missing")
	}
	at, err := netip.ParseAddrPort(o.Socket.LocalAddr().String())
	if err != nil {
		return nil, fmt.Errorf("sip: address of the socket: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.source == nil {
		o.source = sourceFor
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, err
	}
	e := &Endpoint{
		socket: o.Socket, port: at.Port(), bound: at.Addr().Unmap(), source: o.source, log: o.Log, metrics: m,
		rule:    reach.Rule{Phones: o.Networks, Own: o.own},
		pace:    pace{gap: sendGap},
		answers: allowance{every: answerGap, most: answerBurst},
		phones:  make(map[db.PhoneID]bool),
		flights: make(map[string]flight),
		asked:   make(map[netip.Addr]int),
	}
	e.life, e.end = context.WithCancel(context.Background())
	return e, nil
}

// Bounds of what comes in.
const (
	maxMessage = 8 << 10 // bytes; a phone's answer has a few hundred
	maxBroken  = 100     // failed reads in a row after which the socket is given up
)

// Run hears what comes until ctx ends, and then closes the socket. It returns
// nil then, else why the socket can be read no more. It must be called once.
func (e *Endpoint) Run(ctx context.Context) error {
	defer e.end()
	stop := context.AfterFunc(ctx, func() { e.socket.Close() })
	defer stop()
	defer e.socket.Close()
	buf := make([]byte, maxMessage+1)
	for broken := 0; ; {
		n, from, err := e.socket.ReadFromUDPAddrPort(buf)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			broken = 0
			e.metrics.received.WithLabelValues(e.take(buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))).Inc()
			continue
		case errors.Is(err, net.ErrClosed), broken == maxBroken:
			return fmt.Errorf("read SIP: %w", err)
		}
		broken++ // such as of an answer of the network to what was sent; the next may be sound
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return nil
		}
	}
}

// sourceFor says from which of its addresses this machine speaks to another.
// Nothing is sent for it.
func sourceFor(to netip.AddrPort) (netip.Addr, error) {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return netip.Addr{}, fmt.Errorf("find a way to %s: %w", to, err)
	}
	defer c.Close()
	from, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return netip.Addr{}, fmt.Errorf("find a way to %s: %w", to, err)
	}
	return from.Addr().Unmap(), nil
}
