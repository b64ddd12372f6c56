package sim

import "strings"

// event is one EventStruct of an Inform.
type event struct{ code, key string }

// eventSet holds the events 0 to 14, each of which an Inform carries at most
// once (TR-069 3.7.1.5).
type eventSet uint16

const (
	evBootstrap         eventSet = 1 << 0
	evBoot              eventSet = 1 << 1
	evPeriodic          eventSet = 1 << 2
	evScheduled         eventSet = 1 << 3
	evValueChange       eventSet = 1 << 4
	evConnectionRequest eventSet = 1 << 6
	evTransferComplete  eventSet = 1 << 7
	evDiagnostics       eventSet = 1 << 8
)

// lostAtRestart need not outlive a restart: 4 and 8 last until then, 6 is
// never told twice.
const lostAtRestart = evValueChange | evConnectionRequest | evDiagnostics

var eventCodes = [...]string{
	"0 BOOTSTRAP", "1 BOOT", "2 PERIODIC", "3 SCHEDULED", "4 VALUE CHANGE", "5 KICKED",
	"6 CONNECTION REQUEST", "7 TRANSFER COMPLETE", "8 DIAGNOSTICS COMPLETE", "9 REQUEST DOWNLOAD",
	"10 AUTONOMOUS TRANSFER COMPLETE", "11 DU STATE CHANGE COMPLETE",
	"12 AUTONOMOUS DU STATE CHANGE COMPLETE", "13 WAKEUP", "14 HEARTBEAT",
}

// list gives the set's events in order of their numbers.
func (s eventSet) list() []event {
	var out []event
	for i, code := range eventCodes {
		if s&(1<<i) != 0 {
			out = append(out, event{code: code})
		}
	}
	return out
}

// parseEvents sorts event names into the numbered set and the rest, where
// "M Reboot=key" carries a CommandKey.
func parseEvents(names []string) (set eventSet, named []event) {
next:
	for _, name := range names {
		for i, code := range eventCodes {
			if name == code {
				set |= 1 << i
				continue next
			}
		}
		code, key, _ := strings.Cut(name, "=")
		named = append(named, event{code, key})
	}
	return set, named
}
