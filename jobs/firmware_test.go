package jobs_test

import (
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// firmware has a phone accept a Download of firmware 2.5 over its 2.4.
func firmware(t *testing.T) (r *rig, phone session, job db.JobID, d *cwmp.Download) {
	r = newRig(t)
	phone = r.inform("1", "2.4")
	job = r.order(downloadOf(r.file(db.FileFirmware, "2.5", "X6")), phone)
	s := r.inform("1", "2.4")
	d, id := s.download()
	if d.FileType != cwmp.FileTypeFirmware {
		t.Errorf("FileType %q", d.FileType)
	}
	s.answer(id, &cwmp.DownloadResponse{Status: 1})
	r.task(job, phone, db.TaskProving)
	return r, phone, job, d
}

func TestFirmwareRightVersion(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func(r *rig, d *cwmp.Download)
	}{
		{"complete and version in one session", func(r *rig, d *cwmp.Download) {
			r.inform("1", "2.5", code(cwmp.EventBoot, cwmp.EventTransferComplete)...).complete(d.CommandKey, 0)
		}},
		{"complete before the restart", func(r *rig, d *cwmp.Download) {
			r.inform("1", "2.4", code(cwmp.EventTransferComplete)...).complete(d.CommandKey, 0)
			task := r.task(1, session{Session: db.Session{Phone: db.Phone{ID: 1}}}, db.TaskProving)
			r.says("task", task.Why, "does not report 2.5 yet")
			if task.Last().Complete.IsZero() {
				r.t.Error("the transfer is not noted as complete")
			}
			r.says("Explain", r.svc.Explain(r.t.Context(), task), "waits for the phone to report version 2.5 until 2026-03-02 09:30:00 UTC")
			r.inform("1", "x6-2.5.z", code(cwmp.EventBoot)...) // the same version, as this vendor also spells it
		}},
		{"no complete at all", func(r *rig, d *cwmp.Download) {
			r.inform("1", "2.5", code(cwmp.EventPeriodic)...)
		}},
		{"Status 1, then another old Inform", func(r *rig, d *cwmp.Download) {
			r.inform("1", "2.4", code(cwmp.EventPeriodic)...).nothing()
			r.inform("1", "2.5", code(cwmp.EventBoot)...)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, phone, job, d := firmware(t)
			tt.run(r, d)
			task := r.task(job, phone, db.TaskSucceeded)
			r.evidence(task, "the phone reports version")
			r.job(job, db.JobEnded)
		})
	}
}

func TestFirmwareWrongVersion(t *testing.T) {
	r, phone, job, d := firmware(t)
	s := r.inform("1", "2.3", code(cwmp.EventBoot)...)
	task := r.task(job, phone, db.TaskFailed)
	r.says("task", task.Why, "reports 2.3, expected 2.5")
	if task.Cause != db.CauseVersion || task.Last().Outcome != db.OutcomeRefuted {
		t.Errorf("cause %q, outcome %q", task.Cause, task.Last().Outcome)
	}
	s.complete(d.CommandKey, 0) // changes nothing any more
	r.task(job, phone, db.TaskFailed)
	r.wait(24 * time.Hour)
	r.task(job, phone, db.TaskFailed)
	r.inform("1", "2.3").nothing() // never retried by itself
}

func TestFirmwareUnchanged(t *testing.T) {
	r, phone, job, d := firmware(t)
	r.inform("1", "2.4", code(cwmp.EventTransferComplete)...).complete(d.CommandKey, 0)
	r.wait(30 * time.Minute)
	task := r.task(job, phone, db.TaskFailed)
	r.says("task", task.Why, "30m after being sent it still reports 2.4, expected 2.5; the file reached the phone")
	if task.Cause != db.CauseUnknown {
		t.Errorf("cause %q", task.Cause)
	}
	// It applies what it has at its next restart.
	r.wait(time.Hour)
	r.inform("1", "2.5", code(cwmp.EventBoot)...)
	r.evidence(r.task(job, phone, db.TaskSucceeded), "late: ")
}

// TestFirmwareLost is a phone that is never heard of until the deadline.
func TestFirmwareLost(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func(r *rig, d *cwmp.Download)
		want db.TaskState
	}{
		{"late TransferComplete, old version", func(r *rig, d *cwmp.Download) {
			r.inform("1", "2.4", code(cwmp.EventTransferComplete)...).complete(d.CommandKey, 0)
		}, db.TaskWaiting},
		{"late TransferComplete, new version", func(r *rig, d *cwmp.Download) {
			r.inform("1", "2.5", code(cwmp.EventTransferComplete)...).complete(d.CommandKey, 0)
		}, db.TaskSucceeded},
		{"late boot, new version", func(r *rig, d *cwmp.Download) {
			r.inform("1", "2.5", code(cwmp.EventBoot)...)
		}, db.TaskSucceeded},
		{"late periodic, new version, found before sending again", func(r *rig, d *cwmp.Download) {
			r.wait(time.Minute)
			r.inform("1", "2.5", code(cwmp.EventPeriodic)...).nothing()
		}, db.TaskSucceeded},
		{"still old after the back-off", func(r *rig, d *cwmp.Download) {
			r.wait(time.Minute)
			r.inform("1", "2.4", code(cwmp.EventPeriodic)...).download()
		}, db.TaskSent},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, phone, job, d := firmware(t)
			r.wait(30 * time.Minute)
			r.task(job, phone, db.TaskWaiting)
			tt.run(r, d)
			r.task(job, phone, tt.want)
		})
	}
}

