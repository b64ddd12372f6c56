package jobs_test

import (
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

func TestReboot(t *testing.T) {
	for _, tt := range []struct {
		name     string
		accepted bool
		after    time.Duration
		events   func(key string) []cwmp.Event
		want     db.TaskState
		evidence string
	}{
		{"M Reboot with our key", true, time.Minute, func(key string) []cwmp.Event {
			return []cwmp.Event{{Code: cwmp.EventMReboot, CommandKey: key}, {Code: cwmp.EventBoot}}
		}, db.TaskSucceeded, "M Reboot with the key of this attempt"},
		{"M Reboot with our key, response lost", false, time.Minute, func(key string) []cwmp.Event {
			return []cwmp.Event{{Code: cwmp.EventMReboot, CommandKey: key}}
		}, db.TaskSucceeded, "M Reboot with the key"},
		{"M Reboot with another key", true, time.Minute, func(string) []cwmp.Event {
			return []cwmp.Event{{Code: cwmp.EventMReboot, CommandKey: "j1-p1-1-zzzz"}}
		}, db.TaskProving, ""},
		{"1 BOOT soon", true, 10 * time.Minute, func(string) []cwmp.Event { return code(cwmp.EventBoot) },
			db.TaskSucceeded, "inferred: 1 BOOT came 10m after RebootResponse"},
		{"1 BOOT late", true, 10*time.Minute + time.Second, func(string) []cwmp.Event { return code(cwmp.EventBoot) },
			db.TaskProving, "too late"},
		{"1 BOOT, response lost", false, time.Minute, func(string) []cwmp.Event { return code(cwmp.EventBoot) },
			db.TaskSent, "had not answered"},
		{"no boot", true, time.Minute, func(string) []cwmp.Event { return code(cwmp.EventPeriodic) }, db.TaskProving, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4", code(cwmp.EventBoot)...)
			job := r.order(db.Job{Kind: db.KindReboot}, phone)
			s := r.inform("1", "2.4")
			m, id := s.reboot()
			if tt.accepted {
				s.answer(id, &cwmp.RebootResponse{})
				r.task(job, phone, db.TaskProving)
			}
			r.wait(tt.after)
			r.inform("1", "2.4", tt.events(m.CommandKey)...)
			task := r.task(job, phone, tt.want)
			if tt.evidence != "" {
				r.evidence(task, tt.evidence)
			}
		})
	}
}

// TestRebootUnknown holds that a reboot is never repeated by itself, and that
// a late M Reboot still proves it.
func TestRebootUnknown(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	s := r.inform("1", "2.4")
	m, id := s.reboot()
	s.answer(id, &cwmp.RebootResponse{})
	r.wait(30 * time.Minute)
	task := r.task(job, phone, db.TaskFailed)
	r.says("task", task.Why, "did not report a boot within 30m of being sent it; not repeated by itself")
	if task.Cause != db.CauseUnknown {
		t.Errorf("cause %q", task.Cause)
	}
	r.job(job, db.JobEnded)
	r.wait(time.Hour)
	r.inform("1", "2.4").nothing()
	r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventMReboot, CommandKey: m.CommandKey})
	r.evidence(r.task(job, phone, db.TaskSucceeded), "late: ")
	r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventMReboot, CommandKey: m.CommandKey}) // again
	r.task(job, phone, db.TaskSucceeded)
}

func TestRebootFault(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	s := r.inform("1", "2.4")
	_, id := s.reboot()
	s.answer(id, &cwmp.Fault{Code: 9002, String: "oops"})
	task := r.task(job, phone, db.TaskFailed)
	r.says("task", task.Why, `fault 9002: the phone failed on its own side; the phone says "oops"`)
	r.says("task", task.Why, "not repeated by itself")
	if task.Cause != db.CauseFault || task.Last().Fault != 9002 {
		t.Errorf("cause %q, fault %d", task.Cause, task.Last().Fault)
	}

	// The operator may ask once more.
	_, err := r.svc.Retry(t.Context(), job)
	r.must(err)
	r.waker.take()
	r.settle()
	r.task(job, phone, db.TaskReady)
	if got := r.waker.take(); len(got) != 1 {
		t.Errorf("woken for the retry: %v; want once", got)
	}
	m, _ := r.inform("1", "2.4").reboot()
	r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventMReboot, CommandKey: m.CommandKey})
	r.task(job, phone, db.TaskSucceeded)
}

// TestUnexpectedAnswer is a response to another request.
func TestUnexpectedAnswer(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	s := r.inform("1", "2.4")
	_, id := s.reboot()
	s.answer(id, &cwmp.DownloadResponse{})
	r.evidence(r.task(job, phone, db.TaskSent), "the phone answered with DownloadResponse")
}
