package base

import (
	"slices"
	"strings"
)

// Lines says by which parameters a phone tells of its lines. The names are below
// the root of its data model, with {i} for the number of an instance.
type Lines struct {
	Calls      Sign // says of each line whether it is idle
	Registered Sign // says of each line, or account, whether it is registered
	// Counted are sets of counters, by their names beside the parameter of Calls.
	// A line that has all of a set shows by one of them that there was a call.
	Counted [][]string
}

// Counters are the names beside a line's parameter of Calls that are read to see
// calls that are over: all of the sets that it has whole. has says which it has.
func (l Lines) Counters(has func(name string) bool) (names []string) {
	for _, set := range l.Counted {
		if !slices.ContainsFunc(set, func(name string) bool { return !has(name) }) {
			names = append(names, set...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// A Sign is a parameter that a phone has once for each line, and what of its
// values counts.
type Sign struct {
	Name   string
	Values []string // that say so, in any case; every other one says the contrary
}

// Of reports whether a name below the root is one of the sign's.
func (s Sign) Of(name string) bool {
	want, have := strings.Split(s.Name, "."), strings.Split(name, ".")
	if len(want) != len(have) {
		return false
	}
	for i, part := range want {
		if instance := part == "{i}"; instance && !number(have[i]) || !instance && part != have[i] {
			return false
		}
	}
	return true
}

// Says reports whether a value says so.
func (s Sign) Says(value string) bool {
	return slices.ContainsFunc(s.Values, func(v string) bool { return strings.EqualFold(v, strings.TrimSpace(value)) })
}

func number(s string) bool { return s != "" && len(s) <= 9 && strings.Trim(s, "0123456789") == "" }

// The two issues of TR-104. In the first a line has its call and its
// registration; in the second a line has its call, and a SIP client is what
// registers. "Registered" for Up is what some phones say, as TR-104 calls the
// state in its text.
//
// Of the counters those of calls that begin are enough, as a call that goes on is
// seen by its state, and so is the time of all calls for a phone that has no more;
// a call that nobody took is not in that.
var (
	issue1 = Lines{
		Calls:      Sign{"Services.VoiceService.1.VoiceProfile.{i}.Line.{i}.CallState", []string{"Idle"}},
		Registered: Sign{"Services.VoiceService.1.VoiceProfile.{i}.Line.{i}.Status", []string{"Up", "Registered"}},
		Counted:    [][]string{{"Stats.IncomingCallsReceived", "Stats.OutgoingCallsAttempted"}, {"Stats.TotalCallTime"}},
	}
	issue2 = Lines{
		Calls:      Sign{"Services.VoiceService.1.CallControl.Line.{i}.CallStatus", []string{"Idle"}},
		Registered: Sign{"Services.VoiceService.1.SIP.Client.{i}.Status", []string{"Up", "Registered"}},
		Counted: [][]string{
			{"Stats.IncomingCalls.CallsReceived", "Stats.OutgoingCalls.CallsAttempted"},
			{"Stats.IncomingCalls.TotalCallTime", "Stats.OutgoingCalls.TotalCallTime"},
		},
	}
)

// Lines returns the ways of TR-104, the first issue first, as that is what
// phones have, under either root.
func (Standard) Lines(string) []Lines { return []Lines{issue1, issue2} }

// Restarts reports true: a phone may restart for any file that it is given,
// unless it is known not to.
func (Standard) Restarts(string, string) bool { return true }
