package jobs_test

import (
	"slices"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs/window"
)

// handing is a phone with these methods at a site of these ways, for which a
// download of a file waits for its slot.
func (r *rig) handing(f db.File, ways []string, methods ...string) (phone session, job db.JobID, slot db.Task) {
	r.t.Helper()
	r.ways(ways...)
	phone = r.inform("1", "2.4")
	phone.answersMethods(methodsOf(methods...))
	phone.asksNothing()
	j := downloadOf(f)
	j.When, j.Deadline, j.Retry.Max = db.When{Window: r.window("day", daily()).ID}, 20*time.Minute, 2
	job = r.order(j, phone)
	return phone, job, r.task(job, phone, db.TaskWaiting)
}

var handingWays = []string{db.WayHTTP, db.WayScheduleDownload}

func (s session) handed() (*cwmp.ScheduleDownload, db.AttemptID) {
	s.r.t.Helper()
	msg, id := s.next() // a phone that tells nothing of its lines
	m, ok := msg.(*cwmp.ScheduleDownload)
	if !ok {
		s.r.t.Fatalf("session was given %T; want *cwmp.ScheduleDownload", msg)
	}
	return m, id
}

// TestHandover: a download leaves before its slot, with the window in it, and is
// proven by what the phone reports, over restarts of the server.
func TestHandover(t *testing.T) {
	r := newRig(t)
	file := r.file(db.FileConfig, "")
	phone, job, waits := r.handing(file, handingWays, "Download", "ScheduleDownload", "Reboot")
	r.explainsSlot(job, phone, "in a session before it, it is handed over to the phone")
	s := r.inform("1", "2.4", code("2 PERIODIC")...)
	m, id := s.handed()
	sent := r.task(job, phone, db.TaskSent)
	a := sent.Last()
	if m.CommandKey != a.Key || m.FileType != "3 Vendor Configuration File" || m.URL == "" || m.FileSize != uint32(file.Size) || m.TargetFileName != file.Name || m.Username+m.Password != "" {
		t.Errorf("sent %+v", m)
	}
	want := cwmp.TimeWindow{Start: uint32((waits.Due.Sub(begin) + time.Second - 1) / time.Second), End: uint32(waits.Closes.Sub(begin) / time.Second), Mode: "3 When Idle", MaxRetries: 2}
	if len(m.Windows) != 1 || m.Windows[0] != want {
		t.Errorf("windows %+v; want %+v", m.Windows, want)
	}
	if end := waits.Closes.Add(20 * time.Minute); !a.Deadline.Equal(end) || *a.Handover != (db.Handover{From: waits.Due, Until: waits.Closes}) {
		t.Errorf("attempt %+v; want it until %s", a, end)
	}
	s.answer(id, &cwmp.ScheduleDownloadResponse{})
	task := r.task(job, phone, db.TaskProving)
	r.evidence(task, "the phone has taken the window over: it fetches the file between ")
	r.evidence(task, "whether it is in a call is left to the phone")
	r.says("task", r.svc.Explain(t.Context(), task), "handed over to the phone until "+waits.Closes.Format("2006-01-02 15:04:05"))
	other := r.order(db.Job{Kind: db.KindReboot}, phone)
	s.asksNothing()
	r.says("other", r.svc.Explain(t.Context(), r.task(other, phone, db.TaskReady)), "is handed over to the phone until")
	r.restart()
	r.inform("1", "2.4").nothing()
	r.until(waits.Closes.Add(19 * time.Minute)) // it has its slot and its window behind it, and is not sent again
	r.task(job, phone, db.TaskProving)
	s = r.inform("1", "2.4", cwmp.Event{Code: "7 TRANSFER COMPLETE"}, cwmp.Event{Code: "M ScheduleDownload", CommandKey: m.CommandKey})
	s.complete(m.CommandKey, 0)
	if done := r.task(job, phone, db.TaskSucceeded); len(done.Attempts) != 1 {
		t.Errorf("attempts %+v", done.Attempts)
	}
	s.reboot()
}

// TestHandoverOfFirmware: the version proves firmware; without it, the attempt
// ends after its window, and the next period is handed over anew.
func TestHandoverOfFirmware(t *testing.T) {
	for _, proven := range []bool{true, false} {
		r := newRig(t)
		phone, job, waits := r.handing(r.file(db.FileFirmware, "2.5"), handingWays, "ScheduleDownload", "Download")
		s := r.inform("1", "2.4")
		_, id := s.handed()
		s.answer(id, &cwmp.ScheduleDownloadResponse{})
		if proven {
			r.until(waits.Due.Add(time.Minute))
			r.inform("1", "2.5", code("1 BOOT", "M ScheduleDownload")...)
			r.task(job, phone, db.TaskSucceeded)
			continue
		}
		r.until(waits.Closes.Add(20*time.Minute - time.Second))
		r.task(job, phone, db.TaskProving)
		r.until(waits.Closes.Add(20 * time.Minute))
		task := r.task(job, phone, db.TaskWaiting)
		r.says("task", task.Why, "did not report the end of the transfer by "+waits.Closes.Add(20*time.Minute).Format("2006-01-02 15:04:05"))
		if task.Tries != 1 || !task.Due.After(waits.Closes) {
			t.Errorf("it waits until %s after %d tries", task.Due, task.Tries)
		}
		r.inform("1", "2.4").handed()
	}
}

