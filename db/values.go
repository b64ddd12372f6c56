package db

import (
	"context"
	"time"
)

// MaxValues is how many values are recorded in one step.
const MaxValues = 1024

// Values takes in what a phone was asked for.
type Values interface {
	// RecordValues keeps values that a phone told in a session as reported by
	// it, with the history of what has changed, as RecordInform does with those
	// of an Inform. Changed is not read; of a secret the caller leaves the value
	// out. It is durable on return. ErrSuperseded if the session, unless it is
	// empty, does not own the phone; ErrTooMany for more than MaxValues.
	RecordValues(ctx context.Context, phone PhoneID, s SessionToken, values []Parameter, now time.Time) error
}
