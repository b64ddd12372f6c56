package jobs_test

import (
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs/window"
)

// night opens each day from 02:00 to 04:00.
func night(zone string) window.Window {
	end := window.Dial(4 * 60)
	return window.Window{Flexible: &window.Flexible{Interval: 1, Begin: 2 * 60, End: &end}, Zone: zone}
}

func (r *rig) window(name string, w window.Window) db.Window {
	r.t.Helper()
	out, err := r.store.CreateWindow(r.t.Context(), db.Window{Name: name, Window: w, Created: r.clock.Now()})
	r.must(err)
	return out
}

// until lets time pass as it does while the server runs: whatever falls due is
// done when it does.
func (r *rig) until(t time.Time) {
	r.t.Helper()
	for {
		at, ok, err := r.store.NextDue(r.t.Context())
		r.must(err)
		if !ok || at.After(t) {
			break
		}
		if d := at.Sub(r.clock.Now()); d > 0 {
			r.clock.Advance(d)
		} else {
			r.clock.Advance(time.Second) // a lease, or an entry of the past
		}
		r.settle()
	}
	if d := t.Sub(r.clock.Now()); d > 0 {
		r.clock.Advance(d)
	}
	r.settle()
}

func rebootIn(w db.Window, missed db.Missed) db.Job {
	return db.Job{Kind: db.KindReboot, When: db.When{Window: w.ID, Missed: missed}}
}

// slot is where the phone's next slot should be, by the window alone.
func slotOf(t *testing.T, w db.Window, p session, after time.Time, id ...string) window.Slot {
	t.Helper()
	s, ok := w.Window.Next(window.Phone{Key: p.Phone.ID.String()}, append(id, w.ID.String())[0], time.UTC, after)
	if !ok {
		t.Fatal("the window does not open")
	}
	return s
}

func TestSlot(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := r.window("night", night("Europe/Berlin"))
	job := r.order(rebootIn(w, ""), phone)
	want := slotOf(t, w, phone, begin)
	task := r.task(job, phone, db.TaskWaiting)
	if !task.Due.Equal(want.At) || !task.Opens.Equal(want.Opens) || !task.Closes.Equal(want.Closes) {
		t.Errorf("due %s, open %s to %s; want %+v", task.Due, task.Opens, task.Closes, want)
	}
	berlin, _ := time.LoadLocation("Europe/Berlin")
	r.says("Explain", r.svc.Explain(t.Context(), task),
		"waits for its slot at "+want.At.In(berlin).Format("2006-01-02 15:04:05")+" Europe/Berlin in window night, open 02:00–04:00")
	r.inform("1", "2.4").nothing() // by day
	r.until(want.At.Add(-time.Second))
	r.task(job, phone, db.TaskWaiting)
	if woken := r.waker.take(); len(woken) > 0 {
		t.Errorf("woken %v before its slot", woken)
	}
	r.until(want.At)
	task = r.task(job, phone, db.TaskReady)
	if woken := r.waker.take(); len(woken) != 1 {
		t.Errorf("woken %v at its slot; want it once", woken)
	}
	r.says("Explain", r.svc.Explain(t.Context(), task), "window night is open until")
	_, id := r.inform("1", "2.4").reboot()
	task = r.task(job, phone, db.TaskSent)
	if !task.Opens.IsZero() || !task.Closes.IsZero() {
		t.Errorf("a task that is sent has a window: %+v", task)
	}
	r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventMReboot, CommandKey: mustKey(t, r, id)})
	r.task(job, phone, db.TaskSucceeded)
	r.job(job, db.JobEnded)
	r.must(r.store.DeleteWindow(t.Context(), w.ID)) // nobody waits for it any more
}

func mustKey(t *testing.T, r *rig, id db.AttemptID) string {
	t.Helper()
	task, err := r.store.Task(t.Context(), id.Task)
	r.must(err)
	return task.Last().Key
}

// TestOfItself has a phone speak by itself, before its slot, and after it when
// it could not be woken, in its window and out of it.
func TestOfItself(t *testing.T) {
	for _, tt := range []struct {
		name   string
		at     func(window.Slot) time.Time
		served bool
	}{
		{"just before it opens", func(s window.Slot) time.Time { return s.Opens.Add(-time.Second) }, false},
		{"as it opens", func(s window.Slot) time.Time { return s.Opens }, true},
		{"before the slot", func(s window.Slot) time.Time { return s.At.Add(-time.Second) }, true},
		{"after the slot", func(s window.Slot) time.Time { return s.At.Add(time.Minute) }, true},
		{"just before it closes", func(s window.Slot) time.Time { return s.Closes.Add(-time.Second) }, true},
		{"as it closes", func(s window.Slot) time.Time { return s.Closes }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			w := r.window("night", night(""))
			job := r.order(rebootIn(w, ""), phone)
			slot := slotOf(t, w, phone, begin)
			r.until(tt.at(slot))
			s := r.inform("1", "2.4")
			if !tt.served {
				s.nothing()
				return
			}
			s.reboot()
			r.task(job, phone, db.TaskSent)
		})
	}
}

