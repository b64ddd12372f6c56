package dbtest

import (
	"slices"
	"time"

	"phoneacs/db"
)

// spread makes a job whose tasks fall due a minute apart, and returns their
// entries in order of time.
func (f *fixture) spread(n int) (db.JobID, []db.Due) {
	f.t.Helper()
	ids := f.listed(n)
	j := f.create(f.order(ids...))
	var want []db.Due
	f.expand(j.ID, func(p db.PhoneStatus) db.TaskSeed {
		// The last phone first, so that time and id do not agree.
		at := f.now.Add(time.Duration(n-slices.Index(ids, p.ID)) * time.Minute)
		want = append(want, db.Due{At: at, Kind: db.DueRelease, Job: j.ID, Phone: p.ID})
		return db.TaskSeed{State: db.TaskWaiting, Due: at, Why: "waits"}
	})
	slices.SortFunc(want, func(a, b db.Due) int { return a.At.Compare(b.At) })
	return j.ID, want
}

func (f *fixture) take(n int, kinds ...db.DueKind) []db.Due {
	f.t.Helper()
	due, err := f.TakeDue(f.ctx, f.now, n, time.Minute, kinds...)
	f.ok(err, "TakeDue")
	return due
}

var dueTests = []testCase{
	{"what is due is taken in order of time", func(f *fixture) {
		_, want := f.spread(6)
		if due := f.take(9, db.DueRelease); len(due) != 0 {
			f.t.Errorf("due before their time: %+v", due)
		}
		f.now = want[3].At
		got := append(f.take(2, db.DueRelease), f.take(9, db.DueRelease)...)
		f.same(want[:4], got, "due")
	}},

	{"kinds are mixed in order of time, and only those asked for", func(f *fixture) {
		d := f.device()
		n := f.order(d.id)
		n.Job.Expires = f.now.Add(10 * time.Minute)
		j := f.create(n)
		f.expand(j.ID, func(db.PhoneStatus) db.TaskSeed {
			return db.TaskSeed{State: db.TaskReady, Wake: true, Why: "ready"}
		})
		id := db.TaskID{Job: j.ID, Phone: d.id}
		s := d.sending(id)
		s.Deadline = f.now.Add(20 * time.Minute)
		_, err := f.MarkSent(f.ctx, s)
		f.ok(err, "MarkSent")
		wake := db.Due{At: f.now, Kind: db.DueWake, Job: j.ID, Phone: d.id}
		_, releases := f.spread(1)
		release := releases[0] // in a minute
		expire := db.Due{At: n.Job.Expires, Kind: db.DueExpire, Job: j.ID}
		deadline := db.Due{At: s.Deadline, Kind: db.DueDeadline, Job: j.ID, Phone: d.id, Attempt: 1}
		f.later(time.Hour)
		for _, tt := range []struct {
			kinds []db.DueKind
			want  []db.Due
		}{
			{[]db.DueKind{db.DueExpire}, []db.Due{expire}},
			{[]db.DueKind{db.DueDeadline, db.DueWake}, []db.Due{wake, deadline}},
			{[]db.DueKind{db.DueRelease, db.DueDeadline, db.DueExpire, db.DueWake}, []db.Due{wake, release, expire, deadline}},
		} {
			f.same(tt.want, f.take(9, tt.kinds...), "due of kinds %v", tt.kinds)
			f.reopen() // forgets leases
		}
	}},

	{"a lease keeps others away until it ends", func(f *fixture) {
		_, want := f.spread(3)
		f.now = want[2].At
		f.same(want[:2], f.take(2, db.DueRelease), "taken first")
		f.same(want[2:], f.take(9, db.DueRelease), "taken next")
		if due := f.take(9, db.DueRelease); len(due) != 0 {
			f.t.Errorf("taken though leased: %+v", due)
		}
		f.later(time.Minute - time.Second)
		if due := f.take(9, db.DueRelease); len(due) != 0 {
			f.t.Errorf("taken a second before the lease ends: %+v", due)
		}
		f.later(time.Second)
		f.same(want, f.take(9, db.DueRelease), "taken when the lease has ended")
		f.reopen()
		f.same(want, f.take(9, db.DueRelease), "taken after a restart")
	}},

	{"released tasks are ready, and their entries gone", func(f *fixture) {
		job, want := f.spread(4)
		total := none(f, f.CountDue)
		f.now = want[1].At
		due := f.take(9, db.DueRelease)
		f.ok(f.ReleaseTasks(f.ctx, due, f.now, true), "ReleaseTasks")
		for i, d := range want {
			state := db.TaskReady
			if i >= 2 {
				state = db.TaskWaiting
			}
			f.inState(db.TaskID{Job: job, Phone: d.Phone}, state)
		}
		if n := none(f, f.CountDue); n != total {
			f.t.Errorf("%d entries; want %d: two are wakes now", n, total)
		}
		var wakes []db.PhoneID
		for _, d := range f.take(9, db.DueWake) {
			wakes = append(wakes, d.Phone)
		}
		slices.Sort(wakes)
		if !slices.Equal(wakes, slices.Sorted(slices.Values([]db.PhoneID{want[0].Phone, want[1].Phone}))) {
			f.t.Errorf("who is woken: %v", wakes)
		}
		f.later(time.Hour)
		f.same(want[2:], f.take(9, db.DueRelease), "what is still due")
	}},

	{"a task that has moved on only loses its entry", func(f *fixture) {
		job, due := f.spread(3)
		f.ok(f.DeletePhone(f.ctx, due[0].Phone), "DeletePhone")
		f.judge(f.verdict(db.TaskID{Job: job, Phone: due[1].Phone}, 0, db.EventSkip))
		f.later(time.Hour)
		stale := append(due, db.Due{At: f.now, Kind: db.DueRelease, Job: 99, Phone: 99})
		f.ok(f.ReleaseTasks(f.ctx, stale, f.now, true), "ReleaseTasks")
		f.inState(db.TaskID{Job: job, Phone: due[0].Phone}, db.TaskCancelled)
		f.inState(db.TaskID{Job: job, Phone: due[1].Phone}, db.TaskSkipped)
		f.inState(db.TaskID{Job: job, Phone: due[2].Phone}, db.TaskReady)
		if wakes := f.take(9, db.DueWake); len(wakes) != 1 || wakes[0].Phone != due[2].Phone {
			f.t.Errorf("who is woken: %+v", wakes)
		}
		f.ok(f.ReleaseTasks(f.ctx, stale, f.now, true), "ReleaseTasks again")
		if n := f.job(job).Counts[db.TaskReady]; n != 1 {
			f.t.Errorf("%d tasks are ready", n)
		}
	}},

	{"an entry of an earlier wait releases nothing", func(f *fixture) {
		d := f.device()
		id := d.task()
		d.send(id)
		f.judge(f.verdict(id, 1, db.EventAgain))
		old := db.Due{At: f.task(id).Due, Kind: db.DueRelease, Job: id.Job, Phone: id.Phone}
		f.release(id)
		d.send(id)
		f.later(time.Hour)
		f.judge(f.verdict(id, 2, db.EventAgain))
		f.ok(f.ReleaseTasks(f.ctx, []db.Due{old}, f.now, false), "ReleaseTasks")
		f.inState(id, db.TaskWaiting)
	}},

	{"the next is the earliest", func(f *fixture) {
		_, due := f.spread(3)
		at, ok, err := f.NextDue(f.ctx)
		if err != nil || !ok || !at.Equal(due[0].At) {
			f.t.Errorf("NextDue = %v, %v, %v; want %v", at, ok, err, due[0].At)
		}
		f.now = due[0].At
		f.ok(f.ReleaseTasks(f.ctx, f.take(9, db.DueRelease), f.now, false), "ReleaseTasks")
		if at, _, _ := f.NextDue(f.ctx); !at.Equal(due[1].At) {
			f.t.Errorf("NextDue = %v; want %v", at, due[1].At)
		}
	}},

	{"entries that are done with are dropped", func(f *fixture) {
		d, e := f.device(), f.device()
		j := f.create(f.order(d.id, e.id))
		f.expand(j.ID, func(db.PhoneStatus) db.TaskSeed {
			return db.TaskSeed{State: db.TaskReady, Wake: true, Why: "ready"}
		})
		wakes := f.take(9, db.DueWake)
		if len(wakes) != 2 {
			f.t.Fatalf("wakes: %+v", wakes)
		}
		n := none(f, f.CountDue)
		f.ok(f.DropDue(f.ctx, wakes[:1]), "DropDue")
		f.ok(f.DropDue(f.ctx, wakes[:1]), "DropDue again")
		if got := none(f, f.CountDue); got != n-1 {
			f.t.Errorf("%d entries after one of %d was dropped twice", got, n)
		}
		f.later(time.Hour)
		f.same(wakes[1:], f.take(9, db.DueWake), "what is left")
	}},

	{"a job that has ended no longer expires", func(f *fixture) {
		d := f.device()
		id := d.task()
		expire := []db.Due{{At: f.job(id.Job).Expires, Kind: db.DueExpire, Job: id.Job}}
		f.now = expire[0].At
		f.same(expire, f.take(9, db.DueExpire), "due at the expiry")
		f.sweep(id.Job, db.SweepExpire)
		f.reopen()
		if due := f.take(9, db.DueExpire); len(due) != 0 {
			f.t.Errorf("due when the job has ended: %+v", due)
		}
		if n := none(f, f.CountDue); n != 0 {
			f.t.Errorf("%d entries are left", n)
		}
	}},
}
