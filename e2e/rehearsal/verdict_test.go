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
	astray                     int // that ended otherwise, or not at all

	restarts int
	outside  int // of them out of the window
	inCall   int // into a call that was there when the line was read, or that nobody looked for
	begun    int // into a call that began after the line was read
	spared   int // phones that were found in a call, and left alone then
	early    int // requests that came out of the window
	twice    int // requests that came again with the same CommandKey
	unshown  int // done, says the server, and the phone does not know of it

	busiest int       // restarts in a minute, at most
	minute  time.Time // that one; the first of several
	last    time.Time // restart
}

// guarded says that the server reads lines before it restarts a phone.
const guarded = false

// lookKept is how long before it is asked a phone's line was read at the latest.
const lookKept = 2 * time.Minute

// judge holds accounts and record of a work against the plan, site by site. It
// also gives sentences on all that must not be.
func (p *plan) judge(w *work, accounts []account, r record) (tallies []tally, faults []string) {
	minutes := make([]map[int64]int, len(p.places))
	for k := range p.places {
		tallies = append(tallies, tally{work: w.name, site: p.places[k].name, zone: p.places[k].location})
		minutes[k] = map[int64]int{}
	}
	for i := range p.phones {
		t := &p.phones[i]
		j := judgement{tally: &tallies[t.site], w: w, t: t, minutes: minutes[t.site]}
		j.outcome(r.state[i], r.why[i])
		j.account(p.spans(w, t), &accounts[i], r.state[i])
		for _, f := range j.faults {
			faults = append(faults, fmt.Sprintf("%s at %s, phone %d (%v), task %s: %s", w.name, j.site, i, t, r.task[i], f))
		}
	}
	for k := range tallies {
		tallies[k].busy(minutes[k])
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
	minutes map[int64]int
	faults  []string
}

func (j *judgement) say(format string, args ...any) {
	j.faults = append(j.faults, fmt.Sprintf(format, args...))
}

// outcome holds the server's record of a task against the plan.
func (j *judgement) outcome(state, why string) {
	j.phones++
	if end, or := j.w.must(j.t); state != end && (or == "" || state != or) {
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
	}
}

// account holds what the phone says against the plan, and the record.
func (j *judgement) account(spans []span, a *account, state string) {
	inside := func(at time.Time) bool { return slices.ContainsFunc(spans, func(s span) bool { return s.has(at) }) }
	keys := map[string]bool{}
	for _, q := range a.asked {
		if !slices.Contains(j.w.jobs, q.job()) {
			continue
		}
		if !inside(q.at) {
			j.early++
			j.say("was asked at %v, out of its window", q.at)
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
		if !inside(r.at) {
			j.outside++
			j.say("restarted at %v, out of its window", r.at)
		}
		j.line(r)
	}
	if slices.ContainsFunc(a.busy, func(at time.Time) bool { return inside(at) }) {
		j.spared++
	}
	if state == succeeded && !shown {
		j.unshown++
		j.say("is done, and has not restarted for it")
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
		if guarded {
			j.say("restarted at %v in a call since %v; its line was last read at %v, %q", r.at, c.begins, r.look.at, r.look.state)
		}
	}
}
