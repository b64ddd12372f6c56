package main

import (
	"context"
	"fmt"

	"phoneacs/e2e/bench/load"
)

// scalePhones compares a session when few phones are known with one when very
// many are. The phones that inform are drawn at random over the whole of each
// fleet.
func scalePhones(ctx context.Context, l *lab, s *sheet) error {
	few := fleet{known: l.cfg.few, speak: l.cfg.few}
	many := l.manyFleet()
	return l.scale(ctx, s, few, many, phonesTarget, fmt.Sprintf("%s ÷ %s phones", grouped(many.known), grouped(few.known)))
}

// manyFleet is the largest fleet.
func (l *lab) manyFleet() fleet {
	return fleet{known: l.cfg.many, speak: l.cfg.sample}
}

// scaleParameters compares a session when little is stored for each phone with
// one when much is.
func scaleParameters(ctx context.Context, l *lab, s *sheet) error {
	without := fleet{known: l.cfg.phones, speak: l.cfg.phones, use: "parameters"}
	with := without
	with.extra = l.cfg.extra
	return l.scale(ctx, s, without, with, parametersTarget, fmt.Sprintf("%s ÷ 0 bytes stored a phone", grouped(l.cfg.extra)))
}

// scale compares sessions of our server on two fleets, the small one first.
func (l *lab) scale(ctx context.Context, s *sheet, small, large fleet, t target, what string) error {
	var sides [2]side
	for i, f := range []fleet{small, large} {
		var err error
		if sides[i], err = l.side(ctx, f); err != nil {
			return err
		}
		defer sides[i].stop()
	}
	for _, event := range []load.Event{load.Periodic, load.ValueChange} {
		a, b, err := l.compare(ctx, sides[0], sides[1], event)
		if err != nil {
			return err
		}
		s.judgeRatio(fmt.Sprintf("CPU a session, %s, %s", what, event), a, b, t)
		s.addPace(fmt.Sprintf("large (small) fleet, %s", event), a, b)
		s.judgeLost(load.Merge(together(a), together(b)))
		s.addMemory(fmt.Sprintf("RssAnon (VmHWM), large fleet, %s", event), b)
	}
	return nil
}
