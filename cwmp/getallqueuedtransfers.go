package cwmp

import "github.com/beevik/etree"

// GetAllQueuedTransfers asks for every transfer the CPE has queued, whoever
// ordered it (TR-069 A.4.1.7, since 1.1).
type GetAllQueuedTransfers struct{}

// RPC returns "GetAllQueuedTransfers".
func (*GetAllQueuedTransfers) RPC() string { return "GetAllQueuedTransfers" }

func (*GetAllQueuedTransfers) decode(*etree.Element) {}
func (*GetAllQueuedTransfers) encode(*writer)        {}

// GetAllQueuedTransfersResponse lists them.
type GetAllQueuedTransfersResponse struct {
	Transfers []AnyQueuedTransfer // at most 16
}

// RPC returns "GetAllQueuedTransfersResponse".
func (*GetAllQueuedTransfersResponse) RPC() string { return "GetAllQueuedTransfersResponse" }

func (m *GetAllQueuedTransfersResponse) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "TransferList" {
			m.Transfers = parseAllQueued(c, m.Transfers)
		}
	}
}

func (m *GetAllQueuedTransfersResponse) encode(w *writer) {
	w.allQueued(m.Transfers)
}

// AnyQueuedTransfer is one transfer.
type AnyQueuedTransfer struct {
	CommandKey     string // at most 32 characters; empty unless the ACS ordered it
	State          int    // one of the Transfer constants; 0 when unreadable
	IsDownload     bool
	FileType       string // at most 64
	FileSize       uint32 // bytes; 0 when not known
	TargetFileName string // at most 256
}

func parseAllQueued(e *etree.Element, list []AnyQueuedTransfer) []AnyQueuedTransfer {
	for c := range e.ChildElementsSeq() {
		var t AnyQueuedTransfer
		for f := range c.ChildElementsSeq() {
			switch f.Tag {
			case "CommandKey":
				t.CommandKey = text(f)
			case "State":
				t.State = parseInt(f, 0)
			case "IsDownload":
				t.IsDownload = parseBool(f)
			case "FileType":
				t.FileType = token(f)
			case "FileSize":
				t.FileSize = parseUint(f)
			case "TargetFileName":
				t.TargetFileName = text(f)
			}
		}
		list = append(list, t)
	}
	return list
}

func (w *writer) allQueued(list []AnyQueuedTransfer) {
	const tag = "TransferList"
	w.atMost(tag, len(list), 16)
	w.openArray(tag, "cwmp:AllQueuedTransferStruct", len(list))
	for i, t := range list {
		w.at(tag, i)
		w.open("AllQueuedTransferStruct")
		w.text("CommandKey", t.CommandKey, maxKey)
		w.int("State", t.State)
		w.bool("IsDownload", t.IsDownload)
		w.text("FileType", t.FileType, max64)
		w.uint("FileSize", t.FileSize)
		w.text("TargetFileName", t.TargetFileName, max256)
		w.close("AllQueuedTransferStruct")
	}
	w.closeArray(tag)
}
