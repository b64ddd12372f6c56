package jobs_test

import (
	"errors"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// rebootedFor has phone 1 rebooted, with its lines as v has them.
func rebootedFor(t *testing.T, v *voicePhone) (r *rig, phone session, job db.JobID, key string) {
	r, phone = guardRig(t)
	job = r.order(db.Job{Kind: db.KindReboot}, phone)
	key = r.inform("1", "2.4").rebooted(v)
	r.waker.take()
	r.wait(time.Minute)
	return r, phone, job, key
}

// TestLinesComeBack: after the boot the task is not done until the lines that
// were registered are so again; the phone is woken to look.
func TestLinesComeBack(t *testing.T) {
	v := newVoicePhone("1.Line.1", "1.Line.2", "1.Line.3")
	v.status["1.Line.3"] = "Disabled" // before, too: nobody waits for it
	r, phone, job, key := rebootedFor(t, v)
	v.status["1.Line.1"], v.status["1.Line.2"] = "Registering", "Up"
	s := r.booted(key)
	task := r.task(job, phone, db.TaskProving)
	r.says("task", task.Why, "the phone has restarted; waits for 2 lines to register again")
	r.evidence(task, "2 lines are registered before it")
	if d := task.Last().Deadline; !d.Equal(r.clock.Now().Add(10 * time.Minute)) {
		t.Errorf("deadline %s", d)
	}
	s.silent(v)
	r.says("task", r.explain(r.task(job, phone, db.TaskProving)),
		"waits for lines to register again: VoiceProfile.1.Line.1 is Registering; looked once; looked at again at 2026-03-02 09:01:15 UTC; until 2026-03-02 09:11:00 UTC")
	// The next restart waits for it.
	next := r.order(db.Job{Kind: db.KindReboot}, phone)
	r.waker.take()
	r.wait(15 * time.Second)
	if got := r.waker.take(); len(got) != 1 {
		t.Fatalf("woken %v; want once", got)
	}
	r.inform("1", "2.4").silent(v)
	r.task(next, phone, db.TaskReady)
	r.wait(15 * time.Second)
	v.status["1.Line.1"] = "Up"
	r.inform("1", "2.4").rebooted(v) // the next one, in the same session
	task = r.task(job, phone, db.TaskSucceeded)
	r.says("task", task.Why, "the phone has restarted; 2 lines are registered again")
	r.evidence(task, "2 lines are registered again, read 30s later")
	r.evidence(task, "not registered 0s later: VoiceProfile.1.Line.1 is Registering")
	r.task(next, phone, db.TaskProving)
}

// TestLinesAreThereAtOnce: lines that are up in the session after the boot cost
// one RPC.
func TestLinesAreThereAtOnce(t *testing.T) {
	v := newVoicePhone("1.Line.1")
	r, phone, job, key := rebootedFor(t, v)
	before := v.values
	r.booted(key).silent(v)
	r.task(job, phone, db.TaskSucceeded)
	if v.values != before+1 {
		t.Errorf("read %d times after the boot", v.values-before)
	}
	r.wait(time.Hour)
	if got := r.waker.take(); len(got) != 0 {
		t.Errorf("woken %v for nothing", got)
	}
}

// TestLinesAreLost: a line that is not back within 10 minutes of the proof fails
// the task, also if the server was away in between.
func TestLinesAreLost(t *testing.T) {
	for _, restart := range []bool{false, true} {
		v := newVoicePhone("1.Line.1", "1.Line.2")
		r, phone, job, key := rebootedFor(t, v)
		v.status["1.Line.2"] = "Error"
		if restart {
			r.booted(key) // the proof is on disk, its lines are not read yet
			r.restart()
			r.task(job, phone, db.TaskProving)
			r.wait(15 * time.Second)
			if got := r.waker.take(); len(got) != 1 {
				t.Fatalf("woken %v after the start; want once", got)
			}
			r.inform("1", "2.4").silent(v)
			r.wait(9*time.Minute + 44*time.Second)
		} else {
			r.booted(key).silent(v)
			wakes := 0
			for range 10*60/5 - 1 {
				r.wait(5 * time.Second)
				if len(r.waker.take()) > 0 {
					wakes++
					r.inform("1", "2.4").silent(v)
				}
			}
			if wakes < 10 || wakes > 16 {
				t.Errorf("woken %d times in 10 minutes", wakes)
			}
			r.wait(4 * time.Second)
		}
		r.task(job, phone, db.TaskProving)
		r.wait(time.Second)
		task := r.task(job, phone, db.TaskFailed)
		r.says("task", task.Why, "the phone has restarted, but 1 of 2 lines are not registered again within 10m: VoiceProfile.1.Line.2 is Error")
		if task.Cause != db.CauseLines || task.Last().Outcome != db.OutcomeRefuted || len(task.Attempts) != 1 {
			t.Errorf("cause %q, outcome %q", task.Cause, task.Last().Outcome)
		}
		// It stays so, whatever comes later.
		r.booted(key).silent(v)
		r.task(job, phone, db.TaskFailed)
	}
}

// TestNoLinesBefore: a phone of which no line was registered, or that tells of
// none, is done as it was.
func TestNoLinesBefore(t *testing.T) {
	down := newVoicePhone("1.Line.1")
	down.status["1.Line.1"] = "Error"
	for _, v := range []*voicePhone{down, newVoicePhone()} {
		r, phone, job, key := rebootedFor(t, v)
		r.booted(key)
		r.task(job, phone, db.TaskSucceeded)
	}
}

// TestFactoryResetLosesLines: nobody expects them back.
func TestFactoryResetLosesLines(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	job := r.order(db.Job{Kind: db.KindFactoryReset}, phone)
	s := r.inform("1", "2.4")
	_, id := s.spoken(v)
	s.answer(id, &cwmp.FactoryResetResponse{})
	v.status["1.Line.1"] = "Disabled"
	r.inform("1", "2.4", code(cwmp.EventBootstrap, cwmp.EventBoot)...)
	r.task(job, phone, db.TaskSucceeded)
}

// TestFirmwareAndItsLines: the version alone is not the proof, and neither are
// the lines.
func TestFirmwareAndItsLines(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	job := r.order(downloadOf(r.file(db.FileFirmware, "2.5")), phone)
	s := r.inform("1", "2.4")
	msg, id := s.spoken(v)
	s.answer(id, &cwmp.DownloadResponse{Status: 1})
	r.wait(time.Minute)
	s = r.inform("1", "2.4", code(cwmp.EventTransferComplete)...)
	s.complete(msg.(*cwmp.Download).CommandKey, 0)
	s.silent(v)
	if task := r.task(job, phone, db.TaskProving); task.Last().Awaited() {
		t.Fatalf("the old version has its lines looked at: %s", task.Why)
	}
	r.wait(time.Minute)
	v.status["1.Line.1"] = "Registering"
	s = r.inform("1", "2.5", code(cwmp.EventBoot)...)
	s.silent(v)
	r.says("task", r.task(job, phone, db.TaskProving).Why, "the phone reports 2.5; waits for lines")
	s = r.inform("1", "2.5", code(cwmp.EventTransferComplete)...) // once more
	s.complete(msg.(*cwmp.Download).CommandKey, 0)
	r.says("task", r.task(job, phone, db.TaskProving).Why, "the phone reports 2.5; waits for lines")
	v.status["1.Line.1"] = "Registered"
	s.silent(v)
	r.says("task", r.task(job, phone, db.TaskSucceeded).Why, "the phone reports 2.5; 1 line is registered again")
}

// TestStatusZero: a phone that has taken a config with its answer is looked at
// in its next session, for it may restart after this one; so is the proof that
// comes with the deadline.
func TestStatusZero(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	job := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	s := r.inform("1", "2.4")
	_, id := s.spoken(v)
	s.answer(id, &cwmp.DownloadResponse{Status: 0})
	s.silent(v)
	if task := r.task(job, phone, db.TaskProving); !task.Last().Awaited() || task.Last().Complete.IsZero() || task.Last().Lines.Looked != 0 {
		t.Fatalf("attempt is %+v", task.Last())
	}
	r.waker.take()
	r.wait(15 * time.Second)
	if got := r.waker.take(); len(got) != 1 {
		t.Fatalf("woken %v", got)
	}
	r.inform("1", "2.4").silent(v)
	r.task(job, phone, db.TaskSucceeded)
}

// TestLinesOfAPhoneThatCannotBeWoken: it is looked at when it comes, and fails
// the task only by what it then tells.
func TestLinesOfAPhoneThatCannotBeWoken(t *testing.T) {
	for _, status := range []string{"Up", "Error", ""} {
		v := newVoicePhone("1.Line.1")
		r, phone, job, key := rebootedFor(t, v)
		v.status["1.Line.1"] = "Registering"
		r.booted(key).silent(v)
		shown := r.clock.Now()
		r.waker.fail = errors.New("nobody there")
		for r.clock.Now().Before(shown.Add(10 * time.Minute)) {
			r.wait(15 * time.Second)
			r.store.RecordWake(phone.Phone.ID, r.clock.Now(), "http", "nobody there")
		}
		task := r.task(job, phone, db.TaskProving)
		r.says("task", task.Why, "it could not be woken")
		r.waker.take()
		r.wait(2 * time.Hour)
		if got := r.waker.take(); len(got) != 0 {
			t.Errorf("woken %v", got)
		}
		switch status {
		case "":
			r.wait(23 * time.Hour)
			r.says("task", r.task(job, phone, db.TaskFailed).Why, "1 of 1 line is not registered again")
		default:
			v.status["1.Line.1"] = status
			r.inform("1", "2.4").silent(v)
			want := map[string]db.TaskState{"Up": db.TaskSucceeded, "Error": db.TaskFailed}[status]
			r.task(job, phone, want)
		}
	}
}

// TestLinesCannotBeRead: a phone that has other names after its restart, or says
// nothing, has not shown that it can be called.
func TestLinesCannotBeRead(t *testing.T) {
	v := newVoicePhone("1.Line.1")
	r, phone, job, key := rebootedFor(t, v)
	delete(v.status, "1.Line.1")
	s := r.booted(key)
	s.silent(v)
	r.says("task", r.task(job, phone, db.TaskProving).Why, "VoiceProfile.1.Line.1 is not told")
	r.wait(15 * time.Second)
	s = r.inform("1", "2.4")
	_, id := s.any()
	s.answer(id, nil)
	s.nothing()
	r.evidence(r.task(job, phone, db.TaskProving), "did not say whether its lines are registered")
	r.wait(10 * time.Minute)
	if task := r.task(job, phone, db.TaskFailed); task.Cause != db.CauseLines {
		t.Errorf("cause %q", task.Cause)
	}
}

// TestHeldLinesAreRead: a hold keeps back what changes, not this.
func TestHeldLinesAreRead(t *testing.T) {
	v := newVoicePhone("1.Line.1")
	r, phone, job, key := rebootedFor(t, v)
	r.must(r.store.SetHold(t.Context(), db.Hold{Phone: phone.Phone.ID, Since: r.clock.Now()}))
	r.booted(key)
	r.wait(15 * time.Second)
	if got := r.waker.take(); len(got) != 1 {
		t.Fatalf("woken %v", got)
	}
	r.inform("1", "2.4").silent(v)
	r.task(job, phone, db.TaskSucceeded)
}

// TestDeadlineMoved: the entry of a deadline that was taken just before the proof
// moved it ends nothing.
func TestDeadlineMoved(t *testing.T) {
	v := newVoicePhone("1.Line.1")
	r, phone, job, key := rebootedFor(t, v)
	before := r.task(job, phone, db.TaskProving)
	r.wait(28*time.Minute + 59*time.Second)
	r.booted(key)
	r.clock.Advance(time.Second)
	id := db.TaskID{Job: job, Phone: phone.Phone.ID}
	r.must(r.svc.Overdue(t.Context(), db.Due{At: before.Last().Deadline, Kind: db.DueDeadline, Job: id.Job, Phone: id.Phone, Attempt: 1}))
	r.task(job, phone, db.TaskProving)
	r.inform("1", "2.4").silent(v)
	r.task(job, phone, db.TaskSucceeded)
}
