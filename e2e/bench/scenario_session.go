package main

import (
	"context"
	"fmt"

	"phoneacs/e2e/bench/load"
)

// sessionCost compares a session of that event with the same at the floor.
func sessionCost(event load.Event) func(context.Context, *lab, *sheet) error {
	return func(ctx context.Context, l *lab, s *sheet) error {
		f := fleet{known: l.cfg.phones, speak: l.cfg.phones}
		server, err := l.side(ctx, f)
		if err != nil {
			return err
		}
		defer server.stop()
		floor, err := l.floorSide(ctx, f)
		if err != nil {
			return err
		}
		defer floor.stop()

		a, b, err := l.compare(ctx, floor, server, event)
		if err != nil {
			return err
		}
		s.judgeRatio("CPU a session, server ÷ floor", a, b, sessionTarget)
		s.addPace("server (floor)", a, b)
		s.judgeLost(together(b))
		s.addMemory("RssAnon (VmHWM) of the server", b)
		s.add("CPU a session of the phones' side", "%s", microseconds(median(each(b, phonesCPU))))
		return nil
	}
}

func serverCPU(m measure) float64 { return float64(m.server) }
func phonesCPU(m measure) float64 { return float64(m.phones) }
func rate(m measure) float64      { return m.Rate() }

// judgeRatio adds what a session of b cost as a multiple of one of a: the
// median of the rounds, and their spread.
func (s *sheet) judgeRatio(figure string, a, b []measure, t target) {
	r := ratios(a, b)
	s.judge(figure, fmt.Sprintf("%.2f (%s ÷ %s; rounds %.2f to %.2f)", median(r),
		microseconds(median(each(b, serverCPU))), microseconds(median(each(a, serverCPU))),
		r[0], r[len(r)-1]), median(r), t)
}

// addPace adds how fast sessions went on both sides.
func (s *sheet) addPace(who string, a, b []measure) {
	s.add("sessions/s, "+who, "%s (%s)",
		grouped(int(median(each(b, rate)))), grouped(int(median(each(a, rate)))))
	ra, rb := together(a), together(b)
	s.add("latency p50, p99, "+who, "%s, %s (%s, %s)",
		milliseconds(rb.Percentile(0.5)), milliseconds(rb.Percentile(0.99)),
		milliseconds(ra.Percentile(0.5)), milliseconds(ra.Percentile(0.99)))
}

// judgeLost adds the sessions that did not end well, and why the first did not.
func (s *sheet) judgeLost(r *load.Result) {
	value := fmt.Sprintf("%d refused, %d failed of %s", r.Refused, r.Failed, grouped(r.Done+r.Lost()))
	if r.FirstError != nil {
		value += ": " + r.FirstError.Error()
	}
	s.judge("sessions refused or failed", value, float64(r.Lost()), lostTarget)
}

// addMemory adds the most that the rounds showed.
func (s *sheet) addMemory(figure string, rounds []measure) {
	anon, peak := mostMemory(rounds)
	s.add(figure, "%s (%s)", mebibytes(anon), mebibytes(peak))
}

// judgeMemory does so with a target in MiB.
func (s *sheet) judgeMemory(figure string, rounds []measure, t target) {
	anon, peak := mostMemory(rounds)
	s.judge(figure, fmt.Sprintf("%s (%s)", mebibytes(anon), mebibytes(peak)), float64(anon)/(1<<20), t)
}

func mostMemory(rounds []measure) (anon, peak int64) {
	for _, m := range rounds {
		anon, peak = max(anon, m.memory.Anon), max(peak, m.memory.Peak)
	}
	return anon, peak
}
