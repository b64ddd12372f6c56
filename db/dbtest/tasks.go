package dbtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"phoneacs/db"
)

var taskTests = []testCase{
	{"an unknown task is not found", func(f *fixture) {
		id := db.TaskID{Job: 99, Phone: 99}
		_, err := f.Task(f.ctx, id)
		f.fails(err, db.ErrNotFound, "Task")
		f.fails(f.NoteEvidence(f.ctx, id, 1, f.now, "x"), db.ErrNotFound, "NoteEvidence")
		_, err = f.Judge(f.ctx, f.verdict(id, 1, db.EventProof))
		f.fails(err, db.ErrNotFound, "Judge")
		if open, err := f.OpenAttempts(f.ctx, 99); len(open) != 0 {
			f.t.Errorf("OpenAttempts of an unknown phone = %+v, %v", open, err)
		}
	}},

	{"a job's tasks are listed by phone", func(f *fixture) {
		ids := f.listed(7)
		j := f.create(f.order(ids...))
		f.expand(j.ID, ready)
		for _, limit := range []int{1, 3, 100} {
			var got []db.PhoneID
			for _, t := range paged(f, of(f.JobTasks, j.ID), db.Query{Limit: limit}) {
				got = append(got, t.ID.Phone)
				f.same(f.task(t.ID), t, "the task in the list")
			}
			if !slices.Equal(got, ids) {
				f.t.Errorf("%d a page: phones %v; want %v", limit, got, ids)
			}
		}
	}},

	{"a phone's tasks are listed with the newest job first", func(f *fixture) {
		phone := f.listed(1)[0]
		var want []db.JobID
		for range 5 {
			j := f.create(f.order(phone))
			f.expand(j.ID, ready)
			want = append(want, j.ID)
		}
		slices.Reverse(want)
		for _, limit := range []int{1, 3, 100} {
			var got []db.JobID
			for _, t := range paged(f, of(f.PhoneTasks, phone), db.Query{Limit: limit}) {
				got = append(got, t.ID.Job)
			}
			if !slices.Equal(got, want) {
				f.t.Errorf("%d a page: jobs %v; want %v", limit, got, want)
			}
		}
	}},

	{"ready tasks come by priority, then age", func(f *fixture) {
		d, other := f.device(), f.device()
		ids := make(map[string]db.TaskID)
		for _, x := range []struct {
			name     string
			priority int
		}{{"middle", 5}, {"low", 0}, {"late middle", 5}, {"high", 9}} {
			ids[x.name] = d.task(func(n *db.NewJob) { n.Job.Priority = x.priority })
			other.task()
		}
		want := []db.TaskID{ids["high"], ids["middle"], ids["late middle"], ids["low"]}
		for n := range 6 {
			got, err := f.ReadyTasks(f.ctx, d.id, f.now, n)
			f.ok(err, "ReadyTasks")
			var tasks []db.TaskID
			for _, r := range got {
				tasks = append(tasks, r.Task.ID)
				f.same(f.task(r.Task.ID), r.Task, "the ready task")
				f.same(f.job(r.Task.ID.Job).Job, r.Job, "the job of the ready task")
			}
			if !slices.Equal(tasks, want[:min(n, 4)]) {
				f.t.Errorf("%d ready tasks: %v; want %v", n, tasks, want[:min(n, 4)])
			}
		}
		d.send(ids["middle"])
		got, err := f.ReadyTasks(f.ctx, d.id, f.now, 9)
		f.ok(err, "ReadyTasks")
		if len(got) != 3 || slices.ContainsFunc(got, func(r db.ReadyTask) bool { return r.Task.ID == ids["middle"] }) {
			f.t.Errorf("ready after one was sent: %+v", got)
		}
	}},

	{"what may not be sent is not ready", func(f *fixture) {
		d := f.device()
		sooner := func(n *db.NewJob) { n.Job.Expires = f.now.Add(time.Minute); n.Job.Priority = 9 }
		expiring, paused, plain := d.task(sooner), d.task(sooner), d.task()
		_, err := f.PauseJob(f.ctx, paused.Job)
		f.ok(err, "PauseJob")
		for _, step := range []struct {
			wait time.Duration
			want []db.TaskID
		}{{0, []db.TaskID{expiring, plain}}, {time.Minute, []db.TaskID{plain}}} {
			f.later(step.wait)
			got, err := f.ReadyTasks(f.ctx, d.id, f.now, 9)
			f.ok(err, "ReadyTasks")
			var ids []db.TaskID
			for _, r := range got {
				ids = append(ids, r.Task.ID)
			}
			if !slices.Equal(ids, step.want) {
				f.t.Errorf("ready after %v: %v; want %v", step.wait, ids, step.want)
			}
		}
	}},

	{"evidence is bounded, and noting it moves nothing", func(f *fixture) {
		d := f.device()
		id := d.task()
		d.send(id)
		want := f.task(id)
		f.later(time.Second)
		f.ok(f.NoteEvidence(f.ctx, id, 1, f.now, "a", "b"), "NoteEvidence")
		f.ok(f.NoteEvidence(f.ctx, id, 0, f.now, "c"), "NoteEvidence")
		want.Evidence = []db.Evidence{
			{Time: f.now, Attempt: 1, What: "a"}, {Time: f.now, Attempt: 1, What: "b"}, {Time: f.now, What: "c"},
		}
		f.same(want, f.task(id), "the task with evidence")
		for range 2 * db.MaxEvidence {
			f.ok(f.NoteEvidence(f.ctx, id, 1, f.now, "more", strings.Repeat("x", 1<<16)), "NoteEvidence")
		}
		f.ok(f.NoteEvidence(f.ctx, id, 1, f.now, "newest"), "NoteEvidence")
		e := f.task(id).Evidence
		if len(e) != db.MaxEvidence || e[len(e)-1].What != "newest" {
			f.t.Errorf("%d pieces of evidence are kept, the last is %+v; want %d, the newest last", len(e), e[len(e)-1], db.MaxEvidence)
		}
		f.inState(id, db.TaskSent)
	}},

	{"of what is seen over and over the first and the newest are kept", func(f *fixture) {
		d := f.device()
		id := d.task()
		var want []db.Evidence
		for i := range 5 {
			f.later(time.Second)
			for _, kind := range []string{"woken", "woken not"} {
				e := db.Evidence{Time: f.now, What: fmt.Sprint(kind, ": ", i)}
				if f.ok(f.NoteRepeated(f.ctx, id, f.now, kind, fmt.Sprint(i)), "NoteRepeated"); i == 0 || i == 4 {
					want = append(want, e)
				}
			}
		}
		f.same(want, f.task(id).Evidence, "evidence")
		_, err := f.Judge(f.ctx, db.Verdict{Task: id, Event: db.EventSkip, Now: f.now, Why: "is so already"})
		f.ok(err, "Judge")
		before := f.task(id)
		f.ok(f.NoteRepeated(f.ctx, id, f.now, "woken", "late"), "NoteRepeated")
		f.same(before, f.task(id), "a task that has ended")
	}},
}
