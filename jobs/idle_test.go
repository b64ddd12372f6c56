package jobs_test

import (
	"slices"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs/window"
)

// An idleRig is a rig with a phone that has a task in a window which asks for 10
// minutes of idle time.
type idleRig struct {
	*rig
	phone session
	v     *voicePhone
	w     db.Window
	job   db.JobID
	slot  window.Slot
}

func newIdleRig(t *testing.T, j db.Job, counters ...string) *idleRig {
	t.Helper()
	r, phone := guardRig(t)
	x := &idleRig{rig: r, phone: phone, v: newVoicePhone("1.Line.1", "1.Line.2")}
	x.v.counts = map[string]string{}
	r.store.RecordWake(phone.Phone.ID, r.clock.Now(), "http", "") // it is reached
	for _, name := range counters {
		x.v.counts[name] = "3"
	}
	end := window.Dial(6 * 60)
	x.w = r.window("idle", window.Window{Weekly: &window.Weekly{
		Days: []window.Weekday{window.Weekday(time.Wednesday)}, Begin: 2 * 60, End: &end, Inactivity: 10,
	}})
	j.When = db.When{Window: x.w.ID}
	x.job, x.slot = r.order(j, phone), slotOf(t, x.w, phone, begin)
	if x.slot.Closes.Sub(x.slot.At) < 45*time.Minute || x.slot.At.Sub(x.slot.Opens) < 10*time.Minute {
		t.Fatalf("slot %+v leaves no room for the test", x.slot)
	}
	return x
}

func reboot() db.Job { return db.Job{Kind: db.KindReboot} }

// all are the counters of TR-104's first issue that are read.
var all = []string{"IncomingCallsReceived", "OutgoingCallsAttempted", "TotalCallTime"}

// comes has the phone begin a session so long after its slot in which it is given
// nothing. Before its slot the session is its own; later it has to be woken.
func (x *idleRig) comes(after time.Duration) {
	x.t.Helper()
	x.to(after)
	x.inform("1", "2.4").silent(x.v)
}

func (x *idleRig) to(after time.Duration) {
	x.t.Helper()
	x.waker.take()
	x.until(x.slot.At.Add(after))
}

func (x *idleRig) woken(want bool) {
	x.t.Helper()
	if got := len(x.waker.take()) > 0; got != want {
		x.t.Fatalf("at %s after the slot the phone was woken: %v; want %v", x.clock.Now().Sub(x.slot.At), got, want)
	}
}

// waits wants the task to wait for idle time until so long after its slot.
func (x *idleRig) waits(until time.Duration) db.Task {
	x.t.Helper()
	task := x.task(x.job, x.phone, db.TaskWaiting)
	if !task.Idle || !task.Due.Equal(x.slot.At.Add(until)) || !task.Opens.Equal(x.slot.Opens) || !task.Closes.Equal(x.slot.Closes) {
		x.t.Fatalf("it stands at %+v (%s); want it to wait until %s after the slot", task.Place(), task.Why, until)
	}
	return task
}

// served wants it to be restarted now, on grounds that are in the evidence.
func (x *idleRig) served(grounds string) {
	x.t.Helper()
	x.inform("1", "2.4").rebooted(x.v)
	x.evidence(x.task(x.job, x.phone, db.TaskProving), grounds)
}

