package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/acs"
	"phoneacs/admin"
	"phoneacs/db/bolt"
	"phoneacs/internal/certs"
	"phoneacs/internal/quirkbook"
	"phoneacs/internal/record"
	"phoneacs/internal/sip"
	"phoneacs/internal/stun"
	"phoneacs/jobs"
	"phoneacs/provision"
)

// Version of the program; the build sets it.
var Version = "dev"

// App is a server that has its store and its sockets and can run.
type App struct {
	cfg    Config
	told   Config // cfg, but for what a demo has changed of it
	log    *slog.Logger
	level  slog.LevelVar // of log
	reload sync.Mutex    // held by Reload
	store  *bolt.Store
	acs    *acs.Server
	jobs   *jobs.Service
	files  *provision.Service
	admin  *admin.API
	quirks *quirkbook.Keeper
	sip    *sip.Endpoint // nil: no sipSocket
	drain  chan struct{} // closed when stopping begins

	stun     *stun.Server // nil: none asked for
	stunConn net.PacketConn
	recorder *record.Recorder
	backups  *keeper
	room     *room
	early    *early // nil: nobody is answered before the server runs
	demo     *demo  // nil: the phones are real

	cwmpListener, tlsListener net.Listener // for phones; one may be nil: not asked for
	adminListener             net.Listener
	pprofListener             net.Listener // nil: none asked for
	sipSocket                 *net.UDPConn // nil: none asked for
	notes                     []string     // for the person who started it

	metrics             *prometheus.Registry
	handshakes          *prometheus.CounterVec // that failed
	phonesTLS, adminTLS *certs.Server          // nil: without TLS
	authority           *certs.Authority       // nil: certificates are given, or not needed
}

// New opens the store and the sockets. Messages for the operator are logged to
// logTo. terminal is where a person reads along, who is shown the first admin
// token; nil means that there is none, and it goes to a file.
//
// The error wraps a [*ConfigError] for each setting that cannot be used,
// db.ErrLocked if another process has the data directory, or the error of ctx
// if that has ended. Nothing is left open then, and no token has been made.
func New(ctx context.Context, cfg Config, logTo, terminal io.Writer) (_ *App, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	told := cfg
	demo, err := newDemo(&cfg)
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, told: told, demo: demo, drain: make(chan struct{}), metrics: prometheus.NewRegistry()}
	if demo != nil {
		demo.app = a
	}
	if a.log, err = newLog(&cfg, logTo, &a.level); err != nil {
		return nil, errors.Join(err, demo.remove())
	}
	key, err := cfg.sealKey()
	if err != nil {
		return nil, errors.Join(cfg.bad("key", err), demo.remove())
	}
	if a.early = a.answerEarly(ctx); a.early != nil {
		a.adminListener = a.early.listener
	}
	if a.store, err = bolt.Open(ctx, cfg.storeOptions(a.log, key)); err != nil {
		return nil, errors.Join(err, a.early.end(true), demo.remove())
	}
	a.early.doing("the store is open, and what is in it is looked through")
	// The token comes last: nobody would hear of it from a server that then
	// fails to start, and the next start makes no other.
	for _, step := range []func(context.Context) error{
		a.secure,
		a.wire,
		a.listen,
		func(ctx context.Context) error {
			a.notes, err = firstToken(ctx, a.store, &cfg, terminal)
			return err
		},
	} {
		if err = ctx.Err(); err == nil {
			err = step(ctx)
		}
		if err != nil && ctx.Err() != nil {
			err = fmt.Errorf("start: %w", ctx.Err()) // whatever it looks like where it was cut short
		}
		if err != nil {
			return nil, errors.Join(err, a.closeAll())
		}
	}
	// From here on who connects waits for Run, as phones do.
	if err := a.early.end(false); err != nil {
		return nil, errors.Join(err, a.closeAll())
	}
	return a, nil
}

// listen opens the sockets. Connections wait in them until the server runs.
func (a *App) listen(ctx context.Context) error {
	into := map[string]*net.Listener{"cwmp": &a.cwmpListener, "cwmp-tls": &a.tlsListener, "admin": &a.adminListener, "pprof": &a.pprofListener}
	open := a.cfg.Listen
	if open == nil {
		open = new(net.ListenConfig).Listen
	}
	for _, p := range a.cfg.places() {
		if p.udp {
			continue // wired already
		}
		if p.setting == "admin" && a.early != nil {
			continue // it has been open since before the store
		}
		l, err := open(ctx, "tcp", p.addr)
		if err != nil {
			return a.cfg.bad(p.setting, fmt.Errorf("cannot listen on %s: %w", p.addr, err))
		}
		*into[p.setting] = l
		// Until here localhost was trusted to be what its name says.
		if err := a.cfg.mayListen(&p, addrPort(l).Addr().IsLoopback()); err != nil {
			return a.cfg.bad(p.setting, err)
		}
	}
	return nil
}

// addrPort is where l, a TCP listener, listens.
func addrPort(l net.Listener) netip.AddrPort {
	addr, _ := l.Addr().(*net.TCPAddr)
	at := addr.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// closeAll closes what is open. Listeners that a server has closed may be
// closed again.
func (a *App) closeAll() error {
	errs := []error{a.early.end(false)}
	for _, l := range []net.Listener{a.cwmpListener, a.tlsListener, a.adminListener, a.pprofListener} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, fmt.Errorf("close %s: %w", l.Addr(), err))
		}
	}
	if a.sipSocket != nil {
		if err := a.sipSocket.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, fmt.Errorf("close SIP socket: %w", err))
		}
	}
	if err := a.closeSTUN(); err != nil {
		errs = append(errs, err)
	}
	if err := a.store.Close(); err != nil {
		errs = append(errs, fmt.Errorf("close store: %w", err))
	}
	if err := a.demo.remove(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
