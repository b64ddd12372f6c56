package cwmp

import "github.com/beevik/etree"

// ScheduleInform asks for one more Inform later (TR-069 A.4.1.2), with the
// events "3 SCHEDULED" and "M ScheduleInform".
type ScheduleInform struct {
	DelaySeconds uint32 // more than 0, from the response on
	CommandKey   string // at most 32 characters
}

// RPC returns "ScheduleInform".
func (*ScheduleInform) RPC() string { return "ScheduleInform" }

func (m *ScheduleInform) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "DelaySeconds":
			m.DelaySeconds = parseUint(c)
		case "CommandKey":
			m.CommandKey = text(c)
		}
	}
}

func (m *ScheduleInform) encode(w *writer) {
	w.uint("DelaySeconds", m.DelaySeconds)
	w.text("CommandKey", m.CommandKey, maxKey)
}

// ScheduleInformResponse says that the CPE will inform.
type ScheduleInformResponse struct{}

// RPC returns "ScheduleInformResponse".
func (*ScheduleInformResponse) RPC() string { return "ScheduleInformResponse" }

func (*ScheduleInformResponse) decode(*etree.Element) {}
func (*ScheduleInformResponse) encode(*writer)        {}
