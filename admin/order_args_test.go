package admin

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

func TestOrderArgs(t *testing.T) {
	for _, tt := range []struct {
		kind, args string
		want       db.Args
		shown      string
	}{
		{db.KindSetParameters, `{"parameters":[{"name":"Device.A","type":"boolean","value":"1"},{"name":"Device.Password","value":"hunter2"},{"name":"Device.B","value":""}]}`,
			db.Args{Parameters: []db.Setting{{Name: "Device.A", Type: "boolean", Value: "1"}, {Name: "Device.Password", Value: "hunter2"}, {Name: "Device.B"}}},
			`{"parameters":[{"name":"Device.A","type":"boolean","value":"1"},{"name":"Device.Password","type":"string","value":""},{"name":"Device.B","type":"string","value":""}]}`},
		{db.KindGetParameters, `{"names":["Device.A","Device.Time."]}`, db.Args{Names: []string{"Device.A", "Device.Time."}}, ""},
		{db.KindFactoryReset, `{}`, db.Args{}, ""},
		{db.KindCheckSync, `{"reboot":true}`, db.Args{Reboot: true}, ""},
		{db.KindCheckSync, `{"reboot":false}`, db.Args{}, `{}`},
		{db.KindScheduleInform, `{"delay":"30s"}`, db.Args{Delay: 30 * time.Second}, ""},
		{db.KindScheduleInform, `{"delay":"90m"}`, db.Args{Delay: 90 * time.Minute}, `{"delay":"1h30m"}`},
		{db.KindAddObject, `{"object":"Device.X."}`, db.Args{Object: "Device.X."}, ""},
		{db.KindDeleteObject, `{"object":"Device.X.1."}`, db.Args{Object: "Device.X.1."}, ""},
		{db.KindGetNames, `{"names":[""]}`, db.Args{Names: []string{""}}, ""},
		{db.KindSetAttributes, `{"attributes":[{"name":"Device.A","notification":0},{"name":"Device.B.","access_list":[]}]}`,
			db.Args{Attributes: []db.Attribute{{Name: "Device.A", Notification: new(int)}, {Name: "Device.B.", AccessList: &[]string{}}}}, ""},
		{db.KindRaw, `{"raw":{"rpc":"Upload","args":{"Password":"hunter2","URL":"u","DelaySeconds":3}}}`,
			db.Args{Raw: &db.RawCall{RPC: "Upload", Args: json.RawMessage(`{"Password":"hunter2","URL":"u","DelaySeconds":3}`)}},
			`{"raw":{"rpc":"Upload","args":{"DelaySeconds":3,"Password":"","URL":"u"}}}`},
		{db.KindRaw, `{"raw":{"rpc":"X_V_Set","xml":"<X_V_Set><Password>hunter2</Password></X_V_Set>"}}`,
			db.Args{Raw: &db.RawCall{RPC: "X_V_Set", XML: "<X_V_Set><Password>hunter2</Password></X_V_Set>"}},
			`{"raw":{"rpc":"X_V_Set","xml":"\u003cX_V_Set\u003e\u003cPassword\u003e\u003c/Password\u003e\u003c/X_V_Set\u003e"}}`},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			h := newHarness(t)
			a := h.do("POST", "/api/v1/jobs", `{"kind":"`+tt.kind+`","args":`+tt.args+`,"selection":{"all":true},"when":{"now":true}}`).is(201)
			if diff := cmp.Diff(tt.want, h.orders.last.Job.Args); diff != "" {
				t.Errorf("order (-want +got)\n%s", diff)
			}
			want := tt.shown
			if want == "" {
				want = tt.args
			}
			var j struct {
				Args json.RawMessage `json:"args"`
			}
			if err := json.Unmarshal(a.body, &j); err != nil || string(j.Args) != want {
				t.Errorf("shown %s, %v; want %s", j.Args, err, want)
			}
			all := h.do("GET", "/api/v1/jobs", "").is(200)
			if strings.Contains(string(a.body)+string(all.body), "hunter2") {
				t.Error("the secret is shown")
			}
		})
	}
}

func TestOrderArgsRefused(t *testing.T) {
	for _, tt := range []struct {
		name, args string
		kind       kind
		field      string
	}{
		{"no value", `{"parameters":[{"name":"Device.A","value":"1"},{"name":"Device.B"}]}`, kindInvalid, "args.parameters[1].value"},
		{"value that is no text", `{"parameters":[{"name":"Device.A","value":1}]}`, kindInvalid, "args.parameters[0].value"},
		{"value of null", `{"parameters":[{"name":"Device.A","value":null}]}`, kindInvalid, "args.parameters[0].value"},
		{"member unknown", `{"parameters":[{"nmae":"Device.A","value":"1"}]}`, kindUnknownField, "args.parameters[0].nmae"},
		{"no yes or no", `{"reboot":"yes"}`, kindInvalid, "args.reboot"},
		{"no list", `{"names":"Device."}`, kindInvalid, "args.names"},
		{"no duration", `{"delay":"soon"}`, kindInvalid, "args.delay"},
		{"delay 0", `{"delay":"0s"}`, kindInvalid, "args.delay"},
		{"raw without an object", `{"raw":{"rpc":"Reboot","args":null}}`, kindInvalid, "args.raw.args"},
		{"raw member unknown", `{"raw":{"rpc":"Reboot","arg":{}}}`, kindUnknownField, "args.raw.arg"},
		{"notification of a text", `{"attributes":[{"name":"Device.A","notification":"2"}]}`, kindInvalid, "args.attributes[0].notification"},
		{"object empty", `{"object":""}`, kindInvalid, "args.object"},
		{"file 0", `{"file":"f0"}`, kindInvalid, "args.file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t)
			h.do("POST", "/api/v1/jobs", `{"kind":"set-parameters","args":`+tt.args+`,"selection":{"all":true},"when":{"now":true}}`).refuses(tt.kind, tt.field)
		})
	}
}
