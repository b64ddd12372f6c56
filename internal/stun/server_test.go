package stun

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	wire "github.com/pion/stun/v3"
)

// asks is a request by a phone that listens, with an id of its own.
func asks(t *testing.T, id byte, more ...string) []byte {
	t.Helper()
	b := packet(t, append([]string{head3489, listens}, more...)...)
	b[19] = id
	return b
}

// proves is the same, signed with a password in the name of a phone.
func proves(t *testing.T, id byte, name, password string, more ...string) []byte {
	t.Helper()
	user := fmt.Sprintf("0006%04x%s%s", len(name), hex.EncodeToString([]byte(name)), fmt.Sprintf("%0*d", 2*(-len(name)&3), 0)[:2*(-len(name)&3)])
	return sign(asks(t, id, append(more, user)...), password, true)
}

// code is the error of an answer; 0: it is none.
func code(t *testing.T, b []byte) int {
	t.Helper()
	if b == nil {
		t.Fatal("nothing is answered")
	}
	b = append([]byte(nil), b...)
	copy(b[4:], []byte{0x21, 0x12, 0xa4, 0x42})
	m := wire.New()
	if _, err := m.Write(b); err != nil {
		t.Fatal(err)
	}
	if m.Type == wire.BindingSuccess {
		return 0
	}
	var e wire.ErrorCodeAttribute
	if err := e.GetFrom(m); err != nil {
		t.Fatal(err)
	}
	return int(e.Code)
}

func (p *peer) wantCode(want int) {
	p.r.t.Helper()
	if got := code(p.r.t, p.hears()); got != want {
		p.r.t.Fatalf("it is answered %d; want %d", got, want)
	}
}

func (r *rig) wantBinding(at netip.AddrPort, seen time.Time) {
	r.t.Helper()
	if b, ok := r.Binding(7); !ok || b.At != at || !b.Seen.Equal(seen) {
		r.t.Fatalf("the phone hears at %v: %v; want %v since %v", b, ok, at, seen)
	}
}

func (r *rig) wantNone() {
	r.t.Helper()
	if b, ok := r.Binding(7); ok {
		r.t.Fatalf("the phone hears at %v", b)
	}
}

// TestProof: who is challenged and proves who it is, has a binding; it is kept
// alive without another proof for a while, moves by a new one, and ends.
func TestProof(t *testing.T) {
	r := newRig(t)
	p := r.peer()
	p.sends(asks(t, 1, changed), asked)
	p.wantCode(401)
	p.sends(asks(t, 1, changed), asked) // again: the answer was lost
	p.wantCode(401)
	r.wantNone()
	p.sends(proves(t, 2, "0C383E-1", "secret", changed), provedIt)
	p.wantCode(0)
	r.wantBinding(p.at, began)

	r.clock.Advance(time.Minute)
	p.sends(asks(t, 3), plain)
	r.wantBinding(p.at, began.Add(time.Minute))
	p.hears()
	p.sends(asks(t, 4, changed), asked) // it says that it is another
	p.wantCode(401)
	p.sends(asks(t, 5, changed), asked) // however often: this one can prove it
	p.wantCode(401)
	r.wantBinding(p.at, began.Add(time.Minute))

	q := r.peer()
	q.sends(asks(t, 6, changed), asked)
	r.wantBinding(p.at, began.Add(time.Minute))
	q.sends(proves(t, 7, "0C383E-1", "secret", changed), provedIt)
	r.wantBinding(q.at, began.Add(time.Minute))
	if r.table.len() != 1 {
		t.Errorf("%d bindings; want that of the one phone", r.table.len())
	}

	r.clock.Advance(proofFor)
	q.hears()
	q.hears()
	q.sends(asks(t, 8), asked)
	q.wantCode(401)
	r.clock.Advance(kept - proofFor)
	if b, ok := r.Binding(7); ok || !b.Seen.Equal(began.Add(time.Minute)) {
		t.Errorf("after %v: %v, %v", kept, b, ok)
	}
	if err := r.Send(q.at, []byte("GET ")); !errors.Is(err, ErrNotSeen) {
		t.Errorf("after %v: %v; want ErrNotSeen", kept, err)
	}
}

