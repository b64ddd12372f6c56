package cwmp

import (
	"reflect"
	"testing"
)

// every returns one message of each kind with every field set, valid by the
// schemas.
func every() []Message {
	const (
		start = "2026-11-20T14:26:41+01:00"
		end   = "2026-11-20T14:27:05Z"
		uuid  = "8d1c2e1c-5a3c-5f1e-9d2b-0c383e07e16c"
	)
	values := []ParameterValue{
		{"Device.DeviceInfo.ProvisioningCode", "string", " <a> & 'b' \"c\"\t\r\nñ € \U0001F4DE ]]> "},
		{"Device.ManagementServer.PeriodicInformEnable", "boolean", "1"},
		{"Device.ManagementServer.PeriodicInformInterval", "unsignedInt", "3600"},
		{"Device.ManagementServer.PeriodicInformTime", "dateTime", start},
		{"Device.X", "int", "-1"},
		{"Device.Y", "base64Binary", "AA=="},
	}
	unit := DUResult{UUID: uuid, DeploymentUnitRef: "Device.SoftwareModules.DeploymentUnit.1", Version: "1.0",
		CurrentState: "Failed", Resolved: true, ExecutionUnitRefList: "Device.SoftwareModules.ExecutionUnit.2",
		StartTime: start, CompleteTime: end, Fault: FaultStruct{FaultDuplicateUnit, "there already"}}
	did := unit
	did.OperationPerformed = "Install"
	return []Message{
		&Fault{FaultInvalidArguments, "Invalid <arguments>", []ParameterFault{
			{"Device.X", FaultInvalidParameterValue, "range"}, {"Device.Y", FaultParameterNotWritable, ""}}},
		&Inform{DeviceID{"Fanvil", "0C383E", "X6", "0c383e07e16c"}, []Event{{EventBoot, ""}, {EventMReboot, "k"}}, 1, start, 3, values},
		&InformResponse{1},
		&TransferComplete{"k1", FaultStruct{FaultTransferFailure, "no route"}, start, end},
		&TransferCompleteResponse{},
		&AutonomousTransferComplete{"http://a/", "http://b/", true, FileTypeConfig, 7, "f", FaultStruct{FaultTransferFailure, "x"}, start, end},
		&AutonomousTransferCompleteResponse{},
		&RequestDownload{FileTypeFirmware, []Arg{{"Version", "2.12.1"}, {"Model", "X6"}}},
		&RequestDownloadResponse{},
		&Kicked{"c", "r", "a", "n"},
		&KickedResponse{"http://a/?b=1&c=2"},
		&DUStateChangeComplete{[]DUResult{unit, unit}, "k1"},
		&DUStateChangeCompleteResponse{},
		&AutonomousDUStateChangeComplete{[]DUResult{did}},
		&AutonomousDUStateChangeCompleteResponse{},
		&GetRPCMethods{},
		&GetRPCMethodsResponse{[]string{"GetRPCMethods", "X_0C383E_Ping"}},
		&SetParameterValues{values, "p1"},
		&SetParameterValuesResponse{1},
		&GetParameterValues{[]string{"Device.DeviceInfo.", "Device.X"}},
		&GetParameterValuesResponse{values},
		&GetParameterNames{"Device.", true},
		&GetParameterNamesResponse{[]ParameterInfo{{"Device.Services.", true}, {"Device.X", false}}},
		&SetParameterAttributes{[]SetAttributes{{"Device.X", true, 2, true, []string{"Subscriber"}}, {"Device.Y", false, 0, false, nil}}},
		&SetParameterAttributesResponse{},
		&GetParameterAttributes{[]string{"Device.X"}},
		&GetParameterAttributesResponse{[]ParameterAttributes{{"Device.X", 1, []string{"Subscriber"}}, {"Device.Y", 0, nil}}},
		&AddObject{"Device.Services.VoiceService.1.VoiceProfile.", "p1"},
		&AddObjectResponse{2, 1},
		&DeleteObject{"Device.Services.VoiceService.1.VoiceProfile.2.", "p1"},
		&DeleteObjectResponse{0},
		&Download{"k1", FileTypeFirmware, "http://a/x6.z?t=1&u=2", "u", "p<&>", 4711, "x6.z", 5, "http://a/ok", "http://a/ko"},
		&DownloadResponse{0, start, end},
		&Reboot{"k1"},
		&RebootResponse{},
		&GetQueuedTransfers{},
		&GetQueuedTransfersResponse{[]QueuedTransfer{{"k1", TransferRunning}}},
		&ScheduleInform{30, "k1"},
		&ScheduleInformResponse{},
		&SetVouchers{[]string{"AA==", "AQ=="}},
		&SetVouchersResponse{},
		&GetOptions{"opt"},
		&GetOptionsResponse{[]Option{{"opt", 1, 2, 1, start, end, 1}, {"two", 2, 1, 2, UnknownTime, "", 0}}},
		&Upload{"k1", UploadTypeConfig, "http://a/up", "u", "p", 5},
		&UploadResponse{1, UnknownTime, UnknownTime},
		&FactoryReset{},
		&FactoryResetResponse{},
		&GetAllQueuedTransfers{},
		&GetAllQueuedTransfersResponse{[]AnyQueuedTransfer{{"k1", TransferCompleted, true, FileTypeFirmware, 7, "f"}}},
		&ScheduleDownload{"k1", FileTypeFirmware, "http://a/f", "u", "p", 7, "f",
			[]TimeWindow{{0, 60, WindowWhenIdle, "", -1}, {120, 180, WindowConfirmation, "now?", 2}}},
		&ScheduleDownloadResponse{},
		&CancelTransfer{"k1"},
		&CancelTransferResponse{},
		&ChangeDUState{[]DUOperation{
			{Kind: "Install", URL: "http://a/du", UUID: uuid, Username: "u", Password: "p", ExecutionEnvRef: "e"},
			{Kind: "Update", UUID: uuid, Version: "1.0", URL: "http://a/du", Username: "u", Password: "p"},
			{Kind: "Uninstall", UUID: uuid, Version: "1.0", ExecutionEnvRef: "e"}}, "k1"},
		&ChangeDUStateResponse{},
	}
}

