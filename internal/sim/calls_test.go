package sim

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestCallState: the first line rings, is in a call and is idle again, for as
// long as the options say, and not all phones at once.
func TestCallState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(Options{ACS: "http://127.0.0.1/", Phones: 200, Manual: true, CallEvery: 10 * time.Minute, CallFor: 2 * time.Minute})
		count := func(i int) (ringing, busy int) {
			for range 600 {
				p := f.Phone(i)
				switch state, _ := p.Param(p.Root() + "Services.VoiceService.1.VoiceProfile.1.Line.1.CallState"); state {
				case "Ringing":
					ringing++
				case "InCall":
					busy++
				case "Idle":
				default:
					t.Fatalf("state %q", state)
				}
				time.Sleep(time.Second)
			}
			return ringing, busy
		}
		for _, i := range []int{0, 1, 150} {
			if ringing, busy := count(i); ringing != 12 || busy != 108 {
				t.Errorf("phone %d rings for %d s and talks for %d s", i, ringing, busy)
			}
		}
		in := 0
		for i := range f.Len() {
			p := f.Phone(i)
			if state, _ := p.Param(p.Root() + "Services.VoiceService.1.VoiceProfile.1.Line.1.CallState"); state != "Idle" {
				in++
			}
			if state, _ := p.Param(p.Root() + "Services.VoiceService.1.VoiceProfile.1.Line.2.CallState"); state != "Idle" {
				t.Errorf("line 2 is %s", state)
			}
		}
		if in < 20 || in > 60 {
			t.Errorf("%d of 200 phones are in a call; want about 40", in)
		}
	})
	if f := New(Options{ACS: "http://127.0.0.1/", CallEvery: time.Minute, CallFor: time.Minute}); f.err == nil {
		t.Error("calls that never end are taken")
	}
}
