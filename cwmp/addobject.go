package cwmp

import "github.com/beevik/etree"

// AddObject makes a new instance of an object (TR-069 A.3.2.6).
type AddObject struct {
	ObjectName   string // the path of the table, ends in "."; at most 256 characters
	ParameterKey string // at most 32
}

// RPC returns "AddObject".
func (*AddObject) RPC() string { return "AddObject" }

func (m *AddObject) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "ObjectName":
			m.ObjectName = token(c)
		case "ParameterKey":
			m.ParameterKey = text(c)
		}
	}
}

func (m *AddObject) encode(w *writer) {
	w.text("ObjectName", m.ObjectName, max256)
	w.text("ParameterKey", m.ParameterKey, maxKey)
}

// AddObjectResponse names the new instance.
type AddObjectResponse struct {
	InstanceNumber uint32 // 1 and up; 0 when unreadable
	Status         int    // 0 applied, 1 accepted and applied later, also when unreadable
}

// RPC returns "AddObjectResponse".
func (*AddObjectResponse) RPC() string { return "AddObjectResponse" }

func (m *AddObjectResponse) decode(e *etree.Element) {
	m.Status = 1
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "InstanceNumber":
			m.InstanceNumber = parseUint(c)
		case "Status":
			m.Status = parseInt(c, 1)
		}
	}
}

func (m *AddObjectResponse) encode(w *writer) {
	w.uint("InstanceNumber", m.InstanceNumber)
	w.int("Status", m.Status)
}