// TestNoProof: a phone that has no password learns its address all the same,
// at its next request; its binding is nobody's.
func TestNoProof(t *testing.T) {
	r := newRig(t)
	p := r.peer()
	if _, ok := r.Seen(p.at); ok {
		t.Error("seen before")
	}
	p.sends(asks(t, 1), asked)
	p.wantCode(401)
	p.sends(asks(t, 11), asked) // an answer may be lost
	p.wantCode(401)
	p.sends(asks(t, 12), asked)
	p.wantCode(401)
	if _, ok := r.Seen(p.at); ok {
		t.Error("seen before it was answered")
	}
	p.sends(asks(t, 2), plain)
	p.wantCode(0)
	if at, ok := r.Seen(p.at); !ok || !at.Equal(began) {
		t.Errorf("seen at %v, %v", at, ok)
	}
	r.wantNone()
	if err := r.Send(p.at, []byte("GET ")); err != nil || string(p.hears()) != "GET " {
		t.Errorf("nothing can be sent there: %v", err)
	}
	r.clock.Advance(askEvery)
	p.sends(asks(t, 3), asked)
	p.wantCode(401)
	p.sends(proves(t, 4, "0C383E-1", "secret"), provedIt)
	if _, ok := r.Seen(p.at); ok {
		t.Error("it is still nobody's")
	}
}

// TestForged: no binding moves, and nothing is sent, for who does not know the
// phone's password, or repeats what the phone has sent.
func TestForged(t *testing.T) {
	r := newRig(t)
	p, q := r.peer(), r.peer()
	signed := proves(t, 1, "0C383E-1", "secret", changed)
	p.sends(signed, provedIt)
	p.wantCode(0)
	for name, b := range map[string][]byte{
		"another password": proves(t, 2, "0C383E-1", "Secret", changed),
		"no password":      proves(t, 3, "0C383E-1", "", changed),
		"another phone":    proves(t, 4, "0C383E-2", "secret", changed),
		"no name":          sign(asks(t, 5, changed), "secret", true),
		"a bad name":       proves(t, 6, "%zz", "secret", changed),
	} {
		q.sends(b, refused)
		if got := code(t, q.hears()); got != 431 {
			t.Errorf("%s: answered %d", name, got)
		}
		r.wantBinding(p.at, began)
	}
	q.sends(signed, replayed)
	if b := q.hears(); b != nil {
		t.Errorf("a request that was overheard is answered: %x", b)
	}
	r.wantBinding(p.at, began)
	if err := r.Send(q.at, []byte("GET ")); !errors.Is(err, ErrNotSeen) {
		t.Errorf("Send: %v; want ErrNotSeen", err)
	}
	if !r.Refused(7).Equal(began) || !r.Refused(8).IsZero() {
		t.Errorf("refused at %v", r.Refused(7))
	}
	p.sends(signed, provedIt) // it is the phone's own copy
	if !r.Refused(7).IsZero() {
		t.Error("refused although it has proven itself since")
	}
}

// TestNoDefaults: a phone whose password is not its own proves nothing.
func TestNoDefaults(t *testing.T) {
	r := newRig(t)
	r.phones.password = ""
	p := r.peer()
	p.sends(proves(t, 1, "0C383E-1", "", changed), refused)
	p.sends(proves(t, 2, "0C383E-1", "dps", changed), refused)
	r.phones.next = "issued"
	p.sends(proves(t, 3, "0C383E-1", "issued", changed), provedIt)
}

// TestTakenOver: a port of a NAT that another phone is given is no longer the
// first one's.
func TestTakenOver(t *testing.T) {
	r := newRig(t)
	p := r.peer()
	p.sends(proves(t, 1, "0C383E-1", "secret"), provedIt)
	r.phones.id, r.phones.name = 8, "0C383E-8"
	p.sends(proves(t, 2, "0C383E-8", "secret", changed), provedIt)
	r.wantNone()
	if b, ok := r.Binding(8); !ok || b.At != p.at || r.table.len() != 1 {
		t.Errorf("the other phone hears at %v, %v", b, ok)
	}
}

