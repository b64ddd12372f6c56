package jobs

import (
	"strings"
	"testing"

	"phoneacs/db"
)

// TestSIPAccount: which line, as whom, and where it listens.
func TestSIPAccount(t *testing.T) {
	const v1, v2 = "InternetGatewayDevice.Services.VoiceService.1.VoiceProfile.", "Device.Services.VoiceService.1.SIP.Client."
	for _, tt := range []struct {
		name   string
		values string // name=value, separated by blanks
		user   string
		port   uint16
	}{
		{"nothing", "", "", 0},
		{"a URI", v1 + "1.Line.1.SIP.URI=sip:1001@pbx.example;user=phone " + v1 + "1.Line.1.SIP.AuthUserName=auth", "1001", 0},
		{"in brackets", v1 + "1.Line.1.SIP.URI=<SIPS:1001@pbx.example>", "1001", 0},
		{"the user alone", v1 + "1.Line.1.SIP.URI=1001", "1001", 0},
		{"no URI", v1 + "1.Line.1.SIP.URI= " + v1 + "1.Line.1.SIP.AuthUserName=auth " + v1 + "1.Line.1.DirectoryNumber=17", "auth", 0},
		{"a number alone", v1 + "1.Line.1.DirectoryNumber=17", "17", 0},
		{"the first is off", v1 + "1.Line.1.Enable=Disabled " + v1 + "1.Line.1.SIP.URI=1001 " + v1 + "1.Line.2.Enable=Enabled " + v1 + "1.Line.2.SIP.URI=1002", "1002", 0},
		{"the first has none", v1 + "1.Line.1.SIP.URI= " + v1 + "2.Line.1.SIP.URI=1002 " + v1 + "1.SIP.UserAgentPort=5070 " + v1 + "2.SIP.UserAgentPort=5080", "1002", 5080},
		{"a port and no user", v1 + "1.SIP.UserAgentPort=5070 " + v1 + "1.Line.1.SIP.URI=", "", 5070},
		{"a port that is none", v1 + "1.Line.1.SIP.URI=1001 " + v1 + "1.SIP.UserAgentPort=70000", "1001", 0},
		{"TR-104 2", v2 + "1.RegisterURI=sip:1001@pbx.example " + v2 + "1.AuthUserName=auth " + v2 + "1.UserAgentPort=5090 " + v2 + "1.Enable=1", "1001", 5090},
		{"TR-104 2, off", v2 + "1.RegisterURI=sip:1001@pbx.example " + v2 + "1.Enable=0 " + v2 + "2.AuthUserName=auth", "auth", 0},
		{"what is deeper is another thing", v1 + "1.Line.1.CallingFeatures.Enable=Disabled " + v1 + "1.Line.1.SIP.EventSubscribe.1.SIP.URI=9", "", 0},
	} {
		var values []db.Parameter
		for _, f := range strings.Fields(tt.values) {
			name, value, _ := strings.Cut(f, "=")
			values = append(values, db.Parameter{Name: name, Value: value})
		}
		if user, port := sipAccount(values); user != tt.user || port != tt.port {
			t.Errorf("%s: %q at port %d; want %q at %d", tt.name, user, port, tt.user, tt.port)
		}
	}
}

// FuzzUserOf promises that the user of what a phone gives as its URI is a part
// of it, names no host and no scheme, and is its own user.
func FuzzUserOf(f *testing.F) {
	for _, s := range []string{"", "1001", "sip:1001@a", "<sip:1001@a>;tag=1", "\"x\" <sips:1;2@a>", "sip:sip:@", "tel:+49"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		user := userOf(s)
		if !strings.Contains(s, user) || strings.ContainsAny(user, "@;") || len(user) > len(s) {
			t.Fatalf("userOf(%q) = %q", s, user)
		}
	})
}
