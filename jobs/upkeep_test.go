package jobs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// answersMethods takes a session's upkeep, with the methods of the phone.
func (s session) answersMethods(answer cwmp.Message) {
	s.r.t.Helper()
	msg, id := s.any()
	if _, ok := msg.(*cwmp.GetRPCMethods); !ok || id != (db.AttemptID{}) {
		s.r.t.Fatalf("session was given %T for %v; want GetRPCMethods for none", msg, id)
	}
	s.answer(id, answer)
}

func methodsOf(names ...string) *cwmp.GetRPCMethodsResponse {
	return &cwmp.GetRPCMethodsResponse{Methods: names}
}

// asksNothing wants the session not to ask for methods.
func (s session) asksNothing() {
	s.r.t.Helper()
	if msg, _ := s.any(); msg != nil {
		s.r.t.Fatalf("session was given %T; want nothing", msg)
	}
}

func (r *rig) methods(phone session) db.Methods {
	r.t.Helper()
	m, err := r.store.Methods(r.t.Context(), phone.Phone.ID)
	r.must(err)
	return m
}

// TestMethodsOncePerFirmware holds that a phone is asked once for each firmware,
// before its tasks, whatever it answers, and over restarts of the server.
func TestMethodsOncePerFirmware(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answer  cwmp.Message // nil: an empty POST
		silent  bool         // the session breaks off
		want    []string
		refused string
	}{
		{"answers", methodsOf("Reboot", " Download ", "Reboot", "", strings.Repeat("x", 65)), false, []string{"Download", "Reboot"}, ""},
		{"refuses", &cwmp.Fault{Code: 9000, String: "what?"}, false, nil, "fault 9000"},
		{"answers with none", methodsOf(), false, nil, "without a list"},
		{"posts nothing", nil, false, nil, "without a list"},
		{"dies", nil, true, nil, "did not answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			job := r.order(db.Job{Kind: db.KindReboot}, phone)
			s := r.inform("1", "2.4")
			if tt.silent {
				if msg, _ := s.any(); msg.RPC() != "GetRPCMethods" {
					t.Fatalf("session was given %T", msg)
				}
				r.restart()
				s = r.inform("1", "2.4")
			} else {
				s.answersMethods(tt.answer)
			}
			m := r.methods(phone)
			if !slices.Equal(m.Names, tt.want) || !strings.Contains(m.Refused, tt.refused) || m.Firmware != "2.4" || m.Asked != begin {
				t.Errorf("kept %+v", m)
			}
			_, id := s.reboot()
			s.answer(id, &cwmp.RebootResponse{})
			sent := r.task(job, phone, db.TaskProving)
			r.restart()
			r.inform("1", "2.4", cwmp.Event{Code: "M Reboot", CommandKey: sent.Last().Key}).asksNothing()
			r.inform("1", "2.5").answersMethods(methodsOf("Upload"))
			if m := r.methods(phone); !slices.Equal(m.Names, []string{"Upload"}) || m.Firmware != "2.5" || m.Refused != "" {
				t.Errorf("kept %+v of the new firmware", m)
			}
			r.inform("1", "2.5").asksNothing()
		})
	}
}

// TestMethodsOfOldSession holds that an answer to a session that was superseded
// is not kept.
func TestMethodsOfOldSession(t *testing.T) {
	r := newRig(t)
	old := r.inform("1", "2.4")
	if msg, _ := old.any(); msg.RPC() != "GetRPCMethods" {
		t.Fatalf("session was given %T", msg)
	}
	r.inform("1", "2.4")
	err := r.svc.Answered(t.Context(), old.Session, db.AttemptID{}, methodsOf("Reboot"))
	if err != nil && !errors.Is(err, db.ErrSuperseded) {
		t.Fatal(err)
	}
	if m := r.methods(old); len(m.Names) != 0 {
		t.Errorf("kept %+v", m)
	}
}

// TestIncapable holds that a phone is not given what its firmware does not know,
// and everything if that is not known.
func TestIncapable(t *testing.T) {
	r := newRig(t)
	able := r.inform("1", "2.4")
	able.answersMethods(methodsOf("ScheduleInform", "Reboot"))
	unable := r.inform("2", "2.4")
	unable.answersMethods(methodsOf("Reboot"))
	unknown := r.inform("3", "2.4")
	unknown.answersMethods(&cwmp.Fault{Code: 9000})
	order := db.Job{Kind: db.KindScheduleInform, Args: db.Args{Delay: time.Minute}}

	named := order
	named.When.Now = true
	named.Selection.Phones = []string{unable.Phone.ID.String()}
	_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: named})
	wantField(t, err, "selection.phones", "the phone's firmware 2.4 does not know ScheduleInform; it offers Reboot")

	all := r.order(order)
	r.says("task", r.task(all, unable, db.TaskSkipped).Why, "does not know ScheduleInform")
	r.task(all, able, db.TaskReady)
	r.task(all, unknown, db.TaskReady)
	given[*cwmp.ScheduleInform](r.inform("3", "2.4"))

	// One that is for later is decided when it is due: by then the phone has
	// firmware that knows it.
	later := order
	later.When.At = begin.Add(time.Hour)
	job := r.order(later, unable)
	r.task(job, unable, db.TaskWaiting)
	r.wait(time.Hour)
	r.inform("2", "2.4").nothing()
	r.says("task", r.task(job, unable, db.TaskSkipped).Why, "does not know ScheduleInform")
	job = r.order(db.Job{Kind: order.Kind, Args: order.Args, When: db.When{At: begin.Add(2 * time.Hour)}}, unable)
	r.wait(2 * time.Hour)
	s := r.inform("2", "2.5")
	s.answersMethods(methodsOf("ScheduleInform"))
	given[*cwmp.ScheduleInform](s)
	r.task(job, unable, db.TaskSent)
}

// TestNotOfThisVersion holds that no RPC is sent that the phone's version of
// CWMP lacks, unless the phone names it.
func TestNotOfThisVersion(t *testing.T) {
	r := newRig(t)
	old := r.inform("1", "2.4")
	old.answersMethods(&cwmp.Fault{Code: 9000})
	odd := r.inform("2", "2.4") // both speak 1.0
	odd.answersMethods(methodsOf("CancelTransfer"))
	job := r.order(db.Job{Kind: db.KindRaw, Args: db.Args{Raw: &db.RawCall{RPC: "CancelTransfer", Args: []byte(`{"CommandKey":"k"}`)}}})
	r.says("task", r.task(job, old, db.TaskSkipped).Why, "speaks CWMP 1.0, and CancelTransfer came with 1.2")
	m, _ := given[*cwmp.CancelTransfer](r.inform("2", "2.4"))
	if m.CommandKey != "k" {
		t.Errorf("sent %+v", m)
	}
}
