package sip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	wire "github.com/emiago/sipgo/sip"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// noRoom is how soon a notice that found no room may be asked for again.
const noRoom = 5 * time.Second

// Prepare looks whether a phone can be sent a NOTIFY, and keeps room for it.
// send then sends it, once, and returns when it is answered or nothing is to be
// expected any more: within a little more than 32 s, or twice that if the phone
// asks who we are. It ends early with its ctx. Exactly one of send and drop is
// to be called; drop gives the room back.
//
// The error is a sentence: the phone must not be reached where it is, or, as a
// *db.LaterError, there is no room just now.
func (e *Endpoint) Prepare(n db.Notice) (send func(context.Context) db.NoticeAnswer, drop func(), err error) {
	to, err := e.vet(&n)
	if err != nil {
		return nil, nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	later := func(why string) error {
		return &db.LaterError{At: time.Now().Add(noRoom), Err: errors.New(why)}
	}
	switch {
	case e.phones[n.Phone]:
		return nil, nil, later("another NOTIFY to the phone is under way")
	case len(e.phones) >= maxFlights:
		return nil, nil, later(fmt.Sprintf("%d NOTIFYs to other phones are under way, and there is no room for more", maxFlights))
	}
	e.phones[n.Phone] = true
	drop = func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.phones, n.Phone)
	}
	send = func(ctx context.Context) db.NoticeAnswer {
		defer drop()
		return e.notify(ctx, &n, to)
	}
	return send, drop, nil
}

// vet says where a phone takes SIP: the host that it gives itself, should that
// be allowed, else where its last session came from.
func (e *Endpoint) vet(n *db.Notice) (netip.AddrPort, error) {
	port := n.Port
	if port == 0 {
		port = defaultPort
	}
	if a, err := netip.ParseAddr(n.Believed); err == nil && e.rule.Refuse(a.Unmap(), n.Address) == nil && e.speaks(a.Unmap()) {
		return netip.AddrPortFrom(a.Unmap(), port), nil
	}
	a, err := netip.ParseAddr(n.Address)
	if err != nil {
		return netip.AddrPort{}, errors.New("it is not known where the phone is: no session of it has come yet")
	}
	a = a.Unmap()
	if no := e.rule.Refuse(a, n.Address); no != nil {
		if no.Err != nil {
			return netip.AddrPort{}, fmt.Errorf("the addresses of this machine cannot be told, so nothing is sent: %w", no.Err)
		}
		return netip.AddrPort{}, fmt.Errorf("the phone's sessions come from %s, %s", a, no.Why)
	}
	if !e.speaks(a) {
		return netip.AddrPort{}, fmt.Errorf("the phone is at %s, and the SIP socket is bound to %s: they speak different versions of IP", a, e.bound)
	}
	return netip.AddrPortFrom(a, port), nil
}

// speaks says whether the socket reaches addresses of such a kind.
func (e *Endpoint) speaks(a netip.Addr) bool {
	return a.Is4() == e.bound.Is4() || e.bound == netip.IPv6Unspecified()
}

// notify sends a notice and says what came of it.
func (e *Endpoint) notify(ctx context.Context, n *db.Notice, to netip.AddrPort) db.NoticeAnswer {
	a, result := e.ask(ctx, n, to)
	e.metrics.notifies.WithLabelValues(result).Inc()
	e.log.InfoContext(ctx, "notify ended", logkey.Phone, n.Phone.String(), logkey.Event, n.Event,
		logkey.State, result, logkey.Status, a.Status, logkey.Count, a.Sent)
	return a
}

func (e *Endpoint) ask(ctx context.Context, n *db.Notice, to netip.AddrPort) (db.NoticeAnswer, string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.life, cancel)()
	if err := e.pace.wait(ctx); err != nil || e.life.Err() != nil {
		return db.NoticeAnswer{Why: "the server stopped before the NOTIFY was sent"}, resultCut
	}
	from := e.bound
	if from.IsUnspecified() {
		var err error
		if from, err = e.source(to); err != nil {
			return e.unsent(ctx, err)
		}
	}
	l := &line{e: e, to: to}
	req := e.newNotify(n, to, from)
	res, err := e.exchange(ctx, l, req)
	if err == nil && challenged(res) && n.Login.Password != "" {
		if again, failure := e.authorise(req, res, from, n.Login); failure == nil {
			res, err = e.exchange(ctx, l, again)
		} else {
			e.log.DebugContext(ctx, "challenge cannot be answered", logkey.Phone, n.Phone.String(), logkey.Err, failure)
		}
	}
	a := db.NoticeAnswer{Sent: int(l.sent.Load())}
	switch {
	case err == nil:
		a.Status = res.StatusCode
		a.Why = verdict(a.Status, n.Login.Password != "")
		return a, resultOf(a.Status)
	case a.Sent == 0:
		return e.unsent(ctx, err)
	case errors.Is(err, wire.ErrTransactionTimeout):
		a.Why = fmt.Sprintf("no answer from %s within %s (Timer F of RFC 3261): the phone is off, takes no SIP at this port, or a NAT or firewall is in the way", to, wire.Timer_F)
		return a, resultTimeout
	case ctx.Err() != nil:
		a.Cut, a.Why = true, "the server stopped before the phone answered"
		return a, resultCut
	}
	a.Why = fmt.Sprintf("the NOTIFY left for %s, and could not be sent again before there was an answer: %v", to, err)
	return a, resultTimeout
}

// unsent is the answer where nothing left.
func (e *Endpoint) unsent(ctx context.Context, err error) (db.NoticeAnswer, string) {
	e.log.WarnContext(ctx, "notify not sent", logkey.Err, err)
	return db.NoticeAnswer{Why: "the NOTIFY could not be sent: " + err.Error()}, resultUnsent
}

// exchange sends one request and waits for its final answer (RFC 3261 17.1.2).
func (e *Endpoint) exchange(ctx context.Context, l *line, req *wire.Request) (*wire.Response, error) {
	key, err := wire.ClientTxKeyMake(req)
	if err != nil {
		return nil, fmt.Errorf("name transaction: %w", err)
	}
	tx := wire.NewClientTx(key, req, l, slog.New(slog.DiscardHandler))
	e.expect(key, flight{tx, l.to})
	before := l.sent.Load()
	defer func() {
		tx.Terminate()
		e.forget(key, l.to.Addr())
		e.metrics.repeats.Add(float64(max(l.sent.Load()-before-1, 0)))
	}()
	if err := tx.Init(); err != nil {
		return nil, fmt.Errorf("begin transaction: %w", err)
	}
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, tx.Err()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (e *Endpoint) expect(key string, f flight) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.flights[key] = f
	e.asked[f.to.Addr()]++
}

func (e *Endpoint) forget(key string, a netip.Addr) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.flights, key)
	if e.asked[a]--; e.asked[a] == 0 {
		delete(e.asked, a)
	}
}
