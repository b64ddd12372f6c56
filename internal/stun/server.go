package stun

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	wire "github.com/pion/stun/v3"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// ErrNotSeen reports a place from which no phone was heard that listens there.
var ErrNotSeen = errors.New("no binding request was seen from there")

// Phones is what the service needs of the store.
type Phones interface {
	// FindPhone resolves OUI-Serial, or another reference; db.ErrNotFound if
	// there is none.
	FindPhone(ctx context.Context, ref string) (db.PhoneID, error)
	// Credentials returns a phone's logins, or db.ErrNotFound.
	Credentials(ctx context.Context, phone db.PhoneID) (db.Credentials, error)
}

// Options say what a [Server] works with.
type Options struct {
	Conn       *net.UDPConn          // required; the server closes it
	Phones     Phones                // required
	Clock      clockwork.Clock       // nil: the real one
	Log        *slog.Logger          // nil: nothing is logged
	Registerer prometheus.Registerer // nil: metrics are not registered
}

// A Server is the service on one socket. Its methods are safe for concurrent use.
type Server struct {
	opts    Options
	table   *table
	metrics *metrics
	began   time.Time
}

// New returns a service. It hears nothing before [Server.Run].
func New(o Options) (*Server, error) {
	if o.Conn == nil || o.Phones == nil {
		return nil, errors.New("stun: a socket and phones are needed")
	}
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{opts: o, table: newTable(), began: o.Clock.Now()}
	var err error
	if s.metrics, err = newMetrics(o.Registerer, s.table); err != nil {
		return nil, err
	}
	return s, nil
}

// maxErrors is how many errors in a row the socket may have: one of another
// host's answer (ICMP) says nothing about the next datagram.
const maxErrors = 100

// Run answers until ctx ends, which is no error, or the socket fails. It closes
// the socket.
func (s *Server) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.opts.Conn.Close() })
	defer s.opts.Conn.Close()
	defer stop()
	buf := make([]byte, maxPacket+1) // one that is longer is seen to be
	for failed := 0; ; {
		n, from, err := s.opts.Conn.ReadFromUDPAddrPort(buf)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if failed++; failed >= maxErrors || errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("stun: read: %w", err)
			}
			continue
		}
		failed = 0
		s.metrics.count(s.hear(ctx, buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port())))
	}
}

// hear takes one datagram, and says what became of it.
func (s *Server) hear(ctx context.Context, packet []byte, from netip.AddrPort) outcome {
	now := s.opts.Clock.Now()
	if from.Port() == 0 || !s.table.admits(from, now) {
		return tooMany
	}
	r, err := parse(packet)
	if err != nil {
		return malformed
	}
	switch {
	case len(r.unknown) > 0:
		return s.answer(from, r, refused, func() ([]byte, error) { return r.failure(wire.CodeUnknownAttribute) })
	case r.change:
		// There is no other address to answer from. An answer from this one would
		// tell the phone that its NAT lets everything in.
		return ignored
	case r.listens && r.signed > 0:
		return s.signed(ctx, r, from, now)
	case r.listens:
		if s.table.heard(from, r, now) == challenged {
			return s.answer(from, r, asked, func() ([]byte, error) { return r.failure(wire.CodeUnauthorized) })
		}
	case r.respond.IsValid():
		return s.elsewhere(r, from, now)
	}
	return s.answer(from, r, plain, func() ([]byte, error) { return r.success(from) })
}

// elsewhere answers a phone that tries out for how long its NAT keeps a binding
// (TR-069 G.2.1.1, by RESPONSE-ADDRESS): from another port of the phone, and to
// the binding. Nobody else is sent anything by it.
func (s *Server) elsewhere(r *request, from netip.AddrPort, now time.Time) outcome {
	if r.respond.Addr() != from.Addr() || !s.table.known(r.respond, now) {
		return ignored
	}
	return s.answer(r.respond, r, plain, func() ([]byte, error) { return r.success(from) })
}

