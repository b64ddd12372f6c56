package db

import (
	"context"
	"time"
)

// Missed says what becomes of a task that was not sent at its slot because
// nobody served then.
type Missed string

// What may become of it.
const (
	MissedNext Missed = "next" // it waits for its slot in the next period
	MissedRest Missed = "rest" // it is sent in the rest of the window
)

// Windowed reports whether a job's tasks wait for a window.
func (w *When) Windowed() bool { return w.Window != 0 || w.Inline != nil }

// A Place is where an unsent task of a job with a window stands.
type Place struct {
	State  TaskState // TaskWaiting or TaskReady; of a [Filing] also TaskExpired
	Due    time.Time // its slot, while it waits
	Opens  time.Time // it may be sent from then on, also while it waits,
	Closes time.Time // and until then; zero: it has yet to be filed
	Idle   bool      // its slot has come: it waits for its phone to have been idle, until Due
}

// Same reports whether two places are one.
func (p Place) Same(o Place) bool {
	return p.State == o.State && p.Due.Equal(o.Due) && p.Opens.Equal(o.Opens) && p.Closes.Equal(o.Closes) && p.Idle == o.Idle
}

// Place is where a task stands.
func (t *Task) Place() Place {
	return Place{State: t.State, Due: t.Due, Opens: t.Opens, Closes: t.Closes, Idle: t.Idle}
}

// Open reports whether a task of a job with a window may be sent at an instant.
func (t *Task) Open(now time.Time) bool { return !now.Before(t.Opens) && now.Before(t.Closes) }

// A Filing moves an unsent task of a job with a window.
//
// Its Round is Job.Refile as it was before window and zone were read: what was
// computed by others than those of now has no effect, however close an edit came.
type Filing struct {
	Task  TaskID
	Round int
	From  Place // as it was when To was found: a task that has moved since stays as it is
	To    Place
	Why   string
	Wake  bool // make a DueWake entry, if it becomes ready
}

// Filings keeps tasks in their windows.
//
// A task without Closes has yet to be filed: it waits with Due in the past or
// present, so its DueRelease entry is taken soon, and is never sent. So wait
// tasks that the store itself moved: retried, given to another phone, of a
// phone at another site.
type Filings interface {
	// FileTasks moves tasks. One that is not where it was, or whose job has no
	// window or is of another round, is passed over.
	FileTasks(ctx context.Context, files []Filing, now time.Time) error
	// UnsentTasks returns the next n tasks of a job, by phone, after the one of
	// a phone: only those that wait or are ready. last is the phone of the last
	// that was looked at; done says that there are no more.
	UnsentTasks(ctx context.Context, job JobID, after PhoneID, n int) (tasks []Task, last PhoneID, done bool, err error)
	// RefileTasks is FileTasks for a step of filing a job's tasks anew, which a
	// change of its window asks for, and one of a site's zone if the window has
	// none. round is Job.Refile, which is another after every such change: what
	// was computed before it is refused. from says how far that had come, to how
	// far it now has, and done that it is over. ErrConflict if another round or
	// another step is under way, or none.
	RefileTasks(ctx context.Context, job JobID, round int, from, to PhoneID, done bool, files []Filing, now time.Time) error
}
