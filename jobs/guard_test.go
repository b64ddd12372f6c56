package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs"
)

const voice = "Device.Services.VoiceService.1.VoiceProfile."

// A voicePhone is one whose lines tell of themselves; it answers what a session
// asks it for no attempt's sake, and counts it.
type voicePhone struct {
	calls  map[string]string // line, as "1.Line.1" → CallState; none: not told
	status map[string]string // line → Status
	counts map[string]string // what all lines count, as "IncomingCallsReceived" → value
	names  int               // GetParameterNames answered
	values int               // GetParameterValues answered
}

func newVoicePhone(lines ...string) *voicePhone {
	v := &voicePhone{calls: map[string]string{}, status: map[string]string{}}
	for _, l := range lines {
		v.calls[l], v.status[l] = "Idle", "Up"
	}
	return v
}

func (v *voicePhone) has(name string) (string, bool) {
	line, part := strings.TrimPrefix(name, voice), ""
	if i := strings.LastIndexByte(line, '.'); i > 0 {
		line, part = line[:i], line[i+1:]
	}
	if line, ok := strings.CutSuffix(line, ".Stats"); ok {
		value, counts := v.counts[part]
		_, known := v.status[line]
		return value, counts && known
	}
	of := map[string]map[string]string{"CallState": v.calls, "Status": v.status}[part]
	value, ok := of[line]
	return value, ok
}

func (v *voicePhone) answer(msg cwmp.Message) cwmp.Message {
	switch m := msg.(type) {
	case *cwmp.GetParameterNames:
		v.names++
		below := map[string]bool{}
		if line, ok := strings.CutSuffix(m.ParameterPath, ".Stats."); ok {
			for name := range v.counts {
				if _, ok := v.has(line + ".Stats." + name); ok {
					below[m.ParameterPath+name] = true
				}
			}
		}
		for line := range v.status {
			if rest, ok := strings.CutPrefix(voice+line+".Status", m.ParameterPath); ok {
				first, _, _ := strings.Cut(rest, ".")
				below[m.ParameterPath+first+"."] = true
			}
		}
		if len(below) == 0 {
			return &cwmp.Fault{Code: 9005}
		}
		r := &cwmp.GetParameterNamesResponse{}
		for name := range below {
			r.Parameters = append(r.Parameters, cwmp.ParameterInfo{Name: name})
		}
		return r
	case *cwmp.GetParameterValues:
		v.values++
		r := &cwmp.GetParameterValuesResponse{}
		for _, name := range m.Names {
			value, ok := v.has(name)
			if !ok {
				return &cwmp.Fault{Code: 9005}
			}
			r.Parameters = append(r.Parameters, cwmp.ParameterValue{Name: name, Type: "string", Value: value})
		}
		return r
	}
	return &cwmp.Fault{Code: 9000}
}

// spoken answers for a phone until it is given something else than a question.
func (s session) spoken(v *voicePhone) (cwmp.Message, db.AttemptID) {
	s.r.t.Helper()
	for range 300 {
		msg, id := s.any()
		switch msg.(type) {
		case *cwmp.GetRPCMethods, *cwmp.GetParameterNames, *cwmp.GetParameterValues:
			s.answer(id, v.answer(msg))
			continue
		}
		return msg, id
	}
	s.r.t.Fatal("asked without end")
	return nil, db.AttemptID{}
}

// rebooted wants the session to be given a Reboot, which the phone accepts.
func (s session) rebooted(v *voicePhone) string {
	s.r.t.Helper()
	msg, id := s.spoken(v)
	m, ok := msg.(*cwmp.Reboot)
	if !ok {
		s.r.t.Fatalf("session was given %T; want *cwmp.Reboot", msg)
	}
	s.answer(id, &cwmp.RebootResponse{})
	return m.CommandKey
}

func (s session) silent(v *voicePhone) {
	s.r.t.Helper()
	if msg, _ := s.spoken(v); msg != nil {
		s.r.t.Fatalf("session was given %T; want nothing", msg)
	}
}

// booted begins the session after a reboot.
func (r *rig) booted(key string) session {
	r.t.Helper()
	return r.inform("1", "2.4", cwmp.Event{Code: cwmp.EventBoot}, cwmp.Event{Code: cwmp.EventMReboot, CommandKey: key})
}

