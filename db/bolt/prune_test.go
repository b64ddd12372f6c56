package bolt

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"phoneacs/db"
)

// skipAll makes a job for all phones whose tasks end at once.
func skipAll(t *testing.T, s *Store, state db.TaskState) db.JobID {
	t.Helper()
	now := s.opts.Now()
	j, _, err := s.CreateJob(t.Context(), db.NewJob{Job: db.Job{Kind: db.KindReboot, Created: now, Expires: now.Add(1000 * time.Hour), Selection: db.Selection{All: true}}})
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < j.Selected; {
		phones, err := s.Selected(t.Context(), j.ID, 2000)
		if err != nil {
			t.Fatal(err)
		}
		seeds := make([]db.TaskSeed, len(phones))
		for i, p := range phones {
			seeds[i] = db.TaskSeed{Phone: p.ID, State: state, Why: "is so already"}
		}
		if _, err := s.AddTasks(t.Context(), j.ID, at, seeds, now); err != nil {
			t.Fatal(err)
		}
		at += len(seeds)
	}
	return j.ID
}

// 100,000 tasks that have ended go in steps that hold nobody up for long, and a
// job that has not ended stays with all of its.
func TestPruneJobs(t *testing.T) {
	now := time.Now()
	s, err := Open(t.Context(), Options{Dir: t.TempDir(), JobsKept: 24 * time.Hour, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	phones := 20_000
	if testing.Short() {
		phones = 2000
	}
	fill(t, s, phones)
	var old []db.JobID
	for range 5 {
		old = append(old, skipAll(t, s, db.TaskSkipped))
	}
	open := skipAll(t, s, db.TaskReady)
	now = now.Add(23 * time.Hour)
	recent := skipAll(t, s, db.TaskSkipped)
	now = now.Add(2 * time.Hour)

	done := make(chan error, 1)
	began := time.Now()
	go func() { done <- s.Prune(context.WithoutCancel(t.Context()), now) }()
	var waits []time.Duration
	for pruned := false; !pruned; {
		at := time.Now()
		if err := s.update(t.Context(), func(t *tx) error { return t.put(bMeta, []byte("x"), nil) }); err != nil {
			t.Fatal(err)
		}
		waits = append(waits, time.Since(at))
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			pruned = true
		default:
		}
	}
	took := time.Since(began)
	slices.Sort(waits)
	t.Logf("%d tasks in %v; a commit beside it took %v in the middle, %v at most, of %d", 5*phones, took, waits[len(waits)/2], waits[len(waits)-1], len(waits))
	if len(waits) < 5*phones/pruneTasks/4 {
		t.Errorf("%d commits beside %d steps: they were held up", len(waits), 5*phones/pruneTasks)
	}
	for _, id := range old {
		if _, err := s.Job(t.Context(), id); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("job %s is left (%v)", id, err)
		}
	}
	for id, state := range map[db.JobID]db.TaskState{open: db.TaskReady, recent: db.TaskSkipped} {
		if j, err := s.Job(t.Context(), id); err != nil || j.Counts[state] != phones {
			t.Errorf("job %s has %v (%v)", id, j.Counts, err)
		}
	}
	check(t, s)
}

// A job that is half gone when the server ends goes on being removed, and is
// not tried again meanwhile.
func TestPruneInTwo(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	o := Options{Dir: dir, JobsKept: time.Hour, Now: func() time.Time { return now }}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, 2*pruneTasks)
	id := skipAll(t, s, db.TaskSkipped)
	now = now.Add(2 * time.Hour)
	done := false
	if err := s.update(t.Context(), func(t *tx) (err error) { done, err = t.pruneSome(id, now); return err }); err != nil || done {
		t.Fatalf("one step: done is %v, %v", done, err)
	}
	check(t, s)
	if j, err := s.Job(t.Context(), id); err != nil || j.Counts[db.TaskSkipped] != pruneTasks || j.State != db.JobEnded {
		t.Errorf("half of a job: %+v (%v)", j, err)
	}
	if _, err := s.StartSweep(t.Context(), id, db.SweepRetry, now); !errors.Is(err, db.ErrConflict) {
		t.Errorf("half of a job can be tried again: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Prune(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Job(t.Context(), id); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the rest of a job is left (%v)", err)
	}
	check(t, s)
}

// An order for many is turned away while the disk has less room than is to stay
// free; one for few, and what phones report, is not.
func TestMinFree(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir(), MinFree: 1 << 60})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill(t, s, 101)
	if err := s.RoomFor(0); !errors.Is(err, db.ErrNoSpace) {
		t.Errorf("RoomFor: %v", err)
	}
	order := func(phones []db.PhoneID, all bool) error {
		_, _, err := s.CreateJob(t.Context(), db.NewJob{Job: db.Job{Kind: db.KindReboot, Created: time.Now(), Expires: time.Now().Add(time.Hour), Selection: db.Selection{All: all}}, Phones: phones})
		return err
	}
	if err := order(nil, true); !errors.Is(err, db.ErrNoSpace) {
		t.Errorf("an order for 101: %v", err)
	}
	if err := order([]db.PhoneID{1, 2}, false); err != nil {
		t.Errorf("an order for two: %v", err)
	}
	if _, err := s.RecordInform(t.Context(), informOf(1, "1 BOOT")); err != nil {
		t.Errorf("an Inform: %v", err)
	}
	sp, err := s.Space(t.Context())
	if err != nil || sp.Store <= 0 || sp.Disk <= 0 || sp.Free < 0 || sp.Free > sp.Store {
		t.Errorf("Space = %+v, %v", sp, err)
	}
}
