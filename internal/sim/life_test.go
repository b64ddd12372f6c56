package sim

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestReboot(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	refused := false
	acs.before = func(w http.ResponseWriter, _ *http.Request, body string) bool {
		if strings.Contains(body, "M Reboot") && !refused {
			refused = true
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	}
	acs.order(p, "Reboot", keyArg("rb-1"))
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	l := await(t, p, "session after the restart", func(l Ledger) bool { return l.Sessions == 2 })
	if l.Reboots != 1 || l.Failed != 1 || l.Count("Reboot", "rb-1") != 1 {
		t.Errorf("ledger = %+v", l)
	}
	in := acs.seenInforms()[1]
	if want := []string{"1 BOOT", "M Reboot=rb-1"}; !slices.Equal(in.Events, want) || in.Retry != 1 {
		t.Errorf("events = %q, retry %d; want %q and 1", in.Events, in.Retry, want)
	}
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	if got := acs.seenInforms()[2].Events; !slices.Equal(got, []string{"2 PERIODIC"}) {
		t.Errorf("after the InformResponse: events %q", got)
	}
}

func TestFactoryReset(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	acs.order(p, "SetParameterValues", `<ParameterList n:arrayType="c:ParameterValueStruct[1]"><ParameterValueStruct>`+
		`<Name>Device.DeviceInfo.ProvisioningCode</Name><Value i:type="x:string">abc</Value></ParameterValueStruct></ParameterList><ParameterKey>k</ParameterKey>`)
	acs.order(p, "FactoryReset", "")
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, p, "session after the reset", func(l Ledger) bool { return l.Sessions == 2 && l.FactoryResets == 1 })
	in := acs.seenInforms()[1]
	if want := []string{"0 BOOTSTRAP", "1 BOOT"}; !slices.Equal(in.Events, want) {
		t.Errorf("events = %q; want %q", in.Events, want)
	}
	if v := in.Params["Device.DeviceInfo.ProvisioningCode"]; v != "" {
		t.Errorf("provisioning code = %q; want it gone", v)
	}
	noBreaches(t, p)
}

// bubble runs a fleet over in-memory connections with a fake clock.
func bubble(t *testing.T, o Options, h http.Handler, then func(t *testing.T, f *Fleet)) {
	synctest.Test(t, func(t *testing.T) {
		mem := newMemNet()
		srv := &http.Server{Handler: h}
		go srv.Serve(mem)
		o.ACS, o.Dial, o.ListenCR = "http://acs.example/", mem.Dial, "off"
		f := New(o)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		defer func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Run = %v", err)
			}
			srv.Close()
			synctest.Wait()
		}()
		<-f.Ready()
		then(t, f)
	})
}

