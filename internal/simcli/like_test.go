package simcli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"phoneacs/internal/sim"
)

func TestCensus(t *testing.T) {
	want := map[kind]int{{"X6", "2.4.12"}: 2, {"X7", "2.12.1"}: 1}
	for _, tt := range []struct{ name, in string }{
		{"csv", "\ufeffid,vendor,model,software_version\np1,fanvil,X6,2.4.12\np2,Fanvil,X6,2.4.12\np3,,X7,2.12.1\np4,yealink,T46,1\np5,fanvil,,\n"},
		{"lines", `{"vendor":"fanvil","model":"X6","software_version":"2.4.12","tags":["a"]}` + "\n" +
			`{"model":"X6","software_version":"2.4.12"}` + "\n" + `{"model":"X7","software_version":"2.12.1"}` + "\n" + `{"vendor":"yealink","model":"T46"}` + "\n{}\n"},
		{"list", ` [{"model":"X6","software_version":"2.4.12"},{"model":"X6","software_version":"2.4.12"},{"model":"X7","software_version":"2.12.1"},{"vendor":"yealink"}]`},
		{"pages", `{"items":[{"model":"X6","software_version":"2.4.12"},{"model":"X7","software_version":"2.12.1"}],"next":"c"}` + "\n" +
			`{"items":[{"model":"X6","software_version":"2.4.12"},{"vendor":"yealink"}]}`},
	} {
		c, err := readCensus(strings.NewReader(tt.in))
		if err != nil || !maps.Equal(c.kinds, want) || c.phones != 3 || c.others != 1 {
			t.Errorf("%s: %+v, %v", tt.name, c, err)
		}
	}
	var many strings.Builder
	many.WriteString("model,software_version\n")
	for i := range maxKinds + 1 {
		fmt.Fprintf(&many, "X6,%d\n", i)
	}
	for in, says := range map[string]string{
		"":                                   "it is empty",
		" \n":                                "it is empty",
		"model,version\nX6,1\n":              `line 1 names no column "software_version"`,
		"model,software_version\nX6\n":       "record on line 2",
		"model,software_version\n":           "no phone of Fanvil",
		"model,software_version\nX6,1\x01\n": "line 2: software_version",
		"{\"model\":\"X6\"":                  "at byte",
		"{\"model\":6}":                      "value 1",
		"[1]":                                "value 1",
		many.String():                        "more than 1000",
		"model,software_version\n\"" + strings.Repeat("x", maxExport): "larger than",
	} {
		if c, err := readCensus(strings.NewReader(in)); !errors.Is(err, errExport) || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60q: %v, %v; want %q", in, c, err, says)
		}
	}
}

// FuzzCensus: what is read adds up, is bounded, and is dealt out whole.
func FuzzCensus(f *testing.F) {
	f.Add("vendor,model,software_version\nfanvil,X6,1\n")
	f.Add(`{"items":[{"model":"X6","software_version":"2"}]}`)
	f.Add(`[{"model":"X6"}] {"vendor":"y"}`)
	f.Fuzz(func(t *testing.T, in string) {
		c, err := readCensus(strings.NewReader(in))
		if err != nil {
			return
		}
		sum := 0
		for k, n := range c.kinds {
			sum += n
			if k.model == "" || len(k.model) > maxName || len(k.software) > maxName {
				t.Errorf("%q", k)
			}
		}
		if sum != c.phones || sum == 0 || len(c.kinds) > maxKinds {
			t.Errorf("%d phones, said to be %d", sum, c.phones)
		}
		n := min(c.phones, 1000)
		if got := len(c.deal(n)); got != n {
			t.Errorf("dealt %d of %d", got, n)
		}
		if n == c.phones {
			back := make(map[kind]int)
			for _, k := range c.deal(n) {
				back[k]++
			}
			if !maps.Equal(back, c.kinds) {
				t.Errorf("dealt %v of %v", back, c.kinds)
			}
		}
	})
}

// TestDeal keeps the mix in each beginning of the fleet.
func TestDeal(t *testing.T) {
	c := &census{kinds: map[kind]int{{"X6", "1"}: 60, {"X6", "2"}: 30, {"H5", "1"}: 10}, phones: 100}
	for _, n := range []int{10, 50, 1000} {
		got := make(map[kind]int)
		for _, k := range c.deal(n) {
			got[k]++
		}
		if got[kind{"X6", "1"}] != n*6/10 || got[kind{"X6", "2"}] != n*3/10 || got[kind{"H5", "1"}] != n/10 {
			t.Errorf("of %d: %v", n, got)
		}
	}
}

