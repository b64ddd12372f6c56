package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"github.com/jonboulle/clockwork"

	"phoneacs/internal/logkey"
	"phoneacs/internal/stun"
	"phoneacs/jobs"
)

// stunOff has no phone set up for requests through a NAT.
const stunOff = "off"

func (c *Config) checkSTUNSetup() error {
	switch c.STUNSetup {
	case "", stunOff, jobs.STUNBehindNAT, jobs.STUNAll:
		return nil
	}
	return fmt.Errorf("%q: want off, behind-nat or all", c.STUNSetup)
}

// listenSTUN opens the socket of the STUN service, if one is asked for. It comes
// before the listeners: what wakes phones needs to know it.
func (a *App) listenSTUN(ctx context.Context, clock clockwork.Clock) error {
	if a.cfg.STUN == "" {
		return nil
	}
	p := place{setting: "stun", addr: a.cfg.STUN}
	conn, err := new(net.ListenConfig).ListenPacket(ctx, "udp", p.addr)
	if err != nil {
		return a.cfg.bad(p.setting, fmt.Errorf("cannot listen on %s: %w", p.addr, err))
	}
	udp, ok := conn.(*net.UDPConn)
	if !ok {
		conn.Close()
		return a.cfg.bad(p.setting, fmt.Errorf("cannot listen on %s by UDP", p.addr))
	}
	s, err := stun.New(stun.Options{Conn: udp, Phones: a.store, Clock: clock, Log: a.log, Registerer: a.metrics})
	if err != nil {
		conn.Close()
		return err
	}
	a.stun, a.stunConn = s, conn
	return a.cfg.bad(p.setting, a.cfg.mayListen(&p, s.Addr().Addr().IsLoopback()))
}

// stunSetup is what phones are told of the service; nil: they are told nothing,
// since there is none, that is not wanted, or nobody said how they reach it.
func (a *App) stunSetup(ctx context.Context, base string) *jobs.STUN {
	if a.stun == nil || a.cfg.STUNSetup == stunOff {
		return nil
	}
	u, err := url.Parse(base)
	if base == "" || err != nil {
		a.log.WarnContext(ctx, "no phone is set up for STUN: set --public-url, or --stun-setup=off", logkey.Setting, "stun-setup")
		return nil
	}
	which := a.cfg.STUNSetup
	if which == "" {
		which = jobs.STUNBehindNAT
	}
	return &jobs.STUN{Host: u.Hostname(), Port: a.stun.Addr().Port(), Which: which, Refused: a.stun.Refused}
}

// closeSTUN closes the socket; the service may have done so.
func (a *App) closeSTUN() error {
	if a.stunConn == nil {
		return nil
	}
	if err := a.stunConn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close %s: %w", a.stunConn.LocalAddr(), err)
	}
	return nil
}
