package cwmp

import (
	"errors"
	"strings"
	"testing"
)

const wantHead = `<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"` +
	` xmlns:soap-enc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"` +
	` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:cwmp="urn:dslforum-org:cwmp-1-0">`

// TestEncodeBytes fixes the form of the messages an ACS writes: agents in the
// field search for strings where they should parse.
func TestEncodeBytes(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   Envelope
		want string
	}{
		{"no header without ID", Envelope{Body: &TransferCompleteResponse{}},
			`<soap-env:Body><cwmp:TransferCompleteResponse></cwmp:TransferCompleteResponse></soap-env:Body>`},
		{"all headers", Envelope{ID: " <1> ", HoldRequests: true, SessionTimeout: 60, SupportedVersions: []Version{V1_0, V1_4},
			UseVersion: V1_4, Body: &InformResponse{}},
			`<soap-env:Header><cwmp:ID soap-env:mustUnderstand="1"> &lt;1&gt; </cwmp:ID>` +
				`<cwmp:HoldRequests soap-env:mustUnderstand="1">1</cwmp:HoldRequests><cwmp:SessionTimeout>60</cwmp:SessionTimeout>` +
				`<cwmp:SupportedCWMPVersions soap-env:mustUnderstand="0">1.0,1.4</cwmp:SupportedCWMPVersions>` +
				`<cwmp:UseCWMPVersion soap-env:mustUnderstand="1">1.4</cwmp:UseCWMPVersion></soap-env:Header>` +
				`<soap-env:Body><cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse></soap-env:Body>`},
		{"values are typed, arrays too", Envelope{Body: &SetParameterValues{Parameters: []ParameterValue{
			{"Device.A", "boolean", "true"}, {"Device.B", "", "x"}, {"Device.C", "base64", "AA=="}}}},
			`<soap-env:Body><cwmp:SetParameterValues><ParameterList soap-enc:arrayType="cwmp:ParameterValueStruct[3]">` +
				`<ParameterValueStruct><Name>Device.A</Name><Value xsi:type="xsd:boolean">true</Value></ParameterValueStruct>` +
				`<ParameterValueStruct><Name>Device.B</Name><Value xsi:type="xsd:string">x</Value></ParameterValueStruct>` +
				`<ParameterValueStruct><Name>Device.C</Name><Value xsi:type="xsd:base64Binary">AA==</Value></ParameterValueStruct>` +
				`</ParameterList><ParameterKey></ParameterKey></cwmp:SetParameterValues></soap-env:Body>`},
		{"an empty access list has its type", Envelope{Body: &SetParameterAttributes{Parameters: []SetAttributes{{Name: "Device.A"}}}},
			`<soap-env:Body><cwmp:SetParameterAttributes><ParameterList soap-enc:arrayType="cwmp:SetParameterAttributesStruct[1]">` +
				`<SetParameterAttributesStruct><Name>Device.A</Name><NotificationChange>0</NotificationChange><Notification>0</Notification>` +
				`<AccessListChange>0</AccessListChange><AccessList soap-enc:arrayType="xsd:string[0]"></AccessList>` +
				`</SetParameterAttributesStruct></ParameterList></cwmp:SetParameterAttributes></soap-env:Body>`},
		{"a fault", Envelope{Body: &Fault{Code: FaultMethodNotSupportedACS, String: "no & never"}},
			`<soap-env:Body><soap-env:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>` +
				`<FaultCode>8000</FaultCode><FaultString>no &amp; never</FaultString></cwmp:Fault></detail></soap-env:Fault></soap-env:Body>`},
		{"a raw element", Envelope{Body: &Unknown{Name: "X_Ping", Raw: []byte(`<cwmp:X_Ping a="1"/>`)}},
			`<soap-env:Body><cwmp:X_Ping a="1"/></soap-env:Body>`},
		{"times unknown", Envelope{Body: &DownloadResponse{Status: 1}},
			`<soap-env:Body><cwmp:DownloadResponse><Status>1</Status><StartTime>0001-01-01T00:00:00Z</StartTime>` +
				`<CompleteTime>0001-01-01T00:00:00Z</CompleteTime></cwmp:DownloadResponse></soap-env:Body>`},
		{"line ends and control characters that XML takes", Envelope{Body: &Reboot{CommandKey: "\r\n\t\u0085\u00ff"}},
			"<soap-env:Body><cwmp:Reboot><CommandKey>&#xD;\n\t\u0085\u00ff</CommandKey></cwmp:Reboot></soap-env:Body>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.in.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if want := wantHead + tt.want + "</soap-env:Envelope>"; string(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestEncodeRefuses holds that what cannot be written is an error that names
// the field and never shows the value.
func TestEncodeRefuses(t *testing.T) {
	long := func(n int) string { return strings.Repeat("ü", n+1) } // characters count, not bytes
	for _, tt := range []struct {
		name  string
		in    Envelope
		field string
		is    error
	}{
		{"nothing", Envelope{}, "Envelope.Body", ErrBadValue},
		{"namespace", Envelope{Namespace: "urn:x", Body: &Reboot{}}, "Envelope.Namespace", ErrBadValue},
		{"version", Envelope{UseVersion: 9, Body: &Reboot{}}, "Header.UseCWMPVersion", ErrBadValue},
		{"versions", Envelope{SupportedVersions: []Version{0}, Body: &Reboot{}}, "Header.SupportedCWMPVersions", ErrBadValue},
		{"ID", Envelope{ID: long(MaxID), Body: &Reboot{}}, "Header.ID", ErrTooLong},
		{"CommandKey", Envelope{Body: &Reboot{long(32)}}, "Reboot.CommandKey", ErrTooLong},
		{"URL", Envelope{Body: &Download{URL: long(256)}}, "Download.URL", ErrTooLong},
		{"Password", Envelope{Body: &Download{Password: "secret\x02"}}, "Download.Password", ErrBadCharacter},
		{"FileType", Envelope{Body: &Upload{FileType: long(64)}}, "Upload.FileType", ErrTooLong},
		{"ParameterKey", Envelope{Body: &SetParameterValues{ParameterKey: long(32)}}, "SetParameterValues.ParameterKey", ErrTooLong},
		{"name in a list", Envelope{Body: &SetParameterValues{Parameters: []ParameterValue{{Name: "A"}, {Name: long(256)}}}},
			"SetParameterValues.ParameterList[1].Name", ErrTooLong},
		{"type in a list", Envelope{Body: &SetParameterValues{Parameters: []ParameterValue{{Name: "A", Type: `x" y="`}}}},
			"SetParameterValues.ParameterList[0].Type", ErrBadValue},
		{"NUL", Envelope{Body: &SetParameterValues{Parameters: []ParameterValue{{Name: "A", Value: "secret\x00"}}}},
			"SetParameterValues.ParameterList[0].Value", ErrBadCharacter},
		{"U+FFFF", Envelope{Body: &Reboot{"\uffff"}}, "Reboot.CommandKey", ErrBadCharacter},
		{"not UTF-8", Envelope{Body: &Reboot{"secret\xff"}}, "Reboot.CommandKey", ErrBadCharacter},
		{"no names", Envelope{Body: &GetParameterValues{}}, "GetParameterValues.ParameterNames", ErrBadValue},
		{"no operations", Envelope{Body: &ChangeDUState{}}, "ChangeDUState.Operations", ErrBadValue},
		{"an operation of no kind", Envelope{Body: &ChangeDUState{Operations: []DUOperation{{Kind: "Move"}}}},
			"ChangeDUState.Operations[0].Kind", ErrBadValue},
		{"three windows", Envelope{Body: &ScheduleDownload{Windows: make([]TimeWindow, 3)}}, "ScheduleDownload.TimeWindowList", ErrTooLong},
		{"65 events", Envelope{Body: &Inform{Events: make([]Event, 65)}}, "Inform.Event", ErrTooLong},
		{"a fault of no code", Envelope{Body: &Fault{}}, "Fault.FaultCode", ErrBadValue},
		{"raw text", Envelope{Body: &Unknown{Name: "A", Raw: []byte("hello")}}, "Unknown.Raw", ErrBadValue},
		{"raw, text behind", Envelope{Body: &Unknown{Name: "A", Raw: []byte("<A/>x")}}, "Unknown.Raw", ErrBadValue},
		{"raw, nothing", Envelope{Body: &Unknown{Name: "A"}}, "Unknown.Raw", ErrBadValue},
		{"raw, two elements", Envelope{Body: &Unknown{Name: "A", Raw: []byte("<A/><A/>")}}, "Unknown.Raw", ErrBadValue},
		{"raw, open", Envelope{Body: &Unknown{Name: "A", Raw: []byte("<A>")}}, "Unknown.Raw", ErrBadValue},
		{"raw, another name", Envelope{Body: &Unknown{Name: "A", Raw: []byte("<B/>")}}, "Unknown.Raw", ErrBadValue},
		{"raw, declaration", Envelope{Body: &Unknown{Name: "A", Raw: []byte(`<?xml version="1.0"?><A/>`)}}, "Unknown.Raw", ErrBadValue},
		{"raw, document type", Envelope{Body: &Unknown{Name: "A", Raw: []byte(`<!DOCTYPE A><A/>`)}}, "Unknown.Raw", ErrBadValue},
		{"raw, control character", Envelope{Body: &Unknown{Name: "A", Raw: []byte("<A>\x02</A>")}}, "Unknown.Raw", ErrBadValue},
		{"raw, breaking out of the body", Envelope{Body: &Unknown{Name: "A", Raw: []byte(`<A/></soap-env:Body><soap-env:Body><A/>`)}},
			"Unknown.Raw", ErrBadValue},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dst := []byte("kept")
			got, err := tt.in.AppendTo(dst)
			var fe *FieldError
			if !errors.As(err, &fe) {
				t.Fatalf("error = %v; want *FieldError", err)
			}
			if fe.Field != tt.field || !errors.Is(err, tt.is) {
				t.Errorf("got %v; want %s and %v", err, tt.field, tt.is)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows the value: %v", err)
			}
			if string(got) != "kept" {
				t.Errorf("AppendTo returned %q beside an error", got)
			}
		})
	}
}

// TestEncodeLimits holds that the longest allowed values pass.
func TestEncodeLimits(t *testing.T) {
	long := func(n int) string { return strings.Repeat("ü", n) }
	roundTrip(t, &Envelope{Namespace: NS1_0, ID: long(MaxID), Body: &Download{CommandKey: long(32), FileType: long(64), URL: long(256),
		Username: long(256), Password: long(256), TargetFileName: long(256), SuccessURL: long(256), FailureURL: long(256)}})
}

func TestAppendTo(t *testing.T) {
	e := Envelope{ID: "1", Body: &Reboot{"k"}}
	whole, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.AppendTo([]byte("before"))
	if err != nil || string(got) != "before"+string(whole) {
		t.Errorf("AppendTo = %q, %v", got, err)
	}
}
