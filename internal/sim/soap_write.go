package sim

import (
	"strconv"
	"unicode/utf8"
)

// The namespaces of SOAP 1.1 and XML Schema (TR-069 3.5).
const (
	nsEnvelope = "http://schemas.xmlsoap.org/soap/envelope/"
	nsEncoding = "http://schemas.xmlsoap.org/soap/encoding/"
	nsSchema   = "http://www.w3.org/2001/XMLSchema"
	nsInstance = "http://www.w3.org/2001/XMLSchema-instance"
)

// namespaces gives the CWMP namespace of a version; 1.2 to 1.4 share one.
var namespaces = map[string]string{
	"1.0": "urn:dslforum-org:cwmp-1-0",
	"1.1": "urn:dslforum-org:cwmp-1-1",
	"1.2": "urn:dslforum-org:cwmp-1-2",
	"1.3": "urn:dslforum-org:cwmp-1-2",
	"1.4": "urn:dslforum-org:cwmp-1-2",
}

// dialect is how a model writes its envelopes.
type dialect struct {
	version  string // CWMP
	ns       string // of version
	env, enc string // prefixes of envelope and encoding
}

// writer builds one envelope.
type writer struct {
	b []byte
	d *dialect
}

// begin opens the envelope up to its Body. Further header elements are given as
// name and text.
func (w *writer) begin(id string, headers ...string) {
	e := w.d.env
	w.put(`<?xml version="1.0" encoding="UTF-8"?>`, "\n<", e, `:Envelope xmlns:`, e, `="`, nsEnvelope,
		`" xmlns:`, w.d.enc, `="`, nsEncoding, `" xmlns:xsd="`, nsSchema, `" xmlns:xsi="`, nsInstance,
		`" xmlns:cwmp="`, w.d.ns, `"><`, e, `:Header>`)
	if id != "" {
		w.put(`<cwmp:ID `, e, `:mustUnderstand="1">`)
		w.text(id)
		w.put(`</cwmp:ID>`)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		w.elem("cwmp:"+headers[i], headers[i+1])
	}
	w.put(`</`, e, `:Header><`, e, `:Body>`)
}

// end closes what begin opened and gives the envelope.
func (w *writer) end() []byte {
	w.put(`</`, w.d.env, `:Body></`, w.d.env, `:Envelope>`)
	return w.b
}

func (w *writer) put(parts ...string) {
	for _, p := range parts {
		w.b = append(w.b, p...)
	}
}

func (w *writer) open(name string)  { w.put("<", name, ">") }
func (w *writer) close(name string) { w.put("</", name, ">") }

func (w *writer) elem(name, text string) {
	w.open(name)
	w.text(text)
	w.close(name)
}

func (w *writer) num(name string, n int) {
	w.open(name)
	w.b = strconv.AppendInt(w.b, int64(n), 10)
	w.close(name)
}

// array opens an array of n members of a type (TR-069 3.5).
func (w *writer) array(name, member string, n int) {
	w.put("<", name, " ", w.d.enc, `:arrayType="`, member, "[")
	w.b = strconv.AppendInt(w.b, int64(n), 10)
	w.put(`]">`)
}

// value writes one ParameterValueStruct.
func (w *writer) value(name string, k kind, text string) {
	w.put("<ParameterValueStruct><Name>")
	w.text(name)
	w.put(`</Name><Value xsi:type="xsd:`, k.String(), `">`)
	w.text(text)
	w.put("</Value></ParameterValueStruct>")
}

// text writes character data. White space that a parser would fold is sent as a
// reference; what XML 1.0 cannot carry becomes U+FFFD.
func (w *writer) text(s string) {
	last := 0
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		var esc string
		switch {
		case r == '&':
			esc = "&amp;"
		case r == '<':
			esc = "&lt;"
		case r == '>':
			esc = "&gt;"
		case r == '\t':
			esc = "&#9;"
		case r == '\n':
			esc = "&#10;"
		case r == '\r':
			esc = "&#13;"
		case r < ' ' || r == 0xFFFE || r == 0xFFFF || r == utf8.RuneError && n == 1:
			esc = "\uFFFD"
		}
		if esc != "" {
			w.put(s[last:i], esc)
			last = i + n
		}
		i += n
	}
	w.put(s[last:])
}
