package db

import (
	"context"
	"time"
)

// A Store plays every role. It is opened by the package that implements it.
type Store interface {
	Phones
	PhoneEdits
	Imports
	Replacements
	Enrolments
	StandingOrders
	Informs
	Logins
	Values
	Traits
	Capabilities
	PhoneLines
	Results
	Sites
	Files
	Blobs
	Links
	Uploads
	Jobs
	Tasks
	Dues
	Filings
	Holds
	Windows
	Runs
	RecurringJobs
	Quirks
	Tokens
	Audits
	Recordings
	Feed
	Backups

	// Ready reports whether writes succeed: nil, or why not (ErrNoSpace,
	// ErrStuck, ErrFailed, ErrClosed).
	Ready() error
	// Waited is how long the oldest step has waited for the disk; 0: none waits.
	// It takes no lock, so that it answers whatever else hangs.
	Waited() time.Duration
	// Failed is closed when a write's fate is unknown: the server must stop.
	Failed() <-chan struct{}
	// Flush makes soft changes durable.
	Flush(ctx context.Context) error
	// Prune removes what is past its keeping (idempotency keys, uploads, recordings,
	// jobs that have ended with their tasks, history), in bounded steps.
	Prune(ctx context.Context, now time.Time) error
	// Check proves every invariant of the store and returns what does not hold,
	// in words; nothing means sound.
	Check(ctx context.Context) (faults []string, err error)
	// Close flushes and closes. It waits for calls under way.
	Close() error
}

// StuckAfter is how long a step may wait for the disk before the disk counts as
// stuck: whoever needs a step of the store then is refused, and does not join
// those that wait. A step cannot be called off once it waits: it is done, once,
// when the disk answers again.
const StuckAfter = 5 * time.Second