// TestIdleTimeSeesACall: a call of 2 minutes in the middle of the idle time is
// seen at the end of it by what the phone counts, and the time begins anew. A
// restart of the server at any of these times changes nothing.
func TestIdleTimeSeesACall(t *testing.T) {
	x := newIdleRig(t, reboot(), all...)
	x.to(0)
	x.woken(true)
	x.restart()
	x.comes(20 * time.Second)
	task := x.waits(10*time.Minute + 20*time.Second)
	x.says("task", x.explain(task), "in window idle, open until 06:00; it has to be idle for 10m first, and is so from "+
		x.clock.Now().Format("2006-01-02 15:04:05")+" UTC on")
	x.restart()
	x.v.counts["IncomingCallsReceived"], x.v.counts["TotalCallTime"] = "4", "123"
	x.to(10 * time.Minute)
	x.woken(false)
	x.to(10*time.Minute + 20*time.Second)
	x.woken(true)
	x.inform("1", "2.4").silent(x.v)
	task = x.waits(20*time.Minute + 20*time.Second)
	const call = "there was a call: VoiceProfile.1.Line.1.Stats.IncomingCallsReceived went from 3 to 4"
	x.says("task", x.explain(task), call)
	x.evidence(task, call+"; its idle time counts anew")
	x.restart()
	x.comes(15 * time.Minute) // by itself
	if again := x.waits(20*time.Minute + 20*time.Second); len(again.Evidence) != len(task.Evidence) {
		t.Errorf("noted again: %+v", again.Evidence)
	}
	x.to(20*time.Minute + 20*time.Second)
	x.woken(true)
	x.served("idle for 10m, from " + x.slot.At.Add(10*time.Minute+20*time.Second).Format("2006-01-02 15:04:05") + " UTC on: 6 counters of calls stood still")
	if x.v.names != 3 { // profiles, lines, counters: asked once
		t.Errorf("asked for names %d times", x.v.names)
	}
}

// TestIdleTimeAnew: what lets it begin anew, and what does not.
func TestIdleTimeAnew(t *testing.T) {
	for _, tt := range []struct {
		name     string
		counters []string
		between  func(x *idleRig)
		says     string // empty: it does not
	}{
		{"nothing", all, func(*idleRig) {}, ""},
		{"calls that go out", all, func(x *idleRig) { x.v.counts["OutgoingCallsAttempted"] = "4" }, "OutgoingCallsAttempted went from 3 to 4"},
		{"the time of calls", []string{"TotalCallTime"}, func(x *idleRig) { x.v.counts["TotalCallTime"] = "4" }, "TotalCallTime went from 3 to 4"},
		{"no time of calls", all[:2], func(x *idleRig) { x.v.counts["IncomingCallsReceived"] = "4" }, "IncomingCallsReceived went from 3 to 4"},
		{"a counter that went back", all, func(x *idleRig) { x.v.counts["IncomingCallsReceived"] = "0" }, "IncomingCallsReceived went from 3 to 0"},
		{"a start", all, func(x *idleRig) { x.inform("1", "2.4", code("1 BOOT")...).silent(x.v) }, "it has started since it was last looked at"},
		{"packets", append([]string{"PacketsSent"}, all...), func(x *idleRig) { x.v.counts["PacketsSent"] = "4" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newIdleRig(t, reboot(), tt.counters...)
			x.comes(0)
			x.waits(10 * time.Minute)
			x.to(5 * time.Minute)
			tt.between(x)
			anew := 20 * time.Minute
			if tt.name == "a start" {
				anew = 15 * time.Minute // as it comes by itself
			}
			x.to(10 * time.Minute)
			if tt.says == "" {
				x.served("idle for 10m, from ")
				return
			}
			x.inform("1", "2.4").silent(x.v)
			x.evidence(x.waits(anew), tt.says)
			x.to(anew)
			x.served("idle for 10m, from ")
		})
	}
}

// TestIdleTimeInACall: a phone in a call is looked at every 30 s, and is idle from
// the first look on that finds it so; one that counts nothing from the last that
// did not.
func TestIdleTimeInACall(t *testing.T) {
	for _, counts := range []bool{true, false} {
		var counters []string
		if counts {
			counters = all
		}
		x := newIdleRig(t, reboot(), counters...)
		x.v.calls["1.Line.2"] = "InCall"
		x.comes(0)
		x.evidence(x.task(x.job, x.phone, db.TaskReady), "the phone is in a call (VoiceProfile.1.Line.2 is InCall): not sent into it")
		x.to(30 * time.Second)
		x.woken(true)
		x.inform("1", "2.4").silent(x.v)
		x.restart()
		x.v.calls["1.Line.2"] = "Idle"
		x.to(time.Minute)
		x.woken(true)
		x.inform("1", "2.4").silent(x.v)
		over := 11 * time.Minute
		if !counts {
			over -= 30 * time.Second
		}
		if task := x.waits(over); task.Busy != nil {
			t.Errorf("busy is still %+v", task.Busy)
		}
		// And in one that it tells of by itself, while it waits.
		x.v.calls["1.Line.1"] = "Ringing"
		x.comes(5 * time.Minute)
		x.task(x.job, x.phone, db.TaskReady)
		x.v.calls["1.Line.1"] = "Idle"
		x.comes(5*time.Minute + 10*time.Second)
		over = 15*time.Minute + 10*time.Second
		if !counts {
			over -= 10 * time.Second
		}
		x.waits(over)
		x.to(over)
		x.woken(true)
		x.served("idle for 10m, from ")
	}
}