// TestEveryMessage holds that each registered message is in every, under its
// own name, and survives encode and decode, filled and empty.
func TestEveryMessage(t *testing.T) {
	seen := map[string]bool{"Fault": true}
	for _, m := range every() {
		name := m.RPC()
		if got := reflect.TypeOf(m).Elem().Name(); got != name {
			t.Errorf("%s calls itself %s", got, name)
		}
		seen[name] = true
		roundTrip(t, &Envelope{Namespace: NS1_2, ID: "1", Body: m})
	}
	for name, e := range registry {
		if !seen[name] {
			t.Errorf("%s is not among every", name)
		}
		empty := e.make()
		if empty.RPC() != name {
			t.Errorf("%s is registered as %s", empty.RPC(), name)
		}
		if _, err := Decode([]byte(head + "<e:Body><c:" + name + "/></e:Body>" + tail)); err != nil {
			t.Errorf("%s without arguments: %v", name, err)
		}
	}
}

func TestSince(t *testing.T) {
	for _, tt := range []struct {
		name string
		want Version
		ok   bool
	}{
		{"Inform", V1_0, true},
		{"GetAllQueuedTransfers", V1_1, true},
		{"ChangeDUStateResponse", V1_2, true},
		{"X_0C383E_Ping", 0, false},
		{"Fault", 0, false},
	} {
		if got, ok := Since(tt.name); got != tt.want || ok != tt.ok {
			t.Errorf("Since(%q) = %v %v; want %v %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestIsResponse(t *testing.T) {
	for _, tt := range []struct {
		m    Message
		want bool
	}{
		{&Fault{Code: FaultRequestDenied}, true},
		{&RebootResponse{}, true},
		{&Unknown{Name: "X_0C383E_PingResponse"}, true},
		{&Reboot{}, false},
		{&Inform{}, false},
	} {
		if got := IsResponse(tt.m); got != tt.want {
			t.Errorf("IsResponse(%s) = %v", tt.m.RPC(), got)
		}
	}
}

func TestInform(t *testing.T) {
	m := &Inform{
		Events: []Event{{EventBoot, ""}, {EventMReboot, "k"}},
		Parameters: []ParameterValue{
			{"X.DeviceInfo.SoftwareVersion", "string", "no"},
			{"DeviceInfo.SoftwareVersion", "string", "no"},
			{"InternetGatewayDevice.DeviceInfo.SoftwareVersion", "string", "2.12.1"},
			{"Device.ManagementServer.ParameterKey", "string", ""},
		},
	}
	if !m.HasEvent(EventMReboot) || m.HasEvent(EventBootstrap) {
		t.Error("HasEvent is wrong")
	}
	for _, tt := range []struct {
		suffix, want string
		ok           bool
	}{
		{"DeviceInfo.SoftwareVersion", "2.12.1", true},
		{"ManagementServer.ParameterKey", "", true},
		{"SoftwareVersion", "", false},
		{"", "", false},
	} {
		if got, ok := m.Parameter(tt.suffix); got != tt.want || ok != tt.ok {
			t.Errorf("Parameter(%q) = %q %v; want %q %v", tt.suffix, got, ok, tt.want, tt.ok)
		}
	}
}

func equal(a, b *Envelope) bool { return reflect.DeepEqual(a, b) }
