package jobs_test

import (
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestConfig is the whole life of a config that goes as it should.
func TestConfig(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4", code(cwmp.EventBoot)...)
	f := r.file(db.FileConfig, "", "X6")
	job := r.order(downloadOf(f), phone)
	r.task(job, phone, db.TaskReady)
	if got := r.waker.take(); len(got) != 1 || got[0] != phone.Phone.ID {
		t.Errorf("woken: %v; want the phone", got)
	}

	s := r.inform("1", "2.4", code(cwmp.EventConnectionRequest)...)
	d, id := s.download()
	r.task(job, phone, db.TaskSent)
	key, _ := id.CommandKey(r.store.StoreTag())
	if d.CommandKey != key || d.FileType != cwmp.FileTypeConfig || d.FileSize != uint32(f.Size) || d.TargetFileName != f.Name || d.URL == "" {
		t.Errorf("Download is %+v", d)
	}
	s.answer(id, &cwmp.DownloadResponse{Status: 1})
	r.task(job, phone, db.TaskProving)
	s.nothing()

	s = r.inform("1", "2.4", code(cwmp.EventTransferComplete, cwmp.EventMDownload)...)
	s.complete(d.CommandKey, 0)
	task := r.task(job, phone, db.TaskSucceeded)
	r.evidence(task, "TransferComplete came with the key of this attempt")
	if a := task.Last(); a.Outcome != db.OutcomeDone || a.Complete.IsZero() || a.Before != "2.4" || a.Deadline.Sub(a.Sent) != 30*time.Minute {
		t.Errorf("attempt is %+v", a)
	}
	r.job(job, db.JobEnded)
	s.complete(d.CommandKey, 0) // again, as after a lost answer
	if again := r.task(job, phone, db.TaskSucceeded); len(again.Evidence) != len(task.Evidence) {
		t.Errorf("a repeated TransferComplete left evidence: %v", again.Evidence)
	}
	s.nothing()
}

func TestConfigStatusZero(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	first := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	second := r.order(db.Job{Kind: db.KindReboot}, phone)
	r.waker.take()
	s := r.inform("1", "2.4")
	_, id := s.download()
	s.answer(id, &cwmp.DownloadResponse{Status: 0})
	task := r.task(first, phone, db.TaskSucceeded)
	r.evidence(task, "Status 0")
	s.nothing() // the list of this session has ended, though nothing is open
	r.settle()
	if got := r.waker.take(); len(got) != 0 {
		t.Errorf("woken within its session: %v", got)
	}
	r.wait(10 * time.Second)
	if got := r.waker.take(); len(got) != 1 {
		t.Errorf("woken for what was held back: %v; want once", got)
	}
	r.task(second, phone, db.TaskReady)
	r.inform("1", "2.4").reboot()
}

func TestTransferCompleteWithoutOurKey(t *testing.T) {
	for _, tt := range []struct {
		name, key, evidence string
		want                db.TaskState
	}{
		{"no key", "", "without a key; taken for this attempt", db.TaskSucceeded},
		{"the key of another server", "GenieACS-7", `the key "GenieACS-7"; taken for this attempt`, db.TaskSucceeded},
		{"a key of another installation of this server", "j1-p1-1-zzzz", "", db.TaskProving},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			job := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
			s := r.inform("1", "2.4")
			_, id := s.download()
			s.answer(id, &cwmp.DownloadResponse{Status: 1})
			s = r.inform("1", "2.4", code(cwmp.EventBoot)...)
			s.complete(tt.key, 0)
			task := r.task(job, phone, tt.want)
			if tt.evidence != "" {
				r.evidence(task, tt.evidence)
			}
		})
	}
}

// TestTransferCompleteOfAnotherRequest is the CommandKey of a reboot, which
// some devices put into the TransferComplete of a later download.
func TestTransferCompleteOfAnotherRequest(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.order(db.Job{Kind: db.KindReboot}, phone)
	s := r.inform("1", "2.4")
	reboot, id := s.reboot()
	s.answer(id, &cwmp.RebootResponse{})
	s = r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventMReboot, CommandKey: reboot.CommandKey})
	job := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	_, id = s.download()
	s.answer(id, &cwmp.DownloadResponse{Status: 1})
	s.complete(reboot.CommandKey, 0)
	r.evidence(r.task(job, phone, db.TaskSucceeded), "only open transfer")
}

func TestTransferCompleteOfNothing(t *testing.T) {
	r := newRig(t)
	s := r.inform("1", "2.4")
	s.complete("whatever", 9010)
	s.complete("", 0)
}

// TestLostAnswer leaves the fate of a download open: the session ends without
// an answer, and the deadline has it done again.
func TestLostAnswer(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	s := r.inform("1", "2.4")
	first, id := s.download()
	s.answer(id, nil)
	r.evidence(r.task(job, phone, db.TaskSent), "posted nothing")

	r.inform("1", "2.4", code(cwmp.EventBoot)...).nothing() // shows nothing of a config
	r.task(job, phone, db.TaskSent)
	r.wait(30 * time.Minute)
	task := r.task(job, phone, db.TaskWaiting)
	r.says("task", task.Why, "neither answered the Download nor reported its end within 30m; it has not fetched the file; that was attempt 1 of 4")
	if task.Last().Outcome != db.OutcomeUnknown {
		t.Errorf("outcome %q; want unknown", task.Last().Outcome)
	}
	r.waker.take()
	r.wait(time.Minute)
	if got := r.waker.take(); len(got) != 1 {
		t.Errorf("woken after the back-off: %v; want once", got)
	}
	s = r.inform("1", "2.4")
	second, id := s.download()
	s.answer(id, &cwmp.DownloadResponse{Status: 1})
	if first.CommandKey == second.CommandKey || first.URL == second.URL {
		t.Error("two attempts have one key or link")
	}

	// A late answer to attempt 1 never closes attempt 2.
	s.complete(first.CommandKey, 0)
	r.evidence(r.task(job, phone, db.TaskProving), "late: ")
	s.complete(first.CommandKey, 9010)
	r.evidence(r.task(job, phone, db.TaskProving), "late: fault 9010")
	s.complete(second.CommandKey, 0)
	r.task(job, phone, db.TaskSucceeded)
}

// TestLateProof is a TransferComplete that comes after the attempt was given
// up, and before or after the order's last attempt.
func TestLateProof(t *testing.T) {
	for _, tt := range []struct {
		name  string
		retry db.Retry
		want  db.TaskState // before the proof
	}{
		{"in back-off", db.Retry{Max: 1, Backoff: time.Minute}, db.TaskWaiting},
		{"given up", db.Retry{Max: 0, Backoff: time.Minute}, db.TaskFailed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			j := downloadOf(r.file(db.FileConfig, ""))
			j.Retry = tt.retry
			job := r.order(j, phone)
			s := r.inform("1", "2.4")
			d, id := s.download()
			s.answer(id, &cwmp.DownloadResponse{Status: 1})
			r.wait(30 * time.Minute)
			if task := r.task(job, phone, tt.want); tt.want == db.TaskFailed && task.Cause != db.CauseUnknown {
				t.Errorf("cause %q; want %q", task.Cause, db.CauseUnknown)
			}
			r.inform("1", "2.4", code(cwmp.EventTransferComplete)...).complete(d.CommandKey, 0)
			r.evidence(r.task(job, phone, db.TaskSucceeded), "late: ")
			r.job(job, db.JobEnded)
		})
	}
}
