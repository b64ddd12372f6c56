package cwmp

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// Decode reads one SOAP envelope. body is neither changed nor kept. The error
// is a *ProtocolError. Decode is safe for concurrent use.
//
// What Decode accepts, Encode either writes so that it decodes to the same
// value, or refuses with a *FieldError, since a device may exceed the limits of
// the schema. (A message near MaxBytes can outgrow it by being escaped.)
func Decode(body []byte) (*Envelope, error) {
	root, err := parse(body)
	if err != nil {
		return nil, err
	}
	if root.Tag != "Envelope" {
		return nil, &ProtocolError{Rule: RuleNoEnvelope, Err: fmt.Errorf("the root is %q", clip(root.Tag))}
	}
	if crowded(root) {
		return nil, &ProtocolError{Rule: RuleTooMany, Err: errCrowded}
	}
	if !isSOAP(root.NamespaceURI()) {
		return nil, &ProtocolError{Rule: RuleNamespace, Err: fmt.Errorf("namespace %q", clip(root.NamespaceURI()))}
	}
	env := new(Envelope)
	var header, first *etree.Element
	bodies, messages := 0, 0
	for c := range root.ChildElementsSeq() {
		if crowded(c) {
			return nil, &ProtocolError{Rule: RuleTooMany, Err: errCrowded}
		}
		switch {
		case c.Tag == "Header" && header == nil && isSOAP(c.NamespaceURI()):
			header = c
		case c.Tag == "Body" && isSOAP(c.NamespaceURI()):
			bodies++
			for m := range c.ChildElementsSeq() {
				if messages++; first == nil {
					first = m
				}
			}
		}
	}
	if header != nil {
		if err := env.decodeHeader(header); err != nil {
			return nil, err
		}
	}
	switch {
	case bodies == 0:
		return nil, &ProtocolError{Rule: RuleNoBody, Code: FaultInvalidArgumentsACS}
	case messages == 0:
		return nil, &ProtocolError{Rule: RuleBodyEmpty, Code: FaultInvalidArgumentsACS}
	case messages > 1:
		return nil, &ProtocolError{Rule: RuleTwoMessages, Code: FaultInvalidArgumentsACS,
			Err: fmt.Errorf("%d messages", messages)}
	}
	env.decodeBody(root, first)
	return env, nil
}

// parse builds the tree of one bounded document and returns its only root.
func parse(body []byte) (*etree.Element, error) {
	b, err := prepare(body)
	if err != nil {
		return nil, err
	}
	if plain(b) {
		b = compact(b)
	}
	doc := etree.Document{ReadSettings: etree.ReadSettings{MaxDepth: MaxDepth}}
	if err := doc.ReadFromBytes(b); err != nil {
		rule := RuleMalformed
		if errors.Is(err, etree.ErrMaxDepth) {
			rule = RuleTooDeep
		}
		return nil, &ProtocolError{Rule: rule, Err: errors.New(clip(err.Error()))}
	}
	var root *etree.Element
	for _, t := range doc.Child {
		switch t := t.(type) {
		case *etree.Element:
			if root != nil {
				return nil, &ProtocolError{Rule: RuleTwoRoots}
			}
			root = t
		case *etree.CharData:
			if strings.TrimSpace(t.Data) != "" {
				return nil, &ProtocolError{Rule: RuleMalformed, Err: errors.New("text outside the root")}
			}
		}
	}
	if root == nil {
		return nil, &ProtocolError{Rule: RuleEmpty, Err: errors.New("no element")}
	}
	return root, nil
}

// decodeHeader reads the headers of CWMP. All others are ignored, even with
// mustUnderstand="1": refusing them would cost the session (SOAP 1.1 4.2.3
// would have it so) and help nobody. That they came is said.
func (e *Envelope) decodeHeader(header *etree.Element) error {
	for h := range header.ChildElementsSeq() {
		if uri := h.NamespaceURI(); uri != "" && !isCWMP(uri) {
			e.ignore(h)
			continue
		}
		switch h.Tag {
		case "ID":
			e.ID = text(h)
			if utf8.RuneCountInString(e.ID) > MaxID {
				return &ProtocolError{Rule: RuleIDTooLong, Code: FaultInvalidArgumentsACS}
			}
		case "HoldRequests":
			e.HoldRequests = parseBool(h)
		case "SessionTimeout":
			e.SessionTimeout = max(0, parseInt(h, 0))
		case "SupportedCWMPVersions":
			e.SupportedVersions, e.OtherVersions = parseVersions(text(h))
		case "UseCWMPVersion":
			e.UseVersion, _ = ParseVersion(text(h))
		default:
			e.ignore(h)
		}
	}
	return nil
}

// ignore notes a header that is passed over, if it must be understood.
func (e *Envelope) ignore(h *etree.Element) {
	for _, a := range h.Attr {
		if a.Key == "mustUnderstand" && (strings.TrimSpace(a.Value) == "1" || a.Value == "true") && len(e.Ignored) < 4 {
			e.Ignored = append(e.Ignored, clip(h.Tag))
			return
		}
	}
}

func (e *Envelope) decodeBody(root, m *etree.Element) {
	uri := m.NamespaceURI()
	if e.Namespace = uri; !isCWMP(uri) {
		e.Namespace = findNamespace(root)
	}
	switch {
	case m.Tag == "Fault" && (isSOAP(uri) || isCWMP(uri)):
		f := new(Fault)
		f.decodeSOAP(m)
		e.Body = f
		return
	case isCWMP(uri), uri == "":
		if known, ok := registry[m.Tag]; ok {
			msg := known.make()
			msg.decode(m)
			e.Body = msg
			return
		}
	}
	e.Body = newUnknown(m, e.Namespace)
}

var errCrowded = errors.New("too many attributes on one element")

// crowded reports whether e has more attributes than any envelope, header or
// body needs. Each namespace below is looked up through theirs.
func crowded(e *etree.Element) bool { return len(e.Attr) > 64 }

// findNamespace returns the first CWMP namespace declared anywhere under e, in
// document order, for bodies that are not of CWMP themselves.
func findNamespace(e *etree.Element) string {
	var walk func(*etree.Element) string
	walk = func(e *etree.Element) string {
		for _, a := range e.Attr {
			if (a.Space == "xmlns" || a.Space == "" && a.Key == "xmlns") && isCWMP(a.Value) {
				return a.Value
			}
		}
		for c := range e.ChildElementsSeq() {
			if ns := walk(c); ns != "" {
				return ns
			}
		}
		return ""
	}
	if ns := walk(e); ns != "" {
		return ns
	}
	return NS1_0
}

// isSOAP reports whether uri may stand for SOAP 1.1: the envelope namespace,
// the encoding namespace that some devices mistake for it, with or without the
// last slash, or nothing because the prefix was never declared.
func isSOAP(uri string) bool {
	switch uri {
	case nsSOAP, "", nsENC, nsSOAP[:len(nsSOAP)-1], nsENC[:len(nsENC)-1]:
		return true
	}
	return false
}

// clip shortens what a peer sent for an error text.
func clip(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
