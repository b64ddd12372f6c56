package db

import (
	"context"
	"time"
)

// Bounds of what is kept of an access list.
const (
	MaxAccess     = 16 // entries
	MaxAccessText = 64 // characters of one
)

// A Trait is what a phone told of a parameter or an object beside its value. A
// nil member was not told.
type Trait struct {
	Name         string
	Writable     *bool // of an object: instances may be added or removed
	Notification *int  // 0 to 6, as SetParameterAttributes has it
	AccessList   *[]string
}

// Traits keeps what phones tell of their parameters beside values.
type Traits interface {
	// RecordTraits keeps what a phone told; members that are nil leave what is
	// kept. A name that is not known yet becomes a parameter of TypeUnread, or
	// of TypeObject if it ends in ".", as long as the phone may have more. It is
	// durable on return. ErrSuperseded if the session, unless it is empty, does
	// not own the phone; ErrTooMany for more than MaxValues.
	RecordTraits(ctx context.Context, phone PhoneID, s SessionToken, traits []Trait, now time.Time) error
	// ParameterTraits returns what is kept of the named parameters, at most
	// MaxValues of them; names of which nothing is kept are missing.
	ParameterTraits(ctx context.Context, phone PhoneID, names []string) (map[string]Trait, error)
}
