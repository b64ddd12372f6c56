package db

import (
	"context"
	"time"
)

// StandingID names a standing order: "o2".
type StandingID uint64

func (id StandingID) String() string { return formatID('o', uint64(id)) }

// MarshalText writes the form of [StandingID.String].
func (id StandingID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form of [StandingID.String].
func (id *StandingID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseStandingID(string(b))
	return
}

// ParseStandingID reads the form that [StandingID.String] writes.
func ParseStandingID(s string) (StandingID, error) { return parseID[StandingID]('o', s) }

// Bounds of standing orders: all of them are looked at for each phone that is
// admitted.
const (
	MaxStanding      = 64
	MaxStandingItems = 16
)

// A StandingOrder is what each phone is ordered once, when it is admitted: it
// is approved, and has informed, so that its model and version are known.
type StandingOrder struct {
	ID     StandingID     `json:"id"`
	Name   string         `json:"name"`             // 1 to 64 characters
	Filter string         `json:"filter,omitempty"` // which phones; empty: all of them
	Again  bool           `json:"again,omitempty"`  // also for phones that are re-admitted
	Paused bool           `json:"paused,omitempty"` // it is passed over, for good as to phones admitted meanwhile
	Items  []StandingItem `json:"items"`            // 1 to MaxStandingItems, in the order in which they are ordered

	Created time.Time `json:"created"`
	By      string    `json:"by,omitempty"`
	Applied int       `json:"applied"`       // phones that it was ordered for
	Last    time.Time `json:"last,omitzero"` // when, for the newest
}

// A StandingItem is the template of one job.
type StandingItem struct {
	Kind     string        `json:"kind"`
	Args     Args          `json:"args"`
	Priority int           `json:"priority,omitempty"`
	Retry    Retry         `json:"retry"`
	Deadline time.Duration `json:"deadline"`
	Expires  time.Duration `json:"expires"` // after the job was made
	Calls    CallRule      `json:"calls,omitempty"`
}

// A StandingJob is what a standing order makes for one phone.
type StandingJob struct {
	Order StandingID
	Job   Job
	Seed  TaskSeed // of the one task, for the phone
}

// StandingOrders keeps standing orders. When a phone is admitted and there are any, a
// DueAdmit entry is made in the same commit; ApplyStanding takes it away in the
// commit that makes the jobs, so that they are made once, whatever stops in
// between. The Attempt of such an entry counts how often the phone was
// admitted: 1 is the first time.
type StandingOrders interface {
	// CreateStanding adds an order and gives it its id; ErrExists if the name
	// is taken, ErrTooMany beyond MaxStanding, a *FieldError for a file that is
	// not there. Args are taken as checked.
	CreateStanding(ctx context.Context, o StandingOrder) (StandingOrder, error)
	// StandingOrder returns one, or ErrNotFound.
	StandingOrder(ctx context.Context, id StandingID) (StandingOrder, error)
	// ListStanding returns orders, oldest first; no filter.
	ListStanding(ctx context.Context, q Query) (Page[StandingOrder], error)
	// UpdateStanding replaces an order but for its creation and its counts.
	UpdateStanding(ctx context.Context, o StandingOrder) (StandingOrder, error)
	// DeleteStanding takes an order away; the jobs that it made stay. ErrNotFound.
	DeleteStanding(ctx context.Context, id StandingID) error

	// Admission returns the DueAdmit entry of a phone; ok is false if it has none.
	Admission(ctx context.Context, phone PhoneID) (d Due, ok bool, err error)
	// ApplyStanding makes the jobs of an admitted phone, each with its task, and
	// takes its DueAdmit entry away, all in one step. ErrConflict if the entry
	// is gone; a job whose order or file is gone meanwhile is left out, and its
	// id is 0.
	ApplyStanding(ctx context.Context, d Due, jobs []StandingJob, now time.Time) ([]JobID, error)
}
