package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A wire is one TCP connection to the phones' side of a server, on which a test
// writes what no client library would.
type wire struct {
	tb   testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// reply is what came back on a wire.
type reply struct {
	status int
	header http.Header
	body   string
}

// wirePatience is how long a wire waits for an answer; longer than the server
// waits for anything.
const wirePatience = 45 * time.Second

func (s *server) wire(tb testing.TB) *wire {
	tb.Helper()
	conn, err := net.DialTimeout("tcp", s.acs, 10*time.Second)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(2 * wirePatience)); err != nil {
		tb.Fatal(err)
	}
	return &wire{tb: tb, conn: conn, in: bufio.NewReaderSize(conn, 1<<10)}
}

// raw writes bytes as they are. That the server has hung up shows when its
// answer is read.
func (w *wire) raw(parts ...string) *wire {
	for _, p := range parts {
		if _, err := io.WriteString(w.conn, p); err != nil {
			break
		}
	}
	return w
}

// head is the head of a POST with some header lines.
func head(header ...string) string {
	return "POST /acs HTTP/1.1\r\nHost: phones.example\r\n" + strings.Join(append(header, ""), "\r\n") + "\r\n"
}

// post writes a POST with a body.
func (w *wire) post(body string, header ...string) *wire {
	return w.raw(head(append(header, "Content-Length: "+strconv.Itoa(len(body)))...), body)
}

// read reads an answer.
func (w *wire) read() (reply, error) {
	res, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return reply{}, fmt.Errorf("read answer: %w", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return reply{res.StatusCode, res.Header, string(b)}, err
}

// must reads an answer and demands a status and a part of the body.
func (w *wire) must(status int, part string) reply {
	w.tb.Helper()
	r, err := w.read()
	if err != nil {
		w.tb.Fatalf("want status %d: %v", status, err)
	}
	if r.status != status || !strings.Contains(r.body, part) {
		w.tb.Fatalf("status %d, want %d with %q; body: %.400s", r.status, status, part, r.body)
	}
	return r
}

// inform begins a session over the wire.
func (w *wire) inform(serial string, o informOptions) *wire {
	w.tb.Helper()
	w.post(inform(serial, o)).must(http.StatusOK, "InformResponse")
	return w
}

// informOptions are what an Inform says besides who it is of; the zero value is
// a periodic one.
type informOptions struct {
	events     []string // none: 2 PERIODIC
	version    string   // of the software; empty: 2.4.12
	parameters []string // values of further ones
}

// inform is an Inform of a Fanvil X6, as short as may be.
func inform(serial string, o informOptions) string {
	if len(o.events) == 0 {
		o.events = []string{"2 PERIODIC"}
	}
	if o.version == "" {
		o.version = "2.4.12"
	}
	var b strings.Builder
	for _, e := range o.events {
		fmt.Fprintf(&b, "<EventStruct><EventCode>%s</EventCode><CommandKey/></EventStruct>", e)
	}
	events := b.String()
	b.Reset()
	value := func(name, v string) {
		fmt.Fprintf(&b, "<ParameterValueStruct><Name>Device.%s</Name><Value>%s</Value></ParameterValueStruct>", name, v)
	}
	value("DeviceInfo.SoftwareVersion", o.version)
	for i, v := range o.parameters {
		value(fmt.Sprintf("X_0C383E_Test.%d.Text", i+1), v)
	}
	return envelope("<cwmp:Inform><DeviceId><Manufacturer>Fanvil</Manufacturer><OUI>0C383E</OUI>" +
		"<ProductClass>X6</ProductClass><SerialNumber>" + serial + "</SerialNumber></DeviceId>" +
		"<Event>" + events + "</Event><MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-01-01T00:00:00Z</CurrentTime>" +
		"<RetryCount>0</RetryCount><ParameterList>" + b.String() + "</ParameterList></cwmp:Inform>")
}

// envelope puts the content of a body into an envelope of CWMP 1.2.
func envelope(body string) string { return envelopeID("1", body) }

func envelopeID(id, body string) string {
	return `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:cwmp="urn:dslforum-org:cwmp-1-2">` +
		`<soap:Header><cwmp:ID soap:mustUnderstand="1">` + id + `</cwmp:ID></soap:Header><soap:Body>` + body + `</soap:Body></soap:Envelope>`
}

// answers reads the table of answers from the documentation of package acs: what
// each rule is answered with, "413" or "fault 8003"; "-" is no answer of its own.
func answers(tb testing.TB) map[string]string {
	tb.Helper()
	b, err := os.ReadFile("../acs/doc.go")
	if err != nil {
		tb.Fatal(err)
	}
	table := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^//\t([a-z]+\.[a-z_]+) +(\d{3}|fault \d{4}|-) `).FindAllStringSubmatch(string(b), -1) {
		table[row[1]] = row[2]
	}
	if len(table) < 20 {
		tb.Fatalf("the documentation of package acs has %d rules", len(table))
	}
	return table
}

