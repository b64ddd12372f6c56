package cwmp

import "github.com/beevik/etree"

// GetParameterNames lists the names below a path (TR-069 A.3.2.3).
type GetParameterNames struct {
	ParameterPath string // at most 256 characters; "" is the root, which some devices refuse
	NextLevel     bool   // only the next level, instead of everything below
}

// RPC returns "GetParameterNames".
func (*GetParameterNames) RPC() string { return "GetParameterNames" }

func (m *GetParameterNames) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "ParameterPath":
			m.ParameterPath = token(c)
		case "NextLevel":
			m.NextLevel = parseBool(c)
		}
	}
}

func (m *GetParameterNames) encode(w *writer) {
	w.text("ParameterPath", m.ParameterPath, max256)
	w.bool("NextLevel", m.NextLevel)
}

// GetParameterNamesResponse is the list of names. Those of objects end in ".",
// on devices that keep to the standard.
type GetParameterNamesResponse struct {
	Parameters []ParameterInfo
}

// RPC returns "GetParameterNamesResponse".
func (*GetParameterNamesResponse) RPC() string { return "GetParameterNamesResponse" }

func (m *GetParameterNamesResponse) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "ParameterList" {
			m.Parameters = parseInfos(c, m.Parameters)
		}
	}
}

func (m *GetParameterNamesResponse) encode(w *writer) {
	w.infos(m.Parameters)
}

// ParameterInfo is one name.
type ParameterInfo struct {
	Name     string // at most 256 characters
	Writable bool   // of an object: AddObject and DeleteObject are allowed
}

func parseInfos(e *etree.Element, list []ParameterInfo) []ParameterInfo {
	for c := range e.ChildElementsSeq() {
		var p ParameterInfo
		for f := range c.ChildElementsSeq() {
			switch f.Tag {
			case "Name":
				p.Name = token(f)
			case "Writable":
				p.Writable = parseBool(f)
			}
		}
		list = append(list, p)
	}
	return list
}

func (w *writer) infos(list []ParameterInfo) {
	const tag = "ParameterList"
	w.openArray(tag, "cwmp:ParameterInfoStruct", len(list))
	for i, p := range list {
		w.at(tag, i)
		w.open("ParameterInfoStruct")
		w.text("Name", p.Name, max256)
		w.bool("Writable", p.Writable)
		w.close("ParameterInfoStruct")
	}
	w.closeArray(tag)
}
