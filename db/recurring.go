package db

import (
	"context"
	"time"
)

// RecurringID names a recurring job: "c2".
type RecurringID uint64

func (id RecurringID) String() string { return formatID('c', uint64(id)) }

// MarshalText writes the form of [RecurringID.String].
func (id RecurringID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form of [RecurringID.String].
func (id *RecurringID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseRecurringID(string(b))
	return
}

// ParseRecurringID reads the form that [RecurringID.String] writes.
func ParseRecurringID(s string) (RecurringID, error) { return parseID[RecurringID]('c', s) }

// MaxRecurring is how many recurring jobs there may be.
const MaxRecurring = 1000

// MissedRun says what becomes of a run that was due while nobody served.
type MissedRun string

// What may become of it.
const (
	RunMissed  MissedRun = "run"  // it is done once, as soon as somebody serves again
	SkipMissed MissedRun = "skip" // it is left out
)

// A Recurring is a job that is ordered again and again: the template of a job,
// for whom, and when. The selection is looked up at each run, so that phones
// that came since are in it. Cron, Window or both are set: by a window alone
// there is one run for each of its periods, shortly before it begins.
type Recurring struct {
	ID        RecurringID  `json:"id"`
	Name      string       `json:"name"` // unique but for case, 1 to 64 characters
	Item      StandingItem `json:"item"` // Expires 0: when the next run is due, or the period is over
	Selection Selection    `json:"selection"`
	Newest    bool         `json:"newest,omitempty"` // the file at each run is the newest of the same name, kind and vendor
	Cron      string       `json:"cron"`             // five fields: minute, hour, day, month, day of the week; empty: each period of Window
	Zone      string       `json:"zone,omitempty"`   // IANA zone of Cron; empty: the server's
	Window    WindowID     `json:"window,omitempty"` // that each job waits for; 0: none
	Missed    MissedRun    `json:"missed"`
	Paused    bool         `json:"paused,omitempty"` // no run is made; its time passes
	Created   time.Time    `json:"created"`
	By        string       `json:"by,omitempty"`

	Next time.Time `json:"next,omitzero"` // zero: it never runs again
	// Recount says that no run is due at Next, but that from then on Next is to
	// be found anew: Window was changed, and there is no Cron.
	Recount bool      `json:"recount,omitempty"`
	Last    time.Time `json:"last,omitzero"` // when the last run was due
	Job     JobID     `json:"job,omitzero"`  // that the last run made; 0: none
	Runs    int       `json:"runs"`          // jobs made so far
	Why     string    `json:"why,omitempty"` // why the last run made no job
}

// A RecurringRun is what becomes of a run that is due.
type RecurringRun struct {
	Order NewJob    // the job to be made
	Skip  string    // why none is; empty: Order is
	Next  time.Time // when the next run is due; zero: never
	// Recount says that it is no run, but Next found anew; then Order and Skip
	// are not read.
	Recount bool
	Edition int // of Window, by which Next was found; not read with Cron
}

// RecurringJobs keeps recurring jobs. One that runs again has one DueRecur entry
// at Next, with its number for Job; RunRecurring takes it away in the commit that
// makes the job and files the next, so that a run is made once, whatever stops in
// between. Another edition of the window has the next found anew of those without
// Cron, but for one whose run is due already.
type RecurringJobs interface {
	// CreateRecurring adds one and gives it its id; ErrExists if the name is
	// taken, ErrTooMany beyond MaxRecurring, a *FieldError for a file or a
	// window that is not there. The template is taken as checked.
	CreateRecurring(ctx context.Context, r Recurring) (Recurring, error)
	// Recurring returns one, or ErrNotFound.
	Recurring(ctx context.Context, id RecurringID) (Recurring, error)
	// ListRecurring returns recurring jobs, oldest first; no filter.
	ListRecurring(ctx context.Context, q Query) (Page[Recurring], error)
	// UpdateRecurring replaces one but for its creation and its runs.
	UpdateRecurring(ctx context.Context, r Recurring) (Recurring, error)
	// DeleteRecurring takes one away; the jobs that it made stay. ErrNotFound.
	DeleteRecurring(ctx context.Context, id RecurringID) error
	// RunRecurring does what is due, all in one step. ErrConflict if the entry
	// has moved, or the window was changed; then nothing is made. An order that CreateJob would refuse
	// makes no job, and its error is the run's Why. With Newest the file of
	// the order becomes that of the template.
	RunRecurring(ctx context.Context, d Due, run RecurringRun, now time.Time) (Recurring, error)
}

// Work is what the server does by itself over and over.
type Work struct {
	Name  string
	Every time.Duration
	Last  time.Time // when it was last begun; zero: not since the server started
	Next  time.Time // zero: it is not running
	Error string    // why it fails just now, in words; empty: it does not
}