// TestFirmwareNewestAttempt holds that a version proves late the phone's newest
// attempt only, whichever job it is of.
func TestFirmwareNewestAttempt(t *testing.T) {
	for _, tt := range []struct {
		name        string
		configFirst bool
		want        db.TaskState
	}{
		{"something came after", false, db.TaskFailed},
		{"something came before, of a newer job", true, db.TaskSucceeded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			j := downloadOf(r.file(db.FileFirmware, "2.5"))
			j.Retry.Backoff = time.Minute // and no retry
			if tt.configFirst {
				j.When.At = begin.Add(time.Hour)
			}
			job := r.order(j, phone)
			config := func() {
				id := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
				s := r.inform("1", "2.4")
				_, a := s.download()
				s.answer(a, &cwmp.DownloadResponse{Status: 0})
				r.task(id, phone, db.TaskSucceeded)
			}
			if tt.configFirst {
				config()
				r.wait(time.Hour)
			}
			r.inform("1", "2.4").download()
			r.wait(30 * time.Minute)
			r.task(job, phone, db.TaskFailed)
			if !tt.configFirst {
				config()
			}
			r.inform("1", "2.5", code(cwmp.EventBoot)...)
			r.task(job, phone, tt.want)
		})
	}
}

// TestOtherModelAfterUnknown is a phone that turns out to be another model than
// the one its lost attempt was for: no proof of anything.
func TestOtherModelAfterUnknown(t *testing.T) {
	r, phone, job, _ := firmware(t)
	r.wait(30 * time.Minute)
	r.wait(time.Minute)
	r.task(job, phone, db.TaskReady)
	rec, err := r.store.RecordInform(t.Context(), db.Inform{
		Session: "t", Now: r.clock.Now(), OUI: "0C383E", ProductClass: "X6", Serial: "1",
		Vendor: "fanvil", Model: "V65", SoftwareVersion: "2.4",
	})
	r.must(err)
	session{db.Session{Token: "t", Phone: rec.Phone, Proof: db.ProofOpen}, r}.nothing()
	r.says("task", r.task(job, phone, db.TaskSkipped).Why, "the phone is a fanvil V65")
}

func TestFirmwareSkipped(t *testing.T) {
	r := newRig(t)
	f := r.file(db.FileFirmware, "2.5", "X6", "X7")
	has := r.inform("1", "v2.5")
	late := r.inform("2", "2.4")
	other := r.inform("3", "2.4")
	job := r.order(downloadOf(f)) // for all
	r.says("task", r.task(job, has, db.TaskSkipped).Why, "the phone already reports v2.5")
	r.inform("2", "2.5").nothing() // someone else was first
	r.says("task", r.task(job, late, db.TaskSkipped).Why, "already reports 2.5")
	r.task(job, other, db.TaskReady)

	misfit := r.order(downloadOf(r.file(db.FileFirmware, "3.0", "V65")))
	r.says("task", r.task(misfit, other, db.TaskSkipped).Why, "firmware-3.0.z is for fanvil V65, the phone is a fanvil X6")
	r.job(misfit, db.JobEnded)
}

// TestListedByMAC is a phone that has said nothing of itself when the tasks are
// made: it is asked again just before sending.
func TestListedByMAC(t *testing.T) {
	r := newRig(t)
	res, err := r.store.ImportPhones(t.Context(), []db.PhoneImport{{MAC: "0c383e000001", Site: db.DefaultSite}}, r.clock.Now(), "test")
	r.must(err)
	r.must(res[0].Err)
	phone := session{Session: db.Session{Phone: db.Phone{ID: res[0].ID}}, r: r}
	fits := r.order(downloadOf(r.file(db.FileFirmware, "2.5", "X6")))
	misfits := r.order(downloadOf(r.file(db.FileFirmware, "2.5", "V65")))
	r.task(fits, phone, db.TaskReady)
	r.task(misfits, phone, db.TaskReady)
	rec, err := r.store.RecordInform(t.Context(), db.Inform{
		Session: "t", Now: r.clock.Now(), OUI: "0C383E", ProductClass: "X6", Serial: "1", MAC: "0c383e000001",
		Vendor: "fanvil", Model: "X6", SoftwareVersion: "2.4",
	})
	r.must(err)
	if rec.Phone.ID != phone.Phone.ID {
		t.Fatalf("informed as %v; want %v", rec.Phone.ID, phone.Phone.ID)
	}
	s := session{db.Session{Token: "t", Phone: rec.Phone, Proof: db.ProofOpen, BaseURL: "http://acs.example"}, r}
	if _, id := s.download(); id.Task.Job != fits {
		t.Errorf("sent %v; want job %v", id, fits)
	}
}
