package db

import (
	"context"
	"time"
)

// A CallRule is how a job that restarts phones regards their calls.
type CallRule string

// The rules.
const (
	// CallsGoOn sends nothing into a call; where a phone does not tell whether
	// it is in one, the job goes on. It is what an empty rule stands for.
	CallsGoOn CallRule = "go-on"
	// CallsSkip is CallsGoOn, but phones that do not tell are skipped.
	CallsSkip CallRule = "skip"
	// CallsIgnore looks at no line: phones are restarted in calls, too.
	CallsIgnore CallRule = "ignore"
)

// CallRules are all rules.
var CallRules = []CallRule{CallsGoOn, CallsSkip, CallsIgnore}

// Busy says of a ready task that its phone was found in a call.
type Busy struct {
	Since  time.Time `json:"since"`         // when it was first found so
	At     time.Time `json:"at"`            // and last
	Looked int       `json:"looked"`        // how often, since
	What   string    `json:"what"`          // in which call, as a clause
	Wake   time.Time `json:"wake,omitzero"` // when the phone is woken to look again; zero: it is not
}

// A LineWait is which lines of a phone were registered when an attempt was sent,
// and what became of them.
type LineWait struct {
	Names  []string  `json:"names"`           // of parameters that said so, at most MaxLines
	Shown  time.Time `json:"shown,omitzero"`  // when the attempt's effect was: they are awaited from then on
	Proof  string    `json:"proof,omitempty"` // which it was, as a sentence
	Looked int       `json:"looked,omitempty"`
	At     time.Time `json:"at,omitzero"`    // when they were last looked at
	Down   []string  `json:"down,omitempty"` // those that were not registered then, "name is value"
	Wake   time.Time `json:"wake,omitzero"`  // when the phone is woken for it
}

// Awaited says whether nothing but its lines is missing to the proof of an
// attempt.
func (a *Attempt) Awaited() bool {
	return a != nil && a.Outcome == "" && a.Lines != nil && !a.Lines.Shown.IsZero()
}

// Bounds of what is known of a phone's lines.
const (
	MaxLines    = 64
	MaxLineName = 256
	MaxCounters = 4 * MaxLines
)

// Lines are the parameters by which a phone tells of its lines. The zero Lines
// is: it was never asked.
type Lines struct {
	Calls      []string  `json:"calls,omitempty"`      // whose values say whether a line is in a call; sorted, unique
	Registered []string  `json:"registered,omitempty"` // and whether one is registered
	Firmware   string    `json:"firmware"`             // the version that was asked
	Asked      time.Time `json:"asked,omitzero"`       // when it was last asked
	Refused    string    `json:"refused,omitempty"`    // why there are none, as a sentence
	Counters   []string  `json:"counters,omitempty"`   // that show by their values that there were calls; sorted, unique
	Uncounted  string    `json:"uncounted,omitempty"`  // why there are no counters, as a clause; empty with none of these: it was not asked
	Quiet      *Quiet    `json:"quiet,omitempty"`      // nil: nobody waited for the phone to be idle
}

// Quiet is since when a phone is idle, as far as looks at its lines show it.
type Quiet struct {
	// Since is with Counts when they were first read: there was no call from then
	// on to the last look. Without, it is when the phone was last found in a call.
	Since  time.Time `json:"since,omitzero"`
	Counts []uint64  `json:"counts,omitempty"` // values of Counters; none: not known, or of a phone in a call
	Boot   time.Time `json:"boot,omitzero"`    // the phone's last start when they were read
}

// PhoneLines keeps what lines phones have.
type PhoneLines interface {
	// Lines returns what is known of a phone's lines; the zero Lines if it was
	// never asked, or is not known.
	Lines(ctx context.Context, phone PhoneID) (Lines, error)
	// RecordLines puts l in the place of what was kept. It is durable on
	// return. ErrSuperseded if the session, unless it is empty, does not own the
	// phone; ErrTooMany for more than MaxLines of either or MaxCounters, a
	// *FieldError for names that are unsorted, not unique or too long, and for
	// counts that are not one for each counter.
	RecordLines(ctx context.Context, phone PhoneID, s SessionToken, l Lines) error
}
