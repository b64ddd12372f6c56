package load

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// anEnvelope is what the tests read of a phone's message, parsed in earnest.
type anEnvelope struct {
	ID   string `xml:"Header>ID"`
	Body struct {
		Inform *struct {
			Serial string `xml:"DeviceId>SerialNumber"`
			Events []struct {
				EventCode, CommandKey string
			} `xml:"Event>EventStruct"`
			Parameters []struct {
				Name, Value string
			} `xml:"ParameterList>ParameterValueStruct"`
		} `xml:"Inform"`
		DownloadResponse *struct {
			Status    int
			StartTime time.Time
		} `xml:"DownloadResponse"`
		TransferComplete *struct {
			CommandKey string
			FaultCode  int `xml:"FaultStruct>FaultCode"`
		} `xml:"TransferComplete"`
		GetRPCMethodsResponse *struct {
			Methods []string `xml:"MethodList>string"`
		} `xml:"GetRPCMethodsResponse"`
		Fault *struct {
			Code int `xml:"detail>Fault>FaultCode"`
		} `xml:"Fault"`
	} `xml:"Body"`
}

// A script is a CWMP server that asks each phone one request, in its first
// session, and writes down what the phones said.
type script struct {
	t       *testing.T
	request string // body element
	chunked bool   // how answers are written
	close   bool   // each answer ends its connection

	mu     sync.Mutex
	serial map[string]string // by cookie
	asked  map[string]bool   // by serial
	said   []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("read request: %v", err)
	}
	if s.close {
		w.Header().Set("Connection", "close")
	}
	if (len(b) > 0) != (r.Header.Get("Content-Type") != "") {
		s.t.Errorf("Content-Type %q with %d bytes", r.Header.Get("Content-Type"), len(b))
	}
	var m anEnvelope
	if len(b) > 0 {
		if err := xml.Unmarshal(b, &m); err != nil {
			s.t.Errorf("message does not parse: %v\n%s", err, b)
		}
	}
	if in := m.Body.Inform; in != nil {
		cookie := fmt.Sprintf("c%d", len(s.serial))
		s.serial[cookie] = in.Serial
		http.SetCookie(w, &http.Cookie{Name: "session", Value: cookie, Path: "/", HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: "node", Value: "1"})
		for _, e := range in.Events {
			s.said = append(s.said, strings.TrimSpace("event "+e.EventCode+" "+e.CommandKey))
		}
		s.answer(w, "<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>")
		return
	}
	cookie, err := r.Cookie("session")
	if node, _ := r.Cookie("node"); err != nil || node == nil || node.Value != "1" {
		s.t.Errorf("cookies %q; want both that were set", r.Header.Get("Cookie"))
		return
	}
	serial := s.serial[cookie.Value]
	switch {
	case m.Body.TransferComplete != nil:
		s.said = append(s.said, fmt.Sprintf("complete %s %d", m.Body.TransferComplete.CommandKey, m.Body.TransferComplete.FaultCode))
		s.answer(w, "<c:TransferCompleteResponse/>")
		return
	case m.Body.DownloadResponse != nil:
		s.said = append(s.said, fmt.Sprintf("status %d, done %t, id %s",
			m.Body.DownloadResponse.Status, !m.Body.DownloadResponse.StartTime.IsZero(), m.ID))
	case m.Body.GetRPCMethodsResponse != nil:
		s.said = append(s.said, fmt.Sprint("methods ", len(m.Body.GetRPCMethodsResponse.Methods)))
	case m.Body.Fault != nil:
		s.said = append(s.said, fmt.Sprint("fault ", m.Body.Fault.Code))
	case len(b) == 0 && !s.asked[serial]:
		s.asked[serial] = true
		s.answer(w, s.request)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *script) answer(w http.ResponseWriter, body string) {
	if s.chunked {
		w.(http.Flusher).Flush() // before the body: its length cannot be told
	}
	fmt.Fprintf(w, `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-0">`+
		`<s:Header><c:ID s:mustUnderstand="1">a&amp;7</c:ID></s:Header><s:Body>%s</s:Body></s:Envelope>`, body)
}

func TestSessionAnswersRequests(t *testing.T) {
	const download = `<c:Download><CommandKey>k&lt;1</CommandKey><FileType>3 Vendor Configuration File</FileType></c:Download>`
	later := func(Phone) int { return 1 }
	for _, tt := range []struct {
		name, rpc string
		request   string
		status    func(Phone) int
		want      string
		downloads int
	}{
		{"download at once", "Download", download, nil, "event 2 PERIODIC; status 0, done true, id a&7", 1},
		{"download later", "Download", download, later,
			"event 2 PERIODIC; status 1, done false, id a&7; event 7 TRANSFER COMPLETE; event M Download k<1; complete k<1 0", 1},
		{"methods", "GetRPCMethods", "<c:GetRPCMethods/>", nil, "event 2 PERIODIC; methods 3", 0},
		{"what a phone here cannot", "Reboot", "<c:Reboot><CommandKey>x</CommandKey></c:Reboot>", nil, "event 2 PERIODIC; fault 9000", 0},
	} {
		for _, way := range []string{"plain", "chunked", "closing"} {
			t.Run(tt.name+"/"+way, func(t *testing.T) {
				s := &script{
					t: t, request: tt.request, chunked: way == "chunked", close: way == "closing",
					serial: make(map[string]string), asked: make(map[string]bool),
				}
				r, err := Run(t.Context(), Options{
					Addr: serve(t, s), Phones: Fleet(1), AtOnce: 1, Passes: 1, DownloadStatus: tt.status,
				})
				if err != nil || r.Lost() != 0 {
					t.Fatalf("Run = %+v, %v", r, err)
				}
				if got := strings.Join(s.said, "; "); got != tt.want {
					t.Errorf("phone said %q; want %q", got, tt.want)
				}
				if r.Downloads != tt.downloads {
					t.Errorf("Downloads = %d; want %d", r.Downloads, tt.downloads)
				}
				if len(r.RPCs) != 1 || r.RPCs[tt.rpc] != 1 {
					t.Errorf("RPCs = %v; want one %s", r.RPCs, tt.rpc)
				}
			})
		}
	}
}
