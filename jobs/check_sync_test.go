package jobs_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// fakeNotifier keeps what it was to send, and answers what the test says.
type fakeNotifier struct {
	mu      sync.Mutex
	sent    []db.Notice
	dropped int
	refuse  error
	answer  db.NoticeAnswer
	block   func(context.Context) // runs before the answer; nil: at once
}

func (n *fakeNotifier) Prepare(notice db.Notice) (func(context.Context) db.NoticeAnswer, func(), error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.refuse != nil {
		return nil, nil, n.refuse
	}
	send := func(ctx context.Context) db.NoticeAnswer {
		n.mu.Lock()
		n.sent = append(n.sent, notice)
		block, answer := n.block, n.answer
		n.mu.Unlock()
		if block != nil {
			block(ctx)
		}
		if ctx.Err() != nil {
			return db.NoticeAnswer{Sent: 1, Cut: true, Why: "the server stopped before the phone answered"}
		}
		return answer
	}
	drop := func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.dropped++
	}
	return send, drop, nil
}

// take returns what was sent since the last call.
func (n *fakeNotifier) take() []db.Notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	sent := n.sent
	n.sent = nil
	return sent
}

func newSIPRig(t *testing.T, answer db.NoticeAnswer) *rig {
	r := newRig(t)
	r.notifier = &fakeNotifier{answer: answer}
	r.restart()
	return r
}

func syncOf(reboot bool) db.Job {
	return db.Job{Kind: db.KindCheckSync, Args: db.Args{Reboot: reboot}}
}

// TestCheckSync: what the phone answers to the NOTIFY, with and without a
// restart, and what it shows then.
func TestCheckSync(t *testing.T) {
	ok := db.NoticeAnswer{Status: 200, Why: "the phone answered 200", Sent: 2}
	none := db.NoticeAnswer{Why: "no answer within 32s", Sent: 11}
	for _, tt := range []struct {
		name   string
		reboot bool
		answer db.NoticeAnswer
		after  db.TaskState // once it has answered
		wait   time.Duration
		events []cwmp.Event // of the session that comes then; nil: none comes
		want   db.TaskState
		cause  string
		says   string
	}{
		{"accepted", false, ok, db.TaskSucceeded, 0, nil, db.TaskSucceeded, "", "accepted: NOTIFY sent 2 times; the phone answered 200"},
		{"restarted", true, ok, db.TaskProving, time.Minute, code(cwmp.EventBoot), db.TaskSucceeded, "", "inferred: 1 BOOT came 1m after the phone's answer"},
		{"restarted late", true, ok, db.TaskProving, 11 * time.Minute, code(cwmp.EventBoot), db.TaskProving, "", "too late"},
		{"came without a restart", true, ok, db.TaskProving, time.Minute, code(cwmp.EventPeriodic), db.TaskProving, "", ""},
		{"never restarted", true, ok, db.TaskProving, 30 * time.Minute, nil, db.TaskFailed, db.CauseUnknown, "did not report a boot within 30m"},
		{"refused", true, db.NoticeAnswer{Status: 481, Why: "the phone answered 481: no", Sent: 1}, db.TaskFailed, 0, nil, db.TaskFailed, db.CauseFault, "the phone answered 481"},
		{"not answered", true, none, db.TaskFailed, 0, nil, db.TaskFailed, db.CauseUnknown, "no answer within 32s; not repeated by itself"},
		{"not answered, and restarted", true, none, db.TaskFailed, time.Minute, code(cwmp.EventBoot), db.TaskFailed, db.CauseUnknown, "no answer"},
		{"not answered, without a restart", false, none, db.TaskFailed, 0, nil, db.TaskFailed, db.CauseUnknown, "no answer within 32s; not repeated by itself"},
		{"never left", false, db.NoticeAnswer{Why: "the NOTIFY could not be sent: no route"}, db.TaskFailed, 0, nil, db.TaskFailed, db.CauseFault, "could not be sent"},
		{"cut short", true, db.NoticeAnswer{Cut: true, Sent: 1, Why: "the server stopped"}, db.TaskSent, 0, nil, db.TaskSent, "", "the server stopped"},
		{"cut short, and restarted", true, db.NoticeAnswer{Cut: true, Sent: 1, Why: "the server stopped"}, db.TaskSent, time.Minute, code(cwmp.EventBoot), db.TaskSent, "", "had not answered the NOTIFY"},
		{"cut short, and overdue", true, db.NoticeAnswer{Cut: true, Sent: 1, Why: "the server stopped"}, db.TaskSent, 30 * time.Minute, nil, db.TaskFailed, db.CauseUnknown, "not known whether the phone answered"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newSIPRig(t, tt.answer)
			phone := r.inform("1", "2.4", code(cwmp.EventBoot)...)
			job := r.order(syncOf(tt.reboot), phone)
			if sent := r.notifier.take(); len(sent) != 0 {
				t.Fatal("it left outside of a session")
			}
			s := r.inform("1", "2.4")
			s.nothing()
			r.svc.AwaitNotices()
			r.task(job, phone, tt.after)
			s.nothing() // a restart ends the list of its session
			header := "check-sync"
			if tt.reboot {
				header += ";reboot=true"
			}
			sent := r.notifier.take()
			if len(sent) != 1 || sent[0].Event != header || sent[0].Address != "192.0.2.7" || sent[0].Phone != phone.Phone.ID {
				t.Fatalf("sent %+v", sent)
			}
			r.wait(tt.wait)
			if tt.events != nil {
				r.inform("1", "2.4", tt.events...).nothing()
			}
			task := r.task(job, phone, tt.want)
			said := task.Why
			for _, e := range task.Evidence {
				said += "\n" + e.What
			}
			if !strings.Contains(said, tt.says) || task.Cause != tt.cause || len(task.Attempts) != 1 {
				t.Errorf("cause %q, %d attempts: %q; want %q in it", task.Cause, len(task.Attempts), said, tt.says)
			}
			r.svc.AwaitNotices()
			if again := r.notifier.take(); len(again) != 0 {
				t.Errorf("sent again: %+v", again)
			}
		})
	}
}

