package jobs_test

import (
	"context"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs"
	"phoneacs/jobs/window"
	"phoneacs/phones/quirks"
)

// A slowDues takes long for each page of what is due.
type slowDues struct {
	jobs.Store
	page func(db.DueKind)
}

func (s slowDues) TakeDue(ctx context.Context, now time.Time, n int, lease time.Duration, kinds ...db.DueKind) ([]db.Due, error) {
	due, err := s.Store.TakeDue(ctx, now, n, lease, kinds...)
	if len(due) > 0 {
		s.page(kinds[0])
	}
	return due, err
}

// TestManyAtOnce: what is due at one instant, as all is in a window without an
// end, is not missed because there is much of it.
func TestManyAtOnce(t *testing.T) {
	r := newRig(t)
	phones := r.some(2100)
	w := night("")
	w.Flexible.End = nil
	job := r.order(db.Job{Kind: db.KindReboot, When: db.When{Inline: &w}})
	due := r.task(job, phones[0], db.TaskWaiting).Due
	slow := slowDues{r.store, func(k db.DueKind) {
		if k == db.DueRelease {
			r.clock.Advance(50 * time.Second)
		}
	}}
	var err error
	r.svc, err = jobs.New(jobs.Options{Store: slow, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock, Quirks: shownRoots{oddPhones{quirks.Standard()}, r.store}})
	r.must(err)
	r.settle() // it serves
	for r.clock.Now().Before(due) {
		r.wait(min(time.Minute, due.Sub(r.clock.Now())))
	}
	if late := r.clock.Since(due); late < 4*50*time.Second {
		t.Fatalf("all of it took %s", late)
	}
	for _, p := range phones {
		r.task(job, p, db.TaskReady)
	}
}

// TestTriedBefore: a task that was tried, and waits for its next slot, is one
// that waits for its slot: that it was missed counts, and an edit moves it.
func TestTriedBefore(t *testing.T) {
	tried := func(t *testing.T) (r *rig, w db.Window, phone session, job db.JobID, next window.Slot) {
		r = newRig(t)
		phone = r.inform("1", "2.4")
		w = r.window("night", night(""))
		j := downloadOf(r.file(db.FileConfig, ""))
		j.When, j.Retry = db.When{Window: w.ID}, db.Retry{Max: 5, Backoff: time.Hour}
		job = r.order(j, phone)
		slot := slotOf(t, w, phone, begin)
		r.until(slot.Closes.Add(-time.Minute))
		s := r.inform("1", "2.4")
		d, id := s.download()
		s.answer(id, &cwmp.DownloadResponse{Status: 1})
		r.inform("1", "2.4").complete(d.CommandKey, cwmp.FaultContactServer)
		next = slotOf(t, w, phone, slot.Closes)
		if task := r.task(job, phone, db.TaskWaiting); !task.Due.Equal(next.At) || task.Tries != 1 {
			t.Fatalf("due %s after %d tries; want %s", task.Due, task.Tries, next.At)
		}
		return r, w, phone, job, next
	}
	t.Run("missed", func(t *testing.T) {
		r, w, phone, job, next := tried(t)
		if next.Closes.Sub(next.At) < 10*time.Minute {
			t.Fatal("its slot is at the end")
		}
		r.must(r.store.Close())
		r.clock.Advance(next.At.Add(5 * time.Minute).Sub(r.clock.Now()))
		r.open()
		r.settle()
		task := r.task(job, phone, db.TaskWaiting)
		r.says("task", task.Why, "nobody served at its slot")
		r.edited(job, w, []session{phone})
	})
	t.Run("edited", func(t *testing.T) {
		r, w, phone, job, _ := tried(t)
		end := window.Dial(23 * 60)
		w.Window.Flexible.Begin, w.Window.Flexible.End = 20*60, &end // this evening
		w, err := r.store.UpdateWindow(t.Context(), w, r.clock.Now())
		r.must(err)
		r.settle()
		r.edited(job, w, []session{phone})
	})
}

