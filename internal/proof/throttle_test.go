package proof

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
)

func newThrottle(t testing.TB, o ThrottleOptions) (*Throttle, *clockwork.FakeClock) {
	t.Helper()
	clock := clockwork.NewFakeClock()
	o.Clock = clock
	th, err := NewThrottle(o)
	if err != nil {
		t.Fatal(err)
	}
	return th, clock
}

var (
	here  = netip.MustParseAddr("192.0.2.1")
	there = netip.MustParseAddr("192.0.2.2")
)

// TestThrottleGrows follows holds as failures add up, and as they are forgotten.
func TestThrottleGrows(t *testing.T) {
	th, clock := newThrottle(t, ThrottleOptions{})
	const ms = time.Millisecond
	for i, want := range []time.Duration{250 * ms, 500 * ms, 1000 * ms, 2000 * ms, 4000 * ms, 8000 * ms, 8000 * ms, 8000 * ms} {
		if got := th.Failed(here, "a"); got != (Hold{For: want}) {
			t.Errorf("failure %d: %+v; want %v", i+1, got, want)
		}
		clock.Advance(want)
	}
	if got := th.Failed(there, "a"); got.For != 8*time.Second {
		t.Errorf("the same phone from elsewhere: %+v", got)
	}
	if got := th.Failed(here, "b"); got.For != 8*time.Second {
		t.Errorf("another phone from the same address: %+v", got)
	}
	if got := th.Failed(netip.MustParseAddr("192.0.2.3"), "c"); got.For != 250*ms {
		t.Errorf("another phone from elsewhere: %+v", got)
	}
	th.Succeeded("a")
	if got := th.Failed(netip.MustParseAddr("192.0.2.4"), "a"); got.For != 250*ms {
		t.Errorf("a phone that was proven: %+v", got)
	}
	th.Succeeded("a")
	th.Succeeded("never seen")
	if got := th.Failed(here, "a"); got.For != 8*time.Second {
		t.Errorf("its address: %+v", got)
	}
	clock.Advance(15*time.Minute + ms)
	if got := th.Failed(here, "a"); got.For != 250*ms {
		t.Errorf("after a while: %+v", got)
	}
	if got := th.Failed(netip.Addr{}, ""); got.For != 250*ms {
		t.Errorf("from nowhere, nobody: %+v", got)
	}
	if got := th.Failed(netip.MustParseAddr("192.0.2.9"), ""); got.For != 250*ms {
		t.Errorf("nobody again, from elsewhere: %+v", got)
	}
	if s := th.Stats(); s.Failed != 16 || s.Refused != 0 || s.Evicted != 0 || s.Addresses != 6 || s.Claims != 3 {
		t.Errorf("%+v", s)
	}
}

// TestThrottleNote counts guesses and nothing else.
func TestThrottleNote(t *testing.T) {
	th, _ := newThrottle(t, ThrottleOptions{})
	for _, o := range []Outcome{None, Stale, Refused, Unreadable, Proven} {
		for range 100 {
			if got := th.Note(Verdict{Outcome: o, User: "a"}, here); got != (Hold{}) {
				t.Errorf("%v: %+v", o, got)
			}
		}
	}
	if s := th.Stats(); s != (ThrottleStats{}) {
		t.Errorf("%+v", s)
	}
	th.Note(Verdict{Outcome: Wrong, User: "a"}, here)
	if s := th.Stats(); s.Failed != 1 || s.Held != 1 || s.Claims != 1 {
		t.Errorf("%+v", s)
	}
	th.Note(Verdict{Outcome: Proven, User: "a"}, here)
	if s := th.Stats(); s.Claims != 0 || s.Addresses != 1 {
		t.Errorf("%+v", s)
	}
}

