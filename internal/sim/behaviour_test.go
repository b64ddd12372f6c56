package sim

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

func TestDrop(t *testing.T) {
	for _, tt := range []struct {
		at       Point
		received int // Reboot requests in the session that was dropped
		restarts int // after it
		answers  int // that the ACS saw
	}{
		{AfterInform, 0, 0, 0},
		{AfterRequest, 1, 0, 0},
		{BeforeAnswer, 1, 1, 0},
		{AfterAnswer, 1, 1, 1},
	} {
		t.Run(string(tt.at), func(t *testing.T) {
			acs := newACS()
			answered := make(chan string, 4)
			acs.answered = func(method string) { answered <- method }
			srv := acs.start(t)
			f := New(Options{ACS: srv.URL, Models: []string{"X6"}, Behaviour: Behaviour{Drop: tt.at, DropTimes: 1}})
			p := f.Phone(0)
			acs.order(p, "Reboot", keyArg("k"))
			if err := p.Inform(t.Context(), "2 PERIODIC"); !errors.Is(err, ErrDropped) {
				t.Fatalf("Inform = %v; want %v", err, ErrDropped)
			}
			l := p.Ledger()
			if l.Reboots != tt.restarts || l.Failed != 1 || l.Count("Reboot", "k") != tt.received {
				t.Errorf("ledger = %+v; want %d restarts, %d requests", l, tt.restarts, tt.received)
			}
			for range tt.answers {
				if got := <-answered; got != "RebootResponse" {
					t.Errorf("answer %s", got)
				}
			}
			if err := p.Inform(t.Context()); err != nil {
				t.Fatalf("next session: %v", err)
			}
			if tt.received > 0 && len(answered) != 0 {
				t.Errorf("%s came too; want %d answers", <-answered, tt.answers)
			}
			if f.Stats().Failures["dropped"] != 1 {
				t.Errorf("failures = %v", f.Stats().Failures)
			}
		})
	}
}

func TestDropAfterTransferComplete(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{Drop: AfterTransferComplete, DropTimes: 2})
	url := newServer(t, &files{body: map[string][]byte{"/f": []byte("x")}}) + "/f"
	acs.order(p, "Download", downloadArgs("k", "3 Vendor Configuration File", url))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := await(t, p, "report", reported(1))
	if l.Reports[0].Sent != 3 || l.Failed != 2 || len(l.Applied) != 1 {
		t.Errorf("ledger = %+v; want the third TransferComplete to be the last", l)
	}
}

func TestFaultsOnDemand(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{FaultNext: map[string]int{"Download": 9010, "Reboot": 9001}})
	store := &files{body: map[string][]byte{"/f": []byte("x")}}
	url := newServer(t, store) + "/f"
	for _, key := range []string{"first", "second"} {
		acs.order(p, "Download", downloadArgs(key, "3 Vendor Configuration File", url))
	}
	acs.order(p, "Reboot", keyArg("no"))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	var faults []int
	for _, a := range acs.answers {
		faults = append(faults, a.Fault)
	}
	if want := []int{9010, 0, 9001}; !slices.Equal(faults, want) {
		t.Errorf("faults = %v; want %v", faults, want)
	}
	l := await(t, p, "report", reported(1))
	if len(l.Applied) != 1 || l.Applied[0].CommandKey != "second" || l.Reboots != 0 {
		t.Errorf("ledger = %+v", l)
	}

	p.Set(Behaviour{TransferFaultNext: 9017})
	acs.order(p, "Download", downloadArgs("third", "3 Vendor Configuration File", url))
	acs.order(p, "Download", downloadArgs("fourth", "3 Vendor Configuration File", url))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	l = await(t, p, "reports", reported(3))
	if l.Reports[1] != (Report{"third", 9017, 1}) || l.Reports[2].Fault != 0 || len(store.seen("/f")) != 2 {
		t.Errorf("reports = %+v, fetched %d times", l.Reports, len(store.seen("/f")))
	}
}