// guarded is a rig with a phone of known root.
func guardRig(t *testing.T) (*rig, session) {
	r := newRig(t)
	r.root("1")
	return r, r.inform("1", "2.4")
}

func (r *rig) root(serial string) {
	r.t.Helper()
	s := r.inform(serial, "2.4")
	r.must(r.store.RecordValues(r.t.Context(), s.Phone.ID, "", []db.Parameter{{Name: "Device.DeviceInfo.UpTime", Value: "1"}}, r.clock.Now()))
}

func (r *rig) explain(t db.Task) string { return r.svc.Explain(r.t.Context(), t) }

// TestNotIntoACall: nothing leaves while a line is in a call; the phone is woken
// to be looked at every 30 s, and is restarted when the call is over.
func TestNotIntoACall(t *testing.T) {
	for _, state := range []string{"InCall", "Ringing", "Calling", "Hold", "X_Own"} {
		t.Run(state, func(t *testing.T) {
			r, phone := guardRig(t)
			v := newVoicePhone("1.Line.1", "1.Line.2", "2.Line.1")
			job := r.order(db.Job{Kind: db.KindReboot}, phone)
			r.waker.take()
			v.calls["2.Line.1"] = state
			for look := 1; look <= 4; look++ {
				r.inform("1", "2.4").silent(v)
				task := r.task(job, phone, db.TaskReady)
				if b := task.Busy; b == nil || b.Looked != look || !b.Since.Equal(begin) || !b.At.Equal(r.clock.Now()) || !b.Wake.Equal(r.clock.Now().Add(30*time.Second)) {
					t.Fatalf("look %d is kept as %+v", look, task.Busy)
				}
				r.says("task", r.explain(task), "VoiceProfile.2.Line.1 is "+state+", in a call since 2026-03-02 09:00:00 UTC; looked "+map[int]string{1: "once"}[look])
				r.wait(29 * time.Second)
				if got := r.waker.take(); len(got) != 0 {
					t.Fatalf("woken %v too soon", got)
				}
				r.wait(time.Second)
				if got := r.waker.take(); len(got) != 1 {
					t.Fatalf("woken %v; want once", got)
				}
			}
			v.calls["2.Line.1"] = "Idle"
			r.inform("1", "2.4").rebooted(v)
			task := r.task(job, phone, db.TaskProving)
			r.evidence(task, "in a call (VoiceProfile.2.Line.1 is "+state+"): not sent into it")
			r.evidence(task, "3 lines are idle, read")
			r.evidence(task, "in a call at 2026-03-02 09:00:00 UTC; looked 5 times")
			if task.Busy != nil {
				t.Errorf("busy is still %+v", task.Busy)
			}
			if v.names != 3 || v.values != 5 {
				t.Errorf("asked %d times for names and %d times for values; want 3 and 5", v.names, v.values)
			}
		})
	}
}

// TestCallGoesOnForHours: after 2 hours the phone is left in peace, and looked at
// in each session that it begins itself; a restart of the server in between loses
// nothing of the wait.
func TestCallGoesOnForHours(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	v.calls["1.Line.1"] = "InCall"
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	looks := 0
	for at := time.Duration(0); at <= 2*time.Hour; at += 30 * time.Second {
		r.waker.take()
		r.inform("1", "2.4").silent(v)
		looks++
		if at == time.Hour {
			r.restart()
		}
		r.wait(30 * time.Second)
		if woken, want := len(r.waker.take()), at < 2*time.Hour; (woken > 0) != want || woken > 1 {
			t.Fatalf("%s after the call was found the phone is woken %d times", at, woken)
		}
	}
	task := r.task(job, phone, db.TaskReady)
	if task.Busy.Looked != looks || !task.Busy.Wake.IsZero() {
		t.Fatalf("kept %+v after %d looks", task.Busy, looks)
	}
	r.evidence(task, "still in a call 2h later, after 241 looks: not woken for it any more")
	r.says("task", r.explain(task), "looked at again in the next session that it begins itself")
	r.wait(time.Minute) // the last wake is looked after
	r.waker.take()
	r.wait(time.Hour)
	r.inform("1", "2.4").silent(v)
	if len(r.waker.take()) != 0 || r.task(job, phone, db.TaskReady).Busy.Looked != looks+1 {
		t.Errorf("kept %+v", r.task(job, phone, db.TaskReady).Busy)
	}
	v.calls["1.Line.1"] = "Idle"
	r.inform("1", "2.4").rebooted(v)
}

