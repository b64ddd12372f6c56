package jobs_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestRandomWalk has phones, an operator and the clock do anything at all in
// any order, restarts included, and holds what must hold whatever happens:
// an attempt leaves at most once, one that is exclusive is alone, late words
// on one attempt never end another, every task ends, and the store is sound.
func TestRandomWalk(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWalk(t, seed)
			for range 250 {
				w.step()
			}
			w.end()
		})
	}
}

type walk struct {
	*rig
	rnd      *rand.Rand
	jobs     []db.JobID
	kinds    map[db.JobID]string
	files    []db.File
	sessions []session // the newest of each phone, by number
	versions []string  // that each phone reports
	sent     []db.AttemptID
	left     map[db.AttemptID]bool
	outcome  map[db.AttemptID]db.Outcome
	only     db.AttemptID // if set, the one attempt that the step may have ended
}

const walkers = 4

func newWalk(t *testing.T, seed uint64) *walk {
	w := &walk{
		rig: newRig(t), rnd: rand.New(rand.NewPCG(seed, 1)), kinds: make(map[db.JobID]string),
		left: make(map[db.AttemptID]bool), outcome: make(map[db.AttemptID]db.Outcome),
	}
	w.files = []db.File{w.file(db.FileConfig, ""), w.file(db.FileFirmware, "2.5"), w.file(db.FileFirmware, "2.6")}
	for i := range walkers {
		w.versions = append(w.versions, "2.4")
		w.sessions = append(w.sessions, w.inform(fmt.Sprint(i), "2.4"))
	}
	return w
}

func (w *walk) step() {
	ctx := w.t.Context()
	i := w.rnd.IntN(walkers)
	switch w.rnd.IntN(12) {
	case 0:
		j := db.Job{
			Kind: db.KindReboot, Selection: db.Selection{All: true}, When: db.When{Now: true},
			Priority: w.rnd.IntN(3), Retry: db.Retry{Max: w.rnd.IntN(3), Backoff: time.Minute},
			Expires: w.clock.Now().Add(3 * time.Hour),
		}
		if w.rnd.IntN(3) > 0 {
			j.Kind, j.Args.File = db.KindDownload, w.files[w.rnd.IntN(len(w.files))].ID
		}
		switch w.rnd.IntN(6) {
		case 0:
			j.Kind, j.Args = db.KindSetParameters, db.Args{Parameters: []db.Setting{{Name: ntp, Value: "new"}}}
		case 1:
			j.Kind, j.Args = db.KindAddObject, db.Args{Object: table}
		}
		if w.rnd.IntN(3) == 0 {
			j.When = db.When{At: w.clock.Now().Add(time.Hour)}
		}
		st, _, err := w.svc.Order(ctx, db.NewJob{Job: j})
		w.must(err)
		w.jobs = append(w.jobs, st.ID)
		w.kinds[st.ID] = st.Kind
	case 1:
		w.control()
	case 2:
		w.wait([]time.Duration{time.Second, time.Minute, 31 * time.Minute}[w.rnd.IntN(3)])
	case 3:
		if w.rnd.IntN(4) == 0 {
			w.restart()
			for i := range w.sessions { // as all connections are gone
				w.sessions[i] = w.inform(fmt.Sprint(i), w.versions[i])
			}
		}
	case 4, 5, 6:
		w.session(i)
	case 7, 8, 9:
		w.take(i)
	case 10, 11:
		w.complete(i)
	}
	w.check()
}

func (w *walk) control() {
	if len(w.jobs) == 0 {
		return
	}
	job := w.jobs[w.rnd.IntN(len(w.jobs))]
	do := []func() (db.JobStatus, error){
		func() (db.JobStatus, error) { return w.svc.Cancel(w.t.Context(), job) },
		func() (db.JobStatus, error) { return w.svc.Retry(w.t.Context(), job) },
		func() (db.JobStatus, error) { return w.svc.Pause(w.t.Context(), job) },
		func() (db.JobStatus, error) { return w.svc.Resume(w.t.Context(), job) },
	}[w.rnd.IntN(4)]
	if _, err := do(); err != nil && !errors.Is(err, db.ErrConflict) {
		w.must(err)
	}
}

// session begins one, with events that may or may not show something.
func (w *walk) session(i int) {
	if w.rnd.IntN(6) == 0 {
		w.versions[i] = []string{"2.4", "2.5", "2.6"}[w.rnd.IntN(3)]
	}
	var events []cwmp.Event
	switch w.rnd.IntN(3) {
	case 0:
		events = code(cwmp.EventPeriodic)
	case 1:
		events = code(cwmp.EventBoot)
	case 2:
		key, _ := w.key()
		events = append(events, cwmp.Event{Code: cwmp.EventMReboot, CommandKey: key})
	}
	w.sessions[i] = w.inform(fmt.Sprint(i), w.versions[i], events...)
}

