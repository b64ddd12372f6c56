package sim

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A script is a server that does not listen: it challenges, and then gives the
// same answers whatever it is told, so that what phones send can be compared.
type script struct {
	mu       sync.Mutex
	informed bool
	steps    []string
}

const scriptNS = "urn:dslforum-org:cwmp-1-2"

// lines is what each session is asked.
var lines = []string{
	"<c:GetParameterValues>" + names("Device.Time.NTPServer1", "Device.ManagementServer.UpgradesManaged") + "</c:GetParameterValues>",
	"<c:GetParameterValues>" + names("Device.Time.") + "</c:GetParameterValues>", // more than MaxValues
	"<c:GetParameterValues>" + names("Device.DeviceInfo.VendorConfigFile.1.Name") + "</c:GetParameterValues>",
	"<c:GetParameterValues>" + names("Device.None") + "</c:GetParameterValues>",
	"<c:GetParameterNames><ParameterPath></ParameterPath><NextLevel>0</NextLevel></c:GetParameterNames>",
	"<c:GetParameterNames><ParameterPath>Device.Time.</ParameterPath><NextLevel>0</NextLevel></c:GetParameterNames>",
	"<c:GetParameterNames><ParameterPath>Device.</ParameterPath><NextLevel>1</NextLevel></c:GetParameterNames>",
	`<c:SetParameterValues><ParameterList n:arrayType="c:ParameterValueStruct[1]"><ParameterValueStruct><Name>Device.ManagementServer.UpgradesManaged</Name>` +
		`<Value i:type="x:boolean">true</Value></ParameterValueStruct></ParameterList><ParameterKey>pk</ParameterKey></c:SetParameterValues>`,
	"<c:SetParameterAttributes>" + attributesUntyped + "</c:SetParameterAttributes>",
	`<c:SetParameterValues><ParameterList n:arrayType="c:ParameterValueStruct[1]"><ParameterValueStruct><Name>Device.ManagementServer.PeriodicInformTime</Name>` +
		`<Value i:type="x:dateTime">2026-01-01T03:00:00.5Z</Value></ParameterValueStruct></ParameterList><ParameterKey>pk</ParameterKey></c:SetParameterValues>`,
	"<c:AddObject><ObjectName>Device.X.</ObjectName><ParameterKey></ParameterKey></c:AddObject>",
}

// attributesUntyped is a change of attributes whose access list has no type.
const attributesUntyped = `<ParameterList n:arrayType="c:SetParameterAttributesStruct[1]"><SetParameterAttributesStruct><Name>Device.Time.NTPServer1</Name>` +
	`<NotificationChange>1</NotificationChange><Notification>1</Notification><AccessListChange>0</AccessListChange><AccessList/>` +
	`</SetParameterAttributesStruct></ParameterList>`

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	say := func(body string) { reply200(w, envelopeOf(scriptNS, "i", body)) }
	switch {
	case !s.informed && !strings.HasPrefix(r.Header.Get("Authorization"), "Digest username="):
		w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth", algorithm=MD5`)
		w.WriteHeader(http.StatusUnauthorized)
	case !s.informed && len(b) == 0:
		w.WriteHeader(http.StatusNoContent)
	case !s.informed:
		s.informed, s.steps = true, lines
		w.Header()["Set-Cookie"] = []string{"sid=s; Path=/", "other=o"}
		say("<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>")
	case bytes.Contains(b, []byte("TransferComplete")):
		say("<c:TransferCompleteResponse/>")
	case len(s.steps) > 0:
		say(s.steps[0])
		s.steps = s.steps[1:]
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// again lets the next session begin at the challenge.
func (s *script) again() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.informed, s.steps = false, nil
}

// writtenBy gives what a phone of some dialects sends in two sessions, without
// what differs from run to run.
func writtenBy(t *testing.T, b Behaviour) string {
	t.Helper()
	s := &script{}
	var mu sync.Mutex
	var out bytes.Buffer
	b.MaxValues = 3
	f := New(Options{
		ACS: newServer(t, s), Models: []string{"X6"}, Seed: 7, Manual: true, Password: "p", Behaviour: b, OwnListeners: true, RetryScale: 1000,
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			mu.Lock()
			defer mu.Unlock()
			out.WriteString("\n>>> connection\n")
			return tapped{c, &mu, &out}, err
		},
	})
	run(t, f)
	p := f.Phone(0)
	for range 2 {
		s.again()
		p.mu.Lock()
		p.ledger.Calls = []Call{{"Reboot", "another", 1}}
		if p.conduct.habits.http.pack == nil {
			p.flash.transfers = []*transfer{{key: "key", done: true, start: time.Now(), complete: time.Now()}}
		}
		p.mu.Unlock()
		_ = p.Inform(t.Context(), "0 BOOTSTRAP", "1 BOOT") // some end it in their own way
	}
	mu.Lock()
	defer mu.Unlock()
	text := hashes.ReplaceAllString(out.String(), "H")
	return numbers.ReplaceAllStringFunc(text, func(n string) string {
		if len(n) == 4 { // a fault, a year
			return n
		}
		return strings.Repeat("0", len(n))
	})
}

