package dbtest

import (
	"fmt"
	"time"

	"phoneacs/db"
)

// durabilityTests cut the power after a step has returned and ask what is
// left. What may be soft is not asked for.
var durabilityTests = []testCase{
	{"an Inform whose answer makes the phone forget", func(f *fixture) {
		d := f.device()
		for i, events := range [][]string{
			{"0 BOOTSTRAP"}, {"1 BOOT"}, {"4 VALUE CHANGE"}, {"7 TRANSFER COMPLETE"}, {"8 DIAGNOSTICS COMPLETE"},
			{"M Reboot"}, {"M Download"}, {"X OUI EVENT"}, {"2 PERIODIC", "1 BOOT"}, {"6 CONNECTION REQUEST", "4 VALUE CHANGE"},
		} {
			d.in.Parameters[0].Value = fmt.Sprint("value ", i)
			d.in.SoftwareVersion = fmt.Sprint("3.", i)
			d.session(events...)
			g := f.crash()
			if got := g.values(d.id)["Device.DeviceInfo.SoftwareVersion"]; got != d.in.Parameters[0].Value {
				f.t.Errorf("%q: the value is %q; want %q", events, got, d.in.Parameters[0].Value)
			}
			if got := g.phone(d.id).SoftwareVersion; got != d.in.SoftwareVersion {
				f.t.Errorf("%q: the version is %q; want %q", events, got, d.in.SoftwareVersion)
			}
			if h := all(g, of(g.History, d.id)); len(h) != len(all(f, of(f.History, d.id))) {
				f.t.Errorf("%q: the history has lost entries: %+v", events, h)
			}
		}
	}},

	{"an Inform that enrols a phone, whatever its events", func(f *fixture) {
		f.made++
		d := &device{f: f, in: inform(f.made)}
		d.in.Enrol = db.PhonePending
		id := d.session("2 PERIODIC").Phone.ID
		g := f.crash()
		f.same(f.phone(id), g.phone(id), "the phone")
		f.same(f.parameters(id), g.parameters(id), "its parameters")
	}},

	{"an Inform that changes something while work waits", func(f *fixture) {
		d := f.device()
		d.task()
		d.in.SoftwareVersion = "9.9"
		d.in.Parameters[0].Value = "9.9"
		d.session("2 PERIODIC")
		g := f.crash()
		if p := g.phone(d.id); p.SoftwareVersion != "9.9" || g.values(d.id)["Device.DeviceInfo.SoftwareVersion"] != "9.9" {
			f.t.Errorf("version %q, values %q", p.SoftwareVersion, g.values(d.id))
		}
	}},

	{"a durable Inform after a soft one", func(f *fixture) {
		for _, value := range []string{"other than before", "as before"} {
			for _, wait := range []time.Duration{0, time.Microsecond, time.Second} {
				d := f.device()
				see := func(f *fixture, when string) {
					f.t.Helper()
					if got := f.values(d.id)["Device.DeviceInfo.SoftwareVersion"]; got != value {
						f.t.Errorf("%v later, %s: the value is %q; want %q", wait, when, got, value)
					}
				}
				d.in.Parameters[0].Value = "as before"
				d.session("2 PERIODIC")
				f.later(wait)
				d.in.Parameters[0].Value = value
				d.session("4 VALUE CHANGE")
				see(f, "at once")
				see(f.crash(), "after a power cut")
				f.ok(f.Flush(f.ctx), "Flush") // must not bring the older value back
				see(f, "after a flush")
			}
		}
	}},

	{"an Inform that changes something softly, then work, then again", func(f *fixture) {
		d := f.device()
		d.in.Parameters[0].Value, d.in.SoftwareVersion = "9.9", "9.9"
		d.session("2 PERIODIC")
		d.task()
		d.session("2 PERIODIC") // nothing has changed since, but the disk does not know
		d.session("1 BOOT")
		g := f.crash()
		if p := g.phone(d.id); p.SoftwareVersion != "9.9" || g.values(d.id)["Device.DeviceInfo.SoftwareVersion"] != "9.9" {
			f.t.Errorf("version %q, values %q", p.SoftwareVersion, g.values(d.id))
		}
	}},

	{"every step of a task", func(f *fixture) {
		d := f.device()
		file := f.file("fw.bin", "bytes")
		same := func(what string) {
			f.t.Helper()
			f.ok(f.Flush(f.ctx), "Flush")
			f.same(f.snapshot(), f.crash().snapshot(), "after %s", what)
		}
		n := f.order(d.id)
		n.Idempotency = db.Idempotency{Token: 1, Key: "k", Body: [32]byte{1}}
		j := f.create(n)
		g := f.crash()
		if again, seen, err := g.CreateJob(g.ctx, n); again.ID != j.ID || !seen || err != nil {
			f.t.Errorf("CreateJob with the same key after a power cut = %s, %v, %v; want %s again", again.ID, seen, err, j.ID)
		}
		same("CreateJob")
		f.expand(j.ID, f.waiting)
		same("AddTasks")
		id := db.TaskID{Job: j.ID, Phone: d.id}
		f.release(id)
		same("ReleaseTasks")
		send := d.sending(id)
		send.Link = &db.Link{Hash: [32]byte{1}, File: file.ID, Name: file.Name, SHA256: file.SHA256, Size: file.Size, Budget: 100, Expires: send.Deadline}
		_, err := f.MarkSent(f.ctx, send)
		f.ok(err, "MarkSent")
		same("MarkSent")
		g = f.crash()
		if l, err := g.LinkByHash(g.ctx, [32]byte{1}); err != nil || l.Attempt != (db.AttemptID{Task: id, N: 1}) {
			f.t.Errorf("the link after a power cut: %+v, %v", l, err)
		}
		f.judge(f.verdict(id, 1, db.EventAccept))
		same("Judge accept")
		f.ok(f.NoteEvidence(f.ctx, id, 1, f.now, "seen"), "NoteEvidence")
		same("NoteEvidence")
		f.judge(f.verdict(id, 1, db.EventUnknown))
		same("Judge unknown")
		f.sweep(j.ID, db.SweepRetry)
		same("a sweep")
	}},

	{"every control of a job", func(f *fixture) {
		j := f.create(f.order(f.listed(3)...))
		f.expand(j.ID, f.waiting)
		same := func(what string, err error) {
			f.t.Helper()
			f.ok(err, what)
			f.same(f.snapshot(), f.crash().snapshot(), "after %s", what)
		}
		_, err := f.PauseJob(f.ctx, j.ID)
		same("PauseJob", err)
		_, err = f.ResumeJob(f.ctx, j.ID)
		same("ResumeJob", err)
		_, err = f.StartSweep(f.ctx, j.ID, db.SweepCancel, f.now)
		same("StartSweep", err)
		_, err = f.StepSweep(f.ctx, j.ID, 1, f.now)
		same("StepSweep", err)
	}},

	{"every record that an operator makes", func(f *fixture) {
		id := f.listed(2)[0]
		same := func(what string, err error) {
			f.t.Helper()
			f.ok(err, what)
			f.same(f.snapshot(), f.crash().snapshot(), "after %s", what)
		}
		site, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		same("CreateSite", err)
		_, err = f.UpdatePhone(f.ctx, id, db.PhonePatch{Site: &site.ID}, "ops")
		same("UpdatePhone", err)
		same("SetHold", f.SetHold(f.ctx, db.Hold{Site: site.ID, Since: f.now}))
		same("ClearHold", f.ClearHold(f.ctx, site.ID, 0))
		_, err = f.AddToken(f.ctx, db.Token{Name: "ops", Hash: db.HashToken("x"), Created: f.now})
		same("AddToken", err)
		file := f.file("a.bin", "bytes")
		same("AddFile", nil)
		g := f.crash()
		if got := g.bytes(file.SHA256); got != "bytes" {
			f.t.Errorf("the blob after a power cut is %q", got)
		}
		_, _, err = f.DeleteFile(f.ctx, file.ID)
		same("DeleteFile", err)
		same("DeletePhone", f.DeletePhone(f.ctx, id))
	}},
}
