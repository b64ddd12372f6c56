package acs

import (
	"errors"
	"net"
	"testing"

	"github.com/jonboulle/clockwork"
)

func TestOwnAddrs(t *testing.T) {
	clock := clockwork.NewFakeClock()
	lists := 0
	var fail error
	o := ownAddrs{clock: clock, list: func() ([]net.Addr, error) { lists++; return make([]net.Addr, lists), fail }}
	see := func(want int, wantErr error) {
		t.Helper()
		if addrs, err := o.get(); len(addrs) != want || !errors.Is(err, wantErr) {
			t.Errorf("list %d, %v; want list %d, %v", len(addrs), err, want, wantErr)
		}
	}
	see(1, nil)
	clock.Advance(ownFor - 1)
	see(1, nil)
	clock.Advance(1)
	see(2, nil)
	clock.Advance(ownFor)
	fail = errors.New("no list")
	see(0, fail) // what is not known for sure is not guessed
	fail = nil
	see(4, nil)
}