// TestUnsent has a window close before the phone comes.
func TestUnsent(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := r.window("night", night(""))
	job := r.order(rebootIn(w, ""), phone)
	for range 3 {
		slot := slotOf(t, w, phone, r.clock.Now())
		r.until(slot.At)
		r.task(job, phone, db.TaskReady)
		r.until(slot.Closes)
		task := r.task(job, phone, db.TaskWaiting)
		if next := slotOf(t, w, phone, slot.Closes); !task.Due.Equal(next.At) {
			t.Fatalf("due %s; want the next period's %s", task.Due, next.At)
		}
		r.says("task", task.Why, "closed before it could be sent")
	}
	// The last of its windows is past the order's expiry: it says so.
	last := r.job(job, db.JobActive).Expires
	r.until(last)
	task := r.task(job, phone, db.TaskExpired)
	r.says("task", task.Why, "the order expires at")
}

// TestMissed has the server down over a slot.
func TestMissed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		missed db.Missed
		down   func(window.Slot) time.Time // when it is back
		ready  bool
	}{
		{"for a moment", "", func(s window.Slot) time.Time { return s.At.Add(time.Minute) }, true},
		{"over the slot", "", func(s window.Slot) time.Time { return s.At.Add(3 * time.Minute) }, false},
		{"over the slot, next", db.MissedNext, func(s window.Slot) time.Time { return s.At.Add(3 * time.Minute) }, false},
		{"over the slot, rest", db.MissedRest, func(s window.Slot) time.Time { return s.At.Add(3 * time.Minute) }, true},
		{"over the window, rest", db.MissedRest, func(s window.Slot) time.Time { return s.Closes }, false},
		{"over the window, next", db.MissedNext, func(s window.Slot) time.Time { return s.Closes.Add(5 * 24 * time.Hour) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			w := r.window("night", night(""))
			phone := r.inform("1", "2.4")
			for slotOf(t, w, phone, begin).Closes.Sub(slotOf(t, w, phone, begin).At) < 10*time.Minute {
				phone = r.inform(phone.Phone.Serial+"1", "2.4") // one whose slot is not at the end
			}
			job := r.order(rebootIn(w, tt.missed), phone)
			slot := slotOf(t, w, phone, begin)
			r.must(r.store.Close())
			r.clock.Advance(tt.down(slot).Sub(r.clock.Now()))
			r.open()
			r.settle()
			if tt.ready {
				task := r.task(job, phone, db.TaskReady)
				if !task.Closes.Equal(slot.Closes) {
					t.Errorf("may be sent until %s; want %s", task.Closes, slot.Closes)
				}
				return
			}
			task := r.task(job, phone, db.TaskWaiting)
			if next := slotOf(t, w, phone, r.clock.Now()); !task.Due.Equal(next.At) {
				t.Errorf("due %s; want the next period's %s", task.Due, next.At)
			}
			r.says("task", task.Why, "nobody served at its slot")
			r.inform(phone.Phone.Serial, "2.4").nothing()
		})
	}
}

// TestClockJumps sets the server's clock, both ways.
func TestClockJumps(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := r.window("night", night(""))
	job := r.order(rebootIn(w, ""), phone)
	slot := slotOf(t, w, phone, begin)
	r.wait(26 * time.Hour) // forwards: past the window
	task := r.task(job, phone, db.TaskWaiting)
	slot = slotOf(t, w, phone, r.clock.Now())
	if !task.Due.Equal(slot.At) {
		t.Errorf("after a jump forwards it is due %s; want %s", task.Due, slot.At)
	}
	r.until(slot.At)
	r.task(job, phone, db.TaskReady)
	r.clock.Advance(-12 * time.Hour) // backwards, while it is ready
	r.settle()
	r.inform("1", "2.4").nothing() // it is afternoon again
	r.until(slot.At.Add(time.Second))
	r.inform("1", "2.4").reboot()
	r.task(job, phone, db.TaskSent)
}

