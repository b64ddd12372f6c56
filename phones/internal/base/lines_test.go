package base

import (
	"strings"
	"testing"
)

func TestSign(t *testing.T) {
	calls, registered := issue1.Calls, issue1.Registered
	const line = "Services.VoiceService.1.VoiceProfile.1.Line.12."
	for name, want := range map[string]bool{
		line + "CallState": true, line + "Status": false, line + "CallState.": false, "Device." + line + "CallState": false,
		strings.Replace(line, "12", "x", 1) + "CallState": false, strings.Replace(line, "12", "", 1) + "CallState": false,
		strings.Replace(line, "12", "1234567890", 1) + "CallState": false, "": false,
	} {
		if got := calls.Of(name); got != want {
			t.Errorf("Of(%q) = %v", name, got)
		}
	}
	for value, want := range map[string]bool{"Up": true, " up ": true, "Registered": true, "Registering": false, "": false, "Upp": false} {
		if got := registered.Says(value); got != want {
			t.Errorf("Says(%q) = %v", value, got)
		}
	}
	for value, want := range map[string]bool{"Idle": true, "IDLE": true, "InCall": false, "": false} {
		if got := calls.Says(value); got != want {
			t.Errorf("Says(%q) = %v", value, got)
		}
	}
	for _, way := range (Standard{}).Lines("X6") {
		for _, s := range []Sign{way.Calls, way.Registered} {
			if !s.Of(strings.ReplaceAll(s.Name, "{i}", "7")) || s.Of(s.Name) {
				t.Errorf("%s is not one of its own, or is as it stands", s.Name)
			}
		}
	}
	all := func(string) bool { return true }
	first := func(name string) bool { return strings.Contains(name, "Received") || strings.Contains(name, "Time") }
	for i, want := range []string{
		"Stats.IncomingCallsReceived Stats.OutgoingCallsAttempted Stats.TotalCallTime",
		"Stats.IncomingCalls.CallsReceived Stats.IncomingCalls.TotalCallTime Stats.OutgoingCalls.CallsAttempted Stats.OutgoingCalls.TotalCallTime",
	} {
		way := (Standard{}).Lines("X6")[i]
		if got := strings.Join(way.Counters(all), " "); got != want {
			t.Errorf("of all counters %s are read", got)
		}
		for _, name := range way.Counters(first) {
			if !strings.HasSuffix(name, "Time") {
				t.Errorf("%s is read, and calls that go out are not counted", name)
			}
		}
	}
	if !(Standard{}).Restarts(KindConfig, "X6") {
		t.Error("a phone of which nothing is known does not restart")
	}
}
