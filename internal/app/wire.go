package app

import (
	"context"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"phoneacs/acs"
	"phoneacs/admin"
	"phoneacs/jobs"
	"phoneacs/provision"
)

// A lateWaker lets jobs be made before the endpoint that wakes for it, which
// itself needs jobs. Nobody is woken before both run.
type lateWaker struct{ jobs.Waker }

// wire makes the four that do things and introduces them to each other.
func (a *App) wire(context.Context) error {
	base, err := publicBase(a.cfg.PublicURL)
	if err != nil {
		return err
	}
	networks, err := prefixes(a.cfg.Networks)
	if err != nil {
		return err
	}
	proxies, err := prefixes(a.cfg.Proxies)
	if err != nil {
		return err
	}
	hosts, err := hostNames(a.cfg.Hosts)
	if err != nil {
		return err
	}
	metrics := a.metrics
	metrics.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if a.handshakes, err = newHandshakeMetric(metrics); err != nil {
		return err
	}
	clock := clockwork.NewRealClock()

	if a.files, err = provision.New(provision.Options{
		Store: a.store, Clock: clock, Log: a.log, Registerer: metrics,
	}); err != nil {
		return err
	}
	waker := new(lateWaker)
	if a.jobs, err = jobs.New(jobs.Options{
		Store: a.store, Waker: waker, Files: a.files, Clock: clock, Log: a.log, Registerer: metrics,
	}); err != nil {
		return err
	}
	if a.acs, err = acs.New(acs.Options{
		Store: a.store, Dispatcher: a.jobs, Clock: clock, Log: a.log,
		Enrol: acs.Enrol(a.cfg.Enrol), PublicURL: base, InformPace: a.cfg.InformPace, WakeGap: a.cfg.WakeGap,
		PhoneNetworks: networks, TrustedProxies: proxies, Registerer: metrics,
	}); err != nil {
		return err
	}
	waker.Waker = a.acs
	var ca []byte
	if a.authority != nil {
		ca = a.authority.PEM()
	}
	a.admin, err = admin.New(admin.Options{
		Store: a.store, Orders: a.jobs, Waker: a.acs, Catalogue: a.files, Remarks: a.acs,
		Gatherer: metrics, Registerer: metrics, Clock: clock, Log: a.log,
		Version: Version, Drain: a.drain, Hosts: hosts, CA: ca,
	})
	return err
}
