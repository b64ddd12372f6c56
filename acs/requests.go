package acs

import (
	"fmt"
	"log/slog"

	"phoneacs/cwmp"
	"phoneacs/internal/logkey"
)

// methods is what we answer to GetRPCMethods (TR-069 3.6, table 5).
var methods = []string{
	"Inform", "GetRPCMethods", "TransferComplete", "AutonomousTransferComplete",
	"RequestDownload", "Kicked", "DUStateChangeComplete", "AutonomousDUStateChangeComplete",
}

// request answers a request of the phone. Whatever it is, the session goes on,
// unless the dispatcher fails or the phone comes to no end.
func (x *exchange) request() {
	if x.sess.requests++; x.sess.requests > maxRequests {
		x.reject(&breach{rule: ruleTooLong})
		return
	}
	var answer cwmp.Message
	switch m := x.env.Body.(type) {
	case *cwmp.TransferComplete:
		m.Fault.Code = phoneCode(m.Fault.Code)
		if err := x.s.opts.Dispatcher.Completed(x.lasting(), x.sess.db, m); err != nil {
			x.fail(fmt.Errorf("complete transfer: %w", err))
			return
		}
		answer = new(cwmp.TransferCompleteResponse)
	case *cwmp.GetRPCMethods:
		answer = &cwmp.GetRPCMethodsResponse{Methods: methods}
	case *cwmp.Kicked:
		answer = new(cwmp.KickedResponse)
	case *cwmp.RequestDownload:
		answer = new(cwmp.RequestDownloadResponse)
	case *cwmp.AutonomousTransferComplete:
		answer = new(cwmp.AutonomousTransferCompleteResponse)
	case *cwmp.DUStateChangeComplete:
		answer = new(cwmp.DUStateChangeCompleteResponse)
	case *cwmp.AutonomousDUStateChangeComplete:
		answer = new(cwmp.AutonomousDUStateChangeCompleteResponse)
	default:
		x.refuse(&breach{ruleUnknownRPC, fmt.Errorf("request %.64q", m.RPC())})
		return
	}
	if !x.keep(x.env.Body) {
		return
	}
	x.log(slog.LevelDebug, "request answered", slog.String(logkey.RPC, x.env.Body.RPC()))
	x.respond(cwmp.Envelope{Namespace: x.env.Namespace, ID: x.env.ID, Body: answer})
}
