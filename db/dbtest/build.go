package dbtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// A device is a phone that speaks to the store in sessions.
type device struct {
	f  *fixture
	id db.PhoneID
	in db.Inform // what it says of itself, and its newest session
	n  int       // sessions so far
}

// inform is what the nth phone of the suite says of itself.
func inform(n int) db.Inform {
	mac := fmt.Sprintf("0c383e%06x", n)
	return db.Inform{
		Address: "192.0.2.10", Manufacturer: "Fanvil", OUI: "0C383E", ProductClass: "X6U", Serial: "SN-" + mac,
		Vendor: "fanvil", Model: "X6U", MAC: mac, SoftwareVersion: "2.10.3", HardwareVersion: "1.0",
		ConnectionRequestURL: "http://192.0.2.10:7547/", CWMP: "1.2",
		Parameters: []db.Parameter{
			{Name: "Device.DeviceInfo.SoftwareVersion", Type: "string", Value: "2.10.3"},
			{Name: "Device.ManagementServer.ParameterKey", Type: "string", Value: ""},
		},
	}
}

// device makes an approved phone with an open session.
func (f *fixture) device() *device {
	f.t.Helper()
	f.made++
	d := &device{f: f, in: inform(f.made)}
	d.in.Enrol = db.PhoneApproved
	d.id = d.session("1 BOOT").Phone.ID
	return d
}

// session begins a session with the events given.
func (d *device) session(events ...string) db.Recorded {
	d.f.t.Helper()
	d.n++
	d.in.Session = db.SessionToken(fmt.Sprintf("%s/%d", d.in.Serial, d.n))
	d.in.Now, d.in.Events = d.f.now, events
	in := d.in
	in.ProofOf = d.id
	in.Parameters = slices.Clone(in.Parameters) // the store may keep them
	rec, err := d.f.RecordInform(d.f.ctx, in)
	d.f.ok(err, "RecordInform of %s with %q", d.in.Serial, events)
	return rec
}

