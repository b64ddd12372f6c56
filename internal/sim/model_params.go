package sim

import (
	"fmt"
	"net"
	"strconv"
	"time"
)

// live computes the parameters that are not constants. The phone is locked.
var live = map[string]func(*Phone) string{
	"$model":    func(p *Phone) string { return p.model.name },
	"$oui":      func(p *Phone) string { return p.mac.OUI() },
	"$serial":   func(p *Phone) string { return p.Serial() },
	"$mac":      func(p *Phone) string { return p.mac.String() },
	"$hardware": func(p *Phone) string { return p.model.hardware },
	"$software": func(p *Phone) string { return p.software() },
	"$uptime":   func(p *Phone) string { return strconv.Itoa(int((p.fleet.now() - p.bootedAt) / time.Second)) },
	"$acs":      func(p *Phone) string { return p.fleet.opts.ACS },
	"$user":     func(p *Phone) string { return p.defaultUser() },
	"$password": func(p *Phone) string { return p.fleet.opts.Password },
	"$cruser":   func(p *Phone) string { return p.fleet.opts.ConnReqUsername },
	"$crpass":   func(p *Phone) string { return p.fleet.opts.ConnReqPassword },
	"$crurl":    func(p *Phone) string { return p.fleet.connReqURL(p) },
	"$interval": func(p *Phone) string { return p.defaultInterval() },
	"$periodic": func(p *Phone) string { return strconv.FormatBool(p.fleet.opts.PeriodicInterval > 0) },
	"$version":  func(p *Phone) string { return p.model.dialect.version },
	"$lines":    func(p *Phone) string { return strconv.Itoa(p.model.lines) },
	"$now":      func(*Phone) string { return time.Now().UTC().Format(time.RFC3339) },
	"$sip":      func(p *Phone) string { return strconv.Itoa(p.sipPort) },
	"$call":     func(p *Phone) string { return p.callState() },
	"$call2": func(p *Phone) string {
		return map[string]string{"Idle": "Idle", "Ringing": "Alerting", "InCall": "Connected"}[p.callState()]
	},
	"$calls":  func(p *Phone) string { n, _ := p.callsCounted(); return strconv.Itoa(n) },
	"$talked": func(p *Phone) string { _, d := p.callsCounted(); return strconv.Itoa(int(d / time.Second)) },
	"$status": func(p *Phone) string { return p.lineStatus() },
	"$config": func(p *Phone) string { return p.flash.config },
	"$stun":   func(p *Phone) string { return strconv.FormatBool(p.fleet.opts.STUNServer != "") },
	"$stunhost": func(p *Phone) string {
		host, _, _ := net.SplitHostPort(p.fleet.opts.STUNServer)
		return host
	},
	"$stunport": func(p *Phone) string {
		_, port, _ := net.SplitHostPort(p.fleet.opts.STUNServer)
		return orDefault(port, "3478")
	},
	"$ip": func(p *Phone) string {
		n := p.index + 10
		return fmt.Sprintf("10.%d.%d.%d", byte(n>>16), byte(n>>8), byte(n))
	},
}

