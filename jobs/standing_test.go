package jobs_test

import (
	"sync"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs"
)

// standing adds a standing order as an operator does.
func (r *rig) standing(o db.StandingOrder) db.StandingOrder {
	r.t.Helper()
	r.must(r.svc.CheckStanding(r.t.Context(), &o))
	o, err := r.store.CreateStanding(r.t.Context(), o)
	r.must(err)
	return o
}

func items(list ...db.StandingItem) []db.StandingItem { return list }

func downloadItem(f db.File) db.StandingItem {
	return db.StandingItem{Kind: db.KindDownload, Args: db.Args{File: f.ID}}
}

// jobsBy are the jobs that somebody ordered, oldest first.
func (r *rig) jobsBy(by string) (found []db.JobStatus) {
	r.t.Helper()
	page, err := r.store.ListJobs(r.t.Context(), db.Query{Limit: 1000})
	r.must(err)
	for i := len(page.Items) - 1; i >= 0; i-- {
		if page.Items[i].By == by {
			found = append(found, page.Items[i])
		}
	}
	return found
}

// TestStandingInSession: a phone that is let in at once is given its standing
// orders in the session of its first Inform, in their order, and never again.
func TestStandingInSession(t *testing.T) {
	r := newRig(t)
	f := r.file(db.FileConfig, "")
	r.standing(db.StandingOrder{Name: "welcome", Filter: `model = "X6"`, Items: items(
		db.StandingItem{Kind: db.KindGetParameters, Args: db.Args{Names: []string{"Device.DeviceInfo."}}},
		downloadItem(f),
	)})
	r.standing(db.StandingOrder{Name: "others", Filter: `model = "X7"`, Items: items(db.StandingItem{Kind: db.KindReboot})})
	p := r.inform("S1", "2.4", code("0 BOOTSTRAP", "1 BOOT")...)
	msg, id := p.next()
	if _, ok := msg.(*cwmp.GetParameterValues); !ok {
		t.Fatalf("session was given %T; want *cwmp.GetParameterValues first", msg)
	}
	p.answer(id, &cwmp.GetParameterValuesResponse{})
	d, id := p.download()
	p.answer(id, &cwmp.DownloadResponse{})
	p.nothing()
	made := r.jobsBy("standing-order welcome")
	if len(made) != 2 || made[0].Kind != db.KindGetParameters || made[1].Selected != 1 || made[1].Expires != r.clock.Now().Add(jobs.DefaultExpiry) {
		t.Errorf("made %+v", made)
	}
	r.settle()
	r.wait(time.Hour)
	p = r.inform("S1", "2.4", code("0 BOOTSTRAP", "7 TRANSFER COMPLETE")...)
	p.complete(d.CommandKey, 0)
	p.nothing()
	if n := len(r.jobsBy("standing-order welcome")); n != 2 {
		t.Errorf("%d jobs after a second session", n)
	}
	if n := len(r.jobsBy("standing-order others")); n != 0 {
		t.Errorf("%d jobs of an order for other phones", n)
	}
}

// TestStandingApproved: a phone that an operator approves is woken for its
// standing orders; a restart at any point loses none and doubles none.
func TestStandingApproved(t *testing.T) {
	for _, tt := range []struct {
		name string
		stop func(r *rig, step int)
		at   int
	}{
		{"no restart", func(*rig, int) {}, 0},
		{"after the approval", func(r *rig, step int) {
			if step == 1 {
				r.restart()
			}
		}, 1},
		{"after the jobs were made", func(r *rig, step int) {
			if step == 2 {
				r.restart()
			}
		}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.standing(db.StandingOrder{Name: "welcome", Items: items(db.StandingItem{Kind: db.KindReboot})})
			rec, err := r.store.RecordInform(t.Context(), db.Inform{
				Session: "s", Now: r.clock.Now(), OUI: "0C383E", ProductClass: "X6", Serial: "S1", Vendor: "fanvil", Model: "X6",
				Enrol: db.PhonePending, Events: []string{"1 BOOT"},
			})
			r.must(err)
			r.settle()
			if n := len(r.jobsBy("standing-order welcome")); n != 0 {
				t.Fatalf("%d jobs for a phone that waits", n)
			}
			approved := db.PhoneApproved
			_, err = r.store.UpdatePhone(t.Context(), rec.Phone.ID, db.PhonePatch{State: &approved}, "ops")
			r.must(err)
			tt.stop(r, 1)
			r.must(r.svc.ApplyDue(t.Context()))
			tt.stop(r, 2)
			r.settle()
			if n := len(r.jobsBy("standing-order welcome")); n != 1 {
				t.Fatalf("%d jobs; want 1", n)
			}
			if woken := r.waker.take(); len(woken) != 1 || woken[0] != rec.Phone.ID {
				t.Errorf("woken %v", woken)
			}
			p := r.inform("S1", "2.4", code("6 CONNECTION REQUEST")...)
			p.reboot()
		})
	}
}

