package record

import (
	"bytes"
	"errors"
	"net/netip"
	"sync"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// Bounds of what is looked at of messages that were not understood: of all of
// them, and of one sender. What is over is not looked at.
const (
	unreadableRate, unreadableBurst = 1, 50
	senderRate, senderBurst         = 0.05, 5
	maxSenders                      = 4096
	maxExcerpt                      = 8 << 10
)

// A Misread is a message that was not understood, and where it came from.
type Misread struct {
	At      time.Time
	Rule    string
	Err     error
	Raw     Body // nothing of it is kept but an excerpt
	Address string
	Agent   string
	Phone   db.PhoneID // 0: not known
}

// Unreadable keeps a message that was not understood, unless too many come. It
// never waits. A nil Recorder keeps none.
func (r *Recorder) Unreadable(m Misread) {
	if r == nil || m.Raw.Size == 0 {
		return
	}
	source := sourceOf(m.Address)
	if !r.senders.pass(source, m.At) {
		r.metrics.lost(dropRate)
		return
	}
	u := &db.Unreadable{
		First: m.At, Last: m.At, Count: 1, Rule: m.Rule, Address: m.Address, Source: source,
		Phone: m.Phone, Agent: new(Masker).Text(clip(m.Agent, maxName)), Size: m.Raw.Size,
	}
	if m.Err != nil {
		u.Detail = new(Masker).Text(clip(detail(m.Err), 2*maxName))
	}
	excerpt(u, m.Raw)
	if !r.send(item{unreadable: u}) {
		r.metrics.lost(dropQueue)
	}
}

// detail is what an error says beside its rule.
func detail(err error) string {
	if p := (*cwmp.ProtocolError)(nil); errors.As(err, &p) {
		if p.Err == nil {
			return ""
		}
		return p.Err.Error()
	}
	return err.Error()
}

// excerpt finds the place where a message went wrong, and puts what is around
// it in the record, masked.
func excerpt(u *db.Unreadable, raw Body) {
	l, ok := legible(raw)
	if !ok {
		u.Excerpt = "(in an encoding that cannot be searched for secrets, so nothing of it is kept)"
		return
	}
	at, known := locate(l.body, u.Rule)
	if known {
		u.Offset = at
		u.Line = 1 + bytes.Count(l.body[:at], []byte("\n"))
		u.Column = at - bytes.LastIndexByte(l.body[:at], '\n')
	}
	masked := new(Masker).Mask(l.body)
	u.Masked = masked.Count
	from := 0
	if there := masked.At(at); there > maxExcerpt*3/4 {
		from = cutAt(masked.Text, there-maxExcerpt/2)
	}
	text := masked.Text[from:]
	if len(text) > maxExcerpt {
		text = text[:cutAt(text, maxExcerpt)]
	}
	u.Excerpt, u.From = string(text), from
}

// sourceOf is what counts as one sender: an address, or of IPv6 the network
// that one household has.
func sourceOf(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil || addr.Is4() {
		return address
	}
	p, err := addr.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// senders bounds how often a message is looked at, of all senders and of each.
type senders struct {
	mu   sync.Mutex
	all  bucket
	each map[string]*bucket
}

func (s *senders) init() {
	s.all = bucket{rate: unreadableRate, burst: unreadableBurst, left: unreadableBurst}
	s.each = make(map[string]*bucket)
}

func (s *senders) pass(source string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.each[source]
	if b == nil {
		if len(s.each) >= maxSenders {
			s.forget(now)
		}
		if len(s.each) >= maxSenders {
			return false
		}
		b = &bucket{rate: senderRate, burst: senderBurst, left: senderBurst, at: now}
		s.each[source] = b
	}
	return b.pass(now) && s.all.pass(now)
}

// forget removes senders that have been quiet for long enough to begin anew.
func (s *senders) forget(now time.Time) {
	for source, b := range s.each {
		if now.Sub(b.at).Seconds()*senderRate >= senderBurst {
			delete(s.each, source)
		}
	}
}
