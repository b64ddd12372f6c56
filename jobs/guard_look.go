package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
	"phoneacs/phones"
)

const (
	// linesKnown is for how long what lines a phone has is taken for known:
	// accounts come and go. That it has none holds for its firmware.
	linesKnown = 24 * time.Hour
	// maxUnanswered is how many sessions in a row may break off over the
	// question before the phone counts as one that cannot be asked.
	maxUnanswered = 3
)

// A lineCheck is what a session found out of its phone's lines.
type lineCheck struct {
	session db.SessionToken
	walk    *lineWalk // finds out what lines there are; nil: not under way
	old     db.Lines  // what was known before that
	lines   db.Lines  // what they are
	rd      *reading  // reads them; nil: not under way
	first   time.Time // when the first answer to that came
	looks   int

	at         time.Time // when the oldest of what was read was told; zero: nothing was
	why        string    // why it cannot be told whether the phone is in a call
	busy       string    // in which call it is
	idle       int       // lines that are in none
	registered []string
	woke       bool // the phone is to be woken to look again
	counting

	out bool // a request is out; of the list's lock
}

// settled says that there is nothing more to be asked.
func (c *lineCheck) settled(now time.Time) bool {
	return c.why != "" || !c.at.IsZero() && now.Sub(c.at) <= callFresh
}

// guards are the checks of phones that needed one since their last Inform, and
// how many sessions in a row broke off over one. They need to survive no
// restart: sessions do not either.
type guards struct {
	mu   sync.Mutex
	m    map[db.PhoneID]*lineCheck
	lost map[db.PhoneID]int
}

// of returns the check of a session.
func (g *guards) of(phone db.PhoneID, s db.SessionToken) *lineCheck {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.m[phone]; c != nil && c.session == s {
		return c
	}
	if g.m == nil {
		g.m, g.lost = make(map[db.PhoneID]*lineCheck), make(map[db.PhoneID]int)
	}
	c := &lineCheck{session: s}
	g.m[phone] = c
	return c
}

// ask notes that a request of a check leaves.
func (g *guards) ask(c *lineCheck) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.out = true
}

// asked says whether a session waits for the answer to a check.
func (g *guards) asked(phone db.PhoneID, s db.SessionToken) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.m[phone]
	return c != nil && c.session == s && c.out
}

// heard takes note of that answer.
func (g *guards) heard(phone db.PhoneID, c *lineCheck) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.out = false
	delete(g.lost, phone)
}

// forget ends the check of a session that a new one follows.
func (g *guards) forget(phone db.PhoneID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.m[phone]; c != nil && c.out {
		g.lost[phone]++
	}
	delete(g.m, phone)
}

// unanswered says how many sessions in a row broke off over the question.
func (g *guards) unanswered(phone db.PhoneID) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lost[phone]
}

// done forgets what was found, as it was made use of.
func (g *guards) done(phone db.PhoneID, s db.SessionToken) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.m[phone]; c != nil && c.session == s {
		delete(g.m, phone)
	}
}

// spoil makes what was read too old.
func (g *guards) spoil(phone db.PhoneID, s db.SessionToken) { g.of(phone, s).at = time.Time{} }

// nextLook returns the next request of a check; nil: it has come to its end.
func (s *Service) nextLook(ctx context.Context, sess db.Session, c *lineCheck, f facts) (cwmp.Message, error) {
	if c.lines.Asked.IsZero() && c.walk == nil {
		var err error
		if c.lines, err = s.store.Lines(ctx, f.phone.ID); err != nil {
			return nil, fmt.Errorf("lines of %v: %w", f.phone.ID, err)
		}
		if !current(&c.lines, f.phone, f.now) {
			c.old, c.lines = c.lines, db.Lines{}
			c.walk = newLineWalk(phones.Of(f.phone.Vendor).Lines(f.phone.Model), s.quirks.Root(ctx, f.phone))
		}
	}
	if s.guards.unanswered(f.phone.ID) >= maxUnanswered {
		c.why = fmt.Sprintf("%d sessions in a row broke off over the question", maxUnanswered)
		return nil, nil
	}
	if c.walk != nil {
		msg, found := c.walk.next()
		if msg != nil {
			return s.look1(ctx, f, c, msg), nil
		}
		found.Firmware, found.Asked = clipText(f.phone.SoftwareVersion), f.now
		if len(found.Calls) == 0 {
			found.Refused = c.walk.none()
		}
		c.walk = nil
		inherit(&found, &c.old)
		if err := s.keepLines(ctx, sess, c, found); err != nil {
			return nil, err
		}
	}
	if len(c.lines.Calls) == 0 {
		c.why = c.lines.Refused
		return nil, nil
	}
	if msg := c.list(f.phone); msg != nil {
		return s.look1(ctx, f, c, msg), nil
	}
	if c.rd == nil {
		if c.looks++; c.looks > maxLooks {
			c.why = fmt.Sprintf("reading its lines takes it longer than %s", span(callFresh))
			return nil, nil
		}
		c.at, c.first = time.Time{}, time.Time{}
		names := slices.Concat(c.lines.Registered, c.lines.Calls)
		if c.reads = c.wanted; c.reads {
			names = slices.Concat(c.lines.Registered, c.lines.Counters, c.lines.Calls)
		}
		c.rd = newReading(readValues, names)
		c.rd.keep = true
		c.rd.treat(f.treatment(), "")
		s.walks.teach(c.rd, f.phone)
	}
	return s.look1(ctx, f, c, c.rd.next(sess.Token)), nil
}

