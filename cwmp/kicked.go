package cwmp

import "github.com/beevik/etree"

// Kicked reports that a web page sent the user to the CPE (TR-069 A.4.2.1,
// deprecated).
type Kicked struct {
	Command string // at most 32 characters
	Referer string // at most 64
	Arg     string // at most 256
	Next    string // at most 1024
}

// RPC returns "Kicked".
func (*Kicked) RPC() string { return "Kicked" }

func (m *Kicked) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "Command":
			m.Command = text(c)
		case "Referer":
			m.Referer = text(c)
		case "Arg":
			m.Arg = text(c)
		case "Next":
			m.Next = text(c)
		}
	}
}

func (m *Kicked) encode(w *writer) {
	w.text("Command", m.Command, maxKey)
	w.text("Referer", m.Referer, max64)
	w.text("Arg", m.Arg, max256)
	w.text("Next", m.Next, max1024)
}

// KickedResponse says where to send the user next.
type KickedResponse struct {
	NextURL string // at most 1024 characters
}

// RPC returns "KickedResponse".
func (*KickedResponse) RPC() string { return "KickedResponse" }

func (m *KickedResponse) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "NextURL" {
			m.NextURL = token(c)
		}
	}
}

func (m *KickedResponse) encode(w *writer) {
	w.text("NextURL", m.NextURL, max1024)
}
