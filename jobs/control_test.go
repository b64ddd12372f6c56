package jobs_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestBackoff has a download fail until its tries are used up.
func TestBackoff(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	for n, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
		s := r.inform("1", "2.4")
		d, id := s.download()
		s.answer(id, &cwmp.DownloadResponse{Status: 1})
		r.inform("1", "2.4").complete(d.CommandKey, cwmp.FaultContactServer)
		task := r.task(job, phone, db.TaskWaiting)
		if got := task.Due.Sub(r.clock.Now()); got != wait || task.Last().N != n+1 {
			t.Fatalf("attempt %d waits %s; want attempt %d, %s", task.Last().N, got, n+1, wait)
		}
		if n == 0 {
			r.says("task", task.Why, "fault 9015: the phone could not reach the file server")
			r.says("Explain", r.svc.Explain(t.Context(), task), "that was attempt 1 of 4; due at 2026-03-02 09:01:00 UTC")
		}
		r.wait(wait - time.Second)
		r.inform("1", "2.4").nothing()
		r.wait(time.Second)
		r.task(job, phone, db.TaskReady)
	}
	s := r.inform("1", "2.4")
	_, id := s.download()
	s.answer(id, &cwmp.Fault{Code: cwmp.FaultResourcesExceeded})
	task := r.task(job, phone, db.TaskFailed)
	r.says("task", task.Why, "that was attempt 4 of 4")
	if task.Cause != db.CauseFault {
		t.Errorf("cause %q", task.Cause)
	}
	if got := r.svc.Explain(t.Context(), task); got != task.Why {
		t.Errorf("Explain says %q; want what the task says", got)
	}
}

func TestFinalFault(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	s := r.inform("1", "2.4")
	_, id := s.download()
	s.answer(id, &cwmp.Fault{Code: cwmp.FaultMethodNotSupported})
	task := r.task(job, phone, db.TaskFailed)
	r.says("task", task.Why, "does not support this method; use another kind of job")
	r.says("task", task.Why, "not tried again: a phone does not learn a method")
}

func TestAt(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindReboot, When: db.When{At: begin.Add(time.Hour)}}, phone)
	task := r.task(job, phone, db.TaskWaiting)
	r.says("Explain", r.svc.Explain(t.Context(), task), "waits for the time of the order; due at 2026-03-02 10:00:00 UTC")
	if got := r.waker.take(); len(got) != 0 {
		t.Errorf("woken before the time: %v", got)
	}
	r.wait(time.Hour - time.Second)
	r.inform("1", "2.4").nothing()
	r.wait(time.Second)
	r.task(job, phone, db.TaskReady)
	if got := r.waker.take(); len(got) != 1 {
		t.Errorf("woken: %v; want once", got)
	}
	r.inform("1", "2.4").reboot()
}

func TestExpiry(t *testing.T) {
	r := newRig(t)
	sent := r.inform("1", "2.4")
	unsent := r.inform("2", "2.4")
	j := downloadOf(r.file(db.FileConfig, ""))
	j.Expires = begin.Add(10 * time.Minute)
	job := r.order(j)
	s := r.inform("1", "2.4")
	d, id := s.download()
	s.answer(id, &cwmp.DownloadResponse{Status: 1})
	r.clock.Advance(10 * time.Minute)
	r.inform("2", "2.4").nothing() // the tick has not come, the time has
	task := r.task(job, unsent, db.TaskReady)
	r.says("Explain", r.svc.Explain(t.Context(), task), "has expired")
	r.settle()
	r.says("task", r.task(job, unsent, db.TaskExpired).Why, "expired")
	if due, err := r.store.CountDue(t.Context()); err != nil || due != 1 {
		t.Errorf("%d due entries, %v; want the deadline of what is sent", due, err)
	}
	r.inform("1", "2.4").complete(d.CommandKey, cwmp.FaultCompleteDownload)
	task = r.task(job, sent, db.TaskFailed)
	r.says("task", task.Why, "expires before another attempt")
	r.job(job, db.JobEnded)
	if _, err := r.svc.Retry(t.Context(), job); !errors.Is(err, db.ErrConflict) {
		t.Errorf("retry past expiry: %v; want ErrConflict", err)
	}
}

