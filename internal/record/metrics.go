package record

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Why something was not kept; the label of phoneacs_recordings_dropped_total.
const (
	dropQueue = "queue" // too much waits to be written
	dropRate  = "rate"  // too many sessions fail, or a sender sends too much
	dropStore = "store" // it could not be written
	dropGone  = "gone"  // the phone was deleted
)

type metrics struct {
	kept       map[bool]prometheus.Counter // by whether the phone was chosen
	dropped    *prometheus.CounterVec
	unreadable prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, r *Recorder) (*metrics, error) {
	kept := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "phoneacs_recordings_total", Help: "Sessions that were kept: of chosen phones, or because they failed.",
	}, []string{"why"})
	m := &metrics{
		kept: map[bool]prometheus.Counter{true: kept.WithLabelValues("chosen"), false: kept.WithLabelValues("failed")},
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "phoneacs_recordings_dropped_total", Help: "Sessions and unreadable messages that were not kept, by why.",
		}, []string{"why"}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "phoneacs_unreadable_total", Help: "Messages of phones that were not understood, and kept.",
		}),
	}
	for _, why := range []string{dropQueue, dropRate, dropStore, dropGone} {
		m.dropped.WithLabelValues(why)
	}
	if reg == nil {
		return m, nil
	}
	held := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "phoneacs_recordings_held_bytes", Help: "Bytes in memory of sessions that may be kept.",
	}, func() float64 { return float64(r.held.Load()) })
	for _, c := range []prometheus.Collector{kept, m.dropped, m.unreadable, held} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("record: register metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) lost(why string) { m.dropped.WithLabelValues(why).Inc() }
