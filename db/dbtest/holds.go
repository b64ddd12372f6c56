package dbtest

import (
	"time"

	"phoneacs/db"
)

var holdTests = []testCase{
	{"a hold covers its scope, the widest first", func(f *fixture) {
		depot, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.ok(err, "CreateSite")
		ids := f.listed(3)
		_, err = f.UpdatePhone(f.ctx, ids[1], db.PhonePatch{Site: &depot.ID}, "ops")
		f.ok(err, "UpdatePhone")
		fleet := db.Hold{Reason: "storm", By: "ops", Since: f.now}
		site := db.Hold{Site: depot.ID, Reason: "works", By: "ops", Since: f.now}
		phone := db.Hold{Phone: ids[1], Reason: "vip", By: "ops", Since: f.now}
		covered := func(want ...*db.Hold) {
			f.t.Helper()
			for i, w := range want {
				h, held, err := f.Held(f.ctx, ids[i])
				f.ok(err, "Held")
				if held != (w != nil) || held && diff(*w, h) != "" {
					f.t.Errorf("phone %d is held %v by %+v; want %+v", i, held, h, w)
				}
				if got := f.phone(ids[i]).Held; got != held {
					f.t.Errorf("phone %d says that it is held: %v; want %v", i, got, held)
				}
			}
		}
		covered(nil, nil, nil)
		f.ok(f.SetHold(f.ctx, phone), "SetHold for a phone")
		covered(nil, &phone, nil)
		f.ok(f.SetHold(f.ctx, site), "SetHold for a site")
		covered(nil, &site, nil)
		f.ok(f.SetHold(f.ctx, fleet), "SetHold for the fleet")
		covered(&fleet, &fleet, &fleet)
		f.reopen()
		covered(&fleet, &fleet, &fleet)
		if h := all(f, f.ListHolds); len(h) != 3 || diff(fleet, h[0]) != "" {
			f.t.Errorf("ListHolds = %+v; want three, the fleet's first", h)
		}
		f.ok(f.ClearHold(f.ctx, 0, 0), "ClearHold of the fleet")
		covered(nil, &site, nil)
		home := db.DefaultSite
		_, err = f.UpdatePhone(f.ctx, ids[1], db.PhonePatch{Site: &home}, "ops")
		f.ok(err, "UpdatePhone")
		covered(nil, &phone, nil) // it has left the site
		f.ok(f.ClearHold(f.ctx, 0, ids[1]), "ClearHold of a phone")
		f.ok(f.ClearHold(f.ctx, depot.ID, 0), "ClearHold of a site")
		covered(nil, nil, nil)
	}},

	{"a hold is replaced by another with its scope", func(f *fixture) {
		for _, reason := range []string{"first", "second"} {
			f.ok(f.SetHold(f.ctx, db.Hold{Reason: reason, Since: f.now}), "SetHold")
			f.later(time.Minute)
		}
		if h := all(f, f.ListHolds); len(h) != 1 || h[0].Reason != "second" {
			f.t.Errorf("ListHolds = %+v; want the second", h)
		}
	}},

	{"what is not there", func(f *fixture) {
		f.fails(f.SetHold(f.ctx, db.Hold{Site: 99}), db.ErrNotFound, "SetHold for an unknown site")
		f.fails(f.SetHold(f.ctx, db.Hold{Phone: 99}), db.ErrNotFound, "SetHold for an unknown phone")
		f.fails(f.ClearHold(f.ctx, 0, 0), db.ErrNotFound, "ClearHold of the fleet")
		f.fails(f.ClearHold(f.ctx, db.DefaultSite, 0), db.ErrNotFound, "ClearHold of a site")
		f.fails(f.ClearHold(f.ctx, 0, 99), db.ErrNotFound, "ClearHold of a phone")
		if h := all(f, f.ListHolds); len(h) != 0 {
			f.t.Errorf("ListHolds = %+v", h)
		}
	}},

	{"a hold stops what changes a phone, from its commit on", func(f *fixture) {
		d := f.device()
		id := d.task()
		for name, h := range map[string]db.Hold{
			"fleet": {}, "site": {Site: db.DefaultSite}, "phone": {Phone: d.id},
		} {
			f.ok(f.SetHold(f.ctx, h), "SetHold for the %s", name)
			_, err := f.MarkSent(f.ctx, d.sending(id))
			f.fails(err, db.ErrHeld, "MarkSent under a hold for the %s", name)
			f.inState(id, db.TaskReady)
			f.ok(f.ClearHold(f.ctx, h.Site, h.Phone), "ClearHold of the %s", name)
		}
		f.ok(f.SetHold(f.ctx, db.Hold{}), "SetHold")
		s := d.sending(id)
		s.Changes, s.Exclusive = false, false // a read
		_, err := f.MarkSent(f.ctx, s)
		f.ok(err, "MarkSent of what changes nothing, under a hold")
		f.judge(f.verdict(id, 1, db.EventProof)) // a hold stops no answer
	}},

	{"phones are woken for ready tasks when a hold goes", func(f *fixture) {
		d, idle, waits := f.device(), f.device(), f.device()
		id := d.task()
		j := f.create(f.order(waits.id))
		f.expand(j.ID, f.waiting)
		for name, h := range map[string]db.Hold{
			"fleet": {}, "site": {Site: db.DefaultSite}, "phone": {Phone: d.id},
		} {
			f.ok(f.SetHold(f.ctx, h), "SetHold for the %s", name)
			if due := f.woken(); len(due) != 0 {
				f.t.Errorf("%s: woken while held: %+v", name, due)
			}
			f.ok(f.ClearHold(f.ctx, h.Site, h.Phone), "ClearHold of the %s", name)
			f.reopen()
			if due := f.woken(); len(due) != 1 || due[0].Phone != d.id || due[0].Job != id.Job {
				f.t.Errorf("%s: woken are %+v; want %s alone, not %s or %s", name, due, d.id, idle.id, waits.id)
			}
		}
	}},
}

// woken does what is to be done for jobs, and takes and drops all wakes.
func (f *fixture) woken() []db.Due {
	f.t.Helper()
	for _, j := range none(f, f.BusyJobs) {
		f.steps(j.ID, 1)
	}
	// Some wakes are due by the store's own clock.
	due, err := f.TakeDue(f.ctx, time.Now().Add(365*24*time.Hour), 99, time.Minute, db.DueWake)
	f.ok(err, "TakeDue")
	f.ok(f.DropDue(f.ctx, due), "DropDue")
	return due
}
