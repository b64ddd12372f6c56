package sim

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
)

const (
	maxDepth = 32
	maxNodes = 200_000
)

// node is an element: its name, its text without the children's, and the two
// attributes that CWMP gives a meaning.
type node struct {
	space, name string
	text        string
	typ         string // xsi:type
	arrayType   string // SOAP-ENC:arrayType
	must        bool   // SOAP mustUnderstand
	kids        []*node
}

// kid gives the first child of that name, nil if there is none.
func (n *node) kid(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// trimmed gives the text of the first child of that name without the space
// around it.
func (n *node) trimmed(name string) string {
	if k := n.kid(name); k != nil {
		return strings.TrimSpace(k.text)
	}
	return ""
}

// parseXML reads one document into a tree. Document types are refused, as are
// trees too deep or too large for any message.
func parseXML(b []byte) (*node, error) {
	dec := xml.NewDecoder(bytes.NewReader(b))
	var root *node
	var stack []*node
	for count := 0; ; {
		tok, err := dec.Token()
		if err == io.EOF && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, &BreachError{Breach{Rule: ruleMalformed}, noEOF(err)}
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if count++; count > maxNodes || len(stack) == maxDepth {
				return nil, fatal(ruleDepth, "at most %d elements, %d deep", maxNodes, maxDepth)
			}
			n := newNode(t)
			if len(stack) > 0 {
				up := stack[len(stack)-1]
				up.kids = append(up.kids, n)
			} else if root != nil {
				return nil, fatal(ruleMalformed, "a second root element")
			} else {
				root = n
			}
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(t)
			} else if len(bytes.TrimSpace(t)) > 0 {
				return nil, fatal(ruleMalformed, "text outside the root element")
			}
		case xml.Directive:
			return nil, fatal(ruleMalformed, "a document type")
		}
	}
}

func newNode(t xml.StartElement) *node {
	n := &node{space: t.Name.Space, name: t.Name.Local}
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == nsInstance && a.Name.Local == "type":
			n.typ = a.Value
		case a.Name.Space == nsEncoding && a.Name.Local == "arrayType":
			n.arrayType = a.Value
		case a.Name.Space == nsEnvelope && a.Name.Local == "mustUnderstand":
			n.must = a.Value == "1" || a.Value == "true"
		}
	}
	return n
}
