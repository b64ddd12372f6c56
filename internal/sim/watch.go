package sim

import "strings"

// What a [Sighting] is of.
const (
	SawSession = "session" // begins
	SawRequest = "request" // of the ACS, as it came; Detail is its RPC
	SawLine    = "line"    // the first line's state was read; Detail is what goes out
	SawRestart = "restart" // on the phone's own account: asked for, or after a flash
	SawBoot    = "boot"    // the phone is up again
	SawResult  = "result"  // a transfer has ended; Detail is its fault code, 0 for none
)

// A Sighting is one thing that a phone did, at the time of the call that tells
// of it. It is the phone's own account, whatever the server has on record.
type Sighting struct {
	Phone  int
	What   string
	Detail string
	Key    string // CommandKey, where there is one
}

// saw tells of something; the phone is locked.
func (p *Phone) saw(what, detail, key string) {
	if watch := p.fleet.opts.Watch; watch != nil {
		watch(Sighting{p.index, what, detail, key})
	}
}

// sawLine tells of a parameter that is about to be answered, if that is the
// state of the first line; the phone is locked.
func (p *Phone) sawLine(pr *param, value string) {
	if p.fleet.opts.Watch != nil && strings.HasSuffix(pr.name, ".VoiceProfile.1.Line.1.CallState") {
		p.saw(SawLine, value, "")
	}
}
