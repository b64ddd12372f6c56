package jobs

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones"
)

// Where a task waits for its phone to have been idle, a look reads what the lines
// count of their calls as well: a call that began and ended between two looks is
// seen by that alone. When it was the counters do not tell, so the phone counts
// as idle from the look on that saw it. What a phone counts is asked once for its
// firmware, and by nobody who does not wait for idle time.

// counting is the part of a lineCheck that regards counters.
type counting struct {
	wanted  bool   // counters are to be read
	mute    string // why this session does not know what counters there are
	listing bool   // what counters there are is being asked
	reads   bool   // the reading that is under way reads them
	counted bool   // the last look did
	zero    bool   // and all of them were 0
	moved   string // how one of them showed a call, as a clause
}

// list asks what the first line counts, and takes the others to do as much; nil:
// it is known, or not wanted.
func (c *lineCheck) list(p *db.Phone) cwmp.Message {
	if !c.wanted || c.rd != nil || len(c.lines.Counters) > 0 || c.uncounted() != "" {
		return nil
	}
	way, line := wayOf(p, c.lines.Calls[0])
	if len(way.Counted) == 0 {
		c.mute = "of its model no counters are known"
		return nil
	}
	path, _, _ := strings.Cut(way.Counted[0][0], ".")
	c.listing = true
	return &cwmp.GetParameterNames{ParameterPath: line + path + ".", NextLevel: false}
}

// uncounted says why nothing is known of what the phone counts.
func (c *lineCheck) uncounted() string {
	if c.lines.Uncounted != "" {
		return c.lines.Uncounted
	}
	return c.mute
}

// wayOf is by what way a phone tells of a line, by its parameter of Calls, and
// that line's path.
func wayOf(p *db.Phone, name string) (way phones.Lines, line string) {
	_, below, _ := strings.Cut(name, ".")
	for _, w := range phones.Of(p.Vendor).Lines(p.Model) {
		if w.Calls.Of(below) {
			way = w
			break
		}
	}
	return way, name[:strings.LastIndexByte(name, '.')+1]
}

// countersTold takes the answer to that.
func (s *Service) countersTold(ctx context.Context, sess db.Session, c *lineCheck, answer cwmp.Message) error {
	c.listing = false
	l := c.lines
	switch m := answer.(type) {
	case *cwmp.GetParameterNamesResponse:
		way, line := wayOf(&sess.Phone, l.Calls[0])
		names := way.Counters(func(name string) bool {
			return slices.ContainsFunc(m.Parameters, func(p cwmp.ParameterInfo) bool { return p.Name == line+name })
		})
		for _, call := range l.Calls {
			_, line := wayOf(&sess.Phone, call)
			for _, name := range names {
				l.Counters = append(l.Counters, line+name)
			}
		}
		slices.Sort(l.Counters)
		if len(l.Counters) == 0 {
			l.Uncounted = "it counts none"
		}
	case *cwmp.Fault:
		switch m.Code {
		case cwmp.FaultMethodNotSupported, cwmp.FaultInvalidArguments, cwmp.FaultInvalidParameterName:
			l.Uncounted = refusedBy(m.Code)
		default: // not for good: the next session asks again
			c.mute = refusedBy(m.Code)
			return nil
		}
	default:
		c.mute = "it did not answer the question for its counters"
		return nil
	}
	return s.keepLines(ctx, sess, c, l)
}

// inherit keeps what counters showed, where a phone that was asked anew has the
// same lines.
func inherit(l, old *db.Lines) {
	if l.Firmware == old.Firmware && slices.Equal(l.Calls, old.Calls) {
		l.Counters, l.Uncounted, l.Quiet = old.Counters, old.Uncounted, old.Quiet
	}
}

// restTold puts into what is known of a phone's lines since when it is idle, by
// what a look showed, and reports whether that is news.
func (s *Service) restTold(ctx context.Context, sess db.Session, c *lineCheck, values map[string]string) (l db.Lines, news bool, err error) {
	l = c.lines
	if c.counted = c.reads; !c.reads || c.why != "" {
		return l, false, nil
	}
	phone, err := s.store.Phone(ctx, sess.Phone.ID)
	if err != nil {
		return l, false, fmt.Errorf("last start of %v: %w", sess.Phone.ID, err)
	}
	var old db.Quiet
	if l.Quiet != nil {
		old = *l.Quiet
	}
	counts, lacks := countsOf(l.Counters, values)
	next := db.Quiet{Since: s.clock.Now(), Counts: counts, Boot: phone.Boot}
	c.zero = len(counts) > 0 && slices.Max(counts) == 0
	switch {
	case c.busy != "": // a phone that counts is idle from the first look on that finds it so
		next = db.Quiet{Since: next.Since}
	case lacks != "":
		next = db.Quiet{Since: old.Since}
	case len(counts) == 0:
		next = db.Quiet{Since: old.Since}
	case len(old.Counts) == 0:
	case !old.Boot.Equal(next.Boot): // what was counted before may have been forgotten by it
		c.moved = "it has started since it was last looked at, so what it counts of calls is no proof"
	case !slices.Equal(old.Counts, counts):
		c.moved = moved(l.Counters, old.Counts, counts)
	default:
		next = old
	}
	if lacks != "" {
		l.Counters, l.Uncounted = nil, lacks
	}
	news = l.Quiet == nil || lacks != "" || !next.Since.Equal(old.Since) || !next.Boot.Equal(old.Boot) || !slices.Equal(next.Counts, old.Counts)
	l.Quiet = &next
	return l, news, nil
}

// countsOf reads counters; lacks is why it cannot be done, as a clause.
func countsOf(names []string, values map[string]string) (counts []uint64, lacks string) {
	for _, name := range names {
		n, err := strconv.ParseUint(strings.TrimSpace(values[name]), 10, 64)
		if err != nil {
			return nil, fmt.Sprintf("%s is %s", lineBelow(name), quoted(values[name]))
		}
		counts = append(counts, n)
	}
	return counts, ""
}

// moved says which counter shows a call; one that is less than it was began anew
// or was reset, which hides as much.
func moved(names []string, old, now []uint64) string {
	for i, name := range names {
		if i < len(old) && old[i] != now[i] {
			return fmt.Sprintf("there was a call: %s went from %d to %d", lineBelow(name), old[i], now[i])
		}
	}
	return "what it counts is not what it counted"
}

// since is from when on the phone counts as idle, by the last look that read its
// counters; zero: by no look.
func (c *lineCheck) since() (t time.Time) {
	if c.lines.Quiet != nil {
		t = c.lines.Quiet.Since
	}
	return t
}
