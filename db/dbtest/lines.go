package dbtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"phoneacs/db"
)

const line = "Device.Services.VoiceService.1.VoiceProfile.1.Line.1."

// wakes are the DueWake entries of a task, by time.
func (f *fixture) wakes(id db.TaskID) (at []time.Time) {
	f.t.Helper()
	due, err := f.TakeDue(f.ctx, f.now.Add(100*365*24*time.Hour), 1000, 0, db.DueWake)
	f.ok(err, "TakeDue")
	for _, d := range due {
		if d.Job == id.Job && d.Phone == id.Phone && d.At.After(f.now) {
			at = append(at, d.At)
		}
	}
	return at
}

var linesTests = []testCase{
	{"what lines a phone has is kept, and goes with the phone", func(f *fixture) {
		d := f.device()
		if l, err := f.Lines(f.ctx, d.id); err != nil || !l.Asked.IsZero() {
			f.t.Errorf("lines of a phone that was never asked: %+v, %v", l, err)
		}
		want := db.Lines{Calls: []string{line + "CallState"}, Registered: []string{line + "Status"}, Firmware: "2.4", Asked: f.now,
			Counters: []string{line + "Stats.A", line + "Stats.B"}, Quiet: &db.Quiet{Since: f.now, Counts: []uint64{0, 1<<64 - 1}, Boot: f.now}}
		f.ok(f.RecordLines(f.ctx, d.id, d.in.Session, want), "RecordLines")
		g := f.crash()
		got, err := g.Lines(g.ctx, d.id)
		g.ok(err, "Lines")
		g.same(want, got, "Lines")
		f.ok(f.DeletePhone(f.ctx, d.id), "DeletePhone")
		if l, err := f.Lines(f.ctx, d.id); err != nil || !l.Asked.IsZero() {
			f.t.Errorf("lines are left: %+v, %v", l, err)
		}
		f.fails(f.RecordLines(f.ctx, d.id, "", want), db.ErrNotFound, "RecordLines of a phone that is gone")
	}},

	{"only the session that owns the phone tells of its lines, and not without end", func(f *fixture) {
		d := f.device()
		old := d.in.Session
		d.session("2 PERIODIC")
		f.fails(f.RecordLines(f.ctx, d.id, old, db.Lines{Asked: f.now}), db.ErrSuperseded, "RecordLines of a session that has ended")
		many := db.Lines{Asked: f.now}
		for i := range db.MaxLines + 1 {
			many.Registered = append(many.Registered, fmt.Sprintf("L%03d", i))
		}
		f.fails(f.RecordLines(f.ctx, d.id, "", many), db.ErrTooMany, "RecordLines of too many")
		for _, names := range [][]string{{"B", "A"}, {"A", "A"}, {""}, {strings.Repeat("x", db.MaxLineName+1)}} {
			f.failsField(f.RecordLines(f.ctx, d.id, "", db.Lines{Calls: names}), fmt.Sprintf("calls[%d]", len(names)-1), "RecordLines")
		}
		f.fails(f.RecordLines(f.ctx, d.id, "", db.Lines{Counters: make([]string, db.MaxCounters+1)}), db.ErrTooMany, "RecordLines of too many counters")
		f.failsField(f.RecordLines(f.ctx, d.id, "", db.Lines{Counters: []string{"A", "A"}}), "counters[1]", "RecordLines")
		f.failsField(f.RecordLines(f.ctx, d.id, "", db.Lines{Counters: []string{"A"}, Quiet: &db.Quiet{Counts: []uint64{1, 2}}}), "quiet.counts", "RecordLines")
		if l, err := f.Lines(f.ctx, d.id); err != nil || !l.Asked.IsZero() {
			f.t.Errorf("what was refused was recorded: %+v, %v", l, err)
		}
	}},

	{"a call that a task waits for has one wake, which goes with the wait", func(f *fixture) {
		d := f.device()
		id := d.task()
		b := db.Busy{Since: f.now, At: f.now, Looked: 1, What: "in a call", Wake: f.now.Add(30 * time.Second)}
		f.ok(f.NoteBusy(f.ctx, id, d.in.Session, b, "seen"), "NoteBusy")
		task := f.inState(id, db.TaskReady)
		f.same(&b, task.Busy, "the call")
		if task.Why != b.What || len(task.Evidence) != 1 || task.Evidence[0].What != "seen" {
			f.t.Errorf("task is %+v", task)
		}
		b.At, b.Looked, b.Wake = f.now.Add(20*time.Second), 2, f.now.Add(50*time.Second)
		f.ok(f.NoteBusy(f.ctx, id, d.in.Session, b), "NoteBusy")
		f.same([]time.Time{b.Wake}, f.wakes(id), "wakes after a second look")
		g := f.crash()
		g.same(&b, g.task(id).Busy, "the call after a crash")
		g.same([]time.Time{b.Wake}, g.wakes(id), "wakes after a crash")
		f.fails(f.NoteBusy(f.ctx, id, "x", b), db.ErrSuperseded, "NoteBusy of another session")
		d.send(id)
		if task := f.inState(id, db.TaskSent); task.Busy != nil || len(f.wakes(id)) != 0 {
			f.t.Errorf("sent, and it still waits: %+v, %v", task.Busy, f.wakes(id))
		}
		f.fails(f.NoteBusy(f.ctx, id, d.in.Session, b), db.ErrConflict, "NoteBusy of a task that is sent")
	}},

	{"a call is forgotten when the task is taken back", func(f *fixture) {
		d := f.device()
		id := d.task()
		f.ok(f.NoteBusy(f.ctx, id, d.in.Session, db.Busy{Since: f.now, At: f.now, Looked: 1, What: "x", Wake: f.now.Add(time.Minute)}), "NoteBusy")
		f.sweep(id.Job, db.SweepCancel)
		if task := f.inState(id, db.TaskCancelled); task.Busy != nil || len(f.wakes(id)) != 0 {
			f.t.Errorf("cancelled, and it still waits: %+v, %v", task.Busy, f.wakes(id))
		}
	}},

	{"nothing is sent on what was found too long ago", func(f *fixture) {
		d := f.device()
		id := d.task()
		s := d.sending(id)
		s.Until = time.Now().Add(-time.Minute)
		f.refused(s, db.ErrStale, "a task that is too late")
		s.Until, s.Lines = time.Now().Add(time.Hour), make([]string, db.MaxLines+1)
		f.refused(s, db.ErrTooMany, "a task with too many lines")
		s.Lines, s.Evidence = []string{line + "Status"}, []string{"1 line is idle"}
		a, err := f.MarkSent(f.ctx, s)
		f.ok(err, "MarkSent")
		f.same(&db.LineWait{Names: s.Lines}, a.Lines, "the attempt's lines")
		task := f.inState(id, db.TaskSent)
		if a.Awaited() || len(task.Evidence) != 1 || task.Evidence[0].Attempt != 1 {
			f.t.Errorf("task is %+v", task)
		}
	}},

	{"an attempt that awaits its lines has another deadline and one wake, until it ends", func(f *fixture) {
		d := f.device()
		id := d.task()
		s := d.sending(id)
		s.Lines = []string{line + "Status"}
		_, err := f.MarkSent(f.ctx, s)
		f.ok(err, "MarkSent")
		f.judge(f.verdict(id, 1, db.EventAccept))
		sent := f.task(id)
		was := sent.Last().Deadline
		for _, wake := range []time.Duration{15 * time.Second, time.Minute, 0} {
			v := f.verdict(id, 1, db.EventAccept)
			v.Lines = &db.LineWait{Names: s.Lines, Shown: f.now, Proof: "back", Down: []string{"1 is Error"}}
			if wake > 0 {
				v.Lines.Wake = f.now.Add(wake)
			}
			if wake == 15*time.Second {
				v.Deadline = was.Add(time.Hour)
			}
			f.judge(v)
			task := f.inState(id, db.TaskProving)
			f.same(v.Lines, task.Last().Lines, "the lines")
			if a := task.Last(); !a.Awaited() || !a.Deadline.Equal(was.Add(time.Hour)) {
				f.t.Errorf("attempt is %+v", a)
			}
			var want []time.Time
			if wake > 0 {
				want = []time.Time{v.Lines.Wake}
			}
			if got := f.wakes(id); !slices.EqualFunc(got, want, time.Time.Equal) {
				f.t.Errorf("wakes at %v; want %v", got, want)
			}
		}
		old := db.Due{At: was, Kind: db.DueDeadline, Job: id.Job, Phone: id.Phone, Attempt: 1}
		f.ok(f.DropDue(f.ctx, []db.Due{old}), "DropDue of the deadline that was moved")
		due, err := f.TakeDue(f.ctx, was.Add(time.Hour), 9, 0, db.DueDeadline)
		f.ok(err, "TakeDue")
		old.At = was.Add(time.Hour)
		f.same([]db.Due{old}, due, "the deadline")
		f.fails(f.DropDue(f.ctx, due), db.ErrConflict, "DropDue of the deadline that is in force")
		f.judge(f.verdict(id, 1, db.EventRefute))
		ended := f.inState(id, db.TaskFailed)
		if a := ended.Last(); a.Awaited() || len(f.wakes(id)) != 0 {
			f.t.Errorf("ended, and it still waits: %+v, %v", a, f.wakes(id))
		}
	}},
}