// TestCheckSyncOvertaken: a phone may be back before what it answered is stored.
func TestCheckSyncOvertaken(t *testing.T) {
	for _, reboot := range []bool{true, false} {
		r := newSIPRig(t, db.NoticeAnswer{Status: 200, Why: "the phone answered 200", Sent: 1})
		phone := r.inform("1", "2.4", code(cwmp.EventBoot)...)
		job := r.order(syncOf(reboot), phone)
		stored := make(chan struct{})
		r.notifier.block = func(context.Context) { <-stored }
		r.inform("1", "2.4").nothing()
		r.wait(3 * time.Second)
		r.inform("1", "2.4", code(cwmp.EventBoot)...).nothing()
		r.task(job, phone, db.TaskSent)
		close(stored)
		r.svc.AwaitNotices()
		task := r.task(job, phone, db.TaskSucceeded)
		if reboot {
			r.evidence(task, "had not answered the NOTIFY: not taken for its effect")
			r.evidence(task, "inferred: 1 BOOT came 3s after the NOTIFY left, and was here before the phone's answer")
		}
	}
}

// TestCheckSyncHoldsBack: it leaves once the attempt is durable, and holds back
// what a restart holds back until it is decided.
func TestCheckSyncHoldsBack(t *testing.T) {
	r := newSIPRig(t, db.NoticeAnswer{Status: 200, Sent: 1})
	go1, seen := make(chan struct{}), make(chan db.TaskState, 1)
	phone := r.inform("1", "2.4")
	job := r.order(syncOf(true), phone)
	r.notifier.block = func(context.Context) {
		task, err := r.store.Task(context.Background(), db.TaskID{Job: job, Phone: phone.Phone.ID})
		if err != nil || len(task.Attempts) != 1 {
			t.Errorf("it leaves before its attempt is stored: %+v, %v", task, err)
		}
		seen <- task.State
		<-go1
	}
	reboot := r.order(db.Job{Kind: db.KindReboot}, phone)
	r.inform("1", "2.4").nothing()
	if state := <-seen; state != db.TaskSent {
		t.Errorf("task is %s as it leaves", state)
	}
	r.inform("1", "2.4").nothing() // the reboot waits
	close(go1)
	r.svc.AwaitNotices()
	r.wait(time.Minute)
	m, _ := r.inform("1", "2.4", code(cwmp.EventBoot)...).reboot()
	if m == nil {
		t.Fatal("no reboot")
	}
	r.task(job, phone, db.TaskSucceeded)
	r.task(reboot, phone, db.TaskSent)
}

