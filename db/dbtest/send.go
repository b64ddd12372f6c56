package dbtest

import (
	"errors"
	"sync"
	"time"

	"phoneacs/db"
)

// refused checks that MarkSent refuses, and that nothing has changed.
func (f *fixture) refused(s db.Send, want error, what string) {
	f.t.Helper()
	before := f.snapshot()
	a, err := f.MarkSent(f.ctx, s)
	f.fails(err, want, "MarkSent of %s", what)
	if err == nil {
		f.t.Fatalf("MarkSent of %s made attempt %+v", what, a)
	}
	f.same(before, f.snapshot(), "after MarkSent of %s was refused", what)
}

var sendTests = []testCase{
	{"makes an attempt with its deadline", func(f *fixture) {
		d := f.device()
		id := d.task()
		deadline := f.now.Add(10 * time.Minute)
		was := none(f, f.CountDue)
		got := d.send(id)
		key, err := db.AttemptID{Task: id, N: 1}.CommandKey(f.StoreTag())
		f.ok(err, "CommandKey")
		want := db.Attempt{N: 1, Key: key, Sent: f.now, Deadline: deadline, Before: d.in.SoftwareVersion}
		f.same(want, got, "MarkSent")
		task := f.inState(id, db.TaskSent)
		f.same([]db.Attempt{want}, task.Attempts, "the task's attempts")
		if task.Tries != 1 {
			f.t.Errorf("the task has %d tries", task.Tries)
		}
		if n := none(f, f.CountDue); n != was+1 {
			f.t.Errorf("%d due entries were added; want the deadline", n-was)
		}
		due, err := f.TakeDue(f.ctx, deadline.Add(-time.Second), 9, time.Minute, db.DueDeadline)
		if len(due) != 0 || err != nil {
			f.t.Errorf("due before the deadline: %+v, %v", due, err)
		}
		due, err = f.TakeDue(f.ctx, deadline, 9, time.Minute, db.DueDeadline)
		f.ok(err, "TakeDue")
		f.same([]db.Due{{At: deadline, Kind: db.DueDeadline, Job: id.Job, Phone: id.Phone, Attempt: 1}}, due, "due at the deadline")
		f.judge(f.verdict(id, 1, db.EventProof))
		if n := none(f, f.CountDue); n != 0 { // the job has ended too
			f.t.Errorf("%d due entries are left when the attempt and its job have ended", n)
		}
	}},

	{"refuses a session that does not own the phone", func(f *fixture) {
		d, e := f.device(), f.device()
		id := d.task()
		s := d.sending(id)
		for name, token := range map[string]db.SessionToken{"no session": "", "another phone's session": e.in.Session, "an unknown session": "x"} {
			s.Session = token
			f.refused(s, db.ErrSuperseded, name)
		}
		s = d.sending(id)
		d.session("2 PERIODIC")
		f.refused(s, db.ErrSuperseded, "a session that was superseded")
	}},

	{"refuses a phone that is not approved", func(f *fixture) {
		f.made++
		d := &device{f: f, in: inform(f.made)}
		d.in.Enrol = db.PhonePending
		d.id = d.session("1 BOOT").Phone.ID
		id := d.task()
		f.refused(d.sending(id), db.ErrConflict, "a pending phone")
		approved := db.PhoneApproved
		_, err := f.UpdatePhone(f.ctx, d.id, db.PhonePatch{State: &approved}, "ops")
		f.ok(err, "approve")
		d.send(id)
	}},

	{"refuses a phone that is held", func(f *fixture) {
		d := f.device()
		id := d.task()
		f.ok(f.SetHold(f.ctx, db.Hold{Phone: d.id}), "SetHold")
		f.refused(d.sending(id), db.ErrHeld, "a held phone")
	}},

	{"refuses a job that is paused, past its expiry or swept", func(f *fixture) {
		d, filler := f.device(), f.device()
		job := func() db.TaskID {
			j := f.create(f.order(d.id, filler.id))
			f.expand(j.ID, ready)
			return db.TaskID{Job: j.ID, Phone: d.id}
		}
		id := job()
		_, err := f.PauseJob(f.ctx, id.Job)
		f.ok(err, "PauseJob")
		f.refused(d.sending(id), db.ErrConflict, "a paused job")

		for _, kind := range []db.SweepKind{db.SweepCancel, db.SweepExpire} {
			id = job()
			_, err = f.StartSweep(f.ctx, id.Job, kind, f.now)
			f.ok(err, "StartSweep")
			f.refused(d.sending(id), db.ErrConflict, "a job under a sweep to "+string(kind))
		}

		id = job()
		s := d.sending(id)
		s.Now = f.job(id.Job).Expires
		f.refused(s, db.ErrConflict, "a job at its expiry")
		s.Now = s.Now.Add(-time.Second)
		_, err = f.MarkSent(f.ctx, s)
		f.ok(err, "MarkSent a second before the expiry")
	}},

	{"refuses a task that is not ready", func(f *fixture) {
		d := f.device()
		j := f.create(f.order(d.id))
		f.expand(j.ID, f.waiting)
		id := db.TaskID{Job: j.ID, Phone: d.id}
		s := d.sending(id)
		s.Exclusive = false
		f.refused(s, db.ErrConflict, "a waiting task")
		f.release(id)
		_, err := f.MarkSent(f.ctx, s)
		f.ok(err, "MarkSent")
		f.refused(s, db.ErrConflict, "a sent task")
		s.Task.Job = 99
		f.refused(s, db.ErrNotFound, "an unknown task")
	}},

	{"refuses a second transfer or restart of a phone", func(f *fixture) {
		d := f.device()
		first, second, third := d.task(), d.task(), d.task()
		d.send(first)
		f.refused(d.sending(second), db.ErrConflict, "a restart while another is open")
		f.judge(f.verdict(first, 1, db.EventAccept))
		f.refused(d.sending(second), db.ErrConflict, "a restart while another is being proven")
		f.reopen()
		d.session("2 PERIODIC")
		f.refused(d.sending(second), db.ErrConflict, "a restart after the server's own")
		read := d.sending(third)
		read.Exclusive = false
		_, err := f.MarkSent(f.ctx, read)
		f.ok(err, "MarkSent of a read while a restart is open")
		f.judge(f.verdict(first, 1, db.EventUnknown))
		d.send(second) // though the read is open
	}},

	{"is granted once, however many ask", func(f *fixture) {
		d := f.device()
		id := d.task()
		if n := f.race(16, func(int) db.Send { s := d.sending(id); s.Exclusive = false; return s }); n != 1 {
			f.t.Errorf("one task was sent %d times", n)
		}
		if a := f.task(id).Attempts; len(a) != 1 {
			f.t.Errorf("the task has %d attempts", len(a))
		}
	}},

	{"is granted to one exclusive task of a phone, however many ask", func(f *fixture) {
		d := f.device()
		var ids []db.TaskID
		for range 16 {
			ids = append(ids, d.task())
		}
		if n := f.race(16, func(i int) db.Send { return d.sending(ids[i]) }); n != 1 {
			f.t.Errorf("%d restarts of one phone are open", n)
		}
		if open := one(f, f.OpenAttempts)(d.id); len(open) != 1 {
			f.t.Errorf("open attempts: %+v", open)
		}
	}},
}

// race marks n sends at once and says how many were granted.
func (f *fixture) race(n int, send func(i int) db.Send) (granted int) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i := range n {
		s := send(i)
		wg.Go(func() {
			_, err := f.MarkSent(f.ctx, s)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				granted++
			} else if !errors.Is(err, db.ErrConflict) {
				f.t.Errorf("MarkSent of one who was late: %v; want ErrConflict", err)
			}
		})
	}
	wg.Wait()
	return granted
}
