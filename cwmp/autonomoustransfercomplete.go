package cwmp

import "github.com/beevik/etree"

// AutonomousTransferComplete reports a transfer the ACS did not order (TR-069
// A.3.3.3, since 1.1).
type AutonomousTransferComplete struct {
	AnnounceURL             string // at most 1024 characters
	TransferURL             string // at most 1024
	IsDownload              bool
	FileType                string // at most 64
	FileSize                uint32 // bytes; 0 when not known
	TargetFileName          string // at most 256
	Fault                   FaultStruct
	StartTime, CompleteTime string // dateTime, verbatim; UnknownTime when empty
}

// RPC returns "AutonomousTransferComplete".
func (*AutonomousTransferComplete) RPC() string { return "AutonomousTransferComplete" }

func (m *AutonomousTransferComplete) decode(e *etree.Element) {
	m.StartTime, m.CompleteTime = UnknownTime, UnknownTime
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "AnnounceURL":
			m.AnnounceURL = token(c)
		case "TransferURL":
			m.TransferURL = token(c)
		case "IsDownload":
			m.IsDownload = parseBool(c)
		case "FileType":
			m.FileType = token(c)
		case "FileSize":
			m.FileSize = parseUint(c)
		case "TargetFileName":
			m.TargetFileName = text(c)
		case "FaultStruct":
			m.Fault = decodeFaultStruct(c)
		case "StartTime":
			m.StartTime = parseTime(c)
		case "CompleteTime":
			m.CompleteTime = parseTime(c)
		}
	}
}

func (m *AutonomousTransferComplete) encode(w *writer) {
	w.text("AnnounceURL", m.AnnounceURL, max1024)
	w.text("TransferURL", m.TransferURL, max1024)
	w.bool("IsDownload", m.IsDownload)
	w.text("FileType", m.FileType, max64)
	w.uint("FileSize", m.FileSize)
	w.text("TargetFileName", m.TargetFileName, max256)
	w.faultStruct(m.Fault)
	w.time("StartTime", m.StartTime)
	w.time("CompleteTime", m.CompleteTime)
}

// AutonomousTransferCompleteResponse lets the CPE forget the transfer.
type AutonomousTransferCompleteResponse struct{}

// RPC returns "AutonomousTransferCompleteResponse".
func (*AutonomousTransferCompleteResponse) RPC() string { return "AutonomousTransferCompleteResponse" }

func (*AutonomousTransferCompleteResponse) decode(*etree.Element) {}
func (*AutonomousTransferCompleteResponse) encode(*writer)        {}
