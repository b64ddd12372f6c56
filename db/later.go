package db

import "time"

// A LaterError reports that something was not done now and may be asked for
// again from At on. Err says why.
type LaterError struct {
	At  time.Time
	Err error
}

func (e *LaterError) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *LaterError) Unwrap() error { return e.Err }
