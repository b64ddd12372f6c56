package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// fleetOf runs one phone that speaks only when told.
func fleetOf(t *testing.T, acs *fakeACS, b Behaviour) *Phone {
	t.Helper()
	srv := acs.start(t)
	return run(t, New(Options{ACS: srv.URL, Models: []string{"X6"}, Manual: true, Behaviour: b, RetryScale: 0.001})).Phone(0)
}

func reported(n int) func(Ledger) bool {
	return func(l Ledger) bool { return len(l.Reports) == n && len(l.Pending) == 0 }
}

func TestDownloadOfConfig(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	body := []byte(strings.Repeat("<SIP CONFIG MODULE>\r\n", 4000))
	store := &files{body: map[string][]byte{"/a.cfg": body}}
	acs.order(p, "Download", downloadArgs("job-1", "3 Vendor Configuration File", newServer(t, store)+"/a.cfg"))
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	if got := acs.lastAnswer(t); got.Method != "DownloadResponse" || got.Status != "1" {
		t.Errorf("answer = %+v; want a DownloadResponse with status 1", got)
	}
	l := await(t, p, "report", reported(1))
	want := Applied{FileType: "3 Vendor Configuration File", CommandKey: "job-1", Digest: digestOf(body), Bytes: int64(len(body))}
	if len(l.Configs()) != 1 || l.Configs()[0] != want {
		t.Errorf("configs = %+v; want %+v", l.Configs(), want)
	}
	if l.Count("Download", "job-1") != 1 || l.Reboots != 0 || len(store.seen("/a.cfg")) != 1 {
		t.Errorf("ledger = %+v", l)
	}
	await(t, p, "second session", func(l Ledger) bool { return l.Sessions == 2 })
	in := acs.seenInforms()[1]
	if want := []string{"7 TRANSFER COMPLETE", "M Download=job-1"}; !slices.Equal(in.Events, want) {
		t.Errorf("events = %q; want %q", in.Events, want)
	}
	if want := []seenReport{{"job-1", 0}}; !slices.Equal(acs.reports, want) {
		t.Errorf("reports = %v; want %v", acs.reports, want)
	}
	if v, _ := p.Param("Device.DeviceInfo.VendorConfigFile.1.Version"); v != want.Digest {
		t.Errorf("config version = %q", v)
	}
	noBreaches(t, p)
}

func TestDownloadOfFirmware(t *testing.T) {
	for _, tt := range []struct {
		name    string
		image   []byte
		fault   int
		version string
		events  []string
	}{
		{"right model", FirmwareImage([]string{"X6U", "X6"}, "2.12.1", 300_000), 0, "2.12.1", []string{"1 BOOT", "7 TRANSFER COMPLETE", "M Download=fw"}},
		{"wrong model", FirmwareImage([]string{"V65"}, "2.12.1", 5000), 9018, "2.4.12", []string{"7 TRANSFER COMPLETE", "M Download=fw"}},
		{"no image", []byte("<html>login</html>"), 9018, "2.4.12", []string{"7 TRANSFER COMPLETE", "M Download=fw"}},
		{"empty", nil, 9018, "2.4.12", []string{"7 TRANSFER COMPLETE", "M Download=fw"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acs := newACS()
			p := fleetOf(t, acs, Behaviour{})
			store := &files{body: map[string][]byte{"/x6.z": tt.image}}
			acs.order(p, "Download", downloadArgs("fw", "1 Firmware Upgrade Image", newServer(t, store)+"/x6.z"))
			if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
				t.Fatal(err)
			}
			l := await(t, p, "report", reported(1))
			if l.Reports[0] != (Report{"fw", tt.fault, 1}) {
				t.Errorf("report = %+v; want fault %d", l.Reports[0], tt.fault)
			}
			in := acs.seenInforms()[1]
			if !slices.Equal(in.Events, tt.events) {
				t.Errorf("events = %q; want %q", in.Events, tt.events)
			}
			if v := in.Params["Device.DeviceInfo.SoftwareVersion"]; v != tt.version {
				t.Errorf("version = %q; want %q", v, tt.version)
			}
			flashed := 0
			if tt.fault == 0 {
				flashed = 1
			}
			if len(l.Firmware()) != flashed || l.Reboots != flashed {
				t.Errorf("flashed %d times, %d reboots; want %d", len(l.Firmware()), l.Reboots, flashed)
			}
		})
	}
}