// take asks for what is next, and answers it, or not.
func (w *walk) take(i int) {
	s := w.sessions[i]
	msg, id := s.next()
	if msg == nil {
		return
	}
	if _, read := msg.(*cwmp.GetParameterValues); read {
		w.readBack(s, id)
		return
	}
	if w.left[id] {
		w.t.Fatalf("attempt %v leaves twice", id)
	}
	w.left[id] = true
	w.sent = append(w.sent, id)
	if kind := w.kinds[id.Task.Job]; kind == db.KindReboot || kind == db.KindDownload {
		if again, _ := s.next(); again != nil {
			w.t.Fatalf("%T after a transfer or restart in the same session", again)
		}
	}
	answers := []cwmp.Message{
		nil, &cwmp.Fault{Code: 9001}, &cwmp.Fault{Code: 9000}, &cwmp.RebootResponse{},
		&cwmp.DownloadResponse{Status: 1}, &cwmp.DownloadResponse{Status: 0},
		&cwmp.SetParameterValuesResponse{}, &cwmp.SetParameterValuesResponse{}, &cwmp.SetParameterValuesResponse{Status: 1},
		&cwmp.AddObjectResponse{InstanceNumber: 1},
	}
	if n := w.rnd.IntN(len(answers) + 1); n < len(answers) {
		s.answer(id, answers[n])
	}
}

// readBack answers the reading back of an attempt, or not.
func (w *walk) readBack(s session, id db.AttemptID) {
	if !w.left[id] {
		w.t.Fatalf("attempt %v is read back and never left", id)
	}
	shows := func(value string) cwmp.Message {
		return &cwmp.GetParameterValuesResponse{Parameters: []cwmp.ParameterValue{{Name: ntp, Value: value}}}
	}
	answers := []cwmp.Message{nil, &cwmp.Fault{Code: 9002}, &cwmp.GetParameterValuesResponse{}, shows("new"), shows("old")}
	if n := w.rnd.IntN(len(answers) + 1); n < len(answers) {
		w.only = id
		s.answer(id, answers[n])
	}
}

// key returns the key of any attempt that ever left, or none.
func (w *walk) key() (string, db.AttemptID) {
	if len(w.sent) == 0 {
		return "", db.AttemptID{}
	}
	id := w.sent[w.rnd.IntN(len(w.sent))]
	key, err := id.CommandKey(w.store.StoreTag())
	w.must(err)
	return key, id
}

// complete reports a transfer: one that is open, one of long ago, or none.
func (w *walk) complete(i int) {
	key := []string{"", "something", "j1-p1-1-zzzz"}[w.rnd.IntN(3)]
	if w.rnd.IntN(3) > 0 {
		var id db.AttemptID
		if key, id = w.key(); id.Task.Phone == w.sessions[i].Phone.ID && w.kinds[id.Task.Job] == db.KindDownload {
			w.only = id
		}
	}
	w.sessions[i].complete(key, []cwmp.FaultCode{0, 0, 9010, 9018}[w.rnd.IntN(4)])
}

// check looks at all tasks.
func (w *walk) check() {
	ctx := w.t.Context()
	defer func() { w.only = db.AttemptID{} }()
	for i := range w.sessions {
		page, err := w.store.PhoneTasks(ctx, w.sessions[i].Phone.ID, db.Query{Limit: db.MaxLimit})
		w.must(err)
		opened := 0
		for _, task := range page.Items {
			if kind := w.kinds[task.ID.Job]; task.State.Open() && (kind == db.KindReboot || kind == db.KindDownload) {
				opened++
			}
			if task.Why == "" {
				w.t.Fatalf("task %v is %s and does not say why", task.ID, task.State)
			}
			if w.svc.Explain(ctx, task) == "" {
				w.t.Fatalf("task %v is %s and is not explained", task.ID, task.State)
			}
			for n, a := range task.Attempts {
				id := db.AttemptID{Task: task.ID, N: a.N}
				if !w.left[id] {
					w.t.Fatalf("attempt %v never left", id)
				}
				if was := w.outcome[id]; was != "" && was != a.Outcome && (was != db.OutcomeUnknown || a.Outcome != db.OutcomeDone) {
					w.t.Fatalf("attempt %v was %s and is %s", id, was, a.Outcome)
				}
				if a.Outcome == "" && n+1 < len(task.Attempts) {
					w.t.Fatalf("attempt %v is open and not the last", id)
				}
				if w.only != (db.AttemptID{}) && w.only != id && w.outcome[id] != a.Outcome {
					w.t.Fatalf("a word on attempt %v has ended %v", w.only, id)
				}
				w.outcome[id] = a.Outcome
			}
			if a := task.Last(); task.State == db.TaskSucceeded && (a == nil || a.Outcome != db.OutcomeDone || len(task.Evidence) == 0) {
				w.t.Fatalf("task %v has succeeded without proof: %+v", task.ID, task)
			}
		}
		if opened > 1 {
			w.t.Fatalf("phone %v has %d transfers or restarts open", w.sessions[i].Phone.ID, opened)
		}
	}
}

// end lets all expiries and deadlines pass: then every job has ended.
func (w *walk) end() {
	for _, id := range w.jobs {
		if _, err := w.svc.Resume(w.t.Context(), id); err != nil && !errors.Is(err, db.ErrConflict) {
			w.must(err)
		}
	}
	w.wait(4 * time.Hour)
	w.wait(4 * time.Hour)
	w.check()
	for _, id := range w.jobs {
		w.job(id, db.JobEnded)
	}
	due, err := w.store.CountDue(w.t.Context())
	w.must(err)
	if due != 0 {
		w.t.Errorf("%d due entries are left", due)
	}
}
