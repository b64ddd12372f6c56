package record

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"

	"phoneacs/cwmp"
)

// locate finds where a message breaks a rule of the decoder, in bytes from its
// start. ok is false if that is no one place, or is not found.
func locate(b []byte, rule string) (offset int, ok bool) {
	switch rule {
	case cwmp.RuleMalformed, cwmp.RuleDTD, cwmp.RuleTwoRoots, cwmp.RuleTooDeep, cwmp.RuleNoEnvelope, cwmp.RuleNamespace, cwmp.RuleTwoMessages:
	default:
		return 0, false
	}
	// The decoder forgives stray ampersands and the like, so at first they are
	// passed over here too.
	for _, strict := range []bool{false, true} {
		if at, ok := walk(b, rule, strict); ok {
			return at, true
		}
	}
	return 0, false
}

// walk reads b until the place where it breaks the rule.
func walk(b []byte, rule string, strict bool) (offset int, ok bool) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = strict
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var open []string // the elements that are
	roots, messages := 0, 0
	malformed := rule == cwmp.RuleMalformed
	for {
		at := int(d.InputOffset())
		tok, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			return len(b), malformed && len(open) > 0 // something was not closed
		case err != nil:
			return min(int(d.InputOffset()), len(b)), malformed
		}
		switch t := tok.(type) {
		case xml.Directive:
			if rule == cwmp.RuleDTD {
				return at, true
			}
		case xml.StartElement:
			if len(open) == 0 {
				roots++
			}
			if len(open) == 2 && open[1] == "Body" {
				messages++
			}
			open = append(open, t.Name.Local)
			if rule == cwmp.RuleTwoRoots && roots == 2 || rule == cwmp.RuleTooDeep && len(open) > cwmp.MaxDepth ||
				rule == cwmp.RuleNoEnvelope || rule == cwmp.RuleNamespace || rule == cwmp.RuleTwoMessages && messages == 2 {
				return at, true
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != t.Name.Local {
				return at, malformed
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if malformed && len(open) == 0 && len(bytes.TrimSpace(t)) > 0 {
				return at, true
			}
		}
	}
}
