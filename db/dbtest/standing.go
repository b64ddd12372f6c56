package dbtest

import (
	"strings"
	"time"
	"unicode/utf8"

	"phoneacs/db"
)

func rebootItem() db.StandingItem {
	return db.StandingItem{Kind: db.KindReboot, Retry: db.Retry{Max: 1, Backoff: time.Minute}, Deadline: time.Minute, Expires: time.Hour}
}

func (f *fixture) standing(o db.StandingOrder) db.StandingOrder {
	f.t.Helper()
	if o.Items == nil {
		o.Items = []db.StandingItem{rebootItem()}
	}
	o.Created = f.now
	o, err := f.CreateStanding(f.ctx, o)
	f.ok(err, "CreateStanding")
	return o
}

// jobOf is what a standing order makes for a phone.
func (f *fixture) jobOf(o db.StandingOrder) db.StandingJob {
	it := o.Items[0]
	return db.StandingJob{Order: o.ID, Job: db.Job{
		Kind: it.Kind, Args: it.Args, When: db.When{Now: true}, Retry: it.Retry, Deadline: it.Deadline,
		Created: f.now, Expires: f.now.Add(it.Expires), By: "standing order " + o.Name,
	}, Seed: db.TaskSeed{State: db.TaskReady, Wake: true, Why: "ready"}}
}

// admissions are the entries of phones whose standing orders wait.
func (f *fixture) admissions() []db.Due {
	f.t.Helper()
	// The store dates them by its own clock.
	due, err := f.TakeDue(f.ctx, f.now.AddDate(100, 0, 0), 100, 0, db.DueAdmit)
	f.ok(err, "TakeDue")
	return due
}

