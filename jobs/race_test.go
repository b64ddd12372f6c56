package jobs_test

import (
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestDeadlineWithinInform has the deadline judge an attempt between the record
// of an Inform and what the Inform shows of it: the second to come finds it
// judged, and nothing is lost or done twice.
func TestDeadlineWithinInform(t *testing.T) {
	for _, tt := range []struct {
		version, evidence string
		want              db.TaskState
	}{
		{"2.5", "the phone reports version 2.5", db.TaskSucceeded},
		{"2.3", "the version changed from 2.4 to 2.3", db.TaskFailed},
	} {
		r := newRig(t)
		phone := r.inform("1", "2.4")
		j := downloadOf(r.file(db.FileFirmware, "2.5"))
		j.Retry.Backoff = time.Minute // and no retry
		job := r.order(j, phone)
		r.inform("1", "2.4").download()
		r.clock.Advance(30 * time.Minute)
		rec, err := r.store.RecordInform(t.Context(), db.Inform{
			Session: "race", Now: r.clock.Now(), OUI: "0C383E", ProductClass: "X6", Serial: "1",
			Vendor: "fanvil", Model: "X6", SoftwareVersion: tt.version, Events: []string{cwmp.EventBoot},
		})
		r.must(err)
		if len(rec.Open) != 1 {
			t.Fatalf("open: %+v; want one", rec.Open)
		}
		r.settle()
		before := r.task(job, phone, tt.want)
		r.must(r.svc.Informed(t.Context(), db.Session{Token: "race", Phone: rec.Phone, Proof: db.ProofOpen}, rec, &cwmp.Inform{Events: code(cwmp.EventBoot)}))
		after := r.task(job, phone, tt.want)
		r.evidence(after, tt.evidence)
		if len(after.Evidence) != len(before.Evidence) {
			t.Errorf("evidence is %v; want %v", after.Evidence, before.Evidence)
		}
	}
}

// TestNeverLeft is a request that could not be encoded: it is known to have had
// no effect, and the next one would be the same.
func TestNeverLeft(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	s := r.inform("1", "2.4")
	_, id := s.download()
	s.answer(id, &cwmp.Fault{Code: cwmp.FaultInternalErrorACS, String: "no room for it"})
	task := r.task(job, phone, db.TaskFailed)
	r.says("task", task.Why, "could not be written and was not sent: no room for it; not tried again")
}

// TestLongURL is a link that TR-069 has no room for: its task says so, and does
// not stand before those behind it.
func TestLongURL(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	long := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	behind := r.order(db.Job{Kind: db.KindReboot}, phone)
	s := r.inform("1", "2.4")
	s.BaseURL = "http://" + strings.Repeat("a", 300)
	if _, id := s.reboot(); id.Task.Job != behind {
		t.Errorf("sent %v; want job %v", id, behind)
	}
	r.says("task", r.task(long, phone, db.TaskSkipped).Why, "longer than 256 characters")
}

// TestManySkipped holds that a session finds its task behind any number of
// tasks that are so already.
func TestManySkipped(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	f := r.file(db.FileFirmware, "2.5")
	for range 70 {
		_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
			Kind: db.KindDownload, Args: db.Args{File: f.ID}, Selection: db.Selection{All: true}, When: db.When{Now: true},
		}})
		r.must(err)
	}
	behind := r.order(db.Job{Kind: db.KindReboot}, phone)
	if _, id := r.inform("1", "2.5").reboot(); id.Task.Job != behind {
		t.Errorf("sent %v; want job %v", id, behind)
	}
	r.task(1, phone, db.TaskSkipped)
	r.task(70, phone, db.TaskSkipped)
}

// TestManyDeadlines has more attempts overdue than are judged at a time.
func TestManyDeadlines(t *testing.T) {
	r := newRig(t)
	const phones = 40
	r.list(phones)
	job := r.order(db.Job{Kind: db.KindReboot})
	for i := range phones {
		p, err := r.store.Phone(t.Context(), db.PhoneID(i+1))
		r.must(err)
		rec, err := r.store.RecordInform(t.Context(), db.Inform{
			Session: db.SessionToken(p.Serial), Now: r.clock.Now(), OUI: p.OUI, Serial: p.Serial, MAC: p.MAC,
			Vendor: p.Vendor, Model: p.Model, SoftwareVersion: "2.4",
		})
		r.must(err)
		session{db.Session{Token: db.SessionToken(p.Serial), Phone: rec.Phone, Proof: db.ProofOpen}, r}.reboot()
	}
	r.job(job, db.JobActive)
	r.wait(30 * time.Minute)
	if st := r.job(job, db.JobEnded); st.Counts[db.TaskFailed] != phones {
		t.Errorf("counts %v; want %d failed", st.Counts, phones)
	}
}
