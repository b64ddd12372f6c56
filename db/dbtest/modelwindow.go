package dbtest

import (
	"time"

	"pgregory.net/rapid"

	"phoneacs/db"
)

// open makes the window that some jobs wait for, and a site to move to.
func (m *model) open() {
	f := m.f
	var err error
	m.window, err = f.CreateWindow(f.ctx, db.Window{Name: "night", Window: nightly(), Created: f.now})
	f.ok(err, "CreateWindow")
	site, err := f.CreateSite(f.ctx, db.Site{Name: "far", Zone: "Pacific/Auckland"})
	f.ok(err, "CreateSite")
	m.sites = [2]db.SiteID{db.DefaultSite, site.ID}
}

// somewhere draws a place for a task of a job with a window: in a span that is
// open for some of the next steps, was, or will be. One that waits may also
// have yet to be filed.
func (m *model) somewhere(t *rapid.T, state db.TaskState) (p db.Place) {
	second := func(from, to int, of string) time.Time {
		return m.f.now.Add(time.Duration(rapid.IntRange(from, to).Draw(t, of)) * time.Second)
	}
	if state == db.TaskWaiting && rapid.IntRange(0, 3).Draw(t, "filed") == 0 {
		return db.Place{Due: m.f.now}
	}
	p.Opens = second(-3, 3, "opens")
	p.Closes = p.Opens.Add(time.Duration(rapid.IntRange(1, 9).Draw(t, "for")) * time.Second)
	if state == db.TaskWaiting {
		p.Due = p.Opens.Add(time.Duration(rapid.Int64Range(0, int64(p.Closes.Sub(p.Opens)/time.Second)-1).Draw(t, "slot")) * time.Second)
	}
	return p
}

// unfile has a task's slot to be found anew, if it is to be in a window.
func (m *model) unfile(id db.TaskID) {
	task := m.tasks[id]
	if _, j := m.of(id); j.windowed {
		task.state, task.place = db.TaskWaiting, db.Place{Due: m.f.now}
	}
}

// unfileAll is unfile for what waits for a phone in a span.
func (m *model) unfileAll(p *modelPhone) {
	for id, task := range m.tasks {
		if id.Phone == p.id && unsent(task.state) && !task.place.Closes.IsZero() {
			m.unfile(id)
		}
	}
}

func unsent(s db.TaskState) bool { return s == db.TaskWaiting || s == db.TaskReady }

// ran has the periods of a phone count anew that had by another job what those
// with a window are for.
func (m *model) ran(p *modelPhone, j *modelJob, task *modelTask, n int) {
	if j.windowed || task.state != db.TaskSucceeded || n == 0 || !task.attempts[n-1].sent.After(p.ran) {
		return
	}
	p.ran = task.attempts[n-1].sent
	m.unfileAll(p)
}

// anyRound draws the round that something was found in, mostly that of now.
func (m *model) anyRound(t *rapid.T, j *modelJob) int {
	if j.round > 0 && rapid.IntRange(0, 3).Draw(t, "round") == 0 {
		return j.round - 1
	}
	return j.round
}

// maySend says whether a task stands where it may be sent.
func (m *model) maySend(j *modelJob, task *modelTask, round int) bool {
	return m.given(j, task) && (!j.windowed || round == j.round)
}

// given says whether a task is one that a session may take.
func (m *model) given(j *modelJob, task *modelTask) bool {
	if !j.windowed {
		return task.state == db.TaskReady
	}
	return unsent(task.state) && !m.f.now.Before(task.place.Opens) && m.f.now.Before(task.place.Closes)
}

// drawAgain draws where a task is to wait that is to be tried again. stale says
// that this was found before an edit.
func (m *model) drawAgain(t *rapid.T, j *modelJob, v *db.Verdict) (stale bool) {
	if !j.windowed || v.Event != db.EventAgain {
		return false
	}
	p := m.somewhere(t, db.TaskWaiting)
	v.Due, v.Opens, v.Closes, v.Round = p.Due, p.Opens, p.Closes, m.anyRound(t, j)
	return !p.Closes.IsZero() && v.Round != j.round
}

