package db

import (
	"context"
	"time"
)

// RuleID names an enrolment rule: "e5".
type RuleID uint64

func (id RuleID) String() string { return formatID('e', uint64(id)) }

// MarshalText writes the form of [RuleID.String].
func (id RuleID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form of [RuleID.String].
func (id *RuleID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseRuleID(string(b))
	return
}

// ParseRuleID reads the form that [RuleID.String] writes.
func ParseRuleID(s string) (RuleID, error) { return parseID[RuleID]('e', s) }

// EnrolAction says what becomes of a phone that a rule matches.
type EnrolAction string

// The actions of a rule.
const (
	EnrolApprove EnrolAction = "approve" // it is managed at once
	EnrolPending EnrolAction = "pending" // it waits for an operator
	EnrolRefuse  EnrolAction = "refuse"  // it is turned away, and leaves no record
)

// Bounds of enrolment rules.
const (
	MaxRules      = 100_000   // in all, so that a delivery can be listed by MAC
	MaxBroadRules = 1000      // those that are not for one MAC alone: each is tried on its own
	MaxRuleOrder  = 1_000_000 // of EnrolmentRule.Order
)

// An EnrolmentRule says what becomes of unknown phones that it matches: those
// for which all that it names applies. What a phone says of itself is a claim
// and no proof; a rule admits to enrolment, and to nothing that is secret.
type EnrolmentRule struct {
	ID    RuleID `json:"id"`
	Order int    `json:"order"` // lower goes first; of the same, the older rule
	Note  string `json:"note,omitempty"`

	// What it matches; at least one is given, or All.
	All          bool   `json:"all,omitempty"`
	OUI          string `json:"oui,omitempty"`       // six upper-case hex digits; reported, or the beginning of the MAC
	FirstMAC     string `json:"first_mac,omitempty"` // 12 lower-case hex digits; with LastMAC
	LastMAC      string `json:"last_mac,omitempty"`  // the same address for a single phone
	Vendor       string `json:"vendor,omitempty"`    // the recognised vendor; these three may have * and ?
	Model        string `json:"model,omitempty"`     // the recognised model
	ProductClass string `json:"product_class,omitempty"`
	Network      string `json:"network,omitempty"` // CIDR that the phone's address lies in

	Action  EnrolAction `json:"action"`
	ReEnrol bool        `json:"re_enrol,omitempty"` // it also re-admits phones that are to be enrolled anew
	Site    SiteID      `json:"site,omitempty"`     // 0: the default site
	Tags    []string    `json:"tags,omitempty"`
	Limit   int         `json:"limit,omitempty"` // phones that it takes before it is exhausted; 0: any number
	Until   time.Time   `json:"until,omitzero"`  // it matches no more from then on; zero: for ever

	Created time.Time `json:"created"`
	By      string    `json:"by,omitempty"`

	// How often it was used, exactly. Refusals are not counted here.
	Admitted int       `json:"admitted"`
	Last     time.Time `json:"last,omitzero"`
}

// Single reports whether a rule is for one MAC, whatever else it asks.
func (r *EnrolmentRule) Single() bool { return r.FirstMAC != "" && r.FirstMAC == r.LastMAC }

// Open reports whether a rule may still be used.
func (r *EnrolmentRule) Open(now time.Time) bool {
	return (r.Until.IsZero() || now.Before(r.Until)) && (r.Limit == 0 || r.Admitted < r.Limit)
}

// A RuleResult is the fate of one rule of a list, in the same order.
type RuleResult struct {
	ID  RuleID
	Err error // a *FieldError or ErrTooMany; the other rules are not touched by it
}

// Enrolments keeps the rules by which unknown phones are let in. They are
// applied within RecordInform: the first that matches and is open decides, and
// is counted in the same commit; if none does, Inform.Enrol decides. A phone
// that is pending is let in by an approving rule at its next Inform.
type Enrolments interface {
	// CreateRules adds up to 1,000 rules in one commit, and gives them their ids.
	CreateRules(ctx context.Context, in []EnrolmentRule) ([]RuleResult, error)
	// Rule returns one, or ErrNotFound.
	Rule(ctx context.Context, id RuleID) (EnrolmentRule, error)
	// ListRules returns rules in the order in which they are tried; no filter.
	ListRules(ctx context.Context, q Query) (Page[EnrolmentRule], error)
	// UpdateRule replaces a rule but for its creation and its counts;
	// ErrNotFound, or a *FieldError.
	UpdateRule(ctx context.Context, r EnrolmentRule) (EnrolmentRule, error)
	// DeleteRule takes a rule away; the phones that it let in stay. ErrNotFound.
	DeleteRule(ctx context.Context, id RuleID) error
}
