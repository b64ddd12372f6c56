package schema

import "phoneacs/cwmp"

const (
	begun = "2026-03-01T02:00:07+01:00"
	ended = "2026-03-01T01:02:44Z"
	unit  = "3f2b8c1e-90ab-5cde-8f01-0c383e0a0b0c"
	long  = "Device.Services.VoiceService.1."
)

// messages gives one message of each method in both directions, with whatever
// it can carry.
func messages() []cwmp.Message {
	values := []cwmp.ParameterValue{
		{Name: "Device.DeviceInfo.SoftwareVersion", Type: "string", Value: `2.12.1 <"beta"> & 'co'`},
		{Name: long + "Enable", Type: "boolean", Value: "true"},
		{Name: "Device.ManagementServer.PeriodicInformInterval", Type: "unsignedInt", Value: "86400"},
		{Name: "Device.ManagementServer.PeriodicInformTime", Type: "dateTime", Value: begun},
		{Name: long + "Gain", Type: "int", Value: "-3"},
		{Name: long + "Key", Type: "base64Binary", Value: "AAEC"},
	}
	result := cwmp.DUResult{
		UUID: unit, DeploymentUnitRef: "Device.SoftwareModules.DeploymentUnit.1", Version: "1.4",
		CurrentState: "Failed", Resolved: true, ExecutionUnitRefList: "Device.SoftwareModules.ExecutionUnit.1",
		StartTime: begun, CompleteTime: ended,
		Fault: cwmp.FaultStruct{Code: cwmp.FaultDuplicateUnit, String: "is there"},
	}
	own := result
	own.OperationPerformed = "Update"
	failed := cwmp.FaultStruct{Code: cwmp.FaultTransferFailure, String: "connection reset"}
	return []cwmp.Message{
		&cwmp.Fault{Code: cwmp.FaultInvalidArguments, String: "Invalid arguments", Parameters: []cwmp.ParameterFault{
			{Name: long + "Gain", Code: cwmp.FaultInvalidParameterValue, String: "-9 to 9"},
			{Name: long + "Key", Code: cwmp.FaultParameterNotWritable},
		}},
		&cwmp.GetRPCMethods{},
		&cwmp.GetRPCMethodsResponse{Methods: []string{"Inform", "TransferComplete"}},
		&cwmp.SetParameterValues{Parameters: values, ParameterKey: "profile 7"},
		&cwmp.SetParameterValuesResponse{Status: 1},
		&cwmp.GetParameterValues{Names: []string{"Device.DeviceInfo.", long + "Enable"}},
		&cwmp.GetParameterValuesResponse{Parameters: values},
		&cwmp.GetParameterNames{ParameterPath: "Device.", NextLevel: true},
		&cwmp.GetParameterNamesResponse{Parameters: []cwmp.ParameterInfo{{Name: long, Writable: true}, {Name: long + "Gain"}}},
		&cwmp.SetParameterAttributes{Parameters: []cwmp.SetAttributes{
			{Name: long + "Enable", NotificationChange: true, Notification: 2, AccessListChange: true, AccessList: []string{"Subscriber"}},
			{Name: long + "Gain"},
		}},
		&cwmp.SetParameterAttributesResponse{},
		&cwmp.GetParameterAttributes{Names: []string{long}},
		&cwmp.GetParameterAttributesResponse{Parameters: []cwmp.ParameterAttributes{
			{Name: long + "Enable", Notification: 2, AccessList: []string{"Subscriber"}}, {Name: long + "Gain"},
		}},
		&cwmp.AddObject{ObjectName: long + "Line.", ParameterKey: "profile 7"},
		&cwmp.AddObjectResponse{InstanceNumber: 3, Status: 1},
		&cwmp.DeleteObject{ObjectName: long + "Line.3.", ParameterKey: "profile 8"},
		&cwmp.DeleteObjectResponse{},
		&cwmp.Download{
			CommandKey: "task-1", FileType: cwmp.FileTypeFirmware, URL: "https://acs.example/files/f?a=1&b=2",
			Username: "phone", Password: "<secret>", FileSize: 17 << 20, TargetFileName: "x6.z", DelaySeconds: 30,
			SuccessURL: "http://acs.example/ok", FailureURL: "http://acs.example/ko",
		},
		&cwmp.DownloadResponse{StartTime: begun, CompleteTime: ended},
		&cwmp.Upload{
			CommandKey: "task-2", FileType: cwmp.UploadTypeConfig, URL: "https://acs.example/up",
			Username: "phone", Password: "<secret>", DelaySeconds: 5,
		},
		&cwmp.UploadResponse{Status: 1, StartTime: cwmp.UnknownTime, CompleteTime: cwmp.UnknownTime},
		&cwmp.Reboot{CommandKey: "task-3"},
		&cwmp.RebootResponse{},
		&cwmp.FactoryReset{},
		&cwmp.FactoryResetResponse{},
		&cwmp.ScheduleInform{DelaySeconds: 600, CommandKey: "task-4"},
		&cwmp.ScheduleInformResponse{},
		&cwmp.GetQueuedTransfers{},
		&cwmp.GetQueuedTransfersResponse{Transfers: []cwmp.QueuedTransfer{{CommandKey: "task-1", State: cwmp.TransferRunning}}},
		&cwmp.GetAllQueuedTransfers{},
		&cwmp.GetAllQueuedTransfersResponse{Transfers: []cwmp.AnyQueuedTransfer{{
			CommandKey: "task-1", State: cwmp.TransferCompleted, IsDownload: true,
			FileType: cwmp.FileTypeConfig, FileSize: 900, TargetFileName: "x6.cfg",
		}}},
		&cwmp.ScheduleDownload{
			CommandKey: "task-5", FileType: cwmp.FileTypeFirmware, URL: "https://acs.example/files/f",
			Username: "phone", Password: "<secret>", FileSize: 17 << 20, TargetFileName: "x6.z",
			Windows: []cwmp.TimeWindow{
				{Start: 0, End: 3600, Mode: cwmp.WindowWhenIdle, MaxRetries: -1},
				{Start: 7200, End: 9000, Mode: cwmp.WindowConfirmation, UserMessage: "Update now?", MaxRetries: 2},
			},
		},
		&cwmp.ScheduleDownload{
			CommandKey: "task-5", FileType: cwmp.FileTypeConfig, URL: "http://acs.example/files/f", FileSize: 900, TargetFileName: "x6.cfg",
			Windows: []cwmp.TimeWindow{{Start: 9000, End: 10800, Mode: cwmp.WindowWhenIdle, MaxRetries: 2}},
		},
		&cwmp.ScheduleDownloadResponse{},
		&cwmp.CancelTransfer{CommandKey: "task-5"},
		&cwmp.CancelTransferResponse{},
		&cwmp.ChangeDUState{CommandKey: "task-6", Operations: []cwmp.DUOperation{
			{Kind: "Install", URL: "https://acs.example/u", UUID: unit, Username: "phone", Password: "<secret>", ExecutionEnvRef: "1"},
			{Kind: "Update", UUID: unit, Version: "1.5", URL: "https://acs.example/u", Username: "phone", Password: "<secret>"},
			{Kind: "Uninstall", UUID: unit, Version: "1.5", ExecutionEnvRef: "1"},
		}},
		&cwmp.ChangeDUStateResponse{},
		&cwmp.GetOptions{OptionName: "recording"},
		&cwmp.GetOptionsResponse{Options: []cwmp.Option{
			{Name: "recording", VoucherSN: 4, State: 3, Mode: 1, StartDate: begun, ExpirationDate: ended, IsTransferable: 1},
			{Name: "paging", StartDate: cwmp.UnknownTime},
		}},
		&cwmp.SetVouchers{Vouchers: []string{"AAEC", "Aw=="}},
		&cwmp.SetVouchersResponse{},
		&cwmp.Inform{
			DeviceID: cwmp.DeviceID{Manufacturer: "Fanvil", OUI: "0C383E", ProductClass: "X6", SerialNumber: "0c383e0a0b0c"},
			Events: []cwmp.Event{
				{Code: cwmp.EventBoot}, {Code: cwmp.EventMReboot, CommandKey: "task-3"},
				{Code: cwmp.EventMReboot, CommandKey: "task-7"}, {Code: "X 0C383E Paged"},
			},
			MaxEnvelopes: 1, CurrentTime: begun, RetryCount: 2, Parameters: values,
		},
		&cwmp.InformResponse{MaxEnvelopes: 1},
		&cwmp.TransferComplete{CommandKey: "task-1", Fault: failed, StartTime: begun, CompleteTime: ended},
		&cwmp.TransferCompleteResponse{},
		&cwmp.AutonomousTransferComplete{
			AnnounceURL: "http://other.example/", TransferURL: "http://other.example/f", IsDownload: true,
			FileType: cwmp.FileTypeConfig, FileSize: 900, TargetFileName: "x6.cfg", Fault: failed,
			StartTime: begun, CompleteTime: ended,
		},
		&cwmp.AutonomousTransferCompleteResponse{},
		&cwmp.RequestDownload{FileType: cwmp.FileTypeFirmware, Args: []cwmp.Arg{{Name: "Version", Value: "2.13"}}},
		&cwmp.RequestDownloadResponse{},
		&cwmp.Kicked{Command: "go", Referer: "http://phone/", Arg: "a=1&b=2", Next: "http://phone/next"},
		&cwmp.KickedResponse{NextURL: "http://phone/next?a=1&b=2"},
		&cwmp.DUStateChangeComplete{Results: []cwmp.DUResult{result, result}, CommandKey: "task-6"},
		&cwmp.DUStateChangeCompleteResponse{},
		&cwmp.AutonomousDUStateChangeComplete{Results: []cwmp.DUResult{own}},
		&cwmp.AutonomousDUStateChangeCompleteResponse{},
	}
}