func TestFetchFaults(t *testing.T) {
	closed := newServer(t, http.NotFoundHandler())
	for _, tt := range []struct {
		name, url string
		handler   http.HandlerFunc
		fault     int
	}{
		{"absent", "", http.NotFound, 9016},
		{"forbidden", "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, 9016},
		{"credentials refused", "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Basic realm="f"`)
			w.WriteHeader(401)
		}, 9012},
		{"always short", "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("short"))
		}, 9017},
		{"nobody there", "http://127.0.0.1:1/x", nil, 9015},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acs := newACS()
			p := fleetOf(t, acs, Behaviour{})
			url := tt.url
			if url == "" {
				url = newServer(t, tt.handler)
			}
			acs.order(p, "Download", downloadArgs("k", "3 Vendor Configuration File", url))
			if err := p.Inform(t.Context()); err != nil {
				t.Fatal(err)
			}
			l := await(t, p, "report", reported(1))
			if l.Reports[0].Fault != tt.fault || len(l.Applied) != 0 {
				t.Errorf("fault = %d, applied %v; want %d and nothing", l.Reports[0].Fault, l.Applied, tt.fault)
			}
		})
	}
	for url, want := range map[string]int{
		"tftp://192.0.2.1/x": 9013, "ftp://192.0.2.1/x": 9013, "http://u:p@192.0.2.1/x": 9003, closed[:7]: 9003, "": 9003,
	} {
		acs := newACS()
		p := fleetOf(t, acs, Behaviour{})
		acs.order(p, "Download", downloadArgs("k", "3 Vendor Configuration File", url))
		if err := p.Inform(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := acs.lastAnswer(t).Fault; got != want {
			t.Errorf("url %q: fault %d; want %d", url, got, want)
		}
	}
}

func TestFetchResumes(t *testing.T) {
	body := FirmwareImage([]string{"X6"}, "3", 200_000)
	t.Run("after the phone's cut", func(t *testing.T) {
		acs := newACS()
		p := fleetOf(t, acs, Behaviour{CutFetch: 70_000})
		store := &files{body: map[string][]byte{"/f": body}}
		acs.order(p, "Download", downloadArgs("k", "1 Firmware Upgrade Image", newServer(t, store)+"/f"))
		if err := p.Inform(t.Context()); err != nil {
			t.Fatal(err)
		}
		l := await(t, p, "report", reported(1))
		if want := []string{"", "bytes=70000-"}; !slices.Equal(store.seen("/f"), want) {
			t.Errorf("ranges = %q; want %q", store.seen("/f"), want)
		}
		if len(l.Applied) != 1 || l.Applied[0].Digest != digestOf(body) {
			t.Errorf("applied = %+v", l.Applied)
		}
	})
	t.Run("from the start without ranges", func(t *testing.T) {
		acs := newACS()
		p := fleetOf(t, acs, Behaviour{CutFetch: 70_000})
		asked := 0
		url := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Write(body)
		}))
		acs.order(p, "Download", downloadArgs("k", "1 Firmware Upgrade Image", url))
		if err := p.Inform(t.Context()); err != nil {
			t.Fatal(err)
		}
		l := await(t, p, "report", reported(1))
		if asked != 2 || len(l.Applied) != 1 || l.Applied[0].Digest != digestOf(body) || l.Applied[0].Bytes != int64(len(body)) {
			t.Errorf("asked %d times, applied %+v", asked, l.Applied)
		}
	})
}

func TestFetchWithDigest(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	url := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, ok := parseDigest(r.Header.Get("Authorization"))
		want, _ := d.sum("p", "GET")
		if !ok || d.user != "u" || d.response != want {
			w.Header().Set("WWW-Authenticate", `Digest realm="files", nonce="z", qop="auth"`)
			w.WriteHeader(401)
			return
		}
		w.Write([]byte("ringtone"))
	}))
	acs.order(p, "Download", downloadArgs("k", "5 Ringer File", url))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := await(t, p, "report", reported(1))
	if len(l.Applied) != 1 || l.Applied[0].Digest != digestOf([]byte("ringtone")) || len(l.Configs()) != 0 {
		t.Errorf("applied = %+v", l.Applied)
	}
}

