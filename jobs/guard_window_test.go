package jobs_test

import (
	"testing"
	"time"

	"phoneacs/db"
)

// TestWindowClosesInACall: a phone that is in a call until its window closes is
// not woken after that, waits for the next period, and is told why.
func TestWindowClosesInACall(t *testing.T) {
	r, phone := guardRig(t)
	w := r.window("night", night("UTC"))
	v := newVoicePhone("1.Line.1")
	job := r.order(rebootIn(w, ""), phone)
	slot := slotOf(t, w, phone, begin)
	r.until(slot.At)
	v.calls["1.Line.1"] = "InCall"
	looks := 0
	for r.clock.Now().Before(slot.Closes) {
		if len(r.waker.take()) > 0 {
			r.inform("1", "2.4").silent(v)
			looks++
		}
		r.wait(15 * time.Second)
	}
	if looks < 2 {
		t.Fatalf("looked %d times in the window", looks)
	}
	next := slotOf(t, w, phone, slot.Closes)
	task := r.task(job, phone, db.TaskWaiting)
	if !task.Due.Equal(next.At) || task.Busy != nil {
		t.Errorf("due %s with %+v; want %s", task.Due, task.Busy, next.At)
	}
	r.says("task", task.Why, "the phone is in a call: VoiceProfile.1.Line.1 is InCall, from ")
	r.says("task", task.Why, "its window closed before it could be sent; waits for its slot in the next period")
	r.waker.take()
	r.wait(time.Hour)
	if woken := r.waker.take(); len(woken) > 0 {
		t.Errorf("woken %v after its window closed", woken)
	}
	v.calls["1.Line.1"] = "Idle"
	r.until(next.At)
	r.inform("1", "2.4").rebooted(v)
}

// TestExpiresInACall: an order that expires while its phone is in a call says so.
func TestExpiresInACall(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	v.calls["1.Line.1"] = "InCall"
	job := r.order(db.Job{Kind: db.KindReboot, Expires: begin.Add(time.Hour)}, phone)
	r.inform("1", "2.4").silent(v)
	r.wait(2 * time.Hour)
	r.says("task", r.task(job, phone, db.TaskExpired).Why,
		"the order expired before it could be sent; the phone is in a call: VoiceProfile.1.Line.1 is InCall, from 2026-03-02 09:00:00 UTC on")
}
