package jobs_test

import (
	"testing"

	"phoneacs/db"
)

// TestUnfitIsSkipped: what is said of a phone before an order is why its task of that
// order is skipped, word by word; a phone that is given its task is fit.
func TestUnfitIsSkipped(t *testing.T) {
	r := newRig(t)
	phones := []session{r.inform("1", "2.5"), r.inform("2", "2.4"), r.strange()}
	unfit := 0
	for _, f := range []db.File{r.file(db.FileFirmware, "2.5", "X6"), r.file(db.FileFirmware, "3.0", "V65"), r.file(db.FileConfig, "1"), r.file(db.FileConfig, "2", "X7")} {
		job := r.order(downloadOf(f))
		for _, p := range phones {
			st, err := r.store.Phone(t.Context(), p.Phone.ID)
			r.must(err)
			why, err := r.svc.Unfit(t.Context(), &f, &st)
			r.must(err)
			task, err := r.store.Task(t.Context(), db.TaskID{Job: job, Phone: p.Phone.ID})
			r.must(err)
			switch {
			case why == "" && task.State == db.TaskSkipped:
				t.Errorf("%s is fit for %s, and its task is skipped: %s", st.ID, f.Name, task.Why)
			case why != "" && (task.State != db.TaskSkipped || task.Why != why):
				t.Errorf("%s: %q for %s, and its task is %s: %s", st.ID, why, f.Name, task.State, task.Why)
			case why != "":
				unfit++
			}
		}
	}
	if unfit < 4 {
		t.Errorf("only %d of 12 were unfit", unfit)
	}
}
