package acs

import (
	"net"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// ownFor is how long this machine's addresses are taken to stay the same. To
// ask for them costs more than all else that is done to vet an address.
const ownFor = 5 * time.Second

// ownAddrs knows the addresses of this machine.
type ownAddrs struct {
	clock clockwork.Clock
	list  func() ([]net.Addr, error)

	mu    sync.Mutex
	at    time.Time // when addrs were listed; zero: not yet
	addrs []net.Addr
}

func (o *ownAddrs) get() ([]net.Addr, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.at.IsZero() && o.clock.Since(o.at) < ownFor {
		return o.addrs, nil
	}
	addrs, err := o.list()
	if err != nil {
		return nil, err
	}
	o.addrs, o.at = addrs, o.clock.Now()
	return addrs, nil
}
