package phones

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"phoneacs/cwmp"
)

func TestParseMAC(t *testing.T) {
	const want = "0c383e07e16c"
	for _, in := range []string{
		"0c383e07e16c", "0C383E07E16C", "0c:38:3e:07:e1:6c", "0C-38-3E-07-E1-6C", "0c.38.3e.07.e1.6c",
		"0c 38 3e 07 e1 6c", "0c38.3e07.e16c", "0C38-3E07-E16C", "0c38:3e07:e16c", "  0c383e07e16c\n",
	} {
		if got, err := ParseMAC(in); got != want || err != nil {
			t.Errorf("ParseMAC(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "0c383e07e16", "0c383e07e16c0", "0c383e07e16g", "0c:38:3e:07:e1-6c", "0c38:3e07-e16c", "0c383e:07e16c",
		"0c/38/3e/07/e1/6c", "0c:383:e0:7e:16:c", ":::::::::::::::::", "０c383e07e1", "0c383e07e16c.cfg",
	} {
		if got, err := ParseMAC(in); got != "" || !errors.Is(err, ErrMAC) {
			t.Errorf("ParseMAC(%q) = %q, %v; want ErrMAC", in, got, err)
		}
	}
}

// FuzzParseMAC promises that what is accepted is 12 lower-case digits, reads as
// itself, and reads the same in the other spellings.
func FuzzParseMAC(f *testing.F) {
	for _, s := range []string{"0c383e07e16c", "0C:38:3E:07:E1:6C", "0c38.3e07.e16c", "0c-38-3e-07-e1-6", "x", "ÿ0c383e07e16"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		mac, err := ParseMAC(s)
		if err != nil {
			if mac != "" {
				t.Fatalf("%q with an error", mac)
			}
			return
		}
		if len(mac) != 12 || strings.Trim(mac, "0123456789abcdef") != "" {
			t.Fatalf("ParseMAC(%q) = %q", s, mac)
		}
		colons := mac[:2]
		for i := 2; i < 12; i += 2 {
			colons += ":" + mac[i:i+2]
		}
		for _, other := range []string{mac, strings.ToUpper(mac), colons, mac[:4] + "." + mac[4:8] + "." + mac[8:]} {
			if got, err := ParseMAC(other); got != mac || err != nil {
				t.Fatalf("ParseMAC(%q) = %q, %v; want %q", other, got, err, mac)
			}
		}
	})
}

func TestRecognize(t *testing.T) {
	macs := func(values ...string) (list []cwmp.ParameterValue) {
		for _, v := range values {
			list = append(list, cwmp.ParameterValue{Name: "Device.LAN.MACAddress", Value: v})
		}
		return list
	}
	for _, tt := range []struct {
		name   string
		id     cwmp.DeviceID
		params []cwmp.ParameterValue
		want   Identity
	}{
		{"a Fanvil", cwmp.DeviceID{OUI: "0C383E", ProductClass: "X6", SerialNumber: "0c383e07e16c"}, nil,
			Identity{Vendor: "fanvil", Model: "X6", MAC: "0c383e07e16c"}},
		{"another vendor, serial is the MAC address", cwmp.DeviceID{OUI: "001565", ProductClass: "SIP-T22P", SerialNumber: "0015652E0372"}, nil,
			Identity{MAC: "0015652e0372"}},
		{"another vendor, MAC address by parameter", cwmp.DeviceID{SerialNumber: "A1"}, macs("", "00:15:65:2e:03:72"),
			Identity{MAC: "0015652e0372"}},
		{"two addresses that disagree", cwmp.DeviceID{}, macs("00:15:65:2e:03:72", "00:15:65:2e:03:73"), Identity{}},
		{"multicast and zero are no addresses", cwmp.DeviceID{SerialNumber: "ffffffffffff"}, macs("00:00:00:00:00:00"), Identity{}},
		{"nothing", cwmp.DeviceID{}, nil, Identity{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Recognize(tt.id, tt.params); got != tt.want {
				t.Errorf("got %+v; want %+v", got, tt.want)
			}
		})
	}
}

func TestFromUserAgent(t *testing.T) {
	id, version, ok := FromUserAgent("Fanvil V65 2.12.2.4 0c383e07e16c")
	if want := (Identity{Vendor: "fanvil", Model: "V65", MAC: "0c383e07e16c"}); id != want || version != "2.12.2.4" || !ok {
		t.Errorf("got %+v %q %v; want %+v", id, version, ok, want)
	}
	if id, version, ok := FromUserAgent("curl/8.0"); ok || version != "" || id != (Identity{}) {
		t.Errorf("curl is taken for %+v %q", id, version)
	}
}

func TestSameVersion(t *testing.T) {
	for _, tt := range []struct {
		vendor, model, a, b string
		want                bool
	}{
		{"fanvil", "X6", "2.12.1", "x6-2.12.1.z", true},
		{"fanvil", "X6", "2.12.1", "2.12.10", false},
		{"fanvil", "X6", "", "", false},
		{"", "", "1.0", "1.0", true},
		{"", "", "1.0", "v1.0", false},
		{"nobody", "", "", "", false},
	} {
		if got := SameVersion(tt.vendor, tt.model, tt.a, tt.b); got != tt.want {
			t.Errorf("SameVersion(%q, %q, %q, %q) = %v", tt.vendor, tt.model, tt.a, tt.b, got)
		}
	}
}

// TestTable holds that each vendor is found by its own name and knows models.
func TestTable(t *testing.T) {
	for _, name := range Vendors() {
		v, ok := Lookup(name)
		if !ok || v.Name() != name || len(v.Models()) == 0 {
			t.Errorf("vendor %q is not whole", name)
		}
	}
	if !slices.Contains(Vendors(), "fanvil") {
		t.Error("fanvil is missing")
	}
	if _, ok := Lookup("Fanvil"); ok {
		t.Error("Lookup is not exact")
	}
}
