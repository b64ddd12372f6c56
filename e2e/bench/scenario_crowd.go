package main

import (
	"context"

	"phoneacs/e2e/bench/load"
)

// bigCrowd is from how many sessions at a time on a server may take more
// memory.
const bigCrowd = 1000

// crowd measures memory and refusals with n sessions at a time: first phones
// with nothing new, then all of them after a boot, as when power comes back.
func crowd(n int) func(context.Context, *lab, *sheet) error {
	return func(ctx context.Context, l *lab, s *sheet) error {
		f := fleet{known: l.cfg.known, speak: l.cfg.known}
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

		var a, b []measure
		for _, event := range []load.Event{load.Periodic, load.Boot} {
			o := load.Options{AtOnce: n, Event: event, For: l.cfg.round}
			ma, err := l.measure(ctx, floor, o)
			if err != nil {
				return err
			}
			mb, err := l.measure(ctx, server, o)
			if err != nil {
				return err
			}
			a, b = append(a, ma), append(b, mb)
		}
		memory := memoryTarget
		if n >= bigCrowd {
			memory = crowdTarget
		}
		s.judgeMemory("RssAnon (VmHWM) of the server", b, memory)
		s.addMemory("RssAnon (VmHWM) of the floor", a)
		s.judgeLost(together(b))
		s.addPace("server (floor)", a, b)
		return nil
	}
}
