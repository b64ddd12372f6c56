package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs/window"
)

// daily is a window of half an hour, two hours from begin.
func daily() window.Window {
	end := window.Dial(11*60 + 30)
	return window.Window{Flexible: &window.Flexible{Interval: 1, Begin: 11 * 60, End: &end}}
}

// dumb is a phone without a connection-request URL, with these methods, for
// which a restart waits in a window.
func (r *rig) dumb(methods ...string) (phone session, job db.JobID, slot time.Time) {
	r.t.Helper()
	phone = r.inform("1", "2.4")
	r.shows(phone, "Device.DeviceInfo.SoftwareVersion", "2.4")
	phone.answersMethods(methodsOf(methods...))
	phone.asksNothing()
	job = r.order(rebootIn(r.window("day", daily()), ""), phone)
	return phone, job, r.task(job, phone, db.TaskWaiting).Due
}

// shows has a phone report a value, by which its root is known.
func (r *rig) shows(p session, name, value string) {
	r.t.Helper()
	r.must(r.store.RecordValues(r.t.Context(), p.Phone.ID, "", []db.Parameter{{Name: name, Type: "string", Value: value}}, r.clock.Now()))
}

func (s session) prompt(want string) (cwmp.Message, db.AttemptID) {
	s.r.t.Helper()
	msg, id := s.any()
	if msg == nil || msg.RPC() != want || id != (db.AttemptID{}) {
		s.r.t.Fatalf("session was given %T for %v; want %s for no attempt", msg, id, want)
	}
	return msg, id
}

func (r *rig) explainsSlot(job db.JobID, phone session, want string) {
	r.t.Helper()
	r.says("task", r.svc.Explain(r.t.Context(), r.task(job, phone, db.TaskWaiting)), want)
}

// TestAskedToInform: a phone that cannot be woken is asked once to inform at
// its slot, over a restart too, and is served when it does.
func TestAskedToInform(t *testing.T) {
	r := newRig(t)
	phone, job, slot := r.dumb("ScheduleInform", "Reboot")
	r.explainsSlot(job, phone, "it has not said where it takes connection requests; in its next session it is asked to inform at its slot")
	s := r.inform("1", "2.4", code("2 PERIODIC")...)
	msg, id := s.prompt("ScheduleInform")
	m := msg.(*cwmp.ScheduleInform)
	if want := slot.Add(2 * time.Second).Sub(begin); time.Duration(m.DelaySeconds)*time.Second != want.Truncate(time.Second) && time.Duration(m.DelaySeconds)*time.Second != want.Truncate(time.Second)+time.Second {
		t.Errorf("asked in %d s; want %s", m.DelaySeconds, want)
	}
	if _, ok := db.ParseCommandKey(m.CommandKey, r.store.StoreTag()); ok || m.CommandKey == "" || len(m.CommandKey) > 32 {
		t.Errorf("key %q", m.CommandKey)
	}
	s.answer(id, &cwmp.ScheduleInformResponse{})
	s.asksNothing()
	r.evidence(r.task(job, phone, db.TaskWaiting), "asked by ScheduleInform: it was asked to inform at its slot")
	r.explainsSlot(job, phone, "and said that it will")
	r.inform("1", "2.4").asksNothing()
	r.restart()
	r.inform("1", "2.4").asksNothing() // once for each slot
	r.until(slot.Add(2 * time.Second))
	r.inform("1", "2.4", cwmp.Event{Code: "3 SCHEDULED"}, cwmp.Event{Code: "M ScheduleInform", CommandKey: m.CommandKey}).reboot()
}

// TestReachedIsNotAsked: nothing is asked of phones that can be woken, of those
// whose site does not say so, of a slot that is about to come, and for paused jobs.
func TestReachedIsNotAsked(t *testing.T) {
	for name, change := range map[string]func(r *rig, p session, job db.JobID, slot time.Time){
		"woken": func(r *rig, p session, _ db.JobID, _ time.Time) {
			r.store.RecordWake(p.Phone.ID, r.clock.Now(), "udp", "")
		},
		"site": func(r *rig, p session, _ db.JobID, _ time.Time) { r.ways(db.WayHTTP, db.WayUDP) },
		"soon": func(r *rig, p session, _ db.JobID, slot time.Time) { r.until(slot.Add(-9 * time.Second)) },
		"paused": func(r *rig, p session, job db.JobID, _ time.Time) {
			_, err := r.svc.Pause(r.t.Context(), job)
			r.must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			phone, job, slot := r.dumb("ScheduleInform", "SetParameterValues")
			change(r, phone, job, slot)
			r.inform("1", "2.4").nothingOf("ScheduleInform")
		})
	}
	r := newRig(t)
	phone, _, _ := r.dumb("ScheduleInform", "Reboot")
	r.ways(db.WayPeriodicInform, db.WayScheduleInform) // the first does not fit this phone
	r.store.RecordWake(phone.Phone.ID, r.clock.Now(), "", "nobody there")
	r.inform("1", "2.4").prompt("ScheduleInform")
}

