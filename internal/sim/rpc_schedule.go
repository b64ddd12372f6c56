package sim

import (
	"strconv"
	"time"
)

// maxScheduled is how many Informs a phone remembers that it was asked for.
const maxScheduled = 16

// scheduled is an Inform that the phone was asked for, by its own clock.
type scheduled struct {
	due time.Duration
	key string
}

// scheduleInform answers A.4.1.2. The delay counts from the answer on, and
// several may be pending.
func (s *session) scheduleInform(args *node, w *writer) error {
	if !s.conduct.TakesSchedule {
		return s.unsupported()
	}
	checkArgs(args, s.note, "DelaySeconds", "CommandKey")
	key := s.bounded(args, "CommandKey", 32)
	var delay uint64
	if n := args.kid("DelaySeconds"); n != nil {
		delay, _ = strconv.ParseUint(n.text, 10, 32)
	}
	if delay == 0 {
		return newFault(9003)
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	if len(s.p.flash.scheduled) >= maxScheduled {
		return newFault(9004)
	}
	s.p.flash.scheduled = append(s.p.flash.scheduled, scheduled{s.p.fleet.now() + time.Duration(delay)*time.Second, key})
	s.p.reschedule()
	w.put("<cwmp:ScheduleInformResponse/>")
	return nil
}

// nextScheduled is when the next of them is due, or never; the phone is locked.
func (p *Phone) nextScheduled() time.Duration {
	at := never
	for _, s := range p.flash.scheduled {
		at = min(at, s.due)
	}
	return at
}

// tellScheduled owes the ACS those that are due; the phone is locked.
func (p *Phone) tellScheduled(now time.Duration) {
	var later []scheduled
	for _, s := range p.flash.scheduled {
		if s.due > now {
			later = append(later, s)
			continue
		}
		p.flash.events |= evScheduled
		p.flash.named = append(p.flash.named, event{"M ScheduleInform", s.key})
		p.sessionAt = min(p.sessionAt, now)
	}
	p.flash.scheduled = later
}
