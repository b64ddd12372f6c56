package jobs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

const (
	ntp      = "Device.Time.NTPServer1"
	enable   = "Device.Time.Enable"
	password = "Device.ManagementServer.Password"
)

func setOf(settings ...db.Setting) db.Job {
	return db.Job{Kind: db.KindSetParameters, Args: db.Args{Parameters: settings}}
}

// given wants the session to be given an RPC of a type.
func given[M cwmp.Message](s session) (M, db.AttemptID) {
	s.r.t.Helper()
	msg, id := s.next()
	m, ok := msg.(M)
	if !ok {
		s.r.t.Fatalf("session was given %T; want %T", msg, m)
	}
	return m, id
}

// values returns what the store has of a phone's parameters, by name.
func (r *rig) values(phone session) map[string]db.Parameter {
	r.t.Helper()
	page, err := r.store.Parameters(r.t.Context(), phone.Phone.ID, "", db.Query{Limit: 1000})
	r.must(err)
	m := make(map[string]db.Parameter)
	for _, p := range page.Items {
		p.Changed = time.Time{}
		m[p.Name] = p
	}
	return m
}

func TestSetIsReadBack(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(setOf(db.Setting{Name: ntp, Value: "a.example"}, db.Setting{Name: enable, Type: "boolean", Value: "1"}), phone)
	s := r.inform("1", "2.4")
	m, id := given[*cwmp.SetParameterValues](s)
	key, err := id.CommandKey(r.store.StoreTag())
	r.must(err)
	if m.ParameterKey != key || len(m.Parameters) != 2 || m.Parameters[1] != (cwmp.ParameterValue{Name: enable, Type: "boolean", Value: "1"}) {
		t.Errorf("sent %+v with key %q", m, key)
	}
	s.answer(id, &cwmp.SetParameterValuesResponse{})
	r.task(job, phone, db.TaskProving)
	get, again := given[*cwmp.GetParameterValues](s)
	if again != id || fmt.Sprint(get.Names) != fmt.Sprint([]string{ntp, enable}) {
		t.Errorf("read back %v for %v; want %v", get.Names, again, id)
	}
	s.answer(id, &cwmp.GetParameterValuesResponse{Parameters: []cwmp.ParameterValue{
		{Name: enable, Type: "boolean", Value: "true"}, {Name: ntp, Type: "string", Value: "a.example"},
	}})
	task := r.task(job, phone, db.TaskSucceeded)
	r.evidence(task, "read back: 2 values as ordered")
	if len(task.Attempts) != 1 {
		t.Errorf("%d attempts; want one", len(task.Attempts))
	}
	s.nothing()
	if got := r.values(phone)[enable]; got != (db.Parameter{Name: enable, Type: "boolean", Value: "true"}) {
		t.Errorf("reported %+v", got)
	}

	// What the phone reports to be so already is not set again.
	same := r.order(setOf(db.Setting{Name: enable, Value: "1"}), phone)
	r.inform("1", "2.4").nothing()
	r.says("task", r.task(same, phone, db.TaskSkipped).Why, "already reports 1 value as ordered")
	// One that differs, or that was never reported, has all of them set.
	r.order(setOf(db.Setting{Name: enable, Value: "1"}, db.Setting{Name: "Device.Time.NTPServer2", Value: ""}), phone)
	given[*cwmp.SetParameterValues](r.inform("1", "2.4"))
}

