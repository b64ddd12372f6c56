package dbtest

import (
	"slices"
	"sync"
	"time"

	"phoneacs/db"
)

var expandTests = []testCase{
	{"tasks begin as their seeds say", func(f *fixture) {
		ids := f.listed(4)
		j := f.create(f.order(ids...))
		due := f.now.Add(time.Hour)
		seeds := []db.TaskSeed{
			{Phone: ids[0], State: db.TaskWaiting, Due: due, Why: "waits for nine"},
			{Phone: ids[1], State: db.TaskReady, Wake: true, Why: "ready"},
			{Phone: ids[2], State: db.TaskSkipped, Why: "is so already"},
			{Phone: ids[3]},
		}
		got, err := f.AddTasks(f.ctx, j.ID, 0, seeds, f.now)
		f.ok(err, "AddTasks")
		f.same(f.job(j.ID).Job, got, "AddTasks")
		if got.State != db.JobActive || got.Expanded != 4 {
			f.t.Errorf("the job is %s, expanded to %d", got.State, got.Expanded)
		}
		f.same([]db.Task{
			{ID: db.TaskID{Job: j.ID, Phone: ids[0]}, State: db.TaskWaiting, Due: due, Why: "waits for nine", Created: f.now},
			{ID: db.TaskID{Job: j.ID, Phone: ids[1]}, State: db.TaskReady, Why: "ready", Created: f.now},
			{ID: db.TaskID{Job: j.ID, Phone: ids[2]}, State: db.TaskSkipped, Why: "is so already", Created: f.now, Ended: f.now},
		}, all(f, of(f.JobTasks, j.ID)), "JobTasks")
		_, err = f.Task(f.ctx, db.TaskID{Job: j.ID, Phone: ids[3]})
		f.fails(err, db.ErrNotFound, "Task of a phone that was passed over")
		wakes, err := f.TakeDue(f.ctx, due, 9, time.Minute, db.DueWake)
		f.ok(err, "TakeDue")
		f.same([]db.Due{{At: f.now, Kind: db.DueWake, Job: j.ID, Phone: ids[1]}}, wakes, "who is woken")
		releases, err := f.TakeDue(f.ctx, due, 9, time.Minute, db.DueRelease)
		f.ok(err, "TakeDue")
		f.same([]db.Due{{At: due, Kind: db.DueRelease, Job: j.ID, Phone: ids[0]}}, releases, "what is released")
	}},

	{"in chunks, over a restart, each made once", func(f *fixture) {
		ids := f.listed(10)
		j := f.create(f.order(ids...))
		var seen []db.PhoneID
		for from := 0; from < 10; {
			phones, err := f.Selected(f.ctx, j.ID, 3)
			f.ok(err, "Selected")
			again, err := f.Selected(f.ctx, j.ID, 3)
			f.ok(err, "Selected")
			f.same(phones, again, "Selected asked twice")
			var seeds []db.TaskSeed
			for _, p := range phones {
				seeds = append(seeds, db.TaskSeed{Phone: p.ID, State: db.TaskReady, Why: "ready"})
			}
			before := f.snapshot()
			for _, wrong := range []int{from - 1, from + 1, 10, -1} {
				_, err := f.AddTasks(f.ctx, j.ID, wrong, seeds, f.now)
				f.fails(err, db.ErrConflict, "AddTasks from %d when %d are expanded", wrong, from)
			}
			f.same(before, f.snapshot(), "after AddTasks in the wrong place")
			_, err = f.AddTasks(f.ctx, j.ID, from, seeds, f.now)
			f.ok(err, "AddTasks")
			_, err = f.AddTasks(f.ctx, j.ID, from, seeds, f.now)
			f.fails(err, db.ErrConflict, "AddTasks of the same seeds again")
			from += len(seeds)
			seen = append(seen, phoneIDs(phones)...)
			f.reopen()
			want := db.JobExpanding
			if from == 10 {
				want = db.JobActive
			}
			if got := f.job(j.ID); got.Expanded != from || got.State != want {
				f.t.Errorf("after %d the job is %s, expanded to %d", from, got.State, got.Expanded)
			}
		}
		if slices.Sort(seen); !slices.Equal(seen, ids) {
			f.t.Errorf("tasks were made for %v; want %v", seen, ids)
		}
		if more, err := f.Selected(f.ctx, j.ID, 3); len(more) != 0 || err != nil {
			f.t.Errorf("Selected at the end = %v, %v", more, err)
		}
	}},

	{"by several at once, each made once", func(f *fixture) {
		j := f.create(f.order(f.listed(40)...))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 1000 {
					st, err := f.Job(f.ctx, j.ID)
					if err != nil || st.Expanded >= st.Selected {
						return
					}
					phones, err := f.Selected(f.ctx, j.ID, 3)
					if err != nil {
						f.t.Errorf("Selected: %v", err)
						return
					}
					var seeds []db.TaskSeed
					for _, p := range phones {
						seeds = append(seeds, db.TaskSeed{Phone: p.ID, State: db.TaskReady, Why: "ready"})
					}
					if _, err := f.AddTasks(f.ctx, j.ID, st.Expanded, seeds, f.now); err != nil {
						f.fails(err, db.ErrConflict, "AddTasks of one who was late")
					}
				}
			})
		}
		wg.Wait()
		if got := f.job(j.ID); got.Counts[db.TaskReady] != 40 {
			f.t.Errorf("the job has %v", got.Counts)
		}
	}},

	{"a job whose phones are all passed over has ended", func(f *fixture) {
		ids := f.listed(3)
		j := f.create(f.order(ids...))
		f.ok(f.DeletePhone(f.ctx, ids[1]), "DeletePhone")
		f.expand(j.ID, func(p db.PhoneStatus) db.TaskSeed {
			if p.State == "" {
				return db.TaskSeed{}
			}
			return db.TaskSeed{State: db.TaskSkipped, Why: "cannot"}
		})
		if got := f.job(j.ID); got.State != db.JobEnded || got.Counts[db.TaskSkipped] != 2 {
			f.t.Errorf("the job is %s with %v", got.State, got.Counts)
		}
	}},

	{"a phone deleted between Selected and AddTasks gets no task that lives", func(f *fixture) {
		ids := f.listed(2)
		j := f.create(f.order(ids...))
		f.ok(f.DeletePhone(f.ctx, ids[0]), "DeletePhone")
		seeds := []db.TaskSeed{{Phone: ids[0], State: db.TaskReady, Why: "r"}, {Phone: ids[1], State: db.TaskReady, Why: "r"}}
		_, err := f.AddTasks(f.ctx, j.ID, 0, seeds, f.now)
		f.ok(err, "AddTasks")
		if task, err := f.Task(f.ctx, db.TaskID{Job: j.ID, Phone: ids[0]}); err == nil && !task.State.Final() {
			f.t.Errorf("the deleted phone's task is %s", task.State)
		}
		f.inState(db.TaskID{Job: j.ID, Phone: ids[1]}, db.TaskReady)
	}},

	{"what is made after the order was taken back never lives", func(f *fixture) {
		ids := f.listed(3)
		j := f.create(f.order(ids...))
		seed := func(i int) []db.TaskSeed { return []db.TaskSeed{{Phone: ids[i], State: db.TaskReady, Why: "ready"}} }
		_, err := f.AddTasks(f.ctx, j.ID, 0, seed(0), f.now)
		f.ok(err, "AddTasks")
		_, err = f.StartSweep(f.ctx, j.ID, db.SweepCancel, f.now)
		f.ok(err, "StartSweep")
		_, err = f.AddTasks(f.ctx, j.ID, 1, seed(1), f.now)
		f.ok(err, "AddTasks while the sweep is under way")
		f.steps(j.ID, 1)
		f.reopen()
		_, err = f.AddTasks(f.ctx, j.ID, 2, seed(2), f.now)
		f.ok(err, "AddTasks after the sweep")
		for _, id := range ids {
			f.inState(db.TaskID{Job: j.ID, Phone: id}, db.TaskCancelled)
		}
		if got := f.job(j.ID); got.State != db.JobEnded {
			f.t.Errorf("the job is %s", got.State)
		}
	}},

	{"what is made after the expiry never lives", func(f *fixture) {
		ids := f.listed(2)
		j := f.create(f.order(ids...))
		f.now = j.Expires.Add(time.Second)
		f.sweep(j.ID, db.SweepExpire)
		f.expand(j.ID, ready)
		for _, id := range ids {
			f.inState(db.TaskID{Job: j.ID, Phone: id}, db.TaskExpired)
		}
	}},
}
