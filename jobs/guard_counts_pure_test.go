package jobs

import (
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestCountersOfALine: what a line counts is listed below it, by the names of the
// issue of TR-104 that the phone keeps to.
func TestCountersOfALine(t *testing.T) {
	const service = "Device.Services.VoiceService.1."
	for name, want := range map[string]string{
		service + "VoiceProfile.2.Line.1.CallState": service + "VoiceProfile.2.Line.1.Stats.",
		service + "CallControl.Line.7.CallStatus":   service + "CallControl.Line.7.Stats.",
	} {
		c := &lineCheck{lines: db.Lines{Calls: []string{name}}}
		if msg := c.list(&db.Phone{}); msg != nil {
			t.Errorf("asks for %+v, and nobody wants it", msg)
		}
		c.wanted = true
		m, _ := c.list(&db.Phone{}).(*cwmp.GetParameterNames)
		if m == nil || m.ParameterPath != want || m.NextLevel || !c.listing {
			t.Errorf("of %s it asks for %+v", name, m)
		}
		c.lines.Uncounted = "it has none"
		if msg := c.list(&db.Phone{}); msg != nil {
			t.Errorf("asks again: %+v", msg)
		}
	}
	c := &lineCheck{lines: db.Lines{Calls: []string{"Device.Odd.1.Call"}}}
	if c.wanted = true; c.list(&db.Phone{}) != nil || c.uncounted() == "" {
		t.Errorf("a line that is told of in no known way: %q", c.uncounted())
	}
}

// TestMoved: what shows a call is named, also where a counter went back.
func TestMoved(t *testing.T) {
	names := []string{"Device.Services.VoiceService.1.CallControl.Line.1.Stats.A", "Device.Services.VoiceService.1.CallControl.Line.1.Stats.B"}
	for _, tt := range []struct {
		old, now []uint64
		want     string
	}{
		{[]uint64{1, 2}, []uint64{1, 3}, "there was a call: CallControl.Line.1.Stats.B went from 2 to 3"},
		{[]uint64{5, 2}, []uint64{0, 0}, "there was a call: CallControl.Line.1.Stats.A went from 5 to 0"},
		{[]uint64{5}, []uint64{5, 0}, "what it counts is not what it counted"},
	} {
		if got := moved(names, tt.old, tt.now); got != tt.want {
			t.Errorf("from %v to %v: %q", tt.old, tt.now, got)
		}
	}
}
