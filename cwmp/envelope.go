package cwmp

import (
	"strconv"
	"strings"
)

// The namespaces an encoded envelope declares besides that of CWMP.
const (
	nsSOAP = "http://schemas.xmlsoap.org/soap/envelope/"
	nsENC  = "http://schemas.xmlsoap.org/soap/encoding/"
	nsXSD  = "http://www.w3.org/2001/XMLSchema"
	nsXSI  = "http://www.w3.org/2001/XMLSchema-instance"
)

// Envelope is one SOAP envelope: the CWMP headers and one message (TR-069 3.5).
type Envelope struct {
	// Namespace is the CWMP namespace URI as received, and the one Encode
	// writes: a phone is answered in its own, because some drop the connection
	// otherwise. "" encodes as NS1_0; Decode never leaves it empty.
	Namespace string
	// ID is cwmp:ID verbatim, white space included, at most MaxID characters;
	// "" when absent. A response repeats that of its request.
	ID string
	// HoldRequests tells the CPE to send no requests (deprecated, ACS to CPE).
	HoldRequests bool
	// SessionTimeout is the CPE's wish in seconds; 0 when absent.
	SessionTimeout int
	// SupportedVersions is what the CPE offers in its Inform (1.4 and later).
	SupportedVersions []Version
	// OtherVersions is what it offers where it offers none that is known here:
	// at most 8 texts of 16 characters, ? for what no version has.
	OtherVersions []string
	// UseVersion is what the ACS chose, written when not zero.
	UseVersion Version
	// Ignored are the names of headers that were to be understood and are not
	// known here: at most 4. Encode never writes them.
	Ignored []string
	// Declaration has Encode begin with an XML declaration. Decode never sets it.
	Declaration bool
	// Body is the message; never nil after Decode.
	Body Message
}

// Encode returns e as XML, without a declaration unless one is asked for:
// agents in the field look for the envelope in the first bytes. The error is a
// *FieldError.
func (e *Envelope) Encode() ([]byte, error) {
	return e.AppendTo(make([]byte, 0, 1024))
}

// AppendTo appends what Encode returns to dst. On error it returns dst as it was.
func (e *Envelope) AppendTo(dst []byte) ([]byte, error) {
	w := writer{b: dst}
	e.encode(&w)
	if w.err != nil {
		return dst, w.err
	}
	return w.b, nil
}

// encode writes the envelope. All prefixes are declared on the root, as some
// agents look for them nowhere else.
func (e *Envelope) encode(w *writer) {
	ns := e.Namespace
	if ns == "" {
		ns = NS1_0
	}
	if !isCWMP(ns) {
		w.fail("Envelope.Namespace", ErrBadValue)
		return
	}
	if e.Declaration {
		w.raw(`<?xml version="1.0" encoding="UTF-8"?>`)
	}
	w.raw(`<soap-env:Envelope xmlns:soap-env="` + nsSOAP + `" xmlns:soap-enc="` + nsENC +
		`" xmlns:xsd="` + nsXSD + `" xmlns:xsi="` + nsXSI + `" xmlns:cwmp="`)
	w.raw(ns)
	w.raw(`">`)
	e.encodeHeader(w)
	w.raw(`<soap-env:Body>`)
	e.encodeBody(w)
	w.raw(`</soap-env:Body></soap-env:Envelope>`)
}

func (e *Envelope) encodeHeader(w *writer) {
	if e.ID == "" && !e.HoldRequests && e.SessionTimeout <= 0 && len(e.SupportedVersions)+len(e.OtherVersions) == 0 && e.UseVersion == 0 {
		return
	}
	w.rpc = "Header"
	w.raw(`<soap-env:Header>`)
	if e.ID != "" {
		w.raw(`<cwmp:ID soap-env:mustUnderstand="1">`)
		w.escaped("ID", e.ID, MaxID)
		w.raw(`</cwmp:ID>`)
	}
	if e.HoldRequests {
		w.raw(`<cwmp:HoldRequests soap-env:mustUnderstand="1">1</cwmp:HoldRequests>`)
	}
	if e.SessionTimeout > 0 {
		w.raw(`<cwmp:SessionTimeout>`)
		w.raw(strconv.Itoa(e.SessionTimeout))
		w.raw(`</cwmp:SessionTimeout>`)
	}
	if len(e.SupportedVersions)+len(e.OtherVersions) > 0 {
		names := make([]string, len(e.SupportedVersions))
		for i, v := range e.SupportedVersions {
			if names[i] = v.String(); names[i] == "" {
				w.fail("Header.SupportedCWMPVersions", ErrBadValue)
			}
		}
		w.raw(`<cwmp:SupportedCWMPVersions soap-env:mustUnderstand="0">`)
		for _, v := range e.OtherVersions {
			if v == "" || otherVersion(v) != v {
				w.fail("Header.SupportedCWMPVersions", ErrBadValue)
			}
		}
		w.raw(strings.Join(append(names, e.OtherVersions...), ","))
		w.raw(`</cwmp:SupportedCWMPVersions>`)
	}
	if e.UseVersion != 0 {
		if e.UseVersion.String() == "" {
			w.fail("Header.UseCWMPVersion", ErrBadValue)
		}
		w.raw(`<cwmp:UseCWMPVersion soap-env:mustUnderstand="1">`)
		w.raw(e.UseVersion.String())
		w.raw(`</cwmp:UseCWMPVersion>`)
	}
	w.raw(`</soap-env:Header>`)
}

func (e *Envelope) encodeBody(w *writer) {
	switch m := e.Body.(type) {
	case *Fault:
		w.rpc = "Fault"
		m.encodeSOAP(w)
	case *Unknown:
		m.encodeRaw(w)
	case codec:
		w.rpc = m.RPC()
		w.raw("<cwmp:")
		w.raw(w.rpc)
		w.raw(">")
		m.encode(w)
		w.raw("</cwmp:")
		w.raw(w.rpc)
		w.raw(">")
	default:
		w.fail("Envelope.Body", ErrBadValue) // nil, or a message that is not ours
	}
}
