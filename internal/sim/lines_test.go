package sim

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestLines: the first line registers some time after a boot, or never again,
// and says so by the names of either issue of TR-104, or not at all.
func TestLines(t *testing.T) {
	for _, tt := range []struct{ voice, status, call, inCall string }{
		{VoiceFirst, "VoiceProfile.1.Line.1.Status", "VoiceProfile.1.Line.1.CallState", "InCall"},
		{VoiceSecond, "SIP.Client.1.Status", "CallControl.Line.1.CallStatus", "Connected"},
		{VoiceNone, "", "", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := New(Options{ACS: "http://127.0.0.1/", Manual: true, Voice: tt.voice})
			p := f.Phone(0)
			service := p.Root() + "Services.VoiceService.1."
			want := func(name, value string) {
				t.Helper()
				if got, ok := p.Param(service + name); got != value || ok != (value != "") {
					t.Errorf("voice %q: %s is %q, %v; want %q", tt.voice, name, got, ok, value)
				}
			}
			if tt.voice == VoiceNone {
				want("VoiceProfile.1.Line.1.Status", "")
				want("CallControl.Line.1.CallStatus", "")
				return
			}
			want(tt.status, "Up")
			want(tt.call, "Idle")
			p.Set(Behaviour{InCall: true, LosesLines: true})
			want(tt.call, tt.inCall)
			want(tt.status, "Up") // it has not restarted yet
			p.PowerCut()
			want(tt.status, "Error")
			p.Set(Behaviour{Registers: 5 * time.Second})
			time.Sleep(4 * time.Second)
			want(tt.status, "Registering")
			time.Sleep(time.Second)
			want(tt.status, "Up")
		})
	}
	if f := New(Options{ACS: "http://127.0.0.1/", Voice: "third"}); f.err == nil {
		t.Error("a third issue is taken")
	}
}
