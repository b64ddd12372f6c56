package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"phoneacs/e2e/bench/load"
)

// A fleet says what a server knows before it is measured.
type fleet struct {
	known int    // phones imported: numbers 0 to known-1
	speak int    // of these, how many inform, drawn at random
	extra int    // bytes of parameters stored for each that informs
	use   string // fleets of different uses share no data
}

// phones returns those that inform, in random order: neighbours in the store
// that inform together would make a commit cheaper than it is.
func (f fleet) phones() []load.Phone { return load.Sample(f.known, f.speak) }

// data returns a data directory with that fleet. The first to ask waits until
// it is made: imported, and each phone that will inform has done so twice,
// because a first session is not like the others. The server that made it has
// ended, so that what is measured later never carries the making in its memory.
func (l *lab) data(ctx context.Context, f fleet) (string, error) {
	if dir, ok := l.fleets[f]; ok {
		return dir, nil
	}
	l.say("making a fleet of %s phones", grouped(f.known))
	dir := filepath.Join(l.dir, l.name("data"))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("make a fleet: %w", err)
	}
	s, err := l.serve(ctx, dir)
	if err != nil {
		return "", fmt.Errorf("make a fleet: %w", err)
	}
	defer s.stop()
	if err := s.admin.importPhones(ctx, load.Fleet(f.known), l.cfg.importRows); err != nil {
		return "", fmt.Errorf("make a fleet: %w", err)
	}
	if err := l.introduce(ctx, side{s, f.phones()}, f.extra); err != nil {
		return "", fmt.Errorf("make a fleet: %w", err)
	}
	l.fleets[f] = dir
	return dir, nil
}

// introduce has each phone inform: after a boot, then unchanged, then once
// with the extra parameters, if it has any.
func (l *lab) introduce(ctx context.Context, s side, extra int) error {
	if err := l.inform(ctx, s, load.Boot, 0); err != nil {
		return err
	}
	if err := l.inform(ctx, s, load.Periodic, 0); err != nil {
		return err
	}
	if extra == 0 {
		return nil
	}
	return l.inform(ctx, s, load.ValueChange, extra)
}

// inform has each phone inform once. All must be served.
func (l *lab) inform(ctx context.Context, s side, event load.Event, extra int) error {
	r, err := load.Run(ctx, load.Options{
		Addr: s.addr, Path: s.path, Phones: s.phones, AtOnce: l.cfg.atOnce, Spread: true,
		Event: event, Extra: extra, Passes: 1,
	})
	if err != nil {
		return err
	}
	if r.Lost() > 0 {
		return fmt.Errorf("%d of %d phones could not inform: %w", r.Lost(), len(s.phones), r.FirstError)
	}
	return nil
}
