package db

import "context"

// PhoneQuirks is what was said of the odd behaviour of one phone.
type PhoneQuirks struct {
	Phone PhoneID `json:"phone"`
	// Set is a JSON object of at most MaxQuirks bytes. What may be in it is not
	// known here.
	Set []byte `json:"set"`
}

// MaxQuirks bounds what is kept of one phone, in bytes.
const MaxQuirks = 8 << 10

// Quirks keeps what was said of single phones' odd behaviour.
type Quirks interface {
	// PhoneQuirks returns a phone's, with no Set if nothing was said, or
	// ErrNotFound if there is no such phone.
	PhoneQuirks(ctx context.Context, id PhoneID) (PhoneQuirks, error)
	// ListPhoneQuirks returns all, in the order of the phones' ids.
	ListPhoneQuirks(ctx context.Context, q Query) (Page[PhoneQuirks], error)
	// SetPhoneQuirks replaces a phone's, which must be was, by set; either may
	// be nil for nothing. ErrConflict if they are something else by now,
	// ErrNotFound, or a *FieldError.
	SetPhoneQuirks(ctx context.Context, id PhoneID, was, set []byte, by string) error
}
