package jobs_test

import (
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

func uploadOf(kind string, instance int) db.Job {
	return db.Job{Kind: db.KindUpload, Args: db.Args{Upload: &db.UploadArg{Kind: kind, Instance: instance}}, Retry: db.Retry{Max: 0, Backoff: time.Minute}}
}

// strange begins a session of a phone whose make is not known.
func (r *rig) strange() session {
	r.t.Helper()
	r.seq++
	in := db.Inform{
		Session: db.SessionToken("strange" + string(rune('0'+r.seq))), Now: r.clock.Now(), OUI: "00D0CA", ProductClass: "Phone", Serial: "1",
		SoftwareVersion: "1", CWMP: "1.0", Enrol: db.PhoneApproved,
	}
	rec, err := r.store.RecordInform(r.t.Context(), in)
	r.must(err)
	s := session{db.Session{Token: in.Session, Phone: rec.Phone, Proof: db.ProofOpen, BaseURL: "http://acs.example"}, r}
	r.must(r.svc.Informed(r.t.Context(), s.Session, rec, &cwmp.Inform{}))
	return s
}

// upload wants the session to be given an Upload.
func (s session) upload() (*cwmp.Upload, db.AttemptID) {
	s.r.t.Helper()
	msg, id := s.next()
	m, ok := msg.(*cwmp.Upload)
	if !ok {
		s.r.t.Fatalf("session was given %T; want *cwmp.Upload", msg)
	}
	return m, id
}

func TestUpload(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(s session, u *cwmp.Upload, id db.AttemptID, l db.Link)
		want db.TaskState
		why  string
	}{
		{"stored, then reported", func(s session, u *cwmp.Upload, id db.AttemptID, l db.Link) {
			s.answer(id, &cwmp.UploadResponse{Status: 1})
			s.r.puts(id, l, "a config")
			s.r.explains(s.r.task(id.Task.Job, s, db.TaskProving), "waits for the phone to report the end of the transfer")
			s.complete(u.CommandKey, 0)
		}, db.TaskSucceeded, "the phone's config is stored, 8 bytes"},
		{"reported, then stored", func(s session, u *cwmp.Upload, id db.AttemptID, l db.Link) {
			s.answer(id, &cwmp.UploadResponse{Status: 1})
			s.complete(u.CommandKey, 0)
			s.r.says("task", s.r.task(id.Task.Job, s, db.TaskProving).Why, "says that it has sent its config, and nothing has arrived")
			s.r.puts(id, l, "a config")
		}, db.TaskSucceeded, "is stored"},
		{"within the session", func(s session, _ *cwmp.Upload, id db.AttemptID, l db.Link) {
			s.r.puts(id, l, "a config")
			s.answer(id, &cwmp.UploadResponse{Status: 0})
		}, db.TaskSucceeded, "is stored"},
		{"Status 0 and nothing", func(s session, _ *cwmp.Upload, id db.AttemptID, _ db.Link) {
			s.answer(id, &cwmp.UploadResponse{Status: 0})
			s.r.wait(31 * time.Minute)
		}, db.TaskFailed, "says that it has sent its config, but nothing arrived within 30m"},
		{"stored and never reported", func(s session, _ *cwmp.Upload, id db.AttemptID, l db.Link) {
			s.answer(id, &cwmp.UploadResponse{Status: 1})
			s.r.puts(id, l, "a config")
			s.r.wait(31 * time.Minute)
		}, db.TaskSucceeded, "is stored, 8 bytes; the phone did not report the end"},
		{"accepted and no more", func(s session, _ *cwmp.Upload, id db.AttemptID, _ db.Link) {
			s.answer(id, &cwmp.UploadResponse{Status: 1})
			s.r.wait(31 * time.Minute)
		}, db.TaskFailed, "accepted the order, but did not send its config within 30m"},
		{"no answer", func(s session, _ *cwmp.Upload, _ db.AttemptID, _ db.Link) {
			s.r.wait(31 * time.Minute)
		}, db.TaskFailed, "neither answered the order nor sent its config"},
		{"not known to the phone", func(s session, _ *cwmp.Upload, id db.AttemptID, _ db.Link) {
			s.answer(id, &cwmp.Fault{Code: 9000})
		}, db.TaskFailed, "fault 9000"},
		{"failed", func(s session, u *cwmp.Upload, id db.AttemptID, l db.Link) {
			s.answer(id, &cwmp.UploadResponse{Status: 1})
			s.r.puts(id, l, "a config")
			s.complete(u.CommandKey, 9011)
		}, db.TaskFailed, "fault 9011"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.strange()
			job := r.order(uploadOf(db.UploadConfig, 0), phone)
			s := r.strange()
			u, id := s.upload()
			if u.FileType != cwmp.UploadTypeConfig || u.URL == "" || u.Username != "" || u.Password != "" {
				t.Errorf("Upload is %+v", u)
			}
			_, link := r.linkOf(id, u)
			tt.do(s, u, id, link)
			r.says("task", r.task(job, phone, tt.want).Why, tt.why)
		})
	}
}

