package jobs_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/jobs"
)

func TestOrderRefused(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	ref := phone.Phone.ID.String()
	config, firmware := r.file(db.FileConfig, ""), r.file(db.FileFirmware, "2.5", "V65", "V67")
	nameless, err := r.store.AddFile(t.Context(), db.File{
		Name: "x.z", Kind: db.FileFirmware, SHA256: firmware.SHA256, Size: firmware.Size, Created: begin,
	})
	r.must(err)
	valid := func() db.Job {
		return db.Job{
			Kind: db.KindDownload, Args: db.Args{File: config.ID}, When: db.When{Now: true},
			Selection: db.Selection{Phones: []string{ref}},
		}
	}
	for _, tt := range []struct {
		name, field, text string
		change            func(j *db.Job)
	}{
		{"kind unknown", "kind", "want", func(j *db.Job) { j.Kind = "dance" }},
		{"no kind", "kind", "want", func(j *db.Job) { j.Kind = "" }},
		{"download without file", "args.file", "needs a file", func(j *db.Job) { j.Args.File = 0 }},
		{"file unknown", "args.file", "f99 is not in the catalogue", func(j *db.Job) { j.Args.File = 99 }},
		{"firmware without version", "args.file", "names no version", func(j *db.Job) { j.Args.File = nameless.ID }},
		{"reboot with file", "args.file", "takes no file", func(j *db.Job) { j.Kind = db.KindReboot }},
		{"no time", "when", "exactly one", func(j *db.Job) { j.When = db.When{} }},
		{"two times", "when", "exactly one", func(j *db.Job) { j.When.At = begin.Add(time.Hour) }},
		{"past", "when.at", "is past", func(j *db.Job) { j.When = db.When{At: begin.Add(-time.Hour)} }},
		{"expired", "expires", "is not after", func(j *db.Job) { j.Expires = begin }},
		{"expires before it begins", "expires", "is not after", func(j *db.Job) {
			j.When = db.When{At: begin.Add(2 * time.Hour)}
			j.Expires = begin.Add(time.Hour)
		}},
		{"expires in another age", "expires", "5 years", func(j *db.Job) { j.Expires = begin.AddDate(6, 0, 0) }},
		{"deadline short", "deadline", "100ms", func(j *db.Job) { j.Deadline = time.Millisecond }},
		{"deadline negative", "deadline", "not within", func(j *db.Job) { j.Deadline = -time.Minute }},
		{"deadline long", "deadline", "24h", func(j *db.Job) { j.Deadline = 25 * time.Hour }},
		{"retries", "retry.max", "20", func(j *db.Job) { j.Retry.Max = 21 }},
		{"retries negative", "retry.max", "0 and", func(j *db.Job) { j.Retry.Max = -1 }},
		{"backoff long", "retry.backoff", "1h", func(j *db.Job) { j.Retry.Backoff = 2 * time.Hour }},
		{"backoff short", "retry.backoff", "100ms", func(j *db.Job) { j.Retry.Backoff = 1 }},
		{"priority", "priority", "9", func(j *db.Job) { j.Priority = 10 }},
		{"priority negative", "priority", "0 and", func(j *db.Job) { j.Priority = -1 }},
		{"nobody", "selection", `{"all": true}`, func(j *db.Job) { j.Selection = db.Selection{} }},
		{"empty list", "selection", `{"all": true}`, func(j *db.Job) { j.Selection.Phones = []string{} }},
		{"two selections", "selection", "exactly one", func(j *db.Job) { j.Selection.All = true }},
		{"blank filter", "selection.filter", "empty", func(j *db.Job) { j.Selection = db.Selection{Filter: " "} }},
		{"filter that cannot be read", "selection.filter", "filter", func(j *db.Job) { j.Selection = db.Selection{Filter: "modell = X6"} }},
		{"phone unknown", "selection.phones", `"p99": not found`, func(j *db.Job) { j.Selection.Phones = []string{ref, "p99"} }},
		{"too many by name", "selection.phones", "at most", func(j *db.Job) { j.Selection.Phones = make([]string, jobs.MaxListed+1) }},
		{"file for other models", "selection.phones", "p1: firmware-2.5.z is for fanvil V65, V67, the phone is a fanvil X6", func(j *db.Job) {
			j.Args.File = firmware.ID
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := valid()
			tt.change(&j)
			_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: j})
			wantField(t, err, tt.field, tt.text)
		})
	}
	page, err := r.store.ListJobs(t.Context(), db.Query{})
	r.must(err)
	if len(page.Items) != 0 {
		t.Errorf("%d jobs were made of orders that were refused", len(page.Items))
	}
}

