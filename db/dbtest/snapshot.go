package dbtest

import (
	"context"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"phoneacs/db"
)

// A snapshot is everything that the lists of a store show.
type snapshot struct {
	Phones     []db.PhoneStatus
	Counts     map[db.PhoneState]int
	Parameters map[db.PhoneID][]db.Parameter
	History    map[db.PhoneID][]db.Change
	Sites      []db.Site
	Files      []db.File
	Jobs       []db.JobStatus
	Busy       []db.Job
	Tasks      map[db.JobID][]db.Task
	ByPhone    map[db.PhoneID][]db.Task
	Open       map[db.PhoneID][]db.OpenAttempt
	Holds      []db.Hold
	Logins     map[db.PhoneID]db.Credentials
	Quirks     []db.PhoneQuirks
	Tokens     int
	Due        int
	Tag        string
}

func (f *fixture) snapshot() snapshot {
	f.t.Helper()
	s := snapshot{
		Phones: all(f, f.ListPhones), Sites: all(f, f.ListSites), Files: all(f, f.ListFiles),
		Jobs: all(f, f.ListJobs), Holds: all(f, f.ListHolds), Quirks: all(f, f.ListPhoneQuirks), Tag: f.StoreTag(),
		Parameters: make(map[db.PhoneID][]db.Parameter), History: make(map[db.PhoneID][]db.Change),
		Tasks: make(map[db.JobID][]db.Task), ByPhone: make(map[db.PhoneID][]db.Task),
		Open: make(map[db.PhoneID][]db.OpenAttempt), Logins: make(map[db.PhoneID]db.Credentials),
	}
	for _, p := range s.Phones {
		s.Parameters[p.ID] = f.parameters(p.ID)
		s.History[p.ID] = all(f, of(f.History, p.ID))
		s.ByPhone[p.ID] = all(f, of(f.PhoneTasks, p.ID))
		s.Logins[p.ID] = f.credentials(p.ID)
		s.Open[p.ID] = one(f, f.OpenAttempts)(p.ID)
	}
	for _, j := range s.Jobs {
		s.Tasks[j.ID] = all(f, of(f.JobTasks, j.ID))
	}
	s.Counts, s.Busy = none(f, f.CountPhones), none(f, f.BusyJobs)
	s.Tokens, s.Due = none(f, f.CountTokens), none(f, f.CountDue)
	return s
}

// one and none call a method of one argument or of none that must succeed.
func one[K, V any](f *fixture, get func(context.Context, K) (V, error)) func(K) V {
	return func(k K) V {
		f.t.Helper()
		v, err := get(f.ctx, k)
		f.ok(err, "get %v", k)
		return v
	}
}

func none[V any](f *fixture, get func(context.Context) (V, error)) V {
	f.t.Helper()
	v, err := get(f.ctx)
	f.ok(err, "get")
	return v
}

// diff says how two records differ, or nothing. Times are equal if they are
// the same instant, and no list is the same as an empty one.
func diff(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }

// same checks that nothing has changed.
func (f *fixture) same(want, got any, what string, args ...any) {
	f.t.Helper()
	if d := diff(want, got); d != "" {
		f.t.Errorf(what+" (-want +got):\n%s", append(args, d)...)
	}
}

func (f *fixture) parameters(id db.PhoneID) []db.Parameter {
	f.t.Helper()
	list := func(ctx context.Context, q db.Query) (db.Page[db.Parameter], error) {
		return f.Parameters(ctx, id, "", q)
	}
	return all(f, list)
}

// values are the reported parameters by name.
func (f *fixture) values(id db.PhoneID) map[string]string {
	f.t.Helper()
	m := make(map[string]string)
	for _, p := range f.parameters(id) {
		m[p.Name] = p.Value
	}
	return m
}