// stands compares where a task stands.
func (m *model) stands(t *rapid.T, j *modelJob, got *db.Task, want *modelTask) {
	switch {
	case !j.windowed:
		if !got.Opens.IsZero() || !got.Closes.IsZero() {
			t.Errorf("%s has a span, and its job no window: %+v", got.ID, got.Place())
		}
	case !unsent(want.state):
		if got.Place() != (db.Place{State: want.state}) {
			t.Errorf("%s is not to be sent and stands at %+v", got.ID, got.Place())
		}
	case want.place.Closes.IsZero(): // when it was unfiled is the store's to say
		if got.State != db.TaskWaiting || got.Due.IsZero() || !got.Opens.IsZero() || !got.Closes.IsZero() {
			t.Errorf("%s has yet to be filed and stands at %+v", got.ID, got.Place())
		}
	default:
		at := want.place
		if at.State = want.state; !got.Place().Same(at) {
			t.Errorf("%s stands at %+v; want %+v", got.ID, got.Place(), at)
		}
	}
}

// Due releases a task, whether it waits or not.
func (m *model) Due(t *rapid.T) {
	f := m.f
	id, task := m.task(t)
	at := f.task(id).Due
	if at.IsZero() {
		at = f.now
	}
	due := []db.Due{{At: at, Kind: db.DueRelease, Job: id.Job, Phone: id.Phone}}
	f.ok(f.ReleaseTasks(f.ctx, due, f.now, rapid.Bool().Draw(t, "wake")), "ReleaseTasks")
	if _, j := m.of(id); task.state == db.TaskWaiting && !j.windowed {
		task.state = db.TaskReady
	}
}

// filing draws where a task is to go, found in a round, from where it stands or
// once stood. moves does so in the model, if it is to have an effect.
func (m *model) filing(t *rapid.T, id db.TaskID, round int) (file db.Filing, moves func()) {
	task := m.tasks[id]
	_, j := m.of(id)
	got := m.f.task(id)
	file = db.Filing{Task: id, Round: round, From: got.Place(), Why: "filed", Wake: rapid.Bool().Draw(t, "wake")}
	stale := !unsent(task.state) || rapid.IntRange(0, 3).Draw(t, "stale") == 0
	if stale {
		file.From = db.Place{State: db.TaskWaiting, Due: m.f.now.Add(-time.Hour)}
	}
	state := rapid.SampledFrom([]db.TaskState{db.TaskWaiting, db.TaskWaiting, db.TaskReady, db.TaskReady, db.TaskExpired}).Draw(t, "to")
	for state != db.TaskExpired && file.To.Closes.IsZero() {
		file.To = m.somewhere(t, state)
	}
	file.To.State = state
	return file, func() {
		if j.windowed && round == j.round && !stale {
			task.state, task.place = state, file.To
		}
	}
}

// File files a task, by what was found now or before.
func (m *model) File(t *rapid.T) {
	id, _ := m.task(t)
	_, j := m.of(id)
	file, moves := m.filing(t, id, m.anyRound(t, j))
	m.f.ok(m.f.FileTasks(m.f.ctx, []db.Filing{file}, m.f.now), "FileTasks of %s", id)
	moves()
}

// Refile takes the filing anew of a job one step further, or tries to.
func (m *model) Refile(t *rapid.T) {
	f := m.f
	id, _ := m.task(t)
	_, j := m.of(id)
	round, done := m.anyRound(t, j), rapid.Bool().Draw(t, "done")
	file, moves := m.filing(t, id, round)
	err := f.RefileTasks(f.ctx, j.id, round, f.job(j.id).RefileAt, id.Phone, done, []db.Filing{file}, f.now)
	if round != j.round || j.refiled == j.round {
		f.fails(err, db.ErrConflict, "RefileTasks of round %d of %s", round, j.id)
		return
	}
	f.ok(err, "RefileTasks of %s", j.id)
	if moves(); done {
		j.refiled = j.round
	}
}

// Edit changes the window, or tries to take it away from under a job.
func (m *model) Edit(t *rapid.T) {
	f, waited := m.f, false
	m.window.Window.Flexible.Interval = m.window.Window.Flexible.Interval%9 + 1
	var err error
	m.window, err = f.UpdateWindow(f.ctx, m.window, f.now)
	f.ok(err, "UpdateWindow")
	for _, j := range m.jobs {
		if j.windowed && !m.ended(j) {
			j.round, waited = j.round+1, true
		}
	}
	if waited {
		f.fails(f.DeleteWindow(f.ctx, m.window.ID), db.ErrInUse, "DeleteWindow")
	}
}

// Move takes a phone to the other site: its slots are others there.
func (m *model) Move(t *rapid.T) {
	p := m.phone(t)
	site := m.sites[0]
	if one(m.f, m.f.Phone)(p.id).Site == site {
		site = m.sites[1]
	}
	_, err := m.f.UpdatePhone(m.f.ctx, p.id, db.PhonePatch{Site: &site}, "ops")
	m.f.ok(err, "UpdatePhone")
	m.unfileAll(p)
}
