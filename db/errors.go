package db

import (
	"errors"
	"fmt"
)

// Errors of every store. They are wrapped with what was asked for.
var (
	// ErrNotFound reports that no such record exists.
	ErrNotFound = errors.New("not found")
	// ErrExists reports that a unique value (a MAC, a site name) is taken.
	ErrExists = errors.New("already exists")
	// ErrInUse reports that a record cannot go while others need it.
	ErrInUse = errors.New("in use")
	// ErrConflict reports that a record is no longer in the state that the
	// step asked for: somebody else was first. Read again and decide anew.
	ErrConflict = errors.New("state has changed")
	// ErrSuperseded reports that the session no longer owns its phone,
	// because a newer Inform of the same phone has begun another.
	ErrSuperseded = errors.New("session superseded")
	// ErrHeld reports that a hold covers the phone.
	ErrHeld = errors.New("held")
	// ErrStale reports that what a step was decided on is too old for it.
	ErrStale = errors.New("too late")
	// ErrNotListed reports an unknown phone where only listed ones enrol.
	ErrNotListed = errors.New("phone not listed")
	// ErrRefused reports an unknown phone that an enrolment rule turns away.
	ErrRefused = errors.New("refused by an enrolment rule")
	// ErrTooMany reports that a bound (pending phones, a selection) is reached.
	ErrTooMany = errors.New("too many")
	// ErrIdempotencyMismatch reports an idempotency key that was used before
	// with another request.
	ErrIdempotencyMismatch = errors.New("idempotency key was used for another request")
	// ErrNoSpace reports that the disk is full; nothing was changed.
	ErrNoSpace = errors.New("no space left for the store")
	// ErrStuck reports that the disk does not answer, for now; nothing was changed.
	ErrStuck = errors.New("the disk does not answer")
	// ErrFailed reports that a write may or may not have reached the disk.
	// The store takes no more writes; the server must stop.
	ErrFailed = errors.New("store failed")
	// ErrLocked reports that another process has the store open.
	ErrLocked = errors.New("another process uses this directory")
	// ErrClosed reports a store that has been closed.
	ErrClosed = errors.New("store closed")
	// ErrCursor reports a page cursor that this list did not give out.
	ErrCursor = errors.New("invalid cursor")
)

// A FieldError reports a value that a record cannot hold.
type FieldError struct {
	Field string // as the API names it: "mac", "site"
	Err   error
}

func (e *FieldError) Error() string { return fmt.Sprintf("%s: %v", e.Field, e.Err) }

func (e *FieldError) Unwrap() error { return e.Err }
