package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"phoneacs/internal/logkey"
)

// failureLog logs work that is done over and over: when it begins to fail,
// once a minute while it does, and when it works again.
type failureLog struct {
	log   *slog.Logger
	clock clockwork.Clock
	mu    sync.Mutex
	since map[string]time.Time // work → last logged
	why   map[string]string    // work → why it fails just now
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
		delete(l.why, work)
		l.log.InfoContext(ctx, "background work goes on", logkey.Kind, work)
	case err != nil && (!failing || l.clock.Since(last) >= time.Minute):
		if l.since == nil {
			l.since, l.why = make(map[string]time.Time), make(map[string]string)
		}
		l.why[work] = err.Error()
		l.since[work] = l.clock.Now()
		l.log.WarnContext(ctx, "background work failed", logkey.Kind, work, logkey.Err, err)
	}
}

// now says why some work fails just now, or nothing.
func (l *failureLog) now(work string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.why[work]
}