func TestCancel(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault cwmp.FaultCode
		want  db.TaskState
		why   string
	}{
		{"what is sent may succeed", 0, db.TaskSucceeded, ""},
		{"and is not tried again", cwmp.FaultTransferFailure, db.TaskFailed, "the order was taken back"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			sent, unsent := r.inform("1", "2.4"), r.inform("2", "2.4")
			job := r.order(downloadOf(r.file(db.FileConfig, "")))
			s := r.inform("1", "2.4")
			d, id := s.download()
			s.answer(id, &cwmp.DownloadResponse{Status: 1})
			st, err := r.svc.Cancel(t.Context(), job)
			r.must(err)
			if !st.Cancel {
				t.Error("the job does not say that it was taken back")
			}
			r.inform("2", "2.4").nothing() // from its commit on
			r.says("Explain", r.svc.Explain(t.Context(), r.task(job, unsent, db.TaskReady)), "taken back")
			if _, err := r.svc.Cancel(t.Context(), job); err != nil {
				t.Errorf("cancel again: %v", err)
			}
			r.settle()
			r.task(job, unsent, db.TaskCancelled)
			r.task(job, sent, db.TaskProving)
			r.inform("1", "2.4").complete(d.CommandKey, tt.fault)
			r.says("task", r.task(job, sent, tt.want).Why, tt.why)
			r.job(job, db.JobEnded)
			if _, err := r.svc.Cancel(t.Context(), job); !errors.Is(err, db.ErrConflict) {
				t.Errorf("cancel an ended job: %v; want ErrConflict", err)
			}
			_, err = r.svc.Retry(t.Context(), job)
			r.must(err)
			r.settle()
			r.inform("2", "2.4").download()
		})
	}
}

func TestPause(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	r.waker.take()
	_, err := r.svc.Pause(t.Context(), job)
	r.must(err)
	r.inform("1", "2.4").nothing()
	r.says("Explain", r.svc.Explain(t.Context(), r.task(job, phone, db.TaskReady)), "the job is paused")
	_, err = r.svc.Resume(t.Context(), job)
	r.must(err)
	r.settle()
	if got := r.waker.take(); len(got) != 1 {
		t.Errorf("woken after resume: %v; want once", got)
	}
	r.inform("1", "2.4").reboot()
	if _, err := r.svc.Pause(t.Context(), 99); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("pause of nothing: %v; want ErrNotFound", err)
	}
}

func TestHold(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.must(r.store.SetHold(t.Context(), db.Hold{Reason: "fire drill", By: "ann", Since: r.clock.Now()}))
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	if got := r.waker.take(); len(got) != 0 {
		t.Errorf("woken while held: %v", got)
	}
	r.inform("1", "2.4").nothing()
	task := r.task(job, phone, db.TaskReady)
	r.says("Explain", r.svc.Explain(t.Context(), task), "the fleet is held by ann since 2026-03-02 09:00:00 UTC: fire drill")
	r.must(r.store.ClearHold(t.Context(), 0, 0))
	r.must(r.store.SetHold(t.Context(), db.Hold{Phone: phone.Phone.ID, Since: r.clock.Now()}))
	r.says("Explain", r.svc.Explain(t.Context(), task), "the phone is held")
	r.must(r.store.ClearHold(t.Context(), 0, phone.Phone.ID))
	r.inform("1", "2.4").reboot()
}

func TestExplainReady(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	explain := func(id db.JobID, want string) {
		t.Helper()
		r.says("Explain", r.svc.Explain(t.Context(), r.task(id, phone, db.TaskReady)), want)
	}
	explain(job, "waits for the phone's next session; it was last seen 2026-03-02 09:00:00 UTC")
	r.clock.Advance(time.Minute)
	r.store.RecordWake(phone.Phone.ID, r.clock.Now(), "", "")
	explain(job, "was woken at 2026-03-02 09:01:00 UTC and has not begun a session since")
	r.store.RecordWake(phone.Phone.ID, r.clock.Now(), "", "The phone refused the connection.")
	explain(job, "could not be woken at 2026-03-02 09:01:00 UTC (The phone refused the connection); it was last seen")

	config := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	s := r.inform("1", "2.4")
	_, id := s.reboot()
	explain(config, "busy with the reboot of job j1, sent at 2026-03-02 09:01:00 UTC")
	sent := r.task(job, phone, db.TaskSent)
	r.says("Explain", r.svc.Explain(t.Context(), sent), "waits for the phone's answer until 2026-03-02 09:31:00 UTC")
	s.answer(id, &cwmp.RebootResponse{})
	r.says("Explain", r.svc.Explain(t.Context(), r.task(job, phone, db.TaskProving)), "waits for the phone to report its boot until")
}

