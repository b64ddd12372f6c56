package cwmp

import "github.com/beevik/etree"

// DUStateChangeComplete reports how the operations of a ChangeDUState ended
// (TR-069 A.4.2, since 1.2), one result each and in their order.
type DUStateChangeComplete struct {
	Results    []DUResult // at least one
	CommandKey string     // at most 32 characters; "" when absent
}

// RPC returns "DUStateChangeComplete".
func (*DUStateChangeComplete) RPC() string { return "DUStateChangeComplete" }

func (m *DUStateChangeComplete) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "Results":
			m.Results = append(m.Results, decodeDUResult(c))
		case "CommandKey":
			m.CommandKey = text(c)
		}
	}
}

func (m *DUStateChangeComplete) encode(w *writer) {
	w.duResults(m.Results, false)
	w.text("CommandKey", m.CommandKey, maxKey)
}

// DUStateChangeCompleteResponse lets the CPE forget the results.
type DUStateChangeCompleteResponse struct{}

// RPC returns "DUStateChangeCompleteResponse".
func (*DUStateChangeCompleteResponse) RPC() string { return "DUStateChangeCompleteResponse" }

func (*DUStateChangeCompleteResponse) decode(*etree.Element) {}
func (*DUStateChangeCompleteResponse) encode(*writer)        {}