// TestElsewhere: a phone may have an answer sent to its own binding, by which it
// finds out how long its NAT keeps it; and nowhere else.
func TestElsewhere(t *testing.T) {
	r := newRig(t)
	p, other := r.peer(), r.peer()
	to := fmt.Sprintf("00020008 0001%04x 7f000001", p.at.Port())
	other.sends(packet(t, head3489, to), ignored)
	for id := range byte(askFirst) {
		p.sends(asks(t, id), asked)
		p.hears()
	}
	p.sends(asks(t, 9), plain)
	p.hears()
	other.sends(packet(t, head3489, to), plain)
	p.wantCode(0)
	if b := other.hears(); b != nil {
		t.Errorf("it is answered too: %x", b)
	}
	other.sends(packet(t, head3489, fmt.Sprintf("00020008 0001%04x c0000201", p.at.Port())), ignored)
	far := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), other.at.Port())
	if got := r.hear(t.Context(), packet(t, head3489, to), far); got != ignored {
		t.Errorf("for somebody at another address it is %s", outcomes[got])
	}
	other.sends(packet(t, head3489, "00030004 00000006"), ignored) // from another address
	other.sends(packet(t, head3489, "7fff0004 00000000"), refused)
	other.wantCode(420)
	other.sends(packet(t, head5389), plain)
	other.wantCode(0)
	other.sends([]byte("GET / HTTP/1.1\r\n\r\n"), malformed)
	if b := other.hears(); b != nil {
		t.Errorf("what is malformed is answered: %x", b)
	}
}

// TestLimits: how much one address may send, and guess.
func TestLimits(t *testing.T) {
	r := newRig(t)
	p := r.peer()
	for i := range wrongBurst {
		p.sends(proves(t, byte(i), "0C383E-1", "guess"), refused)
	}
	p.sends(proves(t, 99, "0C383E-1", "guess"), tooMany)
	r.clock.Advance(time.Second)
	p.sends(proves(t, 99, "0C383E-1", "secret"), provedIt) // which takes nothing of it
	p.sends(proves(t, 98, "0C383E-1", "guess"), refused)

	r = newRig(t)
	p = r.peer()
	sent := 0
	for r.hear(t.Context(), packet(t, head5389), p.at) == plain {
		sent++
	}
	if sent != sourceBurst {
		t.Errorf("%d are answered at once; want %d", sent, sourceBurst)
	}
	r.clock.Advance(time.Second)
	for sent = 0; r.hear(t.Context(), packet(t, head5389), p.at) == plain; {
		sent++
	}
	if sent != sourceRate {
		t.Errorf("%d a second are answered; want %d", sent, sourceRate)
	}
}

// TestFlood: forged sources without number neither take memory without bound
// nor a binding from its phone.
func TestFlood(t *testing.T) {
	r := newRig(t)
	p := r.peer()
	p.sends(proves(t, 1, "0C383E-1", "secret"), provedIt)
	for i := range 3 * maxUnproven {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}), uint16(1024+i>>16))
		r.table.heard(at, &request{id: [16]byte{byte(i), byte(i >> 8)}}, r.clock.Now())
		r.table.admits(at, r.clock.Now())
	}
	if n := len(r.table.others.now) + len(r.table.others.old); n > 2*maxUnproven {
		t.Errorf("%d sources are remembered", n)
	}
	if n := len(r.table.sources.now) + len(r.table.sources.old); n > 2*maxSources {
		t.Errorf("%d addresses are remembered", n)
	}
	p.sends(asks(t, 2), plain)
	r.wantBinding(p.at, began)
}

// TestStoreFails: what cannot be judged is not answered, and proves nothing.
func TestStoreFails(t *testing.T) {
	r := newRig(t)
	r.phones.fail = errors.New("disk")
	p := r.peer()
	p.sends(proves(t, 1, "0C383E-1", "secret"), failed)
	if b := p.hears(); b != nil {
		t.Errorf("answered %x", b)
	}
	r.wantNone()
}

// TestRun answers over the socket, drops what is too long, and ends.
func TestRun(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	c := udp(t)
	for _, b := range [][]byte{append(packet(t, head5389), make([]byte, 4096)...), packet(t, head5389)} {
		if _, err := c.WriteToUDPAddrPort(b, r.Addr()); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 2048)
	n, from, err := c.ReadFromUDPAddrPort(buf)
	if err != nil || from != r.Addr() || code(t, buf[:n]) != 0 {
		t.Errorf("%x from %v, %v", buf[:n], from, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := r.Send(c.LocalAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort(), nil); !errors.Is(err, ErrNotSeen) {
		t.Errorf("Send: %v", err)
	}
}
