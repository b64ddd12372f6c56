package jobs_test

import (
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs/window"
)

const aDay = 24 * time.Hour

// monthly opens once in 30 days, from 02:00 to 04:00.
func monthly(zone string) window.Window {
	w := night(zone)
	w.Flexible.Interval = 30
	return w
}

// byHand gives a phone a file now, in a session of its own, and has it prove it.
func (r *rig) byHand(f db.File) {
	r.t.Helper()
	phone := r.inform("1", "2.4")
	job := r.order(downloadOf(f), phone)
	r.take(job, f)
}

// take has phone 1 come, take a download and prove it.
func (r *rig) take(job db.JobID, f db.File) {
	r.t.Helper()
	phone := r.inform("1", "2.4")
	d, id := phone.download()
	if id.Task.Job != job {
		r.t.Fatalf("it was given %s for %v; want what is for %v", d.URL, id, job)
	}
	phone.answer(id, &cwmp.DownloadResponse{Status: 0})
	r.task(job, phone, db.TaskSucceeded)
}

// waitsFor wants a task to wait for a slot, and returns it.
func (r *rig) waitsFor(job db.JobID, phone session, want window.Slot) {
	r.t.Helper()
	task := r.task(job, phone, db.TaskWaiting)
	if !task.Due.Equal(want.At) || !task.Opens.Equal(want.Opens) || !task.Closes.Equal(want.Closes) {
		r.t.Fatalf("%s is due %s, open %s to %s; want %+v", task.ID, task.Due, task.Opens, task.Closes, want)
	}
}

// anewSlot is where the phone's next slot should be if it had the file on a day.
func anewSlot(t *testing.T, w db.Window, p session, day window.Date, after time.Time) window.Slot {
	t.Helper()
	s, ok := w.Window.Next(window.Phone{Key: p.Phone.ID.String(), Anew: &day}, w.ID.String(), time.UTC, after)
	if !ok {
		t.Fatal("the window does not open")
	}
	return s
}

// TestPeriodAnew gives a phone by hand on the third day what it waits for with
// a period of thirty: its slot is in the thirty days after that, over a
// restart, and a run at the slot leaves the count as it is.
func TestPeriodAnew(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	config, image := r.file(db.FileConfig, ""), r.file(db.FileFirmware, "2.5")
	w := r.window("monthly", monthly(""))
	first := window.DateOf(begin) // the day on which days begin to be counted here
	r.clock.Advance(2 * aDay)
	in := func(f db.File) db.Job { j := downloadOf(f); j.When.Window = w.ID; return j }
	job := r.order(in(config), phone)
	other := r.order(in(image), phone)
	plain := slotOf(t, w, phone, r.clock.Now())
	r.waitsFor(job, phone, plain)
	r.waitsFor(other, phone, plain)

	r.byHand(config)
	day := window.DateOf(r.clock.Now())
	if day != first+2 {
		t.Fatalf("it had it on day %d", day-first+1)
	}
	if task := r.task(job, phone, db.TaskWaiting); !task.Closes.IsZero() {
		t.Errorf("right after it, it waits at %+v", task.Place())
	}
	r.inform("1", "2.4").nothing()
	r.restart()
	r.settle()
	slot := anewSlot(t, w, phone, day, r.clock.Now())
	if n := slot.Day - first + 1; n < 4 || n > 33 || slot.Period != first+3 || slot.At.Equal(plain.At) {
		t.Fatalf("its slot is on day %d, of a period from day %d; want one of day 4 to 33", n, slot.Period-first+1)
	}
	r.waitsFor(job, phone, slot)
	r.waitsFor(other, phone, plain) // another kind of file is another thing
	r.says("Explain", r.svc.Explain(t.Context(), r.task(job, phone, db.TaskWaiting)), "counted from the day after 2026-03-04, when it last had the same by other means")
	again := r.order(in(config), phone) // what is ordered from now on as well
	r.waitsFor(again, phone, slot)
	fresh := r.order(in(image), phone)
	r.waitsFor(fresh, phone, plain)
	r.restart()
	for _, id := range []db.JobID{again, other, fresh} {
		_, err := r.svc.Cancel(t.Context(), id)
		r.must(err)
	}
	r.until(slot.At.Add(-time.Second))
	r.task(job, phone, db.TaskWaiting)
	r.until(slot.At)
	r.task(job, phone, db.TaskReady)
	r.take(job, config)

	next := r.order(in(config), phone)
	r.waitsFor(next, phone, anewSlot(t, w, phone, day, slot.At))
	if got := r.task(next, phone, db.TaskWaiting); window.DateOf(got.Due) < slot.Period+30 {
		t.Errorf("after a run at the slot, in the period from %v, the next is at %s", slot.Period, got.Due)
	}
}

