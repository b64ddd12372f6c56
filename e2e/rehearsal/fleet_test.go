package rehearsal

import (
	"context"
	"net"
	"sync"
	"time"

	"phoneacs/internal/sim"
)

// firstMAC is that of the plan's phone 0; there is room for 65,536.
var firstMAC = sim.MAC{0x0c, 0x38, 0x3e, 0x10, 0, 0}

// macOf is the MAC address of the plan's phone i, as slots are drawn from it.
func macOf(i int) string {
	mac := firstMAC
	mac[4], mac[5] = byte(i>>8), byte(i)
	return mac.String()
}

// ways are how the phones of a branch reach the server and are reached.
type ways struct {
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)
	listen func(ctx context.Context, network, addr string) (net.Listener, error)
}

// fleet makes the phones of a branch, for a server at a URL.
func (p *plan) fleet(b *branch, url string, w ways, accounts []account) *sim.Fleet {
	mac := firstMAC
	mac[4], mac[5] = byte(b.first>>8), byte(b.first)
	o := sim.Options{
		ACS: url, Phones: b.phones, Seed: int64(b.first) + 1, Start: mac,
		PeriodicInterval: p.often, Spread: p.enrol, BootTime: p.boot,
		Behaviour: sim.Behaviour{Delay: b.delay},
		ListenCR:  net.JoinHostPort(b.host.String(), "0"), Dial: w.dial, Listen: w.listen,
		CallAt: func(phone int, at time.Time) string { return p.phones[b.first+phone].line(at) },
		Watch:  b.watch(accounts),
	}
	switch b.reach {
	case wakeable:
		o.PeriodicInterval = p.seldom
	case refusing:
		o.Listen = deaf(w.listen)
	case nameless:
		o.ListenCR = "off"
	case asleep:
		o.ListenCR, o.PeriodicInterval = "off", -1
	}
	f := sim.New(o)
	for i := range f.Len() {
		if h := p.phones[b.first+i].habit; h != sound {
			f.Phone(i).Set(h.behaviour(b.delay))
		}
	}
	return f
}

// behaviour is a habit in the simulator's terms.
func (h habit) behaviour(delay time.Duration) sim.Behaviour {
	b := sim.Behaviour{Delay: delay}
	switch h {
	case balks:
		b.FaultNext = map[string]int{"Reboot": 9002}
	case forgets:
		b.NeverFetch = true
	case rejects:
		b.TransferFaultNext = 9018
	case stumbles:
		b.FaultNext = map[string]int{"Download": 9010}
	}
	return b
}

// deaf gives listeners whose ports are closed.
func deaf(listen func(context.Context, string, string) (net.Listener, error)) func(context.Context, string, string) (net.Listener, error) {
	return func(ctx context.Context, network, addr string) (net.Listener, error) {
		l, err := listen(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &closed{addr: l.Addr(), done: make(chan struct{})}, l.Close()
	}
}

type closed struct {
	addr net.Addr
	once sync.Once
	done chan struct{}
}

func (c *closed) Addr() net.Addr            { return c.addr }
func (c *closed) Close() error              { c.once.Do(func() { close(c.done) }); return nil }
func (c *closed) Accept() (net.Conn, error) { <-c.done; return nil, net.ErrClosed }