// TestStandingRace: the scheduler and the phone's session apply them at once.
func TestStandingRace(t *testing.T) {
	r := newRig(t)
	r.standing(db.StandingOrder{Name: "welcome", Items: items(db.StandingItem{Kind: db.KindReboot})})
	var sessions []session
	for _, serial := range []string{"A", "B", "C", "D", "E", "F", "G", "H"} {
		sessions = append(sessions, r.inform(serial, "2.4", code("1 BOOT")...))
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := r.svc.ApplyDue(t.Context()); err != nil {
			t.Error(err)
		}
	})
	for _, s := range sessions {
		wg.Go(func() {
			msg, id, err := r.svc.Next(t.Context(), s.Session)
			for err == nil && msg != nil && id == (db.AttemptID{}) { // it cannot be asked what it takes, or has
				if err = r.svc.Answered(t.Context(), s.Session, id, &cwmp.Fault{Code: 9000}); err == nil {
					msg, id, err = r.svc.Next(t.Context(), s.Session)
				}
			}
			if _, ok := msg.(*cwmp.Reboot); !ok || err != nil {
				t.Errorf("%v was given %T, %v", s.Phone.Serial, msg, err)
			}
		})
	}
	wg.Wait()
	if n := len(r.jobsBy("standing-order welcome")); n != len(sessions) {
		t.Errorf("%d jobs for %d phones", n, len(sessions))
	}
}

// TestStandingSkips: an order for what a phone cannot take says so with its task.
func TestStandingSkips(t *testing.T) {
	r := newRig(t)
	r.standing(db.StandingOrder{Name: "wrong", Items: items(downloadItem(r.file(db.FileFirmware, "3.0", "X7")))})
	p := r.inform("S1", "2.4", code("1 BOOT")...)
	p.nothing()
	made := r.jobsBy("standing-order wrong")
	if len(made) != 1 || made[0].State != db.JobEnded {
		t.Fatalf("made %+v", made)
	}
	r.says("task", r.task(made[0].ID, p, db.TaskSkipped).Why, "is for fanvil X7")
}

func TestStandingAgain(t *testing.T) {
	r := newRig(t)
	p := r.inform("S1", "2.4", code("1 BOOT")...)
	reboot := items(db.StandingItem{Kind: db.KindReboot})
	once, twice := r.standing(db.StandingOrder{Name: "once", Items: reboot}), r.standing(db.StandingOrder{Name: "twice", Again: true, Items: reboot})
	r.standing(db.StandingOrder{Name: "never", Again: true, Paused: true, Items: reboot})
	for n, want := range map[int][]db.StandingID{1: {once.ID, twice.ID}, 2: {twice.ID}} {
		got, err := r.svc.StandingFor(t.Context(), p.Phone.ID, n)
		r.must(err)
		var ids []db.StandingID
		for _, j := range got {
			ids = append(ids, j.Order)
		}
		if len(ids) != len(want) || ids[0] != want[0] {
			t.Errorf("admitted for the %d. time: orders %v; want %v", n, ids, want)
		}
	}
}

func TestCheckStanding(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct {
		o           db.StandingOrder
		field, text string
	}{
		{db.StandingOrder{Filter: "  "}, "filter", "all"},
		{db.StandingOrder{Filter: "model ="}, "filter", ""},
		{db.StandingOrder{Items: items(db.StandingItem{Kind: "dance"})}, "items[0].kind", ""},
		{db.StandingOrder{Items: items(db.StandingItem{Kind: db.KindReboot}, db.StandingItem{Kind: db.KindDownload})}, "items[1].args.file", ""},
		{db.StandingOrder{Items: items(db.StandingItem{Kind: db.KindReboot, Args: db.Args{File: 1}})}, "items[0].args.file", "takes no file"},
		{db.StandingOrder{Items: items(db.StandingItem{Kind: db.KindReboot, Deadline: 48 * time.Hour})}, "items[0].deadline", ""},
		{db.StandingOrder{Items: items(db.StandingItem{Kind: db.KindReboot, Expires: -1})}, "items[0].expires", "negative"},
		{db.StandingOrder{Items: items(db.StandingItem{Kind: db.KindReboot, Priority: 10})}, "items[0].priority", ""},
	} {
		wantField(t, r.svc.CheckStanding(t.Context(), &tt.o), tt.field, tt.text)
	}
	o := db.StandingOrder{Items: items(db.StandingItem{Kind: db.KindReboot})}
	r.must(r.svc.CheckStanding(t.Context(), &o))
	it := o.Items[0]
	if it.Retry.Max != jobs.DefaultRetries || it.Deadline != jobs.DefaultDeadline || it.Expires != jobs.DefaultExpiry {
		t.Errorf("filled in as %+v", it)
	}
}
