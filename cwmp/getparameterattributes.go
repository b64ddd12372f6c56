package cwmp

import "github.com/beevik/etree"

// GetParameterAttributes reads notification and access of parameters (TR-069
// A.3.2.5).
type GetParameterAttributes struct {
	Names []string // at least one, at most 256 characters each
}

// RPC returns "GetParameterAttributes".
func (*GetParameterAttributes) RPC() string { return "GetParameterAttributes" }

func (m *GetParameterAttributes) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "ParameterNames" {
			m.Names = parseStrings(c, m.Names)
		}
	}
}

func (m *GetParameterAttributes) encode(w *writer) {
	w.atLeastOne("ParameterNames", len(m.Names))
	w.strings("ParameterNames", m.Names, max256)
}

// GetParameterAttributesResponse lists the attributes.
type GetParameterAttributesResponse struct {
	Parameters []ParameterAttributes
}

// RPC returns "GetParameterAttributesResponse".
func (*GetParameterAttributesResponse) RPC() string { return "GetParameterAttributesResponse" }

func (m *GetParameterAttributesResponse) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "ParameterList" {
			m.Parameters = parseAttributes(c, m.Parameters)
		}
	}
}

func (m *GetParameterAttributesResponse) encode(w *writer) {
	w.attributes(m.Parameters)
}

// ParameterAttributes is the state of one parameter.
type ParameterAttributes struct {
	Name         string // at most 256 characters
	Notification int    // 0 off, 1 passive, 2 active, 3 to 6 lightweight (1.4)
	AccessList   []string
}

func parseAttributes(e *etree.Element, list []ParameterAttributes) []ParameterAttributes {
	for c := range e.ChildElementsSeq() {
		var p ParameterAttributes
		for f := range c.ChildElementsSeq() {
			switch f.Tag {
			case "Name":
				p.Name = token(f)
			case "Notification":
				p.Notification = parseInt(f, 0)
			case "AccessList":
				p.AccessList = parseStrings(f, p.AccessList)
			}
		}
		list = append(list, p)
	}
	return list
}

func (w *writer) attributes(list []ParameterAttributes) {
	const tag = "ParameterList"
	w.openArray(tag, "cwmp:ParameterAttributeStruct", len(list))
	for i, p := range list {
		w.at(tag, i)
		w.open("ParameterAttributeStruct")
		w.text("Name", p.Name, max256)
		w.int("Notification", p.Notification)
		w.accessList(p.AccessList)
		w.close("ParameterAttributeStruct")
	}
	w.closeArray(tag)
}
