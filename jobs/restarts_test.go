package jobs_test

import (
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

func TestFactoryReset(t *testing.T) {
	for _, tt := range []struct {
		name     string
		accepted bool
		events   []cwmp.Event
		want     db.TaskState
		evidence string
	}{
		{"0 BOOTSTRAP", true, code(cwmp.EventBootstrap, cwmp.EventBoot), db.TaskSucceeded, "0 BOOTSTRAP came 1m after FactoryResetResponse"},
		{"0 BOOTSTRAP, response lost", false, code(cwmp.EventBootstrap), db.TaskSent, "had not answered"},
		{"only 1 BOOT", true, code(cwmp.EventBoot), db.TaskProving, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			job := r.order(db.Job{Kind: db.KindFactoryReset}, phone)
			behind := r.order(setOf(db.Setting{Name: ntp, Value: "x"}), phone)
			s := r.inform("1", "2.4")
			_, id := given[*cwmp.FactoryReset](s)
			if tt.accepted {
				s.answer(id, &cwmp.FactoryResetResponse{})
			}
			s.nothing()
			r.wait(time.Minute)
			s = r.inform("1", "2.4", tt.events...)
			task := r.task(job, phone, tt.want)
			if tt.evidence != "" {
				r.evidence(task, tt.evidence)
			}
			if tt.want == db.TaskSucceeded {
				given[*cwmp.SetParameterValues](s)
				return
			}
			s.nothing()
			r.task(behind, phone, db.TaskReady)
			r.wait(30 * time.Minute)
			task = r.task(job, phone, db.TaskFailed)
			r.says("task", task.Why, "not repeated by itself")
			if task.Cause != db.CauseUnknown {
				t.Errorf("cause %q", task.Cause)
			}
		})
	}
}

func TestScheduleInform(t *testing.T) {
	const delay = 2 * time.Hour
	ours := func(key string) []cwmp.Event {
		return []cwmp.Event{{Code: cwmp.EventScheduled}, {Code: cwmp.EventMScheduleInform, CommandKey: key}}
	}
	for _, tt := range []struct {
		name     string
		accepted bool
		after    time.Duration
		events   func(key string) []cwmp.Event
		want     db.TaskState
		evidence string
	}{
		{"with our key", true, delay, ours, db.TaskSucceeded, "M ScheduleInform with the key of this attempt"},
		{"with our key, response lost", false, delay, ours, db.TaskSucceeded, "M ScheduleInform with the key"},
		{"with another key", true, delay, func(string) []cwmp.Event { return ours("j1-p1-1-zzzz") }, db.TaskProving, ""},
		{"without a key", true, delay, func(string) []cwmp.Event { return code(cwmp.EventScheduled) }, db.TaskSucceeded, "inferred: 3 SCHEDULED came 2h after"},
		{"without a key, response lost", false, delay, func(string) []cwmp.Event { return code(cwmp.EventScheduled) }, db.TaskSent, "had not answered"},
		{"too early", true, time.Hour, func(string) []cwmp.Event { return code(cwmp.EventScheduled) }, db.TaskProving, "too early"},
		{"not at all", true, delay, func(string) []cwmp.Event { return code(cwmp.EventPeriodic) }, db.TaskProving, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			job := r.order(db.Job{Kind: db.KindScheduleInform, Args: db.Args{Delay: delay}}, phone)
			s := r.inform("1", "2.4")
			m, id := given[*cwmp.ScheduleInform](s)
			if m.DelaySeconds != 7200 {
				t.Errorf("asked for %d seconds", m.DelaySeconds)
			}
			if tt.accepted {
				s.answer(id, &cwmp.ScheduleInformResponse{})
			}
			r.wait(tt.after) // the deadline runs from then on
			r.inform("1", "2.4", tt.events(m.CommandKey)...)
			task := r.task(job, phone, tt.want)
			if tt.evidence != "" {
				r.evidence(task, tt.evidence)
			}
		})
	}
}

// TestScheduleInformLate holds that a phone that is late is asked once more,
// and that its late word counts.
func TestScheduleInformLate(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindScheduleInform, Args: db.Args{Delay: time.Minute}}, phone)
	s := r.inform("1", "2.4")
	m, id := given[*cwmp.ScheduleInform](s)
	s.answer(id, &cwmp.ScheduleInformResponse{})
	r.wait(30 * time.Minute)
	r.task(job, phone, db.TaskProving)
	r.wait(time.Minute)
	r.says("task", r.task(job, phone, db.TaskWaiting).Why, "did not do so within 30m of when it was due; that was attempt 1 of 4")
	r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventMScheduleInform, CommandKey: m.CommandKey})
	r.evidence(r.task(job, phone, db.TaskSucceeded), "late: ")
}
