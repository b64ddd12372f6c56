package dbtest

import (
	"strings"
	"time"

	"phoneacs/db"
)

// held is a job of downloads of which the first was handed over to its phone,
// and the second waits.
func (f *fixture) held() (w db.Window, ids []db.TaskID, devices []*device) {
	f.t.Helper()
	w, _, ids, devices = f.windowedOf(db.KindDownload, 2)
	_, err := f.MarkSent(f.ctx, devices[0].handing(ids[0]))
	f.ok(err, "MarkSent")
	f.judge(f.verdict(ids[0], 1, db.EventAccept))
	f.woken()
	return w, ids, devices
}

// recalls are what has the phones woken that hold something.
var recalls = map[string]func(f *fixture, w db.Window, id db.TaskID){
	"a cancel": func(f *fixture, _ db.Window, id db.TaskID) {
		_, err := f.StartSweep(f.ctx, id.Job, db.SweepCancel, f.now)
		f.ok(err, "StartSweep")
	},
	"an expiry": func(f *fixture, _ db.Window, id db.TaskID) {
		_, err := f.StartSweep(f.ctx, id.Job, db.SweepExpire, f.now)
		f.ok(err, "StartSweep")
	},
	"a pause": func(f *fixture, _ db.Window, id db.TaskID) {
		_, err := f.PauseJob(f.ctx, id.Job)
		f.ok(err, "PauseJob")
	},
	"a hold of the phone": func(f *fixture, _ db.Window, id db.TaskID) {
		f.ok(f.SetHold(f.ctx, db.Hold{Phone: id.Phone}), "SetHold")
	},
	"a hold of the site": func(f *fixture, _ db.Window, _ db.TaskID) {
		f.ok(f.SetHold(f.ctx, db.Hold{Site: db.DefaultSite}), "SetHold")
	},
	"a hold of the fleet": func(f *fixture, _ db.Window, _ db.TaskID) { f.ok(f.SetHold(f.ctx, db.Hold{}), "SetHold") },
	"another window": func(f *fixture, w db.Window, id db.TaskID) {
		w.Window.Flexible.Interval = 2
		_, err := f.UpdateWindow(f.ctx, w, f.now)
		f.ok(err, "UpdateWindow")
		f.ok(f.RefileTasks(f.ctx, id.Job, 1, 0, 0, true, nil, f.now), "RefileTasks")
	},
	"another site": func(f *fixture, _ db.Window, id db.TaskID) {
		s, err := f.CreateSite(f.ctx, db.Site{Name: "far"})
		f.ok(err, "CreateSite")
		_, err = f.UpdatePhone(f.ctx, id.Phone, db.PhonePatch{Site: &s.ID}, "test")
		f.ok(err, "UpdatePhone")
	},
}

