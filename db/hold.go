package db

import (
	"context"
	"time"
)

// A Hold stops every RPC that changes or restarts a phone, from its commit on:
// for the fleet (both ids zero), a site or a phone.
type Hold struct {
	Site   SiteID    `json:"site,omitempty"`
	Phone  PhoneID   `json:"phone,omitempty"`
	Reason string    `json:"reason,omitempty"`
	By     string    `json:"by,omitempty"`
	Since  time.Time `json:"since"`
}

// HeldTasks says how many tasks of a job a hold keeps from being sent.
type HeldTasks struct {
	Hold  Hold
	Tasks int  // that were counted
	More  bool // there may be more, which nobody counted
}

// Holds is the red button.
type Holds interface {
	// SetHold adds a hold, or replaces the one with the same scope, and has the
	// phones that it covers woken where something was handed over to them.
	// ErrNotFound if the site or phone is not known.
	SetHold(ctx context.Context, h Hold) error
	// ClearHold takes a hold away, and has the phones that it covered woken
	// where tasks are ready for them; ErrNotFound if there is none for the scope.
	ClearHold(ctx context.Context, site SiteID, phone PhoneID) error
	// ListHolds returns the holds in force, the fleet's first; no filter.
	ListHolds(ctx context.Context, q Query) (Page[Hold], error)
	// Held returns the hold that covers a phone, the widest first.
	Held(ctx context.Context, phone PhoneID) (h Hold, held bool, err error)
}
