package dbtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"phoneacs/db"
)

var phoneTests = []testCase{
	{"an unknown phone is not found", func(f *fixture) {
		_, err := f.Phone(f.ctx, 99)
		f.fails(err, db.ErrNotFound, "Phone")
		_, err = f.UpdatePhone(f.ctx, 99, db.PhonePatch{}, "ops")
		f.fails(err, db.ErrNotFound, "UpdatePhone")
		f.fails(f.DeletePhone(f.ctx, 99), db.ErrNotFound, "DeletePhone")
	}},

	{"an update changes what is given and nothing else", func(f *fixture) {
		id := f.device().id
		site, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.ok(err, "CreateSite")
		name, tags, user, secret := "front desk", []string{"lobby", "b", "lobby", "a"}, "acs", "s3cret"
		want := f.phone(id)
		for _, step := range []struct {
			name   string
			patch  db.PhonePatch
			change func(p *db.PhoneStatus)
		}{
			{"nothing", db.PhonePatch{}, func(*db.PhoneStatus) {}},
			{"name", db.PhonePatch{Name: &name}, func(p *db.PhoneStatus) { p.Name = name }},
			{"site", db.PhonePatch{Site: &site.ID}, func(p *db.PhoneStatus) { p.Site = site.ID }},
			{"tags", db.PhonePatch{Tags: &tags}, func(p *db.PhoneStatus) { p.Tags = []string{"a", "b", "lobby"} }},
			{"user", db.PhonePatch{ConnectionRequestUser: &user}, func(p *db.PhoneStatus) { p.ConnectionRequestUser = user }},
			{"password", db.PhonePatch{ConnectionRequestPassword: &secret}, func(*db.PhoneStatus) {}},
			{"no tags", db.PhonePatch{Tags: new([]string)}, func(p *db.PhoneStatus) { p.Tags = nil }},
			{"no name", db.PhonePatch{Name: new(string)}, func(p *db.PhoneStatus) { p.Name = "" }},
		} {
			step.change(&want)
			got, err := f.UpdatePhone(f.ctx, id, step.patch, "ops")
			f.ok(err, "UpdatePhone: %s", step.name)
			f.same(want, got, "UpdatePhone: %s", step.name)
			f.same(want, f.phone(id), "Phone after UpdatePhone: %s", step.name)
		}
		if !slices.Equal(tags, []string{"lobby", "b", "lobby", "a"}) {
			f.t.Errorf("UpdatePhone has sorted the caller's tags: %q", tags)
		}
	}},

	{"an update that a record cannot hold changes nothing", func(f *fixture) {
		id := f.device().id
		before := f.snapshot()
		name, site, pending := "x", db.SiteID(99), db.PhonePending
		_, err := f.UpdatePhone(f.ctx, id, db.PhonePatch{Name: &name, Site: &site}, "ops")
		f.failsField(err, "site", "UpdatePhone to an unknown site")
		_, err = f.UpdatePhone(f.ctx, id, db.PhonePatch{Name: &name, State: &pending}, "ops")
		f.failsField(err, "state", "UpdatePhone to pending")
		f.same(before, f.snapshot(), "after refused updates")
	}},

	{"approval", func(f *fixture) {
		f.made++
		in := inform(f.made)
		in.Enrol, in.Now, in.Session = db.PhonePending, f.now, "s"
		rec, err := f.RecordInform(f.ctx, in)
		f.ok(err, "RecordInform")
		f.same(map[db.PhoneState]int{db.PhonePending: 1}, nonZero(none(f, f.CountPhones)), "CountPhones")
		approved := db.PhoneApproved
		for range 2 { // the second changes nothing
			p, err := f.UpdatePhone(f.ctx, rec.Phone.ID, db.PhonePatch{State: &approved}, "ops")
			f.ok(err, "approve")
			if p.State != db.PhoneApproved {
				f.t.Errorf("the phone is %s", p.State)
			}
			f.same(map[db.PhoneState]int{db.PhoneApproved: 1}, nonZero(none(f, f.CountPhones)), "CountPhones")
		}
		f.listed(3)
		f.same(map[db.PhoneState]int{db.PhoneApproved: 4}, nonZero(none(f, f.CountPhones)), "CountPhones")
	}},

	{"a phone is woken for its ready tasks when it is approved", func(f *fixture) {
		f.made++
		d := &device{f: f, in: inform(f.made)}
		d.in.Enrol = db.PhonePending
		d.id = d.session("1 BOOT").Phone.ID
		id := d.task()
		approved, name := db.PhoneApproved, "desk"
		for _, step := range []struct {
			patch db.PhonePatch
			wakes int
		}{
			{db.PhonePatch{Name: &name}, 0},
			{db.PhonePatch{State: &approved}, 1},
			{db.PhonePatch{State: &approved}, 0}, // it was already
		} {
			_, err := f.UpdatePhone(f.ctx, d.id, step.patch, "ops")
			f.ok(err, "UpdatePhone")
			due := f.woken()
			if len(due) != step.wakes || step.wakes > 0 && (due[0].Phone != d.id || due[0].Job != id.Job) {
				f.t.Errorf("woken are %+v; want %d", due, step.wakes)
			}
		}
	}},

	{"history tells who changed what, newest first", func(f *fixture) {
		id := f.device().id
		was := len(all(f, of(f.History, id)))
		a, b, secret := "desk", "front desk", "s3cret"
		for _, patch := range []db.PhonePatch{{Name: &a}, {Name: &b}, {ConnectionRequestPassword: &secret}} {
			_, err := f.UpdatePhone(f.ctx, id, patch, "ops")
			f.ok(err, "UpdatePhone")
		}
		h := all(f, of(f.History, id))
		if len(h) != was+3 {
			f.t.Fatalf("3 changes made %d entries", len(h)-was)
		}
		if c := h[1]; c.What != "name" || c.Old != a || c.New != b || c.By != "ops" {
			f.t.Errorf("the second newest change is %+v; want the name from %q to %q by ops", c, a, b)
		}
		if c := h[2]; c.Old != "" || c.New != a {
			f.t.Errorf("the oldest change is %+v; want the name to %q", c, a)
		}
		for _, c := range h {
			if strings.Contains(c.Old+c.New, secret) {
				f.t.Errorf("the history gives the password away: %+v", c)
			}
		}
	}},

	{"history keeps so many changes and no more", func(f *fixture) {
		id := f.device().id
		for i := range db.HistoryKept + 7 {
			name := fmt.Sprint("name ", i)
			_, err := f.UpdatePhone(f.ctx, id, db.PhonePatch{Name: &name}, "ops")
			f.ok(err, "UpdatePhone")
		}
		h := paged(f, of(f.History, id), db.Query{Limit: 7})
		if len(h) != db.HistoryKept {
			f.t.Fatalf("the history has %d entries; want %d", len(h), db.HistoryKept)
		}
		for i, c := range h {
			if want := fmt.Sprint("name ", db.HistoryKept+6-i); c.New != want {
				f.t.Fatalf("entry %d is %+v; want %q", i, c, want)
			}
		}
	}},

	{"parameters are listed below a prefix, by name", func(f *fixture) {
		d := f.device()
		d.in.Parameters = nil
		for _, name := range []string{"Device.B.2", "Device.B.1", "Device.A", "Device.BC", "Device.B.10"} {
			d.in.Parameters = append(d.in.Parameters, db.Parameter{Name: name, Type: "string", Value: "v " + name})
		}
		d.session("1 BOOT")
		for prefix, want := range map[string][]string{
			"Device.B.": {"Device.B.1", "Device.B.10", "Device.B.2"},
			"Device.A":  {"Device.A"},
			"Device.X.": nil,
		} {
			list := func(ctx context.Context, q db.Query) (db.Page[db.Parameter], error) {
				return f.Parameters(ctx, d.id, prefix, q)
			}
			for _, limit := range []int{1, 2, 100} {
				var got []string
				for _, p := range paged(f, list, db.Query{Limit: limit}) {
					got = append(got, p.Name)
					if p.Value != "v "+p.Name || p.Type != "string" || !p.Changed.Equal(f.now) {
						f.t.Errorf("parameter %+v; want its value, type and time", p)
					}
				}
				if !slices.Equal(got, want) {
					f.t.Errorf("below %q, %d a page: %q; want %q", prefix, limit, got, want)
				}
			}
		}
	}},

	{"a deleted phone is gone for good", func(f *fixture) {
		d := f.device()
		ref := d.in.OUI + "-" + d.in.ProductClass + "-" + d.in.Serial
		f.ok(f.SetHold(f.ctx, db.Hold{Phone: d.id, Since: f.now}), "SetHold")
		f.ok(f.DeletePhone(f.ctx, d.id), "DeletePhone")
		_, err := f.Phone(f.ctx, d.id)
		f.fails(err, db.ErrNotFound, "Phone")
		for _, r := range []string{d.id.String(), d.in.MAC, ref, d.in.OUI + "-" + d.in.Serial} {
			_, err := f.FindPhone(f.ctx, r)
			f.fails(err, db.ErrNotFound, "FindPhone %s", r)
		}
		if n := len(all(f, f.ListPhones)) + len(all(f, f.ListHolds)); n != 0 {
			f.t.Errorf("%d phones and holds are left", n)
		}
		f.same(map[db.PhoneState]int{}, nonZero(none(f, f.CountPhones)), "CountPhones")
		f.fails(f.DeletePhone(f.ctx, d.id), db.ErrNotFound, "DeletePhone again")

		rec := d.session("0 BOOTSTRAP")
		if !rec.Created || rec.Phone.ID == d.id {
			f.t.Errorf("the phone comes back as %s, created %v; an id is never given twice", rec.Phone.ID, rec.Created)
		}
		if h := f.phone(rec.Phone.ID); h.Held || h.Informs != 1 {
			f.t.Errorf("the new record has the old one's hold or contact: %+v", h)
		}
	}},

	{"a deleted phone's unsent tasks are cancelled", func(f *fixture) {
		d, other := f.device(), f.device()
		j := f.create(f.order(d.id, other.id))
		f.expand(j.ID, ready)
		k := f.create(f.order(d.id))
		f.expand(k.ID, f.waiting)
		done := d.task()
		d.send(done)
		f.judge(f.verdict(done, 1, db.EventProof))

		f.ok(f.DeletePhone(f.ctx, d.id), "DeletePhone")
		f.inState(db.TaskID{Job: j.ID, Phone: d.id}, db.TaskCancelled)
		f.inState(db.TaskID{Job: j.ID, Phone: other.id}, db.TaskReady)
		f.inState(db.TaskID{Job: k.ID, Phone: d.id}, db.TaskCancelled)
		f.inState(done, db.TaskSucceeded)
		if s := f.job(k.ID).State; s != db.JobEnded {
			f.t.Errorf("the job for the phone alone is %s", s)
		}
	}},

	{"a phone with an open attempt stays", func(f *fixture) {
		d := f.device()
		id := d.task()
		d.send(id)
		f.fails(f.DeletePhone(f.ctx, d.id), db.ErrInUse, "DeletePhone while sent")
		f.judge(f.verdict(id, 1, db.EventAccept))
		f.fails(f.DeletePhone(f.ctx, d.id), db.ErrInUse, "DeletePhone while proving")
		f.inState(id, db.TaskProving)
		f.judge(f.verdict(id, 1, db.EventProof))
		f.ok(f.DeletePhone(f.ctx, d.id), "DeletePhone")
	}},

	{"a wake's fate is noted", func(f *fixture) {
		d := f.device()
		f.later(time.Minute)
		f.RecordWake(d.id, f.now, "", "connection refused")
		if p := f.phone(d.id); !p.LastWake.Equal(f.now) || p.WakeError != "connection refused" {
			f.t.Errorf("wake at %v: %q", p.LastWake, p.WakeError)
		}
		f.later(time.Minute)
		f.RecordWake(d.id, f.now, "udp", "")
		f.RecordWake(d.id, f.now, "", "") // it came by itself
		f.RecordWake(99, f.now, "", "no such phone")
		f.ok(f.Flush(f.ctx), "Flush")
		p := f.crash().phone(d.id)
		if !p.LastWake.Equal(f.now) || p.WakeError != "" || p.WakeWay != "udp" || p.Informs != 1 {
			f.t.Errorf("after a power cut: wake at %v: %q, by %q, %d Informs", p.LastWake, p.WakeError, p.WakeWay, p.Informs)
		}
		f.RecordWake(d.id, f.now, "", "no\x00answer")
		f.ok(f.Flush(f.ctx), "Flush")
		if p := f.crash().phone(d.id); p.WakeError != "no answer" || p.WakeWay != "udp" {
			f.t.Errorf("after a failure: %q, by %q", p.WakeError, p.WakeWay)
		}
	}},
}

func nonZero[K comparable](m map[K]int) map[K]int {
	out := make(map[K]int)
	for k, n := range m {
		if n != 0 {
			out[k] = n
		}
	}
	return out
}
