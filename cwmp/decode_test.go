package cwmp

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
)

const (
	head = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-0">`
	tail = `</e:Envelope>`
)

func TestDecodeRefuses(t *testing.T) {
	const get = `<c:GetRPCMethods/>`
	body := func(s string) string { return head + `<e:Body>` + s + `</e:Body>` + tail }
	for _, tt := range []struct {
		name, in, rule string
		code           FaultCode
	}{
		{"nothing", "", RuleEmpty, 0},
		{"white space", " \r\n\t", RuleEmpty, 0},
		{"byte order mark", "\xEF\xBB\xBF", RuleEmpty, 0},
		{"NULs", "\x00\x00", RuleEmpty, 0},
		{"declaration alone", `<?xml version="1.0"?>`, RuleEmpty, 0},
		{"comment alone", `<!-- -->`, RuleEmpty, 0},

		{"one byte too many", body(get) + strings.Repeat(" ", MaxBytes), RuleTooLarge, 0},
		{"65 levels", body(strings.Repeat("<a>", 63) + strings.Repeat("</a>", 63)), RuleTooDeep, 0},
		{"a million levels", body(strings.Repeat("<a>", 1_000_000)), RuleTooMany, 0},
		{"too many elements", body(strings.Repeat("<a/>", MaxNodes)), RuleTooMany, 0},
		{"too many attributes", body("<a" + strings.Repeat(" b=''", MaxNodes) + "/>"), RuleTooMany, 0},
		{"too many comments", body(strings.Repeat("<!---->", MaxNodes)), RuleTooMany, 0},
		{"too many sections", body("<a>" + strings.Repeat("<![CDATA[]]>", MaxNodes) + "</a>"), RuleTooMany, 0},

		{"too many attributes on the envelope", strings.Replace(body(get), " ", manyNames(65)+" ", 1), RuleTooMany, 0},
		{"too many attributes on the header", head + "<e:Header" + manyNames(65) + "/><e:Body>" + get + "</e:Body>" + tail, RuleTooMany, 0},

		{"document type", `<!DOCTYPE a>` + body(get), RuleDTD, 0},
		{"external entity", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + body(`<c:Reboot><CommandKey>&x;</CommandKey></c:Reboot>`), RuleDTD, 0},
		{"billion laughs", `<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>` + body(get), RuleDTD, 0},
		{"entity declaration within", body(`<!ENTITY x "y">` + get), RuleDTD, 0},
		{"document type behind a control character", "<\x02!DOCTYPE a>" + body(get), RuleDTD, 0},
		{"document type behind a dropped reference", "<&#2;!DOCTYPE a>" + body(get), RuleDTD, 0},

		{"no XML", "hello", RuleMalformed, 0},
		{"JSON", `{"a":1}`, RuleMalformed, 0},
		{"cut off", strings.TrimSuffix(body(get), tail), RuleMalformed, 0},
		{"a long name that is none", body("<a></a" + strings.Repeat("x", 9999) + "&>"), RuleMalformed, 0},
		{"cut off in the declaration", `<?xml version="1.0"`, RuleMalformed, 0},
		{"cut off in a tag behind a comment", "<!-- -->" + head[:20], RuleMalformed, 0},
		{"cut off in a tag", head[:20], RuleMalformed, 0},
		{"cut off in a comment", body(get) + "<!-- ", RuleMalformed, 0},
		{"cut off in a section", body("<![CDATA[ ]]"), RuleMalformed, 0},
		{"tags crossed", body(`<a><b></a></b>`), RuleMalformed, 0},
		{"closed under another prefix", body(`<c:Reboot></d:Reboot>`), RuleMalformed, 0},
		{"attribute without quotes", body(`<c:Reboot a=b/>`), RuleMalformed, 0},
		{"text before the root", "x" + body(get), RuleMalformed, 0},
		{"text after the root", body(get) + "x", RuleMalformed, 0},
		{"section end in text", body(`<a>]]></a>`), RuleMalformed, 0},
		{"UTF-16", "\xFF\xFE<\x00a\x00/\x00>\x00", RuleMalformed, 0},

		{"two roots", body(get) + body(get), RuleTwoRoots, 0},
		{"HTML", `<html><body/></html>`, RuleNoEnvelope, 0},
		{"lower case", `<envelope/>`, RuleNoEnvelope, 0},
		{"SOAP 1.2", `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>`, RuleNamespace, 0},
		{"an envelope of something else", `<Envelope xmlns="urn:example"/>`, RuleNamespace, 0},

		{"long ID", head + `<e:Header><c:ID>` + strings.Repeat("1", MaxID+1) + `</c:ID></e:Header><e:Body>` + get + `</e:Body>` + tail,
			RuleIDTooLong, FaultInvalidArgumentsACS},
		{"no body", head + tail, RuleNoBody, FaultInvalidArgumentsACS},
		{"a body of something else", head + `<c:Body>` + get + `</c:Body>` + tail, RuleNoBody, FaultInvalidArgumentsACS},
		{"body without message", body(" "), RuleBodyEmpty, FaultInvalidArgumentsACS},
		{"body of text", body("Inform"), RuleBodyEmpty, FaultInvalidArgumentsACS},
		{"two RPCs in one body", body(get + get), RuleTwoMessages, FaultInvalidArgumentsACS}, // TR-069 3.5
		{"two bodies", head + `<e:Body>` + get + `</e:Body><e:Body>` + get + `</e:Body>` + tail, RuleTwoMessages, FaultInvalidArgumentsACS},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env, err := Decode([]byte(tt.in))
			if env != nil {
				t.Errorf("an envelope beside the error: %+v", env)
			}
			var pe *ProtocolError
			if !errors.As(err, &pe) {
				t.Fatalf("Decode error = %v; want *ProtocolError", err)
			}
			if pe.Rule != tt.rule || pe.Code != tt.code {
				t.Errorf("got rule %q code %d; want %q %d (%v)", pe.Rule, pe.Code, tt.rule, tt.code, err)
			}
			if len(err.Error()) > 300 {
				t.Errorf("the error repeats its input: %.80s…", err)
			}
		})
	}
}

