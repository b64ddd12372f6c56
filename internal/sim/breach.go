package sim

import "fmt"

// A Breach is a rule of TR-069 that the server broke. Rule is a stable token;
// Detail is for people.
type Breach struct {
	Rule   string `json:"rule"`
	Detail string `json:"detail,omitempty"`
}

func (b Breach) String() string {
	if b.Detail == "" {
		return b.Rule
	}
	return b.Rule + ": " + b.Detail
}

// A BreachError ends a session: after this breach the phone cannot go on.
type BreachError struct {
	Breach
	Err error // what lay beneath; may be nil
}

func (e *BreachError) Error() string { return "server broke " + e.String() }
func (e *BreachError) Unwrap() error { return e.Err }

// Breaches a session survives.
const (
	ruleContentType  = "http.content_type"      // an envelope that is not text/xml (3.4.1)
	ruleEmpty200     = "http.empty_200"         // "nothing to send" is 204 (3.4.6)
	ruleIDMissing    = "header.id_missing"      // a request without cwmp:ID (3.5)
	ruleIDEcho       = "header.id_not_echoed"   // an answer with another cwmp:ID (3.5)
	ruleIDLong       = "header.id_long"         // more than 32 characters
	ruleHeader       = "header.unknown"         // an unknown header that must be understood
	ruleVersion      = "header.version"         // UseCWMPVersion that was not offered (3.7.4)
	ruleNamespace    = "namespace.differs"      // not the namespace of our Inform (3.5)
	ruleQualified    = "args.qualified"         // an argument in a namespace (3.5)
	ruleArgs         = "args.order"             // missing, foreign or misplaced arguments (A.3)
	ruleArrayType    = "args.array_type"        // an array without SOAP-ENC:arrayType (3.5)
	ruleValueType    = "args.value_type"        // a Value without xsi:type (3.5)
	ruleLong         = "args.long"              // an argument beyond its length (A.3)
	ruleNumber       = "args.number"            // an unreadable number or boolean
	ruleMaxEnvelopes = "inform.max_envelopes"   // MaxEnvelopes of the InformResponse is not 1
	ruleFaultAnswer  = "fault.answers_response" // a fault in answer to an answer (3.5)
)

// Breaches that end the session.
const (
	ruleMalformed = "xml.malformed"        // not well-formed, or a document type
	ruleDepth     = "xml.depth"            // nested or large beyond reason
	ruleEnvelope  = "envelope.name"        // the root is no SOAP 1.1 envelope
	ruleBody      = "envelope.body"        // no Body, or more than one
	ruleMessages  = "body.messages"        // not exactly one message in Body
	ruleMethodNS  = "namespace.unknown"    // a message in no CWMP namespace
	ruleNoAnswer  = "session.no_answer"    // nothing in answer to our request (3.7.2)
	ruleAnswer    = "session.wrong_answer" // another message in its place
	ruleRequest   = "session.no_request"   // an answer to nothing, where a request or 204 is due
	ruleEndless   = "session.endless"      // more requests than any session needs
)

func fatal(rule, format string, a ...any) *BreachError {
	return &BreachError{Breach: Breach{rule, fmt.Sprintf(format, a...)}}
}
