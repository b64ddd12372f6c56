package db

import (
	"context"
	"slices"
	"time"
)

// Bounds of a list of methods.
const (
	MaxMethods    = 256
	MaxMethodText = 64
)

// Methods are the RPCs that a phone says it takes. The zero Methods is: it was
// never asked.
type Methods struct {
	Names    []string  `json:"names,omitempty"`   // sorted, unique; none: not known
	Firmware string    `json:"firmware"`          // the version that was asked; another one may take others
	Asked    time.Time `json:"asked,omitzero"`    // when it was last asked
	Refused  string    `json:"refused,omitempty"` // why there is no list, as a sentence
}

// Known says whether there is a list that holds for a firmware version.
func (m *Methods) Known(firmware string) bool { return len(m.Names) > 0 && m.Firmware == firmware }

// Has says whether a method is in the list.
func (m *Methods) Has(method string) bool {
	_, ok := slices.BinarySearch(m.Names, method)
	return ok
}

// Capabilities keeps what phones can do.
type Capabilities interface {
	// Methods returns what a phone was found to take; the zero Methods if it
	// was never asked, or is not known.
	Methods(ctx context.Context, phone PhoneID) (Methods, error)
	// RecordMethods puts m in the place of what was kept. It is durable on
	// return. ErrSuperseded if the session, unless it is empty, does not own
	// the phone; ErrTooMany for more than MaxMethods, a *FieldError for names
	// that are unsorted, not unique or too long.
	RecordMethods(ctx context.Context, phone PhoneID, s SessionToken, m Methods) error
}
