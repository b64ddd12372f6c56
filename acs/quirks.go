package acs

import (
	"context"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// Quirks says how phones are treated. It is safe for concurrent use, and asked
// at each Inform: it must be quick.
type Quirks interface {
	// Informed takes in what an Inform shows of a phone, which is recorded, and
	// returns how it is treated in its session.
	Informed(ctx context.Context, p *db.Phone, in *cwmp.Inform) *quirks.Quirks
	// Of returns how a phone is treated outside of a session.
	Of(ctx context.Context, p *db.Phone) *quirks.Quirks
}

// plainPhones have no quirks.
type plainPhones struct{}

func (plainPhones) Of(context.Context, *db.Phone) *quirks.Quirks { return quirks.Standard() }

func (plainPhones) Informed(context.Context, *db.Phone, *cwmp.Inform) *quirks.Quirks {
	return quirks.Standard()
}
