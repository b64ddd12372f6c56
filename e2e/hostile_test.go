package e2e

import (
	"encoding/binary"
	"net/http"
	"strings"
	"testing"
)

// hostileBodies are POSTs without a session that no phone should send, with the
// rule that refuses each and, for rules of the decoder, the answer.
var hostileBodies = []struct {
	name         string
	send         func(w *wire)
	rule, answer string
}{
	{"GET", func(w *wire) { w.raw("GET /acs HTTP/1.1\r\nHost: x\r\n\r\n") }, "http.method", ""},
	{"PUT with a body", func(w *wire) { w.raw("PUT /acs HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc") }, "http.method", ""},
	{"announced too large", func(w *wire) { w.raw(head("Content-Length: 600000")) }, "http.too_large", ""},
	{"announced beyond reason", func(w *wire) { w.raw(head("Content-Length: 9000000000000000000")) }, "http.too_large", ""},
	{"too large in chunks", func(w *wire) {
		w.raw(head(chunked))
		for range 40 {
			w.raw("4000\r\n", strings.Repeat("x", 0x4000), "\r\n")
		}
	}, "http.too_large", ""},
	{"inflates to 64 MiB", func(w *wire) { w.post(packed(strings.Repeat(" ", 64<<20)), gzipped) }, "http.too_large", ""},
	{"unknown coding", func(w *wire) { w.post("x", "Content-Encoding: br") }, "http.encoding", ""},
	{"two codings", func(w *wire) { w.post(packed(packed("x")), "Content-Encoding: gzip, gzip") }, "http.encoding", ""},
	{"not gzip", func(w *wire) { w.post("no gzip at all", gzipped) }, "http.body", ""},
	{"gzip that breaks off", func(w *wire) { w.post(packed(inform("A1", informOptions{}))[:200], gzipped) }, "http.body", ""},
	{"gzip with a wrong sum", func(w *wire) {
		b := []byte(packed(inform("A1", informOptions{})))
		b[len(b)-6] ^= 1
		w.post(string(b), gzipped)
	}, "http.body", ""},
	{"half sent", func(w *wire) {
		w.raw(head("Content-Length: 1000"), strings.Repeat("<a>", 100))
		w.shut()
	}, "http.body", ""},
	{"half sent in chunks", func(w *wire) {
		w.raw(head(chunked), "10\r\n0123")
		w.shut()
	}, "http.body", ""},
	{"chunk of no size", func(w *wire) { w.raw(head(chunked), "zz\r\nabc\r\n0\r\n\r\n") }, "http.body", ""},

	{"text", func(w *wire) { w.post("hello") }, "xml.malformed", "400"},
	{"JSON", func(w *wire) { w.post(`{"Inform": {}}`) }, "xml.malformed", "400"},
	{"noise", func(w *wire) { w.post(packed(inform("A1", informOptions{}))) }, "xml.malformed", "400"},
	{"UTF-16", func(w *wire) { w.post(utf16(binary.LittleEndian, inform("A1", informOptions{}))) }, "xml.malformed", "400"},
	{"UTF-16, the other way", func(w *wire) { w.post(utf16(binary.BigEndian, inform("A1", informOptions{}))) }, "xml.malformed", "400"},
	{"breaks off", func(w *wire) { m := inform("A1", informOptions{}); w.post(m[:len(m)-40]) }, "xml.malformed", "400"},
	{"crossed tags", func(w *wire) { w.post("<a><b></a></b>") }, "xml.malformed", "400"},
	{"two roots", func(w *wire) { m := inform("A1", informOptions{}); w.post(m + m) }, "xml.two_roots", "400"},
	{"deep", func(w *wire) { w.post(envelope(strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65))) }, "xml.too_deep", "400"},
	{"as deep as fits", func(w *wire) { w.post(strings.Repeat("<a>", 170_000)) }, "xml.too_deep", "400"},
	{"many attributes", func(w *wire) { w.post("<a " + strings.Repeat("=", 300_000) + "/>") }, "xml.too_many", "400"},
	{"document type", func(w *wire) {
		w.post(`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + inform("&x;", informOptions{}))
	}, "xml.dtd", "400"},
	{"entities of entities", func(w *wire) {
		w.post(`<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>`)
	}, "xml.dtd", "400"},
	{"document type behind a control character", func(w *wire) { w.post("<\x02!DOCTYPE a><a/>") }, "xml.dtd", "400"},
	{"document type, inflated", func(w *wire) { w.post(packed("<!DOCTYPE a><a/>"), gzipped) }, "xml.dtd", "400"},
	{"HTML", func(w *wire) { w.post("<html><body/></html>") }, "envelope.missing", "400"},
	{"SOAP 1.2", func(w *wire) {
		w.post(strings.ReplaceAll(inform("A1", informOptions{}), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"))
	}, "envelope.namespace", "400"},
	{"no body", func(w *wire) { w.post(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"/>`) }, "body.missing", "fault 8003"},
	{"empty body", func(w *wire) { w.post(envelope("")) }, "body.empty", "fault 8003"},
	{"two messages", func(w *wire) { w.post(envelope("<cwmp:Inform/><cwmp:Inform/>")) }, "body.two_messages", "fault 8003"},
	{"long ID", func(w *wire) { w.post(envelopeID(strings.Repeat("1", 257), "<cwmp:GetRPCMethods/>")) }, "header.id_too_long", "fault 8003"},

	{"no serial number", func(w *wire) { w.post(inform("", informOptions{})) }, "inform.identity", ""},
	{"long serial number", func(w *wire) { w.post(inform(strings.Repeat("A", 129), informOptions{})) }, "inform.identity", ""},
	{"empty Inform", func(w *wire) { w.post(envelope("<cwmp:Inform/>")) }, "inform.identity", ""},
	{"many events", func(w *wire) {
		w.post(inform("A1", informOptions{events: strings.Split(strings.Repeat("4 VALUE CHANGE,", 257), ",")}))
	}, "inform.too_many", ""},
	{"many parameters", func(w *wire) { w.post(inform("A1", informOptions{parameters: make([]string, 2048)})) }, "inform.too_many", ""},
	{"answer before all", func(w *wire) { w.post(envelope("<cwmp:RebootResponse/>")) }, "session.none", ""},
	{"fault before all", func(w *wire) { w.post(envelope("<soap:Fault/>")) }, "session.none", ""},
	{"request before all", func(w *wire) { w.post(envelope("<cwmp:TransferComplete/>")) }, "session.none", ""},
	{"cookie that is none", func(w *wire) {
		w.post(envelope("<cwmp:GetRPCMethods/>"), "Cookie: session="+strings.Repeat("A", 26))
	}, "session.none", ""},
}

// TestHostileBodies wants the documented answer to each, and one phone served
// well after all of them.
func TestHostileBodies(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open")
	for _, tt := range hostileBodies {
		t.Run(tt.name, func(t *testing.T) {
			w := s.wire(t)
			tt.send(w)
			w.documented(tt.rule, tt.answer)
		})
	}
	if phones := list[phone](t, s, "/api/v1/phones"); len(phones) != 0 {
		t.Errorf("phones were made of it: %v", phones)
	}
	s.wire(t).inform("A1", firstBoot).post("").must(http.StatusNoContent, "")
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	checkStore(t, s.dir)
}
