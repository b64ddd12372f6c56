package jobs_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// some makes phones that are known from a list: in few commits, as many tests
// need them only to have tasks. Their serials count from 1.
func (r *rig) some(n int) (phones []session) {
	r.t.Helper()
	lines := make([]db.PhoneImport, n)
	for i := range lines {
		lines[i] = db.PhoneImport{OUI: "0C383E", Serial: fmt.Sprint(i + 1), Vendor: "fanvil", Model: "X6"}
	}
	for part := range slices.Chunk(lines, 500) {
		made, err := r.store.ImportPhones(r.t.Context(), part, r.clock.Now(), "ops")
		r.must(err)
		for i, m := range made {
			r.must(m.Err)
			phones = append(phones, session{db.Session{Phone: db.Phone{ID: m.ID, Serial: part[i].Serial}}, r})
		}
	}
	return phones
}

// edited wants each phone's task to wait for its slot in the window as it is.
func (r *rig) edited(job db.JobID, w db.Window, phones []session) {
	r.t.Helper()
	for _, p := range phones {
		task := r.task(job, p, db.TaskWaiting)
		if slot := slotOf(r.t, w, p, r.clock.Now()); !task.Due.Equal(slot.At) || !task.Opens.Equal(slot.Opens) || !task.Closes.Equal(slot.Closes) {
			r.t.Fatalf("%s is due %s, open %s to %s; want %+v", task.ID, task.Due, task.Opens, task.Closes, slot)
		}
	}
}

// TestEditedWindow changes a window while a thousand tasks wait for it, with a
// crash in the middle of filing them anew, and another change on top.
func TestEditedWindow(t *testing.T) {
	r := newRig(t)
	phones := r.some(1100)
	w := r.window("night", night(""))
	job := r.order(rebootIn(w, ""))
	r.edited(job, w, phones)
	edit := func(begin window.Dial) {
		t.Helper()
		end := begin + 90
		w.Window.Flexible.Begin, w.Window.Flexible.End = begin, &end
		var err error
		w, err = r.store.UpdateWindow(t.Context(), w, r.clock.Now())
		r.must(err)
	}
	edit(12 * 60)
	if st := r.job(job, db.JobActive); st.Refile != 1 {
		t.Fatalf("filed anew in round %d; want 1", st.Refile)
	}
	_, err := r.svc.ExpandOnce(t.Context())
	r.must(err)
	if st := r.job(job, db.JobActive); st.RefileAt == 0 || st.Refile != 1 {
		t.Fatalf("after one chunk: round %d, at %v", st.Refile, st.RefileAt)
	}
	r.restart()
	_, err = r.svc.ExpandOnce(t.Context())
	r.must(err)
	edit(15 * 60) // before that is over
	if st := r.job(job, db.JobActive); st.Refile != 2 || st.RefileAt != 0 {
		t.Fatalf("after another change: round %d, at %v", st.Refile, st.RefileAt)
	}
	r.settle()
	if st := r.job(job, db.JobActive); st.Refiling() {
		t.Fatalf("still filed anew in round %d", st.Refile)
	}
	r.edited(job, w, phones)
	w.Name = "day"
	w, err = r.store.UpdateWindow(t.Context(), w, r.clock.Now())
	r.must(err)
	if st := r.job(job, db.JobActive); st.Refiling() {
		t.Error("a new name files tasks anew")
	}
	w.Window.Until = new(window.Date)
	*w.Window.Until = window.DateOf(begin) - 1
	w, err = r.store.UpdateWindow(t.Context(), w, r.clock.Now())
	r.must(err)
	r.settle()
	task := r.task(job, phones[0], db.TaskExpired)
	r.says("task", task.Why, "does not open for it again")
	r.job(job, db.JobEnded)
}

