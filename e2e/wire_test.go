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
	"regexp"
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

	header []string // of the last POST
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
	w, err := s.dial(tb)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// dial is wire for goroutines of a test.
func (s *server) dial(tb testing.TB) (*wire, error) {
	conn, err := net.DialTimeout("tcp", s.acs, 10*time.Second)
	if err != nil {
		return nil, err
	}
	tb.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(2 * wirePatience)); err != nil {
		return nil, err
	}
	return &wire{tb: tb, conn: conn, in: bufio.NewReaderSize(conn, 1<<10)}, nil
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
	w.header = header
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

// must reads an answer and demands a status and a part of the body. That the
// server asks for methods is refused before, as by a phone that cannot be asked.
func (w *wire) must(status int, part string) reply {
	w.tb.Helper()
	r, err := w.read()
	if _, asks, ok := strings.Cut(r.body, "<cwmp:ID soap-env:mustUnderstand=\"1\">"); ok && err == nil && strings.Contains(asks, "<cwmp:GetRPCMethods>") {
		id, _, _ := strings.Cut(asks, "<")
		w.post(envelopeID(id, "<soap:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>"+
			"<FaultCode>9000</FaultCode></cwmp:Fault></detail></soap:Fault>"), w.header...)
		r, err = w.read()
	}
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

// shut ends what the phone has to say; the answer can still be read.
func (w *wire) shut() {
	w.tb.Helper()
	if err := w.conn.(*net.TCPConn).CloseWrite(); err != nil {
		w.tb.Fatal(err)
	}
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

// rebooting brings a session to where the phone has been told to restart, and
// returns the id of that request.
func (s *server) rebooting(tb testing.TB, serial string, w *wire) (id string) {
	tb.Helper()
	m := regexp.MustCompile(`ID[^>]*>(acs-[^<]+)<`).FindStringSubmatch(s.asking(tb, serial, w, rebootNow(nil).unasked(), "Reboot>"))
	if m == nil {
		tb.Fatal("the request has no ID")
	}
	return m[1]
}

// asking brings a session of a phone from the box to where it has been given an
// order, and returns that request, which holds a part.
func (s *server) asking(tb testing.TB, serial string, w *wire, o newJob, part string) string {
	tb.Helper()
	s.wire(tb).inform(serial, firstBoot).post("").must(http.StatusNoContent, "")
	o.Selection = map[string]any{"phones": []string{"0C383E-X6-" + serial}}
	j := s.order(tb, o)
	eventually(tb, 10*time.Second, "the task is ready", func() error {
		if j = s.job(tb, j.ID); j.Counts["ready"] != 1 {
			return fmt.Errorf("job: %v", j.Counts)
		}
		return nil
	})
	return w.inform(serial, informOptions{}).post("").must(http.StatusOK, part).body
}
