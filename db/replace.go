package db

import (
	"context"
	"time"
)

// MaxMoved is how many tasks move with one replacement, and so how long its
// commit may be.
const MaxMoved = 2000

// A Replacement puts one phone in the place of another that is broken.
type Replacement struct {
	Old PhoneID
	New PhoneID // 0: the one with MAC, which is made if there is none
	MAC string  // 12 lower-case hex digits; for New 0
	Now time.Time
	By  string
}

// Replaced is what became of a replacement.
type Replaced struct {
	New    PhoneID
	Again  bool // it was made before: nothing was changed
	Made   bool // the new phone was not known
	Moved  int  // tasks that wait now for the new phone
	Kept   int  // tasks of the same job that the new phone had itself: the old one's were cancelled
	Closed int  // attempts at the old phone whose outcome is unknown for good
	// OwnTasks and OwnQuirks say what the new phone had and has kept.
	OwnTasks  int
	OwnQuirks bool
}

// Replacements replaces phones.
type Replacements interface {
	// ReplacePhone moves name, site, tags, quirks, holds, the mark of standing
	// orders, and what is not yet sent from one phone to another, which is
	// approved; the old one's logins, certificate and links end, its open
	// attempts with an unknown outcome, and it becomes PhoneReplaced. All is one
	// step. Reported parameters stay with the old one. Asked for again it
	// changes nothing. ErrNotFound for the old one; a *FieldError "with" for a
	// new one that is not there, the same, or replaced itself; ErrConflict if
	// another phone replaced the old one; ErrTooMany beyond MaxMoved.
	ReplacePhone(ctx context.Context, r Replacement) (Replaced, error)
	// ReplacedBy returns the phone that replaced one, or 0.
	ReplacedBy(ctx context.Context, id PhoneID) (PhoneID, error)
}
