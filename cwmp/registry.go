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
	"Inform":                     of[Inform](V1_0),
	"InformResponse":             of[InformResponse](V1_0),
	"TransferComplete":           of[TransferComplete](V1_0),
	"TransferCompleteResponse":   of[TransferCompleteResponse](V1_0),
	"GetRPCMethods":              of[GetRPCMethods](V1_0),
	"GetRPCMethodsResponse":      of[GetRPCMethodsResponse](V1_0),
	"GetParameterValues":         of[GetParameterValues](V1_0),
	"GetParameterValuesResponse": of[GetParameterValuesResponse](V1_0),
	"SetParameterValues":         of[SetParameterValues](V1_0),
	"SetParameterValuesResponse": of[SetParameterValuesResponse](V1_0),
	"Download":                   of[Download](V1_0),
	"DownloadResponse":           of[DownloadResponse](V1_0),
	"Reboot":                     of[Reboot](V1_0),
	"RebootResponse":             of[RebootResponse](V1_0),
}

// Since returns the first version of CWMP whose schema has the named message
// and reports whether any has. A method must not be called on a peer of an
// earlier version (TR-069 A.2, A.6).
func Since(name string) (Version, bool) {
	e, ok := registry[name]
	return e.since, ok
}
