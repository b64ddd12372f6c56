package sim

import "slices"

// transferHabits are how a phone reports its transfers.
type transferHabits struct {
	noEvent  bool // neither 7 TRANSFER COMPLETE nor M Download announces the report
	atWake   bool // it waits for a connection request
	twice    bool // it is sent again after it was acknowledged
	otherKey bool // its CommandKey is that of the last restart, or of nothing
}

var transferDialects = []Dialect{
	{"complete-anonymous", []int{46}, "reports transfers without a CommandKey and without times",
		writes(alter(`(<cwmp:TransferComplete><CommandKey>)[^<]*`, "$1"), alter(`<(Start|Complete)Time>[^<]*`, "<${1}Time>"+unknownTime))},
	{"complete-no-times", []int{76}, "reports transfers with empty times", writes(alter(`<(Start|Complete)Time>[^<]*`, "<${1}Time>"))},
	{"complete-faults-last", []int{74}, "reports transfers with the FaultStruct after the times",
		writes(alter(`(<FaultStruct>.*</FaultStruct>)(<StartTime>.*</CompleteTime>)`, "$2$1"))},
	{"complete-other-key", []int{76}, "reports transfers with the CommandKey of another RPC", func(h *habits) { h.transfer.otherKey = true }},
	{"complete-no-event", []int{76}, "reports transfers without 7 TRANSFER COMPLETE", func(h *habits) { h.transfer.noEvent = true }},
	{"complete-at-wake", []int{76}, "reports transfers only in a session that a connection request asked for, without an event",
		func(h *habits) { h.transfer.noEvent, h.transfer.atWake = true, true }},
	{"complete-twice", []int{76}, "reports each transfer twice in one session", func(h *habits) { h.transfer.twice = true }},
}

// reports says whether results are told in a session with these events.
func (h *transferHabits) reports(events eventSet) bool {
	return !h.atWake || events&evConnectionRequest != 0
}

// key gives the CommandKey under which a transfer is reported; the phone is
// locked.
func (h *transferHabits) key(p *Phone, t *transfer) string {
	if !h.otherKey {
		return t.key
	}
	i := slices.IndexFunc(p.ledger.Calls, func(c Call) bool { return c.RPC == "Reboot" })
	if i < 0 {
		return "unknown"
	}
	return p.ledger.Calls[i].CommandKey
}