// TestRunOfTheFuture: a clock that was far ahead when a phone had something by
// other means keeps it from no slot once it is right.
func TestRunOfTheFuture(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	reboot := func() {
		t.Helper()
		job := r.order(db.Job{Kind: db.KindReboot}, phone)
		_, id := r.inform("1", "2.4").reboot()
		r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventMReboot, CommandKey: mustKey(t, r, id)})
		r.task(job, phone, db.TaskSucceeded)
	}
	r.clock.Advance(10 * 365 * 24 * time.Hour)
	reboot()
	r.clock.Advance(-10 * 365 * 24 * time.Hour)
	w := r.window("night", night(""))
	job := r.order(rebootIn(w, ""))
	r.edited(job, w, []session{phone})
	reboot() // and the next one counts
	runs, err := r.store.Runs(t.Context(), phone.Phone.ID)
	r.must(err)
	if len(runs) != 1 || !runs[0].At.Equal(begin) {
		t.Errorf("runs: %v; want one at %s", runs, begin)
	}
}

// TestEditInACall: a window that is edited while its phone is in a call changes
// nothing of when its lines are looked at again.
func TestEditInACall(t *testing.T) {
	r, phone := guardRig(t)
	w := r.window("night", night("UTC"))
	v := newVoicePhone("1.Line.1")
	job := r.order(rebootIn(w, ""), phone)
	r.until(slotOf(t, w, phone, begin).At)
	v.calls["1.Line.1"] = "InCall"
	r.inform("1", "2.4").silent(v)
	was := r.task(job, phone, db.TaskReady).Busy
	if was == nil || was.Wake.IsZero() {
		t.Fatalf("kept %+v; want the call, and when it is looked at again", was)
	}
	end := *w.Window.Flexible.End + 60
	w.Window.Flexible.End = &end
	w, err := r.store.UpdateWindow(t.Context(), w, r.clock.Now())
	r.must(err)
	r.settle()
	task := r.task(job, phone, db.TaskReady)
	if slot, ok := w.Window.Open(window.Phone{Key: phone.Phone.ID.String()}, w.ID.String(), time.UTC, r.clock.Now()); !ok || !task.Closes.Equal(slot.Closes) {
		t.Fatalf("may be sent until %s; want %s", task.Closes, slot.Closes)
	}
	if task.Busy == nil || !task.Busy.Since.Equal(was.Since) {
		t.Errorf("of the call it is kept %+v; want %+v", task.Busy, was)
	}
	r.waker.take()
	v.calls["1.Line.1"] = "Idle"
	r.until(was.Wake)
	if woken := r.waker.take(); len(woken) != 1 {
		t.Fatalf("woken %v when its lines were to be looked at again", woken)
	}
	r.inform("1", "2.4").rebooted(v)
}

// TestWindowIsGone: a window that is deleted once its jobs have ended keeps no
// phone from being understood that shows late what became of an attempt.
func TestWindowIsGone(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := r.window("night", night(""))
	j := downloadOf(r.file(db.FileFirmware, "2.12"))
	j.When, j.Retry = db.When{Window: w.ID}, db.Retry{Backoff: time.Hour}
	job := r.order(j, phone)
	r.until(slotOf(t, w, phone, begin).At)
	s := r.inform("1", "2.4")
	_, id := s.download()
	s.answer(id, &cwmp.DownloadResponse{Status: 1})
	r.wait(3 * time.Hour)
	r.task(job, phone, db.TaskFailed)
	r.job(job, db.JobEnded)
	r.must(r.store.DeleteWindow(t.Context(), w.ID))
	_, err := r.tryInform("1", "2.12", code(cwmp.EventBoot)...)
	r.must(err)
	r.task(job, phone, db.TaskSucceeded)
}

// TestClockJumpsOverASlot: what came due while the clock was set forwards, or
// the machine slept, is missed as if the server had been down.
func TestClockJumpsOverASlot(t *testing.T) {
	r := newRig(t)
	w := r.window("night", night(""))
	phone := r.inform("1", "2.4")
	slot := slotOf(t, w, phone, begin)
	if slot.Closes.Sub(slot.At) < 10*time.Minute {
		t.Fatal("its slot is at the end")
	}
	job := r.order(rebootIn(w, ""), phone)
	r.until(slot.At.Add(-time.Minute))
	r.wait(6 * time.Minute)
	r.says("task", r.task(job, phone, db.TaskWaiting).Why, "nobody served at its slot")
	r.edited(job, w, []session{phone})
}
