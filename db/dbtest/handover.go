package dbtest

import (
	"time"

	"phoneacs/db"
)

// handing is the intent to send a task before its slot, as it stands now.
func (d *device) handing(id db.TaskID) db.Send {
	d.f.t.Helper()
	send, t := d.sending(id), d.f.task(id)
	send.Exclusive, send.Changes = true, true
	send.Handover = &db.Handover{From: t.Due, Until: t.Closes}
	send.Deadline = t.Closes.Add(time.Minute)
	return send
}

var handoverTests = []testCase{
	{"what is handed over leaves before its slot, with its window", func(f *fixture) {
		_, _, ids, devices := f.windowed(1)
		d := devices[0]
		send := d.handing(ids[0])
		a, err := f.MarkSent(f.ctx, send)
		f.ok(err, "MarkSent")
		f.same(*send.Handover, *a.Handover, "the window of the attempt")
		f.reopen()
		got := f.inState(ids[0], db.TaskSent)
		f.same(*send.Handover, *got.Last().Handover, "the window of the attempt")
		f.same(1, got.Tries, "tries")
		f.now = monday.Add(90 * time.Minute)
		if n := f.offered(d); n != 0 {
			f.t.Errorf("%d tasks are given in the window of one that was handed over", n)
		}
	}},

	{"what is not as it was said to wait is not handed over", func(f *fixture) {
		_, _, ids, devices := f.windowed(1)
		d := devices[0]
		for name, change := range map[string]func(*db.Send){
			"slot":     func(s *db.Send) { s.Handover.From = s.Handover.From.Add(time.Second) },
			"closing":  func(s *db.Send) { s.Handover.Until = s.Handover.Until.Add(-time.Second) },
			"deadline": func(s *db.Send) { s.Deadline = s.Handover.Until.Add(-time.Second) },
			"closed":   func(s *db.Send) { s.Now = s.Handover.Until },
		} {
			send := d.handing(ids[0])
			change(&send)
			_, err := f.MarkSent(f.ctx, send)
			f.fails(err, db.ErrConflict, "MarkSent with another %s", name)
		}
		send := d.handing(ids[0])
		f.ok(f.SetHold(f.ctx, db.Hold{Phone: d.id, Reason: "works", Since: f.now}), "SetHold")
		_, err := f.MarkSent(f.ctx, send)
		f.fails(err, db.ErrHeld, "MarkSent while held")
		f.ok(f.ClearHold(f.ctx, 0, d.id), "ClearHold")
		f.ok(f.FileTasks(f.ctx, []db.Filing{f.fileTo(ids[0], f.span(db.TaskReady))}, f.now), "FileTasks")
		_, err = f.MarkSent(f.ctx, send)
		f.fails(err, db.ErrConflict, "MarkSent of a task that is ready")
		if got := f.inState(ids[0], db.TaskReady); len(got.Attempts) != 0 {
			f.t.Errorf("attempts %+v", got.Attempts)
		}
	}},

	{"an attempt that is not to count leaves the tries as they were", func(f *fixture) {
		_, _, ids, devices := f.windowed(1)
		for _, unspent := range []bool{true, false} {
			send := devices[0].handing(ids[0])
			a, err := f.MarkSent(f.ctx, send)
			f.ok(err, "MarkSent")
			at := f.span(db.TaskWaiting)
			got, err := f.Judge(f.ctx, db.Verdict{
				Task: ids[0], Attempt: a.N, Event: db.EventAgain, Outcome: db.OutcomeFault, Now: f.now, Why: "refused",
				Due: at.Due, Opens: at.Opens, Closes: at.Closes, Unspent: unspent,
			})
			f.ok(err, "Judge")
			f.same(at, got.Place(), "its place")
			f.same(!unspent, got.Tries == 1, "whether it counts")
			f.same(a.N, len(got.Attempts), "attempts")
		}
	}},
}
