package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"phoneacs/e2e/bench/load"
)

// rightNow is when an order that need not wait is due.
var rightNow = when{"now": true}

// tomorrow is when an order that must wait is due.
func tomorrow() when {
	return when{"at": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)}
}

// nextMonth is a window for orders that must wait for it: each phone has a slot
// of its own, on one day of seven.
func nextMonth() when {
	return when{"window": map[string]any{
		"flexible":   map[string]any{"interval_days": 7, "begin": "01:00", "end": "05:00"},
		"zone":       "UTC",
		"valid_from": time.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly),
	}}
}

// errPatience reports that a job did not come where it should in time.
var errPatience = errors.New("longer than -patience allows")

// await looks at a job until it satisfies done. The job is returned as it
// stood last.
func (l *lab) await(ctx context.Context, a *admin, j job, done func(job) bool) (job, error) {
	deadline := time.Now().Add(l.cfg.patience)
	for !done(j) {
		if time.Now().After(deadline) {
			return j, fmt.Errorf("job %s is %s, %s: %w", j.ID, j.State, tasks(j), errPatience)
		}
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return j, err
		}
		next, err := a.job(ctx, j.ID)
		if err != nil {
			return j, err
		}
		j = next
	}
	return j, nil
}

func expanded(j job) bool { return j.State != jobExpanding }
func ended(j job) bool    { return j.State == jobEnded }

// tasks tells the counts of a job.
func tasks(j job) string {
	var list []string
	for _, state := range slices.Sorted(maps.Keys(j.Counts)) {
		if n := j.Counts[state]; n > 0 {
			list = append(list, grouped(n)+" "+state)
		}
	}
	if len(list) == 0 {
		return "no tasks"
	}
	return strings.Join(list, ", ")
}

// configFile is a config that changes nothing, in the text form of Fanvil
// phones: a first line of 62 characters, a module, an end.
func configFile() []byte {
	return fmt.Appendf(nil, "%-62s\r\n<TELE CONFIG MODULE>\r\n<<END OF FILE>>\r\n",
		"<<VOIP CONFIG FILE>>Version:2.0000000001")
}

// An ordered is an order and how long the server took over it.
type ordered struct {
	job      job
	accepted time.Duration // until the order was answered
	expanded time.Duration // until every task was made, from the same instant
}

// placeOrder orders a config for all phones, and waits until its tasks are
// made, while sessions of those phones go on.
func (l *lab) placeOrder(ctx context.Context, s side, when when) (ordered, *load.Result, error) {
	file, err := s.admin.addFile(ctx, "bench.cfg", configFile())
	if err != nil {
		return ordered{}, nil, err
	}
	sessions := l.background(ctx, s)
	o, err := l.order(ctx, s.admin, file, when)
	r, sessionErr := sessions()
	return o, r, errors.Join(err, sessionErr)
}

// order places the order and waits until its tasks are made.
func (l *lab) order(ctx context.Context, a *admin, file string, when when) (o ordered, err error) {
	start := time.Now()
	if o.job, err = a.download(ctx, file, when); err != nil {
		return o, err
	}
	o.accepted = time.Since(start)
	o.job, err = l.await(ctx, a, o.job, expanded)
	o.expanded = time.Since(start)
	return o, err
}

// background has phones inform until the returned function is called.
func (l *lab) background(ctx context.Context, s side) func() (*load.Result, error) {
	type outcome struct {
		*load.Result
		error
	}
	stop := make(chan struct{})
	done := make(chan outcome)
	go func() {
		r, err := load.Run(ctx, load.Options{
			Addr: s.addr, Path: s.path, Phones: s.phones, AtOnce: l.cfg.atOnce, Spread: true, Stop: stop,
		})
		done <- outcome{r, err}
	}()
	return func() (*load.Result, error) {
		close(stop)
		o := <-done
		return o.Result, o.error
	}
}
