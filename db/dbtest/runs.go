package dbtest

import (
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// proven lets an order for now of one phone succeed.
func (d *device) proven(change ...func(*db.NewJob)) {
	d.f.t.Helper()
	id := d.task(change...)
	d.send(id)
	d.f.judge(d.f.verdict(id, 1, db.EventProof))
}

// ran wants these to be the last runs of a phone.
func (f *fixture) ran(phone db.PhoneID, want ...db.Run) {
	f.t.Helper()
	got, err := f.Runs(f.ctx, phone)
	f.ok(err, "Runs")
	f.same(append([]db.Run{}, want...), append([]db.Run{}, got...), "Runs of %s", phone)
}

var runTests = []testCase{
	{"what a phone had by other means is kept, by deed, over a crash", func(f *fixture) {
		d, other := f.device(), f.device()
		f.ran(d.id)
		id := d.task()
		d.send(id)
		f.ran(d.id) // nothing is proven
		sent := f.now
		f.later(time.Minute)
		f.judge(f.verdict(id, 1, db.EventProof))
		f.ran(d.id, db.Run{Deed: db.KindReboot, At: sent})
		f.later(time.Hour)
		d.proven()
		image := f.file("image.z", "image")
		d.proven(func(n *db.NewJob) { n.Job.Kind, n.Job.Args.File = db.KindDownload, image.ID })
		d.proven(func(n *db.NewJob) {
			n.Job.Kind, n.Job.Args.Upload = db.KindUpload, &db.UploadArg{Kind: db.UploadKinds[0]}
		})
		d.proven(func(n *db.NewJob) { n.Job.Kind = db.KindRaw })
		want := []db.Run{{Deed: "download/firmware", At: f.now}, {Deed: "reboot", At: f.now}, {Deed: db.Deed("upload/" + db.UploadKinds[0]), At: f.now}}
		f.ran(d.id, want...)
		f.crash().ran(d.id, want...)
		f.ran(other.id)
		f.ran(99)
	}},

	{"what failed, was skipped or came of a slot is none", func(f *fixture) {
		w, job, ids, devices := f.windowed(1)
		d := devices[0]
		f.now = monday.Add(90 * time.Minute)
		d.send(ids[0])
		f.judge(f.verdict(ids[0], 1, db.EventProof))
		f.ran(d.id)
		if j := f.job(job); j.State != db.JobEnded {
			f.t.Fatalf("the job is %s", j.State)
		}
		id := d.task()
		d.send(id)
		f.judge(f.verdict(id, 1, db.EventUnknown))
		id = d.task()
		f.judge(f.verdict(id, 0, db.EventSkip))
		f.ran(d.id)

		// A late proof of what was given at a slot, when nobody knows the window any more.
		o := f.order(d.id)
		o.Job.When = db.When{Window: w.ID}
		late := f.create(o).ID
		f.expand(late, func(db.PhoneStatus) db.TaskSeed {
			at := f.span(db.TaskReady)
			return db.TaskSeed{State: at.State, Opens: at.Opens, Closes: at.Closes, Why: "ready"}
		})
		id = db.TaskID{Job: late, Phone: d.id}
		d.send(id)
		f.judge(f.verdict(id, 1, db.EventUnknown))
		f.ok(f.DeleteWindow(f.ctx, w.ID), "DeleteWindow")
		f.judge(f.verdict(id, 1, db.EventProof))
		f.inState(id, db.TaskSucceeded)
		f.ran(d.id)
	}},

	{"a weekly window is another means, and a late proof is of when it was sent", func(f *fixture) {
		d := f.device()
		weekly := nightly()
		weekly.Flexible, weekly.Weekly = nil, &window.Weekly{Days: []window.Weekday{1}, Begin: 60, End: weekly.Flexible.End}
		o := f.order(d.id)
		o.Job.When = db.When{Inline: &weekly}
		j := f.create(o)
		f.expand(j.ID, func(db.PhoneStatus) db.TaskSeed {
			return db.TaskSeed{State: db.TaskReady, Opens: f.now, Closes: f.now.Add(time.Hour), Why: "ready"}
		})
		id := db.TaskID{Job: j.ID, Phone: d.id}
		d.send(id)
		sent := f.now
		f.later(10 * time.Minute)
		f.judge(f.verdict(id, 1, db.EventUnknown))
		f.later(24 * time.Hour)
		f.judge(f.verdict(id, 1, db.EventProof))
		f.ran(d.id, db.Run{Deed: db.KindReboot, At: sent})

		old := d.task()
		d.send(old)
		f.judge(f.verdict(old, 1, db.EventUnknown))
		f.later(time.Hour)
		d.proven()
		want := db.Run{Deed: db.KindReboot, At: f.now}
		f.later(time.Hour)
		f.judge(f.verdict(old, 1, db.EventProof)) // does not take it back
		f.ran(d.id, want)
	}},

	{"a run has what waits by the same deed filed anew, in flexible windows alone", func(f *fixture) {
		_, _, ids, devices := f.windowed(2)
		d := devices[0]
		image := f.file("image.z", "image")
		weekly := nightly()
		weekly.Flexible, weekly.Weekly = nil, &window.Weekly{Days: []window.Weekday{1}, Begin: 60, End: weekly.Flexible.End}
		own := nightly()
		seed := func(state db.TaskState) func(db.PhoneStatus) db.TaskSeed {
			at := f.span(state)
			return func(db.PhoneStatus) db.TaskSeed {
				return db.TaskSeed{State: at.State, Due: at.Due, Opens: at.Opens, Closes: at.Closes, Why: "waits"}
			}
		}
		also := func(state db.TaskState, change func(*db.Job)) db.TaskID {
			n := f.order(d.id)
			change(&n.Job)
			j := f.create(n)
			f.expand(j.ID, seed(state))
			return db.TaskID{Job: j.ID, Phone: d.id}
		}
		f.now = monday.Add(90 * time.Minute) // they are open
		inWeekly := also(db.TaskWaiting, func(j *db.Job) { j.When = db.When{Inline: &weekly} })
		open := also(db.TaskReady, func(j *db.Job) { j.When = db.When{Inline: &own} })
		another := also(db.TaskReady, func(j *db.Job) {
			j.When, j.Kind, j.Args.File = db.When{Inline: &own}, db.KindDownload, image.ID
		})
		d.proven(func(n *db.NewJob) { n.Job.Priority = 9 })
		for _, id := range []db.TaskID{ids[0], open} {
			if got := f.inState(id, db.TaskWaiting); !got.Closes.IsZero() || got.Due.After(f.now) {
				f.t.Errorf("%s stands at %+v; want it due to be filed", id, got.Place())
			}
		}
		for id, at := range map[db.TaskID]db.Place{
			ids[1]: f.span(db.TaskWaiting), inWeekly: f.span(db.TaskWaiting), another: f.span(db.TaskReady),
		} {
			if got := f.task(id); !got.Place().Same(at) {
				f.t.Errorf("%s stands at %+v; want %+v", id, got.Place(), at)
			}
		}
	}},

	{"what a phone had goes with it, and its heir begins anew", func(f *fixture) {
		d := f.device()
		d.proven()
		run := db.Run{Deed: db.KindReboot, At: f.now}
		out, err := f.ReplacePhone(f.ctx, db.Replacement{Old: d.id, MAC: "0c383e777777", Now: f.now})
		f.ok(err, "ReplacePhone")
		f.ran(out.New)
		f.ran(d.id, run)
		f.ok(f.DeletePhone(f.ctx, d.id), "DeletePhone")
		f.ran(d.id)
	}},
}