func TestSetShowsAnother(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer cwmp.Message
		state  db.TaskState
		cause  string
		why    string
	}{
		{"another value", &cwmp.GetParameterValuesResponse{Parameters: []cwmp.ParameterValue{{Name: ntp, Value: "old"}}},
			db.TaskFailed, db.CauseValue, ntp + ` is "old", ordered "new"`},
		{"left out", &cwmp.GetParameterValuesResponse{}, db.TaskWaiting, "", "left out " + ntp + "; that was attempt 1 of 4"},
		{"refused for now", &cwmp.Fault{Code: 9002}, db.TaskWaiting, "", "refused to show them: fault 9002"},
		{"refused for ever", &cwmp.Fault{Code: 9005}, db.TaskFailed, db.CauseUnknown, "name the same parameter"},
		{"not answered", nil, db.TaskProving, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			job := r.order(setOf(db.Setting{Name: ntp, Value: "new"}), phone)
			s := r.inform("1", "2.4")
			_, id := given[*cwmp.SetParameterValues](s)
			s.answer(id, &cwmp.SetParameterValuesResponse{})
			given[*cwmp.GetParameterValues](s)
			s.answer(id, tt.answer)
			task := r.task(job, phone, tt.state)
			r.says("task", task.Why, tt.why)
			if task.Cause != tt.cause {
				t.Errorf("cause %q; want %q", task.Cause, tt.cause)
			}
			s.nothing()
		})
	}
}

// TestSetReadBackLater has the session end between the two: the next one, even
// after a restart and under a hold, asks again and sets nothing.
func TestSetReadBackLater(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(setOf(db.Setting{Name: ntp, Value: "new"}), phone)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.SetParameterValues](s)
	s.answer(id, &cwmp.SetParameterValuesResponse{})
	r.restart()
	err := r.store.SetHold(t.Context(), db.Hold{Phone: phone.Phone.ID, By: "ann", Since: r.clock.Now()})
	r.must(err)
	for range 2 { // the first is not answered
		s = r.inform("1", "2.4")
		if _, again := given[*cwmp.GetParameterValues](s); again != id {
			t.Fatalf("read back for %v; want %v", again, id)
		}
		s.nothing()
	}
	s.answer(id, &cwmp.GetParameterValuesResponse{Parameters: []cwmp.ParameterValue{{Name: ntp, Value: "new"}}})
	if task := r.task(job, phone, db.TaskSucceeded); len(task.Attempts) != 1 {
		t.Errorf("%d attempts; want one", len(task.Attempts))
	}
	r.inform("1", "2.4").nothing()
}

// TestSetLost has no answer come at all: setting the same twice does no harm.
func TestSetLost(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(setOf(db.Setting{Name: ntp, Value: "new"}), phone)
	given[*cwmp.SetParameterValues](r.inform("1", "2.4"))
	r.inform("1", "2.4").nothing()
	task := r.task(job, phone, db.TaskWaiting)
	r.says("task", task.Why, "the session ended before the phone answered the SetParameterValues; that was attempt 1 of 4")
	r.wait(time.Minute)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.SetParameterValues](s)
	if id.N != 2 {
		t.Errorf("attempt %d; want the second", id.N)
	}
	s.answer(id, &cwmp.SetParameterValuesResponse{})
	r.wait(30 * time.Minute)
	r.says("task", r.task(job, phone, db.TaskWaiting).Why, "has taken the values, but did not show them within 30m")
}

// TestSetLater is Status 1: the phone's word is taken, and what it reported
// before no longer is.
func TestSetLater(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.must(r.store.RecordValues(t.Context(), phone.Phone.ID, phone.Token, []db.Parameter{{Name: ntp, Type: "string", Value: "old"}}, begin))
	job := r.order(setOf(db.Setting{Name: ntp, Value: "new"}), phone)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.SetParameterValues](s)
	s.answer(id, &cwmp.SetParameterValuesResponse{Status: 1})
	r.evidence(r.task(job, phone, db.TaskSucceeded), "accepted: SetParameterValuesResponse came with Status 1")
	s.nothing()
	if got := r.values(phone)[ntp]; got.Type != db.TypePending || got.Value != "" {
		t.Errorf("reported %+v; want it pending", got)
	}
	for _, value := range []string{"old", ""} {
		r.order(setOf(db.Setting{Name: ntp, Value: value}), phone)
		s := r.inform("1", "2.4")
		_, id := given[*cwmp.SetParameterValues](s)
		s.answer(id, &cwmp.SetParameterValuesResponse{Status: 1})
	}
}