// TestReadingIsFresh: what was read more than 2 s before is read again.
func TestReadingIsFresh(t *testing.T) {
	for _, late := range []struct {
		by   time.Duration
		want string
	}{{2 * time.Second, "*cwmp.Reboot"}, {2*time.Second + time.Millisecond, "*cwmp.GetParameterValues"}} {
		r, phone := guardRig(t)
		v := newVoicePhone("1.Line.1")
		job := r.order(db.Job{Kind: db.KindReboot}, phone)
		s := r.inform("1", "2.4")
		for {
			msg, id := s.any()
			s.answer(id, v.answer(msg))
			if _, ok := msg.(*cwmp.GetParameterValues); ok {
				break
			}
		}
		r.clock.Advance(late.by)
		msg, id := s.any()
		if got := fmt.Sprintf("%T", msg); got != late.want {
			t.Fatalf("%s later the session is given %s; want %s", late.by, got, late.want)
		}
		if id != (db.AttemptID{}) {
			continue
		}
		// The second look finds a call.
		v.calls["1.Line.1"] = "Ringing"
		s.answer(id, v.answer(msg))
		s.silent(v)
		r.task(job, phone, db.TaskReady)
	}
}

// A slowStore is busy for a while before it marks a task sent.
type slowStore struct {
	jobs.Store
	busy func()
}

func (s *slowStore) MarkSent(ctx context.Context, send db.Send) (db.Attempt, error) {
	s.busy()
	return s.Store.MarkSent(ctx, send)
}

// TestFreshWhenSent: what was read is too old by the time at which the store
// gets to it, so that nothing leaves before it is read again.
func TestFreshWhenSent(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	waits := 1
	var err error
	r.svc, err = jobs.New(jobs.Options{Store: &slowStore{r.store, func() {
		if waits--; waits >= 0 {
			r.clock.Advance(2*time.Second + time.Millisecond)
		}
	}}, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock})
	r.must(err)
	s := r.inform("1", "2.4")
	for looks := 0; ; {
		msg, id := s.any()
		if id != (db.AttemptID{}) {
			if looks != 2 {
				t.Errorf("%T was sent after %d looks; want 2", msg, looks)
			}
			break
		}
		if _, ok := msg.(*cwmp.GetParameterValues); ok {
			looks++
		}
		s.answer(id, v.answer(msg))
	}
	r.task(job, phone, db.TaskSent)
}

// TestSlowToTell: a phone whose lines cannot all be read within 2 s is not asked
// without end.
func TestSlowToTell(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	job := r.order(db.Job{Kind: db.KindReboot, Calls: db.CallsSkip}, phone)
	s := r.inform("1", "2.4")
	for range 20 {
		msg, id := s.any()
		if msg == nil {
			break
		}
		s.answer(id, v.answer(msg))
		r.clock.Advance(3 * time.Second)
	}
	r.says("task", r.task(job, phone, db.TaskSkipped).Why, "reading its lines takes it longer than 2s")
	if v.values != 3 {
		t.Errorf("read %d times", v.values)
	}
}

