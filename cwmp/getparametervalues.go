package cwmp

import "github.com/beevik/etree"

// GetParameterValues reads parameters (TR-069 A.3.2.2). A name that ends in "."
// stands for all below it, and "" for the whole tree.
type GetParameterValues struct {
	Names []string // at least one, at most 256 characters each
}

// RPC returns "GetParameterValues".
func (*GetParameterValues) RPC() string { return "GetParameterValues" }

func (m *GetParameterValues) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "ParameterNames" {
			m.Names = parseStrings(c, m.Names)
		}
	}
}

func (m *GetParameterValues) encode(w *writer) {
	w.atLeastOne("ParameterNames", len(m.Names))
	w.strings("ParameterNames", m.Names, max256)
}

// GetParameterValuesResponse is a set of values; devices add some and leave out
// others.
type GetParameterValuesResponse struct {
	Parameters []ParameterValue
}

// RPC returns "GetParameterValuesResponse".
func (*GetParameterValuesResponse) RPC() string { return "GetParameterValuesResponse" }

func (m *GetParameterValuesResponse) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "ParameterList" {
			m.Parameters = parseValues(c, m.Parameters)
		}
	}
}

func (m *GetParameterValuesResponse) encode(w *writer) { w.values(m.Parameters) }