// commonParams are the same under both roots (TR-181 and TR-098).
var commonParams = []row{
	{"DeviceInfo.Manufacturer", kindString, readOnly, "Fanvil"},
	{"DeviceInfo.ManufacturerOUI", kindString, readOnly, "$oui"},
	{"DeviceInfo.ModelName", kindString, readOnly, "$model"},
	{"DeviceInfo.Description", kindString, readOnly, "IP Phone"},
	{"DeviceInfo.ProductClass", kindString, readOnly, "$model"},
	{"DeviceInfo.SerialNumber", kindString, readOnly, "$serial"},
	{"DeviceInfo.HardwareVersion", kindString, readOnly, "$hardware"},
	{"DeviceInfo.SoftwareVersion", kindString, readOnly, "$software"},
	{"DeviceInfo.ProvisioningCode", kindString, readWrite, ""},
	{"DeviceInfo.UpTime", kindUint, readOnly, "$uptime"},
	{"DeviceInfo.FirstUseDate", kindTime, readOnly, "0001-01-01T00:00:00Z"},
	{"DeviceInfo.VendorConfigFile.1.Name", kindString, readOnly, "running"},
	{"DeviceInfo.VendorConfigFile.1.Version", kindString, readOnly, "$config"},
	{"ManagementServer.URL", kindString, readWrite, "$acs"},
	{"ManagementServer.Username", kindString, readWrite, "$user"},
	{"ManagementServer.Password", kindString, writeOnly, "$password"},
	{"ManagementServer.PeriodicInformEnable", kindBool, readWrite, "$periodic"},
	{"ManagementServer.PeriodicInformInterval", kindUint, readWrite, "$interval"},
	{"ManagementServer.PeriodicInformTime", kindTime, readWrite, "0001-01-01T00:00:00Z"},
	{"ManagementServer.ParameterKey", kindString, readOnly, ""},
	{"ManagementServer.ConnectionRequestURL", kindString, readOnly, "$crurl"},
	{"ManagementServer.ConnectionRequestUsername", kindString, readWrite, "$cruser"},
	{"ManagementServer.ConnectionRequestPassword", kindString, writeOnly, "$crpass"},
	{"ManagementServer.UpgradesManaged", kindBool, readWrite, "false"},
	{"ManagementServer.CWMPRetryMinimumWaitInterval", kindUint, readWrite, "5"},
	{"ManagementServer.CWMPRetryIntervalMultiplier", kindUint, readWrite, "2000"},
	{"ManagementServer.AliasBasedAddressing", kindBool, readOnly, "false"},
	{"Time.NTPServer1", kindString, readWrite, "0.pool.ntp.org"},
	{"Time.NTPServer2", kindString, readWrite, ""},
	{"Time.CurrentLocalTime", kindTime, readOnly, "$now"},
	{"UserInterface.CurrentLanguage", kindString, readWrite, "en"},
}

// deviceParams complete the root Device. (TR-181).
var deviceParams = []row{
	{"RootDataModelVersion", kindString, readOnly, "2.12"},
	{"Time.Enable", kindBool, readWrite, "true"},
	{"Time.LocalTimeZone", kindString, readWrite, "CET-1CEST,M3.5.0,M10.5.0/3"},
	{"Ethernet.Interface.1.Enable", kindBool, readWrite, "true"},
	{"Ethernet.Interface.1.Status", kindString, readOnly, "Up"},
	{"Ethernet.Interface.1.MACAddress", kindString, readOnly, "$mac"},
	{"IP.Interface.1.Status", kindString, readOnly, "Up"},
	{"IP.Interface.1.IPv4Address.1.IPAddress", kindString, readOnly, "$ip"},
	{"IP.Interface.1.IPv4Address.1.SubnetMask", kindString, readOnly, "255.0.0.0"},
	{"IP.Interface.1.IPv4Address.1.AddressingType", kindString, readOnly, "DHCP"},
}

// deviceForced go with each Inform (TR-181, parameters marked so), and the
// address with them.
var deviceForced = []string{
	"RootDataModelVersion", "DeviceInfo.HardwareVersion", "DeviceInfo.SoftwareVersion", "DeviceInfo.ProvisioningCode",
	"ManagementServer.ParameterKey", "ManagementServer.ConnectionRequestURL", "ManagementServer.AliasBasedAddressing",
	"IP.Interface.1.IPv4Address.1.IPAddress",
}

const wanIP = "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1."

// igdParams complete the root InternetGatewayDevice. (TR-098).
var igdParams = []row{
	{"DeviceSummary", kindString, readOnly, "InternetGatewayDevice:1.4[](Baseline:1), VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)"},
	{"DeviceInfo.SpecVersion", kindString, readOnly, "1.0"},
	{"Time.LocalTimeZone", kindString, readWrite, "+01:00"},
	{"LANDevice.1.LANEthernetInterfaceConfig.1.Enable", kindBool, readWrite, "true"},
	{"LANDevice.1.LANEthernetInterfaceConfig.1.Status", kindString, readOnly, "Up"},
	{wanIP + "Enable", kindBool, readWrite, "true"},
	{wanIP + "ConnectionStatus", kindString, readOnly, "Connected"},
	{wanIP + "AddressingType", kindString, readWrite, "DHCP"},
	{wanIP + "ExternalIPAddress", kindString, readOnly, "$ip"},
	{wanIP + "SubnetMask", kindString, readWrite, "255.0.0.0"},
	{wanIP + "MACAddress", kindString, readOnly, "$mac"},
}

// igdForced go with each Inform (TR-098).
var igdForced = []string{
	"DeviceSummary", "DeviceInfo.SpecVersion", "DeviceInfo.HardwareVersion", "DeviceInfo.SoftwareVersion",
	"DeviceInfo.ProvisioningCode", "ManagementServer.ConnectionRequestURL", "ManagementServer.ParameterKey",
	wanIP + "ExternalIPAddress",
}
