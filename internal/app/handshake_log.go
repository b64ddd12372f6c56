package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/internal/logkey"
)

// sayEvery is how often a cause is told in the log, at most.
const sayEvery = time.Minute

// A complaint counts the failed handshakes of one listener and explains them in
// the log. It is safe for concurrent use.
type complaint struct {
	log      *slog.Logger
	listener string // the setting that it was opened by
	now      func() time.Time
	counters map[cause]prometheus.Counter

	mu    sync.Mutex
	said  map[cause]time.Time
	since map[cause]int // not told of since then
}

// newHandshakeMetric makes what all complaints count into.
func newHandshakeMetric(reg prometheus.Registerer) (*prometheus.CounterVec, error) {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "phoneacs_tls_handshakes_failed_total",
		Help: "TLS handshakes that failed, by listener and cause.",
	}, []string{"listener", "cause"})
	if err := reg.Register(vec); err != nil {
		return nil, fmt.Errorf("register metrics of handshakes: %w", err)
	}
	return vec, nil
}

func newComplaint(vec *prometheus.CounterVec, listener string, log *slog.Logger) *complaint {
	c := &complaint{
		log: log, listener: listener, now: time.Now, counters: make(map[cause]prometheus.Counter),
		said: make(map[cause]time.Time), since: make(map[cause]int),
	}
	for _, cause := range causes {
		c.counters[cause] = vec.WithLabelValues(listener, string(cause))
	}
	return c
}

// take is told of each failure.
func (c *complaint) take(from net.Addr, f failure) {
	c.counters[f.cause].Inc()
	level, count := slog.LevelDebug, 1
	if n, due := c.tell(f.cause); due {
		level, count = slog.LevelInfo, n
	}
	c.log.Log(context.Background(), level, "tls handshake failed", logkey.Listener, c.listener, logkey.Addr, from.String(),
		logkey.Rule, string(f.cause), logkey.Count, count, logkey.Why, f.why, logkey.Err, f.err)
}

// tell says whether a cause is to be told now, and of how many failures.
func (c *complaint) tell(of cause) (count int, due bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since[of]++
	now := c.now()
	if last, ok := c.said[of]; ok && now.Sub(last) < sayEvery {
		return 0, false
	}
	count = c.since[of]
	c.said[of], c.since[of] = now, 0
	return count, true
}
