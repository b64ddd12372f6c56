package sim

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestCallsCounted: a line counts its calls as they begin and their time as it
// passes, by the names of either issue of TR-104, and begins anew with each boot.
func TestCallsCounted(t *testing.T) {
	for _, tt := range []struct{ voice, calls, talked, never string }{
		{VoiceFirst, "VoiceProfile.1.Line.1.Stats.IncomingCallsReceived", "VoiceProfile.1.Line.1.Stats.TotalCallTime", "VoiceProfile.1.Line.1.Stats.OutgoingCallsAttempted"},
		{VoiceSecond, "CallControl.Line.1.Stats.IncomingCalls.CallsReceived", "CallControl.Line.1.Stats.IncomingCalls.TotalCallTime", "CallControl.Line.1.Stats.OutgoingCalls.TotalCallTime"},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := Options{ACS: "http://127.0.0.1/", Manual: true, Voice: tt.voice}
			p := New(o).Phone(0)
			if _, ok := p.Param(p.Root() + "Services.VoiceService.1." + tt.calls); ok {
				t.Error("calls are counted, and were not to be")
			}
			o.CountsCalls = true
			p = New(o).Phone(0)
			told := func(what, calls, talked string) {
				t.Helper()
				for name, want := range map[string]string{tt.calls: calls, tt.talked: talked, tt.never: "0"} {
					if got, _ := p.Param(p.Root() + "Services.VoiceService.1." + name); got != want {
						t.Errorf("%s: %s is %q; want %s", what, name, got, want)
					}
				}
			}
			told("at first", "0", "0")
			p.Set(Behaviour{InCall: true})
			time.Sleep(30 * time.Second)
			told("in a call", "1", "30")
			p.Set(Behaviour{InCall: true})
			p.Set(Behaviour{})
			time.Sleep(time.Minute)
			told("after it", "1", "30")
			p.Set(Behaviour{InCall: true})
			p.Set(Behaviour{})
			told("after another", "2", "30")
			p.PowerCut()
			time.Sleep(time.Minute)
			told("after a boot", "0", "0")

			o.CallEvery, o.CallFor = 10*time.Minute, 100*time.Second
			p = New(o).Phone(0)
			time.Sleep(50 * time.Second) // of which 10 ring
			told("in its first call", "0", "40")
			time.Sleep(10 * time.Minute)
			told("in its second", "1", "130")
			time.Sleep(time.Minute)
			told("after that", "1", "180")
		})
	}
	at := func(int, time.Time) string { return "Idle" }
	for _, o := range []Options{{CountsCalls: true, CallAt: at}, {CountsCalls: true, Voice: VoiceNone}} {
		if o.ACS = "http://127.0.0.1/"; New(o).err == nil {
			t.Errorf("counts what it cannot: %+v", o.Voice)
		}
	}
}
