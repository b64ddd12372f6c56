package cwmp

import "github.com/beevik/etree"

// TransferComplete reports how a Download, ScheduleDownload or Upload ended
// (TR-069 A.3.3.2).
type TransferComplete struct {
	CommandKey              string // that of the request; some devices send none or another
	Fault                   FaultStruct
	StartTime, CompleteTime string // dateTime, verbatim; UnknownTime when empty
}

// RPC returns "TransferComplete".
func (*TransferComplete) RPC() string { return "TransferComplete" }

func (m *TransferComplete) decode(e *etree.Element) {
	m.StartTime, m.CompleteTime = UnknownTime, UnknownTime
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "CommandKey":
			m.CommandKey = text(c)
		case "FaultStruct":
			m.Fault = decodeFaultStruct(c)
		case "StartTime":
			m.StartTime = parseTime(c)
		case "CompleteTime":
			m.CompleteTime = parseTime(c)
		}
	}
}

func (m *TransferComplete) encode(w *writer) {
	w.text("CommandKey", m.CommandKey, maxKey)
	w.faultStruct(m.Fault)
	w.time("StartTime", m.StartTime)
	w.time("CompleteTime", m.CompleteTime)
}

// TransferCompleteResponse lets the CPE forget the transfer.
type TransferCompleteResponse struct{}

// RPC returns "TransferCompleteResponse".
func (*TransferCompleteResponse) RPC() string { return "TransferCompleteResponse" }

func (*TransferCompleteResponse) decode(*etree.Element) {}
func (*TransferCompleteResponse) encode(*writer)        {}