func TestTransfersThatNeverEnd(t *testing.T) {
	for _, tt := range []struct {
		name    string
		conduct Behaviour
		fetches int
	}{
		{"never fetched", Behaviour{NeverFetch: true}, 0},
		{"never reported", Behaviour{NeverReport: true}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acs := newACS()
			p := fleetOf(t, acs, tt.conduct)
			store := &files{body: map[string][]byte{"/f": FirmwareImage([]string{"X6"}, "9", 100)}}
			acs.order(p, "Download", downloadArgs("k", "1 Firmware Upgrade Image", newServer(t, store)+"/f"))
			if err := p.Inform(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := acs.lastAnswer(t).Status; got != "1" {
				t.Errorf("status = %q; want 1", got)
			}
			await(t, p, "flash", func(l Ledger) bool { return len(l.Applied) == tt.fetches && l.Reboots == tt.fetches })
			if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
				t.Fatal(err)
			}
			for _, in := range acs.seenInforms() {
				if slices.Contains(in.Events, "7 TRANSFER COMPLETE") {
					t.Errorf("events = %q", in.Events)
				}
			}
			if len(acs.reports) != 0 || len(store.seen("/f")) != tt.fetches {
				t.Errorf("%d reports, %d fetches; want 0 and %d", len(acs.reports), len(store.seen("/f")), tt.fetches)
			}
		})
	}
}

func TestDownloadNow(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{DownloadNow: true})
	url := newServer(t, &files{body: map[string][]byte{"/f": FirmwareImage([]string{"X6"}, "9", 100)}})
	acs.order(p, "Download", downloadArgs("k", "1 Firmware Upgrade Image", url+"/f"))
	acs.order(p, "Download", downloadArgs("k2", "3 Vendor Configuration File", url+"/absent"))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := acs.answers; len(a) != 2 || a[0].Status != "0" || a[1].Fault != 9010 {
		t.Errorf("answers = %+v; want status 0 and fault 9010", a)
	}
	await(t, p, "session after the flash", func(l Ledger) bool { return l.Sessions == 2 })
	in := acs.seenInforms()[1]
	if !slices.Equal(in.Events, []string{"1 BOOT"}) || in.Params["Device.DeviceInfo.SoftwareVersion"] != "9" || len(acs.reports) != 0 {
		t.Errorf("inform = %+v, reports %v", in, acs.reports)
	}
}

func TestRestartOnConfig(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{RestartOnConfig: true})
	url := newServer(t, &files{body: map[string][]byte{"/f": []byte("x")}})
	acs.order(p, "Download", downloadArgs("k", "3 Vendor Configuration File", url+"/f"))
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, p, "report", reported(1))
	if got, want := acs.seenInforms()[1].Events, []string{"1 BOOT", "7 TRANSFER COMPLETE", "M Download=k"}; !slices.Equal(got, want) {
		t.Errorf("events = %q; want %q", got, want)
	}
}

func TestCookiesAndConnections(t *testing.T) {
	for _, tt := range []struct {
		name    string
		conduct Behaviour
		cookies []string // of the POSTs of two sessions of two POSTs each
		peers   int
	}{
		{"as it should be", Behaviour{}, []string{"", "sid=s1", "", "sid=s3"}, 2},
		{"no cookie", Behaviour{NoCookie: true}, []string{"", "", "", ""}, 2},
		{"stale cookie", Behaviour{StaleCookie: true}, []string{"", "sid=s1", "sid=s1", "sid=s3"}, 2},
		{"new connection each post", Behaviour{NewConnEachPost: true}, []string{"", "sid=s1", "", "sid=s3"}, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acs := newACS()
			srv := acs.start(t)
			p := New(Options{ACS: srv.URL, Behaviour: tt.conduct}).Phone(0)
			for range 2 {
				if err := p.Inform(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			var cookies []string
			peers := map[string]bool{}
			for _, post := range acs.posts {
				cookies = append(cookies, post.Cookie)
				peers[post.Peer] = true
			}
			if !slices.Equal(cookies, tt.cookies) || len(peers) != tt.peers {
				t.Errorf("cookies %q on %d connections; want %q on %d", cookies, len(peers), tt.cookies, tt.peers)
			}
		})
	}
}

func TestDoubleInform(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	p := New(Options{ACS: srv.URL, Behaviour: Behaviour{DoubleInform: true}}).Phone(0)
	if err := p.Inform(t.Context(), "1 BOOT"); err != nil {
		t.Fatal(err)
	}
	in := acs.seenInforms()
	if len(in) != 2 || in[0].ID != in[1].ID || in[0].Serial != in[1].Serial {
		t.Fatalf("informs = %+v; want the same one twice", in)
	}
	if acs.posts[0].Peer == acs.posts[1].Peer || len(acs.posts) != 3 {
		t.Errorf("posts = %+v; want two connections and one session that goes on", acs.posts)
	}
	if l := p.Ledger(); l.Sessions != 1 || l.Failed != 0 {
		t.Errorf("ledger = %+v", l)
	}
}

func TestGapZero(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{GapZero: true})
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	await(t, p, "ten sessions", func(l Ledger) bool { return l.Sessions >= 10 })
	p.Set(Behaviour{})
	noBreaches(t, p)
}

