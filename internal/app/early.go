package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"phoneacs/admin"
	"phoneacs/internal/logkey"
)

// An early server answers operators while the store is opened, which may take
// its time: that the server is starting, and with what. It borrows the admin
// listener, and hands it back when the server runs.
type early struct {
	listener net.Listener
	server   *http.Server
	ended    chan struct{}
	gone     bool
	what     atomic.Pointer[string]
}

// earlyPatience is how long an answer that is under way may take once the
// server is ready.
const earlyPatience = time.Second

// answerEarly begins to answer, where that can be done by HTTP alone; nil where
// it cannot. That a socket cannot be had is said by who opens all of them: first
// it is to be known whether another process has the directory.
func (a *App) answerEarly(ctx context.Context) *early {
	if a.cfg.AdminCert != "" || a.cfg.Listen != nil {
		return nil
	}
	for _, p := range a.cfg.places() {
		if p.setting != "admin" {
			continue
		}
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", p.addr)
		if err != nil {
			return nil
		}
		if err := a.cfg.mayListen(&p, addrPort(l).Addr().IsLoopback()); err != nil {
			_ = l.Close() // it is said when it is opened again
			return nil
		}
		e := &early{listener: l, ended: make(chan struct{})}
		e.doing("it opens the store")
		e.server = a.server(admin.Starting(Version, func() string { return *e.what.Load() }))
		e.server.SetKeepAlivesEnabled(false) // the next request is for the server that runs
		go func() {
			defer close(e.ended)
			if err := e.server.Serve(&borrowed{l}); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
				a.log.Warn("nobody is told that the server starts", logkey.Err, err)
			}
		}()
		return e
	}
	return nil
}

// doing says with what the server starts.
func (e *early) doing(what string) {
	if e != nil {
		e.what.Store(&what)
	}
}

// end stops answering. The listener stays open unless it is to be closed.
func (e *early) end(closed bool) error {
	if e == nil {
		return nil
	}
	if !e.gone {
		e.gone = true
		ctx, cancel := context.WithTimeout(context.Background(), earlyPatience)
		defer cancel()
		if err := e.server.Shutdown(ctx); err != nil {
			_ = e.server.Close() // who is still not answered asks again
		}
		<-e.ended
	}
	if closed {
		return e.listener.Close()
	}
	if l, ok := e.listener.(*net.TCPListener); ok {
		if err := l.SetDeadline(time.Time{}); err != nil && !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("take the admin listener over: %w", err)
		}
	}
	return nil
}

// A borrowed listener is not closed by the server that has it, which only
// stops to accept.
type borrowed struct{ net.Listener }

func (b *borrowed) Close() error {
	if l, ok := b.Listener.(*net.TCPListener); ok {
		return l.SetDeadline(time.Unix(1, 0))
	}
	return b.Listener.Close()
}

// Accept says of a deadline, which Close has set, that the listener is closed.
func (b *borrowed) Accept() (net.Conn, error) {
	c, err := b.Listener.Accept()
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return nil, net.ErrClosed
	}
	return c, err
}