// documented demands the answer that the table has for a rule. Rules of the
// decoder are not in it; theirs is what the case says.
func (w *wire) documented(rule, answer string) reply {
	w.tb.Helper()
	if documented, ok := answers(w.tb)[rule]; ok {
		answer = documented
	}
	if code, ok := strings.CutPrefix(answer, "fault "); ok {
		return w.must(http.StatusOK, "<FaultCode>"+code+"</FaultCode><FaultString>"+rule+"</FaultString>")
	}
	status, err := strconv.Atoi(answer)
	if err != nil {
		w.tb.Fatalf("no answer is documented for %s", rule)
	}
	r := w.must(status, "")
	if r.body != rule {
		w.tb.Fatalf("the body is %.100q, want the rule %s", r.body, rule)
	}
	for status, header := range map[int]string{
		http.StatusServiceUnavailable: "Retry-After", http.StatusMethodNotAllowed: "Allow",
	} {
		if r.status == status && r.header.Get(header) == "" {
			w.tb.Errorf("%s is answered %d without %s", rule, status, header)
		}
	}
	return r
}

// packed is gzip.
func packed(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s) // of a buffer neither fails
	_ = z.Close()
	return b.String()
}

// utf16 is ASCII in two bytes a character, with their order before it.
func utf16(order binary.AppendByteOrder, s string) string {
	b := order.AppendUint16(nil, 0xfeff)
	for _, r := range s {
		b = order.AppendUint16(b, uint16(r))
	}
	return string(b)
}

