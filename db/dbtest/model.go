package dbtest

import (
	"errors"
	"os"
	"slices"
	"time"

	"pgregory.net/rapid"

	"phoneacs/db"
)

var modelTests = []testCase{
	{"any sequence of steps leads where the model says", func(f *fixture) {
		dir := f.real.TempDir()
		rapid.Check(f.real, func(t *rapid.T) {
			// A store of its own for each run, so that a failure looks the same
			// each time and can be made small.
			run, err := os.MkdirTemp(dir, "run")
			f.ok(err, "make a directory")
			g := &fixture{Store: f.open(f.real, run), t: t, real: f.real, ctx: f.ctx, open: f.open, dir: run, now: monday}
			defer func() {
				g.t = f.real
				g.close()
				g.ok(os.RemoveAll(run), "remove a directory")
			}()
			m := &model{f: g, tasks: make(map[db.TaskID]*modelTask)}
			m.open()
			for range 3 {
				d := g.device()
				m.phones = append(m.phones, &modelPhone{device: d, owner: d.in.Session})
			}
			m.Order(t)
			t.Repeat(rapid.StateMachineActions(m))
			g.check()
		})
	}},
}

// A model is what the suite takes a few phones and jobs to be, by the words
// of package db alone.
type model struct {
	f      *fixture
	phones []*modelPhone
	jobs   []*modelJob
	tasks  map[db.TaskID]*modelTask
	order  []db.TaskID

	window db.Window // that some jobs wait for
	sites  [2]db.SiteID
}

type modelPhone struct {
	*device
	owner db.SessionToken // empty: nobody
	stale db.SessionToken // one that owned it before
	held  bool
	ran   time.Time // when it last had by other means what windows are for
}

type modelJob struct {
	windowed       bool
	round, refiled int
	id             db.JobID
	priority       int
	paused, cancel bool
}

type modelTask struct {
	state    db.TaskState
	attempts []modelAttempt
	tries    int

	place db.Place // of one with a window that is not sent; State is not read
}

type modelAttempt struct {
	outcome   db.Outcome
	exclusive bool
	sent      time.Time
}

func (m *model) phone(t *rapid.T) *modelPhone {
	return m.phones[rapid.IntRange(0, len(m.phones)-1).Draw(t, "phone")]
}

func (m *model) job(t *rapid.T) *modelJob {
	return m.jobs[rapid.IntRange(0, len(m.jobs)-1).Draw(t, "job")]
}

func (m *model) task(t *rapid.T) (db.TaskID, *modelTask) {
	id := m.order[rapid.IntRange(0, len(m.order)-1).Draw(t, "task")]
	return id, m.tasks[id]
}

func (m *model) of(id db.TaskID) (*modelPhone, *modelJob) {
	p := slices.IndexFunc(m.phones, func(p *modelPhone) bool { return p.id == id.Phone })
	j := slices.IndexFunc(m.jobs, func(j *modelJob) bool { return j.id == id.Job })
	return m.phones[p], m.jobs[j]
}

func (m *model) ended(j *modelJob) bool {
	for id, task := range m.tasks {
		if id.Job == j.id && !task.state.Final() {
			return false
		}
	}
	return true
}

// session draws the owner of a phone, one that was, or none.
func (p *modelPhone) session(t *rapid.T) db.SessionToken {
	return rapid.SampledFrom([]db.SessionToken{p.owner, p.owner, p.owner, p.stale, "nobody"}).Draw(t, "session")
}

