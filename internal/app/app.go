package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"phoneacs/acs"
	"phoneacs/admin"
	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/internal/logkey"
	"phoneacs/jobs"
	"phoneacs/provision"
)

// Version of the program; the build sets it.
var Version = "dev"

// App is a server that has its store and its sockets and can run.
type App struct {
	cfg   Config
	log   *slog.Logger
	store *bolt.Store
	acs   *acs.Server
	jobs  *jobs.Service
	files *provision.Service
	admin *admin.API
	drain chan struct{} // closed when stopping begins

	cwmpListener, adminListener net.Listener
	pprofListener               net.Listener // nil: none asked for
	notes                       []string     // for the person who started it
}

// New opens the store and the sockets. Messages for the operator are logged to
// log; terminal says that a person reads standard output, who may be shown
// the first admin token.
func New(ctx context.Context, cfg Config, logTo io.Writer, terminal bool) (a *App, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	a = &App{cfg: cfg, drain: make(chan struct{})}
	if a.log, err = newLog(&cfg, logTo); err != nil {
		return nil, err
	}
	if a.store, err = bolt.Open(ctx, bolt.Options{Dir: cfg.Data, Log: a.log}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.closeAll())
			a = nil
		}
	}()
	if a.notes, err = firstToken(ctx, a.store, &cfg, terminal); err != nil {
		return a, err
	}
	if err = a.wire(); err != nil {
		return a, err
	}
	if a.cwmpListener, err = cfg.listen(ctx, "cwmp", cfg.CWMP); err != nil {
		return a, err
	}
	if a.adminListener, err = cfg.listen(ctx, "admin", cfg.Admin); err == nil && cfg.Pprof != "" {
		a.pprofListener, err = cfg.listen(ctx, "pprof", cfg.Pprof)
	}
	return a, err
}

func (c *Config) listen(ctx context.Context, setting, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, c.bad(setting, fmt.Errorf("cannot listen on %s: %w", addr, err))
	}
	return l, nil
}

// lateWaker lets jobs be made before the endpoint that wakes for it, which
// itself needs jobs.
type lateWaker struct{ *acs.Server }

func (w *lateWaker) Wake(ctx context.Context, phone db.PhoneID) error {
	return w.Server.Wake(ctx, phone)
}

func (a *App) wire() (err error) {
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	clock := clockwork.NewRealClock()
	networks, err := prefixes(a.cfg.Networks)
	if err != nil {
		return err
	}
	proxies, err := prefixes(a.cfg.Proxies)
	if err != nil {
		return err
	}
	if a.files, err = provision.New(provision.Options{
		Store: a.store, Clock: clock, Log: a.log, Registerer: metrics,
	}); err != nil {
		return err
	}
	waker := new(lateWaker)
	if a.jobs, err = jobs.New(jobs.Options{
		Store: a.store, Waker: waker, Files: a.files, Clock: clock, Log: a.log, Registerer: metrics,
	}); err != nil {
		return err
	}
	if a.acs, err = acs.New(acs.Options{
		Store: a.store, Dispatcher: a.jobs, Clock: clock, Log: a.log,
		Enrol: acs.Enrol(a.cfg.Enrol), PublicURL: a.cfg.PublicURL,
		PhoneNetworks: networks, TrustedProxies: proxies, Registerer: metrics,
	}); err != nil {
		return err
	}
	waker.Server = a.acs
	a.admin, err = admin.New(admin.Options{
		Store: a.store, Orders: a.jobs, Waker: a.acs, Catalogue: a.files,
		Gatherer: metrics, Registerer: metrics, Clock: clock, Log: a.log,
		Version: Version, Drain: a.drain, Hosts: a.cfg.Hosts,
	})
	return err
}

// Run serves until ctx ends, then lets open sessions end within Config.Drain.
// It returns nil after an orderly end, else why the server could not go on.
func (a *App) Run(ctx context.Context) error {
	cwmp := &http.Server{
		Handler:           a.phoneSide(),
		ConnContext:       a.acs.ConnContext,
		ReadHeaderTimeout: 15 * time.Second,
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	adm := &http.Server{
		Handler:           a.admin.Handler(),
		ReadHeaderTimeout: 15 * time.Second,
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	ended := make(chan error, 8)
	running := 0
	start := func(what string, run func() error) {
		running++
		go func() {
			err := run()
			if err != nil && !errors.Is(err, http.ErrServerClosed) && work.Err() == nil {
				err = fmt.Errorf("%s: %w", what, err)
			} else {
				err = nil
			}
			ended <- err
		}()
	}
	servers := []*http.Server{cwmp, adm}
	go tuneGC(work)
	if a.pprofListener != nil {
		prof := profiles()
		start("profiles' listener", func() error { return prof.Serve(a.pprofListener) })
		servers = append(servers, prof)
	}
	start("jobs", func() error { return a.jobs.Run(work) })
	start("sessions", func() error { return a.acs.Run(work) })
	start("phones' listener", func() error { return cwmp.Serve(a.cwmpListener) })
	start("admin listener", func() error { return adm.Serve(a.adminListener) })

	var err error
	select {
	case <-ctx.Done():
		a.log.Info("stopping; open sessions may end")
	case <-a.store.Failed():
		err = fmt.Errorf("a write did not reach the disk for sure, so nothing may build on it: %w", a.store.Ready())
	case err = <-ended:
		running--
	}
	close(a.drain)
	if err == nil {
		a.settle(ctx, cwmp)
	}
	stopWork()
	for _, srv := range servers {
		_ = srv.Close() // what could end in time has ended
	}
	for ; running > 0; running-- {
		err = errors.Join(err, <-ended)
	}
	return errors.Join(err, a.closeAll())
}

// settle lets sessions and transfers end.
func (a *App) settle(ctx context.Context, cwmp *http.Server) {
	limit := a.cfg.Drain
	if limit == 0 {
		limit = 20 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	if err := a.acs.Drain(ctx); err != nil {
		a.log.Warn("sessions still open were cut off; their phones will come again", logkey.Err, err)
		return
	}
	_ = cwmp.Shutdown(ctx)
}

func (a *App) closeAll() error {
	var errs []error
	for _, l := range []net.Listener{a.cwmpListener, a.adminListener, a.pprofListener} {
		if l != nil {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(append(errs, a.store.Close())...)
}
