package cwmp

import "github.com/beevik/etree"

// SetParameterValues writes parameters, all or none of them (TR-069 A.3.2.1).
type SetParameterValues struct {
	Parameters   []ParameterValue // each name once
	ParameterKey string           // at most 32 characters; stored by the CPE, "" too
}

// RPC returns "SetParameterValues".
func (*SetParameterValues) RPC() string { return "SetParameterValues" }

func (m *SetParameterValues) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "ParameterList":
			m.Parameters = parseValues(c, m.Parameters)
		case "ParameterKey":
			m.ParameterKey = text(c)
		}
	}
}

func (m *SetParameterValues) encode(w *writer) {
	w.values(m.Parameters)
	w.text("ParameterKey", m.ParameterKey, maxKey)
}

// SetParameterValuesResponse says whether the values are in force.
type SetParameterValuesResponse struct {
	Status int // 0 applied, 1 accepted and applied later, also when unreadable
}

// RPC returns "SetParameterValuesResponse".
func (*SetParameterValuesResponse) RPC() string { return "SetParameterValuesResponse" }

func (m *SetParameterValuesResponse) decode(e *etree.Element) { m.Status = status(e) }
func (m *SetParameterValuesResponse) encode(w *writer)        { w.int("Status", m.Status) }