// signed takes a request that proves whose binding it is. Proof comes first: who
// guesses, behind the same address or in its name, keeps nobody from it.
func (s *Server) signed(ctx context.Context, r *request, from netip.AddrPort, now time.Time) outcome {
	phone, password, padded, err := s.prover(ctx, r)
	if err != nil {
		s.opts.Log.WarnContext(ctx, "stun request not judged", logkey.Addr, from.String(), logkey.Err, err)
		return failed
	}
	if password == "" {
		if !s.table.wrong(from.Addr(), phone, now) {
			return tooMany
		}
		return s.answer(from, r, refused, func() ([]byte, error) { return r.failure(codeIntegrity) })
	}
	switch ok, full := s.table.prove(from, phone, r.id, now); {
	case full:
		return tooMany
	case !ok:
		return replayed
	}
	return s.answer(from, r, provedIt, func() ([]byte, error) {
		text, err := r.success(from)
		if err != nil {
			return nil, err
		}
		return sign(text, password, padded), nil
	})
}

// prover finds the phone that a request names and which of its passwords for
// connection requests it is signed with; "": none. A vendor's default, which
// everybody knows, proves nothing.
func (s *Server) prover(ctx context.Context, r *request) (phone db.PhoneID, password string, padded bool, err error) {
	name, err := url.PathUnescape(r.username)
	if err != nil || name == "" {
		return 0, "", false, nil
	}
	phone, err = s.opts.Phones.FindPhone(ctx, name)
	if unknown(err) {
		return 0, "", false, nil
	}
	if err != nil {
		return 0, "", false, fmt.Errorf("find phone: %w", err)
	}
	c, err := s.opts.Phones.Credentials(ctx, phone)
	if unknown(err) {
		return 0, "", false, nil
	}
	if err != nil {
		return 0, "", false, fmt.Errorf("credentials of %s: %w", phone, err)
	}
	for _, one := range []string{c.ConnectionRequest.Password, c.ConnectionRequestNext.Password} {
		if padded, ok := r.provenBy(one); ok {
			return phone, one, padded, nil
		}
	}
	return phone, "", false, nil
}

// unknown reports an error that says that nothing goes by a name.
func unknown(err error) bool {
	var field *db.FieldError
	return errors.Is(err, db.ErrNotFound) || errors.Is(err, db.ErrConflict) || errors.As(err, &field)
}

// answer sends what write writes.
func (s *Server) answer(to netip.AddrPort, r *request, as outcome, write func() ([]byte, error)) outcome {
	b, err := write()
	if err != nil || len(b) > len(r.raw)+maxGrowth {
		return failed
	}
	if _, err := s.opts.Conn.WriteToUDPAddrPort(b, to); err != nil {
		return failed
	}
	return as
}

// Binding returns where a phone hears, as it has proven, and when it was last
// heard of. ok is false if it has not, or too long ago; Seen is then when that
// was, if ever.
func (s *Server) Binding(phone db.PhoneID) (b Binding, ok bool) {
	return s.table.binding(phone, s.opts.Clock.Now())
}

// Seen says when somebody who listens there was last heard from a place, of
// whom it is not proven who it is.
func (s *Server) Seen(at netip.AddrPort) (time.Time, bool) {
	return s.table.seen(at, s.opts.Clock.Now())
}

// Began is since when bindings are seen.
func (s *Server) Began() time.Time { return s.began }

// Refused says when a request that names a phone was last not signed with its
// password; zero: not since it last was, or not that is remembered.
func (s *Server) Refused(phone db.PhoneID) time.Time { return s.table.wasRefused(phone) }

// Send sends a datagram from the port that phones keep their bindings to. The
// error is ErrNotSeen unless a phone that listens there was heard of.
func (s *Server) Send(to netip.AddrPort, datagram []byte) error {
	if !s.table.known(to, s.opts.Clock.Now()) {
		return fmt.Errorf("send to %s: %w", to, ErrNotSeen)
	}
	if _, err := s.opts.Conn.WriteToUDPAddrPort(datagram, to); err != nil {
		return fmt.Errorf("send to %s: %w", to, err)
	}
	return nil
}

// Addr is where the service listens.
func (s *Server) Addr() netip.AddrPort {
	a, _ := s.opts.Conn.LocalAddr().(*net.UDPAddr)
	return netip.AddrPortFrom(a.AddrPort().Addr().Unmap(), a.AddrPort().Port())
}
