package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
)

// stopWithin is how long Run waits for scheduled work under way to end.
const stopWithin = 10 * time.Second

// Run makes tasks of accepted jobs, takes what falls due and wakes phones,
// until ctx ends. It begins with what was left undone when it last ended, and
// returns nil once all of it has stopped. It must run once at a time.
func (s *Service) Run(ctx context.Context) error {
	sched, err := gocron.NewScheduler(
		gocron.WithClock(s.clock),
		gocron.WithLocation(time.UTC),
		gocron.WithStopTimeout(stopWithin),
		gocron.WithGlobalJobOptions(gocron.WithSingletonMode(gocron.LimitModeReschedule)),
	)
	if err != nil {
		return fmt.Errorf("make scheduler: %w", err)
	}
	var works []work
	for _, j := range []struct {
		name  string
		every time.Duration
		do    func()
	}{
		{workDue, time.Second, func() {
			s.failing.report(ctx, workDue, s.takeDue(ctx))
			kick(s.wakes)
			kick(s.busy) // for what the store begins by itself, after a hold
		}},
		{workPrune, time.Hour, func() {
			s.failing.report(ctx, workPrune, s.store.Prune(ctx, s.clock.Now()))
		}},
	} {
		job, err := sched.NewJob(gocron.DurationJob(j.every), gocron.NewTask(j.do), gocron.WithName(j.name))
		if err != nil {
			return errors.Join(fmt.Errorf("schedule %s: %w", j.name, err), sched.Shutdown())
		}
		works = append(works, work{j.name, j.every, job})
	}
	s.works.Store(&works)
	defer s.works.Store(nil)
	s.partings.open()
	s.started.Store(s.clock.Now().UnixNano())
	var wg sync.WaitGroup
	wg.Go(func() { s.expandLoop(ctx) })
	wg.Go(func() { s.wakeLoop(ctx) })
	kick(s.busy)
	kick(s.wakes)
	sched.Start()
	<-ctx.Done()
	err = sched.Shutdown()
	wg.Wait()
	s.partings.stop()
	if err != nil {
		return fmt.Errorf("stop scheduler: %w", err)
	}
	return nil
}
