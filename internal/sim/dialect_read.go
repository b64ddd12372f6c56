package sim

import (
	"bytes"
)

// readHabits are what a phone demands of an envelope before it goes on.
type readHabits struct {
	check   []func(d *dialect, body []byte) (rule, detail string) // "": well
	exactID bool                                                  // the ID must come back byte for byte
	exactNS bool                                                  // the namespace must be that of the Inform
}

// Breaches that only phones of these dialects do not survive.
const (
	ruleDeclared   = "dialect.declared"   // an XML declaration before the envelope
	ruleUndeclared = "dialect.undeclared" // none
	ruleLow        = "dialect.low"        // a namespace declared below the envelope
	ruleCookies    = "dialect.cookies"    // more cookies than there is room for
)

var xmlDeclaration = []byte("<?xml")

var readDialects = []Dialect{
	{"no-declaration", []int{69}, "looks for the envelope in the first characters, and gives up on an XML declaration",
		demand(func(_ *dialect, body []byte) (string, string) {
			if bytes.HasPrefix(body, xmlDeclaration) {
				return ruleDeclared, ""
			}
			return "", ""
		})},
	{"wants-declaration", []int{69}, "wants an XML declaration before the envelope",
		demand(func(_ *dialect, body []byte) (string, string) {
			if !bytes.HasPrefix(body, xmlDeclaration) {
				return ruleUndeclared, ""
			}
			return "", ""
		})},
	{"namespaces-on-top", []int{27}, "knows only namespaces that the Envelope declares",
		demand(func(_ *dialect, body []byte) (string, string) {
			body = bytes.TrimPrefix(body, xmlDeclaration)
			_, rest, _ := bytes.Cut(body, []byte("Envelope"))
			_, rest, _ = bytes.Cut(rest, []byte(">"))
			if bytes.Contains(rest, []byte("xmlns")) {
				return ruleLow, ""
			}
			return "", ""
		})},
	{"namespace-strict", []int{20, 28}, "drops the connection when an answer is not in the namespace of its Inform",
		func(h *habits) { h.read.exactNS = true }},
	{"id-strict", []int{25}, "gives up when its ID, which has blanks around it, does not come back byte for byte",
		func(h *habits) { h.read.exactID, h.inform.id = true, "  %d_Thomson\t " }},
}

func demand(check func(*dialect, []byte) (string, string)) func(*habits) {
	return func(h *habits) { h.read.check = append(h.read.check, check) }
}

// demands gives the breach that this phone does not survive, nil for none.
func (s *session) demands(body []byte) error {
	for _, check := range s.conduct.habits.read.check {
		if rule, detail := check(&s.dialect, body); rule != "" {
			return fatal(rule, "%s", detail)
		}
	}
	return nil
}
