package jobs_test

import (
	"fmt"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

func getOf(names ...string) db.Job {
	return db.Job{Kind: db.KindGetParameters, Args: db.Args{Names: names}}
}

func TestGet(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	// A read passes a hold, and a restart that is under way.
	reboot := r.order(db.Job{Kind: db.KindReboot}, phone)
	r.inform("1", "2.4").reboot()
	err := r.store.SetHold(t.Context(), db.Hold{By: "ann", Since: r.clock.Now()})
	r.must(err)
	job := r.order(getOf("Device.Time.", "Device.Gone"), phone)
	s := r.inform("1", "2.4")
	m, id := given[*cwmp.GetParameterValues](s)
	if fmt.Sprint(m.Names) != "[Device.Time. Device.Gone]" {
		t.Errorf("asked for %q", m.Names)
	}
	r.task(reboot, phone, db.TaskSent)
	s.answer(id, &cwmp.GetParameterValuesResponse{Parameters: []cwmp.ParameterValue{
		{Name: ntp, Type: "string", Value: "a.example"}, {Name: password, Type: "string", Value: "hunter2"},
	}})
	task := r.task(job, phone, db.TaskSucceeded)
	r.evidence(task, "2 values read")
	r.evidence(task, "1 secret among them")
	r.evidence(task, "the phone left out Device.Gone")
	got := r.values(phone)
	if len(got) != 2 || got[ntp].Value != "a.example" || got[password] != (db.Parameter{Name: password, Type: db.TypeMasked}) {
		t.Errorf("reported %+v", got)
	}
}

// TestGetMany is an answer that the store takes in several steps.
func TestGetMany(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(getOf("Device."), phone)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.GetParameterValues](s)
	m := &cwmp.GetParameterValuesResponse{}
	for i := range 2*db.MaxValues + 1 {
		m.Parameters = append(m.Parameters, cwmp.ParameterValue{Name: fmt.Sprintf("Device.P%05d", i), Value: "1"})
	}
	s.answer(id, m)
	r.evidence(r.task(job, phone, db.TaskSucceeded), fmt.Sprint(len(m.Parameters), " values read"))
	last := m.Parameters[len(m.Parameters)-1].Name
	page, err := r.store.Parameters(t.Context(), phone.Phone.ID, last, db.Query{})
	r.must(err)
	if len(page.Items) != 1 {
		t.Errorf("%s was not kept", last)
	}
}

func TestGetAgain(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(getOf(ntp), phone)
	given[*cwmp.GetParameterValues](r.inform("1", "2.4"))
	r.inform("1", "2.4") // the answer was lost
	r.says("task", r.task(job, phone, db.TaskWaiting).Why, "before the phone answered the GetParameterValues")
	r.wait(time.Minute)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.GetParameterValues](s)
	s.answer(id, &cwmp.Fault{Code: 9005})
	r.says("task", r.task(job, phone, db.TaskFailed).Why, "fault 9005: the phone has no parameter of that name")
}
