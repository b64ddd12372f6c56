package sim

import (
	"errors"
	"slices"
	"strings"
)

// rpcHabits are how a phone takes the requests of the ACS.
type rpcHabits struct {
	unsupported unsupportedAs
	less        bool   // GetParameterValues leaves out the last
	more        bool   // and adds one that nobody asked for
	tooMany     int    // the fault for too many; 0: 9004
	refuses     string // names with this in it get 9005, though the phone lists them
	later       bool   // SetParameterValues takes effect after the session, with Status 1
	digits      bool   // booleans are taken as 0 and 1 alone
	whole       bool   // times are taken in whole seconds alone
	typedLists  bool   // an empty access list that does not say its type is refused
}

// unsupportedAs is what a request becomes that the phone does not support.
type unsupportedAs uint8

const (
	asFault   unsupportedAs = iota
	asNothing               // an empty POST
	asSilence               // the phone never answers, and hangs up
	asEnd                   // the agent ends, and is started anew
)

// errAgentEnded reports an agent that a request it does not support has ended.
var errAgentEnded = errors.New("agent ended by a request that it does not support")

var rpcDialects = []Dialect{
	{"unsupported-empty", []int{75}, "posts nothing in answer to an RPC that it does not support",
		func(h *habits) { h.rpc.unsupported = asNothing }},
	{"unsupported-silent", []int{75}, "hangs up on an RPC that it does not support", func(h *habits) { h.rpc.unsupported = asSilence }},
	{"unsupported-ends", []int{75}, "crashes on an RPC that it does not support, and starts anew",
		func(h *habits) { h.rpc.unsupported = asEnd }},
	{"values-less", []int{51}, "leaves out one of the values that it is asked for", func(h *habits) { h.rpc.less = true }},
	{"values-more", []int{51}, "tells one value that it is not asked for", func(h *habits) { h.rpc.more = true }},
	{"too-many-9002", []int{52}, "answers 9002 where it is asked for too many values, not 9004", func(h *habits) { h.rpc.tooMany = 9002 }},
	{"own-name-9005", []int{53}, "answers 9005 to its own VendorConfigFile", func(h *habits) { h.rpc.refuses = "VendorConfigFile." }},
	{"set-later", []int{80}, "answers SetParameterValues with Status 1, and sets after the session", func(h *habits) { h.rpc.later = true }},
	{"access-list-typed", []int{31}, "refuses an empty access list that does not say its type", func(h *habits) { h.rpc.typedLists = true }},
	{"whole-seconds", []int{45}, "takes no time with fractions of a second", func(h *habits) { h.rpc.whole = true }},
	{"booleans-01", []int{43}, "takes 0 and 1 alone for a boolean", func(h *habits) { h.rpc.digits = true }},
}

// unsupported is what becomes of a request that this phone does not support.
func (s *session) unsupported() error {
	switch s.conduct.habits.rpc.unsupported {
	case asNothing:
		return errNoAnswer
	case asSilence:
		return ErrDropped
	case asEnd:
		if err := s.enter(); err != nil {
			return err
		}
		defer s.p.mu.Unlock()
		s.p.restartDue = true
		return errAgentEnded
	}
	return newFault(9000)
}

// errNoAnswer has an empty POST stand for the answer.
var errNoAnswer = errors.New("nothing in answer")

// told gives the parameters of an answer as this phone's habits have them.
func (h *rpcHabits) told(m *model, found []*param) []*param {
	if h.less && len(found) > 1 {
		found = found[:len(found)-1]
	}
	if i, ok := m.find(m.root + "DeviceInfo.UpTime"); ok && h.more && !slices.Contains(found, &m.params[i]) {
		found = append(found, &m.params[i])
	}
	return found
}

// refused reports whether a phone denies a name, though it lists it. A path
// above such a name is answered without it.
func (h *rpcHabits) refused(name string) bool {
	return h.refuses != "" && strings.Contains(name, h.refuses)
}

// refuseForm reports whether a value is a boolean in words, or a time with
// fractions, and the phone takes none such.
func (h *rpcHabits) refuseForm(value *node) bool {
	return h.digits && strings.HasSuffix(value.typ, ":boolean") && value.text != "0" && value.text != "1" ||
		h.whole && strings.HasSuffix(value.typ, ":dateTime") && strings.Contains(value.text, ".")
}

// setLater sets what SetParameterValues put off; the phone is locked.
func (p *Phone) setLater() {
	later := p.later
	p.later = nil
	for _, c := range later {
		p.assign(c.name, c.value)
	}
}