// TestSetShownLater has the answer lost, and the phone then tell the value.
func TestSetShownLater(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(setOf(db.Setting{Name: ntp, Value: "new"}), phone)
	given[*cwmp.SetParameterValues](r.inform("1", "2.4"))
	s := r.inform("1", "2.4")
	r.task(job, phone, db.TaskWaiting)
	r.must(r.store.RecordValues(t.Context(), phone.Phone.ID, s.Token, []db.Parameter{{Name: ntp, Value: "new"}}, r.clock.Now()))
	r.wait(time.Minute)
	r.inform("1", "2.4").nothing()
	r.evidence(r.task(job, phone, db.TaskSucceeded), "late: ")
}

// TestSetAfterRestart holds that what a phone reported before it restarted, or
// was reset, keeps nothing from being set.
func TestSetAfterRestart(t *testing.T) {
	for _, event := range []string{cwmp.EventBoot, cwmp.EventBootstrap} {
		r := newRig(t)
		phone := r.inform("1", "2.4", code(event)...)
		r.must(r.store.RecordValues(t.Context(), phone.Phone.ID, phone.Token, []db.Parameter{{Name: ntp, Value: "new"}}, begin))
		before := r.order(setOf(db.Setting{Name: ntp, Value: "new"}), phone)
		r.inform("1", "2.4").nothing()
		r.task(before, phone, db.TaskSkipped)
		r.wait(time.Minute)
		r.order(setOf(db.Setting{Name: ntp, Value: "new"}), phone)
		given[*cwmp.SetParameterValues](r.inform("1", "2.4", code(event)...))
	}
}

// TestSetIsNotWhatIsLonger has a phone that reported only a parameter whose
// name begins as the ordered one.
func TestSetIsNotWhatIsLonger(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.must(r.store.RecordValues(t.Context(), phone.Phone.ID, phone.Token, []db.Parameter{{Name: ntp + "0", Value: "new"}}, begin))
	r.order(setOf(db.Setting{Name: ntp, Value: "new"}), phone)
	given[*cwmp.SetParameterValues](r.inform("1", "2.4"))
}

// TestSetSecret holds that a secret is sent, is not asked for, and is said
// nowhere, also not by a phone that repeats it.
func TestSetSecret(t *testing.T) {
	const secret = "hunter2"
	for _, tt := range []struct {
		name   string
		answer cwmp.Message
		state  db.TaskState
	}{
		{"taken", &cwmp.SetParameterValuesResponse{}, db.TaskSucceeded},
		{"refused", &cwmp.Fault{Code: 9003, String: "bad value hunter2", Parameters: []cwmp.ParameterFault{
			{Name: password, Code: 9007, String: "hunter2 is too short"},
		}}, db.TaskFailed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			job := r.order(setOf(db.Setting{Name: password, Value: secret}), phone)
			s := r.inform("1", "2.4")
			m, id := given[*cwmp.SetParameterValues](s)
			if m.Parameters[0].Value != secret {
				t.Errorf("sent %+v", m)
			}
			s.answer(id, tt.answer)
			task := r.task(job, phone, tt.state)
			if said := fmt.Sprintf("%+v", task); strings.Contains(said, secret) {
				t.Errorf("the task tells the secret: %s", said)
			}
			if got, known := r.values(phone)[password]; known {
				t.Errorf("stored %+v", got)
			}
			s.nothing()
		})
	}
}

func TestSetRefused(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(setOf(db.Setting{Name: ntp, Value: "x"}, db.Setting{Name: enable, Type: "string", Value: "x"}), phone)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.SetParameterValues](s)
	s.answer(id, &cwmp.Fault{Code: 9003, Parameters: []cwmp.ParameterFault{{Name: enable, Code: 9007}, {Name: ntp, Code: 9008}}})
	task := r.task(job, phone, db.TaskFailed)
	r.says("task", task.Why, "fault 9003")
	r.says("task", task.Why, enable+": fault 9007, the phone does not accept this value")
	r.says("task", task.Why, ntp+": fault 9008, the parameter cannot be written")
	if task.Cause != db.CauseFault || len(r.values(phone)) != 0 {
		t.Errorf("cause %q, values %v", task.Cause, r.values(phone))
	}
}
