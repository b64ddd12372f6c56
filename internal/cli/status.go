package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// maxCount is how many of a list are counted; of more it is said that there
// are more.
const maxCount = 5 * maxPage

// statusTime bounds how long is looked at how things stand.
const statusTime = 20 * time.Second

// A status tells how things stand.
type status struct {
	Server    string         `json:"server"`
	Version   string         `json:"version"`
	Ready     bool           `json:"ready"`
	NotReady  string         `json:"not_ready,omitempty"`
	Warning   string         `json:"warning,omitempty"`
	Phones    map[string]int `json:"phones"`         // by state
	More      bool           `json:"more,omitempty"` // there are more phones than were counted
	Jobs      []client.Job   `json:"jobs"`           // that have not ended
	Holds     []client.Hold  `json:"holds"`
	Failing   int            `json:"failing"` // tasks that failed or expired, of jobs that have not ended
	LastEnded *client.Job    `json:"last_ended,omitempty"`
}

// Status makes cmd say how things stand at the server.
func Status(cmd *cobra.Command) {
	connectionFlags(cmd.Flags())
	verb(cmd, func(ctx context.Context, s *session, _ []string) error {
		ctx, cancel := context.WithTimeout(ctx, statusTime)
		defer cancel()
		st, err := s.look(ctx)
		var away *client.Unreachable
		switch {
		case errors.As(err, &away) && !s.json && reach(err) == startOne:
			return &advised{err, "start one here with `phoneacs serve`, or say where it is with --server or " + ServerVariable + "; what else there is: `phoneacs --help`"}
		case err != nil:
			return err
		}
		return s.show(st, func() error { return s.standing(st) })
	})
}

// look asks how things stand.
func (s *session) look(ctx context.Context) (status, error) {
	st := status{Server: s.Server(), Phones: map[string]int{}}
	health, err := s.GetHealth(ctx)
	if err != nil {
		return st, err
	}
	st.Version, st.Ready = health.Version, true
	ready, err := s.GetReadiness(ctx)
	if err != nil {
		st.Ready, st.NotReady = false, err.Error()
	}
	st.Warning = ready.Warning
	more, err := each(ctx, maxCount, "", s.ListPhones, func(p client.Phone) { st.Phones[p.State]++ })
	if err != nil {
		return st, err
	}
	st.More = more
	if _, err := each(ctx, maxPage, `state != "ended"`, s.ListJobs, func(j client.Job) {
		st.Jobs = append(st.Jobs, j)
		st.Failing += j.Counts.Failed + j.Counts.Expired
	}); err != nil {
		return st, err
	}
	if _, err := each(ctx, maxPage, "", s.ListHolds, func(h client.Hold) { st.Holds = append(st.Holds, h) }); err != nil {
		return st, err
	}
	page, err := s.ListJobs(ctx, client.Query{Filter: `state = "ended"`, Limit: 1})
	if err == nil && len(page.Items) > 0 {
		st.LastEnded = &page.Items[0]
	}
	return st, err
}

// each calls f for the items of a list, and says whether there are more than high.
func each[T any](ctx context.Context, high int, filter string, fetch func(context.Context, client.Query) (client.Page[T], error), f func(T)) (more bool, err error) {
	q := client.Query{Filter: filter, Limit: maxPage}
	for n := 0; n < high; {
		page, err := fetch(ctx, q)
		if err != nil {
			return false, err
		}
		for _, item := range page.Items {
			f(item)
		}
		n += len(page.Items)
		if q.Cursor = page.Next; q.Cursor == "" {
			return false, nil
		}
	}
	return true, nil
}

// shownJobs is how many jobs are named one by one.
const shownJobs = 5

// standing prints how things stand, and what to do next.
func (o *output) standing(st status) error {
	ready := "ready"
	if !st.Ready {
		ready = "not ready: " + st.NotReady
	}
	total := 0
	var states []string
	for _, name := range []string{"approved", "pending", "re-enrol"} {
		total += st.Phones[name]
		if n := st.Phones[name]; n > 0 {
			states = append(states, fmt.Sprintf("%d %s", n, name))
		}
	}
	phones := cmp.Or(strings.Join(states, ", "), "none")
	if st.More {
		phones += fmt.Sprintf(" (of the first %d)", total)
	}
	var holds []string
	for _, h := range st.Holds[:min(len(st.Holds), shownJobs)] {
		holds = append(holds, over(h.Scope))
	}
	if n := len(st.Holds) - len(holds); n > 0 {
		holds = append(holds, fmt.Sprintf("%d more", n))
	}
	jobs := "none under way"
	if n := len(st.Jobs); n > 0 {
		jobs = fmt.Sprintf("%d under way", n)
	}
	failing := ""
	if st.Failing > 0 {
		failing = fmt.Sprintf("%d tasks of these jobs failed or expired", st.Failing)
	}
	last := ""
	if j := st.LastEnded; j != nil {
		last = fmt.Sprintf("%s %s, ended %s: %s", j.ID, j.Kind, o.ago(j.Ended), counts(j.Counts))
	}
	if err := o.facts([]fact{
		{"server", st.Server + ", " + cmp.Or(st.Version, "unknown version") + ", " + ready}, {"warning", st.Warning}, {"phones", phones}, {"jobs", jobs},
		{"failing", failing}, {"newest ended", last}, {"holds", cmp.Or(strings.Join(holds, ", "), "none")},
	}); err != nil {
		return err
	}
	for _, j := range st.Jobs[:min(len(st.Jobs), shownJobs)] {
		if err := o.say("  %s %s %s: %s", j.ID, j.Kind, j.State, counts(j.Counts)); err != nil {
			return err
		}
	}
	for _, line := range st.next(total) {
		o.note("%s", line)
	}
	return nil
}

// next is what to do next, most pressing first.
func (st status) next(total int) (lines []string) {
	add := func(is bool, format string, args ...any) {
		if is {
			lines = append(lines, fmt.Sprintf(format, args...))
		}
	}
	add(len(st.Holds) > 0, "nothing is changed or restarted under a hold: `phoneacs hold list`")
	add(st.Phones["re-enrol"] > 0, "phones came back without their credentials: `phoneacs phone list --filter 'state = \"re-enrol\"'`")
	add(st.Phones["pending"] > 0, "phones wait to be let in: `phoneacs phone list --filter 'state = \"pending\"'`, then `phoneacs phone approve`")
	if len(st.Jobs) > 0 {
		add(true, "follow a job with `phoneacs job watch %s`", st.Jobs[0].ID)
	}
	add(total == 0, "no phone has informed yet: enter in a phone, as its ACS URL, what `phoneacs serve` printed; or `phoneacs phone import`")
	add(len(lines) == 0, "order something with `phoneacs job`; what else there is: `phoneacs --help`")
	return lines
}
