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
	order client.NewJob
	rpc   string // by which phones are asked for it
	begin time.Duration
	long  time.Duration
	jobs  []string // ids, once it is ordered
}

// works are what is ordered in a night, all of it before the first begins: a
// restart, and new firmware, which restarts too.
func works(firmware string) []*work {
	once := 1
	return []*work{
		{name: "reboot", rpc: "Reboot", order: client.NewJob{Kind: "reboot"}, begin: 25 * time.Hour, long: 4 * time.Hour},
		{name: "firmware", rpc: "Download", begin: 30 * time.Hour, long: 5 * time.Hour, order: client.NewJob{
			Kind: "download", Args: &client.Args{File: firmware}, Retry: &client.Retry{Max: &once, Backoff: "2m"},
		}},
	}
}

// spans are when a work may be done by a phone: at a time of each site's clocks.
func (p *plan) spans(w *work, t *trait) []span {
	y, m, d := p.begins.Date()
	opens := time.Date(y, m, d, 0, int(w.begin/time.Minute), 0, 0, p.places[t.site].location)
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

// must says how a phone's share of a work has to end, and how else it may.
func (w *work) must(t *trait) (end, or string) {
	switch {
	case t.reach == asleep:
		return expired, ""
	case w.rpc == "Reboot" && t.habit == balks, w.rpc == "Download" && t.habit == rejects:
		return failed, ""
	case w.rpc == "Download" && t.habit == forgets && t.reach == wakeable:
		return failed, ""
	case w.rpc == "Download" && t.habit == forgets: // it may not come often enough to fail twice
		return failed, expired
	case w.rpc == "Download" && t.habit == stumbles && t.reach != wakeable:
		return succeeded, expired
	}
	return succeeded, ""
}