// TestEditWhileOpen takes a window away from under a task that is ready, and
// opens one over a task that waits.
func TestEditWhileOpen(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := r.window("night", night(""))
	job := r.order(rebootIn(w, ""), phone)
	slot := slotOf(t, w, phone, begin)
	r.until(slot.At)
	r.task(job, phone, db.TaskReady)
	end := window.Dial(14 * 60)
	w.Window.Flexible.Begin, w.Window.Flexible.End = 12*60, &end
	w, err := r.store.UpdateWindow(t.Context(), w, r.clock.Now())
	r.must(err)
	r.inform("1", "2.4").nothing() // in the moment before it is filed anew
	r.edited(job, w, []session{phone})
	r.settle()
	r.edited(job, w, []session{phone})

	// And one that is open now, its slot still to come or past: it is served if it comes by itself.
	now := r.clock.Now()
	begin, end := window.Dial(0), window.Dial(23*60+59)
	w.Window.Flexible.Begin, w.Window.Flexible.End = begin, &end
	w, err = r.store.UpdateWindow(t.Context(), w, now)
	r.must(err)
	r.settle()
	r.edited(job, w, []session{phone})
	s := slotOf(t, w, phone, now)
	r.until(s.Opens.Add(time.Second))
	r.inform("1", "2.4").reboot()
}

// TestFleet has phones in three zones and none wait for one window without a zone, over
// the night in which clocks change, with a restart in the middle. Each is
// served once, at its slot, and where it is night.
func TestFleet(t *testing.T) {
	r := newRig(t)
	r.clock.Advance(time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC).Sub(begin)) // Berlin changes on the 29th at 1:00 UTC
	zones := []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", ""}
	var sites []db.SiteID
	for i, z := range zones {
		site, err := r.store.CreateSite(t.Context(), db.Site{Name: fmt.Sprint("site", i), Zone: z})
		r.must(err)
		sites = append(sites, site.ID)
	}
	const n = 120
	phones := r.some(n)
	for i, site := range sites {
		var ids []db.PhoneID
		for k := i; k < n; k += len(sites) {
			ids = append(ids, phones[k].Phone.ID)
		}
		_, err := r.store.EditPhones(t.Context(), ids, nil, db.PhoneEdit{Site: site}, "ops")
		r.must(err)
	}
	end := window.Dial(3*60 + 30)
	w := r.window("weekend", window.Window{Weekly: &window.Weekly{
		Days: []window.Weekday{window.Weekday(time.Sunday)}, Begin: 90, End: &end,
	}})
	job := r.order(rebootIn(w, ""))
	slots := make(map[db.PhoneID]window.Slot)
	for i, p := range phones {
		zone := time.UTC
		if z := zones[i%len(zones)]; z != "" {
			zone, _ = time.LoadLocation(z)
		}
		slots[p.Phone.ID], _ = w.Window.Next(window.Phone{Key: p.Phone.ID.String()}, w.ID.String(), zone, r.clock.Now())
		if got := r.task(job, p, db.TaskWaiting); !got.Due.Equal(slots[p.Phone.ID].At) {
			t.Fatalf("%s is due %s; want %s", got.ID, got.Due, slots[p.Phone.ID].At)
		}
	}
	woken := make(map[db.PhoneID]int)
	wake := func() {
		for _, id := range r.waker.take() {
			if now := r.clock.Now(); now.Before(slots[id].At) || !now.Before(slots[id].Closes) {
				t.Fatalf("%v is woken at %s; its slot is %+v", id, now, slots[id])
			}
			if woken[id]++; woken[id] > 1 {
				continue // it had not come yet
			}
			r.inform(phones[id-phones[0].Phone.ID].Phone.Serial, "2.4").reboot()
		}
	}
	half := time.Date(2026, 3, 29, 0, 45, 0, 0, time.UTC) // in Berlin's window
	end29 := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	for {
		at, ok, err := r.store.NextDue(t.Context())
		r.must(err)
		if !ok || at.After(end29) {
			break
		}
		r.clock.Advance(max(time.Second, at.Sub(r.clock.Now()))) // what is leased is due again in a moment
		r.settle()
		wake()
		if !half.IsZero() && r.clock.Now().After(half) {
			half = time.Time{}
			r.restart()
		}
	}
	if !half.IsZero() {
		t.Error("there was no restart")
	}
	if len(woken) != n {
		t.Errorf("%d of %d phones were served", len(woken), n)
	}
	if st := r.job(job, db.JobEnded); st.Counts[db.TaskFailed] != n { // nobody proved that it had restarted
		t.Errorf("counts %v", st.Counts)
	}
}