// TestCheckSyncEndsList: what is behind it in a session waits, reads too, also
// where something was passed over before it.
func TestCheckSyncEndsList(t *testing.T) {
	r := newSIPRig(t, db.NoticeAnswer{Status: 200, Sent: 1})
	phone := r.inform("1", "2.4")
	r.order(db.Job{Kind: db.KindDownload, Args: db.Args{File: r.file(db.FileFirmware, "2.5", "X6").ID}}, phone)
	r.order(syncOf(false), phone)
	read := r.order(db.Job{Kind: db.KindGetParameters, Args: db.Args{Names: []string{"Device.Time."}}}, phone)
	s := r.inform("1", "2.5") // it has that by now
	s.nothing()
	r.svc.AwaitNotices()
	if n := len(r.notifier.take()); n != 1 {
		t.Errorf("%d were sent", n)
	}
	s.nothing()
	r.task(read, phone, db.TaskReady)
	if msg, _ := r.inform("1", "2.4").next(); msg == nil {
		t.Error("the next session is given nothing")
	}
}

// TestCheckSyncNotNow: it stays where it is while it cannot leave, and is
// passed over where it never can.
func TestCheckSyncNotNow(t *testing.T) {
	r := newSIPRig(t, db.NoticeAnswer{Status: 200, Sent: 1})
	phone := r.inform("1", "2.4")
	sync := syncOf(false)
	sync.Calls = db.CallsIgnore // else the hold is seen before it is prepared
	job := r.order(sync, phone)
	r.must(r.store.SetHold(t.Context(), db.Hold{Phone: phone.Phone.ID, Since: r.clock.Now()}))
	r.inform("1", "2.4").nothing()
	r.must(r.store.ClearHold(t.Context(), 0, phone.Phone.ID))
	if r.notifier.dropped != 1 {
		t.Errorf("room is kept for what a hold stopped: %d given back", r.notifier.dropped)
	}

	r.settle() // its end wakes the phone
	r.waker.take()
	r.notifier.refuse = &db.LaterError{At: r.clock.Now(), Err: errors.New("no room")}
	r.inform("1", "2.4").nothing()
	r.task(job, phone, db.TaskReady)
	r.wait(10 * time.Second)
	if woken := r.waker.take(); !slices.Equal(woken, []db.PhoneID{phone.Phone.ID}) {
		t.Errorf("woken %v for what found no room", woken)
	}

	r.notifier.refuse = errors.New("the phone is behind a NAT")
	r.inform("1", "2.4").nothing()
	if task := r.task(job, phone, db.TaskSkipped); task.Why != "the phone is behind a NAT" || len(task.Attempts) != 0 {
		t.Errorf("%+v", task)
	}
	if sent := r.notifier.take(); len(sent) != 0 {
		t.Errorf("sent %+v", sent)
	}
}

// TestCheckSyncNoSIP: an order is refused where nothing leaves by SIP, and what
// was ordered before that was so is passed over.
func TestCheckSyncNoSIP(t *testing.T) {
	r := newSIPRig(t, db.NoticeAnswer{})
	phone := r.inform("1", "2.4")
	job := r.order(syncOf(false), phone)
	r.notifier = nil
	r.restart()
	r.inform("1", "2.4").nothing()
	r.says("task", r.task(job, phone, db.TaskSkipped).Why, "--sip")
	for _, j := range []db.Job{syncOf(false), syncOf(true)} {
		j.When.Now, j.Selection.All = true, true
		var bad *db.FieldError
		if _, _, err := r.svc.Order(t.Context(), db.NewJob{Job: j}); !errors.As(err, &bad) || bad.Field != "kind" {
			t.Errorf("ordered without SIP: %v", err)
		}
	}
}

