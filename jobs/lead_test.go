package jobs_test

import (
	"context"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/jobs"
)

// book is a phonebook, which a Fanvil takes by a config alone.
func (r *rig) book() db.File {
	r.t.Helper()
	f := r.file(db.FilePhonebook, "1")
	f.ID, f.Name = 0, "book.xml"
	f, err := r.store.AddFile(r.t.Context(), f)
	r.must(err)
	return f
}

// linkOf finds the open link of a role.
func (r *rig) linkOf(id db.AttemptID, d cwmp.Message) (lead, link db.Link) {
	r.t.Helper()
	a, err := r.store.Task(r.t.Context(), id.Task)
	r.must(err)
	until := attempt(a, id.N).Deadline
	const base = "http://acs.example"
	switch m := d.(type) {
	case *cwmp.Upload:
		_, link, err = fakeLinks{}.Upload(base, db.UploadConfig, until)
	case *cwmp.Download:
		var job db.JobStatus
		job, err = r.store.Job(r.t.Context(), id.Task.Job)
		r.must(err)
		if job.Args.File == 0 {
			_, lead, link, err = fakeLinks{}.UploadLead(base, job.Args.Upload.Kind, db.Phone{}, until)
			break
		}
		var f db.File
		f, err = r.store.File(r.t.Context(), job.Args.File)
		r.must(err)
		_, lead, link, err = fakeLinks{}.Lead(base, f, db.Phone{}, until)
	default:
		r.t.Fatalf("%T has no link", m)
	}
	r.must(err)
	return lead, link
}

func attempt(t db.Task, n int) *db.Attempt { return &t.Attempts[n-1] }

// fetches records a whole fetch, as files do, and tells of it.
func (r *rig) fetches(id db.AttemptID, l db.Link) {
	r.t.Helper()
	r.must(r.store.RecordFetch(r.t.Context(), l.Hash, db.Fetch{Time: r.clock.Now(), Role: l.Role, Bytes: l.Size, Whole: true, Status: 200}))
	if l.Role != db.LinkLead {
		r.must(r.svc.Moved(r.t.Context(), id))
	}
}

// puts stores an upload, as files do, and tells of it.
func (r *rig) puts(id db.AttemptID, l db.Link, content string) {
	r.t.Helper()
	w, err := r.store.CreateBlob(r.t.Context())
	r.must(err)
	_, err = w.Write([]byte(content))
	r.must(err)
	sum, _, err := w.Commit()
	r.must(err)
	_, _, err = r.store.AddUpload(r.t.Context(), l.Hash, db.Upload{SHA256: sum, Created: r.clock.Now()})
	r.must(err)
	r.must(r.svc.Moved(r.t.Context(), id))
}

func (r *rig) explains(t db.Task, want string) {
	r.t.Helper()
	r.says("explanation", r.svc.Explain(r.t.Context(), t), want)
}

// TestLead takes a phonebook to a phone in both orders: it may report the
// config before it fetches the file, or after.
func TestLead(t *testing.T) {
	for _, fetchFirst := range []bool{false, true} {
		r := newRig(t)
		phone := r.inform("1", "2.4")
		job := r.order(downloadOf(r.book()), phone)
		s := r.inform("1", "2.4")
		d, id := s.download()
		if d.FileType != cwmp.FileTypeConfig || d.TargetFileName != "lead.cfg" || d.FileSize != 0 {
			t.Errorf("Download is %+v", d)
		}
		s.answer(id, &cwmp.DownloadResponse{Status: 1})
		task := r.task(job, phone, db.TaskProving)
		r.explains(task, "waits for the phone to fetch the config that names the phonebook")
		lead, link := r.linkOf(id, d)
		r.fetches(id, lead)
		if fetchFirst {
			r.fetches(id, link)
			r.explains(r.task(job, phone, db.TaskProving), "waits for the phone to report the config as taken")
		}
		s = r.inform("1", "2.4", code(cwmp.EventTransferComplete)...)
		s.complete(d.CommandKey, 0)
		if !fetchFirst {
			task := r.task(job, phone, db.TaskProving)
			r.says("task", task.Why, "the phone took the config, and has not fetched the phonebook yet")
			r.explains(task, "waits for the phone to fetch the phonebook until")
			s.nothing()
			r.fetches(id, link)
		}
		task = r.task(job, phone, db.TaskSucceeded)
		r.says("task", task.Why, "the phone took the config and fetched the phonebook that it names")
		if a := task.Last(); !a.Lead || a.Moved.IsZero() || a.Complete.IsZero() || a.BytesOut != link.Size {
			t.Errorf("attempt is %+v", a)
		}
	}
}