var (
	hashes  = regexp.MustCompile(`\b[0-9a-f]{16,}\b`)
	numbers = regexp.MustCompile(`\d{2,}`)
)

// tapped copies what the phone writes.
type tapped struct {
	net.Conn
	mu *sync.Mutex
	to *bytes.Buffer
}

func (c tapped) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.to.Write(b)
	c.mu.Unlock()
	return c.Conn.Write(b)
}

// demanding are dialects that send nothing else to a server which does well.
// What they mind is shown by TestDemands.
var demanding = []string{"cookie-room", "no-declaration", "wants-declaration", "namespaces-on-top", "namespace-strict"}

// TestDialectsShow wants each dialect to send something else than a phone as it
// should be, which sends the same each time.
func TestDialectsShow(t *testing.T) {
	plain := writtenBy(t, Behaviour{})
	if again := writtenBy(t, Behaviour{}); again != plain {
		t.Fatalf("the same phone sends\n%s\nand then\n%s", plain, again)
	}
	seen := map[string]string{plain: "a phone as it should be"}
	for _, d := range Dialects() {
		t.Run(d.Name, func(t *testing.T) {
			if d.What == "" || strings.HasSuffix(d.What, ".") {
				t.Errorf("what it changes is %q", d.What)
			}
			if _, tried := crTries[d.Name]; tried || slices.Contains(demanding, d.Name) {
				return
			}
			got := writtenBy(t, Behaviour{Dialects: []string{d.Name}})
			if same, ok := seen[got]; ok {
				t.Errorf("it sends what %s sends:\n%s", same, got)
			}
			seen[got] = d.Name
		})
	}
}

// TestDemands gives phones of strict dialects what they do not bear.
func TestDemands(t *testing.T) {
	for _, tt := range []struct {
		dialect, rule string
		spoil         func(w http.ResponseWriter, envelope string) string
	}{
		{"no-declaration", ruleDeclared, func(_ http.ResponseWriter, e string) string { return `<?xml version="1.0"?>` + e }},
		{"wants-declaration", ruleUndeclared, nil},
		{"namespaces-on-top", ruleLow, func(_ http.ResponseWriter, e string) string {
			return strings.Replace(e, "<c:InformResponse>", `<c:InformResponse xmlns:d="urn:d">`, 1)
		}},
		{"namespace-strict", ruleNamespace, func(_ http.ResponseWriter, e string) string { return strings.Replace(e, "cwmp-1-2", "cwmp-1-0", 1) }},
		{"id-strict", ruleIDEcho, func(_ http.ResponseWriter, e string) string {
			return regexp.MustCompile(`>\s*(\d+_Thomson)[^<]*<`).ReplaceAllString(e, ">$1<")
		}},
		{"cookie-room", ruleCookies, func(w http.ResponseWriter, e string) string {
			w.Header().Add("Set-Cookie", "long="+strings.Repeat("x", 600))
			return e
		}},
	} {
		t.Run(tt.dialect, func(t *testing.T) {
			for _, spoilt := range []bool{true, false} {
				acs := newACS()
				acs.before = func(w http.ResponseWriter, r *http.Request, body string) bool {
					if !spoilt || tt.spoil == nil || !strings.Contains(body, "Inform>") {
						return false
					}
					_, id, _ := strings.Cut(body, `mustUnderstand="1">`)
					id, _, _ = strings.Cut(id, "<")
					answer := tt.spoil(w, envelopeOf(scriptNS, id, "<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>"))
					reply200(w, answer)
					return true
				}
				p := fleetOf(t, acs, Behaviour{Dialects: []string{tt.dialect}})
				err := p.Inform(t.Context())
				if well := !spoilt && tt.spoil != nil; well != (err == nil) {
					t.Errorf("spoilt %v: %v", spoilt, err)
				}
				if err != nil && cause(err) != tt.rule {
					t.Errorf("the session failed for %s; want %s", cause(err), tt.rule)
				}
			}
		})
	}
}
