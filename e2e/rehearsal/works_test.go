package rehearsal

import (
	"context"
	"fmt"
	"time"

	"phoneacs/admin/client"
)

// A span is when something may be done.
type span struct{ opens, closes time.Time }

func (s span) has(at time.Time) bool { return !at.Before(s.opens) && at.Before(s.closes) }

// A work is what is ordered for all phones, with when it may be done.
type work struct {
	name  string
	rpc   string // by which phones are asked for it
	order client.NewJob
	begin time.Duration // from the plan's beginning on
	long  time.Duration
	local bool     // begin is from the first midnight of that day on, on each site's clocks
	jobs  []string // ids, once it is ordered
}

// works are what is ordered, all of it before the first begins: a restart, and
// new firmware, which restarts too.
func (p *plan) works(firmware string) []*work {
	once := 1
	return []*work{
		{name: "reboot", rpc: "Reboot", order: client.NewJob{Kind: "reboot", Deadline: p.deadline}},
		{name: "firmware", rpc: "Download", order: client.NewJob{
			Kind: "download", Args: &client.Args{File: firmware}, Deadline: p.deadline,
			Retry: &client.Retry{Max: &once, Backoff: p.backoff},
		}},
	}
}

// spans are when a work may be done by a phone.
func (p *plan) spans(w *work, t *trait) []span {
	opens := p.begins.Add(w.begin)
	if w.local {
		y, m, d := p.begins.Date()
		opens = time.Date(y, m, d, 0, 0, int(w.begin/time.Second), 0, p.places[t.site].location)
	}
	return []span{{opens, opens.Add(w.long)}}
}

// place orders a work.
func (p *plan) place(ctx context.Context, api *client.Client, w *work) error {
	for k := range p.places {
		s := p.spans(w, &trait{site: k})[0]
		o := w.order
		o.Selection = client.Selection{Filter: fmt.Sprintf("site = %q", p.places[k].id)}
		o.When, o.Expires = client.When{At: s.opens}, s.closes.Format(time.RFC3339)
		j, err := api.CreateJob(ctx, o, "")
		if err != nil {
			return fmt.Errorf("order %s at %s: %w", w.name, p.places[k].name, err)
		}
		w.jobs = append(w.jobs, j.ID)
	}
	return nil
}

// States of tasks that have ended.
const (
	succeeded = "succeeded"
	failed    = "failed"
	expired   = "expired"
)

// must says how a phone's share of a work has to end, and how else it may;
// empty: not otherwise.
func (w *work) must(t *trait) (end, or string) {
	download := w.rpc == "Download"
	switch {
	case t.reach == asleep:
		return expired, ""
	case !download && t.habit == balks, download && t.habit == rejects:
		return failed, ""
	case download && t.habit == forgets && t.reach == wakeable:
		return failed, ""
	case download && t.habit == forgets: // it may not come often enough to fail twice
		return failed, expired
	case download && t.habit == stumbles && t.reach != wakeable:
		return succeeded, expired
	}
	return succeeded, ""
}
