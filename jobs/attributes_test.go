package jobs_test

import (
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
)

func attributesOf(a ...db.Attribute) db.Job {
	return db.Job{Kind: db.KindSetAttributes, Args: db.Args{Attributes: a}}
}

func TestSetAttributes(t *testing.T) {
	two := 2
	order := db.Attribute{Name: ntp, Notification: &two, AccessList: &[]string{"Subscriber"}}
	show := func(n int, access ...string) cwmp.Message {
		return &cwmp.GetParameterAttributesResponse{Parameters: []cwmp.ParameterAttributes{{Name: ntp, Notification: n, AccessList: access}}}
	}
	for _, tt := range []struct {
		name   string
		answer cwmp.Message
		state  db.TaskState
		say    string
	}{
		{"shown", show(2, "Subscriber"), db.TaskSucceeded, "shows the attributes of 1 parameter as ordered"},
		{"another notification", show(1, "Subscriber"), db.TaskFailed, ntp + " has notification 1, ordered 2"},
		{"another access list", show(2), db.TaskFailed, `access list [], ordered ["Subscriber"]`},
		{"left out", &cwmp.GetParameterAttributesResponse{}, db.TaskWaiting, "left out " + ntp},
		{"cannot be asked", &cwmp.Fault{Code: 9000}, db.TaskSucceeded, "has taken the attributes"},
		{"another answer", &cwmp.RebootResponse{}, db.TaskProving, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			job := r.order(attributesOf(order), phone)
			s := r.inform("1", "2.4")
			m, id := given[*cwmp.SetParameterAttributes](s)
			if p := m.Parameters[0]; !p.NotificationChange || p.Notification != 2 || !p.AccessListChange || len(p.AccessList) != 1 {
				t.Errorf("sent %+v", p)
			}
			s.answer(id, &cwmp.SetParameterAttributesResponse{})
			get, again := given[*cwmp.GetParameterAttributes](s)
			if again != id || len(get.Names) != 1 || get.Names[0] != ntp {
				t.Errorf("read back %v for %v", get.Names, again)
			}
			s.answer(id, tt.answer)
			r.says("task", r.task(job, phone, tt.state).Why, tt.say)
			if tt.state == db.TaskSucceeded && tt.name == "shown" {
				traits, err := r.store.ParameterTraits(t.Context(), phone.Phone.ID, []string{ntp})
				r.must(err)
				if n := traits[ntp].Notification; n == nil || *n != 2 {
					t.Errorf("kept %+v", traits)
				}
			}
			s.nothing()
		})
	}
}

// TestSetAttributesNotReadBack has a phone that is known not to show them.
func TestSetAttributesNotReadBack(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	phone.answersMethods(methodsOf("SetParameterAttributes"))
	one, four := 1, 4
	job := r.order(attributesOf(db.Attribute{Name: "Device.Time.", Notification: &one}), phone)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.SetParameterAttributes](s)
	s.answer(id, &cwmp.SetParameterAttributesResponse{})
	r.evidence(r.task(job, phone, db.TaskSucceeded), "the phone cannot be asked to show them")
	job = r.order(attributesOf(db.Attribute{Name: ntp, Notification: &four}), phone)
	s.nothing()
	r.says("task", r.task(job, phone, db.TaskSkipped).Why, "the phone speaks CWMP 1.0, and notification 4")
}

func TestAttributesRefused(t *testing.T) {
	r := newRig(t)
	seven, one := 7, 1
	for _, tt := range []struct {
		a          []db.Attribute
		field, why string
	}{
		{nil, "args.attributes", "0 parameters"},
		{[]db.Attribute{{Name: "", Notification: &one}}, "args.attributes[0].name", "is no name"},
		{[]db.Attribute{{Name: ntp}}, "args.attributes[0].notification", "nothing is to be changed"},
		{[]db.Attribute{{Name: ntp, Notification: &seven}}, "args.attributes[0].notification", "7 is not within"},
		{[]db.Attribute{{Name: ntp, Notification: &one}, {Name: ntp, Notification: &one}}, "args.attributes[1].name", "twice"},
		{[]db.Attribute{{Name: ntp, AccessList: &[]string{"a", ""}}}, "args.attributes[0].access_list[1]", "is no entity"},
	} {
		j := attributesOf(tt.a...)
		j.When.Now, j.Selection.All = true, true
		_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: j})
		wantField(t, err, tt.field, tt.why)
	}
}

