package db

import (
	"context"
	"time"
)

// DueKind says what is due.
type DueKind byte

// The kinds of due entries.
const (
	DueRelease  DueKind = iota + 1 // a waiting task becomes ready
	DueDeadline                    // an attempt's proof is overdue
	DueExpire                      // a job expires
	DueWake                        // a phone has ready work and should be woken
	DueAdmit                       // a phone was admitted, and standing orders are to be applied; see Standing
	DueRecur                       // a recurring job is to run; its number stands in Job
	DueClose                       // the window of a ready task closes
)

// A Due is an entry of the one index by time. It is a hint: what it points to
// may have moved on, and the step that follows checks that itself.
type Due struct {
	At      time.Time
	Kind    DueKind
	Job     JobID
	Phone   PhoneID
	Attempt int // DueDeadline; DueAdmit: see Standing
}

// Dues is the index of what is due.
type Dues interface {
	// TakeDue returns up to n entries of the kinds asked for that are due, in
	// order of time, and leases them: they are not given out again before
	// now+lease. A restart forgets leases, so taking is at least once.
	TakeDue(ctx context.Context, now time.Time, n int, lease time.Duration, kinds ...DueKind) ([]Due, error)
	// NextDue says when the earliest entry falls due; ok is false if there is none.
	NextDue(ctx context.Context) (at time.Time, ok bool, err error)
	// ReleaseTasks makes the waiting tasks of taken DueRelease entries ready
	// and drops the entries; wake adds a DueWake entry for each. A task that
	// has moved on only loses its entry.
	ReleaseTasks(ctx context.Context, due []Due, now time.Time, wake bool) error
	// DropDue removes entries that are done with.
	DropDue(ctx context.Context, due []Due) error
	// CountDue says how many entries wait, at no cost that grows with them.
	CountDue(ctx context.Context) (int, error)
}
