package app

import (
	"context"
	"errors"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// Something new is ordered each demoOften, and each demoSeldom once demoLively
// orders were given: a demo that is left alone must not grow without end.
const (
	demoOften  = 10 * time.Second
	demoSeldom = 5 * time.Minute
	demoLively = 360
)

// keepBusy orders small things until ctx ends, and names the phones that came
// by themselves.
func (d *demo) keepBusy(ctx context.Context, ids map[role][]db.PhoneID) {
	tick := time.NewTicker(demoOften)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if n == demoLively {
			tick.Reset(demoSeldom)
		}
		part, job := roleSlow, reading()
		if n%6 == 5 {
			part, job = roleRestarts, db.Job{Kind: db.KindReboot}
		}
		_, err := d.order(ctx, job, someOf(ids[part], n))
		if err := errors.Join(err, d.nameNew(ctx)); err != nil && ctx.Err() == nil {
			d.app.log.WarnContext(ctx, "demo goes on without an order", logkey.Err, err)
		}
	}
}

// someOf takes up to three, others with each turn.
func someOf(ids []db.PhoneID, turn int) []db.PhoneID {
	var out []db.PhoneID
	for i := range min(3, len(ids)) {
		out = append(out, ids[(3*turn+i)%len(ids)])
	}
	return out
}

// nameNew names and tags the phones that nobody has imported.
func (d *demo) nameNew(ctx context.Context) error {
	for i := range d.fleet.Len() {
		if !unlisted(i) {
			continue
		}
		mac := d.fleet.Phone(i).MAC().String()
		id, err := d.app.store.FindPhone(ctx, mac)
		if errors.Is(err, db.ErrNotFound) {
			continue
		} else if err != nil {
			return err
		}
		p, err := d.app.store.Phone(ctx, id)
		if err != nil {
			return err
		}
		if p.Name != "" {
			continue
		}
		name, tags := "demo, unexpected "+mac[8:], []string{"demo"}
		if _, err := d.app.store.UpdatePhone(ctx, id, db.PhonePatch{Name: &name, Tags: &tags}, actor); err != nil {
			return err
		}
	}
	return nil
}
