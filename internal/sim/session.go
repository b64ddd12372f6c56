package sim

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	maxResend   = 5    // of one request after fault 8005
	maxRequests = 5000 // of the ACS in one session
)

// ErrDropped reports a session that the phone dropped as its Behaviour said.
var ErrDropped = errors.New("connection dropped on purpose")

// A FaultError reports a fault with which the ACS answered a request.
type FaultError struct {
	RPC  string
	Code int // 8000 to 8899; 0 when the fault named none
}

func (e *FaultError) Error() string {
	return e.RPC + " answered with fault " + strconv.Itoa(e.Code)
}

// session is one CWMP session of one phone, owned by one goroutine.
type session struct {
	p       *Phone
	life    uint32
	conduct *Behaviour
	dialect dialect
	c       *client
	began   time.Duration

	carried  []event     // of the Inform
	told     []change    // changed parameters in it
	results  []*transfer // to report in this session
	informed bool        // the Inform has been answered
	held     bool        // by HoldRequests
	ids      int
	out      []byte
}

// Inform opens one full session now, with these events beside those that are
// pending, and waits for its end. "M Reboot=key" is an event with a CommandKey.
// It first waits for a session that is open, and for a phone that boots.
// What the session leaves behind, a fetch, a restart or a retry, is carried
// out by [Fleet.Run].
func (p *Phone) Inform(ctx context.Context, events ...string) error {
	if p.fleet.err != nil {
		return p.fleet.err
	}
	set, named := parseEvents(events)
	if err := p.lockIdle(ctx); err != nil {
		return fmt.Errorf("inform: %w", err)
	}
	p.flash.events |= set
	p.flash.named = append(p.flash.named, named...)
	s, ctx, stop := p.begin(ctx)
	p.mu.Unlock()
	defer stop(nil)
	return s.live(ctx)
}

