package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs"
)

// TestWakeSlots holds that no more phones are woken at a time than there are
// slots, and that one which takes for ever holds up only its own.
func TestWakeSlots(t *testing.T) {
	r := newRig(t)
	r.list(40)
	var now, most atomic.Int32
	release := make(chan struct{})
	others := make(chan struct{}, 40)
	r.waker.block = func(_ context.Context, id db.PhoneID) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if id == 1 {
			<-release
		} else {
			others <- struct{}{}
		}
		now.Add(-1)
	}
	var err error
	r.svc, err = jobs.New(jobs.Options{Store: r.store, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock, WakeSlots: 4})
	r.must(err)
	go func() {
		for range 39 {
			<-others
		}
		close(release) // only once all the others were woken
	}()
	r.order(db.Job{Kind: db.KindReboot})
	if got := len(r.waker.take()); got != 40 {
		t.Errorf("%d phones woken; want 40", got)
	}
	if m := most.Load(); m > 4 {
		t.Errorf("%d woken at a time; want at most 4", m)
	}
}

// TestWakeFails holds that a phone which cannot be woken keeps its task, and
// is not tried over and over.
func TestWakeFails(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.waker.fail = errors.New("no route to host")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	r.task(job, phone, db.TaskReady)
	r.wait(10 * time.Minute)
	if got := r.waker.take(); len(got) != 1 {
		t.Errorf("woken: %v; want once", got)
	}
	r.inform("1", "2.4").reboot()
}

// TestWakeOnce holds that a phone with several ready tasks is woken once, and
// one whose task was taken meanwhile not at all.
func TestWakeOnce(t *testing.T) {
	r := newRig(t)
	one, two := r.inform("1", "2.4"), r.inform("2", "2.4")
	at := db.When{At: begin.Add(time.Hour)}
	for range 3 {
		r.order(db.Job{Kind: db.KindReboot, When: at}, one)
	}
	started := make(chan struct{}, 3)
	r.waker.block = func(context.Context, db.PhoneID) { started <- struct{}{} }
	r.wait(time.Hour)
	if got := r.waker.take(); len(got) != 1 {
		t.Errorf("woken: %v; want once", got)
	}
	r.waker.block = nil

	_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindReboot, Selection: db.Selection{Phones: []string{two.Phone.ID.String()}}, When: db.When{Now: true},
	}})
	r.must(err)
	_, err = r.svc.ExpandOnce(t.Context())
	r.must(err)
	r.inform("2", "2.4").reboot() // its periodic Inform was first
	r.settle()
	if got := r.waker.take(); len(got) != 0 {
		t.Errorf("woken: %v; want nobody", got)
	}
}

// TestWakeAfterRestart holds that phones which were to be woken still are.
func TestWakeAfterRestart(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
		Kind: db.KindReboot, Selection: db.Selection{All: true}, When: db.When{Now: true},
	}})
	r.must(err)
	_, err = r.svc.ExpandOnce(t.Context())
	r.must(err)
	r.restart()
	r.settle()
	if got := r.waker.take(); len(got) != 1 || got[0] != phone.Phone.ID {
		t.Errorf("woken: %v; want the phone", got)
	}
}

// TestWakeLater holds that a phone which is to be asked later is asked then,
// also if there was a restart in between, and not once its task is done.
func TestWakeLater(t *testing.T) {
	for _, restart := range []bool{false, true} {
		r := newRig(t)
		phone := r.inform("1", "2.4")
		r.waker.fail = &db.LaterError{At: r.clock.Now().Add(30 * time.Second), Err: errors.New("busy")}
		job := r.order(db.Job{Kind: db.KindReboot}, phone)
		if got := r.waker.take(); len(got) != 1 {
			t.Fatalf("woken %v", got)
		}
		r.wait(10 * time.Second)
		if got := r.waker.take(); len(got) != 0 {
			t.Errorf("woken %v before its time", got)
		}
		r.waker.fail = nil
		if restart {
			r.restart()
		}
		r.wait(20 * time.Second)
		if got := r.waker.take(); len(got) != 1 {
			t.Fatalf("restart %v: woken %v; want it asked again", restart, got)
		}
		r.task(job, phone, db.TaskReady)
		r.inform("1", "2.4", code("6 CONNECTION REQUEST")...).reboot()
		r.wait(10 * time.Minute)
		if got := r.waker.take(); len(got) != 0 {
			t.Errorf("woken %v with nothing to do", got)
		}
		due, err := r.store.TakeDue(t.Context(), r.clock.Now().Add(time.Hour), 10, 0, db.DueWake)
		if err != nil || len(due) != 0 {
			t.Errorf("left %v, %v", due, err)
		}
	}
}

// TestWakeMissed holds that a phone which is due again while it is being woken
// is looked at once more: its session may be over before the wake is.
func TestWakeMissed(t *testing.T) {
	r := newRig(t)
	a, b := r.inform("1", "2.4"), r.inform("2", "2.4")
	others := make(chan struct{}, 1)
	once := true
	r.waker.block = func(_ context.Context, id db.PhoneID) {
		if id == b.Phone.ID {
			others <- struct{}{}
		}
		if id != a.Phone.ID || !once {
			return
		}
		once = false
		// It comes, takes what there is, and goes; then there is more.
		came := r.inform("1", "2.4", code("6 CONNECTION REQUEST")...)
		msg, att := came.next()
		if _, ok := msg.(*cwmp.GetParameterValues); !ok {
			t.Errorf("given %T", msg)
		}
		came.answer(att, &cwmp.GetParameterValuesResponse{})
		_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
			Kind: db.KindReboot, When: db.When{Now: true},
			Selection: db.Selection{Phones: []string{a.Phone.ID.String(), b.Phone.ID.String()}},
		}})
		if err == nil {
			_, err = r.svc.ExpandOnce(t.Context())
		}
		if err != nil {
			t.Error(err)
		}
		<-others // the wakes of both have been taken
	}
	r.order(db.Job{Kind: db.KindGetParameters, Args: db.Args{Names: []string{"Device."}}}, a)
	if got := r.waker.take(); len(got) != 2 {
		t.Fatalf("woken %v", got)
	}
	r.wait(10 * time.Second)
	if got := r.waker.take(); len(got) != 1 || got[0] != a.Phone.ID {
		t.Errorf("woken %v; want %v once more", got, a.Phone.ID)
	}
}
