package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"phoneacs/admin/client"
)

// A work is what is ordered for all phones, in a window.
type work struct {
	name   string
	rpc    string // by which phones are asked for it
	order  client.NewJob
	recurs []recurrence  // one for all sites, or one for each
	long   time.Duration // enough for what begins in time to come to its end
	often  time.Duration // between sessions of a phone that cannot be woken

	ids     []string  // of the windows
	jobs    []string  // of the orders
	ordered time.Time // when the first of them was about to be given
	expires time.Time
}

// works are what is ordered, all of it before the first begins: a restart, and
// new firmware, which restarts too.
func (p *plan) works(firmware string) []*work {
	once := 1
	return []*work{
		{name: "reboot", rpc: "Reboot", long: p.deadline, often: p.often, order: client.NewJob{Kind: "reboot"}},
		{name: "firmware", rpc: "Download", long: 2*p.deadline + p.backoff, often: p.often, order: client.NewJob{
			Kind: "download", Args: &client.Args{File: firmware},
			Retry: &client.Retry{Max: &once, Backoff: p.backoff.String()},
		}},
	}
}

// place makes a work's windows, and orders it in them. No window has a zone of
// its own: each site's counts.
func (p *plan) place(ctx context.Context, api *client.Client, w *work) error {
	w.ordered, w.expires = time.Now(), p.begins.Add(p.lasts-p.deadline-time.Minute)
	for k, r := range w.recurs {
		made, err := api.CreateWindow(ctx, r.window(w.name+" "+strconv.Itoa(k)))
		if err != nil {
			return fmt.Errorf("window of %s: %w", w.name, err)
		}
		name, err := json.Marshal(made.Name)
		if err != nil {
			return err
		}
		o := w.order
		o.Selection = client.Selection{All: true}
		if len(w.recurs) > 1 {
			o.Selection = client.Selection{Filter: fmt.Sprintf("site = %q", p.places[k].id)}
		}
		o.When, o.Expires, o.Deadline = client.When{Window: name}, w.expires.Format(time.RFC3339), p.deadline.String()
		j, err := api.CreateJob(ctx, o, "")
		if err != nil {
			return fmt.Errorf("order %s in %s: %w", w.name, name, err)
		}
		w.ids, w.jobs = append(w.ids, made.ID), append(w.jobs, j.ID)
	}
	return nil
}

// slots are when the plan's phone i is to be served: in the first of them, or
// else in the next, up to when the order expires. There is always a first.
func (p *plan) slots(w *work, i int) (all []slot) {
	site := p.phones[i].site
	k := site % len(w.recurs)
	for after := w.ordered; ; after = all[len(all)-1].at {
		s := w.recurs[k].next(macOf(i), w.ids[k], p.places[site].location, after)
		if len(all) > 0 && !s.at.Before(w.expires) {
			return all
		}
		all = append(all, s)
	}
}
