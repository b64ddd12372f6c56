package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// killConduct deals out to the phones of TestKill what real ones do.
var killConduct = []sim.Behaviour{
	{}, {NoCookie: true}, {StaleCookie: true}, {NewConnEachPost: true}, {DoubleInform: true},
	{DownloadNow: true}, {RestartOnConfig: true}, {RepeatEvents: true, Chunked: true},
	{Drop: sim.AfterRequest, DropTimes: 1}, {Drop: sim.BeforeAnswer, DropTimes: 1},
	{Drop: sim.AfterTransferComplete, DropTimes: 1}, {Drop: sim.AfterAnswer, DropTimes: 1},
}

// TestKill kills the server, again and again, while phones inform and restart
// and orders flow in: at random instants, while it takes a phone's message,
// while it takes an order, and while it starts. Each store that a kill leaves is
// sound, and in the end [account.verify] holds, and every order that was
// answered is a job, once, with the tasks it was answered with.
//
// A kill takes the process and not the machine: what an unsynced write may
// lose is the matter of TestSyncOrder.
func TestKill(t *testing.T) {
	kills, phones := 10, 60
	if os.Getenv("PHONEACS_SOAK") != "" {
		kills = 100
	}
	if testing.Short() {
		phones = 24
	}
	dir := t.TempDir()
	s := startServer(t, dir, "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--drain", "2s")
	spoken, ordered := newTripwire(), newTripwire()
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: phones, PeriodicInterval: time.Second, Spread: time.Second,
		BootTime: 100 * time.Millisecond, RetryScale: 0.02, Timeout: 10 * time.Second,
		Dial: spoken.dial,
	})
	for i := range phones {
		fleet.Phone(i).Set(killConduct[i%len(killConduct)])
	}
	known := s.awaitPhones(t, phones, time.Minute)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	orders := newClerk(s, known, ordered)
	orders.work(ctx, t, 4)
	for i := range kills {
		switch i % 4 {
		case 0:
			pass(upTo(1500 * time.Millisecond))
		case 1:
			pass(upTo(time.Second))
			spoken.await(t)
			pass(upTo(3 * time.Millisecond))
		case 2:
			pass(upTo(time.Second))
			ordered.await(t)
			pass(upTo(3 * time.Millisecond))
		case 3:
			s.Kill()
			s.launch()
			pass(upTo(100 * time.Millisecond))
		}
		s.Kill()
		if checkStore(t, dir); t.Failed() {
			t.Fatalf("after kill %d", i+1)
		}
		s.Start()
	}
	stop()
	orders.finish()

	for id := range orders.accepted {
		s.awaitEnded(t, id, 2*time.Minute)
	}
	settle(t, fleet)
	a := takeAccount(t, s, fleet)
	a.conduct = conductOf(fleet, known)
	a.verify(t)
	orders.verify(t, a)
	if err := s.Term(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	checkStore(t, dir)
	st := fleet.Stats()
	t.Logf("%d kills, %d phones, %d sessions and %d that failed; %d orders (%d of them answered a second time), %d tasks %v; "+
		"%d attempts, %d RPCs received, %d given up as unknown, %d told of too late; %d files in effect (%d repeated), %d reboots",
		kills, phones, st.Sessions, st.Failed, len(orders.accepted), orders.replayed, len(a.tasks), a.states,
		a.attempts, a.received, a.unknown, a.late, a.applied, a.repeated, a.reboots)
}

// A tripwire tells when somebody begins to send.
type tripwire struct{ armed chan struct{} }

func newTripwire() *tripwire { return &tripwire{make(chan struct{})} }

// await waits until somebody sends.
func (w *tripwire) await(t *testing.T) {
	t.Helper()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	select {
	case w.armed <- struct{}{}:
	case <-patience.C:
		t.Fatal("nobody sends")
	}
}

// sends is called by those who send.
func (w *tripwire) sends() {
	select {
	case <-w.armed:
	default:
	}
}

func (w *tripwire) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return wiredConn{conn, w}, nil
}

// wiredConn trips the wire as it is written to.
type wiredConn struct {
	net.Conn
	wire *tripwire
}

func (c wiredConn) Write(b []byte) (int, error) {
	c.wire.sends()
	return c.Conn.Write(b)
}

func upTo(d time.Duration) time.Duration { return time.Duration(rand.Int64N(int64(d))) }

// pass lets time go by, for what has no event to wait for.
func pass(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// settle waits until the phones have told all that they have to tell: nothing
// is pending, and each has had two more sessions.
func settle(t *testing.T, fleet *sim.Fleet) {
	t.Helper()
	before := make([]int, fleet.Len())
	for i := range before {
		before[i] = fleet.Phone(i).Ledger().Sessions
	}
	eventually(t, time.Minute, "phones at rest", func() error {
		for i, n := range before {
			if l := fleet.Phone(i).Ledger(); len(l.Pending) > 0 || l.Sessions < n+2 {
				return fmt.Errorf("phone %d has %d sessions, had %d, and owes %v", i, l.Sessions, n, l.Pending)
			}
		}
		return nil
	})
}

// conductOf finds the behaviour of a phone by its id.
func conductOf(fleet *sim.Fleet, known []phone) func(id string) sim.Behaviour {
	byMAC := map[string]sim.Behaviour{}
	for i := range fleet.Len() {
		byMAC[fleet.Phone(i).MAC().String()] = killConduct[i%len(killConduct)]
	}
	byID := map[string]sim.Behaviour{}
	for _, p := range known {
		byID[p.ID] = byMAC[p.MAC]
	}
	return func(id string) sim.Behaviour { return byID[id] }
}