// TestTypes holds that a value is sent in the words of the phone: of the type
// that it reports, else of the usual one, and that a value that cannot be is
// refused where it is known.
func TestTypes(t *testing.T) {
	const interval = "Device.ManagementServer.PeriodicInformInterval"
	for _, tt := range []struct {
		name   string
		set    db.Setting
		report *db.Parameter
		kind   string
		value  string // sent
		field  string // or refused
		why    string
	}{
		{"usual", db.Setting{Name: interval, Value: "60"}, nil, "unsignedInt", "60", "", ""},
		{"reported", db.Setting{Name: interval, Value: "60"}, &db.Parameter{Name: interval, Type: "int", Value: "5"}, "int", "60", "", ""},
		{"not read yet", db.Setting{Name: interval, Value: "60"}, &db.Parameter{Name: interval, Type: db.TypeUnread}, "unsignedInt", "60", "", ""},
		{"given", db.Setting{Name: interval, Type: "string", Value: "0"}, &db.Parameter{Name: interval, Type: "int", Value: "5"}, "string", "0", "", ""},
		{"unknown", db.Setting{Name: "Device.X_V.A", Value: "x"}, nil, "", "x", "", ""},
		{"no number", db.Setting{Name: interval, Value: "abc"}, nil, "", "", "args.parameters[0].value", "is no unsignedInt, as ManagementServer.PeriodicInformInterval is one"},
		{"too small", db.Setting{Name: interval, Value: "0"}, nil, "", "", "args.parameters[0].value", "less than 1"},
		{"too large for its type", db.Setting{Name: "Device.X_V.A", Type: "unsignedInt", Value: "4294967296"}, nil, "", "", "args.parameters[0].value", "is no unsignedInt"},
		{"no time", db.Setting{Name: "Device.X_V.A", Type: "dateTime", Value: "noon"}, nil, "", "", "args.parameters[0].value", "is no dateTime"},
		{"no hex", db.Setting{Name: "Device.X_V.A", Type: "hexBinary", Value: "abc"}, nil, "", "", "args.parameters[0].value", "is no hexBinary"},
		{"digits for digits", db.Setting{Name: enable, Value: "true"}, &db.Parameter{Name: enable, Type: "boolean", Value: "0"}, "boolean", "1", "", ""},
		{"as ordered for words", db.Setting{Name: enable, Value: "1"}, &db.Parameter{Name: enable, Type: "boolean", Value: "false"}, "boolean", "1", "", ""},
		{"whole seconds", db.Setting{Name: "Device.X_V.A", Type: "dateTime", Value: "2026-03-02T09:00:00.123Z"}, nil, "dateTime", "2026-03-02T09:00:00Z", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			if tt.report != nil {
				r.must(r.store.RecordValues(t.Context(), phone.Phone.ID, phone.Token, []db.Parameter{*tt.report}, begin))
			}
			if tt.field != "" {
				j := setOf(tt.set)
				j.When.Now, j.Selection.All = true, true
				_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: j})
				wantField(t, err, tt.field, tt.why)
				return
			}
			r.order(setOf(tt.set), phone)
			m, _ := given[*cwmp.SetParameterValues](r.inform("1", "2.4"))
			if p := m.Parameters[0]; p.Type != tt.kind || p.Value != tt.value {
				t.Errorf("sent %+v; want %s %q", p, tt.kind, tt.value)
			}
		})
	}
	// What the phone reports as another type than is usual decides for it.
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.must(r.store.RecordValues(t.Context(), phone.Phone.ID, phone.Token, []db.Parameter{{Name: "Device.X_V.A", Type: "int", Value: "5"}}, begin))
	job := r.order(setOf(db.Setting{Name: "Device.X_V.A", Value: "abc"}), phone)
	r.inform("1", "2.4").nothing()
	r.says("task", r.task(job, phone, db.TaskSkipped).Why, "is no int, as which the phone reports it")
}
