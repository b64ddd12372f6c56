package db

import "testing"

func TestOnlyCounts(t *testing.T) {
	for name, want := range map[string]bool{
		"Device.DeviceInfo.UpTime":                                   true,
		"Device.Time.CurrentLocalTime":                               true,
		"Device.DeviceInfo.MemoryStatus.Free":                        true,
		"Device.DeviceInfo.ProcessStatus.Process.3.CPUTime":          true,
		"Device.Ethernet.Interface.1.Stats.BytesSent":                true,
		"InternetGatewayDevice.WANDevice.1.WANIPConnection.1.Uptime": true,
		"Device.DeviceInfo.SoftwareVersion":                          false,
		"Device.Time.NTPServer1":                                     false,
		"Device.X_V.Freeze":                                          false,
		"Device.DeviceInfo.FirstUseDate":                             false,
		"UpTime":                                                     true,
		"":                                                           false,
	} {
		if OnlyCounts(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
