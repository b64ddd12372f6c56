package stun

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// outcome is what becomes of a datagram; the label of phoneacs_stun_packets_total.
type outcome uint8

const (
	plain     outcome = iota // it was answered
	provedIt                 // and proved whose binding it is
	asked                    // for the phone's password
	refused                  // answered by an error
	replayed                 // it was sent from elsewhere before
	ignored                  // it asks for an answer that nobody gets here
	malformed                // it is no Binding Request
	tooMany
	failed // it could not be judged or answered
	numOutcomes
)

var outcomes = [numOutcomes]string{"answered", "proven", "challenged", "refused", "replayed", "ignored", "malformed", "limited", "failed"}

type metrics struct {
	packets [numOutcomes]prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, t *table) (*metrics, error) {
	packets := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "phoneacs_stun_packets_total", Help: "Datagrams to the STUN service, by what became of them.",
	}, []string{"outcome"})
	m := new(metrics)
	for o, name := range outcomes {
		m.packets[o] = packets.WithLabelValues(name)
	}
	if reg == nil {
		return m, nil
	}
	bindings := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "phoneacs_stun_bindings", Help: "Bindings of NATs of which it is proven whose they are.",
	}, func() float64 { return float64(t.len()) })
	for _, c := range []prometheus.Collector{packets, bindings} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("stun: register metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) count(o outcome) { m.packets[o].Inc() }
