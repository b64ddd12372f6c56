package cwmp

// FaultCode is a CWMP fault code: 8xxx is sent by an ACS, 9xxx by a CPE
// (TR-069 A.5). The zero FaultCode means "no fault".
type FaultCode int

// The codes an ACS sends (TR-069 A.5.2).
const (
	FaultMethodNotSupportedACS FaultCode = 8000
	FaultRequestDeniedACS      FaultCode = 8001
	FaultInternalErrorACS      FaultCode = 8002
	FaultInvalidArgumentsACS   FaultCode = 8003
	FaultResourcesExceededACS  FaultCode = 8004
	FaultRetryRequest          FaultCode = 8005 // the CPE repeats the request in this session
	FaultVersionIncompatible   FaultCode = 8006 // 1.4
)

// The codes a CPE sends (TR-069 A.5.1).
const (
	FaultMethodNotSupported      FaultCode = 9000
	FaultRequestDenied           FaultCode = 9001
	FaultInternalError           FaultCode = 9002
	FaultInvalidArguments        FaultCode = 9003
	FaultResourcesExceeded       FaultCode = 9004
	FaultInvalidParameterName    FaultCode = 9005
	FaultInvalidParameterType    FaultCode = 9006
	FaultInvalidParameterValue   FaultCode = 9007
	FaultParameterNotWritable    FaultCode = 9008
	FaultNotificationRejected    FaultCode = 9009
	FaultTransferFailure         FaultCode = 9010
	FaultUploadFailure           FaultCode = 9011
	FaultServerAuthentication    FaultCode = 9012
	FaultUnsupportedProtocol     FaultCode = 9013
	FaultMulticastGroup          FaultCode = 9014
	FaultContactServer           FaultCode = 9015
	FaultAccessFile              FaultCode = 9016
	FaultCompleteDownload        FaultCode = 9017
	FaultFileCorrupted           FaultCode = 9018
	FaultFileAuthentication      FaultCode = 9019
	FaultOutsideWindows          FaultCode = 9020
	FaultCancelNotPermitted      FaultCode = 9021
	FaultInvalidUUID             FaultCode = 9022
	FaultUnknownEnvironment      FaultCode = 9023
	FaultDisabledEnvironment     FaultCode = 9024
	FaultEnvironmentMismatch     FaultCode = 9025
	FaultDuplicateUnit           FaultCode = 9026
	FaultSystemResourcesExceeded FaultCode = 9027
	FaultUnknownUnit             FaultCode = 9028
	FaultInvalidUnitState        FaultCode = 9029
	FaultDowngradeNotPermitted   FaultCode = 9030
	FaultVersionNotSpecified     FaultCode = 9031
	FaultVersionExists           FaultCode = 9032
)

// Meaning says in one sentence what the code reports; "" for 0.
func (c FaultCode) Meaning() string {
	if t, ok := faultTexts[c]; ok {
		return t.meaning
	}
	switch {
	case c == 0:
		return ""
	case c >= 8800 && c <= 8899:
		return "The server reports a fault of its own vendor's making."
	case c >= 9800 && c <= 9899:
		return "The phone reports a fault that only its vendor defines."
	case c >= 9033 && c <= 9799:
		return "The phone reports a fault whose code is reserved and has no meaning yet."
	default:
		return "A fault code that no version of TR-069 defines."
	}
}

// Hint says in one sentence what an operator can try; "" for 0.
func (c FaultCode) Hint() string {
	if t, ok := faultTexts[c]; ok {
		return t.hint
	}
	switch {
	case c == 0:
		return ""
	case c >= 9033 && c <= 9799:
		return "Update the phone's firmware, or report the code to its vendor: it is reserved and should not be sent."
	}
	return "Look the code up in the vendor's documentation and read the fault text beside it."
}

// side is the SOAP faultcode: whose doing the fault is.
func (c FaultCode) side() string {
	switch c {
	case FaultInvalidArgumentsACS, FaultInvalidArguments, FaultInvalidParameterName, FaultInvalidParameterType,
		FaultInvalidParameterValue, FaultParameterNotWritable, FaultOutsideWindows, FaultCancelNotPermitted:
		return "Client"
	}
	return "Server"
}
