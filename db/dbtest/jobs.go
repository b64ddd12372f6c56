package dbtest

import (
	"slices"
	"sync"
	"time"

	"phoneacs/db"
)

var jobTests = []testCase{
	{"an order is accepted with its selection", func(f *fixture) {
		ids := f.listed(5, "lobby")
		f.listed(3)
		for _, tt := range []struct {
			name  string
			order db.NewJob
			want  int
		}{
			{"phones", f.order(ids[3], ids[0]), 2},
			{"the same phone twice", f.order(ids[1], ids[2], ids[1]), 2},
			{"a filter", f.matching(f.order(), `tags:lobby`), 5},
			{"a filter that matches none", f.matching(f.order(), `tags:hall`), 0},
			{"all", everyPhone(f.order()), 8},
		} {
			j := f.create(tt.order)
			want := db.JobStatus{Job: tt.order.Job, Counts: j.Counts}
			want.ID, want.Selected, want.State = j.ID, tt.want, db.JobExpanding
			if tt.want == 0 {
				want.State, want.Ended = j.State, j.Ended
			}
			f.same(want, j, "CreateJob with %s", tt.name)
			f.same(j, f.job(j.ID), "Job after CreateJob with %s", tt.name)
			if busy := slices.ContainsFunc(none(f, f.BusyJobs), func(b db.Job) bool { return b.ID == j.ID }); busy != (tt.want > 0) {
				f.t.Errorf("%s: BusyJobs names the job: %v", tt.name, busy)
			}
		}
	}},

	{"an order for nobody is not one for everyone", func(f *fixture) {
		f.listed(3)
		for name, sel := range map[string]db.Selection{
			"no selection":           {},
			"phones, none left":      {Phones: []string{"p99"}},
			"a filter, not compiled": {Filter: "tags:lobby"},
		} {
			n := f.order()
			n.Job.Selection = sel
			if j, _, err := f.CreateJob(f.ctx, n); err == nil && j.Selected != 0 {
				f.t.Errorf("%s: job %s is for %d phones", name, j.ID, j.Selected)
			}
		}
	}},

	{"an order for nobody has ended at once", func(f *fixture) {
		j := f.create(f.matching(f.order(), `tags:nowhere`))
		if got := f.job(j.ID); got.State != db.JobEnded || got.Selected != 0 {
			f.t.Errorf("the job is %s with %d selected", got.State, got.Selected)
		}
	}},

	{"ten thousand phones", func(f *fixture) {
		ids := f.listed(10_000)
		for name, n := range map[string]db.NewJob{
			"all": everyPhone(f.order()), "filter": f.matching(f.order(), `model = x6u`), "phones": f.order(ids...),
		} {
			j := f.create(n)
			if j.Selected != len(ids) {
				f.t.Fatalf("%s: %d phones are selected", name, j.Selected)
			}
			for from := 0; from < len(ids); from += 1000 {
				phones, err := f.Selected(f.ctx, j.ID, 1000)
				f.ok(err, "Selected")
				if !slices.Equal(phoneIDs(phones), ids[from:from+1000]) {
					f.t.Fatalf("%s: the phones after %d are others", name, from)
				}
				seeds := make([]db.TaskSeed, len(phones))
				for i, p := range phones {
					seeds[i] = f.waiting(p)
					seeds[i].Phone = p.ID
				}
				got, err := f.AddTasks(f.ctx, j.ID, from, seeds, f.now)
				f.ok(err, "AddTasks")
				if got.Expanded != from+1000 {
					f.t.Fatalf("%s: %d are expanded", name, got.Expanded)
				}
			}
			if got := f.job(j.ID); got.State != db.JobActive || got.Counts[db.TaskWaiting] != len(ids) {
				f.t.Errorf("%s: the job is %s with %v", name, got.State, got.Counts)
			}
		}
	}},

	{"the selection is frozen", func(f *fixture) {
		ids := f.listed(5, "lobby")
		j := f.create(f.matching(f.order(), `tags:lobby`))
		f.listed(2, "lobby")                                                                       // too late
		_, err := f.UpdatePhone(f.ctx, ids[0], db.PhonePatch{Tags: &[]string{"elsewhere"}}, "ops") // in all the same
		f.ok(err, "UpdatePhone")
		f.ok(f.DeletePhone(f.ctx, ids[1]), "DeletePhone")
		f.reopen()
		got, err := f.Selected(f.ctx, j.ID, 100)
		f.ok(err, "Selected")
		if !slices.Equal(phoneIDs(got), ids) {
			f.t.Fatalf("selected are %v; want %v", phoneIDs(got), ids)
		}
		for i, p := range got {
			if i == 1 {
				f.same(db.PhoneStatus{Phone: db.Phone{ID: ids[1]}}, p, "the phone that was deleted")
			} else {
				f.same(f.phone(ids[i]), p, "phone %d of the selection", i)
			}
		}
	}},

	{"an unknown job is not found", func(f *fixture) {
		_, err := f.Job(f.ctx, 99)
		f.fails(err, db.ErrNotFound, "Job")
		_, err = f.Selected(f.ctx, 99, 1)
		f.fails(err, db.ErrNotFound, "Selected")
		_, err = f.AddTasks(f.ctx, 99, 0, nil, f.now)
		f.fails(err, db.ErrNotFound, "AddTasks")
		_, err = f.PauseJob(f.ctx, 99)
		f.fails(err, db.ErrNotFound, "PauseJob")
		_, err = f.ResumeJob(f.ctx, 99)
		f.fails(err, db.ErrNotFound, "ResumeJob")
		_, err = f.StartSweep(f.ctx, 99, db.SweepCancel, f.now)
		f.fails(err, db.ErrNotFound, "StartSweep")
		_, err = f.StepSweep(f.ctx, 99, 1, f.now)
		f.fails(err, db.ErrNotFound, "StepSweep")
	}},

	{"a key makes one job", func(f *fixture) {
		n := f.order(f.listed(2)...)
		n.Idempotency = db.Idempotency{Token: 1, Key: "order 7", Body: [32]byte{7}}
		if j, ok, err := f.JobByKey(f.ctx, n.Idempotency, f.now); ok || err != nil {
			f.t.Errorf("JobByKey before the order = %s, %v, %v", j.ID, ok, err)
		}
		first := f.create(n)
		f.expand(first.ID, ready) // the first answer stays as it was
		for _, restart := range []bool{false, true} {
			if restart {
				f.reopen()
			}
			got, again, err := f.CreateJob(f.ctx, n)
			f.ok(err, "CreateJob again")
			if !again {
				f.t.Errorf("CreateJob again made %s", got.ID)
			}
			f.same(first, got, "CreateJob again")
			got, ok, err := f.JobByKey(f.ctx, n.Idempotency, f.now)
			f.ok(err, "JobByKey")
			if !ok {
				f.t.Error("JobByKey knows nothing of the order")
			}
			f.same(first, got, "JobByKey")
		}
		other := n
		other.Idempotency.Body = [32]byte{8}
		_, _, err := f.CreateJob(f.ctx, other)
		f.fails(err, db.ErrIdempotencyMismatch, "CreateJob with the key of another order")
		_, _, err = f.JobByKey(f.ctx, other.Idempotency, f.now)
		f.fails(err, db.ErrIdempotencyMismatch, "JobByKey with the key of another order")
		other.Idempotency.Token = 2
		f.create(other) // somebody else's key
		other.Idempotency.Key = "order 77"
		f.create(other)
		if jobs := all(f, f.ListJobs); len(jobs) != 3 {
			f.t.Errorf("there are %d jobs; want 3", len(jobs))
		}
		n.Idempotency.Key = ""
		f.create(n)
		if j, ok, err := f.JobByKey(f.ctx, n.Idempotency, f.now); ok || err != nil {
			f.t.Errorf("JobByKey of no key = %s, %v, %v", j.ID, ok, err)
		}
		f.create(n) // without a key each is an order of its own
	}},

	{"a key is kept for its time", func(f *fixture) {
		n := f.order(f.listed(1)...)
		n.Idempotency = db.Idempotency{Token: 1, Key: "k", Body: [32]byte{7}}
		first := f.create(n)
		f.later(db.IdempotencyKept - time.Minute)
		f.ok(f.Prune(f.ctx, f.now), "Prune")
		n.Job.Created = f.now
		if got, again, err := f.CreateJob(f.ctx, n); got.ID != first.ID || !again || err != nil {
			f.t.Errorf("CreateJob within the time = %s, %v, %v; want %s again", got.ID, again, err, first.ID)
		}
		f.later(2 * time.Minute)
		if j, ok, err := f.JobByKey(f.ctx, n.Idempotency, f.now); ok || err != nil {
			f.t.Errorf("JobByKey after the time = %s, %v, %v", j.ID, ok, err)
		}
		f.ok(f.Prune(f.ctx, f.now), "Prune")
		n.Job.Created, n.Idempotency.Body = f.now, [32]byte{8}
		if got := f.create(n); got.ID == first.ID {
			f.t.Errorf("CreateJob after the time = %s", got.ID)
		}
		f.job(first.ID) // only the key goes
	}},

	{"a key that arrives many times at once makes one job", func(f *fixture) {
		n := f.order(f.listed(2)...)
		n.Idempotency = db.Idempotency{Token: 1, Key: "k", Body: [32]byte{7}}
		var wg sync.WaitGroup
		var mu sync.Mutex
		made := make(map[db.JobID]int)
		for range 16 {
			wg.Go(func() {
				j, again, err := f.CreateJob(f.ctx, n)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					f.t.Errorf("CreateJob: %v", err)
				}
				if !again {
					made[j.ID]++
				}
				made[j.ID] += 100
			})
		}
		wg.Wait()
		if len(made) != 1 || made[all(f, f.ListJobs)[0].ID] != 1601 {
			f.t.Errorf("jobs with how often they were answered and made: %v; want one, made once", made)
		}
	}},

	{"busy jobs are told oldest first", func(f *fixture) {
		ids := f.listed(2)
		a, b, c := f.create(f.order(ids...)), f.create(f.order(ids...)), f.create(f.order(ids...))
		busy := func(want ...db.JobID) {
			f.t.Helper()
			var got []db.JobID
			for _, j := range none(f, f.BusyJobs) {
				f.same(f.job(j.ID).Job, j, "the busy job")
				got = append(got, j.ID)
			}
			if !slices.Equal(got, want) {
				f.t.Errorf("busy jobs are %v; want %v", got, want)
			}
		}
		busy(a.ID, b.ID, c.ID)
		f.expand(b.ID, f.waiting)
		busy(a.ID, c.ID)
		_, err := f.StartSweep(f.ctx, b.ID, db.SweepCancel, f.now)
		f.ok(err, "StartSweep")
		f.reopen()
		busy(a.ID, b.ID, c.ID)
		f.steps(b.ID, 1)
		busy(a.ID, c.ID)
	}},

	{"pause holds back what is not sent", func(f *fixture) {
		d, e := f.device(), f.device()
		j := f.create(f.order(d.id, e.id))
		f.expand(j.ID, ready)
		sent := db.TaskID{Job: j.ID, Phone: d.id}
		d.send(sent)
		id := db.TaskID{Job: j.ID, Phone: e.id}
		for range 2 {
			got, err := f.PauseJob(f.ctx, j.ID)
			f.ok(err, "PauseJob")
			if !got.Paused || got.State != db.JobPaused {
				f.t.Errorf("PauseJob = %s, paused %v", got.State, got.Paused)
			}
			f.same(f.job(j.ID), got, "PauseJob")
		}
		if r, err := f.ReadyTasks(f.ctx, e.id, f.now, 9); len(r) != 0 || err != nil {
			f.t.Errorf("ReadyTasks of a paused job = %+v, %v", r, err)
		}
		_, err := f.MarkSent(f.ctx, e.sending(id))
		f.fails(err, db.ErrConflict, "MarkSent of a paused job")
		f.judge(f.verdict(sent, 1, db.EventProof)) // what is sent goes on

		for range 2 {
			got, err := f.ResumeJob(f.ctx, j.ID)
			f.ok(err, "ResumeJob")
			if got.Paused || got.State != db.JobActive {
				f.t.Errorf("ResumeJob = %s, paused %v", got.State, got.Paused)
			}
			f.same(f.job(j.ID), got, "ResumeJob")
		}
		if s := f.job(j.ID).Sweep; s != db.SweepWake {
			f.t.Errorf("ResumeJob began the sweep %q", s)
		}
		f.steps(j.ID, 1)
		due, err := f.TakeDue(f.ctx, f.now, 9, time.Minute, db.DueWake)
		f.ok(err, "TakeDue")
		f.same([]db.Due{{At: f.now, Kind: db.DueWake, Job: j.ID, Phone: e.id}}, due, "who is woken after a pause")
		e.send(id)
		f.judge(f.verdict(id, 1, db.EventProof))
		_, err = f.PauseJob(f.ctx, j.ID)
		f.fails(err, db.ErrConflict, "PauseJob of a job that has ended")
		_, err = f.ResumeJob(f.ctx, j.ID)
		f.fails(err, db.ErrConflict, "ResumeJob of a job that has ended")
	}},

	{"a pause lasts through expansion and restart", func(f *fixture) {
		d := f.device()
		j := f.create(f.order(d.id))
		got, err := f.PauseJob(f.ctx, j.ID)
		f.ok(err, "PauseJob")
		if !got.Paused || got.State != db.JobExpanding {
			f.t.Errorf("the job is %s, paused %v", got.State, got.Paused)
		}
		f.expand(j.ID, ready)
		f.reopen()
		if got := f.job(j.ID); !got.Paused || got.State != db.JobPaused {
			f.t.Errorf("the job is %s, paused %v", got.State, got.Paused)
		}
		d.session("2 PERIODIC")
		_, err = f.MarkSent(f.ctx, d.sending(db.TaskID{Job: j.ID, Phone: d.id}))
		f.fails(err, db.ErrConflict, "MarkSent of a paused job")
	}},
}