// TestLinesUnreadable: a phone that does not tell of its lines is restarted, or
// skipped, as the job says; it is asked for what lines it has once for each
// firmware.
func TestLinesUnreadable(t *testing.T) {
	none := func(*voicePhone) *voicePhone { return newVoicePhone() }
	mute := func(v *voicePhone) *voicePhone { clear(v.calls); return v }
	empty := func(v *voicePhone) *voicePhone { v.calls["1.Line.1"] = ""; return v }
	for _, tt := range []struct {
		name  string
		phone func(*voicePhone) *voicePhone
		rule  db.CallRule
		want  db.TaskState
		why   string
		again int // requests that the next restart costs
	}{
		{"no lines", none, "", db.TaskProving, "lists no lines: fault 9005", 0},
		{"no lines", none, db.CallsGoOn, db.TaskProving, "lists no lines: fault 9005", 0},
		{"no lines", none, db.CallsSkip, db.TaskSkipped, "lists no lines: fault 9005", 0},
		{"no CallState", mute, "", db.TaskProving, "fault 9005", 0},
		{"no CallState", mute, db.CallsSkip, db.TaskSkipped, "fault 9005", 0},
		{"an empty CallState", empty, db.CallsSkip, db.TaskSkipped, "tells no state of a call", 1},
	} {
		t.Run(tt.name+" "+string(tt.rule), func(t *testing.T) {
			r, phone := guardRig(t)
			v := tt.phone(newVoicePhone("1.Line.1"))
			order := func() db.JobID { return r.order(db.Job{Kind: db.KindReboot, Calls: tt.rule}, phone) }
			job := order()
			msg, id := r.inform("1", "2.4").spoken(v)
			if tt.want == db.TaskProving {
				s := session{db.Session{Token: db.SessionToken(fmt.Sprint("token", r.seq)), Phone: phone.Phone, Proof: db.ProofOpen}, r}
				s.answer(id, &cwmp.RebootResponse{})
				r.evidence(r.task(job, phone, tt.want), "whether the phone is in a call cannot be read ("+"")
				r.evidence(r.task(job, phone, tt.want), tt.why)
				r.booted(msg.(*cwmp.Reboot).CommandKey).spoken(v)
			} else {
				r.says("task", r.task(job, phone, tt.want).Why, tt.why)
			}
			names, values := v.names, v.values
			r.restart()
			order()
			r.inform("1", "2.4").spoken(v)
			if got := v.names - names + v.values - values; got != tt.again {
				t.Errorf("the next restart costs %d requests; want %d", got, tt.again)
			}
			order()
			names = v.names
			r.clock.Advance(time.Hour)
			r.settle()
			r.inform("1", "2.5").spoken(v)
			if v.names == names {
				t.Error("another firmware is not asked")
			}
		})
	}
}

// TestGuardIsPassed: an order may be for phones in calls, too; they are not asked.
func TestGuardIsPassed(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	v.calls["1.Line.1"] = "InCall"
	job := r.order(db.Job{Kind: db.KindReboot, Calls: db.CallsIgnore}, phone)
	r.inform("1", "2.4").rebooted(v)
	r.evidence(r.task(job, phone, db.TaskProving), "the order is for phones in calls, too")
	if v.names+v.values != 0 {
		t.Errorf("asked %d times", v.names+v.values)
	}
}

// TestCallsOfAnOrder: the rule is one of those there are, and of kinds that
// restart phones.
func TestCallsOfAnOrder(t *testing.T) {
	r, phone := guardRig(t)
	for _, tt := range []struct {
		job  db.Job
		want string
	}{
		{db.Job{Kind: db.KindReboot, Calls: "never"}, "is not one of go-on, skip, ignore"},
		{db.Job{Kind: db.KindGetParameters, Args: db.Args{Names: []string{"Device."}}, Calls: db.CallsSkip}, "restarts no phone"},
		{db.Job{Kind: db.KindRaw, Args: db.Args{Raw: &db.RawCall{RPC: "GetQueuedTransfers"}}, Calls: db.CallsSkip}, "restarts no phone"},
		{db.Job{Kind: db.KindRaw, Args: db.Args{Raw: &db.RawCall{RPC: "FactoryReset"}}, Calls: db.CallsSkip}, ""},
		{db.Job{Kind: db.KindFactoryReset, Calls: db.CallsSkip}, ""},
	} {
		tt.job.When.Now, tt.job.Selection.Phones = true, []string{phone.Phone.ID.String()}
		st, _, err := r.svc.Order(t.Context(), db.NewJob{Job: tt.job})
		if tt.want != "" {
			wantField(t, err, "calls", tt.want)
			continue
		}
		r.must(err)
		if st.Calls != tt.job.Calls {
			t.Errorf("kept %q", st.Calls)
		}
	}
	o := db.StandingOrder{Name: "x", Items: []db.StandingItem{{Kind: db.KindReboot, Calls: "no"}}}
	wantField(t, r.svc.CheckStanding(t.Context(), &o), "items[0].calls", "is not one of")
}