// TestUploadByConfig is a Fanvil, which is told by a config where to send it.
func TestUploadByConfig(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(uploadOf(db.UploadConfig, 0), phone)
	s := r.inform("1", "2.4")
	d, id := s.download()
	s.answer(id, &cwmp.DownloadResponse{Status: 0})
	task := r.task(job, phone, db.TaskProving)
	r.says("task", task.Why, "the phone took the config, and has not sent its config yet")
	_, link := r.linkOf(id, d)
	r.puts(id, link, "settings")
	r.says("task", r.task(job, phone, db.TaskSucceeded).Why, "the phone's config is stored, 8 bytes")

	job = r.order(uploadOf(db.UploadLog, 0))
	r.says("task", r.task(job, phone, db.TaskSkipped).Why, "a fanvil X6 sends no log")
}

// TestUploadByItsOwnList: the list that a phone's firmware has of itself goes
// before what is known of its model.
func TestUploadByItsOwnList(t *testing.T) {
	r := newRig(t)
	lead := r.inform("1", "2.4") // a Fanvil X6, told by a config
	lead.answersMethods(methodsOf("Download", "Reboot"))
	own := r.inform("2", "2.4")
	own.answersMethods(methodsOf("Download", "Upload"))
	none := r.inform("3", "2.4")
	none.answersMethods(methodsOf("Reboot"))

	job := r.order(uploadOf(db.UploadConfig, 0))
	s := r.inform("1", "2.4")
	d, id := s.download()
	if d.FileType != cwmp.FileTypeConfig {
		t.Errorf("the config goes as %q", d.FileType)
	}
	s.answer(id, &cwmp.DownloadResponse{Status: 0})
	_, link := r.linkOf(id, d)
	r.puts(id, link, "settings")
	r.task(job, lead, db.TaskSucceeded)

	s = r.inform("2", "2.4")
	u, id := s.upload()
	if u.FileType != cwmp.UploadTypeConfig {
		t.Errorf("asked for %q", u.FileType)
	}
	_, link = r.linkOf(id, u)
	r.puts(id, link, "settings")
	s.answer(id, &cwmp.UploadResponse{Status: 0})
	r.task(job, own, db.TaskSucceeded)

	r.says("task", r.task(job, none, db.TaskSkipped).Why, "does not know Upload; it offers Reboot")

	// The firmware that follows has not been asked yet: the model decides.
	r.order(uploadOf(db.UploadConfig, 0), own)
	if u, ok := mustAny(r.inform("2", "2.5")).(*cwmp.GetRPCMethods); !ok {
		t.Errorf("was given %T", u)
	}

	strange := r.strange()
	strange.answersMethods(methodsOf("Download", "Reboot"))
	named := uploadOf(db.UploadLog, 0)
	named.When.Now = true
	named.Selection.Phones = []string{strange.Phone.ID.String()}
	_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: named})
	wantField(t, err, "selection.phones", "the phone's firmware 1 does not know Upload; it offers Download, Reboot")
}

func mustAny(s session) cwmp.Message {
	msg, _ := s.any()
	return msg
}

func TestUploadArgs(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct {
		args        db.Args
		field, text string
	}{
		{db.Args{}, "args.upload", "config or log"},
		{db.Args{Upload: &db.UploadArg{Kind: "trace"}}, "args.upload.kind", `"trace" is not one of config, log`},
		{db.Args{Upload: &db.UploadArg{Kind: db.UploadLog, Instance: -1}}, "args.upload.instance", "not within"},
		{db.Args{Upload: &db.UploadArg{Kind: db.UploadLog}, Object: "Device."}, "args.object", "takes no object"},
	} {
		_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{Kind: db.KindUpload, Args: tt.args, When: db.When{Now: true}, Selection: db.Selection{All: true}}})
		wantField(t, err, tt.field, tt.text)
	}
	_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{Kind: db.KindReboot, Args: db.Args{Upload: &db.UploadArg{Kind: db.UploadLog}},
		When: db.When{Now: true}, Selection: db.Selection{All: true}}})
	wantField(t, err, "args.upload", "takes no upload")
}
