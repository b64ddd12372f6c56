package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
	"phoneacs/internal/sim"
)

// MaxDemo is the most phones of a demo.
const MaxDemo = 1000

// demoFile marks a data directory as that of a demo, so that neither a demo
// gets at the store of real phones nor the other way round.
const demoFile = "demo"

const demoText = "This store is of a demo: its phones are simulated. It can be deleted.\n"

// demoDrain is the longest that a demo's end waits for its own phones.
const demoDrain = 5 * time.Second

// checkDemo reports what cannot be with a demo, and a data directory that is
// of the other sort.
func (c *Config) checkDemo() []error {
	marked := false
	if c.Data != "" {
		_, err := os.Stat(filepath.Join(c.Data, demoFile))
		marked = err == nil
	}
	if c.Demo == 0 {
		if marked {
			return []error{c.bad("data", fmt.Errorf("%s holds the store of a demo, whose phones are simulated: "+
				"serve it with --demo, or give another directory", c.Data))}
		}
		return nil
	}
	var errs []error
	say := func(setting, format string, args ...any) {
		errs = append(errs, c.bad(setting, fmt.Errorf(format, args...)))
	}
	if c.Demo < 0 || c.Demo > MaxDemo {
		say("demo", "%d: want 1 to %d phones", c.Demo, MaxDemo)
	}
	if c.CWMP == "" {
		say("cwmp", "is missing: a demo's phones speak without TLS")
	}
	if c.PublicURL != "" {
		say("public-url", "cannot be with --demo: its phones are in this process and reach it by loopback")
	}
	if c.Auth == "basic" || c.Auth == "digest-sha256" {
		say("auth", "cannot be %s with --demo: its phones know digest-md5", c.Auth)
	}
	if c.Data != "" && !marked {
		switch list, err := os.ReadDir(c.Data); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			say("data", "cannot be read: %w", err)
		case len(list) > 0:
			say("data", "%s is in use and not by a demo: leave it out for a temporary directory, or give one that is empty", c.Data)
		}
	}
	return errs
}

// A demo is simulated phones that live in the server's own process and speak
// to it over loopback, and somebody who gives them something to do.
type demo struct {
	dir       string // of the store
	temporary bool   // it goes with the demo
	phones    int

	app   *App
	fleet *sim.Fleet
}

// newDemo makes the data directory, marks it, and changes the settings to what
// a demo needs beside what was told. It returns nil where none is asked for.
func newDemo(c *Config) (_ *demo, err error) {
	if c.Demo == 0 {
		return nil, nil
	}
	d := &demo{dir: c.Data, phones: c.Demo}
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "phoneacs-demo-"); err != nil {
			return nil, fmt.Errorf("directory of the demo: %w", err)
		}
		d.temporary = true
	} else if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return nil, fmt.Errorf("directory of the demo: %w", err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, demoFile), []byte(demoText), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("mark the directory of the demo: %w", err), d.remove())
	}
	c.Data = d.dir
	c.Drain = min(c.Drain, demoDrain)
	c.Networks = append(c.Networks[:len(c.Networks):len(c.Networks)], "127.0.0.0/8", "::1/128")
	return d, nil
}

// remove takes away what is temporary; the store is closed.
func (d *demo) remove() error {
	if d == nil || !d.temporary {
		return nil
	}
	if err := os.RemoveAll(d.dir); err != nil {
		return fmt.Errorf("remove the directory of the demo: %w", err)
	}
	return nil
}

// banner says what is not real.
func (d *demo) banner() string {
	if d == nil {
		return ""
	}
	kept := "is kept"
	if d.temporary {
		kept = "goes when this ends"
	}
	return fmt.Sprintf("DEMO: %d simulated phones on three sites, named and tagged \"demo\"; no real phone is reached, and the data %s.\n", d.phones, kept)
}

// admits says which of the phones are let in.
func (d *demo) admits() string {
	waiting := 0
	for i := range d.phones {
		if unlisted(i) {
			waiting++
		}
	}
	if waiting == 0 {
		return "The phones of the demo are all let in.\n"
	}
	return fmt.Sprintf("The phones of the demo are let in, but for %d that nobody has listed: they wait for approval.\n", waiting)
}

// run gives the phones a past and something to do, and lets them live until ctx
// ends. When the server stops they get no further orders.
func (d *demo) run(ctx context.Context) error {
	a := d.app
	d.fleet = d.newFleet()
	a.log.WarnContext(ctx, "this is a demo: all phones are simulated", logkey.Count, d.phones, logkey.Path, d.dir)
	ids, err := d.furnish(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("furnish: %w", err)
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() {
		select {
		case <-a.drain:
			stop()
		case <-working.Done():
		}
	})
	work.Go(func() { d.keepBusy(working, ids) })
	err = d.fleet.Run(ctx)
	stop()
	return err
}

// newFleet makes the phones. One in ten misbehaves in each of three ways: what
// an operator has to live with is part of what there is to see.
func (d *demo) newFleet() *sim.Fleet {
	a := d.app
	at := addrPort(a.cwmpListener)
	f := sim.New(sim.Options{
		ACS: "http://" + at.String() + "/acs", Phones: d.phones, Seed: 1,
		Username: a.cfg.EnrolUser, Password: a.cfg.EnrolPassword,
		PeriodicInterval: max(30*time.Second, time.Duration(d.phones)*100*time.Millisecond),
		RetryScale:       0.2, Spread: 8 * time.Second, BootTime: 3 * time.Second, Concurrency: 64,
		CallEvery: 10 * time.Minute, CallFor: 2 * time.Minute,
	})
	for i := range f.Len() {
		switch roleOf(i) {
		case roleRefuses:
			f.Phone(i).Set(sim.Behaviour{FaultNext: map[string]int{"Download": 9010}})
		case roleMute:
			f.Phone(i).Set(sim.Behaviour{NeverReport: true, NeverFetch: true})
		case roleSlow:
			f.Phone(i).Set(sim.Behaviour{Delay: 2 * time.Second})
		}
	}
	return f
}

// actor is who a demo's orders are said to be of.
const actor = "demo"

// order has a job accepted for phones; none means no job.
func (d *demo) order(ctx context.Context, j db.Job, ids []db.PhoneID) (db.JobID, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	for _, id := range ids {
		j.Selection.Phones = append(j.Selection.Phones, id.String())
	}
	j.By = actor
	if j.When.At.IsZero() {
		j.When.Now = true
	}
	st, _, err := d.app.jobs.Order(ctx, db.NewJob{Job: j})
	if err != nil {
		return 0, fmt.Errorf("order %s: %w", j.Kind, err)
	}
	return st.ID, nil
}