// TestHandoverRefused: a phone that refuses is served at its slot, and spends no
// try. It is asked no more, unless the fault may pass: then for another slot.
func TestHandoverRefused(t *testing.T) {
	for _, tt := range []struct {
		code  cwmp.FaultCode
		again bool
	}{{9000, false}, {9003, false}, {9001, false}, {9002, true}, {9004, true}, {8002, true}} {
		r := newRig(t)
		phone, job, waits := r.handing(r.file(db.FileConfig, ""), handingWays, "Download", "ScheduleDownload")
		s := r.inform("1", "2.4")
		_, id := s.handed()
		s.answer(id, &cwmp.Fault{Code: tt.code})
		task := r.task(job, phone, db.TaskWaiting)
		r.evidence(task, "the phone refused ScheduleDownload: ")
		if !task.Place().Same(waits.Place()) || task.Tries != 0 || task.Attempts[0].Outcome != db.OutcomeFault {
			t.Errorf("fault %d: it waits at %+v, after %d tries; want %+v", tt.code, task.Place(), task.Tries, waits.Place())
		}
		s.asksNothing()
		r.restart()
		r.inform("1", "2.4").asksNothing() // once for each slot
		if got := slices.Contains(r.methods(phone).Prompt.Refused, db.WayScheduleDownload); got == tt.again {
			t.Errorf("fault %d: kept as refused: %t", tt.code, got)
		}
		r.until(waits.Due)
		s = r.inform("1", "2.4")
		d, id := s.download()
		s.answer(id, &cwmp.DownloadResponse{Status: 0})
		if task = r.task(job, phone, db.TaskSucceeded); task.Tries != 1 || len(task.Attempts) != 2 || d.URL == "" {
			t.Errorf("fault %d: %d tries, %d attempts", tt.code, task.Tries, len(task.Attempts))
		}
		j := downloadOf(r.file(db.FileConfig, "2"))
		j.When = db.When{Inline: &waitsWindow}
		r.order(j, phone)
		if msg, _ := r.inform("1", "2.4").any(); (msg != nil) != tt.again {
			t.Errorf("fault %d: later given %T", tt.code, msg)
		}
		if s = r.inform("1", "2.6"); !tt.again {
			s.answersMethods(methodsOf("Download", "ScheduleDownload"))
			s.handed() // another firmware
		}
	}
}

var waitsWindow = daily()

// TestNotHandedOver: for whom the window stays with the server.
func TestNotHandedOver(t *testing.T) {
	able := []string{"Download", "Reboot", "ScheduleDownload"}
	for name, tt := range map[string]struct {
		ways, methods []string
		change        func(r *rig, p session, job db.JobID, waits db.Task)
	}{
		"default": {nil, able, nil},
		"site":    {[]string{db.WayHTTP, db.WayUDP}, able, nil},
		"methods": {handingWays, able[:2], nil},
		"old firmware": {handingWays, able, func(r *rig, p session, _ db.JobID, _ db.Task) {
			r.inform("1", "2.5").answersMethods(methodsOf("Download"))
		}},
		"closing": {handingWays, able, func(r *rig, _ session, _ db.JobID, w db.Task) { r.until(w.Closes.Add(-59 * time.Second)) }},
		"slot":    {handingWays, able, func(r *rig, _ session, _ db.JobID, w db.Task) { r.until(w.Due) }},
		"held": {handingWays, able, func(r *rig, p session, _ db.JobID, _ db.Task) {
			r.must(r.store.SetHold(r.t.Context(), db.Hold{Phone: p.Phone.ID, Reason: "works", Since: r.clock.Now()}))
		}},
		"paused": {handingWays, able, func(r *rig, _ session, job db.JobID, _ db.Task) {
			_, err := r.svc.Pause(r.t.Context(), job)
			r.must(err)
		}},
		"busy": {handingWays, able, func(r *rig, p session, _ db.JobID, _ db.Task) {
			r.order(db.Job{Kind: db.KindReboot}, p)
			s := r.inform("1", "2.4")
			s.reboot()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			phone, job, waits := r.handing(r.file(db.FileConfig, ""), tt.ways, tt.methods...)
			if tt.change != nil {
				tt.change(r, phone, job, waits)
			}
			version := "2.4"
			if name == "old firmware" {
				version = "2.5"
			}
			r.inform("1", version).nothingOf("ScheduleDownload")
			task, err := r.store.Task(t.Context(), waits.ID)
			r.must(err)
			if slices.ContainsFunc(task.Attempts, func(a db.Attempt) bool { return a.Handover != nil }) {
				t.Errorf("handed over: %+v", task.Attempts)
			}
		})
	}
}