func TestPendingPhone(t *testing.T) {
	r := newRig(t)
	rec, err := r.store.RecordInform(t.Context(), db.Inform{
		Session: "t", Now: r.clock.Now(), OUI: "0C383E", Serial: "9", Enrol: db.PhonePending,
	})
	r.must(err)
	phone := session{db.Session{Token: "t", Phone: rec.Phone, Proof: db.ProofOpen}, r}
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	if got := r.waker.take(); len(got) != 0 {
		t.Errorf("woken while pending: %v", got)
	}
	r.says("Explain", r.svc.Explain(t.Context(), r.task(job, phone, db.TaskReady)), "awaits approval")
	phone.nothing()
}

// TestReplacedPhone: what is ordered for a phone that another stands in for does
// not wait for an approval that never comes.
func TestReplacedPhone(t *testing.T) {
	r := newRig(t)
	old, young := r.inform("1", "2.4"), r.inform("2", "2.4")
	_, err := r.store.ReplacePhone(t.Context(), db.Replacement{Old: old.Phone.ID, New: young.Phone.ID, By: "root", Now: r.clock.Now()})
	r.must(err)
	task := r.task(r.order(db.Job{Kind: db.KindReboot}, young), young, db.TaskReady)
	task.ID.Phone = old.Phone.ID // one that is looked at while it moves
	got := r.svc.Explain(t.Context(), task)
	r.says("Explain", got, "another phone stands in the place of this one")
	if strings.Contains(got, "approv") {
		t.Errorf("Explain = %q", got)
	}
}

// TestSuperseded holds that a session which a newer Inform has ended can
// neither send nor report.
func TestSuperseded(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	old := r.inform("1", "2.4")
	s := r.inform("1", "2.4")
	if _, _, err := r.svc.Next(t.Context(), old.Session); !errors.Is(err, db.ErrSuperseded) {
		t.Errorf("Next of an old session: %v; want ErrSuperseded", err)
	}
	d, id := s.download()
	err := r.svc.Answered(t.Context(), old.Session, id, &cwmp.DownloadResponse{})
	if !errors.Is(err, db.ErrSuperseded) {
		t.Errorf("Answered of an old session: %v; want ErrSuperseded", err)
	}
	err = r.svc.Completed(t.Context(), old.Session, &cwmp.TransferComplete{CommandKey: d.CommandKey})
	if !errors.Is(err, db.ErrSuperseded) {
		t.Errorf("Completed of an old session: %v; want ErrSuperseded", err)
	}
	r.task(job, phone, db.TaskSent)
}

// TestOneAtATime holds that a phone has one transfer or restart at a time, in
// the order of priority and age.
func TestOneAtATime(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	low := r.order(db.Job{Kind: db.KindReboot}, phone)
	high := r.order(db.Job{Kind: db.KindReboot, Priority: 5}, phone)
	s := r.inform("1", "2.4")
	m, id := s.reboot()
	if id.Task.Job != high {
		t.Errorf("sent %v; want job %v first", id, high)
	}
	s.nothing()
	r.inform("1", "2.4").nothing()
	r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventMReboot, CommandKey: m.CommandKey}).reboot()
	r.task(high, phone, db.TaskSucceeded)
	r.task(low, phone, db.TaskSent)
}

// TestRestart closes and opens the store at each step of a firmware's life.
func TestRestart(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	st, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindDownload, Args: db.Args{File: r.file(db.FileFirmware, "2.5").ID},
		Selection: db.Selection{All: true}, When: db.When{At: begin.Add(time.Hour)},
	}})
	r.must(err)
	r.job(st.ID, db.JobExpanding)
	r.restart()
	r.settle()
	r.task(st.ID, phone, db.TaskWaiting)
	r.restart()
	r.wait(2 * time.Hour)
	r.task(st.ID, phone, db.TaskReady)
	r.restart()
	if s := r.inform("1", "2.4"); s.Token == "" {
		t.Fatal("no session")
	} else {
		s.download()
	}
	r.restart() // sent; whether it arrived is not known
	r.task(st.ID, phone, db.TaskSent)
	r.inform("1", "2.4").nothing() // at most once
	r.restart()
	r.wait(30 * time.Minute)
	r.task(st.ID, phone, db.TaskWaiting)
	r.restart()
	r.wait(time.Minute)
	s := r.inform("1", "2.4")
	d, id := s.download()
	s.answer(id, &cwmp.DownloadResponse{Status: 1})
	r.restart()
	r.inform("1", "2.4").complete(d.CommandKey, 0)
	r.restart()
	r.inform("1", "2.5", code(cwmp.EventBoot)...)
	task := r.task(st.ID, phone, db.TaskSucceeded)
	if len(task.Attempts) != 2 {
		t.Errorf("%d attempts; want 2", len(task.Attempts))
	}
}
