package db

import "testing"

func TestSecretName(t *testing.T) {
	for name, want := range map[string]bool{
		"Device.ManagementServer.ConnectionRequestPassword":   true,
		"Device.ManagementServer.Password":                    true,
		"Device.WiFi.AccessPoint.1.Security.KeyPassphrase":    true,
		"InternetGatewayDevice.X_FANVIL_COM.Phone.1.AuthPWD":  true,
		"Device.WiFi.AccessPoint.1.Security.PreSharedKey":     true,
		"Device.ManagementServer.Username":                    false,
		"Device.DeviceInfo.SoftwareVersion":                   false,
		"Device.ManagementServer.PasswordExpires":             false,
		"VoiceService.1.VoiceProfile.1.Line.1.X_SipPassword2": true,
		"Device.WiFi.Radio.1.X_PSK":                           true,
		"X_AUERSWALD.Account.1.Passwort":                      true,
		"X_SNMP.ROCommunity":                                  true,
		"X_Lock.PinCode":                                      true,
		"Device.Services.1.Password.3.":                       true,
		"Device.ManagementServer.ParameterKey":                false,
		"Device.Services.VoiceService.1.Line.2":               false,
		"word":                                                false,
		"":                                                    false,
	} {
		if SecretName(name) != want {
			t.Errorf("SecretName(%q) = %t", name, !want)
		}
	}
}

func TestCutUser(t *testing.T) {
	for url, want := range map[string]string{
		"http://10.0.0.1:7547/x":               "",
		"http://u:p@10.0.0.1:7547/x":           "http://10.0.0.1:7547/x",
		"http://u:p@ss@10.0.0.1/a@b":           "http://10.0.0.1/a@b",
		"ftp://u@host":                         "ftp://host",
		"http://10.0.0.1/x?mail=a@b":           "",
		"http://10.0.0.1?mail=a@b":             "",
		"sip:user@host":                        "",
		"":                                     "",
		"https://a:b@[2001:db8::1]:443/x#y@zz": "https://[2001:db8::1]:443/x#y@zz",
	} {
		got, had := CutUser(url)
		if want == "" && (had || got != url) || want != "" && (!had || got != want) {
			t.Errorf("CutUser(%q) = %q, %t", url, got, had)
		}
	}
}