var standingTests = []testCase{
	{"a phone is admitted once, when it is approved and has informed", func(f *fixture) {
		f.standing(db.StandingOrder{Name: "first"})
		pending, err := f.arrives(1, db.PhonePending)
		f.ok(err, "inform")
		listed := f.imports(db.PhoneImport{MAC: inform(2).MAC}, db.PhoneImport{MAC: inform(3).MAC})
		if due := f.admissions(); len(due) != 0 || pending.Admit {
			f.t.Fatalf("admitted: %+v", due)
		}
		approved := db.PhoneApproved
		_, err = f.UpdatePhone(f.ctx, pending.Phone.ID, db.PhonePatch{State: &approved}, "ops")
		f.ok(err, "UpdatePhone")
		rec, err := f.arrives(2, "", "2 PERIODIC")
		f.ok(err, "inform of a listed phone")
		if !rec.Admit || rec.Phone.ID != listed[0].ID {
			f.t.Errorf("recorded %+v; want it admitted", rec)
		}
		open, err := f.arrives(4, db.PhoneApproved)
		f.ok(err, "inform")
		if !open.Admit {
			f.t.Error("a phone that was let in at once is not admitted")
		}
		want := map[db.PhoneID]bool{pending.Phone.ID: true, listed[0].ID: true, open.Phone.ID: true}
		for _, g := range []*fixture{f, f.crash()} {
			due := g.admissions()
			if len(due) != 3 {
				f.t.Fatalf("%d admitted; want 3", len(due))
			}
			for _, d := range due {
				if !want[d.Phone] || d.Attempt != 1 {
					f.t.Errorf("entry %+v", d)
				}
			}
		}
		for range 2 {
			_, err = f.arrives(2, "", "1 BOOT")
			f.ok(err, "inform")
			_, err = f.UpdatePhone(f.ctx, pending.Phone.ID, db.PhonePatch{State: &approved}, "ops")
			f.ok(err, "UpdatePhone")
			f.imports(db.PhoneImport{MAC: inform(1).MAC})
		}
		if n := len(f.admissions()); n != 3 {
			f.t.Errorf("%d entries after all was repeated; want 3", n)
		}
	}},

	{"a listed phone that waited is admitted by the list", func(f *fixture) {
		f.standing(db.StandingOrder{Name: "first"})
		_, err := f.arrives(1, db.PhonePending)
		f.ok(err, "inform")
		f.imports(db.PhoneImport{MAC: inform(1).MAC})
		if n := len(f.admissions()); n != 1 {
			f.t.Errorf("%d entries; want 1", n)
		}
	}},

	{"without standing orders nothing waits, then or later", func(f *fixture) {
		rec, err := f.arrives(1, db.PhoneApproved)
		f.ok(err, "inform")
		f.standing(db.StandingOrder{Name: "late"})
		again, err := f.arrives(1, db.PhoneApproved, "1 BOOT")
		f.ok(err, "inform")
		if rec.Admit || again.Admit || len(f.admissions()) != 0 {
			f.t.Error("a phone that was admitted before waits for an order that came after")
		}
	}},

	{"the jobs are made once, with the end of the entry", func(f *fixture) {
		o := f.standing(db.StandingOrder{Name: "first"})
		rec, err := f.arrives(1, db.PhoneApproved)
		f.ok(err, "inform")
		d, ok, err := f.Admission(f.ctx, rec.Phone.ID)
		f.ok(err, "Admission")
		if !ok || d.Phone != rec.Phone.ID {
			f.t.Fatalf("Admission = %+v, %v", d, ok)
		}
		f.fails(f.DropDue(f.ctx, []db.Due{d}), db.ErrConflict, "DropDue of what is still to be done")
		before := f.crash()
		ids, err := f.ApplyStanding(f.ctx, d, []db.StandingJob{f.jobOf(o), f.jobOf(o)}, f.now)
		f.ok(err, "ApplyStanding")
		_, err = f.ApplyStanding(f.ctx, d, []db.StandingJob{f.jobOf(o)}, f.now)
		f.fails(err, db.ErrConflict, "ApplyStanding again")
		if len(ids) != 2 {
			f.t.Fatalf("made %v", ids)
		}
		for _, g := range []*fixture{f, f.crash()} {
			if n := len(all(g, g.ListJobs)); n != 2 || len(g.admissions()) != 0 {
				f.t.Errorf("%d jobs, %d entries; want 2 and none", n, len(g.admissions()))
			}
			j := g.job(ids[0])
			if j.State != db.JobActive || j.Selected != 1 || j.Expanded != 1 || j.By != "standing order first" {
				f.t.Errorf("job %+v", j)
			}
			g.inState(db.TaskID{Job: ids[0], Phone: rec.Phone.ID}, db.TaskReady)
			if st, err := g.StandingOrder(g.ctx, o.ID); err != nil || st.Applied != 1 || !st.Last.Equal(f.now) {
				f.t.Errorf("the order is %+v, %v; want it applied once", st, err)
			}
		}
		ids, err = before.ApplyStanding(before.ctx, d, []db.StandingJob{before.jobOf(o)}, before.now)
		if err != nil || len(ids) != 1 {
			f.t.Errorf("after a power cut before it: %v, %v", ids, err)
		}
		rec, err = f.arrives(1, db.PhoneApproved, "1 BOOT")
		f.ok(err, "inform")
		if rec.Admit || !rec.Work {
			f.t.Errorf("recorded %+v; want work and no admission", rec)
		}
	}},

	{"orders that are gone, paused or without their file are left out", func(f *fixture) {
		file := f.file("a.cfg", "config")
		gone, paused := f.standing(db.StandingOrder{Name: "gone"}), f.standing(db.StandingOrder{Name: "paused"})
		item := rebootItem()
		item.Kind, item.Args.File = db.KindDownload, file.ID
		down := f.standing(db.StandingOrder{Name: "download", Items: []db.StandingItem{item}})
		rec, err := f.arrives(1, db.PhoneApproved)
		f.ok(err, "inform")
		_, _, err = f.DeleteFile(f.ctx, file.ID)
		f.fails(err, db.ErrInUse, "DeleteFile of what a standing order needs")
		jobs := []db.StandingJob{f.jobOf(gone), f.jobOf(paused), f.jobOf(down)}
		f.ok(f.DeleteStanding(f.ctx, gone.ID), "DeleteStanding")
		f.fails(f.DeleteStanding(f.ctx, gone.ID), db.ErrNotFound, "DeleteStanding again")
		paused.Paused = true
		_, err = f.UpdateStanding(f.ctx, paused)
		f.ok(err, "UpdateStanding")
		down.Items = []db.StandingItem{rebootItem()}
		_, err = f.UpdateStanding(f.ctx, down)
		f.ok(err, "UpdateStanding")
		_, _, err = f.DeleteFile(f.ctx, file.ID)
		f.ok(err, "DeleteFile")
		d, _, err := f.Admission(f.ctx, rec.Phone.ID)
		f.ok(err, "Admission")
		ids, err := f.ApplyStanding(f.ctx, d, jobs, f.now)
		if err != nil || len(all(f, f.ListJobs)) != 0 {
			f.t.Errorf("made %v, %v; want none", ids, err)
		}
	}},

	{"orders that cannot be are refused", func(f *fixture) {
		f.standing(db.StandingOrder{Name: "First"})
		bad := rebootItem()
		bad.Args.File = 99
		for field, o := range map[string]db.StandingOrder{
			"name":               {Name: "first", Items: []db.StandingItem{rebootItem()}},
			"items":              {Name: "a"},
			"filter":             {Name: "b", Filter: "model = ", Items: []db.StandingItem{rebootItem()}},
			"items[0].args.file": {Name: "c", Items: []db.StandingItem{bad}},
		} {
			_, err := f.CreateStanding(f.ctx, o)
			f.failsField(err, field, "CreateStanding")
		}
		for i := range db.MaxStanding - 1 {
			f.standing(db.StandingOrder{Name: db.StandingID(i + 1).String()})
		}
		_, err := f.CreateStanding(f.ctx, db.StandingOrder{Name: "more", Items: []db.StandingItem{rebootItem()}})
		f.fails(err, db.ErrTooMany, "one more")
		if n := len(all(f, f.ListStanding)); n != db.MaxStanding {
			f.t.Errorf("%d orders", n)
		}
	}},

	{"a phone that is forgotten leaves no admission", func(f *fixture) {
		f.standing(db.StandingOrder{Name: "first"})
		rec, err := f.arrives(1, db.PhoneApproved)
		f.ok(err, "inform")
		f.ok(f.DeletePhone(f.ctx, rec.Phone.ID), "DeletePhone")
		if n := len(f.admissions()); n != 0 {
			f.t.Errorf("%d entries", n)
		}
		again, err := f.arrives(1, db.PhoneApproved)
		f.ok(err, "inform")
		if !again.Admit || again.Phone.ID == rec.Phone.ID {
			f.t.Error("a phone that comes again after it was forgotten is not new")
		}
	}},
}

