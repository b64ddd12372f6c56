package sim

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const (
	testNS   = "urn:dslforum-org:cwmp-1-2"
	response = "<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>"
)

// TestBreachesThatEndTheSession answers an Inform with what no phone can use.
func TestBreachesThatEndTheSession(t *testing.T) {
	env := func(body string) string { return envelopeOf(testNS, "1", body) }
	for _, tt := range []struct{ name, answer, rule string }{
		{"not xml", "hello", ruleMalformed},
		{"cut short", env(response)[:200], ruleMalformed},
		{"two documents", env(response) + env(response), ruleMalformed},
		{"text behind", env(response) + "x", ruleMalformed},
		{"document type", `<!DOCTYPE x [<!ENTITY a "b">]>` + env(response), ruleMalformed},
		{"entity", env("<c:InformResponse>&a;</c:InformResponse>"), ruleMalformed},
		{"too deep", strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40), ruleDepth},
		{"html", "<html><body/></html>", ruleEnvelope},
		{"soap 1.2", strings.ReplaceAll(env(response), nsEnvelope, "http://www.w3.org/2003/05/soap-envelope"), ruleEnvelope},
		{"no body", `<e:Envelope xmlns:e="` + nsEnvelope + `"><e:Header/></e:Envelope>`, ruleBody},
		{"two bodies", strings.Replace(env(response), "<e:Body>", "<e:Body/><e:Body>", 1), ruleBody},
		{"empty body", env(""), ruleMessages},
		{"two messages", env(response + response), ruleMessages},
		{"no namespace", env("<InformResponse><MaxEnvelopes>1</MaxEnvelopes></InformResponse>"), ruleMethodNS},
		{"undeclared prefix", env("<q:InformResponse/>"), ruleMethodNS},
		{"nothing", "", ruleNoAnswer},
		{"a request", env("<c:GetRPCMethods/>"), ruleAnswer},
		{"another response", env("<c:TransferCompleteResponse/>"), ruleAnswer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if tt.answer == "" {
					w.WriteHeader(204)
					return
				}
				reply200(w, tt.answer)
			}))
			f := New(Options{ACS: url, Version: "1.2"})
			err := f.Phone(0).Inform(t.Context())
			var breach *BreachError
			if !errors.As(err, &breach) || breach.Rule != tt.rule {
				t.Fatalf("Inform = %v; want %s", err, tt.rule)
			}
			if s := f.Stats(); s.Failures[tt.rule] != 1 || s.Breaches == 0 {
				t.Errorf("stats = %+v", s)
			}
		})
	}
}

// TestBreachesThatAreNoted has each sloppiness forgiven and written down.
func TestBreachesThatAreNoted(t *testing.T) {
	for _, tt := range []struct {
		name    string
		inform  func(id string) string // answer to the Inform, "" for the right one
		request string                 // envelope of a request, "" for none
		mime    string
		rules   []string
	}{
		{name: "nothing wrong", request: envelopeOf(testNS, "9", "<c:GetRPCMethods/>")},
		{name: "mime", mime: "text/html", rules: []string{ruleContentType}},
		{name: "id of another", inform: func(string) string { return envelopeOf(testNS, "0", response) }, rules: []string{ruleIDEcho}},
		{name: "namespace", inform: func(id string) string { return envelopeOf(namespaces["1.0"], id, response) }, rules: []string{ruleNamespace}},
		{name: "two envelopes promised", inform: func(id string) string {
			return envelopeOf(testNS, id, strings.Replace(response, "1", "2", 1))
		}, rules: []string{ruleMaxEnvelopes}},
		{name: "qualified child", inform: func(id string) string {
			return envelopeOf(testNS, id, "<c:InformResponse><c:MaxEnvelopes>1</c:MaxEnvelopes></c:InformResponse>")
		}, rules: []string{ruleQualified}},
		{name: "version not asked for", inform: func(id string) string {
			return strings.Replace(envelopeOf(testNS, id, response), "<e:Header>", "<e:Header><c:UseCWMPVersion>1.4</c:UseCWMPVersion>", 1)
		}, rules: []string{ruleVersion}},
		{name: "unknown header", inform: func(id string) string {
			return strings.Replace(envelopeOf(testNS, id, response), "<e:Header>", `<e:Header><x:Thing e:mustUnderstand="1"/>`, 1)
		}, rules: []string{ruleHeader}},
		{name: "request without id", request: strings.Replace(envelopeOf(testNS, "", "<c:GetRPCMethods/>"), `<c:ID e:mustUnderstand="1"></c:ID>`, "", 1), rules: []string{ruleIDMissing}},
		{name: "long id", request: envelopeOf(testNS, strings.Repeat("x", 33), "<c:GetRPCMethods/>"), rules: []string{ruleIDLong}},
		{name: "argument too many", request: envelopeOf(testNS, "9", "<c:Reboot>"+keyArg("k")+"<Why/></c:Reboot>"), rules: []string{ruleArgs}},
		{name: "arguments out of order", request: envelopeOf(testNS, "9", "<c:GetParameterNames><NextLevel>0</NextLevel><ParameterPath>Device.</ParameterPath></c:GetParameterNames>"), rules: []string{ruleArgs}},
		{name: "boolean", request: envelopeOf(testNS, "9", "<c:GetParameterNames><ParameterPath>Device.</ParameterPath><NextLevel>no</NextLevel></c:GetParameterNames>"), rules: []string{ruleNumber}},
		{name: "long key", request: envelopeOf(testNS, "9", "<c:Reboot>"+keyArg(strings.Repeat("k", 33))+"</c:Reboot>"), rules: []string{ruleLong}},
		{name: "no array type", request: envelopeOf(testNS, "9", "<c:GetParameterValues><ParameterNames><string>Device.</string></ParameterNames></c:GetParameterValues>"), rules: []string{ruleArrayType}},
		{name: "array count", request: envelopeOf(testNS, "9", `<c:GetParameterValues><ParameterNames n:arrayType="x:string[2]"><string>Device.</string></ParameterNames></c:GetParameterValues>`), rules: []string{ruleArrayType}},
		{name: "no value type", request: envelopeOf(testNS, "9", `<c:SetParameterValues><ParameterList n:arrayType="c:ParameterValueStruct[1]"><ParameterValueStruct><Name>Device.X</Name><Value>1</Value></ParameterValueStruct></ParameterList><ParameterKey/></c:SetParameterValues>`), rules: []string{ruleValueType}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			posts := 0
			url := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var b bytes.Buffer
				b.ReadFrom(r.Body)
				_, rest, _ := strings.Cut(b.String(), `mustUnderstand="1">`)
				id, _, _ := strings.Cut(rest, "<")
				posts++
				answer := envelopeOf(testNS, id, response)
				switch {
				case posts == 1 && tt.inform != nil:
					answer = tt.inform(id)
				case posts == 2:
					answer = tt.request
				case posts > 2:
					answer = ""
				}
				if answer == "" {
					w.WriteHeader(204)
					return
				}
				w.Header().Set("Content-Type", orDefault(tt.mime, `TEXT/xml;charset="utf-8"`))
				w.Write([]byte(answer))
			}))
			p := New(Options{ACS: url, Version: "1.2", Models: []string{"X6"}}).Phone(0)
			if err := p.Inform(t.Context()); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range p.Ledger().Breaches {
				got = append(got, b.Rule)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.rules) {
				t.Errorf("breaches = %v; want %v", p.Ledger().Breaches, tt.rules)
			}
		})
	}
}

