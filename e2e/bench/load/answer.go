package load

import (
	"strconv"
	"time"
)

// The names of the messages that decide what a session does next.
const (
	informResponse           = "InformResponse"
	transferCompleteResponse = "TransferCompleteResponse"
	download                 = "Download"
)

// methods are the RPCs that a phone here answers without a fault.
const methods = `<string>GetRPCMethods</string><string>SetParameterValues</string><string>Download</string>`

// appendEnvelope appends a message with the given body. The id must be text
// that XML can take as it is.
func appendEnvelope(dst, id []byte, body func([]byte) []byte) []byte {
	dst = append(dst, envelopeOpen...)
	dst = append(dst, id...)
	dst = append(dst, envelopeBody...)
	dst = body(dst)
	return append(dst, envelopeClose...)
}

// appendAnswer appends the phone's answer to a request; status is that of a
// Download. An RPC that it cannot do gets fault 9000, method not supported.
func appendAnswer(dst []byte, m rpc, status int, now time.Time) []byte {
	return appendEnvelope(dst, m.id, func(dst []byte) []byte {
		switch string(m.name) {
		case download:
			return appendDownloadResponse(dst, status, now)
		case "GetRPCMethods":
			return append(dst, `<cwmp:GetRPCMethodsResponse><MethodList soapenc:arrayType="xsd:string[3]">`+
				methods+`</MethodList></cwmp:GetRPCMethodsResponse>`...)
		case "SetParameterValues":
			return append(dst, `<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>`...)
		}
		return append(dst, `<soapenv:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring>`+
			`<detail><cwmp:Fault><FaultCode>9000</FaultCode><FaultString>Method not supported</FaultString>`+
			`</cwmp:Fault></detail></soapenv:Fault>`...)
	})
}

// appendDownloadResponse appends the answer to a Download (TR-069 A.3.2.8).
// The times are known only to a phone that is done.
func appendDownloadResponse(dst []byte, status int, now time.Time) []byte {
	if status != 0 {
		now = time.Time{}
	}
	dst = append(dst, `<cwmp:DownloadResponse><Status>`...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, `</Status>`...)
	dst = appendTimes(dst, now)
	return append(dst, `</cwmp:DownloadResponse>`...)
}

// appendTransferComplete appends the report that the download of that key
// ended well (TR-069 A.3.3.2).
func appendTransferComplete(dst, key []byte, now time.Time) []byte {
	return appendEnvelope(dst, []byte("2"), func(dst []byte) []byte {
		dst = append(dst, `<cwmp:TransferComplete><CommandKey>`...)
		dst = append(dst, key...)
		dst = append(dst, `</CommandKey><FaultStruct><FaultCode>0</FaultCode><FaultString></FaultString></FaultStruct>`...)
		dst = appendTimes(dst, now)
		return append(dst, `</cwmp:TransferComplete>`...)
	})
}

// appendTimes appends begin and end of a transfer; the zero time is how
// TR-069 writes one that is not known.
func appendTimes(dst []byte, t time.Time) []byte {
	dst = append(dst, `<StartTime>`...)
	dst = t.UTC().AppendFormat(dst, time.RFC3339)
	dst = append(dst, `</StartTime><CompleteTime>`...)
	dst = t.UTC().AppendFormat(dst, time.RFC3339)
	return append(dst, `</CompleteTime>`...)
}