// Order makes a job for all phones with tasks that begin in any way.
func (m *model) Order(t *rapid.T) {
	if len(m.jobs) == 4 {
		t.Skip("jobs enough")
	}
	f := m.f
	var ids []db.PhoneID
	for _, p := range m.phones {
		ids = append(ids, p.id)
	}
	n := f.order(ids...)
	n.Job.Priority = rapid.IntRange(0, 9).Draw(t, "priority")
	j := &modelJob{priority: n.Job.Priority, windowed: rapid.Bool().Draw(t, "windowed")}
	if j.windowed {
		n.Job.When = db.When{Window: m.window.ID}
	}
	j.id = f.create(n).ID
	m.jobs = append(m.jobs, j)
	f.expand(j.id, func(p db.PhoneStatus) db.TaskSeed {
		state := rapid.SampledFrom([]db.TaskState{db.TaskReady, db.TaskReady, db.TaskWaiting, db.TaskSkipped, ""}).Draw(t, "seed")
		if state == "" {
			return db.TaskSeed{}
		}
		id := db.TaskID{Job: j.id, Phone: p.ID}
		task := &modelTask{state: state}
		m.tasks[id], m.order = task, append(m.order, id)
		switch {
		case state == db.TaskSkipped:
		case j.windowed:
			task.place = m.somewhere(t, state)
		case state == db.TaskWaiting:
			task.place.Due = f.now.Add(time.Hour)
		}
		return db.TaskSeed{State: state, Due: task.place.Due, Opens: task.place.Opens, Closes: task.place.Closes, Why: "seeded"}
	})
	if len(m.order) == 0 {
		t.Skip("no tasks at all")
	}
}

// Inform begins a session.
func (m *model) Inform(t *rapid.T) {
	p := m.phone(t)
	p.stale = p.device.in.Session
	p.device.session(rapid.SampledFrom([]string{"2 PERIODIC", "1 BOOT", "6 CONNECTION REQUEST"}).Draw(t, "event"))
	p.owner = p.in.Session
}

// End ends a session, or tries to end another's.
func (m *model) End(t *rapid.T) {
	p := m.phone(t)
	s := p.session(t)
	m.f.EndSession(p.id, s)
	if s == p.owner {
		p.stale, p.owner = p.owner, ""
	}
}

// Restart closes and opens the store: sessions are forgotten.
func (m *model) Restart(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "restart") > 0 {
		t.Skip("not now")
	}
	m.f.reopen()
	for _, p := range m.phones {
		p.owner = ""
	}
}

// Hold sets a hold, or clears it.
func (m *model) Hold(t *rapid.T) {
	p := m.phone(t)
	if p.held {
		m.f.ok(m.f.ClearHold(m.f.ctx, 0, p.id), "ClearHold")
	} else {
		m.f.ok(m.f.SetHold(m.f.ctx, db.Hold{Phone: p.id}), "SetHold")
	}
	p.held = !p.held
}

// Pause pauses a job, or resumes it.
func (m *model) Pause(t *rapid.T) {
	f, j := m.f, m.job(t)
	step := f.PauseJob
	if j.paused {
		step = f.ResumeJob
	}
	_, err := step(f.ctx, j.id)
	if m.ended(j) {
		f.fails(err, db.ErrConflict, "pause or resume of a job that has ended")
		return
	}
	f.ok(err, "pause or resume")
	if j.paused = !j.paused; !j.paused {
		f.steps(j.id, 2)
	}
}

// Sweep cancels or retries a job.
func (m *model) Sweep(t *rapid.T) {
	f, j := m.f, m.job(t)
	kind := rapid.SampledFrom([]db.SweepKind{db.SweepCancel, db.SweepRetry, db.SweepRetry}).Draw(t, "kind")
	_, err := f.StartSweep(f.ctx, j.id, kind, f.now)
	if kind == db.SweepCancel && m.ended(j) {
		f.fails(err, db.ErrConflict, "cancel of a job that has ended")
		return
	}
	f.ok(err, "StartSweep %s", kind)
	f.steps(j.id, rapid.IntRange(1, 4).Draw(t, "steps"))
	j.cancel = kind == db.SweepCancel
	event := db.EventRetry
	if j.cancel {
		event = db.EventCancel
	}
	for id, task := range m.tasks {
		if id.Job != j.id {
			continue
		}
		if to, err := db.Next(task.state, event); err == nil {
			task.state = to
			if event == db.EventRetry {
				task.tries = 0
				m.unfile(id)
			}
		}
	}
}

