package dbtest

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"phoneacs/db"
)

// Check compares the store with the model.
func (m *model) Check(t *rapid.T) {
	f := m.f
	f.later(time.Second)
	counts := make(map[db.JobID]db.Counts)
	open := make(map[db.PhoneID]int)
	ready := make(map[db.PhoneID][]db.TaskID)
	for id, want := range m.tasks {
		got := f.task(id)
		if got.State != want.state || got.Tries != want.tries || len(got.Attempts) != len(want.attempts) {
			t.Fatalf("%s is %s after %d attempts, %d tries; want %s, %d, %d",
				id, got.State, len(got.Attempts), got.Tries, want.state, len(want.attempts), want.tries)
		}
		for i, a := range got.Attempts {
			if a.Outcome != want.attempts[i].outcome {
				t.Errorf("attempt %d of %s is %q; want %q", a.N, id, a.Outcome, want.attempts[i].outcome)
			}
		}
		if counts[id.Job] == nil {
			counts[id.Job] = make(db.Counts)
		}
		counts[id.Job][got.State]++
		if want.state.Open() {
			open[id.Phone]++
		}
		_, j := m.of(id)
		m.stands(t, j, &got, want)
		if m.given(j, want) && !j.paused && !j.cancel {
			ready[id.Phone] = append(ready[id.Phone], id)
		}
	}
	for _, j := range m.jobs {
		got := f.job(j.id)
		if m.ended(j) {
			j.refiled = j.round
		}
		if got.Refile != j.round || got.Refiled != j.refiled {
			t.Errorf("job %s is filed anew for the time %d of %d; want %d of %d", j.id, got.Refiled, got.Refile, j.refiled, j.round)
		}
		f.same(nonZero(counts[j.id]), nonZero(got.Counts), "counts of %s", j.id)
		if (got.State == db.JobEnded) != m.ended(j) || got.Paused != j.paused || got.Cancel != j.cancel {
			t.Errorf("job %s is %s, paused %v, cancelled %v; want ended %v, %v, %v",
				j.id, got.State, got.Paused, got.Cancel, m.ended(j), j.paused, j.cancel)
		}
	}
	for _, p := range m.phones {
		if got := one(f, f.OpenAttempts)(p.id); len(got) != open[p.id] {
			t.Errorf("phone %s has %d open attempts; want %d", p.id, len(got), open[p.id])
		}
		m.sort(ready[p.id])
		tasks, err := f.ReadyTasks(f.ctx, p.id, f.now, 99)
		f.ok(err, "ReadyTasks")
		var got []db.TaskID
		for _, r := range tasks {
			got = append(got, r.Task.ID)
		}
		if !slices.Equal(got, ready[p.id]) {
			t.Errorf("ready for %s: %v; want %v", p.id, got, ready[p.id])
		}
	}
}

// sort puts the tasks of one phone in the order of their going out.
func (m *model) sort(ids []db.TaskID) {
	slices.SortFunc(ids, func(a, b db.TaskID) int {
		_, x := m.of(a)
		_, y := m.of(b)
		if x.priority != y.priority {
			return y.priority - x.priority
		}
		return int(x.id) - int(y.id)
	})
}
