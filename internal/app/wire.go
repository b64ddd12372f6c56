package app

import (
	"context"
	"fmt"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"phoneacs/acs"
	"phoneacs/admin"
	"phoneacs/internal/quirkbook"
	"phoneacs/internal/record"
	"phoneacs/jobs"
	"phoneacs/provision"
)

// A lateWaker lets jobs be made before the endpoint that wakes for it, which
// itself needs jobs. Nobody is woken before both run.
type lateWaker struct{ jobs.Waker }

// A lateWitness lets files be made before the jobs that hear of what they show.
type lateWitness struct{ provision.Witness }

// wire makes the four that do things and introduces them to each other.
func (a *App) wire(ctx context.Context) error {
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
	if err := a.measure(); err != nil {
		return err
	}
	clock := clockwork.NewRealClock()
	warn, err := a.cfg.warnFree()
	if err != nil {
		return a.cfg.bad("warn-free", err)
	}
	a.room = &room{store: a.store, warn: warn}
	if err := measureSpace(metrics, a.room); err != nil {
		return err
	}
	if err := a.measureWait(); err != nil {
		return err
	}

	witness := new(lateWitness)
	if a.files, err = provision.New(provision.Options{
		Store: a.store, Clock: clock, Log: a.log, Registerer: metrics, Witness: witness,
	}); err != nil {
		return err
	}
	if a.quirks, err = quirkbook.New(ctx, quirkbook.Options{
		Store: a.store, File: a.cfg.Quirks, Clock: clock, Log: a.log,
	}); err != nil {
		return fmt.Errorf("quirks: %w", err)
	}
	notifier, err := a.speakSIP(ctx, networks)
	if err != nil {
		return err
	}
	if err := a.listenSTUN(ctx, clock); err != nil {
		return err
	}
	waker := new(lateWaker)
	if a.jobs, err = jobs.New(jobs.Options{
		Store: a.store, Waker: waker, Files: a.files, Notifier: notifier, Quirks: a.quirks, Zone: zoneOf(a.cfg.Zone), STUN: a.stunSetup(ctx, base), Clock: clock, Log: a.log, Registerer: metrics,
	}); err != nil {
		return err
	}
	witness.Witness = a.jobs
	if a.recorder, err = record.New(ctx, record.Options{
		Store: a.store, Clock: clock, Log: a.log, Failed: !a.cfg.NoRecordFailed, Registerer: metrics,
	}); err != nil {
		return err
	}
	door, err := a.door(clock)
	if err != nil {
		return err
	}
	var bindings acs.STUN
	if a.stun != nil {
		bindings = a.stun
	}
	if a.acs, err = acs.New(acs.Options{
		STUN: bindings, Store: a.store, Dispatcher: a.jobs, Quirks: a.quirks, Clock: clock, Log: a.log, LogBusy: a.cfg.LogSessions == "busy", Recorder: a.recorder,
		Door: door, Enrol: acs.Enrol(a.cfg.Enrol), PublicURL: base, InformPace: a.cfg.InformPace, WakeGap: a.cfg.WakeGap,
		PhoneNetworks: networks, TrustedProxies: proxies, Dial: a.cfg.Dial, Registerer: metrics,
	}); err != nil {
		return err
	}
	waker.Waker = a.acs
	var ca []byte
	if a.authority != nil {
		ca = a.authority.PEM()
	}
	if a.backups, err = newKeeper(a.store, a.cfg.Data, a.cfg.backupsKept(), clock, a.log); err != nil {
		return err
	}
	a.admin, err = admin.New(admin.Options{
		Store: a.store, Orders: a.jobs, Waker: a.acs, Catalogue: a.files, Quirks: a.quirks, Recorder: a.recorder, Remarks: a.acs, Backups: a.backups,
		Gatherer: metrics, Registerer: metrics, Clock: clock, Log: a.log,
		Zone: zoneOf(a.cfg.Zone), Version: Version, Drain: a.drain, Hosts: hosts, CA: ca, Demo: a.cfg.Demo > 0, Warning: a.room.Warning,
	})
	return err
}
