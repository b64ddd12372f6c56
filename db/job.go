package db

import (
	"context"
	"time"

	"phoneacs/db/filter"
	"phoneacs/jobs/window"
)

// JobState is the state of a job as a whole.
type JobState string

// The states of a job.
const (
	JobExpanding JobState = "expanding" // accepted; its tasks are being made
	JobActive    JobState = "active"    // tasks are made, not all have ended
	JobPaused    JobState = "paused"    // nothing more is sent until resumed
	JobEnded     JobState = "ended"     // every task has ended
)

// A Selection says which phones a job is for; exactly one member is set.
type Selection struct {
	Phones []string `json:"phones,omitempty"` // references, as FindPhone takes them
	Filter string   `json:"filter,omitempty"`
	All    bool     `json:"all,omitempty"`
}

// When says when a job's tasks become due; exactly one of Now, At, Window and
// Inline is set.
type When struct {
	Now    bool           `json:"now,omitempty"`
	At     time.Time      `json:"at,omitzero"`
	Window WindowID       `json:"window,omitempty"` // each task at its slot in it
	Inline *window.Window `json:"inline,omitempty"` // the same, in one of the job's own
	Missed Missed         `json:"missed,omitempty"` // with a window; "" is MissedNext

	// The days of one period of Window, which are all that the job waits for;
	// nil: as long as the window is valid. Recurring jobs set them, together.
	From  *window.Date `json:"from,omitempty"`  // the first
	Until *window.Date `json:"until,omitempty"` // the last
}

// Retry says how often a task is tried and how long it waits between.
type Retry struct {
	Max     int           `json:"max"`     // attempts after the first, 0 to 20
	Backoff time.Duration `json:"backoff"` // before the second attempt; doubles, at most 1 h
}

// A Job is what an operator asked for, over a selection of phones.
type Job struct {
	ID        JobID         `json:"id"`
	Kind      string        `json:"kind"`
	Args      Args          `json:"args"`
	Selection Selection     `json:"selection"`
	When      When          `json:"when"`
	Priority  int           `json:"priority"` // 0 to 9, higher first
	Retry     Retry         `json:"retry"`
	Deadline  time.Duration `json:"deadline"`        // how long an attempt may take to be proven
	Expires   time.Time     `json:"expires"`         // what is not sent by then never is
	Calls     CallRule      `json:"calls,omitempty"` // of kinds that restart phones
	Created   time.Time     `json:"created"`
	By        string        `json:"by,omitempty"`

	State    JobState  `json:"state"`
	Paused   bool      `json:"paused,omitempty"` // also while expanding
	Cancel   bool      `json:"cancel,omitempty"` // taken back: nothing more is sent or tried again
	Selected int       `json:"selected"`         // phones in the frozen selection
	Expanded int       `json:"expanded"`         // of these, how many have their task
	Sweep    SweepKind `json:"sweep,omitempty"`  // a change of all tasks under way
	Cursor   PhoneID   `json:"cursor,omitempty"` // how far the sweep has come
	Ended    time.Time `json:"ended,omitzero"`

	Refile   int     `json:"refile,omitempty"`   // rounds of filing its tasks anew that were asked for: see [Filing]
	Refiled  int     `json:"refiled,omitempty"`  // the last of them that is over; less than Refile: one is under way
	RefileAt PhoneID `json:"refileat,omitempty"` // how far that has come
}

// Refiling reports whether its tasks are being filed anew.
func (j *Job) Refiling() bool { return j.Refiled != j.Refile }

// SweepKind names a change that goes over all tasks of a job in chunks. It
// holds from its commit on, for tasks it has not reached too.
type SweepKind string

// The sweeps.
const (
	SweepCancel SweepKind = "cancel"
	SweepExpire SweepKind = "expire"
	SweepRetry  SweepKind = "retry"
	// SweepWake makes a DueWake entry for each ready task, unless the job is
	// paused, and for each that was handed over and may have to be dropped.
	SweepWake SweepKind = "wake"
)

// Counts are numbers of tasks by state.
type Counts map[TaskState]int

// JobStatus is a job with the counts of its tasks.
type JobStatus struct {
	Job
	Counts Counts `json:"counts"`
}

// JobFields are the fields that a filter over jobs may name.
var JobFields = filter.Schema{
	"id": filter.String, "kind": filter.String, "state": filter.String,
	"by": filter.String, "created": filter.Time, "file": filter.String,
}