// TestRetryPolicy holds the waits against the table of TR-069 3.2.1.1, on a
// clock that makes hours pass at once.
func TestRetryPolicy(t *testing.T) {
	const day = 24 * time.Hour
	table := [][2]time.Duration{{5, 10}, {10, 20}, {20, 40}, {40, 80}, {80, 160}, {160, 320}, {320, 640}, {640, 1280}, {1280, 2560}, {2560, 5120}}
	for _, scale := range []float64{1, 0.01} {
		acs := newACS()
		var at []time.Time
		var counts []string
		fail := true
		acs.before = func(w http.ResponseWriter, _ *http.Request, body string) bool {
			if !fail {
				return false
			}
			at = append(at, time.Now())
			_, rest, _ := strings.Cut(body, "<RetryCount>")
			n, _, _ := strings.Cut(rest, "<")
			counts = append(counts, n)
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		bubble(t, Options{Phones: 1, RetryScale: scale, Known: true, PeriodicInterval: -1}, acs, func(t *testing.T, f *Fleet) {
			p := f.Phone(0)
			awaitWithin(t, day, p, "thirteen failures", func(l Ledger) bool { return l.Failed == 13 })
			waits := p.Ledger().Waits
			for n, w := range waits {
				want := table[min(n, 9)]
				lo, hi := time.Duration(float64(want[0]*time.Second)*scale), time.Duration(float64(want[1]*time.Second)*scale)
				if w.Retry != n+1 || w.Wait < lo || w.Wait > hi {
					t.Errorf("scale %v: retry %d after %v; want %d within %v to %v", scale, w.Retry, w.Wait, n+1, lo, hi)
				}
			}
			for i := 1; i < len(at); i++ {
				if gap := at[i].Sub(at[i-1]); gap != waits[i-1].Wait {
					t.Errorf("attempt %d came after %v; want %v", i, gap, waits[i-1].Wait)
				}
			}
			if !slices.Equal(counts[:4], []string{"0", "1", "2", "3"}) {
				t.Errorf("retry counts = %q", counts)
			}
			fail = false
			l := awaitWithin(t, day, p, "success", func(l Ledger) bool { return l.Sessions == 1 })
			if l.Retry != 0 || l.Failed != 13 {
				t.Errorf("after success: retry %d, failed %d", l.Retry, l.Failed)
			}
		})
	}
}

func TestPowerCutOfAll(t *testing.T) {
	phones := 2000
	if testing.Short() {
		phones = 200
	}
	acs := newACS()
	srv := acs.start(t)
	f := run(t, New(Options{ACS: srv.URL, Phones: phones, Seed: 3, Concurrency: 256, RetryScale: 0.001}))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := f.Await(ctx, func(s Stats) bool { return s.Sessions >= int64(phones/2) }); err != nil {
		t.Fatal(err)
	}
	f.PowerCut() // in the middle of the first wave
	all := func() bool {
		for i := range phones {
			if l := f.Phone(i).Ledger(); l.Sessions == 0 || l.Sessions+l.Cut < 2 && l.Informs > 1 {
				return false
			}
		}
		return true
	}
	if err := f.Await(ctx, func(s Stats) bool { return s.Active == 0 && s.Sessions >= int64(phones) && all() }); err != nil {
		t.Fatalf("%v: %+v", err, f.Stats())
	}
	boots := map[string]int{}
	for _, in := range acs.seenInforms() {
		if slices.Contains(in.Events, "1 BOOT") {
			boots[in.Serial]++
		}
	}
	for i := range phones {
		p := f.Phone(i)
		if boots[p.Serial()] == 0 || p.Ledger().PowerCuts != 1 || p.Ledger().Retry != 0 {
			t.Errorf("phone %d: %d boots seen, ledger %+v", i, boots[p.Serial()], p.Ledger())
		}
	}
	if s := f.Stats(); s.Failed != 0 || s.Breaches != 0 || s.PowerCuts != int64(phones) {
		t.Errorf("stats = %+v", s)
	}
}

func TestPowerCutBreaksTheSession(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	f := New(Options{ACS: srv.URL})
	p := f.Phone(0)
	acs.before = func(_ http.ResponseWriter, r *http.Request, body string) bool {
		if strings.Contains(body, "2 PERIODIC") && p.Ledger().PowerCuts == 0 {
			p.PowerCut()
			<-r.Context().Done()
			return true
		}
		return false
	}
	if err := p.Inform(t.Context(), "2 PERIODIC", "6 CONNECTION REQUEST", "M Reboot=k"); !errors.Is(err, ErrPowerCut) {
		t.Fatalf("Inform = %v; want %v", err, ErrPowerCut)
	}
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	in := acs.seenInforms()
	if want := []string{"1 BOOT", "2 PERIODIC", "M Reboot=k"}; len(in) != 1 || !slices.Equal(in[0].Events, want) {
		t.Errorf("informs = %+v; want one with %q", in, want)
	}
	if l := p.Ledger(); l.Cut != 1 || l.Failed != 0 || l.Sessions != 1 {
		t.Errorf("ledger = %+v", l)
	}
}

func TestBootTakesItsTime(t *testing.T) {
	acs := newACS()
	bubble(t, Options{Phones: 20, BootTime: time.Minute, Spread: time.Hour, PeriodicInterval: -1}, acs, func(t *testing.T, f *Fleet) {
		p := f.Phone(0)
		begun := time.Now()
		for f.Stats().Sessions < 20 {
			time.Sleep(time.Minute) // of the bubble's clock
		}
		if took := time.Since(begun); took < 10*time.Minute || took > time.Hour+time.Minute {
			t.Errorf("20 phones switched on within %v; want them spread over the hour", took)
		}
		p.PowerCut()
		cut := time.Now()
		if err := p.Inform(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(cut); took < time.Minute || took > 2*time.Minute {
			t.Errorf("boot took %v; want one to two minutes", took)
		}
	})
}

func TestValueChange(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	const state = "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.CallState"
	attributes := func(n string) string {
		return `<ParameterList n:arrayType="c:SetParameterAttributesStruct[1]"><SetParameterAttributesStruct><Name>` + state + `</Name>` +
			`<NotificationChange>1</NotificationChange><Notification>` + n + `</Notification><AccessListChange>0</AccessListChange>` +
			`<AccessList n:arrayType="x:string[0]"/></SetParameterAttributesStruct></ParameterList>`
	}
	acs.order(p, "SetParameterAttributes", attributes("2"))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !p.SetParam(state, "InCall") || p.SetParam("Device.Nothing", "x") {
		t.Error("SetParam: want true for a known parameter, false for another")
	}
	await(t, p, "session", func(l Ledger) bool { return l.Sessions == 2 })
	in := acs.seenInforms()[1]
	if !slices.Equal(in.Events, []string{"4 VALUE CHANGE"}) || in.Params[state] != "InCall" || len(in.Params) != 9 {
		t.Errorf("inform = %+v", in)
	}
	acs.order(p, "SetParameterAttributes", attributes("1"))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.SetParam(state, "Idle")
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	if in := acs.seenInforms()[3]; !slices.Equal(in.Events, []string{"2 PERIODIC", "4 VALUE CHANGE"}) || in.Params[state] != "Idle" {
		t.Errorf("passive: inform = %+v", in)
	}
	noBreaches(t, p)
}

func TestSeed(t *testing.T) {
	draw := func(seed int64) (out []float64, path string) {
		f := New(Options{ACS: "http://acs.example/", Phones: 3, Seed: seed})
		for i := range f.Len() {
			out = append(out, f.Phone(i).random())
		}
		return out, f.crPath(1)
	}
	a, pathA := draw(1)
	again, pathAgain := draw(1)
	b, pathB := draw(2)
	if !slices.Equal(a, again) || pathA != pathAgain {
		t.Error("the same seed gave other phones")
	}
	if slices.Equal(a, b) || pathA == pathB || a[0] == a[1] {
		t.Error("another seed, or another phone, gave the same numbers")
	}
}

func TestOptionsRefused(t *testing.T) {
	good := Options{ACS: "http://acs.example/"}
	for name, change := range map[string]func(*Options){
		"no url":            func(o *Options) { o.ACS = "" },
		"url of ftp":        func(o *Options) { o.ACS = "ftp://acs.example/" },
		"url with userinfo": func(o *Options) { o.ACS = "http://u:p@acs.example/" },
		"negative phones":   func(o *Options) { o.Phones = -1 },
		"unknown model":     func(o *Options) { o.Models = []string{"T46"} },
		"unknown version":   func(o *Options) { o.Version = "2.0" },
		"negative scale":    func(o *Options) { o.RetryScale = -1 },
		"bad behaviour":     func(o *Options) { o.Behaviour.Drop = "somewhere" },
	} {
		o := good
		change(&o)
		if err := New(o).Run(t.Context()); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: Run = %v; want %v", name, err, ErrOptions)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := New(good)
	if err := f.Run(ctx); err != nil {
		t.Errorf("Run = %v", err)
	}
	if err := f.Run(ctx); !errors.Is(err, ErrRan) {
		t.Errorf("second Run = %v; want %v", err, ErrRan)
	}
}

// TestChangeWhileTelling: what changes again before the InformResponse is told
// again.
func TestChangeWhileTelling(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	p := New(Options{ACS: srv.URL, Models: []string{"X6"}}).Phone(0)
	const code = "Device.DeviceInfo.ProvisioningCode"
	acs.before = func(_ http.ResponseWriter, _ *http.Request, body string) bool {
		if strings.Contains(body, ">one<") {
			p.SetParam(code, "two")
		}
		return false
	}
	p.SetParam(code, "one")
	for range 3 {
		if err := p.Inform(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []struct {
		value string
		event bool
	}{{"one", true}, {"two", true}, {"two", false}} {
		in := acs.seenInforms()[i]
		if in.Params[code] != want.value || slices.Contains(in.Events, "4 VALUE CHANGE") != want.event {
			t.Errorf("inform %d: %q with %q; want %+v", i, in.Params[code], in.Events, want)
		}
	}
}
