package cwmp

import (
	"github.com/beevik/etree"
)

// Fault is the answer that refuses a request, in either direction (TR-069 3.5).
type Fault struct {
	// Code is never 0 after Decode: a SOAP fault without a readable CWMP code
	// reads as FaultInternalError.
	Code   FaultCode
	String string
	// Parameters says which parameters of a SetParameterValues were refused.
	Parameters []ParameterFault
}

// ParameterFault is the refusal of one parameter of a SetParameterValues.
type ParameterFault struct {
	Name   string
	Code   FaultCode
	String string
}

// RPC returns "Fault".
func (*Fault) RPC() string { return "Fault" }

// FaultStruct is how a transfer ended. The zero FaultStruct is success.
type FaultStruct struct {
	Code   FaultCode
	String string // at most 256 characters
}

// decodeSOAP reads a soap:Fault. Where the CWMP detail stands is not asked:
// some devices nest the fault within the faultstring.
func (f *Fault) decodeSOAP(e *etree.Element) {
	inner := findDetail(e)
	if inner == nil {
		f.Code = FaultInternalError
		for c := range e.ChildElementsSeq() {
			if c.Tag == "faultstring" {
				f.String = token(c)
			}
		}
		return
	}
	for c := range inner.ChildElementsSeq() {
		switch c.Tag {
		case "FaultCode":
			f.Code = parseCode(c)
		case "FaultString":
			f.String = text(c)
		case "SetParameterValuesFault":
			var p ParameterFault
			for d := range c.ChildElementsSeq() {
				switch d.Tag {
				case "ParameterName":
					p.Name = token(d)
				case "FaultCode":
					p.Code = parseCode(d)
				case "FaultString":
					p.String = text(d)
				}
			}
			f.Parameters = append(f.Parameters, p)
		}
	}
	if f.Code == 0 {
		f.Code = FaultInternalError
	}
}

// findDetail returns the element that holds the FaultCode of the whole message,
// nearest to the root.
func findDetail(e *etree.Element) *etree.Element {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "FaultCode" {
			return e
		}
	}
	for c := range e.ChildElementsSeq() {
		if c.Tag == "SetParameterValuesFault" {
			continue
		}
		if d := findDetail(c); d != nil {
			return d
		}
	}
	return nil
}

// encodeSOAP writes the fault with its code's side in faultcode, unqualified as
// in the examples of TR-069.
func (f *Fault) encodeSOAP(w *writer) {
	w.raw(`<soap-env:Fault><faultcode>`)
	w.raw(f.Code.side())
	w.raw(`</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>`)
	if f.Code <= 0 {
		w.failAt("FaultCode", ErrBadValue)
	}
	w.int("FaultCode", int(f.Code))
	w.optional("FaultString", f.String, noLimit)
	for i, p := range f.Parameters {
		w.at("SetParameterValuesFault", i)
		w.open("SetParameterValuesFault")
		w.text("ParameterName", p.Name, noLimit)
		w.int("FaultCode", int(p.Code))
		w.optional("FaultString", p.String, noLimit)
		w.close("SetParameterValuesFault")
	}
	w.raw(`</cwmp:Fault></detail></soap-env:Fault>`)
}

// parseCode reads a fault code: nothing is no fault, and what is no number is
// an internal error, never a success.
func parseCode(e *etree.Element) FaultCode {
	if token(e) == "" {
		return 0
	}
	return FaultCode(parseInt(e, int(FaultInternalError)))
}

// decodeFaultStruct reads the FaultStruct of a transfer.
func decodeFaultStruct(e *etree.Element) FaultStruct {
	var f FaultStruct
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "FaultCode":
			f.Code = parseCode(c)
		case "FaultString":
			f.String = text(c)
		}
	}
	return f
}

func (w *writer) faultStruct(f FaultStruct) {
	w.open("FaultStruct")
	w.int("FaultCode", int(f.Code))
	w.text("FaultString", f.String, max256)
	w.close("FaultStruct")
}
