package jobs

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
)

// metrics are what the service counts. No label has more values than the
// program has names for.
type metrics struct {
	orders   *prometheus.CounterVec // kind
	ended    *prometheus.CounterVec // state
	attempts *prometheus.CounterVec // kind, outcome
	wakes    *prometheus.CounterVec // result
	upkeep   *prometheus.CounterVec // kind
	made     prometheus.Counter
	chunk    prometheus.Histogram
	lag      *prometheus.HistogramVec // what
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	name := func(n, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "phoneacs", Subsystem: "jobs", Name: n, Help: help}
	}
	counter := func(n, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts(name(n, help)), labels)
	}
	m := &metrics{
		orders:   counter("orders_total", "Jobs accepted, by kind.", "kind"),
		ended:    counter("tasks_ended_total", "Tasks that came to a final state, by state.", "state"),
		attempts: counter("attempts_total", "Attempts that got an outcome, by kind and outcome.", "kind", "outcome"),
		wakes:    counter("wakes_total", "Phones asked to begin a session, by result.", "result"),
		upkeep:   counter("upkeep_total", "RPCs sent for the server's own sake, by kind of upkeep.", "kind"),
		made:     prometheus.NewCounter(prometheus.CounterOpts(name("tasks_made_total", "Tasks made of accepted jobs."))),
		chunk: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "phoneacs", Subsystem: "jobs", Name: "expand_seconds",
			Help:    "How long it took to make a chunk of tasks.",
			Buckets: prometheus.ExponentialBuckets(0.002, 2, 12),
		}),
		lag: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "phoneacs", Subsystem: "jobs", Name: "due_lag_seconds",
			Help:    "How long after it fell due something was taken up, by what.",
			Buckets: prometheus.ExponentialBuckets(0.01, 4, 10),
		}, []string{"what"}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.orders, m.ended, m.attempts, m.wakes, m.upkeep, m.made, m.chunk, m.lag} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics of jobs: %w", err)
		}
	}
	return m, nil
}

var dueNames = map[db.DueKind]string{
	db.DueRelease: "release", db.DueDeadline: "deadline", db.DueExpire: "expiry", db.DueWake: "wake", db.DueAdmit: "admission", db.DueRecur: "recurrence",
	db.DueClose: "closing",
}

func (m *metrics) observeLag(now time.Time, due []db.Due) {
	for _, d := range due {
		m.lag.WithLabelValues(dueNames[d.Kind]).Observe(max(0, now.Sub(d.At).Seconds()))
	}
}