// TestCheckSyncArgs: the argument is its own, and no vendor without a header
// that restarts is sent one.
func TestCheckSyncArgs(t *testing.T) {
	r := newSIPRig(t, db.NoticeAnswer{Status: 200, Sent: 1})
	var bad *db.FieldError
	j := db.Job{Kind: db.KindReboot, Args: db.Args{Reboot: true}, When: db.When{Now: true}, Selection: db.Selection{All: true}}
	if _, _, err := r.svc.Order(t.Context(), db.NewJob{Job: j}); !errors.As(err, &bad) || bad.Field != "args.reboot" {
		t.Errorf("a reboot takes it: %v", err)
	}
	res, err := r.store.ImportPhones(t.Context(), []db.PhoneImport{{MAC: "0009e0000001", Vendor: "auerswald", Site: 1}}, r.clock.Now(), "test")
	r.must(err)
	r.must(res[0].Err)
	id := res[0].ID
	for reboot, want := range map[bool]db.TaskState{true: db.TaskSkipped, false: db.TaskReady} {
		job := r.order(syncOf(reboot), session{Session: db.Session{Phone: db.Phone{ID: id}}, r: r})
		task, err := r.store.Task(t.Context(), db.TaskID{Job: job, Phone: id})
		r.must(err)
		if task.State != want {
			t.Errorf("reboot %v: task is %s (%s); want %s", reboot, task.State, task.Why, want)
		}
	}
}

// TestCheckSyncStop: the end of Run cuts notices short and waits for them, and
// what was sent is not sent again by the next.
func TestCheckSyncStop(t *testing.T) {
	r := newSIPRig(t, db.NoticeAnswer{Status: 200, Sent: 1})
	out, cut := make(chan struct{}), make(chan struct{})
	r.notifier.block = func(ctx context.Context) { close(out); <-ctx.Done(); close(cut) }
	phone := r.inform("1", "2.4")
	job := r.order(syncOf(true), phone)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.svc.Run(ctx) }()
	r.inform("1", "2.4").nothing()
	<-out
	cancel()
	r.must(<-ended)
	select {
	case <-cut:
	default:
		t.Fatal("Run has ended, and the notice goes on")
	}
	r.task(job, phone, db.TaskSent)
	if n := len(r.notifier.take()); n != 1 {
		t.Errorf("sent %d times", n)
	}
	r.restart()
	r.inform("1", "2.4").nothing()
	r.wait(30 * time.Minute)
	task := r.task(job, phone, db.TaskFailed)
	if n := len(r.notifier.take()); n != 0 || task.Cause != db.CauseUnknown {
		t.Errorf("sent again %d times, cause %q", n, task.Cause)
	}
}

// TestCheckSyncAccount: to whom and where it goes is what the phone reported of
// its lines.
func TestCheckSyncAccount(t *testing.T) {
	r := newSIPRig(t, db.NoticeAnswer{Status: 200, Sent: 1})
	phone := r.inform("1", "2.4")
	send := func() db.Notice {
		t.Helper()
		r.order(syncOf(false), phone)
		r.inform("1", "2.4").nothing()
		r.svc.AwaitNotices()
		sent := r.notifier.take()
		if len(sent) != 1 {
			t.Fatalf("sent %+v", sent)
		}
		return sent[0]
	}
	if n := send(); n.User != "1" || n.Port != 0 { // its serial number; this one has no MAC
		t.Errorf("nothing is known, and it goes to %q, port %d", n.User, n.Port)
	}
	const profile = "InternetGatewayDevice.Services.VoiceService.1.VoiceProfile.1."
	r.must(r.store.RecordValues(t.Context(), phone.Phone.ID, "", []db.Parameter{
		{Name: profile + "Line.1.SIP.URI", Value: "sip:1001@pbx.example"}, {Name: profile + "SIP.UserAgentPort", Value: "5080"},
	}, r.clock.Now()))
	if n := send(); n.User != "1001" || n.Port != 5080 {
		t.Errorf("it goes to %q, port %d", n.User, n.Port)
	}
}
