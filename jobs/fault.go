package jobs

import (
	"fmt"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// lasting says of each CPE fault that repeating meets again, why it does
// (TR-069 A.5.1). Every other fault, those of vendors and of later versions
// included, may pass and is worth the tries that the order allows: 9001, for
// one, is what phones answer while in a call.
var lasting = map[cwmp.FaultCode]string{
	cwmp.FaultMethodNotSupported:    "a phone does not learn a method by being asked again",
	cwmp.FaultInvalidArguments:      "the next attempt would have the same arguments",
	cwmp.FaultInvalidParameterName:  "the next attempt would name the same parameter",
	cwmp.FaultInvalidParameterType:  "the next attempt would have the same type",
	cwmp.FaultInvalidParameterValue: "the next attempt would have the same value",
	cwmp.FaultParameterNotWritable:  "the parameter does not become writable",
	cwmp.FaultNotificationRejected:  "the parameter does not begin to take notifications",
	cwmp.FaultServerAuthentication:  "links need no credentials, so something between the phone and us asks for them, and will again",
	cwmp.FaultUnsupportedProtocol:   "the next link would be of the same protocol",
	cwmp.FaultFileCorrupted:         "our bytes are checked by digest, so the phone would refuse them again",
	cwmp.FaultFileAuthentication:    "the file has the same signature the next time",
}

// faulted is the ruling on a fault: of an RPC, or of a transfer. Codes of 8xxx
// are our own (TR-069 A.5.2): the RPC could not be written, and never left.
func faulted(code cwmp.FaultCode, text string) ruling {
	if code >= 8000 && code <= 8999 {
		return ruling{
			event: db.EventFault, fault: code,
			why:   "the request could not be written and was not sent: " + clip(text),
			final: "not tried again: it would be the same request",
		}
	}
	why := fmt.Sprintf("fault %d: %s", code, clause(code.Meaning()))
	if text = clip(text); text != "" {
		why += fmt.Sprintf("; the phone says %q", text)
	}
	if hint := code.Hint(); hint != "" {
		why += "; " + clause(hint)
	}
	r := ruling{event: db.EventFault, fault: code, why: why}
	if reason, ok := lasting[code]; ok {
		r.final = "not tried again: " + reason
	}
	return r
}
