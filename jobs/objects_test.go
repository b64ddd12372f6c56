package jobs_test

import (
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

const table = "Device.Services.VoiceService.1.VoiceProfile."

func TestObjects(t *testing.T) {
	add := db.Job{Kind: db.KindAddObject, Args: db.Args{Object: table}}
	del := db.Job{Kind: db.KindDeleteObject, Args: db.Args{Object: table + "2."}}
	for _, tt := range []struct {
		name     string
		job      db.Job
		answer   cwmp.Message
		want     db.TaskState
		why      string
		evidence string
	}{
		{"added", add, &cwmp.AddObjectResponse{InstanceNumber: 7}, db.TaskSucceeded, "has made instance " + table + "7.", "Status 0 for instance " + table + "7."},
		{"added later", add, &cwmp.AddObjectResponse{InstanceNumber: 7, Status: 1}, db.TaskSucceeded, "accepted to make instance", "accepted: AddObjectResponse came with Status 1"},
		{"added, no number", add, &cwmp.AddObjectResponse{}, db.TaskSucceeded, "whose number it did not tell", ""},
		{"add refused", add, &cwmp.Fault{Code: 9004}, db.TaskFailed, "not repeated by itself", ""},
		{"add not known", add, &cwmp.Fault{Code: 9000}, db.TaskFailed, "fault 9000: the phone does not support this method", ""},
		{"deleted", del, &cwmp.DeleteObjectResponse{}, db.TaskSucceeded, "has removed " + table + "2.", "Status 0"},
		{"deleted later", del, &cwmp.DeleteObjectResponse{Status: 1}, db.TaskSucceeded, "accepted to remove", "Status 1"},
		{"delete refused", del, &cwmp.Fault{Code: 9001}, db.TaskFailed, "not repeated by itself", ""},
		{"delete not answered", del, nil, db.TaskSent, "", "posted nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			job := r.order(tt.job, phone)
			s := r.inform("1", "2.4")
			msg, id := s.next()
			key, err := id.CommandKey(r.store.StoreTag())
			r.must(err)
			switch m := msg.(type) {
			case *cwmp.AddObject:
				if m.ObjectName != table || m.ParameterKey != key {
					t.Errorf("sent %+v", m)
				}
			case *cwmp.DeleteObject:
				if m.ObjectName != table+"2." || m.ParameterKey != key {
					t.Errorf("sent %+v", m)
				}
			default:
				t.Fatalf("sent %T", msg)
			}
			s.answer(id, tt.answer)
			task := r.task(job, phone, tt.want)
			r.says("task", task.Why, tt.why)
			if tt.evidence != "" {
				r.evidence(task, tt.evidence)
			}
		})
	}
}

// TestObjectLost holds that no second instance is made by itself.
func TestObjectLost(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindAddObject, Args: db.Args{Object: table}}, phone)
	given[*cwmp.AddObject](r.inform("1", "2.4"))
	r.wait(time.Minute)
	r.inform("1", "2.4").nothing()
	task := r.task(job, phone, db.TaskFailed)
	r.says("task", task.Why, "the session ended before the phone answered the AddObject; not repeated by itself")
	if task.Cause != db.CauseUnknown {
		t.Errorf("cause %q", task.Cause)
	}
	r.wait(time.Hour)
	r.inform("1", "2.4").nothing()
}
