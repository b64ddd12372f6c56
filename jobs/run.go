package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/jonboulle/clockwork"

	"phoneacs/internal/logkey"
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
	for _, j := range []struct {
		name  string
		every time.Duration
		do    func()
	}{
		{"take what is due", time.Second, func() {
			s.failing.report(ctx, "taking what is due", s.takeDue(ctx))
			kick(s.wakes)
			kick(s.busy) // for what the store begins by itself, after a hold
		}},
		{"house-keeping", time.Hour, func() {
			s.failing.report(ctx, "house-keeping", s.store.Prune(ctx, s.clock.Now()))
		}},
	} {
		_, err := sched.NewJob(gocron.DurationJob(j.every), gocron.NewTask(j.do), gocron.WithName(j.name))
		if err != nil {
			return errors.Join(fmt.Errorf("schedule %s: %w", j.name, err), sched.Shutdown())
		}
	}
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

// failureLog logs work that is done over and over: when it begins to fail,
// once a minute while it does, and when it works again.
type failureLog struct {
	log   *slog.Logger
	clock clockwork.Clock
	mu    sync.Mutex
	since map[string]time.Time // work → last logged
}

func (l *failureLog) report(ctx context.Context, work string, err error) {
	if ctx.Err() != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	last, failing := l.since[work]
	switch {
	case err == nil && failing:
		delete(l.since, work)
		l.log.InfoContext(ctx, "background work goes on", logkey.Kind, work)
	case err != nil && (!failing || l.clock.Since(last) >= time.Minute):
		if l.since == nil {
			l.since = make(map[string]time.Time)
		}
		l.since[work] = l.clock.Now()
		l.log.WarnContext(ctx, "background work failed", logkey.Kind, work, logkey.Err, err)
	}
}
