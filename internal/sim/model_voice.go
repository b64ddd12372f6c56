package sim

import "fmt"

// The ways in which a phone may tell of its lines.
const (
	VoiceFirst  = ""       // as the first issue of TR-104 has it
	VoiceSecond = "second" // and the second
	VoiceNone   = "none"   // not at all
)

// addSecond adds the voice service of TR-104's second issue: lines that are in
// calls, and the SIP client of the first, which registers.
func (m *model) addSecond() {
	const service = "Services.VoiceService.1."
	for n := 1; n <= m.lines; n++ {
		call, line, client := "Idle", fmt.Sprintf("%sCallControl.Line.%d.", service, n), fmt.Sprintf("%sSIP.Client.%d.", service, n)
		enable, status := "false", "Disabled"
		if n == 1 {
			call, enable, status = "$call2", "true", "$status"
		}
		m.add([]row{
			{line + "Enable", kindBool, readWrite, enable},
			{line + "Status", kindString, readOnly, "Up"},
			{line + "CallStatus", kindString, readOnly, call},
			{client + "Enable", kindBool, readWrite, enable},
			{client + "Status", kindString, readOnly, status},
		})
	}
}

// addVoice adds the voice service of TR-104: one profile with the model's
// lines, the first of which is in service.
func (m *model) addVoice(way string) {
	switch way {
	case VoiceNone:
		return
	case VoiceSecond:
		m.addSecond()
		return
	}
	const service = "Services.VoiceService.1."
	const profile = service + "VoiceProfile.1."
	m.add([]row{
		{"Services.VoiceServiceNumberOfEntries", kindUint, readOnly, "1"},
		{service + "VoiceProfileNumberOfEntries", kindUint, readOnly, "1"},
		{service + "Capabilities.MaxProfileCount", kindUint, readOnly, "1"},
		{service + "Capabilities.MaxLineCount", kindUint, readOnly, "$lines"},
		{service + "Capabilities.MaxSessionCount", kindUint, readOnly, "3"},
		{service + "Capabilities.SignalingProtocols", kindString, readOnly, "SIP"},
		{service + "Capabilities.SIP.Role", kindString, readOnly, "UserAgent"},
		{service + "Capabilities.SIP.Transports", kindString, readOnly, "UDP,TCP,TLS"},
		{profile + "Enable", kindString, readWrite, "Enabled"},
		{profile + "Name", kindString, readWrite, "default"},
		{profile + "NumberOfLines", kindUint, readOnly, "$lines"},
		{profile + "SignalingProtocol", kindString, readWrite, "SIP"},
		{profile + "DTMFMethod", kindString, readWrite, "RFC2833"},
		{profile + "DigitMap", kindString, readWrite, "[x*#].T"},
		{profile + "SIP.ProxyServer", kindString, readWrite, ""},
		{profile + "SIP.ProxyServerPort", kindUint, readWrite, "5060"},
		{profile + "SIP.ProxyServerTransport", kindString, readWrite, "UDP"},
		{profile + "SIP.RegistrarServer", kindString, readWrite, ""},
		{profile + "SIP.RegistrarServerPort", kindUint, readWrite, "5060"},
		{profile + "SIP.RegistrarServerTransport", kindString, readWrite, "UDP"},
		{profile + "SIP.OutboundProxy", kindString, readWrite, ""},
		{profile + "SIP.OutboundProxyPort", kindUint, readWrite, "5060"},
		{profile + "SIP.UserAgentPort", kindUint, readWrite, "$sip"},
		{profile + "SIP.RegisterExpires", kindUint, readWrite, "3600"},
		{profile + "RTP.LocalPortMin", kindUint, readWrite, "10000"},
		{profile + "RTP.LocalPortMax", kindUint, readWrite, "10200"},
	})
	for n := 1; n <= m.lines; n++ {
		line := fmt.Sprintf("%sLine.%d.", profile, n)
		enable, status, call := "Disabled", "Disabled", "Idle"
		if n == 1 {
			enable, status, call = "Enabled", "$status", "$call"
		}
		m.add([]row{
			{line + "Enable", kindString, readWrite, enable},
			{line + "Status", kindString, readOnly, status},
			{line + "CallState", kindString, readOnly, call},
			{line + "DirectoryNumber", kindString, readWrite, ""},
			{line + "SIP.AuthUserName", kindString, readWrite, ""},
			{line + "SIP.AuthPassword", kindString, writeOnly, ""},
			{line + "SIP.URI", kindString, readWrite, ""},
			{line + "CallingFeatures.DoNotDisturbEnable", kindBool, readWrite, "false"},
			{line + "CallingFeatures.CallForwardUnconditionalEnable", kindBool, readWrite, "false"},
			{line + "CallingFeatures.CallForwardUnconditionalNumber", kindString, readWrite, ""},
		})
	}
}