// TestMovedPhone moves a phone to where it is another time of day.
func TestMovedPhone(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	site, err := r.store.CreateSite(t.Context(), db.Site{Name: "Auckland", Zone: "Pacific/Auckland"})
	r.must(err)
	w := r.window("night", night(""))
	job := r.order(rebootIn(w, ""), phone)
	_, err = r.store.UpdatePhone(t.Context(), phone.Phone.ID, db.PhonePatch{Site: &site.ID}, "ops")
	r.must(err)
	if task := r.task(job, phone, db.TaskWaiting); !task.Closes.IsZero() {
		t.Errorf("right after the move it waits for %+v", task.Place())
	}
	r.settle()
	zone, _ := time.LoadLocation("Pacific/Auckland")
	want, _ := w.Window.Next(window.Phone{Key: phone.Phone.ID.String()}, w.ID.String(), zone, begin)
	if task := r.task(job, phone, db.TaskWaiting); !task.Due.Equal(want.At) || !task.Opens.Equal(want.Opens) {
		t.Errorf("due %s; want %+v", task.Due, want)
	}
}

// TestReplacedPhoneWaitsForItsSlot puts another phone in the place of one that waits, and of
// one that is ready: it waits for its own slot.
func TestReplacedPhoneWaitsForItsSlot(t *testing.T) {
	for _, state := range []db.TaskState{db.TaskWaiting, db.TaskReady} {
		r := newRig(t)
		phone := r.inform("1", "2.4")
		w := r.window("night", night(""))
		job := r.order(rebootIn(w, ""), phone)
		if state == db.TaskReady {
			r.until(slotOf(t, w, phone, begin).At)
		}
		r.task(job, phone, state)
		out, err := r.store.ReplacePhone(t.Context(), db.Replacement{Old: phone.Phone.ID, MAC: "0c383e000001", Now: r.clock.Now()})
		r.must(err)
		r.settle()
		want, _ := w.Window.Next(window.Phone{Key: "0c383e000001"}, w.ID.String(), time.UTC, r.clock.Now())
		task := r.task(job, session{Session: db.Session{Phone: db.Phone{ID: out.New}}, r: r}, db.TaskWaiting)
		if !task.Due.Equal(want.At) {
			t.Errorf("%s: due %s; want %s, the slot of its heir", state, task.Due, want.At)
		}
	}
}

// TestRetryInWindow retries what was cancelled, while the window is open and not.
func TestRetryInWindow(t *testing.T) {
	for _, tt := range []struct {
		missed db.Missed
		open   bool
		want   db.TaskState
	}{{db.MissedNext, false, db.TaskWaiting}, {db.MissedNext, true, db.TaskWaiting}, {db.MissedRest, true, db.TaskReady}, {db.MissedRest, false, db.TaskWaiting}} {
		r := newRig(t)
		phone := r.inform("1", "2.4")
		w := r.window("night", night(""))
		job := r.order(rebootIn(w, tt.missed), phone)
		_, err := r.svc.Cancel(t.Context(), job)
		r.must(err)
		r.settle()
		r.task(job, phone, db.TaskCancelled)
		slot := slotOf(t, w, phone, begin)
		if tt.open {
			r.clock.Advance(slot.At.Sub(r.clock.Now()))
		}
		_, err = r.svc.Retry(t.Context(), job)
		r.must(err)
		r.settle()
		task := r.task(job, phone, tt.want)
		if tt.want == db.TaskWaiting && !task.Due.Equal(slotOf(t, w, phone, r.clock.Now()).At) {
			t.Errorf("%+v: due %s", tt, task.Due)
		}
	}
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := r.window("night", night(""))
	job := r.order(rebootIn(w, ""), phone)
	if err := r.store.DeleteWindow(t.Context(), w.ID); !errors.Is(err, db.ErrInUse) {
		t.Errorf("a window that is waited for is deleted: %v", err)
	}
	_, err := r.svc.Cancel(t.Context(), job)
	r.must(err)
	r.settle()
	r.must(r.store.DeleteWindow(t.Context(), w.ID))
	if _, err := r.svc.Retry(t.Context(), job); !errors.Is(err, db.ErrConflict) {
		t.Errorf("Retry of a job whose window is gone: %v; want ErrConflict", err)
	}
}