// TestIdleTimeUntilTheEnd: one that is never idle for so long waits for the next
// period from when that is certain, and is told why.
func TestIdleTimeUntilTheEnd(t *testing.T) {
	x := newIdleRig(t, reboot(), all...)
	x.to(0)
	calls := 0
	next := slotOf(t, x.w, x.phone, x.slot.Closes)
	for n := '4'; ; n++ {
		if n > '9' {
			n = '0'
		}
		x.inform("1", "2.4").silent(x.v)
		task := x.task(x.job, x.phone, db.TaskWaiting)
		if !task.Idle {
			break
		}
		if calls++; calls > 20 {
			t.Fatal("it waits without end")
		}
		x.until(task.Due)
		x.v.counts["OutgoingCallsAttempted"] = string(n)
	}
	if left := x.slot.Closes.Sub(x.clock.Now()); left <= 0 || left > 10*time.Minute || calls < 4 {
		t.Fatalf("given up %s before the end, after %d calls", left, calls)
	}
	task := x.task(x.job, x.phone, db.TaskWaiting)
	if !task.Due.Equal(next.At) {
		t.Errorf("due %s; want %s", task.Due, next.At)
	}
	x.says("task", task.Why, "its window closes before it would have been idle for that long; waits for its slot in the next period")
	x.waker.take()
	x.until(x.slot.Closes.Add(time.Hour))
	x.woken(false)
	x.until(next.At)
	x.inform("1", "2.4").silent(x.v)
	x.until(next.At.Add(10 * time.Minute))
	x.served("6 counters of calls stood still")
}

// TestIdleTimeNotCounted: a phone that counts nothing is idle from its slot on,
// whenever it is looked at; a call in between is not seen, and that is said.
func TestIdleTimeNotCounted(t *testing.T) {
	for _, tt := range []struct {
		name     string
		counters []string
		value    string
		says     string
	}{
		{"no statistics", nil, "", "(fault 9005"},
		{"no calls in them", []string{"PacketsSent"}, "3", "(it counts none)"},
		{"half of the calls", []string{"PacketsSent", "IncomingCallsReceived"}, "3", "(it counts none)"},
		{"no number", all, "n/a", "Stats.IncomingCallsReceived is n/a)"},
		{"all at nought", all, "0", "6 counters of calls stood still, all at 0, as they would if it counted none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newIdleRig(t, reboot(), tt.counters...)
			for _, name := range tt.counters {
				x.v.counts[name] = tt.value
			}
			over := 10 * time.Minute
			if tt.value == "0" { // it may count
				over = 13 * time.Minute
			}
			x.comes(3 * time.Minute)
			x.waits(over)
			x.restart()
			names := x.v.names
			x.to(over)
			x.served(tt.says)
			if x.v.names != names {
				t.Errorf("asked again for names, %d times", x.v.names-names)
			}
		})
	}
}

