package cwmp

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestFromJSON(t *testing.T) {
	for _, tt := range []struct {
		rpc, args string
		want      Message
	}{
		{"Reboot", ``, &Reboot{}},
		{"Reboot", `{"CommandKey":"k"}`, &Reboot{CommandKey: "k"}},
		{"GetParameterNames", `{"ParameterPath":"Device.","NextLevel":true}`, &GetParameterNames{ParameterPath: "Device.", NextLevel: true}},
		{"GetParameterNames", `{"NextLevel":"1"}`, &GetParameterNames{NextLevel: true}},
		{"GetParameterValues", `{"ParameterNames":["a","b"]}`, &GetParameterValues{Names: []string{"a", "b"}}},
		{"SetParameterValues", `{"ParameterList":[{"Name":"a","Value":true,"Type":"boolean"},{"Name":"b","Value":""}]}`,
			&SetParameterValues{Parameters: []ParameterValue{{"a", "boolean", "true"}, {"b", "string", ""}}}},
		{"SetParameterAttributes", `{"ParameterList":[{"Name":"a","NotificationChange":true,"Notification":2,"AccessList":["Subscriber"]}]}`,
			&SetParameterAttributes{Parameters: []SetAttributes{{Name: "a", NotificationChange: true, Notification: 2, AccessList: []string{"Subscriber"}}}}},
		{"SetVouchers", `{"VoucherList":["QQ=="]}`, &SetVouchers{Vouchers: []string{"QQ=="}}},
		{"GetOptions", `{"OptionName":"x"}`, &GetOptions{OptionName: "x"}},
		{"CancelTransfer", `{"CommandKey":"k"}`, &CancelTransfer{CommandKey: "k"}},
		{"GetAllQueuedTransfers", `{}`, &GetAllQueuedTransfers{}},
		{"ChangeDUState", `{"Operations":[{"Type":"Install","URL":"u"},{"Type":"Uninstall","UUID":"i"}],"CommandKey":"k"}`,
			&ChangeDUState{Operations: []DUOperation{{Kind: "Install", URL: "u"}, {Kind: "Uninstall", UUID: "i"}}, CommandKey: "k"}},
	} {
		t.Run(tt.rpc+tt.args, func(t *testing.T) {
			got, err := FromJSON(tt.rpc, []byte(tt.args))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Fatalf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

// TestFromJSONAll holds that every request can be written so, and that all that
// the ACS may call is there.
func TestFromJSONAll(t *testing.T) {
	for name := range registry {
		if IsRequest(name) && registry[name].make().RPC() != name {
			t.Errorf("%s is another", name)
		}
	}
	for _, rpc := range Requests() {
		if _, ok := registry[rpc]; !ok {
			t.Errorf("%s is not a message", rpc)
		}
		if m, err := FromJSON(rpc, []byte(`{"NoSuch":"1"}`)); err == nil {
			t.Errorf("%s takes what it has not: %+v", rpc, m)
		}
	}
	if len(Requests()) != 20 {
		t.Errorf("%d requests", len(Requests()))
	}
}

func TestFromJSONRefused(t *testing.T) {
	for _, tt := range []struct{ rpc, args, field, why string }{
		{"Inform", `{}`, "RPC", "is no request to a phone"},
		{"Reboot", `{"CommandKey":"k","Key":"k"}`, "Reboot.Key", "there are CommandKey"},
		{"Reboot", `[]`, "Reboot", "want a JSON object"},
		{"Reboot", `{"CommandKey":"k"} {}`, "JSON", "something follows"},
		{"Reboot", `{"CommandKey":null}`, "CommandKey", "null is no value"},
		{"Reboot", `{"CommandKey":"k","CommandKey":"l"}`, "JSON", "given twice"},
		{"Reboot", `{"CommandKey":"k"`, "JSON", "not closed"},
		{"SetVouchers", `{"VoucherList":["k"`, "VoucherList", "not closed"},
		{"Reboot", `{"CommandKey":"` + strings.Repeat("k", 33) + `"}`, "Reboot.CommandKey", "33 characters"},
		{"Reboot", `{"CommandKey":["k"]}`, "Reboot.CommandKey", "no list"},
		{"ScheduleInform", `{"DelaySeconds":-1}`, "ScheduleInform.DelaySeconds", "cannot have this value"},
		{"ScheduleInform", `{"DelaySeconds":"soon"}`, "ScheduleInform.DelaySeconds", "cannot have this value"},
		{"GetParameterNames", `{"NextLevel":"maybe"}`, "GetParameterNames.NextLevel", "cannot have this value"},
		{"GetParameterValues", `{}`, "GetParameterValues.ParameterNames", "empty list"},
		{"SetParameterValues", `{"ParameterList":[{"Name":"a","Valeu":"x"}]}`, "SetParameterValues.ParameterList[0].Valeu", "there are Name, Type, Value"},
		{"SetParameterValues", `{"ParameterList":[{"Name":"a","Value":"x","Type":"colour"}]}`, "SetParameterValues.ParameterList[0].Type", "cannot have this value"},
		{"ChangeDUState", `{"Operations":[{"Type":"Paint"}]}`, "ChangeDUState.Operations[0].Kind", "bad value"},
		{"ChangeDUState", `{"Operations":[{"Type":"Install","URL":"u","Version":"1"}]}`, "ChangeDUState.Operations[0].Version", "no such argument"},
		{"Download", `{"URL":{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":"i"}}}}}}}}}`, "URL.a.b.c.d.e.f.g.h", "nested"},
	} {
		_, err := FromJSON(tt.rpc, []byte(tt.args))
		var fe *FieldError
		if !errors.As(err, &fe) || fe.Field != tt.field || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%s %.60s: %v; want %s, %s", tt.rpc, tt.args, err, tt.field, tt.why)
		}
	}
}

// FuzzJSON promises that what FromJSON takes for a request is written by ToJSON
// such that FromJSON reads the same from it.
func FuzzJSON(f *testing.F) {
	f.Add("SetParameterValues", `{"ParameterList":[{"Name":"a","Value":true,"Type":"boolean"}]}`)
	f.Add("ChangeDUState", `{"Operations":[{"Type":"Update","Version":"1"}]}`)
	f.Add("ScheduleDownload", `{"TimeWindowList":[{"WindowStart":1,"WindowEnd":2,"WindowMode":"1 At Any Time","MaxRetries":-1}]}`)
	f.Add("SetParameterAttributes", `{"ParameterList":[{"Name":"a","AccessList":[]}]}`)
	f.Add("Reboot", `{"CommandKey":" k&<"}`)
	f.Fuzz(func(t *testing.T, rpc, args string) {
		m, err := FromJSON(rpc, []byte(args))
		if err != nil {
			return
		}
		b, err := ToJSON(m)
		if err != nil {
			t.Fatalf("%s %s was taken, and cannot be written: %v", rpc, args, err)
		}
		again, err := FromJSON(rpc, b)
		if err != nil {
			t.Fatalf("%s %s is written as %s, which is refused: %v", rpc, args, b, err)
		}
		one, err1 := (&Envelope{Body: m}).Encode()
		two, err2 := (&Envelope{Body: again}).Encode()
		if err1 != nil || err2 != nil || string(one) != string(two) {
			t.Fatalf("%s and then %s (%v, %v)", one, two, err1, err2)
		}
	})
}