// TestLeadOverdue holds what is said of each point at which a phone may stop.
func TestLeadOverdue(t *testing.T) {
	for _, tt := range []struct {
		name, why            string
		led, complete, moved bool
		want                 db.TaskState
	}{
		{"nothing", "the phone did not fetch the config that names the phonebook within 30m", false, false, false, db.TaskFailed},
		{"config fetched", "the phone fetched the config, but neither reported it as taken nor fetched the phonebook", true, false, false, db.TaskFailed},
		{"config taken", "the phone took the config, but did not fetch the phonebook within 30m; it has not fetched the file", true, true, false, db.TaskFailed},
		{"file fetched", "the phone has fetched the phonebook that the config names, and did not report the config", true, false, true, db.TaskSucceeded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			order := downloadOf(r.book())
			order.Retry = db.Retry{Max: 0, Backoff: time.Minute}
			job := r.order(order, phone)
			s := r.inform("1", "2.4")
			d, id := s.download()
			s.answer(id, &cwmp.DownloadResponse{Status: 1})
			lead, link := r.linkOf(id, d)
			if tt.led {
				r.fetches(id, lead)
			}
			if tt.complete {
				s.complete(d.CommandKey, 0)
			}
			if tt.moved {
				r.fetches(id, link)
			}
			r.must(r.store.Flush(t.Context()))
			r.wait(31 * time.Minute)
			r.says("task", r.task(job, phone, tt.want).Why, tt.why)
		})
	}
}

// A meddler is a store that lets something happen just before a verdict.
type meddler struct {
	*bolt.Store
	before func()
}

func (m *meddler) Judge(ctx context.Context, v db.Verdict) (db.Task, error) {
	if before := m.before; before != nil {
		m.before = nil
		before()
	}
	return m.Store.Judge(ctx, v)
}

// TestHalvesAtOnce has the file fetched between the look at an attempt and the
// commit of the TransferComplete's verdict on it.
func TestHalvesAtOnce(t *testing.T) {
	r := newRig(t)
	m := &meddler{Store: r.store}
	var err error
	r.svc, err = jobs.New(jobs.Options{Store: m, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock})
	r.must(err)
	phone := r.inform("1", "2.4")
	job := r.order(downloadOf(r.book()), phone)
	s := r.inform("1", "2.4")
	d, id := s.download()
	s.answer(id, &cwmp.DownloadResponse{Status: 1})
	_, link := r.linkOf(id, d)
	m.before = func() { r.fetches(id, link) }
	s.complete(d.CommandKey, 0)
	r.task(job, phone, db.TaskSucceeded)
}

// TestLeadIsHeld holds that a hold stops a config, whatever it is for.
func TestLeadIsHeld(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	up := r.order(db.Job{Kind: db.KindUpload, Args: db.Args{Upload: &db.UploadArg{Kind: db.UploadConfig}}}, phone)
	down := r.order(downloadOf(r.book()), phone)
	r.must(r.store.SetHold(t.Context(), db.Hold{Phone: phone.Phone.ID, Since: r.clock.Now()}))
	r.inform("1", "2.4").nothing()
	r.task(up, phone, db.TaskReady)
	r.task(down, phone, db.TaskReady)
}

// TestUnfit holds that files which a phone takes in no way are refused where the
// phone is named, and skipped in a larger selection.
func TestUnfit(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	f := r.file(db.FileRinger, "1")
	_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindDownload, Args: db.Args{File: f.ID}, When: db.When{Now: true},
		Selection: db.Selection{Phones: []string{phone.Phone.ID.String()}},
	}})
	wantField(t, err, "selection.phones", "a fanvil X6 takes no ringer, by Download or by a config that names it")
	job := r.order(downloadOf(f))
	r.says("task", r.task(job, phone, db.TaskSkipped).Why, "takes no ringer")
	book := r.book()
	book.ID, book.Vendor, book.Name = 0, "", "book.xls"
	book, err = r.store.AddFile(t.Context(), book)
	r.must(err)
	job = r.order(downloadOf(book))
	r.says("task", r.task(job, phone, db.TaskSkipped).Why, `"book.xls" does not end in .xml, .vcf, .csv`)
}
