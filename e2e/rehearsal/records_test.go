package rehearsal

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"phoneacs/admin/client"
)

// A record is what the server says of a work, by phone of the plan.
type record struct{ task, state, why []string }

// records asks the server for the tasks of a work; of gives the plan's phones
// by their ids there.
func records(ctx context.Context, api *client.Client, w *work, of map[string]int) (record, error) {
	n := len(of)
	r := record{make([]string, n), make([]string, n), make([]string, n)}
	for _, job := range w.jobs {
		for q := (client.Query{Limit: 1000}); ; {
			page, err := api.ListJobTasks(ctx, job, q)
			if err != nil {
				return r, fmt.Errorf("tasks of %s: %w", job, err)
			}
			for _, t := range page.Items {
				i, ok := of[t.Phone]
				if !ok || r.state[i] != "" {
					return r, fmt.Errorf("task %s is of a phone that is unknown, or has one of %s already", t.ID, w.name)
				}
				r.task[i], r.state[i], r.why[i] = t.ID, t.State, t.Why
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	return r, nil
}

// enrolled gives the plan's phones by their ids at the server. The error says
// which of them are not there, or which is there that is none of them.
func (p *plan) enrolled(ctx context.Context, api *client.Client) (map[string]int, error) {
	of := make(map[string]int, len(p.phones))
	for q := (client.Query{Limit: 1000}); ; {
		page, err := api.ListPhones(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("phones: %w", err)
		}
		for _, ph := range page.Items {
			digits := strings.ReplaceAll(ph.MAC, ":", "")
			n, err := strconv.ParseUint(digits[max(0, len(digits)-4):], 16, 16)
			if err != nil || int(n) >= len(p.phones) || ph.Site != p.places[p.phones[n].site].id {
				return nil, fmt.Errorf("phone %s with MAC %q at site %s is none of the plan", ph.ID, ph.MAC, ph.Site)
			}
			of[ph.ID] = int(n)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if len(of) != len(p.phones) {
		return nil, fmt.Errorf("%d phones have enrolled, of %d", len(of), len(p.phones))
	}
	return of, nil
}
