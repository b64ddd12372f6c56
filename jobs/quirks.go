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
}

// plainPhones have no quirks.
type plainPhones struct{}

func (plainPhones) Of(context.Context, *db.Phone) *quirks.Quirks { return quirks.Standard() }

// treatment is how the phone of some facts is treated.
func (f *facts) treatment() *quirks.Quirks {
	if f.quirks == nil {
		return quirks.Standard()
	}
	return f.quirks
}