// manyNames returns n attributes of different names.
func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d=''", i)
	}
	return b.String()
}

// TestDecodeBounds holds that what is just within the bounds is accepted.
func TestDecodeBounds(t *testing.T) {
	var many bytes.Buffer
	for i := range 20_000 {
		fmt.Fprintf(&many, "<ParameterValueStruct><Name>Device.P%d</Name><Value xsi:type='xsd:string'>=%d=</Value></ParameterValueStruct>", i, i)
	}
	for _, tt := range []struct{ name, in string }{
		{"64 levels", "<a>" + strings.Repeat("<a>", 61) + strings.Repeat("</a>", 61) + "</a>"},
		{"20,000 parameters", "<c:GetParameterValuesResponse><ParameterList>" + many.String() + "</ParameterList></c:GetParameterValuesResponse>"},
		{"many equals signs in text", "<c:Reboot><CommandKey>" + strings.Repeat("=", MaxNodes) + "</CommandKey></c:Reboot>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env, err := Decode([]byte(head + "<e:Body>" + tt.in + "</e:Body>" + tail))
			if err != nil {
				t.Fatal(err)
			}
			if m, ok := env.Body.(*GetParameterValuesResponse); ok && len(m.Parameters) != 20_000 {
				t.Errorf("%d parameters", len(m.Parameters))
			}
		})
	}
}

// TestDecodeLenient reads fields that are there but not as they should be.
func TestDecodeLenient(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     Message
	}{
		{"numbers that are none", `<c:Download><FileSize>big</FileSize><DelaySeconds>-1</DelaySeconds></c:Download>`, &Download{}},
		{"numbers with a sign and space", `<c:Download><FileSize> +7 </FileSize></c:Download>`, &Download{FileSize: 7}},
		{"numbers that do not fit", `<c:Download><FileSize>4294967296</FileSize></c:Download>`, &Download{}},
		{"a transfer without status is not done", `<c:DownloadResponse/>`,
			&DownloadResponse{Status: 1, StartTime: UnknownTime, CompleteTime: UnknownTime}},
		{"nor with an empty one", `<c:UploadResponse><Status/></c:UploadResponse>`,
			&UploadResponse{Status: 1, StartTime: UnknownTime, CompleteTime: UnknownTime}},
		{"values without status are not applied", `<c:SetParameterValuesResponse/>`, &SetParameterValuesResponse{Status: 1}},
		{"an object without status is not there", `<c:AddObjectResponse><InstanceNumber>3</InstanceNumber></c:AddObjectResponse>`,
			&AddObjectResponse{InstanceNumber: 3, Status: 1}},
		{"a fault code that is none is a fault", `<c:TransferComplete><FaultStruct><FaultCode>failed</FaultCode></FaultStruct></c:TransferComplete>`,
			&TransferComplete{Fault: FaultStruct{Code: FaultInternalError}, StartTime: UnknownTime, CompleteTime: UnknownTime}},
		{"a fault of 0 is a fault", `<e:Fault><detail><c:Fault><FaultCode>0</FaultCode></c:Fault></detail></e:Fault>`,
			&Fault{Code: FaultInternalError}},
		{"a fault whose parameters come first", `<e:Fault><detail><c:Fault><SetParameterValuesFault><FaultCode>9007</FaultCode></SetParameterValuesFault></c:Fault>` +
			`<c:Fault><FaultCode>9003</FaultCode></c:Fault></detail></e:Fault>`, &Fault{Code: FaultInvalidArguments}},
		{"an element where text should be", `<c:Reboot><CommandKey><b/></CommandKey></c:Reboot>`, &Reboot{}},
		{"a fault in the CWMP namespace", `<c:Fault><FaultCode>9001</FaultCode></c:Fault>`, &Fault{Code: FaultRequestDenied}},
		{"booleans", `<c:GetParameterNames><NextLevel> TRUE </NextLevel></c:GetParameterNames>`, &GetParameterNames{NextLevel: true}},
		{"no boolean", `<c:GetParameterNames><NextLevel>2</NextLevel></c:GetParameterNames>`, &GetParameterNames{}},
		{"array items of another name", `<c:GetParameterValues><ParameterNames><item>Device. </item></ParameterNames></c:GetParameterValues>`,
			&GetParameterValues{Names: []string{"Device."}}},
		{"an operation of no kind", `<c:ChangeDUState><Operations xsi:type="cwmp:MoveOpStruct"><URL>u</URL></Operations></c:ChangeDUState>`,
			&ChangeDUState{Operations: []DUOperation{{}}}},
		{"a fault's name in a foreign namespace", `<f:Fault xmlns:f="urn:example"/>`,
			&Unknown{Name: "Fault", Namespace: "urn:example", Raw: []byte(`<f:Fault xmlns:f="urn:example" xmlns:c="urn:dslforum-org:cwmp-1-0" xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"></f:Fault>`)}},
		{"an Inform in a foreign namespace", `<Inform xmlns="urn:example"/>`,
			&Unknown{Name: "Inform", Namespace: "urn:example", Raw: []byte(`<Inform xmlns="urn:example" xmlns:c="urn:dslforum-org:cwmp-1-0" xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"></Inform>`)}},
		{"an Inform in no namespace", `<Inform/>`, &Inform{CurrentTime: UnknownTime}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env, err := Decode([]byte(head + "<e:Body>" + tt.in + "</e:Body>" + tail))
			if err != nil {
				t.Fatal(err)
			}
			want := &Envelope{Namespace: NS1_0, Body: tt.want}
			if !equal(env, want) {
				t.Errorf("got  %+v\nwant %+v", env.Body, tt.want)
			}
		})
	}
}