// TestThrottleGroups puts together what is one customer's.
func TestThrottleGroups(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::2", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
	} {
		if got := group(netip.MustParseAddr(tt.a)) == group(netip.MustParseAddr(tt.b)); got != tt.same {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
}

// TestThrottleRefuses holds a full number and no more, of one address and of
// all, and takes others as holds end.
func TestThrottleRefuses(t *testing.T) {
	th, clock := newThrottle(t, ThrottleOptions{First: 8 * time.Second, HeldPerAddress: 10, Held: 25})
	from := func(a netip.Addr, n int) (held int) {
		for range n {
			if h := th.Failed(a, ""); !h.Refuse {
				held++
			} else if h.For != 0 {
				t.Errorf("refused and held: %+v", h)
			}
		}
		return held
	}
	if got := from(here, 15); got != 10 {
		t.Errorf("one address holds %d; want 10", got)
	}
	clock.Advance(4 * time.Second)
	if got := from(there, 15); got != 10 {
		t.Errorf("another holds %d; want 10", got)
	}
	if got := from(netip.MustParseAddr("192.0.2.3"), 15); got != 5 {
		t.Errorf("a third holds %d; want the 5 that are left of all", got)
	}
	if s := th.Stats(); s.Held != 25 || s.Refused != 20 || s.Failed != 45 {
		t.Errorf("%+v", s)
	}
	clock.Advance(5 * time.Second) // the first ten have left
	if s := th.Stats(); s.Held != 15 {
		t.Errorf("%d are held; want 15", s.Held)
	}
	if got := from(there, 1); got != 0 {
		t.Errorf("another holds %d more", got)
	}
	if got := from(here, 15); got != 10 {
		t.Errorf("the first holds %d; want 10 again", got)
	}
	clock.Advance(time.Hour)
	if s := th.Stats(); s.Held != 0 {
		t.Errorf("%d are held after an hour", s.Held)
	}
}

// TestHeldNeverUnderCounts compares with a list of when holds end.
func TestHeldNeverUnderCounts(t *testing.T) {
	const step = time.Second
	var h held
	var ends []time.Duration
	now := 17 * time.Second
	for i := range 5000 {
		now += time.Duration(i*i%977) * time.Millisecond
		if i%500 == 499 {
			now += time.Duration(i) * time.Second
		}
		exact, late := 0, 0
		for _, e := range ends {
			if e > now {
				exact++
			}
			if e > now-step {
				late++
			}
		}
		if got := h.at(now, step); got < exact || got > late {
			t.Fatalf("%d: counts %d at %v; want %d to %d", i, got, now, exact, late)
		}
		hold := time.Duration(i*31%8001) * time.Millisecond
		h.add(hold, now, step)
		ends = append(ends, now+hold)
	}
}

// TestThrottleUnderFire has one address guess a thousand times a second while
// phones behind it, and the one that is guessed for, log in.
func TestThrottleUnderFire(t *testing.T) {
	c, clock := newChecker(t, Options{})
	th, err := NewThrottle(ThrottleOptions{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(l Login) (Verdict, Hold) {
		head := client{login: l}.to(c.Challenge(Verdict{})).header()
		v := c.CheckHeader("POST", "/acs", []string{head}, false, []Login{own, next}, Leniency{})
		return v, th.Note(v, here)
	}
	held, most, right := 0, time.Duration(0), 0
	for ms := range 10_000 {
		v, h := ask(Login{own.User, fmt.Sprint("guess", ms)})
		if v.Outcome != Wrong || h.Refuse == (h.For > 0) {
			t.Fatalf("guess: %+v, %+v", v, h)
		}
		if h.For > 0 {
			held++
			most = max(most, h.For)
		}
		if ms%10 == 5 {
			for _, l := range []Login{own, next} {
				if v, h := ask(l); v.Outcome != Proven || h != (Hold{}) {
					t.Fatalf("right login at %d ms: %+v, %+v", ms, v, h)
				}
				right++
			}
			if h := th.Note(Verdict{Outcome: None}, here); h != (Hold{}) {
				t.Fatalf("first request at %d ms: %+v", ms, h)
			}
		}
		clock.Advance(time.Millisecond)
	}
	s := th.Stats()
	if s.Failed != 10_000 || s.Refused != 10_000-uint64(held) || s.Held > 32 || held > 3*32 || most != 8*time.Second {
		t.Errorf("%d held, the longest for %v; %+v", held, most, s)
	}
	t.Logf("%d guesses: %d held for up to %v, %d refused; %d right logins without delay", s.Failed, held, most, s.Refused, right)
}

// TestThrottleBounded has a million addresses fail in a million names.
func TestThrottleBounded(t *testing.T) {
	th, clock := newThrottle(t, ThrottleOptions{})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const n = 1_000_000
	for i := range n {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		th.Failed(a, a.String())
		if i%1000 == 0 {
			clock.Advance(time.Second)
			th.Failed(here, "guessed for") // often enough to be remembered
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	s := th.Stats()
	if s.Addresses > 65_536 || s.Claims > 65_536 || s.Addresses < 65_000 || s.Evicted < 2*(n-66_000) {
		t.Errorf("%+v", s)
	}
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	if grown > 32<<20 {
		t.Errorf("%d MiB for %d addresses", grown>>20, n)
	}
	clock.Advance(8 * time.Second)
	if h := th.Failed(here, "guessed for"); h.For != 8*time.Second {
		t.Errorf("who fails all the time was forgotten: %+v", h)
	}
	t.Logf("%d addresses and names: %d KiB, %+v", n, grown>>10, s)
	runtime.KeepAlive(th)
}

// TestThrottleForgetsEldest fills one table and sees who has to go.
func TestThrottleForgetsEldest(t *testing.T) {
	th, _ := newThrottle(t, ThrottleOptions{Entries: 1024, Held: 60_000})
	s := &th.claims.parts[3]
	mine := func(n int) (keys []uint64) { // of one part
		for i := 0; len(keys) < n; i++ {
			if k := uint64(i); th.claims.shard(k) == s {
				keys = append(keys, k)
			}
		}
		return keys
	}
	keys := mine(s.most + 2)
	for _, k := range keys[:s.most] {
		th.claims.with(k, 0, func(*row) {})
	}
	th.claims.with(keys[0], 1, func(*row) {}) // the eldest is heard of again
	th.claims.drop(keys[2])
	th.claims.with(keys[s.most], 2, func(*row) {}) // into the place of the dropped
	th.claims.with(keys[s.most+1], 3, func(*row) {})
	for i, want := range map[int]bool{0: true, 1: false, 2: false, 3: true, s.most: true, s.most + 1: true} {
		if _, got := s.index[keys[i]]; got != want {
			t.Errorf("key %d is remembered: %v", i, got)
		}
	}
	if len(s.rows) != s.most || len(s.index) != s.most || th.evicted.Load() != 1 {
		t.Errorf("%d rows, %d keys, %d evicted", len(s.rows), len(s.index), th.evicted.Load())
	}
	seen := 0
	for i, newer := s.newest, int32(-1); i >= 0; i, newer = s.rows[i].older, i {
		if s.rows[i].newer != newer || s.index[s.rows[i].key] != i {
			t.Fatalf("row %d is not linked", i)
		}
		seen++
	}
	if seen != s.most {
		t.Errorf("%d rows are linked; want %d", seen, s.most)
	}
}

// TestHeldLate: one that comes after another whose time is later counts until
// the next step.
func TestHeldLate(t *testing.T) {
	var h held
	if n := h.at(10*time.Second, time.Second); n != 0 {
		t.Errorf("%d are held of none", n)
	}
	h.add(time.Second, 2*time.Second, time.Second)
	if n := h.at(3*time.Second, time.Second); n != 1 {
		t.Errorf("%d are held", n)
	}
	if n := h.at(11*time.Second, time.Second); n != 0 {
		t.Errorf("%d are held of what is over", n)
	}
}

// TestThrottleTogether is for the race detector, and counts all the same.
func TestThrottleTogether(t *testing.T) {
	th, clock := newThrottle(t, ThrottleOptions{Entries: 1024})
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 2000 {
				user := fmt.Sprint("p", j%1500)
				th.Failed(netip.AddrFrom4([4]byte{10, byte(i), byte(j >> 8), byte(j)}), user)
				if j%7 == 0 {
					th.Succeeded(user)
					clock.Advance(time.Millisecond)
					th.Stats()
				}
			}
		})
	}
	wait.Wait()
	if s := th.Stats(); s.Failed != 16_000 || s.Addresses > 1024 || s.Claims > 1024 {
		t.Errorf("%+v", s)
	}
}

func TestThrottleOptions(t *testing.T) {
	for _, tt := range []struct {
		o    ThrottleOptions
		want string
	}{
		{ThrottleOptions{First: -1}, "first hold"},
		{ThrottleOptions{First: 9 * time.Second}, "first hold 9s"},
		{ThrottleOptions{Max: 2 * time.Minute}, "longest hold 2m"},
		{ThrottleOptions{Forget: time.Second}, "forgotten after 1s"},
		{ThrottleOptions{HeldPerAddress: -1}, "for an address -1"},
		{ThrottleOptions{Held: 31}, "for all 31"},
		{ThrottleOptions{Held: 60_001}, "for all 60001"},
		{ThrottleOptions{Entries: 1}, "entries 1:"},
	} {
		if _, err := NewThrottle(tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v", tt.want, err)
		}
	}
}