// TestHeldInWindow pauses and holds over a window.
func TestHeldInWindow(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := r.window("night", night(""))
	job := r.order(rebootIn(w, ""), phone)
	_, err := r.svc.Pause(t.Context(), job)
	r.must(err)
	slot := slotOf(t, w, phone, begin)
	r.until(slot.At)
	r.task(job, phone, db.TaskReady)
	r.inform("1", "2.4").nothing()
	r.until(slot.Closes)
	r.task(job, phone, db.TaskWaiting)
	_, err = r.svc.Resume(t.Context(), job)
	r.must(err)
	r.must(r.store.SetHold(t.Context(), db.Hold{Phone: phone.Phone.ID}))
	slot = slotOf(t, w, phone, slot.Closes)
	r.until(slot.Closes.Add(-time.Minute))
	r.inform("1", "2.4").nothing()
	r.waker.take()
	r.must(r.store.ClearHold(t.Context(), 0, phone.Phone.ID))
	r.settle()
	if woken := r.waker.take(); len(woken) != 1 {
		t.Errorf("woken %v after the hold; want it once", woken)
	}
	r.inform("1", "2.4").reboot()
}

func TestWindowOrders(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	w := r.window("night", night(""))
	own, gone := night(""), night("")
	gone.Until = new(window.Date)
	zone := night("Mars/Olympus")
	bad := night("")
	bad.Flexible.Interval = 0
	far := window.Window{Flexible: &window.Flexible{Interval: 400, Begin: 2 * 60}}
	for _, tt := range []struct {
		name        string
		when        db.When
		expires     time.Duration
		field, text string
	}{
		{"no such window", db.When{Window: 99}, 0, "when.window", "not found"},
		{"two at once", db.When{Window: w.ID, Inline: &own}, 0, "when", "exactly one"},
		{"and now", db.When{Window: w.ID, Now: true}, 0, "when", "exactly one"},
		{"missed", db.When{Window: w.ID, Missed: "perhaps"}, 0, "when.missed", "next or rest"},
		{"missed without a window", db.When{Now: true, Missed: db.MissedRest}, 0, "when.missed", "needs a window"},
		{"an unknown zone", db.When{Inline: &zone}, 0, "when.window.zone", "IANA"},
		{"no interval", db.When{Inline: &bad}, 0, "when.window.flexible.interval_days", "1 to 1000"},
		{"never again", db.When{Inline: &gone}, 0, "when.window", "does not open again"},
		{"past the expiry", db.When{Inline: &own}, 5 * time.Hour, "expires", "opens next, at 2026-03-03 02:00:00 UTC"},
		{"the slot past the expiry", db.When{Window: w.ID}, 17*time.Hour + time.Second, "expires", "first slot of these phones, at " + slotOf(t, w, phone, begin).At.Format("2006-01-02 15:04:05")},
	} {
		j := db.Job{Kind: db.KindReboot, When: tt.when, Selection: db.Selection{Phones: []string{"1"}}}
		j.Selection.Phones[0] = phone.Phone.ID.String()
		if tt.expires > 0 {
			j.Expires = begin.Add(tt.expires)
		}
		_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: j})
		t.Run(tt.name, func(t *testing.T) { wantField(t, err, tt.field, tt.text) })
	}
	if page, err := r.store.ListJobs(t.Context(), db.Query{}); err != nil || len(page.Items) > 0 {
		t.Errorf("%d orders that were refused exist, %v", len(page.Items), err)
	}
	job := r.order(db.Job{Kind: db.KindReboot, When: db.When{Inline: &far}}, phone)
	if st := r.job(job, db.JobActive); st.Expires.Sub(begin) < 800*24*time.Hour {
		t.Errorf("an order with a period of 400 days expires at %s", st.Expires)
	}
	// In a window of its own a slot is not known before: its task says that it is too late.
	job = r.order(db.Job{Kind: db.KindReboot, When: db.When{Inline: &own}, Expires: begin.Add(17*time.Hour + time.Second)}, phone)
	task := r.task(job, phone, db.TaskExpired)
	r.says("task", task.Why, "its next slot would be at")
}
