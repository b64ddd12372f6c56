package cwmp

import "github.com/beevik/etree"

// SetParameterAttributes changes notification and access of parameters (TR-069
// A.3.2.4).
type SetParameterAttributes struct {
	Parameters []SetAttributes // at least one
}

// RPC returns "SetParameterAttributes".
func (*SetParameterAttributes) RPC() string { return "SetParameterAttributes" }

func (m *SetParameterAttributes) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "ParameterList" {
			m.Parameters = parseSetAttributes(c, m.Parameters)
		}
	}
}

func (m *SetParameterAttributes) encode(w *writer) {
	w.atLeastOne("ParameterList", len(m.Parameters))
	w.setAttributes(m.Parameters)
}

// SetParameterAttributesResponse says that the attributes are in force.
type SetParameterAttributesResponse struct{}

// RPC returns "SetParameterAttributesResponse".
func (*SetParameterAttributesResponse) RPC() string { return "SetParameterAttributesResponse" }

func (*SetParameterAttributesResponse) decode(*etree.Element) {}
func (*SetParameterAttributesResponse) encode(*writer)        {}

// SetAttributes is what to change on one parameter.
type SetAttributes struct {
	Name               string // at most 256 characters; a path that ends in "." means all below
	NotificationChange bool   // Notification counts
	Notification       int    // 0 off, 1 passive, 2 active, 3 to 6 lightweight (1.4)
	AccessListChange   bool   // AccessList counts
	AccessList         []string
}

func parseSetAttributes(e *etree.Element, list []SetAttributes) []SetAttributes {
	for c := range e.ChildElementsSeq() {
		var p SetAttributes
		for f := range c.ChildElementsSeq() {
			switch f.Tag {
			case "Name":
				p.Name = token(f)
			case "NotificationChange":
				p.NotificationChange = parseBool(f)
			case "Notification":
				p.Notification = parseInt(f, 0)
			case "AccessListChange":
				p.AccessListChange = parseBool(f)
			case "AccessList":
				p.AccessList = parseStrings(f, p.AccessList)
			}
		}
		list = append(list, p)
	}
	return list
}

func (w *writer) setAttributes(list []SetAttributes) {
	const tag = "ParameterList"
	w.openArray(tag, "cwmp:SetParameterAttributesStruct", len(list))
	for i, p := range list {
		w.at(tag, i)
		w.open("SetParameterAttributesStruct")
		w.text("Name", p.Name, max256)
		w.bool("NotificationChange", p.NotificationChange)
		w.int("Notification", p.Notification)
		w.bool("AccessListChange", p.AccessListChange)
		w.accessList(p.AccessList)
		w.close("SetParameterAttributesStruct")
	}
	w.closeArray(tag)
}

// accessList writes the array within the array item that is being written.
func (w *writer) accessList(list []string) {
	w.openArray("AccessList", "xsd:string", len(list))
	for _, s := range list {
		w.text("string", s, max64)
	}
	w.close("AccessList")
}
