package cwmp

import "github.com/beevik/etree"

// DeleteObject removes an instance of an object with all below it (TR-069
// A.3.2.7).
type DeleteObject struct {
	ObjectName   string // the path of the instance, ends in "."; at most 256 characters
	ParameterKey string // at most 32
}

// RPC returns "DeleteObject".
func (*DeleteObject) RPC() string { return "DeleteObject" }

func (m *DeleteObject) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "ObjectName":
			m.ObjectName = token(c)
		case "ParameterKey":
			m.ParameterKey = text(c)
		}
	}
}

func (m *DeleteObject) encode(w *writer) {
	w.text("ObjectName", m.ObjectName, max256)
	w.text("ParameterKey", m.ParameterKey, maxKey)
}

// DeleteObjectResponse says whether the instance is gone.
type DeleteObjectResponse struct {
	Status int // 0 applied, 1 accepted and applied later, also when unreadable
}

// RPC returns "DeleteObjectResponse".
func (*DeleteObjectResponse) RPC() string { return "DeleteObjectResponse" }

func (m *DeleteObjectResponse) decode(e *etree.Element) { m.Status = status(e) }
func (m *DeleteObjectResponse) encode(w *writer)        { w.int("Status", m.Status) }
