package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"phoneacs/e2e/bench/load"
	"phoneacs/e2e/bench/proc"
)

// jobsWaitingWindow compares the largest fleet without tasks with a copy of it
// in which every phone has one that waits for its slot in a window. The server
// that made the tasks has ended, so that a start with them is measured too.
func jobsWaitingWindow(ctx context.Context, l *lab, s *sheet) error {
	f := l.manyFleet()
	data, err := l.copied(ctx, f)
	if err != nil {
		return err
	}
	defer os.RemoveAll(data) // it is large, and below what is removed at the end anyway
	made, meanwhile, err := l.windowed(ctx, data, f)
	if err != nil {
		return err
	}

	without, err := l.side(ctx, f)
	if err != nil {
		return err
	}
	defer without.stop()
	server, err := l.serve(ctx, data)
	if err != nil {
		return err
	}
	defer server.stop()
	with := side{server, f.phones()}
	// What an earlier scenario changed is changed back before it counts.
	for _, side := range []side{without, with} {
		if err := l.inform(ctx, side, load.Periodic, 0); err != nil {
			return err
		}
	}
	ticks, err := l.idle(ctx, with, without)
	if err != nil {
		return err
	}
	a, b, err := l.compare(ctx, without, with, load.Periodic)
	if err != nil {
		return err
	}

	who := grouped(l.cfg.many) + " tasks waiting for a window"
	s.judgeMemory("RssAnon (VmHWM) with "+who, b, waitingTarget)
	s.addMemory("RssAnon (VmHWM) without", a)
	s.judge("exec to ready with "+who+" (without)", fmt.Sprintf("%.2f s (%.2f s)",
		server.took.Seconds(), without.took.Seconds()), server.took.Seconds(), startTarget)
	s.judge("CPU of an idle second with them (without)", fmt.Sprintf("%.2f ms (%.2f ms)", ticks[0], ticks[1]), ticks[0], idleTarget)
	s.judgeRatio("CPU a session, with ÷ without a task", a, b, waitingCostTarget)
	s.addPace("with (without) a task", a, b)
	s.add("order accepted, expanded", "%.2f s, %.1f s (%s)", made.accepted.Seconds(), made.expanded.Seconds(), tasks(made.job))
	s.judgeLost(load.Merge(together(a), together(b), meanwhile))
	return nil
}

// windowed orders something for all phones in a window, on a server that ends
// once the tasks are made.
func (l *lab) windowed(ctx context.Context, data string, f fleet) (o ordered, meanwhile *load.Result, err error) {
	server, err := l.serve(ctx, data)
	if err != nil {
		return o, nil, err
	}
	defer server.stop()
	if o, meanwhile, err = l.placeOrder(ctx, side{server, f.phones()}, nextMonth()); err != nil {
		return o, meanwhile, err
	}
	if n := o.job.Counts["waiting"]; n != f.known {
		return o, meanwhile, fmt.Errorf("of %d tasks %d wait: %s", f.known, n, tasks(o.job))
	}
	return o, meanwhile, nil
}

// idle leaves servers alone, all at the same time, and returns the milliseconds
// of processor time that each takes in a second.
func (l *lab) idle(ctx context.Context, sides ...side) ([]float64, error) {
	if err := wait(ctx, l.cfg.settle); err != nil {
		return nil, err
	}
	start, used := time.Now(), make([]time.Duration, len(sides))
	for i, s := range sides {
		before, err := proc.CPU(s.pid)
		if err != nil {
			return nil, err
		}
		used[i] = -before
	}
	if err := wait(ctx, l.cfg.idle); err != nil {
		return nil, err
	}
	for i, s := range sides {
		after, err := proc.CPU(s.pid)
		if err != nil {
			return nil, err
		}
		used[i] += after
	}
	took, list := time.Since(start).Seconds(), make([]float64, len(sides))
	for i := range used {
		list[i] = float64(used[i]) / float64(time.Millisecond) / took
	}
	return list, nil
}
