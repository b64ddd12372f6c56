package jobs_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// run begins Run, ends it with the test, and returns once it serves.
func (r *rig) run() (stop func()) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan error, 1)
	go func() { done <- r.svc.Run(ctx) }()
	r.must(r.clock.BlockUntilContext(ctx, 1)) // the scheduler waits for its first second
	stop = func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("Run: %v", err)
		}
	}
	return stop
}

// TestGrace holds that an attempt which became overdue while nobody served is
// not given up before its phone has had the time to tell what became of it.
func TestGrace(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(downloadOf(r.file(db.FileConfig, "", "X6")), phone)
	d, id := phone.download()
	phone.answer(id, &cwmp.DownloadResponse{Status: 1})
	r.must(r.store.Close())
	r.clock.Advance(3 * time.Hour) // a long night
	r.open()
	defer r.run()()
	r.settle()
	r.task(job, phone, db.TaskProving)

	r.clock.Advance(time.Minute)
	s := r.inform("1", "2.4", code(cwmp.EventTransferComplete)...)
	s.complete(d.CommandKey, 0)
	r.task(job, phone, db.TaskSucceeded)
}

// TestGraceEnds holds that it is given up once the phone has had the time.
func TestGraceEnds(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	phone.reboot()
	r.must(r.store.Close())
	r.clock.Advance(3 * time.Hour)
	r.open()
	defer r.run()()
	r.settle()
	r.task(job, phone, db.TaskSent)
	r.wait(3 * time.Minute)
	if task := r.task(job, phone, db.TaskFailed); task.Cause != db.CauseUnknown {
		t.Errorf("cause %q; want %q", task.Cause, db.CauseUnknown)
	}
}

// TestOrderAgainAfterItsFileIsGone holds that an order which was accepted is
// answered as it was, however its arguments have fared since.
func TestOrderAgainAfterItsFileIsGone(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	f := r.file(db.FileConfig, "", "X6")
	order := db.NewJob{Job: downloadOf(f), Idempotency: db.Idempotency{Token: 1, Key: "k"}}
	order.Job.When.Now, order.Job.Selection.All = true, true
	first, again, err := r.svc.Order(t.Context(), order)
	r.must(err)
	if again {
		t.Error("the first order counts as a repetition")
	}
	r.settle()
	_, id := phone.download()
	phone.answer(id, &cwmp.DownloadResponse{Status: 0})
	_, _, err = r.store.DeleteFile(t.Context(), f.ID)
	r.must(err)
	if st, again, err := r.svc.Order(t.Context(), order); err != nil || !again || st.ID != first.ID {
		t.Errorf("Order again = %v, %v, %v; want %v", st.ID, again, err, first.ID)
	}
}

// TestWokenButNotCome holds that a phone which was woken, or was talking when
// it was to be, is looked after once more if its task is still there.
func TestWokenButNotCome(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.order(db.Job{Kind: db.KindReboot}, phone)
	if got := len(r.waker.take()); got != 1 {
		t.Fatalf("woken %d times; want once", got)
	}
	r.wait(time.Minute)
	if got := len(r.waker.take()); got != 1 {
		t.Errorf("woken %d times when it had not come; want once", got)
	}
	r.wait(time.Hour)
	if got := len(r.waker.take()); got != 0 {
		t.Errorf("woken %d times more; want it left in peace", got)
	}
}

// TestSiteURL holds that a phone fetches files from where its site says.
func TestSiteURL(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	site, err := r.store.CreateSite(t.Context(), db.Site{Name: "branch", URL: "http://10.0.0.1:7547/"})
	r.must(err)
	_, err = r.store.UpdatePhone(t.Context(), phone.Phone.ID, db.PhonePatch{Site: &site.ID}, "test")
	r.must(err)
	phone = r.inform("1", "2.4")
	r.order(downloadOf(r.file(db.FileConfig, "", "X6")), phone)
	if d, _ := phone.download(); !strings.HasPrefix(d.URL, "http://10.0.0.1:7547/files/") {
		t.Errorf("URL is %s; want it at the site's", d.URL)
	}
}
