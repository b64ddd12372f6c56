package db

import "testing"

func TestSecretName(t *testing.T) {
	for name, want := range map[string]bool{
		"Device.ManagementServer.ConnectionRequestPassword":  true,
		"Device.ManagementServer.Password":                   true,
		"Device.WiFi.AccessPoint.1.Security.KeyPassphrase":   true,
		"InternetGatewayDevice.X_FANVIL_COM.Phone.1.AuthPWD": true,
		"Device.WiFi.AccessPoint.1.Security.PreSharedKey":    true,
		"Device.ManagementServer.Username":                   false,
		"Device.DeviceInfo.SoftwareVersion":                  false,
		"Device.ManagementServer.PasswordExpires":            false,
		"word": false,
		"":     false,
	} {
		if SecretName(name) != want {
			t.Errorf("SecretName(%q) = %t", name, !want)
		}
	}
}
