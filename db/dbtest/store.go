package dbtest

import (
	"context"
	"errors"
	"regexp"
	"sync"

	"phoneacs/db"
)

var storeTests = []testCase{
	{"is ready when opened", func(f *fixture) {
		f.ok(f.Ready(), "Ready")
		if w := f.Waited(); w < 0 || w >= db.StuckAfter {
			f.t.Errorf("Waited = %v of a store at rest", w)
		}
		select {
		case <-f.Failed():
			f.t.Error("Failed is closed at the start")
		default:
		}
		if _, ok, err := f.NextDue(f.ctx); ok || err != nil {
			f.t.Errorf("NextDue of a new store = %v, %v; want none", ok, err)
		}
	}},

	{"has a tag of its own for good", func(f *fixture) {
		tag := f.StoreTag()
		if !regexp.MustCompile(`^[0-9A-Za-z]{4}$`).MatchString(tag) {
			f.t.Errorf("StoreTag = %q; want 4 letters or digits", tag)
		}
		f.reopen()
		if f.StoreTag() != tag {
			f.t.Errorf("StoreTag = %q after a restart; want %q", f.StoreTag(), tag)
		}
		// Two stores may draw the same tag, ten do not.
		for range 10 {
			if openFixture(f.real, f.open, f.real.TempDir(), f.now).StoreTag() != tag {
				return
			}
		}
		f.t.Errorf("all stores have the tag %q", tag)
	}},

	{"finds everything after a restart", func(f *fixture) {
		f.populate()
		f.ok(f.Flush(f.ctx), "Flush")
		want := f.snapshot()
		f.reopen()
		f.same(want, f.snapshot(), "after a restart")
		f.same(want, f.crash().snapshot(), "after a power cut")
	}},

	{"flushes what is soft when it closes", func(f *fixture) {
		d := f.device()
		d.in.Address = "192.0.2.77"
		d.session("2 PERIODIC")
		f.reopen()
		if got := f.phone(d.id).Address; got != "192.0.2.77" {
			f.t.Errorf("address %q after a restart; want that of the last Inform", got)
		}
	}},

	{"refuses everything once closed", func(f *fixture) {
		s, id := f.Store, f.device().id
		f.check()
		f.close()
		f.fails(s.Ready(), db.ErrClosed, "Ready")
		_, err := s.Phone(f.ctx, id)
		f.fails(err, db.ErrClosed, "Phone")
		_, err = s.ListPhones(f.ctx, db.Query{})
		f.fails(err, db.ErrClosed, "ListPhones")
		_, err = s.ImportPhones(f.ctx, []db.PhoneImport{{MAC: "0c383e000001"}}, f.now, "test")
		f.fails(err, db.ErrClosed, "ImportPhones")
		_, err = s.RecordInform(f.ctx, inform(9))
		f.fails(err, db.ErrClosed, "RecordInform")
		_, _, err = s.Subscribe(f.ctx, 0)
		f.fails(err, db.ErrClosed, "Subscribe")
		// Soft calls have nobody to tell; they only must not panic.
		s.EndSession(id, "")
		s.RecordWake(id, f.now, "", "")
	}},

	{"does nothing for a caller that has gone", func(f *fixture) {
		id := f.listed(1)[0]
		before := f.snapshot()
		gone, cancel := context.WithCancel(f.ctx)
		cancel()
		_, err := f.Phone(gone, id)
		f.fails(err, context.Canceled, "Phone")
		f.fails(f.DeletePhone(gone, id), context.Canceled, "DeletePhone")
		_, _, err = f.CreateJob(gone, f.order(id))
		f.fails(err, context.Canceled, "CreateJob")
		f.same(before, f.snapshot(), "after calls of one who has gone")
	}},

	{"waits for calls under way when it closes", func(f *fixture) {
		s := f.Store
		var wg sync.WaitGroup
		var mu sync.Mutex
		var kept []string
		begun := make(chan struct{}, 8)
		for g := range 8 {
			wg.Go(func() {
				for i := range 1000 {
					mac := inform(g*1000 + i).MAC
					_, err := s.ImportPhones(f.ctx, []db.PhoneImport{{MAC: mac}}, f.now, "test")
					if i == 3 {
						begun <- struct{}{}
					}
					if errors.Is(err, db.ErrClosed) {
						return
					}
					if err != nil {
						f.t.Errorf("import while the store closes: %v", err)
						return
					}
					mu.Lock()
					kept = append(kept, mac)
					mu.Unlock()
				}
			})
		}
		for range 8 {
			<-begun
		}
		f.close()
		wg.Wait()
		f.Store = f.open(f.real, f.dir)
		for _, mac := range kept {
			if _, err := f.FindPhone(f.ctx, mac); err != nil {
				f.t.Errorf("%s was taken in before the store closed: %v", mac, err)
			}
		}
	}},
}

// populate brings some of everything into the store.
func (f *fixture) populate() {
	f.t.Helper()
	site, err := f.CreateSite(f.ctx, db.Site{Name: "Depot", Zone: "Europe/Berlin", Networks: []string{"192.0.2.0/24"}})
	f.ok(err, "CreateSite")
	file := f.file("fw.bin", "firmware of the suite")
	_, err = f.AddToken(f.ctx, db.Token{Name: "ops", Role: "admin", Hash: db.HashToken("secret"), Created: f.now})
	f.ok(err, "AddToken")
	d, e := f.device(), f.device()
	f.ok(f.SetHold(f.ctx, db.Hold{Site: site.ID, Reason: "works", Since: f.now}), "SetHold")
	ids := append(f.listed(5, "lobby"), d.id, e.id)
	name := "front desk"
	_, err = f.UpdatePhone(f.ctx, ids[0], db.PhonePatch{Name: &name, Site: &site.ID}, "ops")
	f.ok(err, "UpdatePhone")

	n := f.order(ids...)
	n.Job.Kind, n.Job.Args.File = db.KindDownload, file.ID
	n.Idempotency = db.Idempotency{Token: 1, Key: "k", Body: [32]byte{1}}
	j := f.create(n)
	f.expand(j.ID, func(p db.PhoneStatus) db.TaskSeed {
		if p.ID == d.id || p.ID == e.id {
			return ready(p)
		}
		return f.waiting(p)
	})
	id := db.TaskID{Job: j.ID, Phone: d.id}
	send := d.sending(id)
	send.Link = &db.Link{Hash: [32]byte{7}, File: file.ID, Name: file.Name, SHA256: file.SHA256, Size: file.Size, Budget: 1 << 20, Expires: send.Deadline}
	_, err = f.MarkSent(f.ctx, send)
	f.ok(err, "MarkSent")
	f.judge(f.verdict(id, 1, db.EventAccept))
	done := db.TaskID{Job: j.ID, Phone: e.id}
	e.send(done)
	f.judge(f.verdict(done, 1, db.EventProof))
	f.create(f.order(ids[0], ids[1]))
}
