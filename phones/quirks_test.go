package phones

import (
	"os"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/phones/quirks"
)

// TestFanvilTypes tells from an Inform which ACS a Fanvil is set to speak with,
// who it is, and how it is then treated.
func TestFanvilTypes(t *testing.T) {
	book, err := NewBook()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		file, model, kind, root string
		xml                     bool
		fixed                   string // root, said by an entry
	}{
		{"fanvil-common-device", "X6", quirks.TypeCommon, "Device.", false, ""},
		{"fanvil-common-gateway", "H5", quirks.TypeCommon, "InternetGatewayDevice.", false, ""},
		{"fanvil-ctc", "X6", quirks.TypeCTC, "InternetGatewayDevice.", true, "InternetGatewayDevice."},
	} {
		t.Run(tt.file, func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + tt.file + ".xml")
			if err != nil {
				t.Fatal(err)
			}
			env, err := cwmp.Decode(text)
			if err != nil {
				t.Fatal(err)
			}
			in := env.Body.(*cwmp.Inform)
			id := Recognize(in.DeviceID, in.Parameters)
			if want := (Identity{Vendor: "fanvil", Model: tt.model, MAC: "0c383e07e16c"}); id != want {
				t.Errorf("recognised %+v; want %+v", id, want)
			}
			if kind, root := ACSType("fanvil", in.Parameters), RootOf(in.Parameters); kind != tt.kind || root != tt.root {
				t.Errorf("type %q, root %q; want %q and %q", kind, root, tt.kind, tt.root)
			}
			q := book.Of(0, quirks.Who{Vendor: id.Vendor, Model: id.Model, Type: ACSType(id.Vendor, in.Parameters)})
			if q.ConfigXML != tt.xml || q.Root != tt.fixed {
				t.Errorf("treated as %+v", q)
			}
			if config, said := q.FileType("config"); said == tt.xml || !tt.xml && config != cwmp.FileTypeConfig {
				t.Errorf("config is %q, %v", config, said)
			}
		})
	}
	for _, tt := range []struct {
		vendor string
		params []cwmp.ParameterValue
		want   string
	}{
		{"fanvil", nil, ""},
		{"fanvil", []cwmp.ParameterValue{{Name: "X_CT-COM_UserInfo"}}, ""},
		{"fanvil", []cwmp.ParameterValue{{Name: "Device.X_CT-COM_UserInfo"}}, quirks.TypeCommon},
		{"fanvil", []cwmp.ParameterValue{{Name: "Device.X"}, {Name: "InternetGatewayDevice.A.X_CT-COM_B"}}, quirks.TypeCTC},
		{"", []cwmp.ParameterValue{{Name: "InternetGatewayDevice.X_CT-COM_B"}}, ""},
		{"nobody", []cwmp.ParameterValue{{Name: "Device.X"}}, ""},
	} {
		if got := ACSType(tt.vendor, tt.params); got != tt.want {
			t.Errorf("type of %q with %v is %q; want %q", tt.vendor, tt.params, got, tt.want)
		}
	}
}

// TestGenericQuirks holds the entries of makers without a package to those they
// are about.
func TestGenericQuirks(t *testing.T) {
	book, err := NewBook()
	if err != nil {
		t.Fatal(err)
	}
	for maker, is := range map[string]func(*quirks.Quirks) bool{
		"TP-LINK":                       func(q *quirks.Quirks) bool { return q.BooleanForm == quirks.Digits },
		"TP-Link Technologies Co., Ltd": func(q *quirks.Quirks) bool { return q.BooleanForm == quirks.Digits },
		"SAGEMCOM SAS":                  func(q *quirks.Quirks) bool { return q.Root == quirks.RootReported },
		"Huawei Technologies":           func(q *quirks.Quirks) bool { return q.WalkNextLevel },
		"Yeacomm":                       func(q *quirks.Quirks) bool { return q.WalkNextLevel },
		"Cisco":                         func(q *quirks.Quirks) bool { return q.WalkNextLevel },
		"Fanvil": func(q *quirks.Quirks) bool {
			return q.BooleanForm == quirks.AsOrdered && !q.WalkNextLevel && q.Root == ""
		},
	} {
		if q := book.Of(0, quirks.Who{Manufacturer: maker}); !is(q) {
			t.Errorf("%s is treated as %+v", maker, q)
		}
	}
}
