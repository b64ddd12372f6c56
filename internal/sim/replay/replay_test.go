package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const ns = "urn:dslforum-org:cwmp-1-0"

// envelope makes one with an id and a message.
func envelope(id, message string) string {
	return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:cwmp="` + ns + `"><s:Header><cwmp:ID>` + id +
		`</cwmp:ID></s:Header><s:Body>` + message + `</s:Body></s:Envelope>`
}

func inform(id string, events ...string) string {
	var b strings.Builder
	for _, e := range events {
		b.WriteString("<EventStruct><EventCode>" + e + "</EventCode></EventStruct>")
	}
	return envelope(id, "<cwmp:Inform><Event>"+b.String()+"</Event></cwmp:Inform>")
}

// session is a recording: a Download, its answer, its end told in the same session.
func session() *Recording {
	cookie := map[string]string{"Cookie": "****", "SOAPAction": "", "User-Agent": "a phone", "Content-Type": "text/xml"}
	xml := map[string]string{"Content-Type": "text/xml; charset=utf-8", "Set-Cookie": "****"}
	return &Recording{Messages: 10, Log: []Message{
		{From: "phone", Body: inform("1", "2 PERIODIC"), Header: map[string]string{"Content-Type": "text/xml"}},
		{From: "server", Status: 200, Header: xml, Body: envelope("1", "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>")},
		{From: "phone", Header: cookie},
		{From: "server", Status: 200, Header: xml, Body: envelope("acs-OLD-1", "<cwmp:Download><CommandKey>j1-old</CommandKey><URL>http://x/files/****/a</URL></cwmp:Download>")},
		{From: "phone", Header: cookie, Body: envelope("acs-OLD-1", "<cwmp:DownloadResponse><Status>1</Status></cwmp:DownloadResponse>")},
		{From: "server", Status: 200, Header: xml, Body: envelope("acs-OLD-2", "<cwmp:Reboot><CommandKey>j2-old</CommandKey></cwmp:Reboot>")},
		{From: "phone", Header: cookie, Body: envelope("2", "<cwmp:TransferComplete><CommandKey>j1-old</CommandKey></cwmp:TransferComplete>")},
		{From: "server", Status: 200, Header: xml, Body: envelope("2", "<cwmp:TransferCompleteResponse/>")},
		{From: "phone", Header: cookie, Body: envelope("acs-OLD-2", "<cwmp:RebootResponse/>")},
		{From: "server", Status: 204, Header: xml},
	}}
}

// acs is a server that names all otherwise than the recorded one did, and takes
// nothing that is not named so.
type acs struct {
	step  int
	wrong []string
}

func (a *acs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	body := string(b)
	for _, s := range [][]string{
		{"<EventCode>2 PERIODIC<"}, {}, {"ID>new&amp;1<", "DownloadResponse"}, {"CommandKey>j9-new<"}, {"ID>new&amp;2<", "RebootResponse"},
	}[a.step] {
		if !strings.Contains(body, s) {
			a.wrong = append(a.wrong, fmt.Sprintf("step %d: %s is missing in %s", a.step, s, body))
		}
	}
	if cookie := r.Header.Get("Cookie"); (cookie == "session=new") != (a.step > 0) {
		a.wrong = append(a.wrong, fmt.Sprintf("step %d: cookie %q", a.step, cookie))
	}
	if a.step > 0 && (r.Header.Get("User-Agent") != "a phone" || r.Header["Soapaction"] == nil) {
		a.wrong = append(a.wrong, fmt.Sprintf("step %d: header %v", a.step, r.Header))
	}
	w.Header().Set("Set-Cookie", "session=new; Path=/")
	answers := []string{
		envelope("1", "<cwmp:InformResponse/>"),
		envelope("new&amp;1", "<cwmp:Download><CommandKey>j9-new</CommandKey></cwmp:Download>"),
		envelope("new&amp;2", "<cwmp:Reboot><CommandKey>j8-new</CommandKey></cwmp:Reboot>"),
		envelope("2", "<cwmp:TransferCompleteResponse/>"),
	}
	if a.step == len(answers) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_, _ = io.WriteString(w, answers[a.step])
	a.step++
}

// TestPlay plays the phone's side to a server that names things otherwise.
func TestPlay(t *testing.T) {
	a := new(acs)
	srv := httptest.NewServer(a)
	defer srv.Close()
	var out bytes.Buffer
	if err := Play(t.Context(), session(), PlayOptions{URL: srv.URL, Out: &out}); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	if len(a.wrong) > 0 {
		t.Errorf("the server was sent what it does not know:\n%s", strings.Join(a.wrong, "\n"))
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 10 || !strings.HasSuffix(lines[9], "as recorded") || !strings.HasPrefix(lines[3], "#4 ") || !strings.Contains(lines[3], "Download") {
		t.Errorf("%d lines:\n%s", len(lines), &out)
	}
}

// TestPlayDiffers changes a recorded answer, one at a time.
func TestPlayDiffers(t *testing.T) {
	for name, change := range map[string]func(*Message){
		"another request": func(m *Message) { m.Body = strings.ReplaceAll(m.Body, "Reboot", "FactoryReset") },
		"nothing":         func(m *Message) { m.Status, m.Body = 204, "" },
		"a refusal":       func(m *Message) { m.Status, m.Body = 400, "session.none" },
		"a fault": func(m *Message) {
			m.Body = envelope("2", "<s:Fault><detail><cwmp:Fault><FaultCode>8003</FaultCode></cwmp:Fault></detail></s:Fault>")
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(new(acs))
			defer srv.Close()
			rec := session()
			change(&rec.Log[5])
			var out bytes.Buffer
			err := Play(t.Context(), rec, PlayOptions{URL: srv.URL, Out: &out})
			if !errors.Is(err, ErrDiffers) || !strings.Contains(out.String(), "DIFFERS") || strings.Count(out.String(), "\n") != 6 {
				t.Errorf("%v\n%s", err, &out)
			}
		})
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if err := Play(t.Context(), session(), PlayOptions{URL: gone.URL}); err == nil || errors.Is(err, ErrDiffers) {
		t.Errorf("played to nobody: %v", err)
	}
}

// TestServe plays the server's side to itself: to the phone's side of the same
// recording, whose phone counts its ids from elsewhere and speaks another version.
func TestServe(t *testing.T) {
	for name, tt := range map[string]struct {
		phone, server func(*Recording)
		differs       bool
		says          string
	}{
		"as recorded": {says: "#10"},
		"other ids":   {phone: func(r *Recording) { renumber(r, "1", "77"); renumber(r, "2", "78") }, says: "#10"},
		"other version": {phone: func(r *Recording) {
			for i := range r.Log {
				r.Log[i].Body = strings.ReplaceAll(r.Log[i].Body, ns, "urn:dslforum-org:cwmp-1-2")
			}
		}, says: "#10"},
		"other events":    {phone: func(r *Recording) { r.Log[0].Body = inform("1", "1 BOOT") }, says: "1 BOOT; recorded were 2 PERIODIC"},
		"another message": {server: func(r *Recording) { r.Log[6].Body = "" }, differs: true, says: "recorded was nothing"},
		"another status": {server: func(r *Recording) {
			r.Log[4].Body = strings.Replace(r.Log[4].Body, "<Status>1<", "<Status>0<", 1)
		}, differs: true, says: "status 1"},
	} {
		t.Run(name, func(t *testing.T) {
			phone, server := session(), session()
			if tt.phone != nil {
				tt.phone(phone)
			}
			if tt.server != nil {
				tt.server(server)
			}
			var out bytes.Buffer
			s, err := NewServer(server, &out)
			if err != nil {
				t.Fatal(err)
			}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- s.Serve(t.Context(), l, 0) }()
			played := Play(t.Context(), phone, PlayOptions{URL: "http://" + l.Addr().String()})
			served := <-ended
			if errors.Is(served, ErrDiffers) != tt.differs || !tt.differs && (served != nil || played != nil) {
				t.Errorf("served: %v, played: %v", served, played)
			}
			if !strings.Contains(out.String(), tt.says) {
				t.Errorf("%q is not said:\n%s", tt.says, &out)
			}
		})
	}
}

func renumber(r *Recording, old, now string) {
	for i := range r.Log {
		r.Log[i].Body = strings.ReplaceAll(r.Log[i].Body, "ID>"+old+"<", "ID>"+now+"<")
	}
}

// TestServeEchoes: an answer has the id that the phone's request has now, and a
// request the one it was recorded with.
func TestServeEchoes(t *testing.T) {
	s, err := NewServer(session(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ body, want string }{{inform("77", "1 BOOT"), "ID>77<"}, {"", "ID>acs-OLD-1<"}} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(tt.body)))
		if !strings.Contains(w.Body.String(), tt.want) || w.Header().Get("Set-Cookie") == "" {
			t.Errorf("answered %s; want %s", w.Body, tt.want)
		}
	}
}

// TestServeWaits: a phone that says nothing more ends it.
func TestServeWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewServer(session(), nil)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		err = s.wait(t.Context(), make(chan error), 7*time.Second)
		if !errors.Is(err, ErrDiffers) || !strings.Contains(err.Error(), "recorded was Inform") || time.Since(began) != 7*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// TestLoad refuses what is no whole recording, by the member that is at fault.
func TestLoad(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		spoil      func(*Recording)
	}{
		{"no messages", "log: has no messages", func(r *Recording) { r.Log = nil }},
		{"some are missing", "log: has 10 of 11 messages", func(r *Recording) { r.Messages = 11 }},
		{"cut", "log[3]: cut", func(r *Recording) { r.Log[3].Cut = true }},
		{"from nobody", `log[2]: from: "proxy"`, func(r *Recording) { r.Log[2].From = "proxy" }},
		{"two answers", "log[4]: from: an answer to no message", func(r *Recording) { r.Log[4].From = "server" }},
		{"an answer first", "log[0]: from: an answer to no message", func(r *Recording) { r.Log = r.Log[1:]; r.Messages = 0 }},
		{"no status", "log[1]: status: 0", func(r *Recording) { r.Log[1].Status = 0 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := session()
			tt.spoil(rec)
			b, err := json.Marshal(rec)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Load(bytes.NewReader(b)); !errors.Is(err, ErrRecording) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v; want %q", err, tt.want)
			}
		})
	}
	for _, in := range []string{"", "[]", `{"log":7}`, "<a>", strings.Repeat(" ", maxFile+1)} {
		if _, err := Load(strings.NewReader(in)); !errors.Is(err, ErrRecording) {
			t.Errorf("%.20q: %v", in, err)
		}
	}
}

// TestCutOff: a session that was cut off is played up to there, and hung up on.
func TestCutOff(t *testing.T) {
	rec := session()
	rec.Log, rec.Messages = rec.Log[:3], 0
	srv := httptest.NewServer(new(acs))
	defer srv.Close()
	var out bytes.Buffer
	if err := Play(t.Context(), rec, PlayOptions{URL: srv.URL, Out: &out}); err != nil || !strings.Contains(out.String(), "not recorded") {
		t.Errorf("%v\n%s", err, &out)
	}
	s, err := NewServer(rec, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(t.Context(), l, 0) }()
	if err := Play(t.Context(), rec, PlayOptions{URL: "http://" + l.Addr().String()}); err == nil {
		t.Error("nobody hung up")
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestLatin: what was in ISO-8859-1 goes out so.
func TestLatin(t *testing.T) {
	m := Message{Latin: true}
	if got := m.bytes("aé€"); !bytes.Equal(got, []byte("a\xe9?")) {
		t.Errorf("bytes are %q", got)
	}
	m.Latin = false
	if got := m.bytes("aé"); string(got) != "aé" {
		t.Errorf("bytes are %q", got)
	}
}

// FuzzKind: any bytes are of some kind, the same each time.
func FuzzKind(f *testing.F) {
	f.Add([]byte(inform("1", "1 BOOT")))
	f.Add([]byte(session().Log[4].Body))
	f.Add([]byte("<a><b></a>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k := kind(b)
		if k == "" || k != kind(slices.Clone(b)) {
			t.Errorf("kind is %q", k)
		}
	})
}

// FuzzLoad: what is loaded can be played: it has turns, and is loaded from its
// own JSON again.
func FuzzLoad(f *testing.F) {
	b, err := json.Marshal(session())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		rec, err := Load(bytes.NewReader(b))
		if err != nil {
			return
		}
		turns, err := rec.turns()
		if err != nil || len(turns) == 0 {
			t.Fatalf("%d turns, %v", len(turns), err)
		}
		again, err := json.Marshal(rec)
		if err != nil {
			return // a time that JSON does not take
		}
		if _, err := Load(bytes.NewReader(again)); err != nil {
			t.Errorf("its own JSON: %v", err)
		}
	})
}
