package acs

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// informOutcome is the label of phoneacs_informs_total.
type informOutcome uint8

const (
	informAccepted informOutcome = iota
	informCreated                // of a phone that was unknown
	informRefused                // phoneacs_rejections_total says why
	numInformOutcomes
)

var informOutcomes = [numInformOutcomes]string{"accepted", "created", "refused"}

// metrics counts. What every session touches is looked up once, here.
type metrics struct {
	ended      map[ending]prometheus.Counter
	informs    [numInformOutcomes]prometheus.Counter
	rejections *prometheus.CounterVec
	wakes      *prometheus.CounterVec
	ways       *prometheus.CounterVec
	proofs     *prometheus.CounterVec
	duration   prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer, open *sessions) (*metrics, error) {
	counters := func(name, label, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "phoneacs_" + name, Help: help}, []string{label})
	}
	ended := counters("sessions_total", "result", "CWMP sessions that have ended, by how.")
	informs := counters("informs_total", "outcome", "Informs, by what became of them.")
	m := &metrics{
		ended:      make(map[ending]prometheus.Counter),
		rejections: counters("rejections_total", "rule", "Messages of phones that were refused, by the rule they broke."),
		wakes:      counters("wakes_total", "result", "Connection requests, by how the phone took them."),
		ways: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "phoneacs_wake_ways_total", Help: "Ways that were tried to wake a phone, by how that went.",
		}, []string{"way", "result"}),
		proofs: counters("proofs_total", "outcome", "Informs, by how their sender proved who it is."),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "phoneacs_cwmp_request_seconds",
			Help:    "Time from the headers of a POST to the end of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
	}
	for _, e := range endings {
		m.ended[e] = ended.WithLabelValues(string(e))
	}
	for i, o := range informOutcomes {
		m.informs[i] = informs.WithLabelValues(o)
	}
	if reg == nil {
		return m, nil
	}
	gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "phoneacs_sessions_open", Help: "CWMP sessions that are open.",
	}, func() float64 { return float64(open.open.Load()) })
	for _, c := range []prometheus.Collector{ended, informs, m.rejections, m.wakes, m.ways, m.proofs, m.duration, gauge} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("acs: register metrics: %w", err)
		}
	}
	return m, nil
}

// tried counts one way of waking a phone.
func (m *metrics) tried(way string, failure *WakeError) {
	result := wakeOK
	if failure != nil {
		result = failure.Result
	}
	m.ways.WithLabelValues(way, result).Inc()
}
