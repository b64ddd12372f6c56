package cwmp

import "github.com/beevik/etree"

// CancelTransfer withdraws a transfer that is queued (TR-069 A.4.1.9, since 1.2).
type CancelTransfer struct {
	CommandKey string // that of the transfer, at most 32 characters
}

// RPC returns "CancelTransfer".
func (*CancelTransfer) RPC() string { return "CancelTransfer" }

func (m *CancelTransfer) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "CommandKey" {
			m.CommandKey = text(c)
		}
	}
}

func (m *CancelTransfer) encode(w *writer) {
	w.text("CommandKey", m.CommandKey, maxKey)
}

// CancelTransferResponse says that the transfer is withdrawn.
type CancelTransferResponse struct{}

// RPC returns "CancelTransferResponse".
func (*CancelTransferResponse) RPC() string { return "CancelTransferResponse" }

func (*CancelTransferResponse) decode(*etree.Element) {}
func (*CancelTransferResponse) encode(*writer)        {}