const (
	gzipped = "Content-Encoding: gzip"
	chunked = "Transfer-Encoding: chunked"
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

// shut ends what the phone has to say; the answer can still be read.
func (w *wire) shut() {
	w.tb.Helper()
	if err := w.conn.(*net.TCPConn).CloseWrite(); err != nil {
		w.tb.Fatal(err)
	}
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

// TestHostileHTTP sends what is no proper HTTP: net/http answers, or hangs up.
func TestHostileHTTP(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open")
	for _, tt := range []struct {
		name, raw string
		status    int // 0: no answer
	}{
		{"not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", 400},
		{"no host", "POST /acs HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400},
		{"two lengths", "POST /acs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
		{"negative length", "POST /acs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
		{"unknown transfer coding", "POST /acs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
		{"head without end", "POST /acs HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-A: "+strings.Repeat("b", 1000)+"\r\n", 100), 431},
		{"line without end", strings.Repeat("P", 100_000), 431},
		{"another path", "POST /cgi-bin/luci HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 404},
		{"out of the files", "GET /files/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		{"a link that is none", "GET /files/" + strings.Repeat("a", 26) + "/x.z HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		{"the admin API", "GET /api/v1/phones HTTP/1.1\r\nHost: x\r\n\r\n", 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r, err := s.wire(t).raw(tt.raw).read(); err != nil || r.status != tt.status {
				t.Errorf("status %d, %v; want %d; body %.100q", r.status, err, tt.status, r.body)
			}
		})
	}
	t.Run("hangs up", func(t *testing.T) {
		m := inform("B1", firstBoot)
		whole := head("Content-Length: "+strconv.Itoa(len(m))) + m
		for i := range 200 {
			w := s.wire(t).raw(whole[:i*len(whole)/200])
			if err := w.conn.(*net.TCPConn).SetLinger(0); err != nil { // a reset instead of an end
				t.Fatal(err)
			}
			w.conn.Close()
		}
	})
	s.wire(t).inform("A1", firstBoot).post("").must(http.StatusNoContent, "")
}

// TestTolerated sends what looks hostile and is only what real phones send.
func TestTolerated(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open")
	m := inform("A1", informOptions{})
	for _, tt := range []struct {
		name, body string
		header     []string
	}{
		{"plain", m, nil},
		{"packed", packed(m), []string{gzipped}},
		{"in chunks of one byte", strings.Join(strings.Split(m, ""), "\r\n1\r\n"), []string{chunked}},
		{"byte order mark", "\xef\xbb\xbf" + m, nil},
		{"another declared encoding", `<?xml version="1.0" encoding="windows-31j"?>` + m, nil},
		{"Latin-1, not declared", strings.Replace(m, "Fanvil", "Fanv\xefl", 1), nil},
		{"control characters", strings.Replace(m, "Fanvil", "Fan\x00vil\x07", 1), nil},
		{"stray ampersand", strings.Replace(m, "Fanvil", "Fan & vil", 1), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := s.wire(t)
			if slices.Contains(tt.header, chunked) {
				w.raw(head(chunked), "1\r\n", tt.body, "\r\n0\r\n\r\n")
			} else {
				w.post(tt.body, tt.header...)
			}
			w.must(http.StatusOK, "InformResponse")
			w.post("").must(http.StatusNoContent, "")
		})
	}
}

// hostileTurns are messages out of turn within a session, each of which is
// refused by a rule and ends the session or leaves it as it was.
var hostileTurns = []struct {
	name         string
	send         func(s *server, serial string, w *wire)
	rule, answer string
	ends         bool
}{
	{"answer that nothing asked for", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot).post(envelope("<cwmp:RebootResponse/>"))
	}, "session.unasked", "", true},
	{"unknown request", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot).post(envelope("<cwmp:X_Nonsense/>"))
	}, "rpc.unknown", "", false},
	{"garbage", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot).post("garbage")
	}, "xml.malformed", "400", true},
	{"half a message", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot).post(envelope(""))
	}, "body.empty", "fault 8003", false},
	{"half a message where an answer is due", func(s *server, serial string, w *wire) {
		s.rebooting(w.tb, serial, w)
		w.post(envelope("")) // a fault must not answer an answer
	}, "body.empty", "400", true},
	{"answer to an earlier request", func(s *server, serial string, w *wire) {
		w.post(envelopeID(s.rebooting(w.tb, serial, w)+"0", "<cwmp:RebootResponse/>"))
	}, "session.stale_answer", "", true},
	{"no end", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot)
		for range 1000 {
			w.post(envelope("<cwmp:GetRPCMethods/>")).must(http.StatusOK, "GetRPCMethodsResponse")
		}
		w.post(envelope("<cwmp:GetRPCMethods/>"))
	}, "session.too_long", "", true},
	{"as many elements as fit", func(_ *server, serial string, w *wire) {
		w.inform(serial, firstBoot).post(strings.Repeat("<a/>", 1<<20-1))
	}, "xml.too_many", "400", true},
}

// firstBoot is the Inform of a phone from the box.
var firstBoot = informOptions{events: []string{"0 BOOTSTRAP"}}

