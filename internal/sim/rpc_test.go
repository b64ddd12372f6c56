package sim

import (
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// spv writes the arguments of a SetParameterValues with one type for all.
func spv(p *Phone, values map[string]string, typ string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<ParameterList n:arrayType="c:ParameterValueStruct[%d]">`, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, `<ParameterValueStruct><Name>%s</Name><Value i:type="x:%s">%s</Value></ParameterValueStruct>`, p.Root()+name, typ, html.EscapeString(values[name]))
	}
	return b.String() + "</ParameterList><ParameterKey>pk</ParameterKey>"
}

func names(list ...string) string {
	return fmt.Sprintf(`<ParameterNames n:arrayType="x:string[%d]"><string>%s</string></ParameterNames>`, len(list), strings.Join(list, "</string><string>"))
}

// one sends a single request to a phone and gives its answer.
func one(t *testing.T, model, method string, args func(p *Phone) string) (seenAnswer, *Phone) {
	t.Helper()
	acs := newACS()
	srv := acs.start(t)
	p := New(Options{ACS: srv.URL, Models: []string{model}, Password: "topsecret"}).Phone(0)
	acs.order(p, method, args(p))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	return acs.lastAnswer(t), p
}

func TestMethodsAFanvilLacks(t *testing.T) {
	for _, method := range []string{"Upload", "AddObject", "DeleteObject", "ScheduleInform", "ScheduleDownload", "CancelTransfer", "GetAllQueuedTransfers", "X_FANVIL_Sing"} {
		got, p := one(t, "V65", method, func(*Phone) string { return keyArg("k") })
		if got.Method != "Fault" || got.Fault != 9000 || p.Ledger().Count(method, "k") != 1 {
			t.Errorf("%s: %+v; want fault 9000", method, got)
		}
	}
}

func TestGetParameterValues(t *testing.T) {
	for _, tt := range []struct {
		name  string
		names []string
		want  int // parameters; 0 for fault 9005
		check map[string]string
	}{
		{"one", []string{"Device.DeviceInfo.SerialNumber"}, 1, map[string]string{"Device.DeviceInfo.SerialNumber": "00100400FV02001000000c383e000001"}},
		{"a secret reads empty", []string{"Device.ManagementServer.Password"}, 1, map[string]string{"Device.ManagementServer.Password": ""}},
		{"a subtree", []string{"Device.Services.VoiceService.1.VoiceProfile.1.Line.1."}, 10, map[string]string{
			"Device.Services.VoiceService.1.VoiceProfile.1.Line.1.Status": "Up", "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.CallState": "Idle"}},
		{"a name and a subtree", []string{"Device.RootDataModelVersion", "Device.Ethernet."}, 4, nil},
		{"unknown", []string{"Device.DeviceInfo.Weather"}, 0, nil},
		{"unknown subtree", []string{"Device.WiFi."}, 0, nil},
		{"object without a dot", []string{"Device.DeviceInfo"}, 0, nil},
		{"one unknown spoils all", []string{"Device.RootDataModelVersion", "Device.X"}, 0, nil},
	} {
		got, p := one(t, "X3U", "GetParameterValues", func(*Phone) string { return names(tt.names...) })
		if len(got.Params) != tt.want || (got.Fault == 9005) != (tt.want == 0) {
			t.Errorf("%s: %d parameters, fault %d; want %d", tt.name, len(got.Params), got.Fault, tt.want)
		}
		for name, want := range tt.check {
			if got.Params[name] != want {
				t.Errorf("%s: %s = %q; want %q", tt.name, name, got.Params[name], want)
			}
		}
		noBreaches(t, p)
	}
	whole, p := one(t, "H5", "GetParameterValues", func(*Phone) string { return names("") })
	if len(whole.Params) != len(p.model.params) || len(whole.Params) < 60 {
		t.Errorf("whole tree: %d of %d parameters; want at least 60", len(whole.Params), len(p.model.params))
	}
}

func TestSetParameterValues(t *testing.T) {
	const line = "Services.VoiceService.1.VoiceProfile.1.Line.2."
	for _, tt := range []struct {
		name   string
		typ    string
		values map[string]string
		faults map[string]int
	}{
		{"strings", "string", map[string]string{line + "DirectoryNumber": "21 <&> ü", line + "Enable": "Enabled"}, nil},
		{"number", "unsignedInt", map[string]string{"ManagementServer.PeriodicInformInterval": "60"}, nil},
		{"boolean", "boolean", map[string]string{"Time.Enable": "0"}, nil},
		{"time", "dateTime", map[string]string{"ManagementServer.PeriodicInformTime": "2026-01-01T03:00:00Z"}, nil},
		{"unknown", "string", map[string]string{"DeviceInfo.Weather": "x"}, map[string]int{"DeviceInfo.Weather": 9005}},
		{"wrong type", "string", map[string]string{"ManagementServer.PeriodicInformInterval": "60"}, map[string]int{"ManagementServer.PeriodicInformInterval": 9006}},
		{"wrong value", "boolean", map[string]string{"Time.Enable": "yes"}, map[string]int{"Time.Enable": 9007}},
		{"wrong number", "unsignedInt", map[string]string{"ManagementServer.PeriodicInformInterval": "-1"}, map[string]int{"ManagementServer.PeriodicInformInterval": 9007}},
		{"read only, and nothing else set", "string", map[string]string{"DeviceInfo.SoftwareVersion": "9", line + "DirectoryNumber": "5"}, map[string]int{"DeviceInfo.SoftwareVersion": 9008}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, p := one(t, "X6", "SetParameterValues", func(p *Phone) string { return spv(p, tt.values, tt.typ) })
			if tt.faults != nil {
				want := map[string]int{}
				for name, code := range tt.faults {
					want[p.Root()+name] = code
				}
				if got.Fault != 9003 || !maps.Equal(got.ParamFaults, want) {
					t.Errorf("fault %d with %v; want 9003 with %v", got.Fault, got.ParamFaults, want)
				}
			} else if got.Status != "0" {
				t.Errorf("answer = %+v; want status 0", got)
			}
			for name, want := range tt.values {
				v, _ := p.Param(p.Root() + name)
				if (v == want) == (tt.faults != nil) {
					t.Errorf("%s = %q after setting %q", name, v, want)
				}
			}
			key, _ := p.Param(p.Root() + "ManagementServer.ParameterKey")
			if (key == "pk") == (tt.faults != nil) {
				t.Errorf("parameter key = %q", key)
			}
			noBreaches(t, p)
		})
	}
	twice, _ := one(t, "X6", "SetParameterValues", func(*Phone) string {
		v := `<ParameterValueStruct><Name>Device.DeviceInfo.ProvisioningCode</Name><Value i:type="x:string">1</Value></ParameterValueStruct>`
		return `<ParameterList n:arrayType="c:ParameterValueStruct[2]">` + v + v + `</ParameterList><ParameterKey/>`
	})
	if twice.ParamFaults["Device.DeviceInfo.ProvisioningCode"] != 9003 {
		t.Errorf("the same name twice: %+v; want 9003", twice)
	}
}

func TestGetParameterNames(t *testing.T) {
	path := func(p, next string) string {
		return "<ParameterPath>" + p + "</ParameterPath><NextLevel>" + next + "</NextLevel>"
	}
	for _, tt := range []struct {
		name, path, next string
		fault            int
		want             []string
	}{
		{"root", "", "1", 0, []string{"Device.=0"}},
		{"next level", "Device.Ethernet.Interface.1.", "true", 0, []string{
			"Device.Ethernet.Interface.1.Enable=1", "Device.Ethernet.Interface.1.MACAddress=0", "Device.Ethernet.Interface.1.Status=0"}},
		{"next level of objects", "Device.Ethernet.", "1", 0, []string{"Device.Ethernet.Interface.=0"}},
		{"subtree", "Device.Ethernet.", "0", 0, []string{
			"Device.Ethernet.=0", "Device.Ethernet.Interface.=0", "Device.Ethernet.Interface.1.=0",
			"Device.Ethernet.Interface.1.Enable=1", "Device.Ethernet.Interface.1.MACAddress=0", "Device.Ethernet.Interface.1.Status=0"}},
		{"parameter", "Device.ManagementServer.Password", "0", 0, []string{"Device.ManagementServer.Password=1"}},
		{"parameter with next level", "Device.ManagementServer.Password", "1", 9003, nil},
		{"unknown", "Device.Nothing.", "0", 9005, nil},
	} {
		got, p := one(t, "X6", "GetParameterNames", func(*Phone) string { return path(tt.path, tt.next) })
		if got.Fault != tt.fault || !slices.Equal(got.Names, tt.want) {
			t.Errorf("%s: fault %d, names %q; want %d, %q", tt.name, got.Fault, got.Names, tt.fault, tt.want)
		}
		noBreaches(t, p)
	}
	all, p := one(t, "X6", "GetParameterNames", func(*Phone) string { return path("", "false") })
	if all.Names[0] != "Device.=0" || len(all.Names) <= len(p.model.params) {
		t.Errorf("whole tree: %d names from %q on", len(all.Names), all.Names[0])
	}
}

func TestParameterAttributes(t *testing.T) {
	got, p := one(t, "X6", "GetParameterAttributes", func(*Phone) string {
		return names("Device.DeviceInfo.SoftwareVersion", "Device.DeviceInfo.UpTime")
	})
	if got.Params["Device.DeviceInfo.SoftwareVersion"] != "2" || got.Params["Device.DeviceInfo.UpTime"] != "0" {
		t.Errorf("attributes = %v", got.Params)
	}
	noBreaches(t, p)
	for n, want := range map[string]int{"2": 0, "3": 9003, "-1": 9003, "x": 9003} {
		got, _ := one(t, "X6", "SetParameterAttributes", func(*Phone) string {
			return `<ParameterList n:arrayType="c:SetParameterAttributesStruct[1]"><SetParameterAttributesStruct><Name>Device.</Name><NotificationChange>1</NotificationChange>` +
				`<Notification>` + n + `</Notification><AccessListChange>0</AccessListChange><AccessList n:arrayType="x:string[0]"/></SetParameterAttributesStruct></ParameterList>`
		})
		if got.Fault != want {
			t.Errorf("notification %s: fault %d; want %d", n, got.Fault, want)
		}
	}
}

func TestACSMovesThePhone(t *testing.T) {
	old, next := newACS(), newACS()
	p := fleetOf(t, old, Behaviour{})
	srv := next.start(t)
	old.order(p, "SetParameterValues", spv(p, map[string]string{"ManagementServer.URL": srv.URL + "/new"}, "string"))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, p, "session at the new ACS", func(l Ledger) bool { return l.Sessions == 2 })
	if in := next.seenInforms(); len(in) != 1 || !slices.Equal(in[0].Events, []string{"0 BOOTSTRAP"}) {
		t.Errorf("informs = %+v", in)
	}
}

func TestACSSetsTheInterval(t *testing.T) {
	acs := newACS()
	bubble(t, Options{Manual: true, Models: []string{"X6"}}, acs, func(t *testing.T, f *Fleet) {
		p := f.Phone(0)
		acs.order(p, "SetParameterValues", spv(p, map[string]string{"ManagementServer.PeriodicInformInterval": "600"}, "unsignedInt"))
		acs.order(p, "SetParameterValues", spv(p, map[string]string{"ManagementServer.PeriodicInformEnable": "1"}, "boolean"))
		begun := time.Now()
		if err := p.Inform(t.Context()); err != nil {
			t.Fatal(err)
		}
		awaitWithin(t, 2*time.Hour, p, "six periodic sessions", func(l Ledger) bool { return l.Sessions == 7 })
		if took := time.Since(begun); took != time.Hour {
			t.Errorf("six informs took %v; want an hour", took)
		}
	})
}

// TestScheduleInform: a phone that knows it informs when it was asked to, with
// the key, also if its power was cut meanwhile.
func TestScheduleInform(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{TakesSchedule: true})
	for _, bad := range []string{"0", "", "x"} {
		acs.order(p, "ScheduleInform", "<DelaySeconds>"+bad+"</DelaySeconds>"+keyArg("bad"))
		if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
			t.Fatal(err)
		}
		if got := acs.lastAnswer(t); got.Fault != 9003 {
			t.Errorf("delay %q: %+v; want fault 9003", bad, got)
		}
	}
	acs.order(p, "ScheduleInform", "<DelaySeconds>1</DelaySeconds>"+keyArg("slot"))
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	p.PowerCut()
	var got seenInform
	await(t, p, "the Inform", func(Ledger) bool {
		for _, got = range acs.seenInforms() {
			if slices.Contains(got.Events, "M ScheduleInform=slot") {
				return true
			}
		}
		return false
	})
	if !slices.Contains(got.Events, "3 SCHEDULED") {
		t.Errorf("events %q", got.Events)
	}
}
