package cwmp

// entry describes one message by the local name of its element.
type entry struct {
	make  func() codec
	since Version // the version whose schema has it first
}

func of[T any, P interface {
	*T
	codec
}](since Version) entry {
	return entry{make: func() codec { return P(new(T)) }, since: since}
}

// registry holds every message but Fault, whose element is not of CWMP.
var registry = map[string]entry{
	"Inform":                                  of[Inform](V1_0),
	"InformResponse":                          of[InformResponse](V1_0),
	"TransferComplete":                        of[TransferComplete](V1_0),
	"TransferCompleteResponse":                of[TransferCompleteResponse](V1_0),
	"AutonomousTransferComplete":              of[AutonomousTransferComplete](V1_1),
	"AutonomousTransferCompleteResponse":      of[AutonomousTransferCompleteResponse](V1_1),
	"RequestDownload":                         of[RequestDownload](V1_0),
	"RequestDownloadResponse":                 of[RequestDownloadResponse](V1_0),
	"Kicked":                                  of[Kicked](V1_0),
	"KickedResponse":                          of[KickedResponse](V1_0),
	"DUStateChangeComplete":                   of[DUStateChangeComplete](V1_2),
	"DUStateChangeCompleteResponse":           of[DUStateChangeCompleteResponse](V1_2),
	"AutonomousDUStateChangeComplete":         of[AutonomousDUStateChangeComplete](V1_2),
	"AutonomousDUStateChangeCompleteResponse": of[AutonomousDUStateChangeCompleteResponse](V1_2),
	"GetRPCMethods":                           of[GetRPCMethods](V1_0),
	"GetRPCMethodsResponse":                   of[GetRPCMethodsResponse](V1_0),
	"SetParameterValues":                      of[SetParameterValues](V1_0),
	"SetParameterValuesResponse":              of[SetParameterValuesResponse](V1_0),
	"GetParameterValues":                      of[GetParameterValues](V1_0),
	"GetParameterValuesResponse":              of[GetParameterValuesResponse](V1_0),
	"GetParameterNames":                       of[GetParameterNames](V1_0),
	"GetParameterNamesResponse":               of[GetParameterNamesResponse](V1_0),
	"SetParameterAttributes":                  of[SetParameterAttributes](V1_0),
	"SetParameterAttributesResponse":          of[SetParameterAttributesResponse](V1_0),
	"GetParameterAttributes":                  of[GetParameterAttributes](V1_0),
	"GetParameterAttributesResponse":          of[GetParameterAttributesResponse](V1_0),
	"AddObject":                               of[AddObject](V1_0),
	"AddObjectResponse":                       of[AddObjectResponse](V1_0),
	"DeleteObject":                            of[DeleteObject](V1_0),
	"DeleteObjectResponse":                    of[DeleteObjectResponse](V1_0),
	"Download":                                of[Download](V1_0),
	"DownloadResponse":                        of[DownloadResponse](V1_0),
	"Reboot":                                  of[Reboot](V1_0),
	"RebootResponse":                          of[RebootResponse](V1_0),
	"GetQueuedTransfers":                      of[GetQueuedTransfers](V1_0),
	"GetQueuedTransfersResponse":              of[GetQueuedTransfersResponse](V1_0),
	"ScheduleInform":                          of[ScheduleInform](V1_0),
	"ScheduleInformResponse":                  of[ScheduleInformResponse](V1_0),
	"SetVouchers":                             of[SetVouchers](V1_0),
	"SetVouchersResponse":                     of[SetVouchersResponse](V1_0),
	"GetOptions":                              of[GetOptions](V1_0),
	"GetOptionsResponse":                      of[GetOptionsResponse](V1_0),
	"Upload":                                  of[Upload](V1_0),
	"UploadResponse":                          of[UploadResponse](V1_0),
	"FactoryReset":                            of[FactoryReset](V1_0),
	"FactoryResetResponse":                    of[FactoryResetResponse](V1_0),
	"GetAllQueuedTransfers":                   of[GetAllQueuedTransfers](V1_1),
	"GetAllQueuedTransfersResponse":           of[GetAllQueuedTransfersResponse](V1_1),
	"ScheduleDownload":                        of[ScheduleDownload](V1_2),
	"ScheduleDownloadResponse":                of[ScheduleDownloadResponse](V1_2),
	"CancelTransfer":                          of[CancelTransfer](V1_2),
	"CancelTransferResponse":                  of[CancelTransferResponse](V1_2),
	"ChangeDUState":                           of[ChangeDUState](V1_2),
	"ChangeDUStateResponse":                   of[ChangeDUStateResponse](V1_2),
}

// Since returns the first version of CWMP whose schema has the named message
// and reports whether any has. A method must not be called on a peer of an
// earlier version (TR-069 A.2, A.6).
func Since(name string) (Version, bool) {
	e, ok := registry[name]
	return e.since, ok
}
