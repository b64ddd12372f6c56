package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"phoneacs/internal/certs"
)

// A part lives until its context ends; before that it may not end at all.
type part struct {
	name string
	live func(context.Context) error
}

// run runs a part and returns why it ended, nil if it was told to.
func (p *part) run(work context.Context) error {
	err := p.live(work)
	switch {
	case errors.Is(err, http.ErrServerClosed): // which only Run does
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", p.name, err)
	case work.Err() == nil:
		return fmt.Errorf("%s: ended by itself", p.name)
	}
	return nil
}

// Run serves until ctx ends, then lets open sessions and requests end within
// Config.Drain, and closes everything. It returns nil after an orderly end,
// else why the server could not go on: an error that wraps db.ErrFailed if it
// is not known what the disk holds. It must be called once.
func (a *App) Run(ctx context.Context) error {
	phones := a.phoneServer()
	operators := a.server(a.admin.Handler())
	servers := []*http.Server{phones, operators}
	parts := []part{
		{"jobs", a.jobs.Run},
		{"sessions", a.acs.Run},
		{"recordings", a.recorder.Run},
		{"admin listener", a.accept(operators, a.adminListener, "admin", a.adminTLS)},
		{"garbage collection", tuneGC},
		{"tidying", a.tidy},
		{"quirks", a.quirks.Run},
		{"backups", a.backups.Run},
		{"room", a.watchRoom},
		{"disk", a.watchDisk},
	}
	if a.sip != nil {
		parts = append(parts, part{"SIP", a.sip.Run})
	}
	if a.stun != nil {
		parts = append(parts, part{"STUN", a.stun.Run})
	}
	if a.demo != nil {
		parts = append(parts, part{"demo", a.demo.run})
	}
	limit := newConnLimit(maxPhoneConns(), a.log)
	if a.cwmpListener != nil {
		parts = append(parts, part{"phones' listener", a.accept(phones, limit.listener(a.cwmpListener), "cwmp", nil)})
	}
	if a.tlsListener != nil {
		parts = append(parts, part{"phones' listener of TLS", a.accept(phones, limit.listener(a.tlsListener), "cwmp-tls", a.phonesTLS)})
	}
	if a.pprofListener != nil {
		prof := a.server(profiles())
		servers = append(servers, prof)
		parts = append(parts, part{"profiles' listener", a.accept(prof, a.pprofListener, "pprof", nil)})
	}

	// The parts outlive ctx: sessions that are still open need them.
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	ended := make(chan error, len(parts))
	for _, p := range parts {
		go func() { ended <- p.run(work) }()
	}
	a.notify(ctx, "READY=1")
	left := len(parts)
	var errs []error
	select {
	case <-ctx.Done():
		a.notify(ctx, "STOPPING=1")
		a.log.Info("stopping; open sessions may end")
		close(a.drain)
		a.settle(ctx, phones, operators)
	case <-a.store.Failed():
		close(a.drain)
	case err := <-ended:
		left--
		errs = append(errs, err)
		close(a.drain)
	}
	if a.failed() {
		a.lastWords(ctx, phones, operators)
	}
	stopWork()
	for _, srv := range servers {
		_ = srv.Close() // what could end in time has ended
	}
	for ; left > 0; left-- {
		errs = append(errs, <-ended)
	}
	return a.sumUp(errs)
}

// sumUp closes everything and says how the server ended. After a failure of
// the store nothing else is worth a word, least of all that it fails to close.
func (a *App) sumUp(errs []error) error {
	failed, ready := a.failed(), a.store.Ready()
	errs = append(errs, a.closeAll())
	if failed {
		return fmt.Errorf("a write may not have reached the disk, so nothing may build on it: %w", ready)
	}
	return errors.Join(errs...)
}

// failed reports whether it is unknown what the disk holds.
func (a *App) failed() bool {
	select {
	case <-a.store.Failed():
		return true
	default:
		return false
	}
}

// server bounds what a peer may cost that has not sent a request yet, or sends a
// body that nobody reads; handlers bound the rest themselves.
func (a *App) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           timed(h),
		ReadHeaderTimeout: 15 * time.Second,
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
}

// accept serves what comes to a listener, which was opened by a setting, within
// TLS if there is some.
func (a *App) accept(srv *http.Server, l net.Listener, setting string, secure *certs.Server) func(context.Context) error {
	return func(context.Context) error {
		if secure != nil {
			l = greet(l, secure.TLS(), newComplaint(a.handshakes, setting, a.log).take)
		}
		return srv.Serve(l)
	}
}
