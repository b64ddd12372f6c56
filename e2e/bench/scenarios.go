package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/e2e/bench/load"
)

// A scenario measures one thing, and adds its rows to the sheet.
type scenario struct {
	name, about string
	run         func(context.Context, *lab, *sheet) error
}

// scenarios returns all, in the order in which they run.
func scenarios(c config) []scenario {
	list := []scenario{
		{"session/periodic", "cost of a session beside the floor's, nothing changed", sessionCost(load.Periodic)},
		{"session/boot", "the same after a boot, which must be durable", sessionCost(load.Boot)},
		{"session/value-change", "the same with one parameter changed", sessionCost(load.ValueChange)},
	}
	for _, n := range c.crowds {
		list = append(list, scenario{
			fmt.Sprintf("crowd/%d", n),
			fmt.Sprintf("memory and refusals with %s known phones, %s sessions at a time", grouped(c.known), grouped(n)),
			crowd(n),
		})
	}
	return append(list,
		scenario{"scale/parameters", "cost of a session when much is stored for each phone", scaleParameters},
		scenario{"jobs/order", "time until a large order is accepted and expanded", jobsOrder},
		scenario{"jobs/drain", "tasks ended a second", jobsDrain},
		scenario{"moves/phones", "a list of phones imported, listed and exported", moves},
		scenario{"scale/phones", "cost of a session when very many phones are known", scalePhones},
		scenario{"start/phones", "time and memory of a start when very many phones are known", startPhones},
		scenario{"backup/sessions", "a backup of very many phones while some inform", backupSessions},
		scenario{"jobs/waiting-window", "memory, start and cost when every one of them has a task waiting for a window", jobsWaitingWindow},
		// Last, as it leaves its tasks in the store of the largest fleet.
		scenario{"jobs/waiting", "memory and cost when every one of them has a task waiting", jobsWaiting},
	)
}

// runAll runs the scenarios chosen. One that fails does not keep the next from
// running; an interruption does.
func (l *lab) runAll(ctx context.Context) (*sheet, error) {
	s := &sheet{at: time.Now()}
	var failed error
	chosen := 0
	for _, sc := range scenarios(l.cfg) {
		if !l.cfg.run.MatchString(sc.name) {
			continue
		}
		chosen++
		l.say("%s: %s", sc.name, sc.about)
		s.scenario = sc.name
		if err := sc.run(ctx, l, s); err != nil {
			s.fail(err)
			failed = errors.Join(failed, fmt.Errorf("%s: %w", sc.name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	if chosen == 0 {
		return s, fmt.Errorf("no scenario matches %q; -list names them", l.cfg.run)
	}
	l.say("done")
	return s, failed
}
