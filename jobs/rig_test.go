package jobs_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/jobs"
	"phoneacs/phones/quirks"
)

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A rig is a service on a real store, with a clock that stands still, and
// phones that say what the test tells them to.
type rig struct {
	t     *testing.T
	dir   string
	clock *clockwork.FakeClock
	store *bolt.Store
	svc   *jobs.Service
	waker *fakeWaker
	seq   int

	notifier *fakeNotifier // nil: none
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), clock: clockwork.NewFakeClockAt(begin), waker: &fakeWaker{}}
	r.open()
	t.Cleanup(func() {
		r.sound()
		if err := r.store.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return r
}

func (r *rig) open() {
	r.t.Helper()
	var err error
	r.store, err = bolt.Open(r.t.Context(), bolt.Options{Dir: r.dir, Now: r.clock.Now})
	r.must(err)
	o := jobs.Options{Store: r.store, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock, Quirks: shownRoots{oddPhones{quirks.Standard()}, r.store}}
	if r.notifier != nil {
		o.Notifier = r.notifier
	}
	r.svc, err = jobs.New(o)
	r.must(err)
}

// restart closes the store and opens it again, with a new service.
func (r *rig) restart() {
	r.t.Helper()
	r.must(r.store.Close())
	r.open()
}

// sound checks every invariant of the store.
func (r *rig) sound() {
	r.t.Helper()
	faults, err := r.store.Check(context.Background())
	if err != nil {
		r.t.Errorf("check store: %v", err)
	}
	for _, f := range faults {
		r.t.Errorf("store is not sound: %s", f)
	}
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) settle() {
	r.t.Helper()
	r.must(r.svc.Settle(r.t.Context()))
}

// wait lets time pass and does what falls due.
func (r *rig) wait(d time.Duration) {
	r.t.Helper()
	r.clock.Advance(d)
	r.settle()
}

func (r *rig) file(kind, version string, models ...string) db.File {
	r.t.Helper()
	w, err := r.store.CreateBlob(r.t.Context())
	r.must(err)
	_, err = io.WriteString(w, kind+version)
	r.must(err)
	sum, size, err := w.Commit()
	r.must(err)
	r.must(w.Close())
	f, err := r.store.AddFile(r.t.Context(), db.File{
		Name: kind + "-" + version + ".z", Kind: kind, Vendor: "fanvil", Models: models, Version: version,
		SHA256: sum, Size: size, Created: r.clock.Now(),
	})
	r.must(err)
	return f
}

// A session is one that a phone has begun.
type session struct {
	db.Session
	r *rig
}

// inform begins a session: what acs does with an Inform.
func (r *rig) inform(serial, version string, events ...cwmp.Event) session {
	r.t.Helper()
	s, err := r.tryInform(serial, version, events...)
	r.must(err)
	return s
}

func (r *rig) tryInform(serial, version string, events ...cwmp.Event) (session, error) {
	r.seq++
	in := db.Inform{
		Session: db.SessionToken(fmt.Sprint("token", r.seq)), Now: r.clock.Now(), Address: "192.0.2.7",
		Manufacturer: "Fanvil", OUI: "0C383E", ProductClass: "X6", Serial: serial, Vendor: "fanvil", Model: "X6",
		SoftwareVersion: version, CWMP: "1.0", Enrol: db.PhoneApproved,
	}
	msg := &cwmp.Inform{Events: events}
	for _, e := range events {
		in.Events = append(in.Events, e.Code)
	}
	rec, err := r.store.RecordInform(r.t.Context(), in)
	r.must(err)
	s := session{db.Session{Token: in.Session, Phone: rec.Phone, Proof: db.ProofOpen, BaseURL: "http://acs.example"}, r}
	return s, r.svc.Informed(r.t.Context(), s.Session, rec, msg)
}

func code(codes ...string) (events []cwmp.Event) {
	for _, c := range codes {
		events = append(events, cwmp.Event{Code: c})
	}
	return events
}

// next asks for what to send; the session gets nothing if msg is nil. What the
// server asks for its own sake is refused, as by a phone that cannot be asked.
func (s session) next() (cwmp.Message, db.AttemptID) {
	s.r.t.Helper()
	msg, id := s.any()
	for msg != nil && id == (db.AttemptID{}) {
		s.answer(id, &cwmp.Fault{Code: 9000})
		msg, id = s.any()
	}
	return msg, id
}

// any is next, and leaves that to the test.
func (s session) any() (cwmp.Message, db.AttemptID) {
	s.r.t.Helper()
	msg, id, err := s.r.svc.Next(s.r.t.Context(), s.Session)
	s.r.must(err)
	return msg, id
}

// download wants the session to be given a Download.
func (s session) download() (*cwmp.Download, db.AttemptID) {
	s.r.t.Helper()
	msg, id := s.next()
	d, ok := msg.(*cwmp.Download)
	if !ok {
		s.r.t.Fatalf("session was given %T; want *cwmp.Download", msg)
	}
	return d, id
}

func (s session) reboot() (*cwmp.Reboot, db.AttemptID) {
	s.r.t.Helper()
	msg, id := s.next()
	m, ok := msg.(*cwmp.Reboot)
	if !ok {
		s.r.t.Fatalf("session was given %T; want *cwmp.Reboot", msg)
	}
	return m, id
}

// nothing wants the session to be given nothing more.
func (s session) nothing() {
	s.r.t.Helper()
	if msg, _ := s.next(); msg != nil {
		s.r.t.Fatalf("session was given %T; want nothing", msg)
	}
}

func (s session) answer(id db.AttemptID, m cwmp.Message) {
	s.r.t.Helper()
	s.r.must(s.r.svc.Answered(s.r.t.Context(), s.Session, id, m))
}

// complete reports a transfer with a key, and a fault unless its code is 0.
func (s session) complete(key string, fault cwmp.FaultCode) {
	s.r.t.Helper()
	tc := &cwmp.TransferComplete{CommandKey: key, Fault: cwmp.FaultStruct{Code: fault}}
	s.r.must(s.r.svc.Completed(s.r.t.Context(), s.Session, tc))
}

// order orders a job for the listed phones (all if none) and has its tasks made.
func (r *rig) order(j db.Job, phones ...session) db.JobID {
	r.t.Helper()
	if j.When == (db.When{}) {
		j.When.Now = true
	}
	for _, p := range phones {
		j.Selection.Phones = append(j.Selection.Phones, p.Phone.ID.String())
	}
	j.Selection.All = len(phones) == 0
	st, _, err := r.svc.Order(r.t.Context(), db.NewJob{Job: j})
	r.must(err)
	r.settle()
	return st.ID
}

func downloadOf(f db.File) db.Job {
	return db.Job{Kind: db.KindDownload, Args: db.Args{File: f.ID}}
}

// task wants the phone's task of a job to be in a state, and returns it.
func (r *rig) task(job db.JobID, phone session, want db.TaskState) db.Task {
	r.t.Helper()
	task, err := r.store.Task(r.t.Context(), db.TaskID{Job: job, Phone: phone.Phone.ID})
	r.must(err)
	if task.State != want {
		r.t.Fatalf("task is %s (%s); want %s", task.State, task.Why, want)
	}
	return task
}

func (r *rig) job(id db.JobID, want db.JobState) db.JobStatus {
	r.t.Helper()
	st, err := r.store.Job(r.t.Context(), id)
	r.must(err)
	if st.State != want {
		r.t.Fatalf("job is %s %v; want %s", st.State, st.Counts, want)
	}
	return st
}

// says wants a sentence to contain a text.
func (r *rig) says(what, sentence, want string) {
	r.t.Helper()
	if !strings.Contains(sentence, want) {
		r.t.Errorf("%s says %q; want %q in it", what, sentence, want)
	}
}

// evidence wants something in a task's evidence.
func (r *rig) evidence(t db.Task, want string) {
	r.t.Helper()
	var all []string
	for _, e := range t.Evidence {
		if strings.Contains(e.What, want) {
			return
		}
		all = append(all, e.What)
	}
	r.t.Errorf("evidence is %q; want %q in it", all, want)
}

// fakeLinks makes links whose secret is their name.
type fakeLinks struct{}

func (fakeLinks) Link(base string, f db.File, ttl time.Time) (string, db.Link, error) {
	url := fmt.Sprintf("%s/files/%d-%d/%s", base, f.ID, ttl.UnixNano(), f.Name)
	return url, db.Link{
		Hash: sha256.Sum256([]byte(url)), File: f.ID, Name: f.Name, SHA256: f.SHA256, Size: f.Size,
		Budget: 4 * f.Size, Expires: ttl,
	}, nil
}

func (l fakeLinks) Lead(base string, f db.File, _ db.Phone, ttl time.Time) (string, db.Link, db.Link, error) {
	_, link, err := l.Link(base, f, ttl)
	link.Role = db.LinkNamed
	url, lead := fakeLead(base, ttl)
	return url, lead, link, err
}

func (fakeLinks) Upload(base, kind string, ttl time.Time) (string, db.Link, error) {
	url := fmt.Sprintf("%s/files/up-%d/%s", base, ttl.UnixNano(), kind)
	return url, db.Link{Hash: sha256.Sum256([]byte(url)), Role: db.LinkUpload, What: kind, Name: kind, Size: 1000, Budget: 5000, Expires: ttl}, nil
}

func (l fakeLinks) UploadLead(base, kind string, _ db.Phone, ttl time.Time) (string, db.Link, db.Link, error) {
	_, link, err := l.Upload(base, kind, ttl)
	url, lead := fakeLead(base, ttl)
	return url, lead, link, err
}

func fakeLead(base string, ttl time.Time) (string, db.Link) {
	url := fmt.Sprintf("%s/files/lead-%d/lead.cfg", base, ttl.UnixNano())
	return url, db.Link{Hash: sha256.Sum256([]byte(url)), Role: db.LinkLead, Name: "lead.cfg", Size: 100, Budget: 500, Expires: ttl}
}

// fakeWaker keeps who was woken.
type fakeWaker struct {
	mu    sync.Mutex
	woken []db.PhoneID
	fail  error
	block func(context.Context, db.PhoneID) // runs before Wake returns
}

func (w *fakeWaker) Wake(ctx context.Context, id db.PhoneID) error {
	w.mu.Lock()
	w.woken = append(w.woken, id)
	fail, block := w.fail, w.block
	w.mu.Unlock()
	if block != nil {
		block(ctx, id)
	}
	return fail
}

// take returns who was woken since the last call, in order of ids.
func (w *fakeWaker) take() []db.PhoneID {
	w.mu.Lock()
	defer w.mu.Unlock()
	woken := w.woken
	w.woken = nil
	slices.Sort(woken)
	return woken
}

func wantField(t *testing.T, err error, field, text string) {
	t.Helper()
	var fe *db.FieldError
	if !errors.As(err, &fe) || fe.Field != field {
		t.Fatalf("error = %v; want a field error of %s", err, field)
	}
	if !strings.Contains(fe.Error(), text) {
		t.Errorf("error = %v; want %q in it", err, text)
	}
}
