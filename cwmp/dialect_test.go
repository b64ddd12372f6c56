package cwmp

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestDialects decodes what devices of the field send. Each file is written for
// what its name says; the reports behind them are of many vendors.
func TestDialects(t *testing.T) {
	id := DeviceID{Manufacturer: "Example", OUI: "0C383E", ProductClass: "X6", SerialNumber: "S1"}
	periodic := []Event{{Code: EventPeriodic}}
	inform := func(change func(*Inform), params ...ParameterValue) *Inform {
		m := &Inform{DeviceID: id, Events: periodic, MaxEnvelopes: 1, CurrentTime: "2026-11-20T14:26:41+01:00", Parameters: params}
		if change != nil {
			change(m)
		}
		return m
	}
	str := func(name, value string) ParameterValue { return ParameterValue{name, "string", value} }

	for _, tt := range []struct {
		file string
		want Envelope
	}{
		{"no-header-soap-prefix-of-encoding", Envelope{Namespace: NS1_0,
			Body: inform(nil, str("Device.DeviceInfo.SoftwareVersion", "6.45"))}},
		{"default-namespaces-no-prefix", Envelope{Namespace: NS1_1, ID: "d1",
			Body: &TransferComplete{CommandKey: "k1", StartTime: "2026-11-20T14:26:41Z", CompleteTime: "2026-11-20T14:27:41Z"}}},
		{"xmlschema-of-1999", Envelope{Namespace: NS1_0, ID: "1",
			Body: inform(nil, ParameterValue{"Device.ManagementServer.PeriodicInformInterval", "unsignedInt", "3600"})}},
		{"prefixes-never-declared", Envelope{Namespace: NS1_0, ID: "u1",
			Body: inform(nil, str("Device.DeviceInfo.SoftwareVersion", "1.0"))}},
		{"soap-namespace-without-slash", Envelope{Namespace: NS1_0, ID: "1", Body: inform(nil, str("Device.X", " padded "))}},
		{"latin1-declared", Envelope{Namespace: NS1_0, ID: "1",
			Body: inform(func(m *Inform) { m.DeviceID.Manufacturer = "Büro GmbH" }, str("Device.X", "Küche größer"))}},
		{"latin1-declared-utf8", Envelope{Namespace: NS1_0, ID: "1", Body: inform(nil, str("Device.X", "Küche"))}},
		{"utf8-declared-latin1", Envelope{Namespace: NS1_0, ID: "1", Body: inform(nil, str("Device.X", "Küche"))}},
		{"utf8-cut-within-a-character", Envelope{Namespace: NS1_0, ID: "1", Body: inform(nil, str("Device.X", "größe Ã"))}},
		{"control-characters", Envelope{Namespace: NS1_0, ID: "1", Body: inform(nil, str("Device.X", "abcdef"))}},
		{"bom-and-declaration-over-lines", Envelope{Namespace: NS1_0, ID: "1", Body: inform(nil, str("Device.X", "1"))}},
		{"declaration-of-version-1-1", Envelope{Namespace: NS1_0, ID: "1", Body: inform(nil, str("Device.X", "1"))}},
		{"stray-ampersands", Envelope{Namespace: NS1_0, ID: "1",
			Body: inform(nil, str("Device.X", "http://a/?x=1&y=2&z=3A&copy;&&"))}},
		{"attribute-given-twice", Envelope{Namespace: NS1_0, ID: "1", Body: inform(nil, ParameterValue{"Device.X", "int", "1"})}},
		{"array-types-wrong-or-missing", Envelope{Namespace: NS1_0, ID: "1",
			Body: inform(nil, str("Device.A", "1"), str("Device.B", "2"))}},
		{"value-types-odd-or-missing", Envelope{Namespace: NS1_0, ID: "1", Body: inform(nil,
			str("Device.A", "1"), ParameterValue{"Device.B", "boolean", "TRUE"}, str("Device.C", "3"), str("Device.D", "{}"),
			ParameterValue{"Device.E", "hexBinary", "0aF0"}, ParameterValue{"Device.F", "base64Binary", "AA=="},
			str("Device.G", ""), str("Device.H", "\n"))}},
		{"identity-padded-children-unknown", Envelope{Namespace: NS1_0, ID: " 7 ", Body: &Inform{
			DeviceID:     DeviceID{OUI: "0c383e", ProductClass: "IP Phone/2", SerialNumber: "001122334455"},
			Events:       []Event{{EventBoot, "(null)"}},
			MaxEnvelopes: 1, CurrentTime: "2026-11-20T14:26:41"}}},
		{"events-in-any-order", Envelope{Namespace: NS1_0, ID: "1", Body: inform(func(m *Inform) {
			m.Events = []Event{{EventMReboot, "r1"}, {EventBoot, ""}, {EventTransferComplete, ""}, {EventMDownload, "d1"}, {"X 0C383E Ping", ""}}
		})}},
		{"children-qualified", Envelope{Namespace: NS1_0, ID: "1",
			Body: &DownloadResponse{Status: 1, StartTime: UnknownTime, CompleteTime: UnknownTime}}},
		{"fault-without-header-many-parameters", Envelope{Namespace: NS1_0, Body: &Fault{
			Code: FaultInvalidArguments, String: "Invalid arguments", Parameters: []ParameterFault{
				{"Device.A", FaultInvalidParameterValue, "range"}, {"Device.B", FaultParameterNotWritable, ""}}}}},
		{"fault-nested-in-faultstring", Envelope{Namespace: NS1_0, ID: "1",
			Body: &Fault{Code: FaultTransferFailure, String: "no such file"}}},
		{"fault-of-soap-alone", Envelope{Namespace: NS1_0, ID: "1",
			Body: &Fault{Code: FaultInternalError, String: "Method not implemented"}}},
		{"faultstruct-after-times", Envelope{Namespace: NS1_0, ID: "1", Body: &TransferComplete{CommandKey: "k1",
			Fault:     FaultStruct{FaultFileCorrupted, "late"},
			StartTime: "2026-11-20T14:26:41.123Z", CompleteTime: "0000-00-00T00:00:00"}}},
		{"transfercomplete-all-empty", Envelope{Namespace: NS1_0, ID: "1",
			Body: &TransferComplete{StartTime: UnknownTime, CompleteTime: UnknownTime}}},
		{"versions-offered", Envelope{Namespace: NS1_2, ID: "v", SessionTimeout: 60,
			SupportedVersions: []Version{V1_0, V1_2, V1_4}, Body: inform(nil)}},
		{"namespace-of-1-3", Envelope{Namespace: NS1_3, ID: "1", Body: inform(nil)}},
		{"headers-unknown-must-understand", Envelope{Namespace: NS1_0, Ignored: []string{"Security"}, Body: &GetRPCMethods{}}},
		{"comments-and-sections", Envelope{Namespace: NS1_0, ID: "1", Body: &Reboot{CommandKey: "ab<c> & d"}}},
		{"vendor-rpc", Envelope{Namespace: NS1_0, ID: "1", Body: &Unknown{Name: "X_0C383E_Ping", Namespace: "urn:example:v",
			Raw: []byte(`<v:X_0C383E_Ping xmlns:w="urn:example:w" count="2" xmlns="urn:example:default"` +
				` xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/" xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"` +
				` xmlns:v="urn:example:v"><w:Host v:kind="a&amp;b">192.0.2.1</w:Host><n xsi:type="xsd:string">1</n></v:X_0C383E_Ping>`)}}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			got, err := Decode(readFile(t, tt.file+".xml"))
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			if !reflect.DeepEqual(got, &tt.want) {
				t.Errorf("got  %+v %+v\nwant %+v %+v", got, got.Body, &tt.want, tt.want.Body)
			}
		})
	}
}

// TestTestdata holds that every message in testdata survives encode and decode
// unchanged.
func TestTestdata(t *testing.T) {
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(files) < 28 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		e, err := Decode(readFile(t, filepath.Base(f)))
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		e.Ignored = nil // which is not written
		roundTrip(t, e)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// roundTrip encodes e, decodes that and compares.
func roundTrip(t *testing.T, e *Envelope) {
	t.Helper()
	b, err := e.Encode()
	if err != nil {
		t.Errorf("Encode %s: %v", e.Body.RPC(), err)
		return
	}
	again, err := Decode(b)
	if err != nil {
		t.Errorf("Decode %s: %v\n%s", e.Body.RPC(), err, b)
		return
	}
	if !reflect.DeepEqual(e, again) {
		t.Errorf("round trip\nfrom %+v %+v\nto   %+v %+v\nby   %s", e, e.Body, again, again.Body, b)
	}
}