// TestIdleTimeUnreadable: where lines cannot be read at all, or are not to be, the
// clock alone counts.
func TestIdleTimeUnreadable(t *testing.T) {
	for _, tt := range []struct {
		rule db.CallRule
		says string
	}{
		{"", "its idle time of 10m is counted by the clock alone: its lines cannot be read (the phone lists no lines"},
		{db.CallsIgnore, "its idle time of 10m is counted by the clock alone"},
	} {
		j := reboot()
		j.Calls = tt.rule
		x := newIdleRig(t, j)
		if tt.rule == "" {
			x.v = newVoicePhone()
		}
		x.comes(0)
		x.comes(9 * time.Minute)
		x.waits(10 * time.Minute)
		x.to(10 * time.Minute)
		x.served(tt.says)
		if tt.rule == db.CallsIgnore && x.v.names+x.v.values > 0 {
			t.Errorf("asked %d and %d times", x.v.names, x.v.values)
		}
	}
}

// TestIdleTimeOfTheUnreached: a phone that does not come at its slot is idle from
// its first session on, for which one before the slot counts, too.
func TestIdleTimeOfTheUnreached(t *testing.T) {
	x := newIdleRig(t, reboot(), all...)
	x.comes(7 * time.Minute)
	x.waits(17 * time.Minute)
	x.to(17 * time.Minute)
	x.served("idle for 10m")

	x = newIdleRig(t, reboot(), all...)
	x.comes(-5 * time.Minute)
	if task := x.task(x.job, x.phone, db.TaskWaiting); task.Idle || !task.Due.Equal(x.slot.At) {
		t.Fatalf("before its slot it stands at %+v", task.Place())
	}
	x.to(12 * time.Minute)
	x.served("idle for 12m, from " + x.slot.At.Format("2006-01-02 15:04:05"))
}

// TestIdleTimeIsAskedFor: a phone that is not reached and takes ScheduleInform is
// asked, when it is looked at, to inform when its idle time is over.
func TestIdleTimeIsAskedFor(t *testing.T) {
	x := newIdleRig(t, reboot(), all...)
	x.to(7 * time.Minute)
	x.store.RecordWake(x.phone.Phone.ID, x.clock.Now(), "", "nobody there")
	s := x.inform("1", "2.4")
	s.answersMethods(methodsOf("ScheduleInform", "Reboot"))
	msg, id := s.spoken(x.v)
	m, ok := msg.(*cwmp.ScheduleInform)
	if !ok || id != (db.AttemptID{}) || m.DelaySeconds != 602 {
		t.Fatalf("session was given %T %+v", msg, msg)
	}
	x.waits(17 * time.Minute)
}

// TestIdleTimeOfAnyKind: it is waited for by what restarts no phone, too, and that
// is not sent into a call then.
func TestIdleTimeOfAnyKind(t *testing.T) {
	x := newIdleRig(t, db.Job{Kind: db.KindSetParameters, Args: db.Args{Parameters: []db.Setting{{Name: ntp, Value: "x"}}}}, all...)
	x.comes(0)
	x.waits(10 * time.Minute)
	x.v.calls["1.Line.1"] = "InCall"
	x.comes(10 * time.Minute)
	x.v.calls["1.Line.1"] = "Idle"
	x.comes(11 * time.Minute)
	x.waits(21 * time.Minute)
	x.to(21 * time.Minute)
	if msg, _ := x.inform("1", "2.4").spoken(x.v); msg.RPC() != "SetParameterValues" {
		t.Fatalf("session was given %T", msg)
	}
}

// TestIdleTimeOutlives: a task that waits for idle time has had its slot: it stays
// in its window if that is edited, and if nobody serves when the time is over.
func TestIdleTimeOutlives(t *testing.T) {
	for _, end := range []window.Dial{5*60 + 30, 7 * 60} {
		x := newIdleRig(t, reboot(), all...)
		x.comes(0)
		x.w.Window.Weekly.End = &end
		w, err := x.store.UpdateWindow(t.Context(), x.w, x.clock.Now())
		x.must(err)
		x.settle()
		if slot := slotOf(t, w, x.phone, begin); slot.At.After(x.clock.Now()) != (end == 7*60) {
			t.Fatalf("slot is at %s now", slot.At)
		} else if end == 7*60 { // it has none any more
			if task := x.task(x.job, x.phone, db.TaskWaiting); task.Idle || !task.Due.Equal(slot.At) {
				t.Errorf("it stands at %+v; want its slot at %s", task.Place(), slot.At)
			}
		} else if task := x.task(x.job, x.phone, db.TaskReady); !task.Closes.Equal(slot.Closes) {
			t.Errorf("it stands at %+v; want it ready until %s", task.Place(), slot.Closes)
		}
	}

	x := newIdleRig(t, reboot(), all...)
	x.comes(0)
	x.clock.Advance(20 * time.Minute)
	x.restart()
	x.settle()
	x.woken(true)
	x.served("idle for 20m")
}

