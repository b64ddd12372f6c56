package jobs_test

import (
	"slices"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// A holder is a phone that was handed over a download.
type holder struct {
	*rig
	phone session
	job   db.JobID
	waits db.Task // as it waited before
	s     session // that it was handed over in
	key   string
}

var cancelling = []string{"Download", "ScheduleDownload", "CancelTransfer", "Reboot"}

func holding(t *testing.T, kind string, methods ...string) *holder {
	t.Helper()
	h := &holder{rig: newRig(t)}
	version := ""
	if kind == db.FileFirmware {
		version = "2.5"
	}
	h.phone, h.job, h.waits = h.handing(h.file(kind, version), handingWays, methods...)
	h.s = h.inform("1", "2.4")
	m, id := h.s.handed()
	h.s.answer(id, &cwmp.ScheduleDownloadResponse{})
	h.key = m.CommandKey
	h.task(h.job, h.phone, db.TaskProving)
	h.waker.take()
	return h
}

// told wants the first that a session is given to be a CancelTransfer.
func (h *holder) told(s session) {
	h.t.Helper()
	msg, id := s.any()
	if m, ok := msg.(*cwmp.CancelTransfer); !ok || m.CommandKey != h.key || id != (db.AttemptID{}) {
		h.t.Fatalf("session was given %T %+v for %v; want a CancelTransfer of %s", msg, msg, id, h.key)
	}
}

func (h *holder) explained(want ...string) {
	h.t.Helper()
	for _, w := range want {
		h.says("task", h.explain(h.task(h.job, h.phone, db.TaskProving)), w)
	}
}

// when is that of its job.
func (h *holder) when() db.When {
	h.t.Helper()
	st, err := h.store.Job(h.t.Context(), h.job)
	h.must(err)
	return st.When
}

func (h *holder) wakes(want int) {
	h.t.Helper()
	if got := h.waker.take(); len(got) != want {
		h.t.Errorf("woken %v; want %d times", got, want)
	}
}

func (h *holder) hold(over db.Hold) {
	h.t.Helper()
	over.Reason, over.Since = "works", h.clock.Now()
	h.must(h.store.SetHold(h.t.Context(), over))
}

func (h *holder) cancel() {
	h.t.Helper()
	_, err := h.svc.Cancel(h.t.Context(), h.job)
	h.must(err)
	h.settle()
}

// recallCauses are why a phone is to drop what it holds: what does it, what
// undoes it (nil: nothing does), and what the task is once it is dropped.
var recallCauses = map[string]struct {
	do, undo func(h *holder)
	why      string
	then     db.TaskState
}{
	"cancel": {do: (*holder).cancel, why: "the order was taken back", then: db.TaskCancelled},
	"pause": {
		do:   func(h *holder) { _, err := h.svc.Pause(h.t.Context(), h.job); h.must(err) },
		undo: func(h *holder) { _, err := h.svc.Resume(h.t.Context(), h.job); h.must(err) },
		why:  "the job is paused", then: db.TaskWaiting,
	},
	"hold of the phone": {
		do:   func(h *holder) { h.hold(db.Hold{Phone: h.phone.Phone.ID}) },
		undo: func(h *holder) { h.must(h.store.ClearHold(h.t.Context(), 0, h.phone.Phone.ID)) },
		why:  "the phone is held since 2026-03-02 09:00:00 UTC: works", then: db.TaskWaiting,
	},
	"hold of the site": {
		do:   func(h *holder) { h.hold(db.Hold{Site: db.DefaultSite}) },
		undo: func(h *holder) { h.must(h.store.ClearHold(h.t.Context(), db.DefaultSite, 0)) },
		why:  "site s1 is held", then: db.TaskWaiting,
	},
	"hold of the fleet": {
		do:   func(h *holder) { h.hold(db.Hold{}) },
		undo: func(h *holder) { h.must(h.store.ClearHold(h.t.Context(), 0, 0)) },
		why:  "the fleet is held", then: db.TaskWaiting,
	},
	"window": {
		do: func(h *holder) {
			w, err := h.store.Window(h.t.Context(), h.when().Window)
			h.must(err)
			w.Window.Flexible.Begin -= 30
			_, err = h.store.UpdateWindow(h.t.Context(), w, h.clock.Now())
			h.must(err)
		},
		why: "its slot is another by now", then: db.TaskWaiting,
	},
	"zone": {
		do: func(h *holder) {
			site, err := h.store.Site(h.t.Context(), db.DefaultSite)
			h.must(err)
			site.Zone = "Europe/Berlin"
			_, err = h.store.UpdateSite(h.t.Context(), site)
			h.must(err)
		},
		why: "its slot is another by now", then: db.TaskWaiting,
	},
	"site": {
		do: func(h *holder) {
			site, err := h.store.CreateSite(h.t.Context(), db.Site{Name: "far", Zone: "Europe/Berlin", Ways: handingWays})
			h.must(err)
			_, err = h.store.UpdatePhone(h.t.Context(), h.phone.Phone.ID, db.PhonePatch{Site: &site.ID}, "test")
			h.must(err)
		},
		why: "its slot is another by now", then: db.TaskWaiting,
	},
}

// TestRecall: whatever takes a handed-over download back wakes the phone, which
// is told to drop it before it is sent anything else, once, also after the server
// was away; and the task is what it would be had it never left.
func TestRecall(t *testing.T) {
	for name, c := range recallCauses {
		t.Run(name, func(t *testing.T) {
			h := holding(t, db.FileConfig, cancelling...)
			c.do(h)
			h.settle()
			h.wakes(1)
			h.explained(c.why, "the phone holds the transfer and is to be told to drop it, or is not given the file when it asks at "+h.waits.Due.Format("2006-01-02 15:04:05"))
			h.restart()
			h.inform("1", "2.4") // which breaks off before it asks
			h.explained(c.why)
			s := h.inform("1", "2.4")
			h.told(s)
			h.explained(c.why, "was told at ", " to drop it and has not answered")
			s.answer(db.AttemptID{}, &cwmp.CancelTransferResponse{})
			task := h.task(h.job, h.phone, c.then)
			a := task.Last()
			if a.Outcome != db.OutcomeDropped || a.Handover.Recall.Why == "" || task.Tries != 0 || len(task.Attempts) != 1 {
				t.Errorf("%d tries, attempts %+v", task.Tries, task.Attempts)
			}
			h.evidence(task, "the phone was told to drop the transfer: "+c.why)
			h.evidence(task, "the phone says that it has dropped the transfer")
			s.nothingOf(callCancel)
			h.settle()
			if c.then != db.TaskWaiting {
				h.inform("1", "2.4").nothing()
				return
			}
			if c.undo != nil {
				h.inform("1", "2.4").nothing()
				if task := h.task(h.job, h.phone, db.TaskWaiting); task.Closes.IsZero() {
					t.Error("it was not filed")
				}
				c.undo(h)
				h.settle()
			}
			h.inform("1", "2.4").handed() // its usual way
			task = h.task(h.job, h.phone, db.TaskSent)
			now := task.Last().Handover
			if moved := !now.From.Equal(h.waits.Due); moved != (c.undo == nil) || now.Recall != nil {
				t.Errorf("handed over anew as %+v; before from %s", now, h.waits.Due)
			}
		})
	}
}

// TestRecallExpired: so does an order that expires while the phone waits to be
// idle.
func TestRecallExpired(t *testing.T) {
	h := &holder{rig: newRig(t)}
	file := h.file(db.FileConfig, "")
	h.phone, h.job, h.waits = h.handing(file, handingWays, cancelling...)
	h.cancel()
	j := downloadOf(file)
	j.When, j.Deadline, j.Expires = h.when(), 20*time.Minute, h.waits.Due.Add(time.Second)
	h.job = h.order(j, h.phone)
	m, id := h.inform("1", "2.4").handed()
	h.key = m.CommandKey
	h.inform("1", "2.4").answer(id, &cwmp.ScheduleDownloadResponse{})
	h.until(j.Expires.Add(-time.Millisecond))
	h.waker.take()
	h.explained("handed over to the phone until")
	h.until(j.Expires)
	h.wakes(1)
	h.explained("the order has expired; the phone holds the transfer and is to be told to drop it")
	s := h.inform("1", "2.4")
	h.told(s)
	s.answer(db.AttemptID{}, &cwmp.CancelTransferResponse{})
	h.says("task", h.task(h.job, h.phone, db.TaskExpired).Why, "expired; the phone has dropped the transfer")
}

const callCancel = "CancelTransfer"

// TestRecallUndone: what is undone before the phone was told leaves it alone; what
// it was told of stands, as nobody knows whether it dropped it.
func TestRecallUndone(t *testing.T) {
	for name, c := range recallCauses {
		if c.undo == nil {
			continue
		}
		h := holding(t, db.FileConfig, cancelling...)
		c.do(h)
		h.settle()
		c.undo(h)
		h.settle()
		s := h.inform("1", "2.4")
		s.nothingOf(callCancel)
		h.explained("handed over to the phone until")
		c.do(h)
		h.told(h.inform("1", "2.4")) // the answer is lost
		c.undo(h)
		h.settle()
		h.restart()
		h.explained("was told at ")
		s = h.inform("1", "2.4")
		h.told(s)
		s.answer(db.AttemptID{}, &cwmp.CancelTransferResponse{})
		if task := h.task(h.job, h.phone, db.TaskWaiting); task.Last().Outcome != db.OutcomeDropped {
			t.Errorf("%s: %+v", name, task.Last())
		}
	}
}

// TestRecallRefused: what a phone does not drop it is not given, and the task
// says so until it is known what came of it.
func TestRecallRefused(t *testing.T) {
	for _, tt := range []struct {
		answer cwmp.Message
		again  bool
		says   string
	}{
		{&cwmp.Fault{Code: 9021}, false, "the phone holds the transfer and answered fault 9021"},
		{&cwmp.Fault{Code: 9000}, false, "the phone holds the transfer and answered fault 9000"},
		{&cwmp.Fault{Code: 9002}, true, "and answered fault 9002"},
		{&cwmp.Fault{Code: 8005}, true, "has not answered: it is told again in its next session"},
		{nil, true, "has not answered: it is told again in its next session"},
		{&cwmp.RebootResponse{}, true, "has not answered: it is told again in its next session"},
	} {
		for _, end := range []string{"complete", "fault", "deadline"} {
			h := holding(t, db.FileConfig, cancelling...)
			h.cancel()
			s := h.inform("1", "2.4")
			h.told(s)
			s.answer(db.AttemptID{}, tt.answer)
			s.asksNothing() // once a session
			h.explained("the order was taken back", tt.says)
			if !tt.again {
				h.explained("it may ask for the file until " + h.waits.Closes.Format("2006-01-02 15:04:05") + " UTC and is not given it")
			}
			h.waker.take()
			h.settle()
			h.wakes(0)
			h.restart()
			s = h.inform("1", "2.4")
			if tt.again {
				h.told(s)
			} else {
				s.asksNothing()
			}
			switch end {
			case "complete":
				h.inform("1", "2.4").complete(h.key, 0)
				h.task(h.job, h.phone, db.TaskSucceeded)
			case "fault":
				h.inform("1", "2.4").complete(h.key, 9010)
				h.says("task", h.task(h.job, h.phone, db.TaskCancelled).Why, "the file was not given to the phone: the order was taken back")
			case "deadline":
				h.until(h.waits.Closes.Add(20 * time.Minute))
				h.says("task", h.task(h.job, h.phone, db.TaskFailed).Why, "it was told to drop it, and ")
			}
			h.inform("1", "2.4").nothingOf(callCancel) // its key has ended
		}
	}
}

// TestRecallOfWhoCannot: a phone without CancelTransfer is neither told nor woken.
func TestRecallOfWhoCannot(t *testing.T) {
	h := holding(t, db.FileConfig, slices.DeleteFunc(slices.Clone(cancelling), func(m string) bool { return m == callCancel })...)
	h.hold(db.Hold{Phone: h.phone.Phone.ID})
	h.settle()
	h.wakes(0)
	want := "but the phone holds the transfer and does not take CancelTransfer: it may ask for the file until"
	h.explained(want)
	h.inform("1", "2.4").asksNothing()
	h.explained(want)
	h.evidence(h.task(h.job, h.phone, db.TaskProving), "the phone is held since 2026-03-02 09:00:00 UTC: works, but the phone does not take CancelTransfer")
	h.until(h.waits.Closes.Add(20 * time.Minute))
	h.says("task", h.task(h.job, h.phone, db.TaskWaiting).Why, "it was to drop it, but does not take CancelTransfer")
}

// TestRecallIsNot: who has done it, who has not said who it is, and whose key is
// of an attempt that has ended are told nothing.
func TestRecallIsNot(t *testing.T) {
	h := holding(t, db.FileFirmware, cancelling...)
	h.inform("1", "2.4").complete(h.key, 0)
	h.cancel()
	h.wakes(0)
	h.inform("1", "2.4").asksNothing()
	h.explained("waits for the phone to report version 2.5")

	h = holding(t, db.FileConfig, cancelling...)
	h.cancel()
	s := h.inform("1", "2.4")
	s.Proof = db.ProofNone
	s.nothingOf(callCancel)

	h = holding(t, db.FileConfig, cancelling...)
	h.cancel()
	s = h.inform("1", "2.4")
	h.told(s)
	s.complete(h.key, 0) // it says so before its answer comes
	s.answer(db.AttemptID{}, &cwmp.CancelTransferResponse{})
	h.task(h.job, h.phone, db.TaskSucceeded)

	h = holding(t, db.FileConfig, cancelling...)
	h.cancel()
	s = h.inform("1", "2.4")
	h.told(s)
	s.answer(db.AttemptID{}, &cwmp.CancelTransferResponse{})
	h.inform("1", "2.4").complete(h.key, 0) // it did it all the same
	h.evidence(h.task(h.job, h.phone, db.TaskCancelled), "late, though the phone had dropped it")
}

// TestRecallFirst: a phone with new firmware is asked what it takes, and what
// waited for the transfer is sent once it is dropped.
func TestRecallFirst(t *testing.T) {
	h := holding(t, db.FileConfig, cancelling...)
	reboot := h.order(db.Job{Kind: db.KindReboot}, h.phone)
	h.cancel()
	s := h.inform("1", "2.6")
	s.answersMethods(methodsOf(cancelling...))
	h.told(s)
	s.answer(db.AttemptID{}, &cwmp.CancelTransferResponse{})
	s.reboot()
	h.task(reboot, h.phone, db.TaskSent)
}

// TestRecallUnanswered: what the phone was sent and did not answer is called
// back too: it may have taken it.
func TestRecallUnanswered(t *testing.T) {
	r := newRig(t)
	phone, job, _ := r.handing(r.file(db.FileConfig, ""), handingWays, cancelling...)
	m, _ := r.inform("1", "2.4").handed()
	h := &holder{rig: r, phone: phone, job: job, key: m.CommandKey}
	h.cancel()
	s := h.inform("1", "2.4")
	h.told(s)
	s.answer(db.AttemptID{}, &cwmp.CancelTransferResponse{})
	r.task(job, phone, db.TaskCancelled)
}

// TestReplacedHolder: a phone that was replaced is told nothing any more.
func TestReplacedHolder(t *testing.T) {
	h := holding(t, db.FileConfig, cancelling...)
	heir := h.inform("2", "2.4")
	_, err := h.store.ReplacePhone(t.Context(), db.Replacement{Old: h.phone.Phone.ID, New: heir.Phone.ID, Now: h.clock.Now()})
	h.must(err)
	h.says("task", h.task(h.job, h.phone, db.TaskFailed).Why, "but the link to the file is dead")
}
