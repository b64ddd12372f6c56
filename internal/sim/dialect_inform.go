package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// informHabits are what a phone puts into its Inform, and how often.
type informHabits struct {
	id       string // format of cwmp:ID, for a number or for none; "": the number
	noID     bool   // what comes back has none either
	reversed bool   // events
	alone    bool   // 0 BOOTSTRAP stands without 1 BOOT
	secrets  bool
	every    time.Duration // after a good session another begins; 0: no
	retries  int           // are counted from this on, and never back
}

var informDialects = []Dialect{
	{"events-reversed", []int{56, 77}, "tells its events backwards: M Download before 7 TRANSFER COMPLETE", func(h *habits) { h.inform.reversed = true }},
	{"bootstrap-alone", []int{77}, "tells 0 BOOTSTRAP without 1 BOOT", func(h *habits) { h.inform.alone = true }},
	{"retry-storm", []int{58}, "informs four times a second, and counts retries from 1485 on",
		func(h *habits) { h.inform.every, h.inform.retries = 250*time.Millisecond, 1485 }},
}

// idOf gives the n-th cwmp:ID.
func (h *informHabits) idOf(n int) string {
	if !strings.Contains(h.id, "%") {
		return h.id
	}
	return fmt.Sprintf(h.id, n)
}

// arrange gives the events of an Inform as the phone tells them.
func (h *informHabits) arrange(events []event) []event {
	if h.alone && slices.Contains(codes(events), "0 BOOTSTRAP") {
		events = slices.DeleteFunc(slices.Clone(events), func(e event) bool { return e.code == "1 BOOT" })
	}
	if h.reversed {
		events = slices.Clone(events)
		slices.Reverse(events)
	}
	return events
}

// count gives the RetryCount of an Inform; the phone is locked.
func (h *informHabits) count(p *Phone) int {
	if h.retries > 0 {
		return h.retries + p.ledger.Informs
	}
	return p.retry
}

// secretParams are told by those who tell secrets.
var secretParams = []string{"ManagementServer.Username", "ManagementServer.Password", "ManagementServer.ConnectionRequestPassword"}
