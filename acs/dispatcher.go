package acs

import (
	"context"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// A Dispatcher decides what happens in a session. Calls for one session never
// overlap; those for different sessions do. A phone whose session has been
// superseded may still have a call under way, so every commit of the
// dispatcher names the session's token and passes on [db.ErrSuperseded].
//
// Any other error ends the session with 503, so that the phone soon comes
// again and nothing counts as acknowledged.
type Dispatcher interface {
	// Informed settles what an Inform proves about open attempts. It has
	// returned, and all of it is durable, before InformResponse leaves. Values
	// of secret parameters are empty in in.
	Informed(ctx context.Context, s db.Session, rec db.Recorded, in *cwmp.Inform) error

	// Next returns the next RPC for the phone, already marked sent, or a nil
	// message when there is nothing more. An attempt may come again with a
	// request that only reads. It is asked only for approved phones. ctx ends when the phone hangs up.
	Next(ctx context.Context, s db.Session) (msg cwmp.Message, attempt db.AttemptID, err error)

	// Answered takes the phone's answer to that RPC: the response of the same
	// kind, a *cwmp.Fault, or nil when the phone answered with an empty POST or
	// with something else. A fault with an 8xxx code is not the phone's (its own
	// would read 9002): the message never left, since it could not be encoded or,
	// with 8005, since the phone had been told to come again. Answered is not called when
	// the session ends before an answer, nor for one that cannot be read: the
	// fate of the attempt is then open.
	Answered(ctx context.Context, s db.Session, attempt db.AttemptID, answer cwmp.Message) error

	// Completed takes a TransferComplete, of phones of any state; what comes
	// without proof is not to be believed. It is durable before
	// TransferCompleteResponse leaves; the same may come again.
	Completed(ctx context.Context, s db.Session, tc *cwmp.TransferComplete) error

	// WakeRefused notes that a phone answered 401 to every login of connection
	// requests that it may have, and says whether it is given another in the
	// next session in which it proves who it is.
	WakeRefused(phone db.PhoneID) bool
}

// Store is what of the store the endpoint needs.
type Store interface {
	// Phone returns one phone, or db.ErrNotFound.
	Phone(ctx context.Context, id db.PhoneID) (db.PhoneStatus, error)
	// Site returns a site, or db.ErrNotFound.
	Site(ctx context.Context, id db.SiteID) (db.Site, error)
	// Credentials returns a phone's logins, or db.ErrNotFound.
	Credentials(ctx context.Context, id db.PhoneID) (db.Credentials, error)
	// Parameters lists reported parameters below a prefix, as db.Phones.
	Parameters(ctx context.Context, id db.PhoneID, prefix string, q db.Query) (db.Page[db.Parameter], error)
	db.Informs
	// Waited is how long the oldest step has waited for the disk; 0: none waits.
	// It is asked for every message, and takes no lock.
	Waited() time.Duration
	// Claimed finds the phone that an Inform claims to be of, with what would
	// prove it; db.ErrNotFound if it is not known.
	Claimed(ctx context.Context, who db.Identity) (db.Claim, error)
}
