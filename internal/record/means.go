package record

import "phoneacs/cwmp"

// meanings say in a sentence what breaking a rule means, for somebody who has
// to find out what is wrong with a phone. Those of acs are named by their
// tokens, since it lies above this package; a test there holds them together.
var meanings = map[string]string{
	cwmp.RuleEmpty:       "the message has no content, though its headers announce some",
	cwmp.RuleTooLarge:    "the message is larger than any that a phone should send",
	cwmp.RuleTooDeep:     "elements lie within one another deeper than in any message of TR-069: it is no message of a phone, or an attack",
	cwmp.RuleTooMany:     "the message has more elements and attributes than the listing of any phone: it is an attack, or the phone repeats itself",
	cwmp.RuleDTD:         "the message declares a document type or an entity, which SOAP forbids and attacks are made of",
	cwmp.RuleMalformed:   "the message is not XML: the phone writes it wrongly, it was cut off on the way, or what sent it is no phone",
	cwmp.RuleTwoRoots:    "something follows the envelope in the same message",
	cwmp.RuleNoEnvelope:  "the message is XML, but no SOAP envelope: what sent it speaks something else, or was given the wrong URL",
	cwmp.RuleNamespace:   "the envelope is not one of SOAP 1.1, which TR-069 is spoken in",
	cwmp.RuleIDTooLong:   "the id of the message is longer than any phone needs",
	cwmp.RuleNoBody:      "the envelope has no body",
	cwmp.RuleBodyEmpty:   "the body of the envelope holds no message",
	cwmp.RuleTwoMessages: "the body of the envelope holds more than one message, where TR-069 has one",

	"rpc.unknown":      "the phone calls a method that TR-069 does not have; it was told so, and its session went on",
	"inform.identity":  "the Inform names no serial number, or a part of the phone's identity is too long to be one",
	"inform.too_many":  "the Inform has more events or parameters than are taken",
	"inform.bad_value": "the Inform holds a value that cannot be stored",
}

// Means says what breaking a rule means; empty for a rule of another kind than
// those that messages break.
func Means(rule string) string { return meanings[rule] }

// Keeps reports whether messages that break a rule are kept: those that were
// not understood, not those that came at the wrong time.
func Keeps(rule string) bool { return meanings[rule] != "" }
