package db

import (
	"context"
	"time"
)

// A SessionToken names one CWMP session, at random. The newest token that
// RecordInform was given for a phone owns the phone.
type SessionToken string

// An Inform is what a phone said of itself, in the words of the store.
type Inform struct {
	Session SessionToken
	Now     time.Time
	Address string // the peer, without port

	Manufacturer, OUI, ProductClass, Serial string // as reported, OUI in upper case
	Vendor, Model, MAC                      string // as recognised
	SoftwareVersion, HardwareVersion        string
	ConnectionRequestURL                    string
	CWMP                                    string

	// Events are the codes, "1 BOOT"; what is not "2 PERIODIC" or
	// "6 CONNECTION REQUEST" makes the Inform durable before it is answered.
	Events     []string
	Parameters []Parameter // Changed is not read

	// Enrol is the state of a phone that was unknown and that no enrolment rule
	// is for; empty refuses it with ErrNotListed.
	Enrol PhoneState

	// Proof is how the phone has proven who it is, as the caller has found by
	// what [Logins.Claimed] gave it.
	Proof Proof
	// ProofOf is the phone that Claimed gave, 0 if none: who it says to be may be
	// another by the time it is recorded, and of that it has proven nothing.
	ProofOf PhoneID
}

// Recorded is the answer to an Inform.
type Recorded struct {
	Phone   Phone
	Created bool
	// Work says that tasks are ready for the phone.
	Work bool
	// Waits says that tasks wait for a slot of the phone that is to come.
	Waits bool
	// Admit says that standing orders are still to be applied to the phone.
	Admit bool
	// Open are the attempts whose fate is open, oldest first: what this
	// Inform may decide.
	Open []OpenAttempt
}

// OpenAttempt is an attempt without an outcome, with what is needed to judge it.
type OpenAttempt struct {
	ID   AttemptID
	Job  Job
	Task Task
}

// Informs is what sessions tell the store.
type Informs interface {
	// RecordInform takes an Inform in and makes its session the owner of the
	// phone, whatever session owned it before. It is durable on return if the
	// Inform carries an event that the answer makes the phone forget, creates
	// the phone or admits it, or if work waits for the phone and something
	// changed; else what it brought is soft. It returns ErrNotListed, ErrRefused,
	// or ErrTooMany when as many phones wait for approval as may.
	//
	// Proof by a login that was issued and not used before makes it the phone's
	// own, durably, and with it the connection-request login that the phone has
	// taken. Proof brings a phone in PhoneReEnrol back to PhoneApproved. That of
	// another phone than ProofOf is none.
	//
	// A phone that has a login of its own, or has shown a certificate, must
	// prove who it is, unless that was waived or Proof is ProofOpen; so must one
	// with an issued login if it is in PhoneReEnrol, or if it is found by its
	// MAC and says another serial. ErrUnproven if it does not, and changes
	// nothing. The exception is 0 BOOTSTRAP, after which a phone cannot: an
	// approved one that was issued anything is put into PhoneReEnrol and its
	// history says so. Nothing else is believed of such an Inform: Open is then
	// of factory resets only, and its session owns the phone only if none does.
	RecordInform(ctx context.Context, in Inform) (Recorded, error)
	// HasWork reports whether tasks are ready for a phone or attempts of it are
	// open, at the cost of two look-ups.
	HasWork(ctx context.Context, phone PhoneID) (bool, error)
	// NoteDuplicate writes into a phone's history, and tells by an event
	// phone.duplicate, that two devices seem to share its identity; why is a
	// sentence. ErrNotFound if the phone is gone.
	NoteDuplicate(ctx context.Context, phone PhoneID, why string, now time.Time) error
	// NoteAnnounced writes into a phone's history what it announced in a session
	// that it did by itself, as a text of at most [MaxAnnounced] bytes; what is
	// beyond is cut off. It is durable on return. ErrSuperseded if the session
	// does not own the phone, ErrNotFound if the phone is gone.
	NoteAnnounced(ctx context.Context, phone PhoneID, s SessionToken, text string, now time.Time) error
	// EndSession gives the phone up, if the session still owns it. Soft.
	EndSession(phone PhoneID, s SessionToken)
	// RecordWake notes how a connection request went: by which way the phone was
	// woken, if it was and that is known, and else, in a sentence, why not; with
	// neither the phone came by itself, and the way that worked before stays. Soft.
	RecordWake(phone PhoneID, at time.Time, way, failure string)
}

// MaxAnnounced is how many bytes are kept of what a phone announced.
const MaxAnnounced = 512

// A Session is what those who act in a CWMP session need of it.
type Session struct {
	Token   SessionToken
	Phone   Phone  // as RecordInform returned it
	Proof   Proof  // how the phone has proven in it who it is
	BaseURL string // scheme and host this phone reached us by, without a path
}
