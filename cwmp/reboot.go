package cwmp

import "github.com/beevik/etree"

// Reboot restarts the CPE once the session is over (TR-069 A.3.2.9). The next
// Inform has the events "1 BOOT" and "M Reboot" with the same CommandKey.
type Reboot struct {
	CommandKey string // at most 32 characters
}

// RPC returns "Reboot".
func (*Reboot) RPC() string { return "Reboot" }

func (m *Reboot) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "CommandKey" {
			m.CommandKey = text(c)
		}
	}
}

func (m *Reboot) encode(w *writer) { w.text("CommandKey", m.CommandKey, maxKey) }

// RebootResponse says that the CPE is going to restart, not that it did.
type RebootResponse struct{}

// RPC returns "RebootResponse".
func (*RebootResponse) RPC() string { return "RebootResponse" }

func (*RebootResponse) decode(*etree.Element) {}
func (*RebootResponse) encode(*writer)        {}
