package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// rpcs are the methods a Fanvil phone takes. It lacks AddObject, DeleteObject,
// and the rest, which get fault 9000, and Upload, ScheduleInform,
// ScheduleDownload and CancelTransfer unless its Behaviour says otherwise.
var rpcs = []string{
	"GetRPCMethods", "SetParameterValues", "GetParameterValues", "GetParameterNames",
	"SetParameterAttributes", "GetParameterAttributes", "Download", "Reboot", "FactoryReset",
}

// cpeError is a fault with which the phone answers a request.
type cpeError struct {
	code   int
	text   string
	params []cpeError // SetParameterValuesFault, each with its name
	name   string
}

func (e *cpeError) Error() string { return strconv.Itoa(e.code) + " " + e.text }

// faultTexts are the standard's names of the faults (TR-069 A.5.1).
var faultTexts = map[int]string{
	9000: "Method not supported", 9001: "Request denied", 9002: "Internal error", 9003: "Invalid arguments",
	9004: "Resources exceeded", 9005: "Invalid parameter name", 9006: "Invalid parameter type",
	9007: "Invalid parameter value", 9008: "Attempt to set a non-writable parameter",
	9009: "Notification request rejected", 9010: "File transfer failure", 9011: "Upload failure",
	9012: "File transfer server authentication failure", 9013: "Unsupported protocol for file transfer",
	9014: "Unable to join multicast group", 9015: "Unable to contact file server", 9016: "Unable to access file",
	9017: "Unable to complete download", 9018: "File corrupted", 9019: "File authentication failure",
	9021: "Cancelation of file transfer not permitted in current transfer state",
}

func faultText(code int) string {
	return orDefault(faultTexts[code], "Vendor fault "+strconv.Itoa(code))
}

func newFault(code int) *cpeError { return &cpeError{code: code, text: faultText(code)} }

// serve carries out a request of the ACS and gives the answer's envelope.
func (s *session) serve(ctx context.Context, m *message) ([]byte, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	key := ""
	if k := m.body.kid("CommandKey"); k != nil {
		key = k.text
	}
	s.p.ledger.call(m.method, key)
	s.p.saw(SawRequest, m.method, key)
	s.p.fleet.stats.requests.Add(1)
	if m.id == "" {
		s.p.breach(Breach{ruleIDMissing, m.method})
	}
	ordered := s.takeFault(m.method)
	s.p.signal()
	s.p.mu.Unlock()
	if err := s.dropAt(AfterRequest); err != nil {
		return nil, err
	}

	w := s.envelope()
	w.begin(m.id)
	err := ordered
	if err == nil {
		err = s.dispatch(ctx, m, w)
	}
	var f *cpeError
	switch {
	case errors.Is(err, errNoAnswer):
		return nil, nil
	case errors.As(err, &f):
		s.p.fleet.stats.faults.Add(1)
		w = s.envelope()
		w.begin(m.id)
		w.fault(f)
	case err != nil:
		return nil, err
	}
	if err := s.dropAt(BeforeAnswer); err != nil {
		return nil, err
	}
	return s.seal(w), nil
}

// takeFault gives the fault ordered for the next request of this RPC, once. The
// phone is locked.
func (s *session) takeFault(rpc string) error {
	code, ok := s.p.conduct.FaultNext[rpc]
	if !ok {
		return nil
	}
	delete(s.p.conduct.FaultNext, rpc)
	return newFault(code)
}

func (s *session) dispatch(ctx context.Context, m *message, w *writer) error {
	switch m.method {
	case "GetRPCMethods":
		return s.getRPCMethods(m.body, w)
	case "GetParameterValues":
		return s.getParameterValues(m.body, w)
	case "SetParameterValues":
		return s.setParameterValues(m.body, w)
	case "GetParameterNames":
		return s.getParameterNames(m.body, w)
	case "GetParameterAttributes":
		return s.getParameterAttributes(m.body, w)
	case "SetParameterAttributes":
		return s.setParameterAttributes(m.body, w)
	case "Download":
		return s.download(ctx, m.body, w)
	case "ScheduleDownload":
		return s.scheduleDownload(m.body, w)
	case "CancelTransfer":
		return s.cancelTransfer(m.body, w)
	case "Upload":
		return s.upload(ctx, m.body, w)
	case "Reboot":
		return s.reboot(m.body, w)
	case "FactoryReset":
		return s.factoryReset(m.body, w)
	case "ScheduleInform":
		return s.scheduleInform(m.body, w)
	default:
		return s.unsupported()
	}
}

