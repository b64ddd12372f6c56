package jobs_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/jonboulle/clockwork"

	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/jobs"
)

// list imports n phones.
func (r *rig) list(n int) {
	r.t.Helper()
	importPhones(r.t, r.store, n)
}

func importPhones(t testing.TB, s *bolt.Store, n int) {
	t.Helper()
	for from := 0; from < n; from += 1000 {
		var in []db.PhoneImport
		for i := from; i < min(n, from+1000); i++ {
			in = append(in, db.PhoneImport{
				OUI: "0C383E", Serial: fmt.Sprint(i), MAC: fmt.Sprintf("0c383e%06x", i),
				Vendor: "fanvil", Model: "X6", Site: db.DefaultSite,
			})
		}
		if _, err := s.ImportPhones(t.Context(), in, begin, "test"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestExpandInChunks holds that one order does not wait for another, and that
// a restart between two chunks loses and doubles nothing.
func TestExpandInChunks(t *testing.T) {
	r := newRig(t)
	r.list(1700)
	large, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindReboot, Selection: db.Selection{All: true}, When: db.When{Now: true},
	}})
	r.must(err)
	small, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindReboot, Selection: db.Selection{Phones: []string{"p7"}}, When: db.When{Now: true},
	}})
	r.must(err)
	if _, err := r.svc.ExpandOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.job(small.ID, db.JobActive)
	if st := r.job(large.ID, db.JobExpanding); st.Expanded != 500 || st.Counts[db.TaskReady] != 500 {
		t.Errorf("expanded %d, %v; want 500", st.Expanded, st.Counts)
	}
	r.must(r.store.DeletePhone(t.Context(), 1600)) // still to come: it gets no task
	r.restart()
	r.settle()
	if st := r.job(large.ID, db.JobActive); st.Expanded != 1700 || st.Counts[db.TaskReady] != 1699 {
		t.Errorf("expanded %d, %v; want 1699 tasks of 1700", st.Expanded, st.Counts)
	}
	if got := len(slices.Compact(r.waker.take())); got != 1699 {
		t.Errorf("%d phones woken; want 1699", got)
	}
	due, err := r.store.CountDue(t.Context())
	r.must(err)
	if due != 2 { // the jobs' expiries
		t.Errorf("%d due entries are left; want 2", due)
	}
}

// TestCancelWhileExpanding holds that a cancel reaches tasks that are not made yet.
func TestCancelWhileExpanding(t *testing.T) {
	r := newRig(t)
	r.list(1200)
	st, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindReboot, Selection: db.Selection{All: true}, When: db.When{Now: true},
	}})
	r.must(err)
	_, err = r.svc.ExpandOnce(t.Context())
	r.must(err)
	_, err = r.svc.Cancel(t.Context(), st.ID)
	r.must(err)
	r.settle()
	if got := r.job(st.ID, db.JobEnded); got.Counts[db.TaskCancelled] != 1200 {
		t.Errorf("counts %v; want 1200 cancelled", got.Counts)
	}
	if got := len(r.waker.take()); got != 0 {
		t.Errorf("%d phones woken for nothing", got)
	}
}

func TestExpandFails(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	broken := &failingStore{Store: r.store, addTasks: db.ErrNoSpace}
	svc, err := jobs.New(jobs.Options{Store: broken, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock})
	r.must(err)
	r.svc = svc
	st, _, err := svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindReboot, Selection: db.Selection{All: true}, When: db.When{Now: true},
	}})
	r.must(err)
	if err := svc.Settle(t.Context()); !errors.Is(err, db.ErrNoSpace) {
		t.Errorf("Settle: %v; want ErrNoSpace", err)
	}
	broken.addTasks = nil
	r.settle()
	r.task(st.ID, phone, db.TaskReady)
}

// BenchmarkExpand makes the tasks of an order for 100,000 phones.
func BenchmarkExpand(b *testing.B) {
	const phones = 100_000
	for b.Loop() {
		b.StopTimer()
		store, err := bolt.Open(b.Context(), bolt.Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		importPhones(b, store, phones)
		svc, err := jobs.New(jobs.Options{Store: store, Waker: &fakeWaker{}, Files: fakeLinks{}, Clock: clockwork.NewRealClock()})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		_, _, err = svc.Order(b.Context(), db.NewJob{Job: db.Job{
			Kind: db.KindReboot, Selection: db.Selection{All: true}, When: db.When{Now: true},
		}})
		for more := err == nil; more && err == nil; {
			more, err = svc.ExpandOnce(b.Context())
		}
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(phones*float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
}