// TestAnewByTheClockOfTheWindow: the day on which a phone had something is that
// of the clocks by which its window counts.
func TestAnewByTheClockOfTheWindow(t *testing.T) {
	for zone, day := range map[string]window.Date{"Pacific/Auckland": window.DateOf(begin) + 1, "America/New_York": window.DateOf(begin)} {
		r := newRig(t)
		phone := r.inform("1", "2.4")
		config := r.file(db.FileConfig, "")
		w := r.window("monthly", monthly(zone))
		r.clock.Advance(4 * time.Hour) // 13:00 UTC is two at night there
		r.byHand(config)
		j := downloadOf(config)
		j.When.Window = w.ID
		r.waitsFor(r.order(j, phone), phone, anewSlot(t, w, phone, day, r.clock.Now()))
	}
}

// TestAnewWhileOpen has a phone get by hand what is ready for it in its window.
func TestAnewWhileOpen(t *testing.T) {
	for _, missed := range []db.Missed{db.MissedNext, db.MissedRest} {
		r := newRig(t)
		phone := r.inform("1", "2.4")
		config := r.file(db.FileConfig, "")
		own := monthly("")
		j := downloadOf(config)
		j.When = db.When{Inline: &own, Missed: missed}
		job := r.order(j, phone)
		reboot := r.order(db.Job{Kind: db.KindReboot, When: db.When{Inline: &own}, Expires: begin.Add(90 * aDay)}, phone)
		slot := r.task(job, phone, db.TaskWaiting)
		r.until(slot.Due)
		r.task(job, phone, db.TaskReady)
		now := downloadOf(config)
		now.Priority = 9
		r.take(r.order(now, phone), config)
		r.settle()
		task := r.task(job, phone, db.TaskWaiting)
		if first, last := slot.Opens.Add(aDay), slot.Opens.Add(30*aDay); task.Opens.Before(first) || task.Opens.After(last) {
			t.Errorf("%q: it had it at %s, and opens at %s; want %s to %s", missed, slot.Due, task.Opens, first, last)
		}
		if got := r.task(reboot, phone, db.TaskWaiting); !got.Opens.Before(begin.Add(30 * aDay)) {
			t.Errorf("a restart waits until %s", got.Due)
		}
	}
}

// TestWeeklyIsAnotherMeans: what a weekly window gave counts, and weekly windows
// count nothing anew themselves.
func TestWeeklyIsAnotherMeans(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	config := r.file(db.FileConfig, "")
	end := window.Dial(13 * 60)
	weekly := r.window("weekly", window.Window{Weekly: &window.Weekly{Days: []window.Weekday{window.Weekday(time.Monday)}, Begin: 12 * 60, End: &end}})
	month := r.window("monthly", monthly(""))
	in := func(w db.Window) db.Job { j := downloadOf(config); j.When.Window = w.ID; return j }
	flexible := r.order(in(month), phone)
	r.waitsFor(flexible, phone, slotOf(t, month, phone, begin))
	job := r.order(in(weekly), phone)
	slot := slotOf(t, weekly, phone, begin)
	r.until(slot.At)
	r.take(job, config)
	r.settle()
	r.waitsFor(flexible, phone, anewSlot(t, month, phone, window.DateOf(slot.At), r.clock.Now()))
	r.waitsFor(r.order(in(weekly), phone), phone, slotOf(t, weekly, phone, r.clock.Now()))
}