// getRPCMethods answers A.3.1.1.
func (s *session) getRPCMethods(args *node, w *writer) error {
	checkArgs(args, s.note)
	if s.conduct.Tree.NoMethods {
		return newFault(9000)
	}
	w.open("cwmp:GetRPCMethodsResponse")
	known := rpcs
	if s.conduct.TakesUpload {
		known = append(slices.Clone(rpcs), "Upload")
	}
	if s.conduct.TakesSchedule {
		known = append(slices.Clone(known), "ScheduleInform")
	}
	if s.conduct.TakesWindows {
		known = append(slices.Clone(known), "ScheduleDownload")
		if !s.conduct.KeepsWindows {
			known = append(known, "CancelTransfer")
		}
	}
	w.array("MethodList", "xsd:string", len(known))
	for _, name := range known {
		w.elem("string", name)
	}
	w.close("MethodList")
	w.close("cwmp:GetRPCMethodsResponse")
	return nil
}

// fault writes a SOAP fault (TR-069 3.5).
func (w *writer) fault(f *cpeError) {
	side := "Server"
	if slices.Contains([]int{9003, 9005, 9006, 9007, 9008, 9021}, f.code) {
		side = "Client"
	}
	w.open(w.d.env + ":Fault")
	w.elem("faultcode", side)
	w.elem("faultstring", "CWMP fault")
	w.open("detail")
	w.open("cwmp:Fault")
	w.num("FaultCode", f.code)
	w.elem("FaultString", f.text)
	for _, p := range f.params {
		w.open("SetParameterValuesFault")
		w.elem("ParameterName", p.name)
		w.num("FaultCode", p.code)
		w.elem("FaultString", p.text)
		w.close("SetParameterValuesFault")
	}
	w.close("cwmp:Fault")
	w.close("detail")
	w.close(w.d.env + ":Fault")
}

// array gives the members of an array argument, noting what is wrong with it.
func (s *session) array(args *node, name, member string) []*node {
	list := args.kid(name)
	if list == nil {
		return nil
	}
	if list.arrayType == "" {
		s.note(ruleArrayType, args.name+"/"+name)
	} else if open := strings.IndexByte(list.arrayType, '['); open < 0 || list.arrayType[open:] != fmt.Sprintf("[%d]", len(list.kids)) {
		s.note(ruleArrayType, args.name+"/"+name+" "+list.arrayType)
	}
	for _, k := range list.kids {
		if k.name != member || k.space != "" {
			s.note(ruleArgs, args.name+"/"+name+"/"+k.name)
		}
	}
	return list.kids
}

// bounded gives the text of an argument, noting one longer than it may be.
func (s *session) bounded(args *node, name string, limit int) string {
	k := args.kid(name)
	if k == nil {
		return ""
	}
	if len([]rune(k.text)) > limit {
		s.note(ruleLong, args.name+"/"+name)
	}
	return k.text
}

// boolean reads a boolean argument.
func (s *session) boolean(args *node, name string) bool {
	switch v := args.trimmed(name); v {
	case "1", "true":
		return true
	case "0", "false":
	default:
		s.note(ruleNumber, args.name+"/"+name+" "+v)
	}
	return false
}

// number reads an unsignedInt argument.
func (s *session) number(args *node, name string) int64 {
	v := args.trimmed(name)
	n, err := strconv.ParseUint(v, 10, 32)
	if err != nil {
		s.note(ruleNumber, args.name+"/"+name+" "+v)
	}
	return int64(n)
}
