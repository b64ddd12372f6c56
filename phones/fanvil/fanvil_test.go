package fanvil

import (
	"slices"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/phones/internal/base"
)

func TestRecognize(t *testing.T) {
	value := func(name, v string) []cwmp.ParameterValue {
		return []cwmp.ParameterValue{{Name: name, Type: "string", Value: v}}
	}
	for _, tt := range []struct {
		name   string
		id     cwmp.DeviceID
		params []cwmp.ParameterValue
		want   base.Identity
		ok     bool
	}{
		{"serial of the exports, everything named",
			cwmp.DeviceID{Manufacturer: "Fanvil", OUI: "0C383E", ProductClass: "X6", SerialNumber: "00100400FV02001000000c383e07e16c"}, nil,
			base.Identity{Vendor: "fanvil", Model: "X6", MAC: "0c383e07e16c"}, true},
		{"serial is the MAC address, OUI in lower case",
			cwmp.DeviceID{OUI: "00a859", ProductClass: "v62-pro", SerialNumber: "00A859AABBCC"}, nil,
			base.Identity{Vendor: "fanvil", Model: "V62 Pro", MAC: "00a859aabbcc"}, true},
		{"serial alone, placeholder OUI and no manufacturer",
			cwmp.DeviceID{OUI: "FFFFFF", SerialNumber: "0c383e292080"}, nil,
			base.Identity{Vendor: "fanvil", MAC: "0c383e292080"}, true},
		{"marked serial of an address block we do not know",
			cwmp.DeviceID{SerialNumber: "00100400FV02001000001c2d3e292080"}, nil,
			base.Identity{Vendor: "fanvil", MAC: "1c2d3e292080"}, true},
		{"model by parameter, either root",
			cwmp.DeviceID{OUI: "0C383E", ProductClass: "IP Phone"}, value("InternetGatewayDevice.DeviceInfo.ModelName", "Fanvil X4U"),
			base.Identity{Vendor: "fanvil", Model: "X4U"}, true},
		{"product class before the parameter",
			cwmp.DeviceID{OUI: "0C383E", ProductClass: "X5U"}, value("Device.DeviceInfo.ModelName", "X4U"),
			base.Identity{Vendor: "fanvil", Model: "X5U"}, true},
		{"manufacturer alone, MAC by parameter",
			cwmp.DeviceID{Manufacturer: "FANVIL Technology", SerialNumber: "12"}, value("Device.LAN.MACAddress", "0C:38:3E:07:E1:6C"),
			base.Identity{Vendor: "fanvil", MAC: "0c383e07e16c"}, true},
		{"the serial of our block, but a placeholder MAC",
			cwmp.DeviceID{OUI: "0C383E", SerialNumber: "000000000000"}, nil,
			base.Identity{Vendor: "fanvil"}, true},
		{"OUI of the device wins over no serial",
			cwmp.DeviceID{OUI: "0C-38-3E"}, nil, base.Identity{Vendor: "fanvil"}, true},
		{"a hexadecimal end that is nobody's address",
			cwmp.DeviceID{OUI: "0C383E", SerialNumber: "SN-123456789012"}, nil, base.Identity{Vendor: "fanvil"}, true},
		{"Yealink", cwmp.DeviceID{Manufacturer: "Yealink", OUI: "001565", ProductClass: "SIP-T22P", SerialNumber: "0015652e0372"}, nil,
			base.Identity{}, false},
		{"nothing", cwmp.DeviceID{}, nil, base.Identity{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Vendor{}.Recognize(tt.id, tt.params)
			if got != tt.want || ok != tt.ok {
				t.Errorf("got %+v %v; want %+v %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestUserAgent(t *testing.T) {
	for _, tt := range []struct {
		ua      string
		want    base.Identity
		version string
		ok      bool
	}{
		{"Fanvil X4 2.10.2.6887 0c383e07e16c", base.Identity{Vendor: "fanvil", Model: "X4", MAC: "0c383e07e16c"}, "2.10.2.6887", true},
		{"Fanvil X6U Pro 0.0.10 0c383e07e16c", base.Identity{Vendor: "fanvil", Model: "X6U Pro", MAC: "0c383e07e16c"}, "0.0.10", true},
		{"Fanvil H2U-V2 2.12.0 0c383e07e16c", base.Identity{Vendor: "fanvil", Model: "H2U-V2", MAC: "0c383e07e16c"}, "2.12.0", true},
		{"Fanvil W620W 2.16.10 00a859000001", base.Identity{Vendor: "fanvil", Model: "W620W", MAC: "00a859000001"}, "2.16.10", true},
		{"Fanvil Q99 1.0 00a859000001", base.Identity{Vendor: "fanvil", MAC: "00a859000001"}, "1.0", true},
		{"Fanvil X6 2.12.1 000000000000", base.Identity{Vendor: "fanvil", Model: "X6"}, "2.12.1", true},
		{"Fanvil X6 2.12.1", base.Identity{}, "", false},
		{"Yealink SIP-T46G 28.81.0.25 00:15:65:11:3a:f8", base.Identity{}, "", false},
		{"", base.Identity{}, "", false},
	} {
		t.Run(tt.ua, func(t *testing.T) {
			got, version, ok := Vendor{}.UserAgent(tt.ua)
			if got != tt.want || version != tt.version || ok != tt.ok {
				t.Errorf("got %+v %q %v; want %+v %q %v", got, version, ok, tt.want, tt.version, tt.ok)
			}
		})
	}
}

func TestFirmwareName(t *testing.T) {
	for _, tt := range []struct {
		name, model, version string
	}{
		{"x6-2.12.1.z", "X6", "2.12.1"},
		{"X4-2.10.2.6887.z", "X4", "2.10.2.6887"},
		{"firmware/fanvil-x4u-v2-2.12.1.z", "X4U-V2", "2.12.1"},
		{"V62 Pro_v2.12.1.z", "V62 Pro", "2.12.1"},
		{"v62-2.12.1.Z", "V62", "2.12.1"},
		{"eim-01-1.2.z", "EIM-01", "1.2"},
		{"x4.z", "X4", ""},
		{"2.12.1.z", "", ""},
		{"x6-2.12.1.bin", "", ""},
		{"x6-2.12.1", "", ""},
		{"q99-2.12.1.z", "", ""},
		{"x4u-6914-P0.18.18-2.2.11-2354T2020-07-29.z", "X4U", ""},
		{"Fanvil_x3sg-lite_T2020-07-29.z", "X3SG Lite", ""},
		{"x6u-pro.z", "X6U Pro", ""},
		{"q99.z", "", ""},
		{"-.z", "", ""},
		{".z", "", ""},
		{"", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			model, version, ok := Vendor{}.FirmwareName(tt.name)
			if model != tt.model || version != tt.version || ok != (tt.model != "") {
				t.Errorf("got %q %q %v; want %q %q", model, version, ok, tt.model, tt.version)
			}
		})
	}
}

func TestNormalizeVersion(t *testing.T) {
	for _, tt := range []struct{ model, in, want string }{
		{"X6", "2.12.1", "2.12.1"},
		{"X6", " V2.12.1 ", "2.12.1"},
		{"X6", "X6 V2.12.1", "2.12.1"},
		{"", "x6-2.12.1.z", "2.12.1"},
		{"", "Fanvil X6 2.12.1", "2.12.1"},
		{"V62 Pro", "v62_pro-2.12.1", "2.12.1"},
		{"Q99", "Q99-2.1", "2.1"},
		{"X6", "Q99-2.1", "q99-2.1"},
		{"X6", "2.12.1 (Build 7)", "2.12.1 (build 7)"},
		{"X6", "T2.4", "t2.4"},
		{"X6", "", ""},
	} {
		t.Run(tt.model+" "+tt.in, func(t *testing.T) {
			got := Vendor{}.NormalizeVersion(tt.model, tt.in)
			if got != tt.want {
				t.Errorf("got %q; want %q", got, tt.want)
			}
			if again := (Vendor{}).NormalizeVersion(tt.model, got); again != got {
				t.Errorf("normalising %q again gives %q", got, again)
			}
		})
	}
}

func TestDownloadType(t *testing.T) {
	for _, tt := range []struct {
		kind, want string
	}{
		{"firmware", cwmp.FileTypeFirmware},
		{"config", cwmp.FileTypeConfig},
		{"phonebook", ""},
		{"", ""},
	} {
		got, ok := Vendor{}.DownloadType(tt.kind, "X6")
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("DownloadType(%q) = %q %v; want %q", tt.kind, got, ok, tt.want)
		}
	}
}

// TestModels holds that no two models look alike once reduced, that each is
// found under its own name, and that the list is the caller's.
func TestModels(t *testing.T) {
	if len(byKey) != len(models) {
		t.Errorf("%d models under %d keys", len(models), len(byKey))
	}
	list := Vendor{}.Models()
	if !slices.IsSorted(list) {
		t.Error("Models is not sorted")
	}
	for _, name := range list {
		if got := model("Fanvil " + name); got != name {
			t.Errorf("model(%q) = %q", "Fanvil "+name, got)
		}
	}
	list[0] = "changed"
	if slices.Contains(Vendor{}.Models(), "changed") {
		t.Error("Models returns its own table")
	}
}

func TestDefaults(t *testing.T) {
	if user, password := (Vendor{}).ConnectionRequestDefaults(); user != "dps" || password != "dps" {
		t.Errorf("got %q, %q; want the factory's", user, password)
	}
}
