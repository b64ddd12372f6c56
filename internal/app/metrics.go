package app

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
)

// countLimit bounds what a scrape may wait for the store.
const countLimit = 5 * time.Second

// phonesByState shows how many phones there are; a store that cannot say is a
// scrape without them.
type phonesByState struct {
	store interface {
		CountPhones(ctx context.Context) (map[db.PhoneState]int, error)
	}
	desc *prometheus.Desc
}

func (c *phonesByState) Describe(to chan<- *prometheus.Desc) { to <- c.desc }

func (c *phonesByState) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countLimit)
	defer cancel()
	counts, err := c.store.CountPhones(ctx)
	if err != nil {
		return
	}
	for _, state := range db.PhoneStates {
		to <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(counts[state]), string(state))
	}
}

// measure registers what is known of the whole.
func (a *App) measure() error {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "phoneacs_build_info", Help: "1, by the version of the program and of Go.",
		ConstLabels: prometheus.Labels{"version": Version, "goversion": runtime.Version()},
	})
	info.Set(1)
	for _, c := range []prometheus.Collector{info, &phonesByState{a.store,
		prometheus.NewDesc("phoneacs_phones", "Phones that are known, by state.", []string{"state"}, nil)}} {
		if err := a.metrics.Register(c); err != nil {
			return fmt.Errorf("register metrics of the server: %w", err)
		}
	}
	return nil
}
