package rehearsal

import (
	"slices"
	"time"
)

// States of tasks that have ended.
const (
	succeeded = "succeeded"
	failed    = "failed"
	expired   = "expired"
)

const (
	// atLast is how long before its window closes a phone must be free to be
	// served for certain: it has to be woken, or to come, and to be asked for its
	// line, at up to a second a message.
	atLast = 90 * time.Second
	// aWhile is for how long a phone must be in no call to be found so, where it
	// is looked at twice a minute.
	aWhile = 90 * time.Second
	// aLook is for how long, from the begin of its session on, a phone must be in
	// no call that its line is read in that time.
	aLook = 30 * time.Second
	// inTime is how long after its slot a phone that is idle and can be woken is
	// asked.
	inTime = 2 * time.Minute
)

// must says how a phone's share of a work has to end, and how else it may;
// empty: not otherwise. The phone's account is asked for nothing but when it
// spoke by itself.
func (w *work) must(t *trait, slots []slot, a *account) (end, or string) {
	s := slots[0]
	download := w.rpc == "Download"
	switch {
	case t.reach == asleep, !s.at.Before(w.expires):
		return expired, ""
	case !download && t.habit == balks, download && t.habit == rejects:
		end = failed
	case download && t.habit == forgets:
		end = failed
		if t.reach != wakeable || s.at.Add(w.long).After(s.closes) || t.calls != nil {
			or = expired // it may not be asked twice
		}
	case download && t.habit == stumbles:
		end = succeeded
		if t.reach != wakeable || s.at.Add(w.long).After(s.closes) || t.calls != nil {
			or = expired
		}
	default:
		end = succeeded
	}
	if !slices.ContainsFunc(slots, func(s slot) bool { return t.free(s, a, w.often) }) {
		or = expired // it waits for a period that is after all this
	}
	return end, or
}

// free says that a phone can be served for certain: in a while from its slot on
// in which it is in no call, or, where it cannot be woken, in a session in its
// window that it begins in no call.
func (t *trait) free(s slot, a *account, often time.Duration) bool {
	last := s.closes.Add(-atLast)
	if t.reach == wakeable {
		at := s.at
		for at.Before(last) {
			next, talks := t.nextCall(at)
			if !talks || next.begins.Sub(at) >= aWhile {
				return true
			}
			at = next.ends
		}
		return false
	}
	came := false
	for _, at := range a.sessions {
		if at.Before(s.opens) || !at.Before(last) {
			continue
		}
		came = true
		if next, talks := t.nextCall(at); !talks || next.begins.Sub(at) >= aLook {
			return true
		}
	}
	return !came && last.Sub(s.opens) >= often // which it had to
}