// TestWhatIsGuarded: of each kind whether the lines are read before it.
func TestWhatIsGuarded(t *testing.T) {
	for _, tt := range []struct {
		name string
		job  func(*rig) db.Job
		want bool
	}{
		{"reboot", func(*rig) db.Job { return db.Job{Kind: db.KindReboot} }, true},
		{"factory reset", func(*rig) db.Job { return db.Job{Kind: db.KindFactoryReset} }, true},
		{"firmware", func(r *rig) db.Job { return downloadOf(r.file(db.FileFirmware, "2.5")) }, true},
		{"config", func(r *rig) db.Job { return downloadOf(r.file(db.FileConfig, "")) }, true},
		{"raw Reboot", func(*rig) db.Job { return rawOf("Reboot", `{}`, "") }, true},
		{"raw of a vendor", func(*rig) db.Job { return rawOf("X_FANVIL_Do", "", `<cwmp:X_FANVIL_Do/>`) }, true},
		{"raw Upload", func(*rig) db.Job {
			return rawOf("Upload", `{"FileType":"1 Vendor Configuration File","URL":"http://x/"}`, "")
		}, false},
		{"raw read", func(*rig) db.Job { return rawOf("GetQueuedTransfers", `{}`, "") }, false},
		{"upload by a config", func(*rig) db.Job {
			return db.Job{Kind: db.KindUpload, Args: db.Args{Upload: &db.UploadArg{Kind: db.UploadConfig}}}
		}, true},
		{"set", func(*rig) db.Job {
			return db.Job{Kind: db.KindSetParameters, Args: db.Args{Parameters: []db.Setting{{Name: ntp, Value: "x"}}}}
		}, false},
		{"read", func(*rig) db.Job { return db.Job{Kind: db.KindGetNames, Args: db.Args{Names: []string{"Device."}}} }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, phone := guardRig(t)
			v := newVoicePhone("1.Line.1")
			v.calls["1.Line.1"] = "InCall"
			s := r.inform("1", "2.4")
			s.answersMethods(&cwmp.Fault{Code: 9000})
			s.asksNothing() // nothing is ready, so nothing is read
			job := r.order(tt.job(r), phone)
			s = r.inform("1", "2.4")
			msg, id := s.any()
			if asked := id == (db.AttemptID{}) && msg != nil; asked != tt.want {
				t.Fatalf("the session is given %T; want a question: %v", msg, tt.want)
			}
			if tt.want {
				s.answer(id, v.answer(msg))
				s.silent(v)
				r.task(job, phone, db.TaskReady)
			}
		})
	}
}

// TestCallHoldsBackNoOther: what restarts nothing goes to a phone in a call, and
// several restarts wait for one look.
func TestCallHoldsBackNoOther(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	v.calls["1.Line.1"] = "InCall"
	first := r.order(db.Job{Kind: db.KindReboot, Priority: 9}, phone)
	second := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	set := r.order(db.Job{Kind: db.KindSetParameters, Args: db.Args{Parameters: []db.Setting{{Name: ntp, Value: "x"}}}}, phone)
	s := r.inform("1", "2.4")
	msg, id := s.spoken(v)
	if _, ok := msg.(*cwmp.SetParameterValues); !ok {
		t.Fatalf("session was given %T", msg)
	}
	r.clock.Advance(time.Minute) // the call is looked at once in a session
	s.answer(id, &cwmp.SetParameterValuesResponse{})
	s.spoken(v)
	r.task(set, phone, db.TaskFailed) // this phone does not show what was set
	if v.values > 2 {                 // the lines, and what was set
		t.Errorf("read %d times", v.values)
	}
	one, two := r.task(first, phone, db.TaskReady).Busy, r.task(second, phone, db.TaskReady).Busy
	if one == nil || two == nil || one.Wake.IsZero() == two.Wake.IsZero() || one.Looked != 1 || two.Looked != 1 {
		t.Errorf("kept %+v and %+v; want one to wake for", one, two)
	}
}

// TestHeldIsNotRead: while a hold keeps a restart back, its phone is not asked.
func TestHeldIsNotRead(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	r.order(db.Job{Kind: db.KindReboot}, phone)
	r.must(r.store.SetHold(t.Context(), db.Hold{Phone: phone.Phone.ID, Since: r.clock.Now()}))
	r.inform("1", "2.4").silent(v)
	if v.names+v.values != 0 {
		t.Errorf("asked %d times", v.names+v.values)
	}
}