func (s session) nothingOf(rpc string) {
	s.r.t.Helper()
	for {
		msg, id := s.any()
		if msg != nil && msg.RPC() == rpc {
			s.r.t.Fatalf("session was given %T", msg)
		}
		if msg == nil || id != (db.AttemptID{}) {
			return
		}
		s.answer(id, &cwmp.Fault{Code: 9000})
	}
}

// ways sets those of the default site.
func (r *rig) ways(ways ...string) {
	r.t.Helper()
	site, err := r.store.Site(r.t.Context(), db.DefaultSite)
	r.must(err)
	site.Ways = ways
	_, err = r.store.UpdateSite(r.t.Context(), site)
	r.must(err)
}

// TestRefusedToInform: a phone that refuses ScheduleInform has its periodic
// Informs moved, in the same session, and is asked again with another firmware.
func TestRefusedToInform(t *testing.T) {
	r := newRig(t)
	phone, job, slot := r.dumb("ScheduleInform", "SetParameterValues", "Reboot")
	s := r.inform("1", "2.4")
	_, id := s.prompt("ScheduleInform")
	s.answer(id, &cwmp.Fault{Code: 9000})
	r.evidence(r.task(job, phone, db.TaskWaiting), "asked by ScheduleInform: the phone refused that: fault 9000")
	s.periodic("1", "86400", "0001-01-01T00:00:00Z")
	msg, id := s.prompt("SetParameterValues")
	m := msg.(*cwmp.SetParameterValues)
	want := slot.Add(2 * time.Second).Truncate(time.Second)
	if len(m.Parameters) != 1 || m.Parameters[0].Name != "Device.ManagementServer.PeriodicInformTime" || m.Parameters[0].Value != want.Format("2006-01-02T15:04:05Z") {
		t.Errorf("set %+v; want %s", m.Parameters, want)
	}
	s.answer(id, &cwmp.SetParameterValuesResponse{})
	r.evidence(r.task(job, phone, db.TaskWaiting), "periodic Informs: its Informs, which come each 24h, were moved")
	r.explainsSlot(job, phone, "were moved so that one falls on its slot")
	r.inform("1", "2.4").asksNothing()

	// The next slot is on another minute of the same window: nothing is set again.
	r.until(slot.Add(12 * time.Hour))
	r.explainsSlot(job, phone, "its periodic Informs are moved to its slot, if they do not fall")
	s = r.inform("1", "2.4")
	s.periodic("true", "86400", want.Format("2006-01-02T15:04:05"))
	s.asksNothing()
	r.explainsSlot(job, phone, "it informs each 24h by itself, at "+want.Add(24*time.Hour).Format("2006-01-02 15:04:05"))
	r.inform("1", "2.4").asksNothing()
	r.clock.Advance(want.Add(24 * time.Hour).Sub(r.clock.Now()))
	r.inform("1", "2.4", code("2 PERIODIC")...).reboot()
}

// periodic wants the session to ask when the phone informs by itself.
func (s session) periodic(enable, interval, phase string) {
	s.r.t.Helper()
	msg, id := s.prompt("GetParameterValues")
	names := msg.(*cwmp.GetParameterValues).Names
	answer := &cwmp.GetParameterValuesResponse{}
	for i, v := range []string{enable, interval, phase} {
		answer.Parameters = append(answer.Parameters, cwmp.ParameterValue{Name: names[i], Value: v})
	}
	s.answer(id, answer)
}

