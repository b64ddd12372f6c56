package rehearsal

import (
	"fmt"
	"slices"
	"time"
)

// A tally is what came of one work at one site.
type tally struct {
	work, site string
	zone       *time.Location

	phones                     int
	succeeded, failed, expired int // as they had to
	excused                    int // of the expired: in calls whenever they could be served, or too late to be tried again
	elsewhere                  int // of the expired: whose slots are after all this
	astray                     int // that ended otherwise, or not at all

	restarts int
	after    int // of them asked for in the window, and up to afterGlow after it closed
	outside  int // of them out of the window otherwise
	inCall   int // into a call that was there when the line was read, or that nobody looked for
	begun    int // into a call that began after the line was read
	crossed  int // of them in a later period than that of the first slot
	spared   int // phones that were found in a call, and left alone then
	early    int // requests that came out of the window
	twice    int // requests that came again with the same CommandKey
	unshown  int // done, says the server, and the phone does not know of it

	late int // requests that came long after the slot, to phones that were idle and awake

	slots   int       // in a minute, at most, by the plan
	busiest int       // restarts in a minute, at most
	minute  time.Time // that one; the first of several
	last    time.Time // restart
}

const (
	// lookKept is how long before it is asked a phone's line was read at the
	// latest: what was read counts for two seconds, and messages are on their way
	// for up to one each.
	lookKept = 5 * time.Second
	// afterGlow is how long a phone takes that was asked in time.
	afterGlow = 15 * time.Second
)

// judge holds accounts and record of a work against the plan, site by site. It
// also gives sentences on all that must not be.
func (p *plan) judge(w *work, accounts []account, r record) (tallies []tally, faults []string) {
	minutes, planned := make([]map[int64]int, len(p.places)), make([]map[int64]int, len(p.places))
	for k := range p.places {
		planned[k] = map[int64]int{}
		tallies = append(tallies, tally{work: w.name, site: p.places[k].name, zone: p.places[k].location})
		minutes[k] = map[int64]int{}
	}
	for i := range p.phones {
		t := &p.phones[i]
		j := judgement{tally: &tallies[t.site], w: w, t: t, slots: p.slots(w, i), minutes: minutes[t.site]}
		j.slot = j.slots[0]
		planned[t.site][j.slot.at.Unix()/60]++
		j.outcome(r.state[i], r.why[i], &accounts[i])
		j.account(&accounts[i], r.state[i])
		for _, f := range j.faults {
			faults = append(faults, fmt.Sprintf("%s at %s, phone %d (%v), task %s, slot %v: %s", w.name, j.site, i, t, r.task[i], j.slot.at, f))
		}
	}
	for k := range tallies {
		tallies[k].busy(minutes[k])
		for _, n := range planned[k] {
			tallies[k].slots = max(tallies[k].slots, n)
		}
	}
	return tallies, faults
}

// busy finds the busiest minute.
func (t *tally) busy(minutes map[int64]int) {
	for m, n := range minutes {
		at := time.Unix(60*m, 0)
		if n > t.busiest || n == t.busiest && at.Before(t.minute) {
			t.busiest, t.minute = n, at
		}
	}
}

// A judgement is one phone's share in a tally.
type judgement struct {
	*tally
	w       *work
	t       *trait
	slot    slot   // the first
	slots   []slot // with those of later periods
	minutes map[int64]int
	faults  []string
}

// in is the slot in whose span an instant is.
func (j *judgement) in(at time.Time) (slot, bool) {
	for _, s := range j.slots {
		if s.has(at) {
			return s, true
		}
	}
	return slot{}, false
}

func (j *judgement) say(format string, args ...any) {
	j.faults = append(j.faults, fmt.Sprintf(format, args...))
}

// outcome holds the server's record of a task against the plan.
func (j *judgement) outcome(state, why string, a *account) {
	j.phones++
	end, or := j.w.must(j.t, j.slots, a)
	if state != end && (or == "" || state != or) {
		j.astray++
		j.say("is %q and had to be %s: %s", state, end, why)
		return
	}
	switch state {
	case succeeded:
		j.succeeded++
	case failed:
		j.failed++
	case expired:
		j.expired++
		switch {
		case !j.slot.at.Before(j.w.expires):
			j.elsewhere++
		case end != expired:
			j.excused++
		}
	}
}

// account holds what the phone says against the plan, and the record.
func (j *judgement) account(a *account, state string) {
	prompt := j.t.reach == wakeable && j.t.calls == nil && j.slot.at.Before(j.w.expires)
	keys := map[string]bool{}
	for _, q := range a.asked {
		if !slices.Contains(j.w.jobs, q.job()) {
			continue
		}
		if _, ok := j.in(q.at); !ok {
			j.early++
			j.say("was asked at %v, out of its window", q.at)
		}
		if prompt && len(keys) == 0 && q.at.Sub(j.slot.at) > inTime {
			j.late++
			j.say("was asked at %v, with its slot at %v", q.at, j.slot.at)
		}
		if keys[q.key] {
			j.twice++
			j.say("was asked again with %s", q.key)
		}
		keys[q.key] = true
	}
	shown := false
	for _, r := range a.restarts {
		if !slices.Contains(j.w.jobs, r.asked.job()) {
			continue
		}
		shown = true
		j.restarts++
		j.minutes[r.at.Unix()/60]++
		if j.last.Before(r.at) {
			j.last = r.at
		}
		asked, inTime := j.in(r.asked.at)
		if inTime && asked != j.slot {
			j.crossed++
		}
		switch {
		case inTime && asked.has(r.at):
		case inTime && r.at.Before(asked.closes.Add(afterGlow)):
			j.after++
		default:
			j.outside++
			j.say("restarted at %v, out of its window", r.at)
		}
		j.line(r)
	}
	if slices.ContainsFunc(a.busy, func(at time.Time) bool { _, ok := j.in(at); return ok }) {
		j.spared++
	}
	if state == succeeded && !shown {
		j.unshown++
		j.say("is done, and has not restarted for it")
	}
	if state == expired && shown {
		j.unshown++
		j.say("has expired, and the phone restarted for it")
	}
}

// line judges a restart by what the phone's line did.
func (j *judgement) line(r restart) {
	c, talking := j.t.call(r.at)
	switch {
	case !talking:
	case r.look.at.After(r.asked.at.Add(-lookKept)) && r.look.at.Before(c.begins):
		j.begun++
	default:
		j.inCall++
		j.say("restarted at %v in a call since %v; its line was last read at %v, %q", r.at, c.begins, r.look.at, r.look.state)
	}
}
