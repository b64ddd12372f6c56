package sip

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Results of notices, the label of phoneacs_sip_notifies_total.
const (
	resultOK           = "ok"
	resultRefused      = "refused"
	resultUnauthorised = "unauthorised"
	resultTimeout      = "timeout"
	resultUnsent       = "unsent"
	resultCut          = "cut" // the server stopped first
)

// What became of datagrams, the label of phoneacs_sip_received_total.
const (
	gotAnswer     = "answer"
	gotStray      = "stray"      // an answer to nothing, or from elsewhere
	gotUnreadable = "unreadable" // no SIP, or too long
	gotRefused    = "refused"    // a request that was told so
	gotDropped    = "dropped"    // one too many, or one that is never answered
)

type metrics struct {
	notifies *prometheus.CounterVec
	received *prometheus.CounterVec
	repeats  prometheus.Counter
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		notifies: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "phoneacs_sip_notifies_total", Help: "NOTIFYs to phones, by how they ended.",
		}, []string{"result"}),
		received: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "phoneacs_sip_received_total", Help: "Datagrams that came to the SIP socket, by what became of them.",
		}, []string{"what"}),
		repeats: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "phoneacs_sip_retransmissions_total", Help: "NOTIFYs sent again since no answer had come.",
		}),
	}
	for _, result := range []string{resultOK, resultRefused, resultUnauthorised, resultTimeout, resultUnsent, resultCut} {
		m.notifies.WithLabelValues(result)
	}
	for _, what := range []string{gotAnswer, gotStray, gotUnreadable, gotRefused, gotDropped} {
		m.received.WithLabelValues(what)
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.notifies, m.received, m.repeats} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("sip metrics: %w", err)
		}
	}
	return m, nil
}
