package jobs_test

import (
	"context"
	"fmt"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// TestMaxNames: no request for values has more names than a phone's quirks have it.
func TestMaxNames(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.treat(&quirks.Quirks{MaxNames: 2})
	job := r.order(getOf("Device.A", "Device.B", "Device.C", "Device.D", "Device.E"), phone)
	s := r.inform("1", "2.4")
	for _, want := range []string{"[Device.A Device.B]", "[Device.C Device.D]", "[Device.E]"} {
		m, id := given[*cwmp.GetParameterValues](s)
		if fmt.Sprint(m.Names) != want {
			t.Fatalf("asked for %q; want %v", m.Names, want)
		}
		answer := &cwmp.GetParameterValuesResponse{}
		for _, n := range m.Names {
			answer.Parameters = append(answer.Parameters, cwmp.ParameterValue{Name: n, Value: "1"})
		}
		s.answer(id, answer)
	}
	r.evidence(r.task(job, phone, db.TaskSucceeded), "5 values read, in 3 requests")

	// It is no lesson: without the quirk all go at once.
	r.treat(quirks.Standard())
	r.order(getOf("Device.A", "Device.B", "Device.C"), phone)
	if m, _ := given[*cwmp.GetParameterValues](r.inform("1", "2.4")); len(m.Names) != 3 {
		t.Errorf("asked for %q", m.Names)
	}
}

// TestMaxNamesReadBack: what is read back after a set is bounded alike.
func TestMaxNamesReadBack(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.treat(&quirks.Quirks{MaxNames: 1})
	r.order(setOf(db.Setting{Name: ntp, Value: "a.example"}, db.Setting{Name: enable, Value: "1"}), phone)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.SetParameterValues](s)
	s.answer(id, &cwmp.SetParameterValuesResponse{})
	for _, p := range []cwmp.ParameterValue{{Name: enable, Type: "boolean", Value: "1"}, {Name: ntp, Type: "string", Value: "a.example"}} {
		m, id := given[*cwmp.GetParameterValues](s)
		if len(m.Names) != 1 {
			t.Fatalf("asked for %q", m.Names)
		}
		if p.Name != m.Names[0] {
			p = cwmp.ParameterValue{Name: ntp, Type: "string", Value: "a.example"}
			if m.Names[0] == enable {
				p = cwmp.ParameterValue{Name: enable, Type: "boolean", Value: "1"}
			}
		}
		s.answer(id, &cwmp.GetParameterValuesResponse{Parameters: []cwmp.ParameterValue{p}})
	}
	s.nothing()
}

// TestWalkNextLevel: one level at a time from the first request on.
func TestWalkNextLevel(t *testing.T) {
	for _, walks := range []bool{false, true} {
		r := newRig(t)
		phone := r.inform("1", "2.4")
		r.treat(&quirks.Quirks{WalkNextLevel: walks})
		r.order(db.Job{Kind: db.KindGetNames, Args: db.Args{Names: []string{"Device."}}}, phone)
		s := r.inform("1", "2.4")
		m, id := given[*cwmp.GetParameterNames](s)
		if m.NextLevel != walks {
			t.Errorf("walk_next_level %v: asked for %+v", walks, m)
		}
		s.answer(id, &cwmp.GetParameterNamesResponse{Parameters: []cwmp.ParameterInfo{{Name: "Device.Time."}}})
		if !walks {
			continue
		}
		if m, _ := given[*cwmp.GetParameterNames](s); m.ParameterPath != "Device.Time." || !m.NextLevel {
			t.Errorf("then for %+v", m)
		}
	}
}

// rooted are phones of a root and quirks.
type rooted struct {
	oddPhones
	root string
}

func (r rooted) Root(context.Context, *db.Phone) string { return r.root }

// TestRootOfReading: the empty path is asked for unless quirks say what else;
// a phone that refuses it is asked for the root that it has shown.
func TestRootOfReading(t *testing.T) {
	for _, tt := range []struct {
		name, quirk, shown string
		first              string
		fault              cwmp.FaultCode
		second             string // "-": no more
	}{
		{"plain", "", "Device.", "", 0, "-"},
		{"named", quirks.RootGateway, quirks.RootGateway, quirks.RootGateway, 0, "-"},
		{"reported", quirks.RootReported, "Device.", "Device.", 0, "-"},
		{"reported and not shown", quirks.RootReported, "", "", 0, "-"},
		{"refused", "", "Device.", "", cwmp.FaultInvalidParameterName, "Device."},
		{"refused otherwise", "", "Device.", "", cwmp.FaultInvalidArguments, "Device."},
		{"refused and not shown", "", "", "", cwmp.FaultInvalidParameterName, "-"},
		{"the root refused", quirks.RootReported, "Device.", "Device.", cwmp.FaultInvalidParameterName, "-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			r.treatAs(rooted{oddPhones{&quirks.Quirks{Root: tt.quirk}}, tt.shown})
			job := r.order(getOf(""), phone)
			s := r.inform("1", "2.4")
			m, id := given[*cwmp.GetParameterValues](s)
			if len(m.Names) != 1 || m.Names[0] != tt.first {
				t.Fatalf("asked for %q; want %q", m.Names, tt.first)
			}
			good := &cwmp.GetParameterValuesResponse{Parameters: []cwmp.ParameterValue{{Name: ntp, Value: "a"}}}
			if tt.fault == 0 {
				s.answer(id, good)
				r.task(job, phone, db.TaskSucceeded)
				return
			}
			s.answer(id, &cwmp.Fault{Code: tt.fault})
			if tt.second == "-" {
				r.says("task", r.task(job, phone, db.TaskFailed).Why, fmt.Sprint("fault ", int(tt.fault)))
				return
			}
			m, id = given[*cwmp.GetParameterValues](s)
			if len(m.Names) != 1 || m.Names[0] != tt.second {
				t.Fatalf("then asked for %q; want %q", m.Names, tt.second)
			}
			s.answer(id, good)
			r.task(job, phone, db.TaskSucceeded)
		})
	}
}
