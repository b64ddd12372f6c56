package sim

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// fakeACS is a server of a few lines, written from the standard: it answers
// Inform and TransferComplete, hands out the requests that wait for a serial
// number one at a time, and ends each session with 204.
type fakeACS struct {
	mu       sync.Mutex
	sessions map[string]*fakeSession // by cookie
	conns    map[string]*fakeSession // by peer, for phones without cookies
	queue    map[string][]string     // by serial number
	informs  []seenInform
	reports  []seenReport
	answers  []seenAnswer
	posts    []seenPost
	raw      [][]byte // the phones' envelopes
	made     int
	keepRaw  bool

	// before sees each POST first and answers it itself by returning true.
	before func(w http.ResponseWriter, r *http.Request, body string) bool
	// beforeReport does so for each TransferComplete.
	beforeReport func(w http.ResponseWriter) bool
	answered     func(method string)
}

type fakeSession struct {
	serial string
	ns     string
	key    string // its cookie
}

type seenInform struct {
	Serial, OUI, Class string
	Events             []string // "code" or "code=key"
	Retry              int
	Params             map[string]string
	Cookie             string
	ID                 string
}

type seenReport struct {
	Key   string
	Fault int
}

type seenAnswer struct {
	Serial, Method string
	Fault          int
	ParamFaults    map[string]int
	Params         map[string]string
	Names          []string
	Status         string
}

type seenPost struct {
	Peer, Cookie, Authorization, ContentType string
	SOAPAction                               []string
	Empty, Chunked                           bool
}

// wire mirrors the messages of a phone.
type wire struct {
	Header struct {
		ID string `xml:"ID"`
	} `xml:"Header"`
	Body struct {
		Inner struct {
			XMLName  xml.Name
			DeviceID struct {
				OUI, ProductClass, SerialNumber string
			} `xml:"DeviceId"`
			Event []struct {
				EventCode, CommandKey string
			} `xml:"Event>EventStruct"`
			RetryCount int
			Params     []struct {
				Name, Value string
			} `xml:"ParameterList>ParameterValueStruct"`
			Infos []struct {
				Name, Writable string
			} `xml:"ParameterList>ParameterInfoStruct"`
			Attributes []struct {
				Name, Notification string
			} `xml:"ParameterList>ParameterAttributeStruct"`
			Methods     []string `xml:"MethodList>string"`
			Status      string
			CommandKey  string
			FaultStruct struct{ FaultCode int }
			Fault       struct {
				FaultCode int
				Params    []struct {
					ParameterName string
					FaultCode     int
				} `xml:"SetParameterValuesFault"`
			} `xml:"detail>Fault"`
		} `xml:",any"`
	} `xml:"Body"`
}

func newACS() *fakeACS {
	return &fakeACS{sessions: map[string]*fakeSession{}, conns: map[string]*fakeSession{}, queue: map[string][]string{}}
}

// start serves the ACS on a socket.
func (a *fakeACS) start(t testing.TB) *httptest.Server {
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	return srv
}

// order queues a request, its arguments written without the method.
func (a *fakeACS) order(p *Phone, method, args string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queue[p.Serial()] = append(a.queue[p.Serial()], fmt.Sprintf("<c:%s>%s</c:%s>", method, args, method))
}

func envelopeOf(ns, id, body string) string {
	return `<e:Envelope xmlns:e="` + nsEnvelope + `" xmlns:n="` + nsEncoding + `" xmlns:x="` + nsSchema + `" xmlns:i="` + nsInstance +
		`" xmlns:c="` + ns + `"><e:Header><c:ID e:mustUnderstand="1">` + id + `</c:ID></e:Header><e:Body>` + body + `</e:Body></e:Envelope>`
}

func reply200(w http.ResponseWriter, envelope string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	io.WriteString(w, envelope)
}