// TestIdleTimeOfTwo: tasks of one phone share what is known, and one look.
func TestIdleTimeOfTwo(t *testing.T) {
	x := newIdleRig(t, reboot(), all...)
	second := x.order(rebootIn(x.w, ""), x.phone)
	x.comes(0)
	asked := x.v.values
	x.waits(10 * time.Minute)
	x.job = second
	x.waits(10 * time.Minute)
	if asked != 1 {
		t.Errorf("lines were read %d times", asked)
	}
	l, err := x.store.Lines(t.Context(), x.phone.Phone.ID)
	x.must(err)
	if q := l.Quiet; q == nil || !q.Since.Equal(x.slot.At) || !slices.Equal(q.Counts, []uint64{3, 3, 3, 3, 3, 3}) {
		t.Errorf("kept %+v", l.Quiet)
	}
}

// TestIdleTimeOfOldLines: that a phone has to be asked anew what lines it has, as
// that was a day ago, does not make it forget since when it is idle.
func TestIdleTimeOfOldLines(t *testing.T) {
	x := newIdleRig(t, reboot(), all...)
	x.v.status["1.Line.1"], x.v.status["1.Line.2"] = "Disabled", "Disabled" // none has to come back
	x.to(5*time.Minute - 24*time.Hour)
	x.order(reboot(), x.phone)
	x.booted(x.inform("1", "2.4").rebooted(x.v)).silent(x.v)
	x.comes(0)
	x.waits(10 * time.Minute)
	names := x.v.names
	x.to(10 * time.Minute)
	x.served("idle for 10m")
	if x.v.names != names+2 { // profiles and lines, not counters
		t.Errorf("asked for names %d times", x.v.names-names)
	}
}

// TestIdleTimeAfterAnotherLook: a look for a task that waits for no idle time read
// no counters; they are read in the same session.
func TestIdleTimeAfterAnotherLook(t *testing.T) {
	x := newIdleRig(t, reboot(), all...)
	x.v.calls["1.Line.1"] = "InCall"
	x.to(0)
	j := reboot()
	j.Priority = 9
	x.order(j, x.phone)
	x.inform("1", "2.4").silent(x.v)
	l, err := x.store.Lines(t.Context(), x.phone.Phone.ID)
	x.must(err)
	if x.v.values != 2 || l.Quiet == nil || !l.Quiet.Since.Equal(x.slot.At) || len(l.Counters) != 6 {
		t.Errorf("read %d times, kept %+v", x.v.values, l)
	}
}

// TestIdleTimeWhileHeld: a held phone is not looked at.
func TestIdleTimeWhileHeld(t *testing.T) {
	x := newIdleRig(t, reboot(), all...)
	x.to(0)
	x.must(x.store.SetHold(t.Context(), db.Hold{Phone: x.phone.Phone.ID, Since: x.clock.Now()}))
	x.inform("1", "2.4").silent(x.v)
	if x.v.names+x.v.values != 0 {
		t.Errorf("asked %d times", x.v.names+x.v.values)
	}
}

// TestIdleTimeBeforeTheSlot: a phone that is found in a call before its slot
// still has it.
func TestIdleTimeBeforeTheSlot(t *testing.T) {
	x := newIdleRig(t, reboot(), all...)
	x.v.calls["1.Line.1"] = "Connected"
	x.comes(-5 * time.Minute)
	if task := x.task(x.job, x.phone, db.TaskWaiting); !task.Due.Equal(x.slot.At) || task.Idle {
		t.Errorf("it stands at %+v (%s)", task.Place(), task.Why)
	}
}