// TestPeriodic: what a phone's periodic Informs are, is moved, or said.
func TestPeriodic(t *testing.T) {
	for _, tt := range []struct {
		name, enable, interval string
		phase                  time.Duration // from the slot
		sets                   bool
		says                   string
	}{
		{"often", "1", "1800", 0, false, "it informs each 30m by itself, and so while its window is open"},
		{"off", "0", "3600", 0, false, "its periodic Informs are off"},
		{"no interval", "1", "0", 0, false, "its periodic Informs are off"},
		{"in the window", "1", "7200", 50 * 365 * 24 * time.Hour, false, "it informs each 2h by itself, at "},
		{"beside it", "1", "7200", time.Hour, true, "has not answered that"},
		{"long before", "1", "86400", -200*365*24*time.Hour + 12*time.Hour, true, "has not answered that"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone, job, slot := r.dumb("SetParameterValues", "Reboot")
			s := r.inform("1", "2.4")
			s.periodic(tt.enable, tt.interval, slot.AddDate(0, 0, int(tt.phase/(24*time.Hour))).Add(tt.phase%(24*time.Hour)).Format(time.RFC3339))
			msg, _ := s.any()
			if (msg != nil) != tt.sets {
				t.Errorf("given %T", msg)
			}
			r.explainsSlot(job, phone, tt.says)
			r.inform("1", "2.4").asksNothing()
		})
	}
	r := newRig(t)
	phone, _, _ := r.dumb("SetParameterValues", "Reboot")
	r.must(r.store.SetHold(t.Context(), db.Hold{Phone: phone.Phone.ID, Reason: "works", Since: r.clock.Now()}))
	s := r.inform("1", "2.4")
	s.periodic("1", "86400", "0001-01-01T00:00:00Z")
	s.asksNothing() // a hold keeps back what changes a phone
}

// TestPromptIsNoProof: the Inform that was asked for a slot is not taken for the
// one that a job asked for.
func TestPromptIsNoProof(t *testing.T) {
	for _, keyed := range []bool{true, false} {
		r := newRig(t)
		phone, _, slot := r.dumb("ScheduleInform", "Reboot")
		s := r.inform("1", "2.4")
		msg, id := s.prompt("ScheduleInform")
		s.answer(id, &cwmp.ScheduleInformResponse{})
		job := r.order(db.Job{Kind: db.KindScheduleInform, Args: db.Args{Delay: slot.Sub(begin).Truncate(time.Second)}}, phone)
		s = r.inform("1", "2.4")
		given, att := s.any()
		if _, ok := given.(*cwmp.ScheduleInform); !ok {
			t.Fatalf("given %T", given)
		}
		s.answer(att, &cwmp.ScheduleInformResponse{})
		r.clock.Advance(slot.Add(time.Second).Sub(r.clock.Now()))
		events := code("3 SCHEDULED")
		if keyed {
			events = append(events, cwmp.Event{Code: "M ScheduleInform", CommandKey: msg.(*cwmp.ScheduleInform).CommandKey})
		}
		r.inform("1", "2.4", events...)
		task := r.task(job, phone, db.TaskProving)
		if said := slices.ContainsFunc(task.Evidence, func(e db.Evidence) bool { return strings.Contains(e.What, "slot of another task") }); said == keyed {
			t.Errorf("keyed %t: evidence %+v", keyed, task.Evidence)
		}
	}
}

// TestWakeIsEvidence: how a phone was woken for its tasks, or why not, is with
// them, the first and the last time.
func TestWakeIsEvidence(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.store.RecordWake(phone.Phone.ID, r.clock.Now().Add(-time.Hour), "", "")
	n := 0
	r.waker.block = func(_ context.Context, id db.PhoneID) {
		n++
		r.store.RecordWake(id, r.clock.Now(), "", fmt.Sprintf("Nobody there: %d.", n))
	}
	job := r.order(rebootIn(r.window("day", daily()), ""), phone)
	for range 4 {
		r.until(r.task(job, phone, db.TaskWaiting).Due.Add(time.Hour))
	}
	task := r.task(job, phone, db.TaskWaiting)
	if len(task.Evidence) != 2 {
		t.Errorf("evidence is %+v", task.Evidence)
	}
	r.evidence(task, "could not be woken: nobody there: 1")
	r.evidence(task, "could not be woken: nobody there: 4")
	r.waker.block = func(_ context.Context, id db.PhoneID) { r.store.RecordWake(id, r.clock.Now(), "http", "") }
	r.until(task.Due)
	r.evidence(r.task(job, phone, db.TaskReady), "asked to begin a session by http: the phone took the request")
}