func (a *fakeACS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return // the phone hung up
	}
	body := string(b)
	if a.before != nil && a.before(w, r, body) {
		return
	}
	cookie := r.Header.Get("Cookie")
	a.mu.Lock()
	a.posts = append(a.posts, seenPost{
		r.RemoteAddr, cookie, r.Header.Get("Authorization"), r.Header.Get("Content-Type"),
		r.Header["Soapaction"], body == "", len(r.TransferEncoding) > 0,
	})
	if a.keepRaw && body != "" {
		a.raw = append(a.raw, b)
	}
	s := a.sessions[strings.TrimPrefix(cookie, "sid=")]
	if s == nil {
		s = a.conns[r.RemoteAddr]
	}
	a.mu.Unlock()

	if body == "" {
		a.next(w, s)
		return
	}
	var m wire
	if err := xml.Unmarshal(b, &m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	in := m.Body.Inner
	switch in.XMLName.Local {
	case "Inform":
		a.inform(w, r, &m)
	case "TransferComplete":
		if a.beforeReport != nil && a.beforeReport(w) {
			return
		}
		a.mu.Lock()
		a.reports = append(a.reports, seenReport{in.CommandKey, in.FaultStruct.FaultCode})
		a.mu.Unlock()
		reply200(w, envelopeOf(in.XMLName.Space, m.Header.ID, "<c:TransferCompleteResponse/>"))
	default:
		a.answer(s, &m)
		a.next(w, s)
	}
}

func (a *fakeACS) inform(w http.ResponseWriter, r *http.Request, m *wire) {
	in := m.Body.Inner
	seen := seenInform{
		Serial: in.DeviceID.SerialNumber, OUI: in.DeviceID.OUI, Class: in.DeviceID.ProductClass,
		Retry: in.RetryCount, Params: map[string]string{}, Cookie: r.Header.Get("Cookie"), ID: m.Header.ID,
	}
	for _, e := range in.Event {
		code := e.EventCode
		if e.CommandKey != "" {
			code += "=" + e.CommandKey
		}
		seen.Events = append(seen.Events, code)
	}
	for _, p := range in.Params {
		seen.Params[p.Name] = p.Value
	}
	a.mu.Lock()
	a.informs = append(a.informs, seen)
	a.made++
	s := &fakeSession{serial: seen.Serial, ns: in.XMLName.Space, key: fmt.Sprintf("s%d", a.made)}
	a.sessions[s.key], a.conns[r.RemoteAddr] = s, s
	a.mu.Unlock()
	w.Header().Set("Set-Cookie", "sid="+s.key+"; Path=/")
	reply200(w, envelopeOf(s.ns, m.Header.ID, "<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>"))
}

func (a *fakeACS) answer(s *fakeSession, m *wire) {
	in := m.Body.Inner
	seen := seenAnswer{Method: in.XMLName.Local, Fault: in.Fault.FaultCode, Params: map[string]string{}, ParamFaults: map[string]int{}, Status: in.Status}
	if s != nil {
		seen.Serial = s.serial
	}
	for _, p := range in.Params {
		seen.Params[p.Name] = p.Value
	}
	for _, p := range in.Attributes {
		seen.Params[p.Name] = p.Notification
	}
	for _, p := range in.Infos {
		seen.Names = append(seen.Names, p.Name+"="+p.Writable)
	}
	seen.Names = append(seen.Names, in.Methods...)
	for _, p := range in.Fault.Params {
		seen.ParamFaults[p.ParameterName] = p.FaultCode
	}
	a.mu.Lock()
	a.answers = append(a.answers, seen)
	a.mu.Unlock()
	if a.answered != nil {
		a.answered(seen.Method)
	}
}

// next hands out the next request or ends the session.
func (a *fakeACS) next(w http.ResponseWriter, s *fakeSession) {
	a.mu.Lock()
	var req string
	if s != nil && len(a.queue[s.serial]) > 0 {
		req = a.queue[s.serial][0]
		a.queue[s.serial] = a.queue[s.serial][1:]
	}
	a.made++
	id := fmt.Sprintf("acs-%d", a.made)
	if req == "" && s != nil {
		delete(a.sessions, s.key)
	}
	a.mu.Unlock()
	if req == "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	reply200(w, envelopeOf(s.ns, id, req))
}

func (a *fakeACS) seenInforms() []seenInform {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.informs)
}

func (a *fakeACS) lastAnswer(t *testing.T) seenAnswer {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.answers) == 0 {
		t.Fatal("no answer came")
	}
	return a.answers[len(a.answers)-1]
}

// downloadArgs are the arguments of a Download.
func downloadArgs(key, fileType, url string) string {
	return fmt.Sprintf("<CommandKey>%s</CommandKey><FileType>%s</FileType><URL>%s</URL><Username>u</Username><Password>p</Password>"+
		"<FileSize>0</FileSize><TargetFileName></TargetFileName><DelaySeconds>0</DelaySeconds><SuccessURL></SuccessURL><FailureURL></FailureURL>",
		key, fileType, url)
}

func keyArg(key string) string { return "<CommandKey>" + key + "</CommandKey>" }
