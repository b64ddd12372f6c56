package cwmp

import "github.com/beevik/etree"

// AutonomousDUStateChangeComplete reports changes of software modules that the
// ACS did not order (TR-069 A.4.2, since 1.2).
type AutonomousDUStateChangeComplete struct {
	Results []DUResult // at least one, with OperationPerformed
}

// RPC returns "AutonomousDUStateChangeComplete".
func (*AutonomousDUStateChangeComplete) RPC() string { return "AutonomousDUStateChangeComplete" }

func (m *AutonomousDUStateChangeComplete) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "Results" {
			r := decodeDUResult(c)
			for f := range c.ChildElementsSeq() {
				if f.Tag == "OperationPerformed" {
					r.OperationPerformed = token(f)
				}
			}
			m.Results = append(m.Results, r)
		}
	}
}

func (m *AutonomousDUStateChangeComplete) encode(w *writer) { w.duResults(m.Results, true) }

// AutonomousDUStateChangeCompleteResponse lets the CPE forget the results.
type AutonomousDUStateChangeCompleteResponse struct{}

// RPC returns "AutonomousDUStateChangeCompleteResponse".
func (*AutonomousDUStateChangeCompleteResponse) RPC() string {
	return "AutonomousDUStateChangeCompleteResponse"
}

func (*AutonomousDUStateChangeCompleteResponse) decode(*etree.Element) {}
func (*AutonomousDUStateChangeCompleteResponse) encode(*writer)        {}