func TestOrderDefaults(t *testing.T) {
	r := newRig(t)
	r.inform("1", "2.4")
	at := begin.Add(time.Hour)
	st, again, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		ID: 77, State: db.JobEnded, Cancel: true, Selected: 9, // not an order's to say
		Kind: db.KindReboot, Selection: db.Selection{Filter: "model = X6"}, When: db.When{At: at}, By: "ann",
	}})
	r.must(err)
	if again || st.ID == 77 || st.State != db.JobExpanding || st.Cancel || st.Selected != 1 || !st.Created.Equal(begin) || st.By != "ann" {
		t.Errorf("job is %+v", st)
	}
	if st.Retry != (db.Retry{Max: 3, Backoff: time.Minute}) || st.Deadline != 30*time.Minute || !st.Expires.Equal(at.AddDate(0, 0, 30)) {
		t.Errorf("retry %+v, deadline %v, expires %v", st.Retry, st.Deadline, st.Expires)
	}
	st, _, err = r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindReboot, Selection: db.Selection{Filter: "model = V65"}, When: db.When{Now: true},
		Retry: db.Retry{Backoff: time.Second}, Deadline: 100 * time.Millisecond, Priority: 9,
	}})
	r.must(err)
	if st.Retry != (db.Retry{Backoff: time.Second}) || st.Deadline != 100*time.Millisecond || st.Selected != 0 {
		t.Errorf("job is %+v", st)
	}
	r.settle()
	r.job(st.ID, db.JobEnded) // of nobody
}

func TestOrderTwice(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	ref := phone.Phone.ID.String()
	n := db.NewJob{
		Job: db.Job{
			Kind: db.KindReboot, When: db.When{Now: true},
			Selection: db.Selection{Phones: []string{ref, "0C383E-X6-1", ref}}, // one phone
		},
		Idempotency: db.Idempotency{Key: "k", Body: [32]byte{1}},
	}
	first, again, err := r.svc.Order(t.Context(), n)
	if err != nil || again || first.Selected != 1 {
		t.Fatalf("first: selected %d, again %v, %v", first.Selected, again, err)
	}
	second, again, err := r.svc.Order(t.Context(), n)
	if err != nil || !again || second.ID != first.ID {
		t.Errorf("second: %v, again %v, %v; want %v", second.ID, again, err, first.ID)
	}
	n.Idempotency.Body[0]++
	if _, _, err := r.svc.Order(t.Context(), n); !errors.Is(err, db.ErrIdempotencyMismatch) {
		t.Errorf("third: %v; want ErrIdempotencyMismatch", err)
	}
}

func TestNewRefuses(t *testing.T) {
	whole := func() jobs.Options {
		return jobs.Options{Store: struct{ jobs.Store }{}, Waker: &fakeWaker{}, Files: fakeLinks{}}
	}
	for _, tt := range []struct {
		want   string
		change func(o *jobs.Options)
	}{
		{"Store", func(o *jobs.Options) { o.Store = nil }},
		{"Waker", func(o *jobs.Options) { o.Waker = nil }},
		{"Files", func(o *jobs.Options) { o.Files = nil }},
		{"WakeSlots", func(o *jobs.Options) { o.WakeSlots = -1 }},
	} {
		o := whole()
		tt.change(&o)
		if _, err := jobs.New(o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New without %s: %v", tt.want, err)
		}
	}
	if _, err := jobs.New(whole()); err != nil {
		t.Errorf("New: %v", err)
	}
}

// failingStore fails what it is told to.
type failingStore struct {
	jobs.Store
	addTasks, takeDue error
}

func (s *failingStore) AddTasks(ctx context.Context, id db.JobID, from int, seeds []db.TaskSeed, now time.Time) (db.Job, error) {
	if s.addTasks != nil {
		return db.Job{}, s.addTasks
	}
	return s.Store.AddTasks(ctx, id, from, seeds, now)
}

func (s *failingStore) TakeDue(ctx context.Context, now time.Time, n int, lease time.Duration, kinds ...db.DueKind) ([]db.Due, error) {
	if s.takeDue != nil {
		return nil, s.takeDue
	}
	return s.Store.TakeDue(ctx, now, n, lease, kinds...)
}