// TestDecodeKeepsInput holds that Decode neither changes nor keeps its input.
func TestDecodeKeepsInput(t *testing.T) {
	in := readFile(t, "control-characters.xml")
	before := bytes.Clone(in)
	env, err := Decode(in)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(in, before) {
		t.Error("Decode changed its input")
	}
	want, err := Decode(before)
	if err != nil {
		t.Fatal(err)
	}
	for i := range in {
		in[i] = 'x'
	}
	if !equal(env, want) {
		t.Error("the envelope shares memory with the input")
	}
}

func TestCompact(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"<a> <b>x</b>\n</a>", "<a><b>x</b></a>"},
		{"<a><b> </b>\t<b>\r\n</b> </a>", "<a><b> </b><b>\r\n</b></a>"},
		{"<a> <b/> </a>", "<a><b/></a>"},
		{"<a>x > y <b/> z</a>", "<a>x > y <b/> z</a>"},
		{"<a> x <b/> <c/> y </a>", "<a> x <b/><c/> y </a>"},
		{`<a q=">  "> <b/></a>`, `<a q=">  "> <b/></a>`},
		{`<a q="/>"> </a>`, `<a q="/>"> </a>`},
		{"<a></a>", "<a></a>"},
		{"<a></a> ", "<a></a> "},
		{"> <", "><"},
		{"<> </", "<> </"},
		{"<", "<"},
		{"x", "x"},
	} {
		if got := string(compact([]byte(tt.in))); got != tt.want {
			t.Errorf("compact(%q) = %q; want %q", tt.in, got, tt.want)
		}
	}
}

// TestDecodeIsLinear decodes messages that are legal and made to be slow. None
// may take more than a few times what its size alone costs; a quadratic step
// would take minutes.
func TestDecodeIsLinear(t *testing.T) {
	wrap := func(s string) string { return head + "<e:Body>" + s + "</e:Body>" + tail }
	const n = MaxNodes / 3
	for _, tt := range []struct{ name, in string }{
		{"sections between comments", wrap("<c:Reboot><CommandKey>" + strings.Repeat("<!--x--><![CDATA[y]]>", n) + "</CommandKey></c:Reboot>")},
		{"comments in a vendor's message", wrap("<v>" + strings.Repeat("<!--x--><b/>", n) + "</v>")},
		{"headers", head + "<e:Header" + manyNames(60) + ">" + strings.Repeat("<c:ID/>", n) + "</e:Header><e:Body><c:Reboot/></e:Body>" + tail},
		{"ampersands", wrap("<v>" + strings.Repeat("&#1", 1<<18) + "</v>")},
		{"control characters", wrap("<v>" + strings.Repeat("\x01", 4<<20) + "</v>")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			if _, err := Decode([]byte(tt.in)); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("%d bytes took %v", len(tt.in), d)
			}
		})
	}
}

// TestDecodeAllocations holds that Decode of a clean message costs little beyond
// the tree, and less than the tree of the same message with its indentation.
func TestDecodeAllocations(t *testing.T) {
	in := readFile(t, "plain-inform-8-parameters.xml")
	ours := testing.AllocsPerRun(50, func() {
		if _, err := Decode(in); err != nil {
			t.Fatal(err)
		}
	})
	tree := testing.AllocsPerRun(50, func() {
		if err := etree.NewDocument().ReadFromBytes(in); err != nil {
			t.Fatal(err)
		}
	})
	if ours > tree*3/4 {
		t.Errorf("Decode allocates %v times, the bare tree %v", ours, tree)
	}
}
