package admin

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"phoneacs/internal/logkey"
)

// metrics count requests by route, never by path: labels stay few.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	readers  prometheus.Gauge
	dropped  prometheus.Counter
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "phoneacs_admin_requests_total",
			Help: "Admin requests answered, by route (empty: none matched) and status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "phoneacs_admin_request_seconds",
			Help:    "How long admin requests took, by route; event streams are left out.",
			Buckets: []float64{.001, .005, .025, .1, .5, 2.5, 10, 60},
		}, []string{"route"}),
		readers: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "phoneacs_admin_event_readers",
			Help: "Open event streams.",
		}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "phoneacs_admin_event_readers_dropped_total",
			Help: "Event streams cut off because their reader could not keep up.",
		}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.readers, m.dropped} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) observe(x *exchange, took time.Duration) {
	m.requests.WithLabelValues(x.route, strconv.Itoa(x.status)).Inc()
	if x.route != streamRoute {
		m.seconds.WithLabelValues(x.route).Observe(took.Seconds())
	}
}

// scraper serves what a gatherer has; a collector that fails is logged and the
// others are shown.
func scraper(g prometheus.Gatherer, log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(g, promhttp.HandlerOpts{
		ErrorLog:            scrapeLog{log},
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: 4,
		Timeout:             10 * time.Second,
	})
}

type scrapeLog struct{ log *slog.Logger }

func (l scrapeLog) Println(v ...any) {
	l.log.Error("metrics incomplete", logkey.Err, strings.TrimSpace(fmt.Sprintln(v...)))
}
