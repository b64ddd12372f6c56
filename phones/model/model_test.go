package model

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"phoneacs/cwmp"
)

// TestTable holds that every line of the table can be read, names a type that
// values have, and says something.
func TestTable(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	if len(lines) < 200 || len(lines) != len(all()) {
		t.Errorf("%d lines, %d parameters", len(lines), len(all()))
	}
	if !slices.IsSorted(lines) {
		t.Error("the table is not sorted")
	}
	for _, line := range lines {
		p, err := parse(line)
		switch {
		case err != nil:
			t.Error(err)
		case !cwmp.KnownType(p.Type):
			t.Errorf("%s has type %q", p.Name, p.Type)
		case len(p.Description) < 10 || len(p.Description) > 100 || strings.HasSuffix(p.Description, "."):
			t.Errorf("%s is described as %q", p.Name, p.Description)
		case p.Name != pattern(p.Name) || strings.HasPrefix(p.Name, "Device."):
			t.Errorf("%s is no name below the root", p.Name)
		}
	}
}

func TestLookup(t *testing.T) {
	for _, tt := range []struct {
		name, kind string
		writable   bool
	}{
		{"Device.Time.NTPServer1", "string", true},
		{"InternetGatewayDevice.ManagementServer.PeriodicInformInterval", "unsignedInt", true},
		{"Device.Services.VoiceService.1.VoiceProfile.12.Line.3.SIP.AuthPassword", "string", true},
		{"Device.Services.VoiceService.[a].VoiceProfile.[b].Line.3.Status", "string", false},
		{"Device.DeviceInfo.UpTime", "unsignedInt", false},
		{"Device.Services.VoiceService.x.VoiceProfile.1.Name", "", false},
		{"Other.Time.NTPServer1", "", false},
		{"Device", "", false},
		{"Device.1", "", false},
		{"", "", false},
		{"Device." + strings.Repeat("1.", 200), "", false},
	} {
		p, ok := Lookup(tt.name)
		if ok != (tt.kind != "") || p.Type != tt.kind || p.Writable != tt.writable {
			t.Errorf("Lookup(%.60q) = %+v, %v", tt.name, p, ok)
		}
	}
}

func TestCheckNumber(t *testing.T) {
	p, _ := Lookup("Device.ManagementServer.CWMPRetryIntervalMultiplier")
	for n, want := range map[int64]string{999: "less than 1000", 1000: "", 65535: "", 65536: "more than 65535"} {
		err := p.CheckNumber(big.NewInt(n))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d: %v; want %q", n, err, want)
		}
	}
	if _, top, ok := Span("unsignedByte"); !ok || top.Int64() != 255 {
		t.Errorf("an unsignedByte goes to %v", top)
	}
	if _, _, ok := Span("string"); ok {
		t.Error("a string has bounds")
	}
}

// FuzzLookup promises that what is found by a name is found by the same name
// with other instances, too.
func FuzzLookup(f *testing.F) {
	for name := range all() {
		f.Add(strings.ReplaceAll("Device."+name, "{i}", "1"))
	}
	f.Fuzz(func(t *testing.T, name string) {
		p, ok := Lookup(name)
		if !ok {
			return
		}
		other := "InternetGatewayDevice." + strings.ReplaceAll(p.Name, "{i}", "[x]")
		if q, ok := Lookup(other); !ok || q.Name != p.Name {
			t.Fatalf("Lookup(%q) = %+v, and of %q %+v", name, p, other, q)
		}
	})
}
