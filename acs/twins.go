package acs

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"phoneacs/db"
)

// Two devices may share an identity: placeholders for serial numbers that left
// the factory, a spare with its predecessor's configuration. One also may call
// itself by two in turn. Both are told by what alternates within twinTime.
const (
	twinTime = 15 * time.Minute
	// How often a phone has to turn back to what it was before: a replaced phone
	// or a new address does so never, a line that fails over seldom.
	macReturns  = 2
	addrReturns = 4
	twinTold    = time.Hour // between two words about the same phone
)

// twins watches for identities that are shared.
type twins struct {
	mu sync.Mutex
	m  halves[db.PhoneID, twin]
}

// A face is how a phone shows itself.
type face struct{ mac, oui, address string }

type twin struct {
	now, before face
	returns     [2]int // of MAC or OUI, and of the address alone
	since       int64  // of the first of these, s
	told        int64  // s
	said        string
}

// sees takes an Inform in, and returns a sentence when it is time to tell that
// two devices seem to share the phone's identity; "" else. On the plain path it
// compares three texts.
func (t *twins) sees(now time.Time, phone db.PhoneID, serial string, is face) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.m.use(phone)
	if w.now == is {
		return ""
	}
	first := w.now == face{}
	f := face{strings.Clone(is.mac), strings.Clone(is.oui), strings.Clone(is.address)}
	old := w.now
	w.now, w.before, f = f, old, w.before // f: the face before the last one
	if first {
		return ""
	}
	return w.judge(now, f, old, serial)
}

// judge counts returns: to the face before the last one.
func (w *twin) judge(now time.Time, before, last face, serial string) string {
	sec := now.Unix()
	if sec-w.since > int64(twinTime/time.Second) {
		w.returns, w.since = [2]int{}, sec
	}
	switch body := w.now.mac != last.mac || w.now.oui != last.oui; {
	case body && w.now.mac == before.mac && w.now.oui == before.oui:
		w.returns[0]++
	case !body && w.now.address == before.address:
		w.returns[1]++
	}
	switch {
	case w.returns[0] >= macReturns && w.now.mac != last.mac:
		w.said = fmt.Sprintf("two devices seem to share the serial number %s: within minutes it was told in turn by MAC %s at %s and MAC %s at %s",
			serial, known(last.mac), last.address, known(w.now.mac), w.now.address)
	case w.returns[0] >= macReturns:
		w.said = fmt.Sprintf("the phone with serial number %s names itself in turn by OUI %s and OUI %s, or two devices share that number",
			serial, known(last.oui), known(w.now.oui))
	case w.returns[1] >= addrReturns:
		w.said = fmt.Sprintf("two devices seem to share the serial number %s: within minutes it was told in turn from %s and %s, or the phone has two lines",
			serial, last.address, w.now.address)
	default:
		return ""
	}
	if w.told != 0 && sec-w.told < int64(twinTold/time.Second) {
		return ""
	}
	w.told = sec
	return w.said
}

func known(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// remark is what was last said of a phone, for as long as it would be said anew.
func (t *twins) remark(now time.Time, phone db.PhoneID) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.m.get(phone)
	if w == nil || w.told == 0 || now.Unix()-w.told > 24*3600 {
		return ""
	}
	return w.said
}

// Remarks are sentences on what is odd about a phone just now: that it informs
// too often, that two devices seem to share its identity. They are kept in
// memory, for a day at most.
func (s *Server) Remarks(phone db.PhoneID) []string {
	now := s.opts.Clock.Now()
	var said []string
	for _, r := range []string{s.twins.remark(now, phone), s.pace.remark(now, phone)} {
		if r != "" {
			said = append(said, r)
		}
	}
	return said
}
