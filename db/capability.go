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
	STUN     STUNSetup `json:"stun,omitzero"`     // how far it was set up for connection requests through a NAT
	Prompt   Prompt    `json:"prompt,omitzero"`   // what it was asked, so that it speaks at its slots
}

// MaxPrompts is of how many slots it is remembered that a phone was asked.
const MaxPrompts = 8

// A Prompt is what was asked of a phone that no connection request reaches, so
// that it speaks at slots of its tasks. The zero Prompt is: nothing.
type Prompt struct {
	Slots   []time.Time `json:"slots,omitempty"`   // at most MaxPrompts, as they were asked for
	Task    TaskID      `json:"task,omitzero"`     // whose slot is the last of them
	Why     string      `json:"why,omitempty"`     // what came of that, as a clause
	Refused []string    `json:"refused,omitempty"` // of [AllWays], until its firmware changes
}

// A STUNStep is how far a phone has been set up to keep a binding of its NAT.
type STUNStep string

// The steps, in their order.
const (
	STUNAsked   STUNStep = "asked"   // which of the parameters it has
	STUNNamed   STUNStep = "named"   // it has said which
	STUNWatched STUNStep = "watched" // it was asked to tell of a new binding
	STUNDone    STUNStep = "done"    // it has taken their values
	STUNRefused STUNStep = "refused" // it cannot, or does not take them
)

// A STUNSetup is how far a phone has been set up. The zero STUNSetup is not at all.
type STUNSetup struct {
	Server string   `json:"server,omitempty"` // of the STUN service that it is for: host, a blank, port
	Step   STUNStep `json:"step,omitempty"`
	Names  []string `json:"names,omitempty"` // of the parameters that it has, without what they all begin with
	Tries  int      `json:"tries,omitempty"` // of the step that it has not answered yet
	Why    string   `json:"why,omitempty"`   // of STUNRefused, as a sentence
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