// lockIdle returns with the phone locked, up and in no session.
func (p *Phone) lockIdle(ctx context.Context) error {
	for {
		p.mu.Lock()
		now := p.fleet.now()
		if !p.up && p.bootAt <= now {
			p.boot()
		}
		if p.up && !p.inSession {
			return nil
		}
		news := p.listenNews()
		var up <-chan time.Time
		if !p.up {
			timer := time.NewTimer(p.bootAt - now)
			defer timer.Stop()
			up = timer.C
		}
		p.mu.Unlock()
		select {
		case <-news:
		case <-up:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// begin marks the phone as being in a session, whose context ends with the
// phone's power too; the phone is locked.
func (p *Phone) begin(ctx context.Context) (*session, context.Context, context.CancelCauseFunc) {
	ctx, stop := context.WithCancelCause(ctx)
	p.inSession, p.endSession, p.sessionAt = true, stop, never
	p.reschedule()
	p.fleet.stats.active.Add(1)
	p.saw(SawSession, "", "")
	s := &session{
		p: p, life: p.life, conduct: p.conduct, dialect: p.model.dialect,
		began: p.fleet.now(), ids: int(p.rng.Uint64() >> 40),
	}
	s.c = s.client(p.setting("ManagementServer.Username"), p.setting("ManagementServer.Password"))
	if p.conduct.StaleCookie {
		s.c.jar = p.jar
	}
	return s, ctx, stop
}

// client makes an HTTP client for this session; the phone is locked.
func (s *session) client(user, password string) *client {
	return &client{
		opts: &s.p.fleet.opts, agent: s.p.agent(),
		auth:     s.authoriser(user, password),
		http:     s.conduct.habits.http,
		noCookie: s.conduct.NoCookie, chunked: s.conduct.Chunked, byteEvery: s.conduct.ByteEvery,
	}
}

// cnonce draws a client nonce.
func (p *Phone) cnonce() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprintf("%016x", p.rng.Uint64())
}

// enter locks the phone, unless it has lost its power since the session began.
func (s *session) enter() error {
	s.p.mu.Lock()
	if s.p.life != s.life {
		s.p.mu.Unlock()
		return ErrPowerCut
	}
	return nil
}

// live runs the session and settles the books.
func (s *session) live(ctx context.Context) error {
	err := s.run(ctx)
	s.p.conclude(s, err, err != nil && ended(ctx) != nil)
	return err
}

// run takes the session through its stages (TR-069 3.7.2): the Inform, the
// phone's own requests, an empty POST, and then the ACS's requests until it
// has none.
func (s *session) run(ctx context.Context) error {
	defer s.c.close()
	if s.conduct.habits.http.neverInform {
		return s.onlyEmpty(ctx)
	}
	if err := s.inform(ctx); err != nil {
		return err
	}
	if !s.held {
		if err := s.report(ctx); err != nil {
			return err
		}
	}
	m, err := s.exchange(ctx, nil, Nowhere)
	for range maxRequests {
		switch {
		case err != nil:
			return err
		case m == nil && len(s.results) > 0 && !s.held:
			if err := s.report(ctx); err != nil { // released by the last answer
				return err
			}
			m, err = s.exchange(ctx, nil, Nowhere)
			continue
		case m == nil:
			return s.afterEnd(ctx)
		case m.method == "Fault":
			s.note(ruleFaultAnswer, "")
			return fatal(ruleRequest, "a fault")
		case !m.isRequest():
			return fatal(ruleRequest, "%s", m.method)
		}
		var answer []byte
		if answer, err = s.serve(ctx, m); err == nil {
			m, err = s.exchange(ctx, answer, AfterAnswer) // which is nothing for some that the phone does not support
		}
	}
	return fatal(ruleEndless, "after %d requests", maxRequests)
}

// call sends a request of the phone and gives its response. Fault 8005 has it
// sent again as it is (TR-069 3.7.1.6).
func (s *session) call(ctx context.Context, rpc string, envelope []byte, id string, at Point) (*message, error) {
	for range maxResend {
		m, err := s.exchange(ctx, envelope, at)
		if err != nil {
			return nil, err
		}
		if m == nil {
			return nil, fatal(ruleNoAnswer, "%s", rpc)
		}
		if m.id != id && !s.conduct.habits.inform.noID {
			if s.conduct.habits.read.exactID {
				return nil, fatal(ruleIDEcho, "%q for %q", m.id, id)
			}
			s.note(ruleIDEcho, fmt.Sprintf("%q for %q", m.id, id))
		}
		switch {
		case m.method == "Fault" && m.faultCode() == 8005:
			continue
		case m.method == "Fault":
			return nil, &FaultError{rpc, m.faultCode()}
		case m.method != rpc+"Response":
			return nil, fatal(ruleAnswer, "%s for %s", m.method, rpc)
		}
		return m, nil
	}
	return nil, &FaultError{rpc, 8005}
}

// exchange posts an envelope, or nothing, and gives what comes back: nil for an
// empty answer.
func (s *session) exchange(ctx context.Context, envelope []byte, at Point) (*message, error) {
	if err := pause(ctx, s.conduct.Delay); err != nil {
		return nil, err
	}
	r, body, err := s.c.post(ctx, envelope, s.dropper(at))
	if err != nil {
		return nil, err
	}
	if s.conduct.habits.http.cookieRoom && s.c.crowded {
		return nil, fatal(ruleCookies, "more than %d bytes", maxCookies)
	}
	if s.conduct.NewConnEachPost {
		s.c.close()
	}
	return s.read(r, body)
}

// read takes an HTTP answer for what it means in the session.
func (s *session) read(r *reply, body []byte) (*message, error) {
	switch {
	case r.status == 204:
		return nil, nil
	case r.status != 200:
		return nil, &StatusError{r.status}
	case len(body) == 0:
		s.note(ruleEmpty200, "")
		return nil, nil
	}
	if mime, _, _ := strings.Cut(r.contentType, ";"); !strings.EqualFold(strings.TrimSpace(mime), "text/xml") {
		s.note(ruleContentType, r.contentType)
	}
	if err := s.demands(body); err != nil {
		return nil, err
	}
	m, err := readMessage(body, s.dialect.ns, s.note)
	if err != nil {
		return nil, err
	}
	if s.conduct.habits.read.exactNS && m.foreign {
		s.c.close()
		return nil, fatal(ruleNamespace, "%s", m.method)
	}
	s.held = m.hold
	return m, nil
}

// dropper gives the hook that drops the connection at a point, nil when this
// session does not.
func (s *session) dropper(at Point) func() error {
	if at == Nowhere || s.conduct.Drop != at {
		return nil
	}
	return func() error { return s.dropAt(at) }
}

// dropAt fails when the session is to be dropped at this point.
func (s *session) dropAt(at Point) error {
	if s.conduct.Drop != at {
		return nil
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	if s.conduct.DropTimes > 0 {
		if s.p.drops == 0 {
			return nil
		}
		s.p.drops--
	}
	return ErrDropped
}

// note keeps a breach that the session survives.
func (s *session) note(rule, detail string) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.breach(Breach{rule, detail})
}

// breach files a breach in the ledger; the phone is locked.
func (p *Phone) breach(b Breach) {
	p.fleet.stats.breaches.Add(1)
	keep(&p.ledger, &p.ledger.Breaches, b, maxBreaches)
}

// nextID gives the cwmp:ID of the phone's next request.
func (s *session) nextID() string {
	s.ids++
	if h := &s.conduct.habits.inform; h.id != "" {
		return h.idOf(s.ids)
	}
	return strconv.Itoa(s.ids)
}

// envelope starts a message in the session's buffer.
func (s *session) envelope() *writer { return &writer{b: s.out[:0], d: &s.dialect} }

// seal ends a message and keeps its buffer for the next one.
func (s *session) seal(w *writer) []byte {
	s.out = w.end()
	return s.conduct.habits.rewritten(s.out)
}