// Field returns the value of a field of [JobFields], for a filter.
func (j *Job) Field(name string) filter.Value {
	switch name {
	case "id":
		return filter.Value{Text: j.ID.String()}
	case "kind":
		return filter.Value{Text: j.Kind}
	case "state":
		return filter.Value{Text: string(j.State)}
	case "by":
		return filter.Value{Text: j.By}
	case "created":
		return filter.Value{Time: j.Created}
	case "file":
		return filter.Value{Text: j.Args.File.String()}
	}
	return filter.Value{}
}

// IdempotencyKept is how long the first answer to an idempotency key is kept.
const IdempotencyKept = 24 * time.Hour

// An Idempotency ties an order to the key its sender gave it.
type Idempotency struct {
	Token TokenID
	Key   string   // 1 to 255 characters; empty: none
	Body  [32]byte // digest of the request
}

// NewJob is an order. The store gives the job its id, state and selection count.
type NewJob struct {
	Job         Job
	Filter      *filter.Filter // the compiled Selection.Filter
	Phones      []PhoneID      // the resolved Selection.Phones
	Idempotency Idempotency
}

// Jobs keeps orders.
type Jobs interface {
	// CreateJob freezes the selection and accepts the order: when it returns
	// nil the job, its selection and its idempotency key are durable, and its
	// tasks will be made. A key that was used before with the same body gives
	// the job as first answered, and again = true; with another body
	// ErrIdempotencyMismatch. ErrTooMany for more than a million phones.
	CreateJob(ctx context.Context, n NewJob) (j JobStatus, again bool, err error)
	// JobByKey returns the job that was first answered to an idempotency key;
	// ok is false if the key was not used within IdempotencyKept before now.
	// ErrIdempotencyMismatch if it was, with another body.
	JobByKey(ctx context.Context, i Idempotency, now time.Time) (j JobStatus, ok bool, err error)
	// Job returns one, or ErrNotFound.
	Job(ctx context.Context, id JobID) (JobStatus, error)
	// ListJobs returns jobs, newest first.
	ListJobs(ctx context.Context, q Query) (Page[JobStatus], error)
	// BusyJobs returns the jobs that need tasks made or swept, oldest first.
	BusyJobs(ctx context.Context) ([]Job, error)

	// Selected returns the next n phones of a job's frozen selection that have
	// no task yet, after the Job.Expanded first ones. A phone that has been
	// deleted meanwhile comes with an ID and nothing else.
	Selected(ctx context.Context, id JobID, n int) ([]PhoneStatus, error)
	// AddTasks makes the tasks of the next phones of the selection, in its
	// order; a zero TaskSeed.State passes the phone over. from is the
	// Job.Expanded that the seeds were made for: ErrConflict if it has moved.
	AddTasks(ctx context.Context, id JobID, from int, seeds []TaskSeed, now time.Time) (Job, error)

	// PauseJob holds back what is not sent; ResumeJob lets it go on and begins
	// a SweepWake. Both may be repeated; ErrConflict once the job has ended.
	PauseJob(ctx context.Context, id JobID) (JobStatus, error)
	ResumeJob(ctx context.Context, id JobID) (JobStatus, error)
	// StartSweep begins a sweep; from its commit on it holds for every task.
	// SweepCancel takes the place of one that is under way; any other is
	// ErrConflict then, SweepRetry also while the job is expanding or past its
	// expiry, and all but SweepRetry once it has ended.
	StartSweep(ctx context.Context, id JobID, kind SweepKind, now time.Time) (JobStatus, error)
	// StepSweep takes the sweep over up to n more tasks; done says that it is over.
	StepSweep(ctx context.Context, id JobID, n int, now time.Time) (done bool, err error)
}

// A TaskSeed is how a task begins its life.
type TaskSeed struct {
	Phone         PhoneID
	State         TaskState // TaskWaiting, TaskReady, TaskSkipped or TaskExpired; "": no task
	Due           time.Time // when a waiting task becomes ready
	Opens, Closes time.Time // see Place
	Site          SiteID    // of the phone, as it was when its place was found, for a job with a window;
	MAC           string    // of one that has another by now the place is found anew
	Wake          bool      // make a DueWake entry for a ready task
	Why           string
}
