package dbtest

import (
	"fmt"

	"phoneacs/db"
)

var replaceTests = []testCase{
	{"a broken phone is replaced by one that is made", func(f *fixture) {
		d := f.device()
		site, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.ok(err, "CreateSite")
		name, tags := "Lobby", []string{"a", "b"}
		_, err = f.UpdatePhone(f.ctx, d.id, db.PhonePatch{Name: &name, Site: &site.ID, Tags: &tags}, "ops")
		f.ok(err, "UpdatePhone")
		user, password := "u", "p"
		_, err = f.SetCredentials(f.ctx, d.id, db.CredentialsPatch{OwnUser: &user, OwnPassword: &password}, "ops")
		f.ok(err, "SetCredentials")
		f.ok(f.SetHold(f.ctx, db.Hold{Phone: d.id, Reason: "r", Since: f.now}), "SetHold")
		f.ok(f.SetPhoneQuirks(f.ctx, d.id, nil, []byte(`{"x":1}`), "ops"), "SetPhoneQuirks")
		waits := f.create(f.order(d.id))
		f.expand(waits.ID, f.waiting)
		ready := f.create(f.order(d.id))
		f.expand(ready.ID, f.waiting)
		f.release(db.TaskID{Job: ready.ID, Phone: d.id})
		late := f.create(f.order(d.id)) // its tasks are not made yet

		r := db.Replacement{Old: d.id, MAC: "0c383effff01", Now: f.now, By: "ops"}
		out, err := f.ReplacePhone(f.ctx, r)
		f.ok(err, "ReplacePhone")
		if !out.Made || out.Moved != 2 || out.Kept != 0 || out.Closed != 0 || out.New == d.id {
			f.t.Errorf("ReplacePhone = %+v", out)
		}
		f.same(f.snapshot(), f.crash().snapshot(), "after a power cut")
		p, old := f.phone(out.New), f.phone(d.id)
		if p.State != db.PhoneApproved || p.Name != name || p.Site != site.ID || fmt.Sprint(p.Tags) != "[a b]" || p.MAC != r.MAC || !p.Held {
			f.t.Errorf("the new phone is %+v", p)
		}
		if old.State != db.PhoneReplaced || old.Held || len(old.Tags) > 0 || old.Proof != db.ProvesNothing {
			f.t.Errorf("the old phone is %+v", old)
		}
		f.same(db.Credentials{}, f.credentials(d.id), "the old phone's logins")
		if q := one(f, f.PhoneQuirks)(out.New); string(q.Set) != `{"x":1}` {
			f.t.Errorf("quirks %s", q.Set)
		}
		f.expand(late.ID, f.waiting)
		if got := all(f, of(f.PhoneTasks, out.New)); len(got) != 3 || got[0].ID.Job != late.ID || got[1].State != db.TaskReady || got[2].State != db.TaskWaiting {
			f.t.Errorf("the new phone's tasks: %+v", got)
		}
		if got := all(f, of(f.PhoneTasks, d.id)); len(got) != 0 {
			f.t.Errorf("the old phone's tasks: %+v", got)
		}
		if by := one(f, f.ReplacedBy)(d.id); by != out.New {
			f.t.Errorf("ReplacedBy = %s", by)
		}

		before := f.snapshot()
		again, err := f.ReplacePhone(f.ctx, r)
		f.ok(err, "ReplacePhone again")
		f.same(db.Replaced{New: out.New, Again: true}, again, "ReplacePhone again")
		f.same(before, f.snapshot(), "what it changed")
		_, err = f.ReplacePhone(f.ctx, db.Replacement{Old: d.id, MAC: "0c383effff02", Now: f.now})
		f.fails(err, db.ErrConflict, "ReplacePhone by another")
	}},

	{"what was sent to a phone that is replaced ends unknown, and its links with it", func(f *fixture) {
		d, heir := f.device(), f.device()
		file := f.file("fw.bin", "bytes")
		j := f.create(f.order(d.id))
		f.expand(j.ID, f.waiting)
		id := db.TaskID{Job: j.ID, Phone: d.id}
		f.release(id)
		send := d.sending(id)
		send.Link = &db.Link{Hash: [32]byte{1}, File: file.ID, Name: file.Name, SHA256: file.SHA256, Size: file.Size, Budget: 100, Expires: send.Deadline}
		_, err := f.MarkSent(f.ctx, send)
		f.ok(err, "MarkSent")
		both := f.create(f.order(d.id, heir.id))
		f.expand(both.ID, f.waiting)

		out, err := f.ReplacePhone(f.ctx, db.Replacement{Old: d.id, New: heir.id, Now: f.now, By: "ops"})
		f.ok(err, "ReplacePhone")
		f.same(db.Replaced{New: heir.id, Kept: 1, Closed: 1, OwnTasks: 1}, out, "ReplacePhone")
		task := one(f, f.Task)(id)
		if task.State != db.TaskFailed || task.Cause != db.CauseUnknown || task.Last().Outcome != db.OutcomeUnknown {
			f.t.Errorf("the task that was sent: %+v", task)
		}
		_, err = f.LinkByHash(f.ctx, [32]byte{1})
		f.fails(err, db.ErrNotFound, "LinkByHash")
		if task := one(f, f.Task)(db.TaskID{Job: both.ID, Phone: d.id}); task.State != db.TaskCancelled {
			f.t.Errorf("the old phone's share of an order of both: %+v", task)
		}
		f.same(f.snapshot(), f.crash().snapshot(), "after a power cut")
		approved := db.PhoneApproved
		_, err = f.UpdatePhone(f.ctx, d.id, db.PhonePatch{State: &approved}, "ops")
		f.ok(err, "UpdatePhone of one that was mended")
		if by := one(f, f.ReplacedBy)(d.id); by != 0 {
			f.t.Errorf("a phone in use again is replaced by %s", by)
		}
		f.ok(f.DeletePhone(f.ctx, heir.id), "DeletePhone")
	}},

	{"what cannot replace a phone", func(f *fixture) {
		ids := f.listed(3)
		for _, r := range []db.Replacement{
			{Old: ids[0], New: ids[0]}, {Old: ids[0], New: 99}, {Old: ids[0], MAC: "nonsense"}, {Old: ids[0]},
		} {
			_, err := f.ReplacePhone(f.ctx, r)
			f.failsField(err, "with", fmt.Sprintf("ReplacePhone %+v", r))
		}
		_, err := f.ReplacePhone(f.ctx, db.Replacement{Old: 99, New: ids[0]})
		f.fails(err, db.ErrNotFound, "ReplacePhone of none")
		_, err = f.ReplacePhone(f.ctx, db.Replacement{Old: ids[0], New: ids[1], Now: f.now})
		f.ok(err, "ReplacePhone")
		_, err = f.ReplacePhone(f.ctx, db.Replacement{Old: ids[2], New: ids[0], Now: f.now})
		f.failsField(err, "with", "ReplacePhone by one that was replaced")
	}},
}
