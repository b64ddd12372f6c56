package jobs

import (
	"context"

	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// Quirks says how phones are treated. It is safe for concurrent use.
type Quirks interface {
	// Of returns how a phone is treated; it is not to be changed.
	Of(ctx context.Context, p *db.Phone) *quirks.Quirks
	// Root returns what the names of a phone's parameters begin with, with its
	// dot, as its quirks say, else as the phone has shown; "" if neither tells.
	Root(ctx context.Context, p *db.Phone) string
}

// plainPhones have no quirks, and no root that is known.
type plainPhones struct{}

func (plainPhones) Of(context.Context, *db.Phone) *quirks.Quirks { return quirks.Standard() }

func (plainPhones) Root(context.Context, *db.Phone) string { return "" }

// treatment is how the phone of some facts is treated.
func (f *facts) treatment() *quirks.Quirks {
	if f.quirks == nil {
		return quirks.Standard()
	}
	return f.quirks
}
