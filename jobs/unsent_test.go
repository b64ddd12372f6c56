package jobs_test

import (
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
)

var tooLate = &cwmp.Fault{Code: cwmp.FaultRetryRequest, String: "the phone had been told to come again"}

// TestTakenBack: a request that was marked sent and never left is sent in
// another session, once, even of kinds that are never repeated, and spends no
// try; what arrives in the name of the first attempt changes nothing.
func TestTakenBack(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	s := r.inform("1", "2.4")
	first, id := s.reboot()
	s.answer(id, tooLate)
	s.answer(id, tooLate) // once is enough
	r.says("task", r.task(job, phone, db.TaskWaiting).Why, "the request was not sent: the phone had been told to come again; it is sent in another session")
	r.settle()
	if task := r.task(job, phone, db.TaskReady); task.Tries != 0 || len(task.Attempts) != 1 ||
		task.Attempts[0].Outcome != db.OutcomeFault || task.Attempts[0].Fault != int(cwmp.FaultRetryRequest) {
		t.Errorf("task %+v", task)
	}
	s = r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventMReboot, CommandKey: first.CommandKey})
	r.task(job, phone, db.TaskReady)
	again, id := s.reboot()
	if again.CommandKey == first.CommandKey {
		t.Errorf("both attempts have the key %s", again.CommandKey)
	}
	s.answer(id, tooLate)
	r.settle()
	s = r.inform("1", "2.4")
	last, id := s.reboot()
	s.answer(id, &cwmp.RebootResponse{})
	r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventMReboot, CommandKey: last.CommandKey}).nothing()
	if task := r.task(job, phone, db.TaskSucceeded); task.Tries != 1 {
		t.Errorf("%d tries; want 1", task.Tries)
	}
}

// TestTakenBackInWindow: in the window that is open, and to the slot that the
// phone was to be told.
func TestTakenBackInWindow(t *testing.T) {
	r := newRig(t)
	phone, job, waits := r.handing(r.file(db.FileConfig, ""), handingWays, "ScheduleDownload", "Download")
	s := r.inform("1", "2.4")
	_, id := s.handed()
	s.answer(id, tooLate)
	if task := r.task(job, phone, db.TaskWaiting); !task.Due.Equal(waits.Due) || task.Tries != 0 {
		t.Errorf("waits for %s after %d tries; want %s", task.Due, task.Tries, waits.Due)
	}
	r.until(waits.Due)
	s = r.inform("1", "2.4")
	_, id = s.download()
	s.answer(id, tooLate)
	task := r.task(job, phone, db.TaskWaiting)
	if !task.Due.Equal(r.clock.Now()) || !task.Closes.Equal(waits.Closes) || task.Tries != 0 {
		t.Errorf("waits in %+v after %d tries", task.Place(), task.Tries)
	}
	r.settle()
	s = r.inform("1", "2.4")
	_, id = s.download()
	s.answer(id, &cwmp.DownloadResponse{Status: 0})
	r.task(job, phone, db.TaskSucceeded)
}

// TestTakenBackNoMore: an order that was taken back meanwhile ends; an attempt
// that had asked the phone before is left as if the session was lost; and what
// the server asks for its own sake is as if the session was lost, too.
func TestTakenBackNoMore(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	s := r.inform("1", "2.4")
	_, id := s.reboot()
	_, err := r.svc.Cancel(t.Context(), job)
	r.must(err)
	r.settle()
	s.answer(id, tooLate)
	r.task(job, phone, db.TaskCancelled)

	read := r.order(db.Job{Kind: db.KindGetParameters, Args: db.Args{Names: []string{"Device.DeviceInfo."}}}, phone)
	s = r.inform("1", "2.4")
	if _, id = s.next(); id.Task.Job != read {
		t.Fatalf("sent %v; want %v", id, read)
	}
	s.answer(id, tooLate)
	r.task(read, phone, db.TaskSent)

	s = r.inform("2", "2.4")
	ask, id := s.any()
	if _, ok := ask.(*cwmp.GetRPCMethods); !ok || id != (db.AttemptID{}) {
		t.Fatalf("asked %T", ask)
	}
	s.answer(id, tooLate)
	if m := r.methods(s); m.Refused != "the phone was asked and did not answer" {
		t.Errorf("methods %+v", m)
	}
}