func TestRepeatEvents(t *testing.T) {
	for _, repeat := range []bool{false, true} {
		acs := newACS()
		srv := acs.start(t)
		p := New(Options{ACS: srv.URL, Behaviour: Behaviour{RepeatEvents: repeat, Drop: AfterRequest, DropTimes: 1}}).Phone(0)
		acs.order(p, "GetRPCMethods", "")
		if err := p.Inform(t.Context(), "2 PERIODIC"); !errors.Is(err, ErrDropped) {
			t.Fatal(err)
		}
		if err := p.Inform(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := acs.seenInforms()[1]; (len(got.Events) == 1) != repeat || got.Retry != 1 {
			t.Errorf("repeat %v: events %q, retry %d", repeat, got.Events, got.Retry)
		}
	}
}

func TestChunkedRequests(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	p := New(Options{ACS: srv.URL, Behaviour: Behaviour{Chunked: true}}).Phone(0)
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !acs.posts[0].Chunked || acs.posts[1].Chunked {
		t.Errorf("posts = %+v; want the envelope in chunks", acs.posts)
	}
}

// TestSlowPhone measures on the fake clock of a bubble.
func TestSlowPhone(t *testing.T) {
	acs := newACS()
	length := 0
	acs.before = func(_ http.ResponseWriter, _ *http.Request, body string) bool {
		length += len(body)
		return false
	}
	slow := Behaviour{Delay: 10 * time.Second, ByteEvery: time.Second}
	bubble(t, Options{Manual: true, Behaviour: slow}, acs, func(t *testing.T, f *Fleet) {
		begun := time.Now()
		if err := f.Phone(0).Inform(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := 20*time.Second + time.Duration(length)*time.Second; time.Since(begun) != want {
			t.Errorf("session took %v; want %v", time.Since(begun), want)
		}
	})
}

func TestPadAndMaxValues(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	p := New(Options{ACS: srv.URL, Behaviour: Behaviour{PadKB: 300}}).Phone(0)
	size := 0
	acs.before = func(_ http.ResponseWriter, _ *http.Request, body string) bool {
		size = max(size, len(body))
		return false
	}
	whole := `<ParameterNames n:arrayType="x:string[1]"><string></string></ParameterNames>`
	acs.order(p, "GetParameterValues", whole)
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	if size < 300<<10 || size > 400<<10 {
		t.Errorf("%d bytes; want about 300 KB", size)
	}
	p.Set(Behaviour{MaxValues: 50})
	acs.order(p, "GetParameterValues", whole)
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := acs.lastAnswer(t).Fault; got != 9004 {
		t.Errorf("fault = %d; want 9004", got)
	}
}

// TestCleanClose has the server hang up, unannounced, between two requests.
func TestCleanClose(t *testing.T) {
	acs := newACS()
	srv := httptest.NewUnstartedServer(acs)
	srv.Config.IdleTimeout = time.Millisecond
	srv.Start()
	t.Cleanup(srv.Close)
	p := New(Options{ACS: srv.URL, Behaviour: Behaviour{Delay: 200 * time.Millisecond}}).Phone(0)
	acs.order(p, "GetRPCMethods", "")
	if err := p.Inform(t.Context()); err != nil {
		t.Fatalf("Inform = %v; want the session to go on over new connections", err)
	}
	peers := map[string]bool{}
	for _, post := range acs.posts {
		peers[post.Peer] = true
	}
	if len(peers) != 3 || len(acs.posts) != 3 {
		t.Errorf("%d connections for %d posts; want 3 and 3", len(peers), len(acs.posts))
	}
}
