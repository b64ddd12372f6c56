package jobs_test

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"phoneacs/db"
	"phoneacs/jobs"
)

// patience is how long a test waits for another goroutine before it fails.
const patience = 20 * time.Second

// running starts the service of a rig, with its log and metrics, and has it
// stopped at the end of the test. What Wake is called for arrives at the channel.
func running(t *testing.T, r *rig, store jobs.Store) (woken <-chan db.PhoneID, log *bytes.Buffer, metrics *prometheus.Registry, stop func()) {
	t.Helper()
	ch := make(chan db.PhoneID, 16)
	r.waker.block = func(_ context.Context, id db.PhoneID) { ch <- id }
	log, metrics = new(bytes.Buffer), prometheus.NewRegistry()
	var err error
	r.svc, err = jobs.New(jobs.Options{
		Store: store, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock, Registerer: metrics,
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	r.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.svc.Run(ctx) }()
	stop = func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run does not end")
		}
	}
	return ch, log, metrics, stop
}

func expect(t *testing.T, woken <-chan db.PhoneID, want db.PhoneID) {
	t.Helper()
	select {
	case got := <-woken:
		if got != want {
			t.Fatalf("woken: %v; want %v", got, want)
		}
	case <-time.After(patience):
		t.Fatalf("%v is not woken", want)
	}
}

// tick lets time pass by seconds until something arrives. A tick that comes
// while the one before is still at work is left out, so one may not be enough.
func tick[T any](t *testing.T, r *rig, ch <-chan T) (got T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		r.must(r.clock.BlockUntilContext(ctx, 2)) // the tick and the house-keeping
		r.clock.Advance(time.Second)
		select {
		case got = <-ch:
			return got
		case <-ctx.Done():
			t.Fatal("nothing happens, however much time passes")
		default:
			runtime.Gosched()
		}
	}
}

// idle waits until all tasks of accepted orders are made.
func idle(t *testing.T, r *rig) {
	t.Helper()
	for end := time.Now().Add(patience); ; runtime.Gosched() {
		busy, err := r.store.BusyJobs(t.Context())
		r.must(err)
		switch {
		case len(busy) == 0:
			return
		case time.Now().After(end):
			t.Fatal("the tasks are not made")
		}
	}
}

func TestRun(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	left, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindReboot, Selection: db.Selection{All: true}, When: db.When{Now: true},
	}})
	r.must(err)
	woken, _, metrics, stop := running(t, r, r.store)
	expect(t, woken, phone.Phone.ID) // for what was left undone
	r.task(left.ID, phone, db.TaskReady)
	s := r.inform("1", "2.4")
	_, id := s.reboot()
	if id.Task.Job != left.ID {
		t.Errorf("sent %v", id)
	}

	other := r.inform("2", "2.4")
	order := func(w db.When) {
		_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
			Kind: db.KindReboot, Selection: db.Selection{Phones: []string{other.Phone.ID.String()}}, When: w,
		}})
		r.must(err)
	}
	order(db.When{Now: true})
	expect(t, woken, other.Phone.ID) // no tick was needed
	r.inform("2", "2.4").reboot()
	order(db.When{At: begin.Add(time.Minute)})
	idle(t, r)
	if got := tick(t, r, woken); got != other.Phone.ID {
		t.Errorf("woken: %v; want %v", got, other.Phone.ID)
	}
	if early := begin.Add(time.Minute); r.clock.Now().Before(early) {
		t.Errorf("woken at %v; want %v or later", r.clock.Now(), early)
	}
	stop()

	families, err := metrics.Gather()
	r.must(err)
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
	}
	for _, want := range []string{"phoneacs_jobs_orders_total", "phoneacs_jobs_tasks_made_total", "phoneacs_jobs_wakes_total", "phoneacs_jobs_due_lag_seconds"} {
		if !strings.Contains(strings.Join(names, " "), want) {
			t.Errorf("metrics are %v; want %s", names, want)
		}
	}
}

// TestRunGoesOn holds that a store which fails for a while stops nothing, and
// that the log tells of both.
func TestRunGoesOn(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	broken := newFlaky(r.store)
	woken, log, _, stop := running(t, r, broken)
	for range 5 {
		tick(t, r, broken.failed)
	}
	broken.heal()
	_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindReboot, Selection: db.Selection{All: true}, When: db.When{At: r.clock.Now().Add(time.Second)},
	}})
	r.must(err)
	idle(t, r)
	if got := tick(t, r, woken); got != phone.Phone.ID {
		t.Errorf("woken: %v; want %v", got, phone.Phone.ID)
	}
	stop()
	out := log.String()
	if n := strings.Count(out, `"background work failed" kind="taking what is due"`); n == 0 {
		t.Errorf("the failure is not logged:\n%s", out)
	}
	if n := strings.Count(out, `"background work goes on" kind="taking what is due"`); n != 1 {
		t.Errorf("the recovery is logged %d times; want once:\n%s", n, out)
	}
}

// flaky fails to tell what is due, and says that it does, until it is healed.
type flaky struct {
	jobs.Store
	failed chan struct{}
	healed chan struct{}
}

func newFlaky(s jobs.Store) *flaky {
	return &flaky{Store: s, failed: make(chan struct{}, 1024), healed: make(chan struct{})}
}

func (f *flaky) heal() { close(f.healed) }

func (f *flaky) TakeDue(ctx context.Context, now time.Time, n int, lease time.Duration, kinds ...db.DueKind) ([]db.Due, error) {
	select {
	case <-f.healed:
		return f.Store.TakeDue(ctx, now, n, lease, kinds...)
	default:
		if kinds[0] != db.DueWake {
			f.failed <- struct{}{}
		}
		return nil, db.ErrNoSpace
	}
}
