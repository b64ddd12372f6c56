package jobs_test

import (
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// handedTo hands a file over to a phone with lines.
func handedTo(t *testing.T, v *voicePhone, kind string, calls db.CallRule) (h *holder) {
	t.Helper()
	h = &holder{rig: newRig(t)}
	h.root("1")
	h.ways(handingWays...)
	h.phone = h.inform("1", "2.4")
	h.phone.answersMethods(methodsOf(cancelling...))
	version := ""
	if kind == db.FileFirmware {
		version = "2.5"
	}
	j := downloadOf(h.file(kind, version))
	j.When, j.Deadline, j.Calls = db.When{Window: h.window("day", daily()).ID}, 20*time.Minute, calls
	h.job = h.order(j, h.phone)
	h.waits = h.task(h.job, h.phone, db.TaskWaiting)
	h.s = h.inform("1", "2.4")
	msg, id := h.s.spoken(v)
	m, ok := msg.(*cwmp.ScheduleDownload)
	if !ok {
		if msg != nil {
			t.Fatalf("session was given %T", msg)
		}
		return h
	}
	h.key = m.CommandKey
	h.s.answer(id, &cwmp.ScheduleDownloadResponse{})
	return h
}

// TestHandoverLines: the lines that were registered when a download was handed
// over have to be so again after it, within 10 minutes, though its window is open
// for longer; calls at the handover are no matter.
func TestHandoverLines(t *testing.T) {
	for _, kind := range []string{db.FileFirmware, db.FileConfig} {
		for _, back := range []bool{true, false} {
			v := newVoicePhone("1.Line.1", "1.Line.2", "1.Line.3")
			v.status["1.Line.3"] = "Disabled"
			v.calls["1.Line.1"] = "InCall"
			h := handedTo(t, v, kind, "")
			task := h.task(h.job, h.phone, db.TaskProving)
			h.evidence(task, "2 lines are registered before it")
			h.until(h.waits.Due.Add(time.Second))
			v.status["1.Line.2"] = "Registering"
			h.waker.take()
			version := "2.4"
			if kind == db.FileFirmware {
				version = "2.5"
			}
			s := h.inform("1", version, code("1 BOOT", "7 TRANSFER COMPLETE", "M ScheduleDownload")...)
			s.complete(h.key, 0)
			s.silent(v)
			task = h.task(h.job, h.phone, db.TaskProving)
			h.says("task", task.Why, "waits for lines to register again: VoiceProfile.1.Line.2 is Registering")
			if d := task.Last().Deadline; !d.Equal(h.clock.Now().Add(10 * time.Minute)) {
				t.Errorf("deadline %s", d)
			}
			h.sound() // its deadline may be before its window closes
			h.cancel()
			h.inform("1", version).nothingOf(callCancel) // it is done
			h.wait(time.Minute)
			h.wakes(1)
			if back {
				v.status["1.Line.2"] = "Up"
				h.inform("1", version).silent(v)
				h.says("task", h.task(h.job, h.phone, db.TaskSucceeded).Why, "2 lines are registered again")
				continue
			}
			h.wait(9 * time.Minute)
			if task := h.task(h.job, h.phone, db.TaskFailed); task.Cause != db.CauseLines {
				t.Errorf("cause %q: %s", task.Cause, task.Why)
			}
		}
	}
}

// TestHandoverWithoutLines: of whom none was registered, or who does not tell,
// none is expected back; who is to be skipped then is not handed anything over.
func TestHandoverWithoutLines(t *testing.T) {
	down := newVoicePhone("1.Line.1")
	down.status["1.Line.1"] = "Error"
	for name, tt := range map[string]struct {
		v        *voicePhone
		calls    db.CallRule
		evidence string
	}{
		"down":    {down, "", "left to the phone"},
		"mute":    {newVoicePhone(), "", "which of its lines are registered cannot be read ("},
		"ignored": {newVoicePhone("1.Line.1"), db.CallsIgnore, "left to the phone"},
	} {
		h := handedTo(t, tt.v, db.FileConfig, tt.calls)
		h.evidence(h.task(h.job, h.phone, db.TaskProving), tt.evidence)
		if name == "ignored" && tt.v.values != 0 {
			t.Errorf("its lines were read %d times", tt.v.values)
		}
		h.until(h.waits.Due.Add(time.Second))
		h.inform("1", "2.4").complete(h.key, 0)
		h.task(h.job, h.phone, db.TaskSucceeded)
	}
	h := handedTo(t, newVoicePhone(), db.FileConfig, db.CallsSkip)
	h.task(h.job, h.phone, db.TaskWaiting)
	h = handedTo(t, newVoicePhone("1.Line.1"), db.FileConfig, db.CallsSkip)
	if task := h.task(h.job, h.phone, db.TaskProving); len(task.Last().Lines.Names) != 1 {
		t.Error("the lines of who tells were not read")
	}
}

// TestHeldHandoverAsksNothing: under a hold nothing leaves, so no line is read.
func TestHeldHandoverAsksNothing(t *testing.T) {
	h := &holder{rig: newRig(t)}
	h.root("1")
	h.phone, h.job, _ = h.handing(h.file(db.FileConfig, ""), handingWays, cancelling...)
	h.hold(db.Hold{})
	h.inform("1", "2.4").asksNothing()
}
