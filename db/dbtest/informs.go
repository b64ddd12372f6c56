package dbtest

import (
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
)

// said records an Inform of the session "s" now.
func (f *fixture) said(in db.Inform, enrol db.PhoneState, events ...string) (db.Recorded, error) {
	in.Now, in.Session, in.Enrol, in.Events = f.now, "s", enrol, events
	return f.RecordInform(f.ctx, in)
}

var informTests = []testCase{
	{"a phone cannot take another's MAC", func(f *fixture) {
		a, b := f.device(), f.device()
		mac := a.in.MAC
		for _, event := range []string{"2 PERIODIC", "1 BOOT"} {
			b.in.MAC = mac
			rec := b.session(event)
			f.ok(f.Flush(f.ctx), "Flush")
			if rec.Phone.ID != b.id || rec.Phone.MAC == mac {
				f.t.Errorf("%s: recorded as %s with MAC %s; want %s without the MAC of %s", event, rec.Phone.ID, rec.Phone.MAC, b.id, a.id)
			}
			if id, err := f.FindPhone(f.ctx, mac); id != a.id || err != nil {
				f.t.Errorf("%s: FindPhone by MAC = %v, %v; want %s", event, id, err, a.id)
			}
			f.check()
		}
	}},

	{"an Inform that brings nothing new is noted", func(f *fixture) {
		d := f.device()
		before, history := f.phone(d.id), all(f, of(f.History, d.id))
		for range 3 {
			f.later(time.Minute)
			d.in.Address = "192.0.2.99"
			rec := d.session("2 PERIODIC")
			f.same(db.Recorded{Phone: before.Phone}, rec, "RecordInform")
		}
		want := before
		want.LastInform, want.Address, want.Informs = f.now, "192.0.2.99", 4
		f.same(want, f.phone(d.id), "Phone at once")
		f.ok(f.Flush(f.ctx), "Flush")
		f.same(want, f.crash().phone(d.id), "Phone after a flush and a power cut")
		f.same(history, all(f, of(f.History, d.id)), "History")
	}},

	{"values that an Inform changes are kept, with their history", func(f *fixture) {
		for _, event := range []string{"4 VALUE CHANGE", "2 PERIODIC"} {
			d := f.device()
			first := f.now
			was := len(all(f, of(f.History, d.id)))
			f.later(time.Minute)
			d.in.Parameters = []db.Parameter{
				{Name: "Device.DeviceInfo.SoftwareVersion", Type: "string", Value: "2.10.4"},
				{Name: "Device.ManagementServer.ParameterKey", Type: "string"},
				{Name: "Device.New", Type: "boolean", Value: "1"},
			}
			rec := d.session(event)
			if rec.Phone.SoftwareVersion != "2.10.3" { // the record says it, not the parameter
				f.t.Errorf("%s: software version %q", event, rec.Phone.SoftwareVersion)
			}
			f.ok(f.Flush(f.ctx), "Flush")
			f.same([]db.Parameter{
				{Name: "Device.DeviceInfo.SoftwareVersion", Type: "string", Value: "2.10.4", Changed: f.now},
				{Name: "Device.ManagementServer.ParameterKey", Type: "string", Changed: first},
				{Name: "Device.New", Type: "boolean", Value: "1", Changed: f.now},
			}, f.parameters(d.id), "%s: Parameters", event)
			change := db.Change{Time: f.now, What: "Device.DeviceInfo.SoftwareVersion", Old: "2.10.3", New: "2.10.4", By: "phone"}
			h := all(f, of(f.History, d.id))
			if n := len(h) - was; n < 1 || !slices.Contains(h[:n], change) {
				f.t.Errorf("%s: history has %+v; want %+v", event, h, change)
			}
			f.later(time.Minute)
			d.session(event)
			f.ok(f.Flush(f.ctx), "Flush")
			for _, p := range f.parameters(d.id) {
				if p.Changed.Equal(f.now) {
					f.t.Errorf("%s: %s has changed without a change", event, p.Name)
				}
			}
		}
	}},

	{"a value that comes and goes is kept as it last was", func(f *fixture) {
		d := f.device()
		for i := range 20 {
			d.in.Parameters[0].Value = fmt.Sprint(i % 2)
			d.session([]string{"2 PERIODIC", "4 VALUE CHANGE"}[i%3%2])
		}
		f.ok(f.Flush(f.ctx), "Flush")
		if got := f.values(d.id)["Device.DeviceInfo.SoftwareVersion"]; got != "1" {
			f.t.Errorf("the value is %q; want that of the last Inform", got)
		}
		if n := f.phone(d.id).Informs; n != 21 {
			f.t.Errorf("%d Informs are counted; want 21", n)
		}
	}},

	{"what the caller changes afterwards is not the store's", func(f *fixture) {
		d := f.device()
		in := inform(f.made)
		in.Parameters = []db.Parameter{{Name: "Device.X", Type: "string", Value: "said"}}
		rec, err := f.said(in, "", "2 PERIODIC")
		f.ok(err, "RecordInform")
		in.Parameters[0].Value = "never said"
		rec.Phone.Name = "mine"
		f.ok(f.Flush(f.ctx), "Flush")
		if got := f.values(d.id)["Device.X"]; got != "said" {
			f.t.Errorf("Device.X is %q", got)
		}
		if got := f.phone(d.id).Name; got != "" {
			f.t.Errorf("the name is %q", got)
		}
	}},

	{"events are history", func(f *fixture) {
		d := f.device()
		f.later(time.Minute)
		d.session("0 BOOTSTRAP", "2 PERIODIC", "M Reboot")
		p := f.phone(d.id)
		if !p.Bootstrap.Equal(f.now) || p.Boot.Equal(f.now) {
			f.t.Errorf("bootstrap at %v, boot at %v; want now, and before", p.Bootstrap, p.Boot)
		}
		var events []string
		for _, c := range all(f, of(f.History, d.id)) {
			if c.What == "event" && c.Time.Equal(f.now) {
				events = append(events, c.New)
			}
		}
		slices.Sort(events)
		if !slices.Equal(events, []string{"0 BOOTSTRAP", "M Reboot"}) {
			f.t.Errorf("events in the history: %q", events)
		}
	}},

	{"a new firmware is seen at once and stays", func(f *fixture) {
		d := f.device()
		d.in.SoftwareVersion = "2.12.1"
		if rec := d.session("2 PERIODIC"); rec.Phone.SoftwareVersion != "2.12.1" {
			f.t.Errorf("recorded %q", rec.Phone.SoftwareVersion)
		}
		f.ok(f.Flush(f.ctx), "Flush")
		if got := f.crash().phone(d.id).SoftwareVersion; got != "2.12.1" {
			f.t.Errorf("after a flush and a power cut the version is %q", got)
		}
		found := paged(f, f.ListPhones, db.Query{Filter: f.filter("software_version = 2.12.1", db.PhoneFields)})
		if !slices.Equal(phoneIDs(found), []db.PhoneID{d.id}) {
			f.t.Errorf("phones with that version: %v", phoneIDs(found))
		}
	}},

	{"says whether work waits", func(f *fixture) {
		d := f.device()
		if d.session("2 PERIODIC").Work {
			f.t.Error("work waits for a phone without tasks")
		}
		j := f.create(f.order(d.id))
		f.expand(j.ID, f.waiting)
		if d.session("2 PERIODIC").Work {
			f.t.Error("work waits while the task waits for its time")
		}
		id := db.TaskID{Job: j.ID, Phone: d.id}
		f.release(id)
		for _, event := range []string{"2 PERIODIC", "1 BOOT"} {
			if !d.session(event).Work {
				f.t.Errorf("%s: no work, though a task is ready", event)
			}
		}
		d.send(id)
		if rec := d.session("2 PERIODIC"); rec.Work || len(rec.Open) != 1 {
			f.t.Errorf("work %v, %d open attempts; want the attempt that was sent", rec.Work, len(rec.Open))
		}
	}},

	{"says which attempts are open, oldest first", func(f *fixture) {
		d := f.device()
		var want []db.AttemptID
		ids := []db.TaskID{d.task(), d.task(), d.task()}
		for _, i := range []int{2, 0, 1} {
			f.later(time.Second)
			s := d.sending(ids[i])
			s.Exclusive = false
			_, err := f.MarkSent(f.ctx, s)
			f.ok(err, "MarkSent")
			want = append(want, db.AttemptID{Task: ids[i], N: 1})
		}
		for _, event := range []string{"2 PERIODIC", "M Reboot"} {
			rec := d.session(event)
			open := one(f, f.OpenAttempts)(d.id)
			f.same(open, rec.Open, "%s: Open", event)
			for i, o := range open {
				if o.ID != want[i] || o.Job.ID != o.ID.Task.Job || o.Task.State != db.TaskSent {
					f.t.Errorf("%s: open attempt %d is %v; want %v", event, i, o.ID, want[i])
				}
				f.same(f.task(o.ID.Task), o.Task, "%s: the task of %v", event, o.ID)
			}
		}
	}},

	{"the newest session owns the phone", func(f *fixture) {
		d := f.device()
		id := d.task()
		first := d.sending(id)
		d.session("2 PERIODIC")
		_, err := f.MarkSent(f.ctx, first)
		f.fails(err, db.ErrSuperseded, "MarkSent of a session before the newest")
		f.EndSession(d.id, first.Session) // too late to end anything
		second := d.sending(id)
		d.session("1 BOOT")
		_, err = f.MarkSent(f.ctx, second)
		f.fails(err, db.ErrSuperseded, "MarkSent of a session before a durable Inform")
		third := d.sending(id)
		f.EndSession(d.id, third.Session)
		_, err = f.MarkSent(f.ctx, third)
		f.fails(err, db.ErrSuperseded, "MarkSent of a session that has ended")
		f.inState(id, db.TaskReady)
		d.session("2 PERIODIC")
		d.send(id)
	}},

	{"a restart ends all sessions", func(f *fixture) {
		d := f.device()
		id := d.task()
		f.reopen()
		_, err := f.MarkSent(f.ctx, d.sending(id))
		f.fails(err, db.ErrSuperseded, "MarkSent of a session before the restart")
		none := d.sending(id)
		none.Session = ""
		_, err = f.MarkSent(f.ctx, none)
		f.fails(err, db.ErrSuperseded, "MarkSent of no session")
		f.inState(id, db.TaskReady)
		d.session("2 PERIODIC")
		d.send(id)
	}},
}
