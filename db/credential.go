package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrUnproven reports an Inform that must prove to be of its phone and does not.
var ErrUnproven = errors.New("phone has not proven who it is")

// A Login is a user name with its password. The zero value is none. However it
// is printed, it does not show the password.
type Login struct{ User, Password string }

// IsZero reports whether there is no login.
func (l Login) IsZero() bool { return l == Login{} }

// String tells the user and whether there is a password.
func (l Login) String() string {
	switch {
	case l.IsZero():
		return "no login"
	case l.Password == "":
		return fmt.Sprintf("%q without a password", l.User)
	}
	return fmt.Sprintf("%q with a password", l.User)
}

// GoString is String for %#v.
func (l Login) GoString() string { return l.String() }

// Format is String for every verb.
func (l Login) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(l.String())) }

// MarshalText is String for JSON: a login is stored by no other means than a
// store's own, which seals it.
func (l Login) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Proof says how a phone has proven who it is in a session.
type Proof string

// The proofs.
const (
	ProofNone        Proof = ""            // nothing that belongs to this phone alone
	ProofOwn         Proof = "own"         // Credentials.Own
	ProofNext        Proof = "next"        // Credentials.Next, used for the first time
	ProofCertificate Proof = "certificate" // a certificate of the phone's own
	ProofOpen        Proof = "open"        // none, and the server is told to ask for none
)

// Credentials are what proves a phone to us, and us to it.
//
// Next is issued and not used yet. Until it is, Own is accepted too: a phone
// may have taken the one or still have the other.
type Credentials struct {
	Own, Next                                Login // of the phone towards us
	ConnectionRequest, ConnectionRequestNext Login // of us towards the phone; empty: the vendor's defaults

	// ConnectionRequestTaken says that the phone answered that it has taken
	// ConnectionRequestNext. It is in force once Next is used.
	ConnectionRequestTaken bool

	Issued    time.Time // when Next was issued, or Own given by an operator
	Used      time.Time // when Own was first used; zero: never
	Refused   string    // a sentence: why the phone did not take its own; empty: it did, or was not asked
	RefusedAt time.Time

	Certificate bool // the phone has proven itself by certificate, and has to
	Waived      bool // an operator decided that the phone need not prove who it is
}

// IsZero reports whether nothing is known.
func (c *Credentials) IsZero() bool { return *c == Credentials{} }

// ProofState says in a word how a phone proves who it is.
type ProofState string

// The states of proof.
const (
	ProvesNothing     ProofState = "none"        // nothing was issued to it
	ProvesIssued      ProofState = "issued"      // credentials were issued, none was used yet
	ProvesOwn         ProofState = "own"         // its own credentials, which it has used
	ProvesCertificate ProofState = "certificate" // its certificate
	ProvesWaived      ProofState = "waived"      // it need not, an operator decided
)

// A Standing is what may be shown of a phone's credentials.
type Standing struct {
	Proof     ProofState `json:"proof"`
	Refused   string     `json:"refused,omitempty"` // as in Credentials
	RefusedAt time.Time  `json:"refused_at,omitzero"`
}

// Standing tells what may be shown.
func (c *Credentials) Standing() Standing {
	s := Standing{Proof: ProvesNothing, Refused: c.Refused, RefusedAt: c.RefusedAt}
	switch {
	case c.Waived:
		s.Proof = ProvesWaived
	case c.Certificate:
		s.Proof = ProvesCertificate
	case !c.Own.IsZero() && !c.Used.IsZero():
		s.Proof = ProvesOwn
	case !c.Own.IsZero() || !c.Next.IsZero():
		s.Proof = ProvesIssued
	}
	return s
}

// An Identity is who a phone says it is, in the words of an [Inform].
type Identity struct{ OUI, ProductClass, Serial, MAC string }

// Identity is who the Inform says it is of.
func (in *Inform) Identity() Identity {
	return Identity{in.OUI, in.ProductClass, in.Serial, in.MAC}
}

// A Claim is the phone that an Inform claims to be of, with what would prove it.
type Claim struct {
	Phone       PhoneID
	State       PhoneState
	Credentials Credentials
}

// An Offer is what a phone is to be given. A zero login is not offered.
type Offer struct{ Own, ConnectionRequest Login }

// An OfferAnswer is what a phone said to logins that it was sent.
type OfferAnswer struct {
	Own, ConnectionRequest bool   // which of the two it is about
	Refused                string // a sentence: why it did not take them; empty: it did
}

// A CredentialsPatch is what an operator knows of a phone's logins; what is nil
// stays.
type CredentialsPatch struct {
	OwnUser, OwnPassword                             *string
	ConnectionRequestUser, ConnectionRequestPassword *string
}

// Logins keeps credentials of phones. Passwords are unreadable at rest. That an
// issued login was used is told by [Informs.RecordInform].
type Logins interface {
	// Claimed finds the phone that an Inform claims to be of, as RecordInform
	// would, and changes nothing. ErrNotFound if it is not known.
	Claimed(ctx context.Context, who Identity) (Claim, error)
	// Credentials returns those of one phone, or ErrNotFound.
	Credentials(ctx context.Context, phone PhoneID) (Credentials, error)
	// IssueCredentials makes the offered logins the phone's next ones and
	// returns its credentials; both must be durable before they are sent. A
	// part that was issued before and is not used yet stays, so that sending
	// again sends the same. ErrSuperseded if the session does not own the phone,
	// ErrConflict if it is not approved, *FieldError for what it cannot hold.
	IssueCredentials(ctx context.Context, phone PhoneID, s SessionToken, o Offer, now time.Time) (Credentials, error)
	// CredentialsTaken takes in what the phone answered to what was issued. What
	// it took stays issued until it is used; a connection-request login with
	// which no new login of its own is pending is in force at once. What it
	// refused is forgotten, and the reason is kept where it concerns its own.
	// Errors as of IssueCredentials.
	CredentialsTaken(ctx context.Context, phone PhoneID, s SessionToken, a OfferAnswer, now time.Time) error
	// SetCredentials takes an operator's word for what the phone has. A login
	// of its own that is given so is not yet used, and replaces what was issued.
	// ErrNotFound, or a *FieldError.
	SetCredentials(ctx context.Context, phone PhoneID, p CredentialsPatch, by string) (PhoneStatus, error)
	// DropCredentials forgets all logins of a phone and its certificate, so that
	// it is issued new ones. Whether proof is waived stays. ErrNotFound.
	DropCredentials(ctx context.Context, phone PhoneID, by string) (PhoneStatus, error)
}