// TestHostileSession speaks out of turn. A phone is known by its connection, as
// those are that return no cookie.
func TestHostileSession(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open", "--drain", "1s")
	for i, tt := range hostileTurns {
		t.Run(tt.name, func(t *testing.T) {
			w := s.wire(t)
			tt.send(s, fmt.Sprintf("A%d", i), w)
			w.documented(tt.rule, tt.answer)
			if tt.ends {
				w.post(envelope("<cwmp:GetRPCMethods/>")).documented("session.none", "")
			} else {
				w.post("").must(http.StatusNoContent, "")
			}
		})
	}
	t.Run("too large within the session", func(t *testing.T) {
		w := s.wire(t).inform("B1", firstBoot).raw(head("Content-Length: 5000000"))
		w.documented("http.too_large", "")
	})
	t.Run("another Inform", func(t *testing.T) {
		old, young := s.wire(t).inform("B2", firstBoot), s.wire(t).inform("B2", informOptions{})
		old.post(envelope("<cwmp:GetRPCMethods/>")).documented("session.none", "")
		young.post("").must(http.StatusNoContent, "")
	})
	// A restart is not sent twice because its answer was no answer.
	for serial, answer := range map[string]func(id string) string{
		"C1": func(id string) string { return envelopeID(id, "<cwmp:FactoryResetResponse/>") },
		"C2": func(string) string { return "" },
	} {
		t.Run("no answer "+serial, func(t *testing.T) {
			if a := answers(t)["session.wrong_answer"]; a != "-" {
				t.Errorf("session.wrong_answer is documented to be answered %s", a)
			}
			w := s.wire(t)
			w.post(answer(s.rebooting(t, serial, w))).must(http.StatusNoContent, "")
			w.inform(serial, informOptions{}).post("").must(http.StatusNoContent, "")
		})
	}
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	checkStore(t, s.dir)
}

// elsewhere says where a rule of the table is tried that is in none above, or
// why it is not tried over a socket: package acs tries them all.
var elsewhere = map[string]string{
	"http.slow":            "TestSlow",
	"http.busy":            "TestSlow",
	"store.no_space":       "TestDiskFull",
	"session.draining":     "TestStopLetsSessionsEnd",
	"inform.not_listed":    "TestSettingsFromAllSources",
	"inform.refused":       "TestEnrolmentRules",
	"inform.too_often":     "TestInformPace",
	"session.wrong_answer": "TestHostileSession; it is answered like none",
	"session.superseded":   "which of two messages comes first would be for the scheduler to say",
	"session.full":         "needs 20,000 sessions",
	"inform.pending_full":  "needs 10,000 phones that wait",
	"inform.crowded":       "which of five messages comes first would be for the scheduler to say",
	"inform.bad_value":     "the decoder lets nothing pass that a store cannot hold",
	"store.failed":         "needs a disk that fails",
}

// TestEveryAnswerIsTried holds the cases to the table of answers.
func TestEveryAnswerIsTried(t *testing.T) {
	tried := map[string]bool{}
	for _, c := range hostileBodies {
		tried[c.rule] = true
	}
	for _, c := range hostileTurns {
		tried[c.rule] = true
	}
	table := answers(t)
	for rule := range table {
		if tried[rule] == (elsewhere[rule] != "") {
			t.Errorf("%s: tried %v, elsewhere %q", rule, tried[rule], elsewhere[rule])
		}
	}
	for rule := range elsewhere {
		if table[rule] == "" {
			t.Errorf("%s is not in the table", rule)
		}
	}
}

// rebooting brings a session to where the phone has been told to restart, and
// returns the id of that request.
func (s *server) rebooting(tb testing.TB, serial string, w *wire) (id string) {
	tb.Helper()
	s.wire(tb).inform(serial, firstBoot).post("").must(http.StatusNoContent, "")
	j := s.order(tb, rebootNow(map[string]any{"phones": []string{"0C383E-X6-" + serial}}))
	eventually(tb, 10*time.Second, "the task is ready", func() error {
		if j = s.job(tb, j.ID); j.Counts["ready"] != 1 {
			return fmt.Errorf("job: %v", j.Counts)
		}
		return nil
	})
	r := w.inform(serial, informOptions{}).post("").must(http.StatusOK, "Reboot>")
	m := regexp.MustCompile(`ID[^>]*>(acs-[^<]+)<`).FindStringSubmatch(r.body)
	if m == nil {
		tb.Fatalf("the request has no ID: %s", r.body)
	}
	return m[1]
}