func TestEmpty200(t *testing.T) {
	acs := newACS()
	acs.before = func(w http.ResponseWriter, _ *http.Request, body string) bool {
		return body == "" // net/http makes it a 200 without a body
	}
	srv := acs.start(t)
	p := New(Options{ACS: srv.URL}).Phone(0)
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b := p.Ledger().Breaches; len(b) != 1 || b[0].Rule != ruleEmpty200 {
		t.Errorf("breaches = %v; want %s", b, ruleEmpty200)
	}
}

func TestHoldRequests(t *testing.T) {
	acs := newACS()
	held := false
	acs.before = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if id, rest, ok := strings.Cut(body, "<soapenv:Body><cwmp:Inform>"); ok && strings.Contains(rest, "7 TRANSFER") && !held {
			held = true
			_, id, _ = strings.Cut(id, `mustUnderstand="1">`)
			id, _, _ = strings.Cut(id, "<")
			acs.mu.Lock()
			acs.conns[r.RemoteAddr] = &fakeSession{serial: "00100400FV02001000000c383e000001", ns: testNS}
			acs.mu.Unlock()
			reply200(w, strings.Replace(envelopeOf(testNS, id, response), "<e:Header>", `<e:Header><c:HoldRequests e:mustUnderstand="1">1</c:HoldRequests>`, 1))
			return true
		}
		return false
	}
	p := fleetOf(t, acs, Behaviour{})
	url := newServer(t, &files{body: map[string][]byte{"/f": []byte("x")}}) + "/f"
	acs.order(p, "Download", downloadArgs("k", "3 Vendor Configuration File", url))
	acs.order(p, "Download", downloadArgs("again", "3 Vendor Configuration File", url))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	acs.order(p, "GetRPCMethods", "") // its envelope lifts the hold
	await(t, p, "reports", reported(2))
	if !held || len(acs.reports) != 2 {
		t.Errorf("held %v, reports %v", held, acs.reports)
	}
	noBreaches(t, p)
}

// FuzzReadMessage promises that no envelope breaks the reader, and that one it
// accepts has a message and a tree within bounds.
func FuzzReadMessage(f *testing.F) {
	f.Add([]byte(envelopeOf(testNS, "1", response)))
	f.Add([]byte(envelopeOf(testNS, "", "<c:Download>"+downloadArgs("k", "1 Firmware Upgrade Image", "http://x/")+"</c:Download>")))
	f.Add([]byte(faultEnvelope("1.2", "1", "8005")))
	f.Add([]byte(`<a xmlns="b"><![CDATA[x]]><!-- c --><?p i?></a>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := readMessage(b, testNS, func(string, string) {})
		if err != nil {
			var breach *BreachError
			if !errors.As(err, &breach) {
				t.Fatalf("%v is no breach", err)
			}
			return
		}
		if m.body == nil || m.method != m.body.name {
			t.Errorf("message %+v", m)
		}
		m.faultCode()
		checkArgs(m.body, func(string, string) {}, "A")
	})
}

// FuzzText promises that any text comes through an envelope as it went in, but
// for what XML cannot carry.
func FuzzText(f *testing.F) {
	f.Add("a <b> & \"c\" 'd'\t\r\n ]]> ü \U0001F4DE")
	f.Add("\x00\x0b\xff\uFFFE")
	f.Fuzz(func(t *testing.T, s string) {
		w := &writer{d: &oldPlatform.dialect}
		w.put("<v>")
		w.text(s)
		w.put("</v>")
		n, err := parseXML(w.b)
		if err != nil {
			t.Fatalf("%q: %v", w.b, err)
		}
		want := strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
				return 0xFFFD
			}
			return r
		}, strings.ToValidUTF8(s, "\uFFFD"))
		got := n.text
		if strings.ReplaceAll(got, "\uFFFD", "") != strings.ReplaceAll(want, "\uFFFD", "") {
			t.Errorf("%q came back as %q", s, got)
		}
	})
}