var editTests = []testCase{
	{"pending phones are approved, others left", func(f *fixture) {
		f.standing(db.StandingOrder{Name: "first"})
		a, err := f.arrives(1, db.PhonePending)
		f.ok(err, "inform")
		b, err := f.arrives(2, db.PhonePending)
		f.ok(err, "inform")
		f.made = 10
		other := f.device()
		j := f.create(f.order(a.Phone.ID))
		f.expand(j.ID, ready)
		ids := []db.PhoneID{a.Phone.ID, b.Phone.ID, other.id, 999}
		res, err := f.EditPhones(f.ctx, ids, f.filter(`mac != "`+inform(2).MAC+`"`, db.PhoneFields), db.PhoneEdit{Approve: true, AddTags: []string{"new"}}, "ops")
		f.ok(err, "EditPhones")
		f.same(db.EditResult{Changed: 1, Unchanged: 2}, res, "result")
		if p := f.phone(a.Phone.ID); p.State != db.PhoneApproved || len(p.Tags) != 1 {
			f.t.Errorf("phone %+v", p)
		}
		if f.phone(b.Phone.ID).State != db.PhonePending {
			f.t.Error("a phone that the filter does not pass was approved")
		}
		wakes, err := f.TakeDue(f.ctx, f.now.AddDate(100, 0, 0), 10, 0, db.DueWake)
		f.ok(err, "TakeDue")
		if len(wakes) != 1 || wakes[0].Phone != a.Phone.ID {
			f.t.Errorf("to be woken: %+v; want the phone that was approved and has a task", wakes)
		}
		if d := f.admissions(); len(d) != 2 {
			f.t.Errorf("admitted: %+v; want two", d)
		}
	}},

	{"site and tags of many", func(f *fixture) {
		site, err := f.CreateSite(f.ctx, db.Site{Name: "Depot"})
		f.ok(err, "CreateSite")
		ids := f.listed(3, "a", "b")
		full := make([]string, 64)
		for i := range full {
			full[i] = db.PhoneID(i + 1).String()
		}
		_, err = f.UpdatePhone(f.ctx, ids[2], db.PhonePatch{Tags: &full}, "ops")
		f.ok(err, "UpdatePhone")
		edit := db.PhoneEdit{Site: site.ID, AddTags: []string{"c"}, RemoveTags: []string{"a"}}
		for _, want := range []db.EditResult{{Changed: 2, Failed: 1}, {Unchanged: 2, Failed: 1}} {
			res, err := f.EditPhones(f.ctx, ids, nil, edit, "ops")
			f.ok(err, "EditPhones")
			f.same(want, res, "result")
		}
		for _, id := range ids[:2] {
			p := f.phone(id)
			f.same([]any{site.ID, []string{"b", "c"}}, []any{p.Site, p.Tags}, "phone")
		}
		_, err = f.EditPhones(f.ctx, ids, nil, db.PhoneEdit{Site: 99}, "ops")
		f.failsField(err, "site", "EditPhones")
		_, err = f.EditPhones(f.ctx, make([]db.PhoneID, db.MaxEdit+1), nil, edit, "ops")
		f.fails(err, db.ErrTooMany, "too many at once")
	}},

	{"a duplicate is told and kept", func(f *fixture) {
		d := f.device()
		f.ok(f.NoteDuplicate(f.ctx, d.id, "two of a kind", f.now), "NoteDuplicate")
		h, err := f.History(f.ctx, d.id, db.Query{})
		f.ok(err, "History")
		if h.Items[0].What != "duplicate identity" || h.Items[0].New != "two of a kind" {
			f.t.Errorf("history %+v", h.Items[0])
		}
		f.fails(f.NoteDuplicate(f.ctx, 99, "x", f.now), db.ErrNotFound, "of a phone that is not there")
	}},

	{"what a phone announces is kept", func(f *fixture) {
		d := f.device()
		text := "autonomous " + strings.Repeat("é", db.MaxAnnounced)
		f.ok(f.NoteAnnounced(f.ctx, d.id, d.in.Session, text, f.now), "NoteAnnounced")
		h, err := f.History(f.ctx, d.id, db.Query{})
		f.ok(err, "History")
		if n := h.Items[0].New; h.Items[0].What != "announced" || h.Items[0].By != "phone" ||
			!strings.HasPrefix(text, n) || len(n) > db.MaxAnnounced || len(n) < db.MaxAnnounced-4 || !utf8.ValidString(n) {
			f.t.Errorf("history %+v", h.Items[0])
		}
		f.fails(f.NoteAnnounced(f.ctx, d.id, "another", "x", f.now), db.ErrSuperseded, "in another session")
		f.fails(f.NoteAnnounced(f.ctx, d.id, "", "x", f.now), db.ErrSuperseded, "in none")
		f.EndSession(d.id, d.in.Session)
		f.fails(f.NoteAnnounced(f.ctx, d.id, d.in.Session, "x", f.now), db.ErrSuperseded, "after the session")
		if h, err = f.History(f.ctx, d.id, db.Query{}); err != nil || strings.Contains(h.Items[0].New, "x") {
			f.t.Errorf("history %+v, %v", h.Items[0], err)
		}
	}},

	{"has work while tasks are ready or attempts open", func(f *fixture) {
		d := f.device()
		has := func() bool { h, err := f.HasWork(f.ctx, d.id); f.ok(err, "HasWork"); return h }
		if has() {
			f.t.Error("a new phone has work")
		}
		id := d.task()
		if !has() {
			f.t.Error("a phone with a ready task has none")
		}
		d.send(id)
		if !has() {
			f.t.Error("a phone with an open attempt has none")
		}
		f.judge(f.verdict(id, 1, db.EventProof))
		if has() {
			f.t.Error("a phone whose task has ended has work")
		}
	}},
}
