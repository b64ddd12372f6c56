package cwmp

import (
	"errors"
	"fmt"
)

// The rules a [ProtocolError] can name. They are stable: metric label, log key
// and test oracle.
const (
	RuleEmpty       = "xml.empty"          // nothing but white space
	RuleTooLarge    = "xml.too_large"      // more than [MaxBytes]
	RuleTooDeep     = "xml.too_deep"       // nested deeper than [MaxDepth]
	RuleTooMany     = "xml.too_many"       // more than [MaxNodes] elements and attributes
	RuleDTD         = "xml.dtd"            // a document type or entity declaration
	RuleMalformed   = "xml.malformed"      // not XML, beyond repair
	RuleTwoRoots    = "xml.two_roots"      // more than one root element
	RuleNoEnvelope  = "envelope.missing"   // the root is not an Envelope
	RuleNamespace   = "envelope.namespace" // an Envelope, but not of SOAP 1.1
	RuleIDTooLong   = "header.id_too_long" // more than [MaxID] characters
	RuleNoBody      = "body.missing"       // an Envelope without a Body
	RuleBodyEmpty   = "body.empty"         // a Body without a message
	RuleTwoMessages = "body.two_messages"  // more than one message (TR-069 3.5)
)

// The bounds [Decode] keeps. A full listing of a phone with 20,000 parameters
// fits.
const (
	MaxBytes = 8 << 20 // bytes of a message
	MaxDepth = 64      // nested elements
	MaxNodes = 200_000 // elements and attributes together
	MaxID    = 256     // characters of cwmp:ID; the standard asks for at most 32
)

// A ProtocolError reports that the peer broke a rule of TR-069.
type ProtocolError struct {
	Rule string    // one of the Rule constants
	Code FaultCode // what the peer is told; 0 means HTTP 400 and no fault
	Err  error     // detail for our log, never for the wire; may be nil
}

// Error returns the rule and the detail.
func (e *ProtocolError) Error() string {
	if e.Err == nil {
		return "cwmp: " + e.Rule
	}
	return "cwmp: " + e.Rule + ": " + e.Err.Error()
}

// Unwrap returns the detail.
func (e *ProtocolError) Unwrap() error { return e.Err }

var (
	// ErrTooLong reports that a field is longer than the schema allows.
	ErrTooLong = errors.New("too long")
	// ErrBadCharacter reports that a field holds a character XML 1.0 forbids,
	// or bytes that are not UTF-8.
	ErrBadCharacter = errors.New("character not allowed in XML")
	// ErrBadValue reports that a field's value cannot stand in its place.
	ErrBadValue = errors.New("bad value")
)

// A FieldError reports that a message was not encoded because of one field. It
// never repeats the value, which may be a password.
type FieldError struct {
	Field string // "Download.URL", "SetParameterValues.ParameterList[2].Name"
	Err   error  // wraps ErrTooLong, ErrBadCharacter or ErrBadValue
}

// Error returns the field and what is wrong with it.
func (e *FieldError) Error() string {
	return fmt.Sprintf("cwmp: encode %s: %v", e.Field, e.Err)
}

// Unwrap returns what is wrong.
func (e *FieldError) Unwrap() error { return e.Err }