// listed imports n phones and returns their ids.
func (f *fixture) listed(n int, tags ...string) []db.PhoneID {
	f.t.Helper()
	var ids []db.PhoneID
	for chunk := range slices.Chunk(make([]db.PhoneImport, n), 1000) {
		for i := range chunk {
			f.made++
			chunk[i] = db.PhoneImport{MAC: inform(f.made).MAC, Vendor: "fanvil", Model: "X6U", Tags: tags}
		}
		results, err := f.ImportPhones(f.ctx, chunk, f.now, "test")
		f.ok(err, "import %d phones", len(chunk))
		for i, r := range results {
			f.ok(r.Err, "import of %s", chunk[i].MAC)
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// order is a reboot of the phones given, due now, to be tried three times.
func (f *fixture) order(phones ...db.PhoneID) db.NewJob {
	n := db.NewJob{
		Job: db.Job{
			Kind: db.KindReboot, When: db.When{Now: true}, Priority: 5,
			Retry:    db.Retry{Max: 2, Backoff: time.Minute},
			Deadline: 10 * time.Minute, Expires: f.now.Add(24 * time.Hour), Created: f.now, By: "test",
		},
		Phones: phones,
	}
	for _, id := range phones {
		n.Job.Selection.Phones = append(n.Job.Selection.Phones, id.String())
	}
	return n
}

// all orders for every phone, matching orders for those that a filter passes.
func everyPhone(n db.NewJob) db.NewJob {
	n.Phones, n.Job.Selection = nil, db.Selection{All: true}
	return n
}

func (f *fixture) matching(n db.NewJob, src string) db.NewJob {
	f.t.Helper()
	n.Phones, n.Job.Selection, n.Filter = nil, db.Selection{Filter: src}, f.filter(src, db.PhoneFields)
	return n
}

func (f *fixture) filter(src string, schema filter.Schema) *filter.Filter {
	f.t.Helper()
	flt, err := filter.Parse(src, schema)
	f.ok(err, "parse %s", src)
	return flt
}

func (f *fixture) create(n db.NewJob) db.JobStatus {
	f.t.Helper()
	j, again, err := f.CreateJob(f.ctx, n)
	f.ok(err, "CreateJob")
	if again {
		f.t.Fatalf("CreateJob: job %s is an earlier one", j.ID)
	}
	return j
}

// expand makes all tasks of a job that are still to be made, 100 at a time.
func (f *fixture) expand(id db.JobID, seed func(p db.PhoneStatus) db.TaskSeed) {
	f.t.Helper()
	for {
		phones, err := f.Selected(f.ctx, id, 100)
		f.ok(err, "Selected of %s", id)
		if len(phones) == 0 {
			return
		}
		seeds := make([]db.TaskSeed, len(phones))
		for i, p := range phones {
			seeds[i] = seed(p)
			seeds[i].Phone, seeds[i].Site, seeds[i].MAC = p.ID, p.Site, p.MAC
		}
		_, err = f.AddTasks(f.ctx, id, f.job(id).Expanded, seeds, f.now)
		f.ok(err, "AddTasks of %s", id)
	}
}

func ready(db.PhoneStatus) db.TaskSeed { return db.TaskSeed{State: db.TaskReady, Why: "ready"} }

func (f *fixture) waiting(db.PhoneStatus) db.TaskSeed {
	return db.TaskSeed{State: db.TaskWaiting, Due: f.now.Add(time.Hour), Why: "waits"}
}

// task makes a job for one phone, and its task, ready.
func (d *device) task(change ...func(*db.NewJob)) db.TaskID {
	d.f.t.Helper()
	n := d.f.order(d.id)
	for _, c := range change {
		c(&n)
	}
	j := d.f.create(n)
	d.f.expand(j.ID, ready)
	return db.TaskID{Job: j.ID, Phone: d.id}
}

// sending is the intent of the phone's session to send a restart.
func (d *device) sending(id db.TaskID) db.Send {
	return db.Send{
		Task: id, Session: d.in.Session, Now: d.f.now, Deadline: d.f.now.Add(10 * time.Minute),
		Before: d.in.SoftwareVersion, Exclusive: true, Changes: true, Round: d.f.job(id.Job).Refile,
	}
}

func (d *device) send(id db.TaskID) db.Attempt {
	d.f.t.Helper()
	a, err := d.f.MarkSent(d.f.ctx, d.sending(id))
	d.f.ok(err, "MarkSent of %s", id)
	return a
}

// verdict is the usual one for an event.
func (f *fixture) verdict(id db.TaskID, attempt int, e db.TaskEvent) db.Verdict {
	v := db.Verdict{Task: id, Attempt: attempt, Event: e, Now: f.now, Why: "because of " + string(e)}
	switch e {
	case db.EventProof:
		v.Outcome = db.OutcomeDone
	case db.EventFault:
		v.Outcome, v.Cause, v.Fault = db.OutcomeFault, db.CauseFault, 9002
	case db.EventRefute:
		v.Outcome, v.Cause = db.OutcomeRefuted, db.CauseVersion
	case db.EventUnknown:
		v.Outcome, v.Cause = db.OutcomeUnknown, db.CauseUnknown
	case db.EventAgain:
		v.Outcome, v.Due = db.OutcomeUnknown, f.now.Add(time.Minute)
	}
	return v
}

func (f *fixture) judge(v db.Verdict) db.Task {
	f.t.Helper()
	t, err := f.Judge(f.ctx, v)
	f.ok(err, "Judge %s of %s", v.Event, v.Task)
	return t
}

// sweep takes a sweep over all tasks of a job.
func (f *fixture) sweep(id db.JobID, kind db.SweepKind) {
	f.t.Helper()
	_, err := f.StartSweep(f.ctx, id, kind, f.now)
	f.ok(err, "StartSweep %s of %s", kind, id)
	f.steps(id, 100)
}

// steps finishes the sweep under way, n tasks at a time.
func (f *fixture) steps(id db.JobID, n int) {
	f.t.Helper()
	for range 10_000 {
		done, err := f.StepSweep(f.ctx, id, n, f.now)
		f.ok(err, "StepSweep of %s", id)
		if done {
			return
		}
	}
	f.t.Fatalf("the sweep of %s comes to no end", id)
}

// release makes a waiting task ready, as the scheduler does.
func (f *fixture) release(id db.TaskID) {
	f.t.Helper()
	t := f.task(id)
	due := []db.Due{{At: t.Due, Kind: db.DueRelease, Job: id.Job, Phone: id.Phone}}
	f.ok(f.ReleaseTasks(f.ctx, due, f.now, false), "ReleaseTasks of %s", id)
}

func (f *fixture) phone(id db.PhoneID) db.PhoneStatus {
	f.t.Helper()
	p, err := f.Phone(f.ctx, id)
	f.ok(err, "Phone %s", id)
	return p
}

func (f *fixture) job(id db.JobID) db.JobStatus {
	f.t.Helper()
	j, err := f.Job(f.ctx, id)
	f.ok(err, "Job %s", id)
	return j
}

func (f *fixture) task(id db.TaskID) db.Task {
	f.t.Helper()
	t, err := f.Task(f.ctx, id)
	f.ok(err, "Task %s", id)
	return t
}

// inState checks the state of a task.
func (f *fixture) inState(id db.TaskID, want db.TaskState) db.Task {
	f.t.Helper()
	t := f.task(id)
	if t.State != want {
		f.t.Errorf("task %s is %s (%s); want %s", id, t.State, t.Why, want)
	}
	return t
}

// all reads a list to its end.
func all[T any](f *fixture, list func(context.Context, db.Query) (db.Page[T], error)) []T {
	f.t.Helper()
	return paged(f, list, db.Query{Limit: db.MaxLimit})
}

// paged reads the pages of a query to the last.
func paged[T any](f *fixture, list func(context.Context, db.Query) (db.Page[T], error), q db.Query) []T {
	f.t.Helper()
	var items []T
	for range 100_000 {
		page, err := list(f.ctx, q)
		f.ok(err, "list %+v", q)
		if n := len(page.Items); q.Limit > 0 && n > q.Limit {
			f.t.Fatalf("a page of %d items has %d", q.Limit, n)
		}
		items = append(items, page.Items...)
		if page.Next == "" {
			return items
		}
		if page.Next == q.Cursor {
			f.t.Fatalf("the cursor stands still at %q", q.Cursor)
		}
		q.Cursor = page.Next
	}
	f.t.Fatal("the list comes to no end")
	return nil
}

// of binds a list to the record that it is a list of.
func of[K, T any](list func(context.Context, K, db.Query) (db.Page[T], error), key K) func(context.Context, db.Query) (db.Page[T], error) {
	return func(ctx context.Context, q db.Query) (db.Page[T], error) { return list(ctx, key, q) }
}