func writeExport(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "phones.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLike makes the fleet of an export: as many phones, with their models and
// versions, and one model that the simulator has no design of.
func TestLike(t *testing.T) {
	path := writeExport(t, "vendor,model,software_version\nfanvil,X6,2.9.9\nfanvil,X7C,2.12.1\nfanvil,H5,1.0\nother,Z,1\n")
	var said strings.Builder
	f := flags{o: sim.Options{ACS: "http://127.0.0.1:1/"}, startMAC: "0c383e000001", behaveShare: 1, like: path}
	fleet, err := f.fleet(&said)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for i := range fleet.Len() {
		p := fleet.Phone(i)
		version, _ := p.Param(p.Root() + "DeviceInfo.SoftwareVersion")
		got[p.Model()] = version
		if name, _ := p.Param(p.Root() + "DeviceInfo.ProductClass"); name != p.Model() {
			t.Errorf("the product class of %s is %s", p.Model(), name)
		}
	}
	if want := map[string]string{"X6": "2.9.9", "X7C": "2.12.1", "H5": "1.0"}; !maps.Equal(got, want) {
		t.Errorf("the fleet is %v; want %v", got, want)
	}
	for _, want := range []string{"like 3 phones of 3 models", "1 phones of other vendors", "1 models differ"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("it does not say %q: %s", want, &said)
		}
	}
	if _, err := phonesim(t, "--acs", "http://x/", "--models", "X6", "--like", path); !errors.Is(err, ErrUsage) {
		t.Errorf("--models beside --like: %v", err)
	}
	if _, err := phonesim(t, "--acs", "http://x/", "--like", path+"x"); !errors.Is(err, ErrUsage) {
		t.Errorf("no export: %v", err)
	}
}

// TestGuard: simulated phones do not enrol at what may be a real server.
func TestGuard(t *testing.T) {
	var asked atomic.Int32
	var demo atomic.Bool
	var enough atomic.Pointer[context.CancelFunc] // a fleet that has asked has done what is looked at
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			asked.Add(1)
			(*enough.Load())()
		}
		if demo.Load() {
			w.Header().Set(sim.DemoHeader, "true")
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(srv.Close)
	guarded := func(args ...string) error {
		cmd := Command("sim", true)
		cmd.SetArgs(append([]string{"--acs", srv.URL, "--duration", "1m"}, args...))
		cmd.SetOut(t.Output())
		cmd.SetErr(t.Output())
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		enough.Store(&cancel)
		return cmd.ExecuteContext(ctx)
	}
	if err := guarded(); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "--yes-this-is-a-test-server") || asked.Load() != 0 {
		t.Errorf("a server that may be real: %v, %d requests", err, asked.Load())
	}
	if err := guarded("--models", "T46"); ExitCode(err) != 2 {
		t.Errorf("a model that is none: %v", err)
	}
	if err := guarded("--yes-this-is-a-test-server"); err != nil || asked.Load() == 0 {
		t.Errorf("a server that is said to be none: %v, %d requests", err, asked.Load())
	}
	demo.Store(true)
	asked.Store(0)
	if err := guarded(); err != nil || asked.Load() == 0 {
		t.Errorf("a demo: %v, %d requests", err, asked.Load())
	}
	srv.Close()
	if err := guarded(); err == nil || ExitCode(err) != 1 {
		t.Errorf("no server: %v", err)
	}
}

// TestPowerCutAt cuts the power once.
func TestPowerCutAt(t *testing.T) {
	out, err := phonesim(t, "--acs", acs(t), "--phones", "3", "--power-cut-at", "100ms", "--duration", "500ms")
	if err != nil || !strings.Contains(out, "3 power cuts") {
		t.Errorf("%v:\n%s", err, out)
	}
	if _, err := phonesim(t, "--acs", acs(t), "--power-cut-at", "-1s"); ExitCode(err) != 2 {
		t.Errorf("a time before: %v", err)
	}
	if _, err := phonesim(t, "--acs", acs(t), "--call-every", "1m", "--call-for", "2m"); ExitCode(err) != 2 {
		t.Errorf("calls longer than their pause: %v", err)
	}
}