// Send asks to send a task.
func (m *model) Send(t *rapid.T) {
	f := m.f
	id, task := m.task(t)
	p, j := m.of(id)
	s := p.sending(id)
	s.Session = p.session(t)
	s.Exclusive, s.Changes = rapid.Bool().Draw(t, "exclusive"), rapid.Bool().Draw(t, "changes")
	var why []error // each of them is a reason to refuse
	if s.Session != p.owner || p.owner == "" {
		why = append(why, db.ErrSuperseded)
	}
	if p.held && s.Changes {
		why = append(why, db.ErrHeld)
	}
	s.Round = m.anyRound(t, j)
	if j.paused || j.cancel || !m.maySend(j, task, s.Round) || s.Exclusive && m.exclusive(p) {
		why = append(why, db.ErrConflict)
	}
	a, err := f.MarkSent(f.ctx, s)
	if len(why) > 0 {
		if !slices.ContainsFunc(why, func(e error) bool { return errors.Is(err, e) }) {
			t.Errorf("MarkSent of %s: %v; want one of %v", id, err, why)
		}
		return
	}
	f.ok(err, "MarkSent of %s", id)
	task.attempts = append(task.attempts, modelAttempt{exclusive: s.Exclusive, sent: s.Now})
	task.state = db.TaskSent
	if task.tries++; a.N != len(task.attempts) {
		t.Errorf("MarkSent of %s made attempt %d of %d", id, a.N, len(task.attempts))
	}
}

func (m *model) exclusive(p *modelPhone) bool {
	for id, task := range m.tasks {
		if id.Phone == p.id && task.state.Open() && task.attempts[len(task.attempts)-1].exclusive {
			return true
		}
	}
	return false
}

// Judge says anything about any attempt.
func (m *model) Judge(t *rapid.T) {
	f := m.f
	id, task := m.task(t)
	p, j := m.of(id)
	newest := len(task.attempts)
	n := rapid.SampledFrom([]int{newest, newest, newest, newest - 1, newest + 1, 0}).Draw(t, "attempt")
	e := rapid.SampledFrom([]db.TaskEvent{
		db.EventAccept, db.EventProof, db.EventFault, db.EventRefute, db.EventUnknown, db.EventAgain, db.EventSkip,
	}).Draw(t, "event")
	v := f.verdict(id, n, e)
	if rapid.Bool().Draw(t, "in a session") {
		v.Session = p.session(t)
	}
	stale := m.drawAgain(t, j, &v)
	_, err := f.Judge(f.ctx, v)
	if v.Session != "" && v.Session != p.owner {
		f.fails(err, db.ErrSuperseded, "Judge of %s by a session that does not own the phone", id)
		return
	}
	to, lifeErr := db.Next(task.state, e)
	switch {
	case stale, (e == db.EventSkip) != (n == 0), n < 0, n > newest:
		lifeErr = db.ErrConflict
	case n > 0 && n == newest && task.state.Open():
	case n > 0 && e == db.EventProof && task.attempts[n-1].outcome == db.OutcomeUnknown:
		if n < newest || lifeErr != nil { // noted at most
			if err != nil && !errors.Is(err, db.ErrConflict) {
				t.Errorf("Judge of a late proof of %s: %v", id, err)
			}
			return
		}
	case n > 0:
		lifeErr = db.ErrConflict
	}
	if lifeErr != nil {
		f.fails(err, db.ErrConflict, "Judge %s of attempt %d of %s, which is %s", e, n, id, task.state)
		return
	}
	f.ok(err, "Judge %s of attempt %d of %s, which is %s", e, n, id, task.state)
	if task.state = to; to == db.TaskWaiting && j.cancel {
		task.state = db.TaskCancelled
	}
	if n > 0 {
		task.attempts[n-1].outcome = v.Outcome
	}
	if e == db.EventAgain {
		task.place = db.Place{Due: v.Due, Opens: v.Opens, Closes: v.Closes}
	}
	m.ran(p, j, task, n)
}