// TestHandoverOfIdleTime: a window that asks for idle time stays with the server,
// as no phone can be told of that.
func TestHandoverOfIdleTime(t *testing.T) {
	end := window.Dial(6 * 60)
	nightly := window.Window{Weekly: &window.Weekly{Days: []window.Weekday{0, 1, 2, 3, 4, 5, 6}, Begin: 2 * 60, End: &end, Every: 1}}
	for _, idle := range []int{0, 10} {
		r := newRig(t)
		file := r.file(db.FileConfig, "")
		phone, job, _ := r.handing(file, handingWays, cancelling...)
		_, err := r.svc.Cancel(t.Context(), job)
		r.must(err)
		r.settle()
		w := nightly
		weekly := *w.Weekly
		weekly.Inactivity, w.Weekly = idle, &weekly
		j := downloadOf(file)
		j.When = db.When{Inline: &w}
		r.order(j, phone)
		if s := r.inform("1", "2.4"); idle == 0 {
			s.handed()
		} else {
			s.nothingOf("ScheduleDownload")
		}
	}
}

// TestHandoverOfOthers: jobs of other kinds, files that a phone takes by a config
// alone, and files that it has already, are not handed over.
func TestHandoverOfOthers(t *testing.T) {
	r := newRig(t)
	phone, job, _ := r.handing(r.file(db.FileFirmware, "2.5"), handingWays, "ScheduleDownload", "Download", "Reboot")
	lead := downloadOf(r.book())
	lead.When = db.When{Inline: &waitsWindow}
	led := r.order(lead, phone)
	reboot := r.order(db.Job{Kind: db.KindReboot, When: db.When{Inline: &waitsWindow}}, phone)
	s := r.inform("1", "2.5")
	s.answersMethods(methodsOf("ScheduleDownload", "Download", "Reboot"))
	s.asksNothing()
	for _, id := range []db.JobID{job, led, reboot} {
		r.task(id, phone, db.TaskWaiting)
	}
}

// TestHandoverOfEditedWindow: what was found by a window as it was is not handed
// over before it is found anew.
func TestHandoverOfEditedWindow(t *testing.T) {
	r := newRig(t)
	phone, job, waits := r.handing(r.file(db.FileConfig, ""), handingWays, "ScheduleDownload", "Download")
	st := r.job(job, db.JobActive)
	w, err := r.store.Window(t.Context(), st.When.Window)
	r.must(err)
	w.Window.Flexible.Begin -= 30 // and ends as before
	_, err = r.store.UpdateWindow(t.Context(), w, r.clock.Now())
	r.must(err)
	r.inform("1", "2.4").asksNothing()
	r.settle()
	now := r.task(job, phone, db.TaskWaiting)
	if now.Due.Equal(waits.Due) || !now.Closes.Equal(waits.Closes) {
		t.Fatalf("filed anew from %+v to %+v", waits.Place(), now.Place())
	}
	r.inform("1", "2.4").handed()
	if a := r.task(job, phone, db.TaskSent).Attempts[0]; !a.Handover.From.Equal(now.Due) {
		t.Errorf("handed over from %s; its slot is at %s", a.Handover.From, now.Due)
	}
}

// TestHandoverTakenBack: what a phone that cannot be told has taken over runs to
// its outcome, without the file.
func TestHandoverTakenBack(t *testing.T) {
	for _, refused := range []bool{false, true} {
		r := newRig(t)
		phone, job, waits := r.handing(r.file(db.FileConfig, ""), handingWays, "ScheduleDownload", "Download")
		s := r.inform("1", "2.4")
		m, id := s.handed()
		_, err := r.svc.Cancel(t.Context(), job)
		r.must(err)
		r.settle()
		if refused {
			s.answer(id, &cwmp.Fault{Code: 9000})
			r.task(job, phone, db.TaskCancelled)
			continue
		}
		s.answer(id, &cwmp.ScheduleDownloadResponse{})
		r.task(job, phone, db.TaskProving)
		r.until(waits.Due.Add(time.Minute))
		r.inform("1", "2.4").complete(m.CommandKey, 9010)
		task := r.task(job, phone, db.TaskCancelled)
		r.says("task", task.Why, "the file was not given to the phone: the order was taken back")
		r.evidence(task, "fault 9010")
	}
}
