package app

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"phoneacs/internal/sip"
	"phoneacs/jobs"
)

// speakSIP opens the SIP socket, if one is asked for; the notifier is nil else,
// and jobs refuse what would need one.
func (a *App) speakSIP(ctx context.Context, networks []netip.Prefix) (jobs.Notifier, error) {
	for _, p := range a.cfg.places() {
		if p.setting != "sip" {
			continue
		}
		c, err := new(net.ListenConfig).ListenPacket(ctx, "udp", p.addr)
		if err != nil {
			return nil, a.cfg.bad(p.setting, fmt.Errorf("cannot listen on %s: %w", p.addr, err))
		}
		a.sipSocket, _ = c.(*net.UDPConn) // which UDP always is
		at, err := netip.ParseAddrPort(c.LocalAddr().String())
		if err == nil {
			// Until here localhost was trusted to be what its name says.
			err = a.cfg.mayListen(&p, at.Addr().Unmap().IsLoopback())
		}
		if err != nil {
			return nil, a.cfg.bad(p.setting, err)
		}
		if a.sip, err = sip.New(sip.Options{Socket: a.sipSocket, Networks: networks, Log: a.log, Registerer: a.metrics}); err != nil {
			return nil, err
		}
		return a.sip, nil
	}
	return nil, nil
}
