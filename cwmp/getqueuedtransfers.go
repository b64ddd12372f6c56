package cwmp

import "github.com/beevik/etree"

// GetQueuedTransfers asks for the transfers the ACS ordered (TR-069 A.4.1.1,
// deprecated in favour of GetAllQueuedTransfers).
type GetQueuedTransfers struct{}

// RPC returns "GetQueuedTransfers".
func (*GetQueuedTransfers) RPC() string { return "GetQueuedTransfers" }

func (*GetQueuedTransfers) decode(*etree.Element) {}
func (*GetQueuedTransfers) encode(*writer)        {}

// GetQueuedTransfersResponse lists them.
type GetQueuedTransfersResponse struct {
	Transfers []QueuedTransfer // at most 16
}

// RPC returns "GetQueuedTransfersResponse".
func (*GetQueuedTransfersResponse) RPC() string { return "GetQueuedTransfersResponse" }

func (m *GetQueuedTransfersResponse) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "TransferList" {
			m.Transfers = parseQueued(c, m.Transfers)
		}
	}
}

func (m *GetQueuedTransfersResponse) encode(w *writer) {
	w.queued(m.Transfers)
}

// The states of a queued transfer.
const (
	TransferNotStarted = 1
	TransferRunning    = 2
	TransferCompleted  = 3 // waiting for TransferComplete to be answered
)

// QueuedTransfer is one transfer.
type QueuedTransfer struct {
	CommandKey string // at most 32 characters
	State      int    // one of the Transfer constants; 0 when unreadable
}

func parseQueued(e *etree.Element, list []QueuedTransfer) []QueuedTransfer {
	for c := range e.ChildElementsSeq() {
		var t QueuedTransfer
		for f := range c.ChildElementsSeq() {
			switch f.Tag {
			case "CommandKey":
				t.CommandKey = text(f)
			case "State":
				t.State = parseInt(f, 0)
			}
		}
		list = append(list, t)
	}
	return list
}

func (w *writer) queued(list []QueuedTransfer) {
	const tag = "TransferList"
	w.atMost(tag, len(list), 16)
	w.openArray(tag, "cwmp:QueuedTransferStruct", len(list))
	for i, t := range list {
		w.at(tag, i)
		w.open("QueuedTransferStruct")
		w.text("CommandKey", t.CommandKey, maxKey)
		w.int("State", t.State)
		w.close("QueuedTransferStruct")
	}
	w.closeArray(tag)
}
