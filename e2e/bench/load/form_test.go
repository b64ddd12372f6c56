package load

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"testing"
	"time"
)

// readInform takes a request apart as a server does.
func readInform(t *testing.T, post []byte) anEnvelope {
	t.Helper()
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(post)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil || int64(len(body)) != req.ContentLength {
		t.Fatalf("body of %d bytes, length says %d: %v", len(body), req.ContentLength, err)
	}
	var m anEnvelope
	if err := xml.Unmarshal(body, &m); err != nil {
		t.Fatalf("inform does not parse: %v\n%s", err, body)
	}
	if m.Body.Inform == nil {
		t.Fatalf("no inform in\n%s", body)
	}
	return m
}

func values(m anEnvelope) map[string]string {
	v := make(map[string]string)
	for _, p := range m.Body.Inform.Parameters {
		v[p.Name] = p.Value
	}
	return v
}

func TestFormIsFilledForEachPhone(t *testing.T) {
	shared := newForm(Options{Addr: netip.MustParseAddrPort("127.0.0.1:7547"), Path: "/acs", Event: Periodic}, time.Now())
	f := shared.copy()
	for _, p := range []Phone{0, 1, 0xffff, MaxPhones - 1, 2} {
		m := readInform(t, f.fill(p))
		if got, want := m.Body.Inform.Serial, p.Serial(); got != want {
			t.Errorf("phone %d has serial %q; want %q", p, got, want)
		}
		v := values(m)
		if len(v) != forcedParameters {
			t.Errorf("phone %d tells %d parameters; want %d", p, len(v), forcedParameters)
		}
		addr := v["Device.LAN.IPAddress"]
		if _, err := netip.ParseAddr(addr); err != nil || len(addr) != addrDigits {
			t.Errorf("phone %d has address %q (%v)", p, addr, err)
		}
		if got, want := v["Device.ManagementServer.ConnectionRequestURL"], "http://"+addr+":7547/cr"; got != want {
			t.Errorf("phone %d is called at %q; want %q", p, got, want)
		}
		if got := v["Device.DeviceInfo.ProvisioningCode"]; got != "000000000000000" {
			t.Errorf("phone %d has code %q; want it unchanged", p, got)
		}
		if !p.source().Addr().IsLoopback() {
			t.Errorf("phone %d connects from %v", p, p.source())
		}
	}
	if got := readInform(t, shared.post).Body.Inform.Serial; got != Phone(0).Serial() {
		t.Errorf("filling a copy changed the shared form: serial %q", got)
	}
}

func TestFormChangesOneValue(t *testing.T) {
	f := newForm(Options{Addr: netip.MustParseAddrPort("127.0.0.1:7547"), Path: "/", Event: ValueChange}, time.Now())
	f.fillCode(1234567890123456789) // more digits than there is room for
	before := values(readInform(t, f.post))
	after := values(readInform(t, f.fill(0)))
	const code = "Device.DeviceInfo.ProvisioningCode"
	if before[code] != "567890123456789" || len(after[code]) != codeDigits || after[code] == before[code] {
		t.Errorf("code went from %q to %q", before[code], after[code])
	}
	delete(before, code)
	for name, value := range before {
		if after[name] != value {
			t.Errorf("%s went from %q to %q", name, value, after[name])
		}
	}
}

func TestExtraParameters(t *testing.T) {
	const size = 50_000
	f := newForm(Options{Addr: netip.MustParseAddrPort("127.0.0.1:7547"), Path: "/", Extra: size}, time.Now())
	got := 0
	v := values(readInform(t, f.fill(7)))
	if len(v) != forcedParameters+f.count {
		t.Errorf("%d different parameters; want %d", len(v), forcedParameters+f.count)
	}
	for name, value := range v {
		got += len(name) + len(value)
	}
	if got < size || got > size+1000 {
		t.Errorf("names and values are %d bytes; want about %d", got, size)
	}
	if !bytes.Contains(f.post, []byte("ParameterValueStruct["+strconv.Itoa(len(v))+"]")) {
		t.Error("arrayType does not tell the number of parameters")
	}
}

func TestSample(t *testing.T) {
	for _, tt := range []struct{ n, k, want int }{{1000, 100, 100}, {100, 100, 100}, {5, 9, 5}, {0, 3, 0}} {
		got := Sample(tt.n, tt.k)
		seen := make(map[Phone]bool)
		for _, p := range got {
			if int(p) >= tt.n || seen[p] {
				t.Errorf("Sample(%d, %d) has phone %d twice, or no such phone", tt.n, tt.k, p)
			}
			seen[p] = true
		}
		if len(got) != tt.want {
			t.Errorf("Sample(%d, %d) has %d phones; want %d", tt.n, tt.k, len(got), tt.want)
		}
	}
}
