package sim

import (
	"fmt"
	"time"
)

// talks are the calls that the first line was put into by [Phone.Set], since the
// last boot.
type talks struct {
	n     int
	took  time.Duration
	since time.Duration // when the one that goes on began, or was found at the boot
}

// turn counts a call that begins or ends.
func (t *talks) turn(now time.Duration, was, is bool) {
	switch {
	case is && !was:
		t.n, t.since = t.n+1, now
	case was && !is:
		t.took += now - t.since
	}
}

// callsCounted is how many calls the first line was called by since the last
// boot, and for how long it was in them. The phone is locked.
func (p *Phone) callsCounted() (n int, talked time.Duration) {
	now := p.fleet.now()
	n, talked = p.talks.n, p.talks.took
	if p.conduct.InCall {
		talked += now - p.talks.since
	}
	every, length := p.fleet.opts.CallEvery, p.fleet.opts.CallFor
	if length == 0 {
		return n, talked
	}
	ring := length / 10
	until := func(at time.Duration) (int, time.Duration) {
		at += p.callShift()
		begun := at / every
		return int(begun), begun*(length-ring) + min(max(0, at%every-ring), length-ring)
	}
	now0, talked0 := until(p.bootedAt)
	now1, talked1 := until(now)
	return n + now1 - now0, talked + talked1 - talked0
}

// addCounters adds what lines count of their calls: all of them come in, to the
// first.
func (m *model) addCounters(voice string) {
	in, out, inTime, outTime := "Stats.IncomingCallsReceived", "Stats.OutgoingCallsAttempted", "Stats.TotalCallTime", ""
	path := "Services.VoiceService.1.VoiceProfile.1.Line.%d."
	if voice == VoiceSecond {
		in, out = "Stats.IncomingCalls.CallsReceived", "Stats.OutgoingCalls.CallsAttempted"
		inTime, outTime = "Stats.IncomingCalls.TotalCallTime", "Stats.OutgoingCalls.TotalCallTime"
		path = "Services.VoiceService.1.CallControl.Line.%d."
	}
	for n := 1; n <= m.lines; n++ {
		line, calls, talked := fmt.Sprintf(path, n), "0", "0"
		if n == 1 {
			calls, talked = "$calls", "$talked"
		}
		m.add([]row{
			{line + in, kindUint, readOnly, calls},
			{line + out, kindUint, readOnly, "0"},
			{line + inTime, kindUint, readOnly, talked},
		})
		if outTime != "" {
			m.add([]row{{line + outTime, kindUint, readOnly, "0"}})
		}
	}
}