var recallTests = []testCase{
	{"whoever holds what may have to be dropped is woken, over a crash", func(f *fixture) {
		for name, do := range recalls {
			g := f.crash() // one store for each
			w, ids, devices := g.held()
			do(g, w, ids[0])
			g = g.crash()
			if due := g.woken(); len(due) != 1 || due[0].Phone != devices[0].id || due[0].Job != ids[0].Job {
				g.t.Errorf("%s: woken are %+v; want %s alone", name, due, devices[0].id)
			}
		}
	}},

	{"who has done what was handed over is not woken", func(f *fixture) {
		for name, do := range recalls {
			g := f.crash()
			w, ids, _ := g.held()
			v := g.verdict(ids[0], 1, db.EventAccept)
			v.Complete = true
			g.judge(v)
			do(g, w, ids[0])
			if due := g.woken(); len(due) != 0 {
				g.t.Errorf("%s: woken are %+v", name, due)
			}
		}
	}},

	{"a pause wakes nobody for what it holds back", func(f *fixture) {
		_, ids, devices := f.held()
		f.ok(f.FileTasks(f.ctx, []db.Filing{f.fileTo(ids[1], f.span(db.TaskReady))}, f.now), "FileTasks")
		f.woken()
		recalls["a pause"](f, db.Window{}, ids[0])
		if due := f.woken(); len(due) != 1 || due[0].Phone != devices[0].id {
			f.t.Errorf("woken are %+v; want %s alone", due, devices[0].id)
		}
	}},

	{"a change is made again over what a sweep of wakes has passed", func(f *fixture) {
		_, ids, devices := f.held()
		f.ok(f.SetHold(f.ctx, db.Hold{}), "SetHold")
		done, err := f.StepSweep(f.ctx, ids[0].Job, 1, f.now)
		if err != nil || done {
			f.t.Fatalf("StepSweep = %v, %v", done, err)
		}
		due, err := f.TakeDue(f.ctx, time.Now().Add(time.Hour), 9, time.Minute, db.DueWake)
		f.ok(err, "TakeDue")
		f.ok(f.DropDue(f.ctx, due), "DropDue")
		f.ok(f.SetHold(f.ctx, db.Hold{Site: db.DefaultSite}), "SetHold")
		if due := f.woken(); len(due) != 1 || due[0].Phone != devices[0].id {
			f.t.Errorf("woken are %+v; want %s", due, devices[0].id)
		}
	}},

	{"what was said of dropping is kept, of what the phone holds alone", func(f *fixture) {
		_, ids, devices := f.held()
		d, id := devices[0], db.AttemptID{Task: ids[0], N: 1}
		r := db.Recall{Asked: f.now, Why: strings.Repeat("long ", 500)}
		f.fails(f.NoteRecall(f.ctx, id, "x", f.now, r), db.ErrSuperseded, "NoteRecall of another session")
		f.fails(f.NoteRecall(f.ctx, db.AttemptID{Task: ids[0], N: 2}, d.in.Session, f.now, r), db.ErrConflict, "NoteRecall of another attempt")
		f.fails(f.NoteRecall(f.ctx, db.AttemptID{Task: ids[1], N: 1}, devices[1].in.Session, f.now, r), db.ErrConflict, "NoteRecall of what waits")
		f.ok(f.NoteRecall(f.ctx, id, d.in.Session, f.now, r, "told"), "NoteRecall")
		r = db.Recall{Asked: f.now.Add(time.Second), Why: "cancelled", Refused: "it will not", Final: true}
		f.ok(f.NoteRecall(f.ctx, id, d.in.Session, f.now, r), "NoteRecall")
		g := f.crash()
		task := g.inState(ids[0], db.TaskProving)
		g.same(&r, task.Last().Handover.Recall, "what was said")
		if n := len(task.Evidence); n == 0 || task.Evidence[n-1].What != "told" || task.Evidence[n-1].Attempt != 1 {
			g.t.Errorf("evidence %+v", task.Evidence)
		}
		f.judge(f.verdict(ids[0], 1, db.EventFault))
		f.fails(f.NoteRecall(f.ctx, id, d.in.Session, f.now, r), db.ErrConflict, "NoteRecall of an attempt that has ended")
		other := f.device()
		sent := other.task()
		other.send(sent)
		f.fails(f.NoteRecall(f.ctx, db.AttemptID{Task: sent, N: 1}, other.in.Session, f.now, r), db.ErrConflict, "NoteRecall of what was not handed over")
	}},

	{"what a phone has dropped waits to be filed, or ends with its order", func(f *fixture) {
		drop := func(g *fixture, id db.TaskID) db.Task {
			return g.judge(db.Verdict{
				Task: id, Attempt: 1, Event: db.EventAgain, Outcome: db.OutcomeDropped, Now: g.now, Due: g.now, Why: "dropped", Unspent: true,
			})
		}
		_, ids, devices := f.held()
		g := f.crash()
		g.sweep(ids[0].Job, db.SweepCancel)
		g.inState(ids[0], db.TaskProving)
		if task := drop(g, ids[0]); task.State != db.TaskCancelled || task.Why != "cancelled; dropped" {
			g.t.Errorf("of a cancelled job it is %s: %s", task.State, task.Why)
		}
		task := drop(f, ids[0])
		if task.State != db.TaskWaiting || !task.Closes.IsZero() || task.Tries != 0 || task.Last().Outcome != db.OutcomeDropped {
			f.t.Errorf("it is %+v", task)
		}
		if n := f.offered(devices[0]); n != 0 {
			f.t.Errorf("%d tasks are given before they are filed", n)
		}
		f.ok(f.FileTasks(f.ctx, []db.Filing{f.fileTo(ids[0], f.span(db.TaskWaiting))}, f.now), "FileTasks")
		devices[0].session() // the same slot, once more
		a, err := f.MarkSent(f.ctx, devices[0].handing(ids[0]))
		f.ok(err, "MarkSent")
		f.same(2, a.N, "attempt")
	}},

	{"the lines of what was handed over have their own time", func(f *fixture) {
		_, _, ids, devices := f.windowedOf(db.KindDownload, 1)
		send := devices[0].handing(ids[0])
		send.Lines = []string{line + "Status"}
		_, err := f.MarkSent(f.ctx, send)
		f.ok(err, "MarkSent")
		v := f.verdict(ids[0], 1, db.EventAccept)
		v.Lines, v.Deadline = &db.LineWait{Names: send.Lines, Shown: f.now, Proof: "done"}, f.now.Add(time.Minute)
		if task := f.judge(v); !task.Last().Deadline.Before(send.Handover.Until) {
			f.t.Errorf("due at %s", task.Last().Deadline)
		}
	}},
}
