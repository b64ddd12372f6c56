package cwmp

import "github.com/beevik/etree"

// RequestDownload is the CPE's wish for a file (TR-069 A.4.2.2).
type RequestDownload struct {
	FileType string // as in Download
	Args     []Arg  // at most 16
}

// RPC returns "RequestDownload".
func (*RequestDownload) RPC() string { return "RequestDownload" }

func (m *RequestDownload) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "FileType":
			m.FileType = token(c)
		case "FileTypeArg":
			m.Args = parseArgs(c, m.Args)
		}
	}
}

func (m *RequestDownload) encode(w *writer) {
	w.text("FileType", m.FileType, max64)
	w.args(m.Args)
}

// RequestDownloadResponse takes note of the wish; a Download may follow.
type RequestDownloadResponse struct{}

// RPC returns "RequestDownloadResponse".
func (*RequestDownloadResponse) RPC() string { return "RequestDownloadResponse" }

func (*RequestDownloadResponse) decode(*etree.Element) {}
func (*RequestDownloadResponse) encode(*writer)        {}

// Arg narrows the wish down, such as by "Version".
type Arg struct {
	Name  string // at most 64 characters
	Value string // at most 256
}

func parseArgs(e *etree.Element, list []Arg) []Arg {
	for c := range e.ChildElementsSeq() {
		var a Arg
		for f := range c.ChildElementsSeq() {
			switch f.Tag {
			case "Name":
				a.Name = token(f)
			case "Value":
				a.Value = text(f)
			}
		}
		list = append(list, a)
	}
	return list
}

func (w *writer) args(list []Arg) {
	const tag = "FileTypeArg"
	w.atMost(tag, len(list), 16)
	w.openArray(tag, "cwmp:ArgStruct", len(list))
	for i, a := range list {
		w.at(tag, i)
		w.open("ArgStruct")
		w.text("Name", a.Name, max64)
		w.text("Value", a.Value, max256)
		w.close("ArgStruct")
	}
	w.closeArray(tag)
}
