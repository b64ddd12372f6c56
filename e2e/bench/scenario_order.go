package main

import (
	"context"
	"errors"
	"fmt"
)

// jobsOrder measures how soon a large order is accepted and expanded.
func jobsOrder(ctx context.Context, l *lab, s *sheet) error {
	f := fleet{known: l.cfg.order, speak: min(l.cfg.order, l.cfg.phones), use: "order"}
	server, err := l.side(ctx, f)
	if err != nil {
		return err
	}
	defer server.stop()
	o, r, err := l.placeOrder(ctx, server, tomorrow())
	if err != nil && !errors.Is(err, errPatience) {
		return err
	}
	what := "order for " + grouped(l.cfg.order) + " phones, "
	s.judge(what+"accepted", fmt.Sprintf("%.2f s", o.accepted.Seconds()), o.accepted.Seconds(), acceptedTarget)
	if err != nil {
		s.miss(what+"expanded", err, expandedTarget)
	} else {
		s.judge(what+"expanded", fmt.Sprintf("%.2f s (%s)", o.expanded.Seconds(), tasks(o.job)), o.expanded.Seconds(), expandedTarget)
	}
	s.add("sessions/s meanwhile", "%s", grouped(int(r.Rate())))
	s.add("latency p50, p99 meanwhile", "%s, %s", milliseconds(r.Percentile(0.5)), milliseconds(r.Percentile(0.99)))
	s.judgeLost(r)
	return nil
}