// TestAgainInWindow has attempts fail: the next is in this window if it fits.
func TestAgainInWindow(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := r.window("night", night(""))
	j := downloadOf(r.file(db.FileConfig, ""))
	j.When, j.Retry = db.When{Window: w.ID}, db.Retry{Max: 5, Backoff: 50 * time.Minute}
	job := r.order(j, phone)
	fail := func() {
		t.Helper()
		s := r.inform("1", "2.4")
		d, id := s.download()
		s.answer(id, &cwmp.DownloadResponse{Status: 1})
		r.inform("1", "2.4").complete(d.CommandKey, cwmp.FaultContactServer)
	}
	slot := slotOf(t, w, phone, begin)
	r.until(slot.Opens) // it comes by itself, before its slot
	fail()
	task := r.task(job, phone, db.TaskWaiting)
	if due := slot.Opens.Add(50 * time.Minute); !task.Due.Equal(due) || !task.Opens.Equal(due) || !task.Closes.Equal(slot.Closes) {
		t.Errorf("after a fault: due %s, open %s to %s; want %s to %s", task.Due, task.Opens, task.Closes, due, slot.Closes)
	}
	r.says("Explain", r.svc.Explain(t.Context(), task), "to be tried again in window night, open until 04:00")
	r.until(slot.Opens.Add(49 * time.Minute))
	r.inform("1", "2.4").nothing() // its back-off holds, also for a phone that comes by itself
	r.until(slot.Opens.Add(50 * time.Minute))
	r.task(job, phone, db.TaskReady)
	r.until(slot.Opens.Add(65 * time.Minute))
	fail() // and an hour more is past the window
	task = r.task(job, phone, db.TaskWaiting)
	if next := slotOf(t, w, phone, slot.Closes); !task.Due.Equal(next.At) || !task.Opens.Equal(next.Opens) {
		t.Errorf("after a second fault it is due %s; want its next slot, %s", task.Due, next.At)
	}
}

// TestBlankEnd is a window without an end: what is due at its begin may be
// sent for an hour.
func TestBlankEnd(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := night("")
	w.Flexible.End = nil
	job := r.order(db.Job{Kind: db.KindReboot, When: db.When{Inline: &w}}, phone)
	at := time.Date(2026, 3, 3, 2, 0, 0, 0, time.UTC)
	task := r.task(job, phone, db.TaskWaiting)
	if !task.Due.Equal(at) || !task.Closes.Equal(at.Add(time.Hour)) {
		t.Fatalf("due %s until %s; want %s and an hour", task.Due, task.Closes, at)
	}
	r.until(at.Add(-time.Second))
	r.inform("1", "2.4").nothing()
	r.until(at)
	r.task(job, phone, db.TaskReady)
	r.until(at.Add(time.Hour))
	if task = r.task(job, phone, db.TaskWaiting); !task.Due.Equal(at.Add(24 * time.Hour)) {
		t.Errorf("due %s; want a day later", task.Due)
	}
	r.until(at.Add(24*time.Hour + 59*time.Minute))
	r.inform("1", "2.4").reboot()
}

// TestSlotOfItsOwn is that of a window which an order brings: it is drawn by the
// id of the job.
func TestSlotOfItsOwn(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	own := night("")
	for range 3 {
		job := r.order(db.Job{Kind: db.KindReboot, When: db.When{Inline: &own}}, phone)
		want := slotOf(t, db.Window{Window: own}, phone, begin, job.String())
		if task := r.task(job, phone, db.TaskWaiting); !task.Due.Equal(want.At) {
			t.Errorf("the slot of %s is %v; want %v", job, task.Due, want.At)
		}
	}
}

// TestIdleTime is a window that asks for idle time from the slot on.
func TestIdleTime(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	end := window.Dial(6 * 60)
	w := r.window("idle", window.Window{Weekly: &window.Weekly{
		Days: []window.Weekday{window.Weekday(time.Tuesday)}, Begin: 2 * 60, End: &end, Inactivity: 30,
	}})
	job := r.order(rebootIn(w, ""), phone)
	slot := slotOf(t, w, phone, begin)
	r.until(slot.Opens)
	if slot.At.After(slot.Opens) {
		r.inform("1", "2.4").nothing() // its idle time has not begun
	}
	r.until(slot.At)
	r.task(job, phone, db.TaskReady)
	r.waker.take()
	r.inform("1", "2.4").nothing()
	r.clock.Advance(29 * time.Minute)
	r.inform("1", "2.4").nothing()
	r.wait(time.Minute)
	if woken := r.waker.take(); len(woken) != 1 {
		t.Errorf("woken %v after its idle time; want it once", woken)
	}
	r.inform("1", "2.4").reboot()
}