// look1 lets a request of a check leave.
func (s *Service) look1(ctx context.Context, f facts, c *lineCheck, msg cwmp.Message) cwmp.Message {
	s.guards.ask(c)
	s.metrics.upkeep.WithLabelValues(msg.RPC()).Inc()
	s.log.DebugContext(ctx, "lines looked at", logkey.Phone, f.phone.ID.String(), logkey.RPC, msg.RPC())
	return msg
}

// current says whether what is known of a phone's lines still holds.
func current(l *db.Lines, p *db.Phone, now time.Time) bool {
	if l.Asked.IsZero() || l.Firmware != clipText(p.SoftwareVersion) {
		return false
	}
	return len(l.Calls) == 0 || now.Sub(l.Asked) < linesKnown
}

func (s *Service) keepLines(ctx context.Context, sess db.Session, c *lineCheck, l db.Lines) error {
	c.lines = l
	if err := s.store.RecordLines(ctx, sess.Phone.ID, sess.Token, l); err != nil {
		return fmt.Errorf("keep lines of %v: %w", sess.Phone.ID, err)
	}
	return nil
}

// guardAnswered takes the answer to a check: a response, a fault, or nil.
func (s *Service) guardAnswered(ctx context.Context, sess db.Session, answer cwmp.Message) error {
	c := s.guards.of(sess.Phone.ID, sess.Token)
	s.guards.heard(sess.Phone.ID, c)
	if c.walk != nil {
		if why, ok := c.walk.answered(answer); !ok {
			c.walk, c.why = nil, why // not for good: the next session asks again
		}
		return nil
	}
	if c.listing {
		return s.countersTold(ctx, sess, c, answer)
	}
	now := s.clock.Now()
	if c.first.IsZero() {
		c.first = now
	}
	if m, ok := answer.(*cwmp.Fault); ok && m.Code >= 9000 {
		c.rd.refused(m.Code, m.String)
	} else if _, _, ok := c.rd.took(answer); !ok {
		c.rd, c.why = nil, "the phone did not answer the question"
		return nil
	}
	if !c.rd.done() {
		return nil
	}
	rd := c.rd
	c.rd, c.at = nil, c.first
	return s.looked(ctx, sess, c, rd)
}

// looked judges what a phone told of its lines.
func (s *Service) looked(ctx context.Context, sess db.Session, c *lineCheck, rd *reading) error {
	values := make(map[string]string, len(rd.values))
	for _, p := range rd.values {
		values[p.Name] = p.Value
	}
	var busy []string
	c.idle, c.registered = 0, nil
	told := 0
	for _, name := range c.lines.Calls {
		value := strings.TrimSpace(values[name])
		switch {
		case value == "":
		case says(&sess.Phone, name, value):
			c.idle++
			told++
		default:
			told++
			busy = append(busy, fmt.Sprintf("%s is %s", lineLabel(name), clip(value)))
		}
	}
	for _, name := range c.lines.Registered {
		if says(&sess.Phone, name, values[name]) {
			c.registered = append(c.registered, name)
		}
	}
	if c.busy = enumerate(busy); told == 0 {
		c.why = "the phone tells no state of a call"
		if rd.fault != 0 {
			c.why = refusedBy(rd.fault)
		}
	}
	l, news, err := s.restTold(ctx, sess, c, values)
	if err != nil {
		return err
	}
	if rd.fault == cwmp.FaultInvalidParameterName || rd.fault == 0 && rd.leftCount > 0 {
		// What the phone does not have is not asked for again.
		untold := func(name string) bool { _, ok := values[name]; return !ok }
		l.Calls = slices.DeleteFunc(slices.Clone(l.Calls), untold)
		l.Registered = slices.DeleteFunc(slices.Clone(l.Registered), untold)
		if len(l.Calls) == 0 {
			l.Refused = c.why
		}
		news = true
	}
	if !news {
		return nil
	}
	return s.keepLines(ctx, sess, c, l)
}

// says reports whether the value of a line's parameter is the good one: that it
// is idle, or registered.
func says(p *db.Phone, name, value string) bool {
	_, below, _ := strings.Cut(name, ".")
	for _, way := range phones.Of(p.Vendor).Lines(p.Model) {
		for _, sign := range []phones.Sign{way.Calls, way.Registered} {
			if sign.Of(below) {
				return sign.Says(value)
			}
		}
	}
	return false
}

// lineLabel names a line for a sentence: "VoiceProfile.1.Line.2".
func lineLabel(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	return lineBelow(name)
}

// lineBelow names a line, or a parameter of it, for a sentence.
func lineBelow(name string) string {
	if _, below, ok := strings.Cut(name, ".VoiceService.1."); ok {
		name = below
	}
	return clip(name)
}
