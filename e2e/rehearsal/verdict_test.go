package rehearsal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"phoneacs/admin/client"
)

// A record is what the server says of all tasks of a work.
type record struct {
	state []string // by phone of the plan
	why   []string
	id    []string
}

// records asks the server for the tasks of the works; of[id] is the plan's
// phone of a phone's id there.
func records(ctx context.Context, api *client.Client, w *work, of map[string]int) (record, error) {
	n := len(of)
	r := record{make([]string, n), make([]string, n), make([]string, n)}
	for _, job := range w.jobs {
		q := client.Query{Limit: 1000}
		for {
			page, err := api.ListJobTasks(ctx, job, q)
			if err != nil {
				return r, fmt.Errorf("tasks of %s: %w", job, err)
			}
			for _, t := range page.Items {
				i, ok := of[t.Phone]
				if !ok || r.state[i] != "" {
					return r, fmt.Errorf("task %s is of phone %s, which is unknown or has one of %s already", t.ID, t.Phone, w.name)
				}
				r.state[i], r.why[i], r.id[i] = t.State, t.Why, t.ID
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	return r, nil
}

// phoneIDs gives the plan's phones by their ids at the server.
func (p *plan) phoneIDs(ctx context.Context, api *client.Client) (map[string]int, error) {
	of := make(map[string]int, len(p.phones))
	first := int(firstMAC[3])<<16 | int(firstMAC[4])<<8 | int(firstMAC[5])
	for q := (client.Query{Limit: 1000}); ; {
		page, err := api.ListPhones(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("phones: %w", err)
		}
		for _, ph := range page.Items {
			n, err := strconv.ParseInt(strings.ReplaceAll(ph.MAC, ":", "")[6:], 16, 32)
			if err != nil || int(n)-first < 0 || int(n)-first >= len(p.phones) {
				return nil, fmt.Errorf("phone %s with MAC %q is none of the plan", ph.ID, ph.MAC)
			}
			of[ph.ID] = int(n) - first
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return of, nil
		}
	}
}

// A tally is what came of one work at one site.
type tally struct {
	work, site string

	phones, succeeded, failed, expired int // by how they ended, as they had to
	astray                             int // that ended otherwise

	restarts  int
	outside   int // of them, out of the window
	inCall    int // within a call that was there when the line was read, or could have been read
	begun     int // within a call that began after the line was read
	spared    int // phones that were in a call when their line was read, and were left alone then
	asked     int // requests that came out of the window
	twice     int // CommandKeys that came twice
	unshown   int // tasks that the server counts as done and the phone does not know of
	minute    time.Time
	busiest   int // restarts in that minute
	last      time.Time
	firstDone time.Time
}

// A fault is one thing that must not be, as a sentence.
type fault struct {
	phone int
	says  string
}

// judge holds accounts and record of a work against the plan, site by site.
func (p *plan) judge(w *work, accounts []account, r record) ([]tally, []fault) {
	tallies := make([]tally, len(p.places))
	minutes := make([]map[int64]int, len(p.places))
	for k := range p.places {
		tallies[k] = tally{work: w.name, site: p.places[k].name}
		minutes[k] = map[int64]int{}
	}
	var faults []fault
	for i := range p.phones {
		t := &p.phones[i]
		j := judgement{tally: &tallies[t.site], minutes: minutes[t.site], say: func(format string, args ...any) {
			faults = append(faults, fault{i, fmt.Sprintf("phone %d (%s): ", i, r.id[i]) + fmt.Sprintf(format, args...)})
		}}
		j.phones++
		j.outcome(w, t, r.state[i], r.why[i])
		j.account(p.spans(w, t), w, t, &accounts[i], r.state[i])
	}
	for k := range tallies {
		for m, n := range minutes[k] {
			at := time.Unix(60*m, 0)
			if n > tallies[k].busiest || n == tallies[k].busiest && at.Before(tallies[k].minute) {
				tallies[k].busiest, tallies[k].minute = n, at
			}
		}
	}
	slices.SortStableFunc(faults, func(a, b fault) int { return cmp.Compare(a.phone, b.phone) })
	return tallies, faults
}

// A judgement is one phone's share in a tally.
type judgement struct {
	*tally
	minutes map[int64]int
	say     func(format string, args ...any)
}

// outcome holds the server's record of a task against the plan.
func (j *judgement) outcome(w *work, t *trait, state, why string) {
	end, or := w.must(t)
	if state != end && (or == "" || state != or) {
		j.astray++
		j.say("%s is %q, not %s (reach %d, habit %d): %s", w.name, state, end, t.reach, t.habit, why)
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

// account holds what the phone says against the plan.
func (j *judgement) account(spans []span, w *work, t *trait, a *account, state string) {
	inside := func(at time.Time) bool { return slices.ContainsFunc(spans, func(s span) bool { return s.has(at) }) }
	keys := map[string]bool{}
	for _, q := range a.asked {
		if !slices.Contains(w.jobs, q.job()) {
			continue
		}
		if !inside(q.at) {
			j.asked++
			j.say("asked by %s at %v, out of its window", q.rpc, q.at)
		}
		if keys[q.key] {
			j.twice++
			j.say("asked twice with %s", q.key)
		}
		keys[q.key] = true
	}
	shown := false
	for _, r := range a.restarts {
		if !slices.Contains(w.jobs, r.asked.job()) {
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
		j.line(t, r)
	}
	if state == succeeded && !shown {
		j.unshown++
		j.say("%s is done, says the server, and the phone has not restarted for it", w.name)
	}
}

// line judges a restart by what the phone's line did.
func (j *judgement) line(t *trait, r restart) {
	c, ok := t.call(r.at)
	if !ok {
		return
	}
	if r.look.at.After(r.asked.at.Add(-lookValid)) && r.look.at.Before(c.begins) {
		j.begun++
		return
	}
	j.inCall++
	if guarded {
		j.say("restarted at %v in a call since %v; its line was read at %v: %q", r.at, c.begins, r.look.at, r.look.state)
	}
}

// guarded says that the server reads lines before it restarts a phone.
const guarded = false

// lookValid is how old a look at the line may be when the phone is asked.
const lookValid = 30 * time.Second
