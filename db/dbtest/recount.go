package dbtest

import (
	"fmt"

	"phoneacs/db"
)

// recountJob compares what a job says of its tasks with its tasks.
func (f *fixture) recountJob(j db.JobStatus) (faults []string) {
	f.t.Helper()
	faultf := func(msg string, args ...any) {
		faults = append(faults, fmt.Sprintf("job %s: "+msg, append([]any{j.ID}, args...)...))
	}
	counts := make(db.Counts)
	tasks, live := 0, 0
	for _, t := range all(f, of(f.JobTasks, j.ID)) {
		tasks++
		counts[t.State]++
		if !t.State.Final() {
			live++
		}
		if t.State.Final() == t.Ended.IsZero() {
			faultf("%s is %s and ended at %v", t.ID, t.State, t.Ended)
		}
		if (t.State == db.TaskWaiting) == t.Due.IsZero() {
			faultf("%s is %s and due at %v", t.ID, t.State, t.Due)
		}
		if t.Why == "" {
			faultf("%s is %s and does not say why", t.ID, t.State)
		}
	}
	for _, s := range db.TaskStates {
		if j.Counts[s] != counts[s] {
			faultf("counts %d %s, has %d", j.Counts[s], s, counts[s])
		}
	}
	if tasks > j.Expanded || j.Expanded > j.Selected {
		faultf("has %d tasks, %d expanded of %d selected", tasks, j.Expanded, j.Selected)
	}
	want := db.JobActive
	switch {
	case j.Expanded < j.Selected:
		want = db.JobExpanding
	case live == 0 && (j.Sweep == "" || j.Sweep == db.SweepWake):
		want = db.JobEnded
	case j.Paused:
		want = db.JobPaused
	case live == 0:
		want = j.State // a retry is on its way to the ended tasks
	}
	if j.State != want {
		faultf("is %s with %d tasks not ended, sweep %q; want %s", j.State, live, j.Sweep, want)
	}
	if (j.State == db.JobEnded) == j.Ended.IsZero() {
		faultf("is %s and ended at %v", j.State, j.Ended)
	}
	return faults
}
