package cwmp

import "github.com/beevik/etree"

// DUResult is the outcome of one operation on a software module.
type DUResult struct {
	UUID                 string
	DeploymentUnitRef    string
	Version              string // at most 32 characters
	CurrentState         string // "Installed", "Uninstalled" or "Failed"
	Resolved             bool   // all that it depends on is there
	ExecutionUnitRefList string // comma separated
	StartTime            string // dateTime, verbatim; UnknownTime when empty
	CompleteTime         string
	Fault                FaultStruct // of any length
	// OperationPerformed is "Install", "Update" or "Uninstall", and only in
	// AutonomousDUStateChangeComplete.
	OperationPerformed string
}

func decodeDUResult(e *etree.Element) DUResult {
	r := DUResult{StartTime: UnknownTime, CompleteTime: UnknownTime}
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "UUID":
			r.UUID = token(c)
		case "DeploymentUnitRef":
			r.DeploymentUnitRef = token(c)
		case "Version":
			r.Version = token(c)
		case "CurrentState":
			r.CurrentState = token(c)
		case "Resolved":
			r.Resolved = parseBool(c)
		case "ExecutionUnitRefList":
			r.ExecutionUnitRefList = token(c)
		case "StartTime":
			r.StartTime = parseTime(c)
		case "CompleteTime":
			r.CompleteTime = parseTime(c)
		case "Fault":
			r.Fault = decodeFaultStruct(c)
		}
	}
	return r
}

// duResults writes repeated elements; the schema has no array here.
func (w *writer) duResults(list []DUResult, autonomous bool) {
	const tag = "Results"
	w.atLeastOne(tag, len(list))
	for i, r := range list {
		w.at(tag, i)
		w.open(tag)
		w.text("UUID", r.UUID, max64)
		w.text("DeploymentUnitRef", r.DeploymentUnitRef, noLimit)
		w.text("Version", r.Version, maxKey)
		w.text("CurrentState", r.CurrentState, max64)
		w.bool("Resolved", r.Resolved)
		w.text("ExecutionUnitRefList", r.ExecutionUnitRefList, noLimit)
		w.time("StartTime", r.StartTime)
		w.time("CompleteTime", r.CompleteTime)
		w.open("Fault")
		w.int("FaultCode", int(r.Fault.Code))
		w.optional("FaultString", r.Fault.String, noLimit)
		w.close("Fault")
		if autonomous {
			w.text("OperationPerformed", r.OperationPerformed, max64)
		}
		w.close(tag)
	}
	w.list = ""
}