func TestResultIsToldUntilAcknowledged(t *testing.T) {
	acs := newACS()
	refusals := 0
	acs.beforeReport = func(w http.ResponseWriter) bool {
		refusals++
		switch refusals {
		case 1, 2:
			panic(http.ErrAbortHandler) // the answer is lost
		case 3:
			reply200(w, faultEnvelope("1.2", "?", "8002"))
			return true
		}
		return false
	}
	p := fleetOf(t, acs, Behaviour{})
	store := &files{body: map[string][]byte{"/f": []byte("x")}}
	acs.order(p, "Download", downloadArgs("k", "3 Vendor Configuration File", newServer(t, store)+"/f"))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, p, "a session that went well without its result", func(l Ledger) bool { return l.Failed == 2 && l.Sessions == 2 })
	p.PowerCut()
	l := await(t, p, "report", reported(1))
	if l.Reports[0].Sent != 4 {
		t.Errorf("sent %d times; want 4", l.Reports[0].Sent)
	}
	if len(l.Applied) != 1 || len(store.seen("/f")) != 1 {
		t.Errorf("applied %d times, fetched %d times; want once", len(l.Applied), len(store.seen("/f")))
	}
	for i, in := range acs.seenInforms()[1:5] {
		want := []string{"7 TRANSFER COMPLETE", "M Download=k"}
		if i == 3 {
			want = append([]string{"1 BOOT"}, want...)
		}
		if !slices.Equal(in.Events, want) {
			t.Errorf("inform %d: events %q; want %q", i+1, in.Events, want)
		}
	}
	await(t, p, "end of the last session", func(l Ledger) bool { return l.Sessions == 3 })
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	if in := acs.seenInforms(); !slices.Equal(in[len(in)-1].Events, []string{"2 PERIODIC"}) {
		t.Errorf("after the acknowledgement: events %q", in[len(in)-1].Events)
	}
}

func TestFetchSurvivesPowerCut(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	first := true
	url := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			w.Header().Set("Content-Length", "1000")
			w.Write(make([]byte, 500))
			w.(http.Flusher).Flush()
			p.PowerCut()
			<-r.Context().Done()
			return
		}
		w.Write([]byte("whole"))
	}))
	acs.order(p, "Download", downloadArgs("k", "3 Vendor Configuration File", url))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := await(t, p, "report", reported(1))
	if len(l.Applied) != 1 || l.Applied[0].Digest != digestOf([]byte("whole")) || l.PowerCuts != 1 {
		t.Errorf("ledger = %+v", l)
	}
}

func TestManyTransfersInOneSession(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	url := newServer(t, &files{body: map[string][]byte{"/f": []byte("x")}}) + "/f"
	for range maxTransfers + 1 {
		acs.order(p, "Download", downloadArgs("same", "X 0C383E Thing", url))
	}
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := acs.lastAnswer(t).Fault; got != 9004 {
		t.Errorf("one too many: fault %d; want 9004", got)
	}
	l := await(t, p, "reports", reported(maxTransfers))
	if l.Count("Download", "same") != maxTransfers+1 || len(l.Applied) != maxTransfers {
		t.Errorf("ledger = %+v", l)
	}
}

// TestFaultsOfOldPhones: CWMP 1.0 has one code for all that goes wrong with a
// file but its credentials, unless the test asks for another.
func TestFaultsOfOldPhones(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	p := run(t, New(Options{ACS: srv.URL, Models: []string{"H5"}, Manual: true})).Phone(0)
	url := newServer(t, http.NotFoundHandler())
	acs.order(p, "Download", downloadArgs("coarse", "3 Vendor Configuration File", url))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, p, "report", reported(1))
	p.Set(Behaviour{TransferFaultNext: 9016})
	acs.order(p, "Download", downloadArgs("asked for", "3 Vendor Configuration File", url))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := await(t, p, "reports", reported(2))
	if want := []Report{{"coarse", 9010, 1}, {"asked for", 9016, 1}}; !slices.Equal(l.Reports, want) {
		t.Errorf("reports = %+v; want %+v", l.Reports, want)
	}
}

// TestDownloadWaitsItsDelay: DelaySeconds counts from the end of the session.
func TestDownloadWaitsItsDelay(t *testing.T) {
	acs := newACS()
	var fetched time.Time
	mux := http.NewServeMux()
	mux.Handle("/", acs)
	mux.HandleFunc("/f", func(http.ResponseWriter, *http.Request) { fetched = time.Now() })
	bubble(t, Options{Manual: true}, mux, func(t *testing.T, f *Fleet) {
		p := f.Phone(0)
		args := downloadArgs("k", "3 Vendor Configuration File", "http://files.example/f")
		acs.order(p, "Download", strings.Replace(args, "<DelaySeconds>0", "<DelaySeconds>3600", 1))
		if err := p.Inform(t.Context()); err != nil {
			t.Fatal(err)
		}
		ordered := time.Now()
		awaitWithin(t, 2*time.Hour, p, "report", reported(1))
		if took := fetched.Sub(ordered); took != time.Hour {
			t.Errorf("fetched after %v; want an hour", took)
		}
	})
}
