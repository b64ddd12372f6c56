package main

import (
	"context"

	"phoneacs/e2e/bench/load"
)

// jobsWaiting measures memory and the cost of a session before and after every
// phone of the largest fleet gets a task that waits. The server is the one
// that made the tasks: its memory is not spared that.
func jobsWaiting(ctx context.Context, l *lab, s *sheet) error {
	server, err := l.side(ctx, l.manyFleet())
	if err != nil {
		return err
	}
	defer server.stop()
	// What an earlier scenario changed is changed back before it counts.
	if err := l.inform(ctx, server, load.Periodic, 0); err != nil {
		return err
	}
	o := load.Options{AtOnce: l.cfg.atOnce, For: l.cfg.round}
	before, err := l.measure(ctx, server, o)
	if err != nil {
		return err
	}
	order, r, err := l.placeOrder(ctx, server, tomorrow())
	if err != nil {
		return err
	}
	after, err := l.measure(ctx, server, o)
	if err != nil {
		return err
	}
	who := grouped(l.cfg.many) + " waiting tasks"
	s.judgeMemory("RssAnon (VmHWM) with "+who, []measure{after}, waitingTarget)
	s.add("CPU a session with "+who+" (before)", "%s (%s)", microseconds(serverCPU(after)), microseconds(serverCPU(before)))
	s.add("order accepted, expanded", "%.2f s, %.1f s (%s)", order.accepted.Seconds(), order.expanded.Seconds(), tasks(order.job))
	s.judgeLost(load.Merge(before.Result, r, after.Result))
	return nil
}