// TestBreaksOffOverTheQuestion: a phone that ends each session in which it is
// asked counts as one that cannot be, after three of them.
func TestBreaksOffOverTheQuestion(t *testing.T) {
	r, phone := guardRig(t)
	r.inform("1", "2.4").answersMethods(&cwmp.Fault{Code: 9000})
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	for range 3 {
		msg, id := r.inform("1", "2.4").any()
		if _, ok := msg.(*cwmp.GetParameterNames); !ok || id != (db.AttemptID{}) {
			t.Fatalf("session was given %T", msg)
		}
	}
	if msg, _ := r.inform("1", "2.4").any(); msg.RPC() != "Reboot" {
		t.Fatalf("session was given %T", msg)
	}
	r.evidence(r.task(job, phone, db.TaskSent), "3 sessions in a row broke off over the question")
}

// TestTransientFault: a phone that cannot tell just now is asked again in its
// next session, and is not taken for one without lines.
func TestTransientFault(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	job := r.order(db.Job{Kind: db.KindReboot, Calls: db.CallsSkip}, phone)
	s := r.inform("1", "2.4")
	s.answersMethods(&cwmp.Fault{Code: 9000})
	_, id := s.any()
	s.answer(id, &cwmp.Fault{Code: 9002})
	s.nothing()
	r.says("task", r.task(job, phone, db.TaskSkipped).Why, "fault 9002")
	job = r.order(db.Job{Kind: db.KindReboot, Calls: db.CallsSkip}, phone)
	r.inform("1", "2.4").rebooted(v)
	r.evidence(r.task(job, phone, db.TaskProving), "1 line is idle")
}

// TestSupersededLook: an answer to a session that a newer one follows counts for
// nothing.
func TestSupersededLook(t *testing.T) {
	r, phone := guardRig(t)
	v := newVoicePhone("1.Line.1")
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	old := r.inform("1", "2.4")
	old.answersMethods(&cwmp.Fault{Code: 9000})
	msg, id := old.any()
	v.calls["1.Line.1"] = "InCall"
	s := r.inform("1", "2.4")
	if err := r.svc.Answered(t.Context(), old.Session, id, v.answer(msg)); err != nil && !errors.Is(err, db.ErrSuperseded) {
		t.Fatal(err)
	}
	s.silent(v)
	r.task(job, phone, db.TaskReady)
}

// TestSecondIssue: phones with the names of TR-104's second issue are understood.
func TestSecondIssue(t *testing.T) {
	r, phone := guardRig(t)
	const service = "Device.Services.VoiceService.1."
	call, client := "Idle", "Up"
	job := r.order(db.Job{Kind: db.KindReboot}, phone)
	s := r.inform("1", "2.4")
	var asked []string
	speak := func() (cwmp.Message, db.AttemptID) {
		for {
			msg, id := s.any()
			switch m := msg.(type) {
			case *cwmp.GetRPCMethods:
				s.answer(id, &cwmp.Fault{Code: 9000})
			case *cwmp.GetParameterNames:
				list := map[string][]cwmp.ParameterInfo{
					service + "CallControl.Line.": {{Name: service + "CallControl.Line.1"}}, // without its dot
					service + "SIP.Client.":       {{Name: service + "SIP.Client.3."}},
				}[m.ParameterPath]
				if list == nil {
					s.answer(id, &cwmp.Fault{Code: 9005})
					continue
				}
				s.answer(id, &cwmp.GetParameterNamesResponse{Parameters: list})
			case *cwmp.GetParameterValues:
				asked = m.Names
				s.answer(id, &cwmp.GetParameterValuesResponse{Parameters: []cwmp.ParameterValue{
					{Name: service + "CallControl.Line.1.CallStatus", Value: call}, {Name: service + "SIP.Client.3.Status", Value: client},
				}})
			default:
				return msg, id
			}
		}
	}
	call = "Connected"
	if msg, _ := speak(); msg != nil {
		t.Fatalf("session was given %T", msg)
	}
	if want := []string{service + "SIP.Client.3.Status", service + "CallControl.Line.1.CallStatus"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %q", asked)
	}
	r.says("task", r.explain(r.task(job, phone, db.TaskReady)), "CallControl.Line.1 is Connected")
	call = "Idle"
	s = r.inform("1", "2.4")
	msg, id := speak()
	if _, ok := msg.(*cwmp.Reboot); !ok {
		t.Fatalf("session was given %T", msg)
	}
	s.answer(id, &cwmp.RebootResponse{})
	task := r.task(job, phone, db.TaskProving)
	if l := task.Last().Lines; l == nil || !slices.Equal(l.Names, []string{service + "SIP.Client.3.Status"}) {
		t.Errorf("registered before: %+v", l)
	}
}
