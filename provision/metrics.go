package provision

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts without naming phones: labels are few and fixed.
type metrics struct {
	requests  *prometheus.CounterVec // by HTTP status
	refusals  *prometheus.CounterVec // by rule
	bytes     prometheus.Counter
	uploaded  prometheus.Counter
	transfers prometheus.GaugeFunc
}

func newMetrics(underWay func() float64) *metrics {
	return &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "phoneacs_file_requests_total",
			Help: "Requests below /files/ by the HTTP status of the answer.",
		}, []string{"status"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "phoneacs_file_refusals_total",
			Help: "Requests below /files/ that did not get a file, by the rule that refused them.",
		}, []string{"rule"}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "phoneacs_file_bytes_total",
			Help: "Bytes of files handed to the network.",
		}),
		uploaded: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "phoneacs_upload_bytes_total",
			Help: "Bytes of files of phones that were kept.",
		}),
		transfers: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "phoneacs_file_transfers",
			Help: "Transfers of files under way.",
		}, underWay),
	}
}

func (m *metrics) register(r prometheus.Registerer) error {
	if r == nil {
		return nil
	}
	for _, c := range []prometheus.Collector{m.requests, m.refusals, m.bytes, m.uploaded, m.transfers} {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *metrics) count(status int, bytes int64, why *refusal) {
	m.requests.WithLabelValues(strconv.Itoa(status)).Inc()
	m.bytes.Add(float64(bytes))
	if why != nil {
		m.refusals.WithLabelValues(why.rule).Inc()
	}
}
