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
}

// Recorded is the answer to an Inform.
type Recorded struct {
	Phone   Phone
	Created bool
	// Work says that tasks are ready for the phone.
	Work bool
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
	// the phone or admits it, or if work waits for the phone and something changed; else
	// what it brought is soft. It returns ErrNotListed, ErrRefused, or ErrTooMany
	// when as many phones wait for approval as may.
	RecordInform(ctx context.Context, in Inform) (Recorded, error)
	// HasWork reports whether tasks are ready for a phone or attempts of it are
	// open, at the cost of two look-ups.
	HasWork(ctx context.Context, phone PhoneID) (bool, error)
	// NoteDuplicate writes into a phone's history, and tells by an event
	// phone.duplicate, that two devices seem to share its identity; why is a
	// sentence. ErrNotFound if the phone is gone.
	NoteDuplicate(ctx context.Context, phone PhoneID, why string, now time.Time) error
	// EndSession gives the phone up, if the session still owns it. Soft.
	EndSession(phone PhoneID, s SessionToken)
	// RecordWake notes how a connection request went; failure is a sentence
	// or empty. Soft.
	RecordWake(phone PhoneID, at time.Time, failure string)
}

// A Session is what those who act in a CWMP session need of it.
type Session struct {
	Token   SessionToken
	Phone   Phone  // as RecordInform returned it
	BaseURL string // scheme and host this phone reached us by, without a path
}
