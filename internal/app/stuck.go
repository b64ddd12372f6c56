package app

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// stuckEvery is how often it is looked whether the disk answers.
const stuckEvery = time.Second

// watchDisk says in the log, once, that the disk does not answer, and once that
// it does again, until ctx ends. It asks the disk for nothing itself.
func (a *App) watchDisk(ctx context.Context) error {
	tick := time.NewTicker(stuckEvery)
	defer tick.Stop()
	var since time.Time // zero: it answers
	for {
		switch waited := a.store.Waited(); {
		case waited >= db.StuckAfter && since.IsZero():
			since = time.Now().Add(-waited)
			a.log.ErrorContext(ctx, "the disk does not answer: phones and changes are refused until it does",
				logkey.Path, a.cfg.Data, logkey.Duration, waited.Round(time.Second))
		case waited < db.StuckAfter && !since.IsZero():
			a.log.WarnContext(ctx, "the disk answers again; what waited for it has been done",
				logkey.Path, a.cfg.Data, logkey.Duration, time.Since(since).Round(time.Second))
			since = time.Time{}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// measureWait registers how long the disk keeps the store waiting.
func (a *App) measureWait() error {
	err := a.metrics.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "phoneacs_store_wait_seconds",
		Help: "How long the oldest step of the store has waited for the disk; 0: none waits. From 5 on phones and changes are refused.",
	}, func() float64 { return a.store.Waited().Seconds() }))
	if err != nil {
		return fmt.Errorf("register phoneacs_store_wait_seconds: %w", err)
	}
	return nil
}
