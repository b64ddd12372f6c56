package acs

import (
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestSession walks a whole session: Inform, a request of the phone, two of
// ours, the end.
func TestSession(t *testing.T) {
	r := newRig(t, nil).listen(t)
	r.disp.queue = []cwmp.Message{&cwmp.GetRPCMethods{}, &cwmp.Reboot{CommandKey: "j1-p1-2-abcd"}}
	p := r.phone(t, "A1")
	a := p.inform("1 BOOT").want(t, 200, "InformResponse")
	if a.env.ID != "i1" || a.env.Namespace != cwmp.NS1_0 || a.env.UseVersion != 0 {
		t.Errorf("header of InformResponse: %+v", a.env)
	}
	if got := a.env.Body.(*cwmp.InformResponse).MaxEnvelopes; got != 1 {
		t.Errorf("MaxEnvelopes = %d; want 1", got)
	}
	if a.header.Get("Content-Type") != "text/xml; charset=utf-8" || a.header.Get("Content-Length") == "" {
		t.Errorf("headers: %v", a.header)
	}
	if !strings.HasSuffix(a.header.Get("Set-Cookie"), "; Path=/") {
		t.Errorf("cookie: %q", a.header.Get("Set-Cookie"))
	}
	p.send("t1", &cwmp.TransferComplete{CommandKey: "k"}).want(t, 200, "TransferCompleteResponse")
	first := p.post("").want(t, 200, "GetRPCMethods")
	second := p.send(first.env.ID, &cwmp.GetRPCMethodsResponse{Methods: []string{"Reboot"}}).want(t, 200, "Reboot")
	if first.env.ID == second.env.ID || first.env.ID == "" || len(first.env.ID) > 32 {
		t.Errorf("ids %q and %q", first.env.ID, second.env.ID)
	}
	if second.header.Get("Set-Cookie") != a.header.Get("Set-Cookie") {
		t.Error("the cookie is not repeated")
	}
	last := p.send(second.env.ID, &cwmp.RebootResponse{}).want(t, 204, "")
	if last.header.Get("Connection") != "" {
		t.Error("204 closes the connection")
	}
	p.post("").want(t, 204, "")
	p.post("").want(t, 204, "")
	want := []string{
		"inform A1", "informed A1", "completed k", "next GetRPCMethods 1", "answered 1 GetRPCMethodsResponse",
		"next Reboot 2", "answered 2 RebootResponse",
	}
	if diff := cmp.Diff(want, r.store.history()); diff != "" {
		t.Error(diff)
	}
	if r.count(t, "phoneacs_sessions_total", "done") != 1 || r.count(t, "phoneacs_sessions_open", "") != 0 {
		t.Error("metrics do not show one session done")
	}
	if r.store.ended != 1 {
		t.Errorf("EndSession called %d times", r.store.ended)
	}
}

func TestInformRecorded(t *testing.T) {
	r := newRig(t, nil).listen(t)
	p := r.phone(t, "A1")
	p.header.Set("Host", "ignored")
	p.inform("1 BOOT", "M Reboot").want(t, 200, "InformResponse")
	got := r.store.last
	if got.OUI != "0C383E" || got.Serial != "A1" || got.Vendor != "fanvil" || got.SoftwareVersion != "2.4.11" ||
		got.HardwareVersion != "v1.0" || got.ConnectionRequestURL != "http://127.0.0.1:7547/x" ||
		got.CWMP != "1.0" || got.Address != "127.0.0.1" || !slices.Equal(got.Events, []string{"1 BOOT", "M Reboot"}) {
		t.Errorf("recorded %+v", got)
	}
	secret := got.Parameters[3]
	if secret.Value != "" || secret.Type != db.TypeMasked {
		t.Errorf("secret parameter recorded as %+v", secret)
	}
	if plain := got.Parameters[1]; plain.Value != "2.4.11" || plain.Type != "string" {
		t.Errorf("plain parameter recorded as %+v", plain)
	}
}

func TestVersions(t *testing.T) {
	for _, tt := range []struct {
		name   string
		env    cwmp.Envelope
		use    cwmp.Version
		stored string
	}{
		{"1.0 by namespace", cwmp.Envelope{Namespace: cwmp.NS1_0}, 0, "1.0"},
		{"1.2 by namespace", cwmp.Envelope{Namespace: cwmp.NS1_2}, 0, "1.2"},
		{"1.3 by session timeout", cwmp.Envelope{Namespace: cwmp.NS1_2, SessionTimeout: 40}, 0, "1.3"},
		{"namespace of no standard", cwmp.Envelope{Namespace: cwmp.NS1_3}, 0, "1.3"},
		{"versions offered", cwmp.Envelope{Namespace: cwmp.NS1_2, SupportedVersions: []cwmp.Version{cwmp.V1_2, cwmp.V1_4, cwmp.V1_0}}, cwmp.V1_4, "1.4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil).listen(t)
			r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
			p := r.phone(t, "A1")
			tt.env.Body, tt.env.ID = informOf("A1", "2 PERIODIC"), " x "
			a := p.post(envelope(t, tt.env)).want(t, 200, "InformResponse")
			if a.env.UseVersion != tt.use || a.env.Namespace != tt.env.Namespace || a.env.ID != " x " {
				t.Errorf("answer %+v", a.env)
			}
			if r.store.last.CWMP != tt.stored {
				t.Errorf("stored %q; want %q", r.store.last.CWMP, tt.stored)
			}
			if a := p.post("").want(t, 200, "Reboot"); a.env.Namespace != tt.env.Namespace {
				t.Errorf("request in namespace %q", a.env.Namespace)
			}
		})
	}
}

// TestVersionsNotKnown: what a phone offers beside a version that is known does
// not matter; with none, nothing of its Inform is kept.
func TestVersionsNotKnown(t *testing.T) {
	for _, tt := range []struct {
		offer string
		fault bool
		use   cwmp.Version
	}{
		{"1.5", true, 0},
		{"2.0, 1.5,x", true, 0},
		{"1.5,1.2,1.3,2.0", false, cwmp.V1_3},
		{"1.4", false, cwmp.V1_4},
		{"", false, 0},
		{" , ", false, 0},
	} {
		t.Run(tt.offer, func(t *testing.T) {
			r := newRig(t, nil).listen(t)
			text := envelope(t, cwmp.Envelope{Namespace: cwmp.NS1_2, SupportedVersions: []cwmp.Version{cwmp.V1_0}, Body: informOf("A1", "2 PERIODIC")})
			a := r.phone(t, "A1").post(strings.Replace(text, ">1.0</cwmp:Supported", ">"+tt.offer+"</cwmp:Supported", 1))
			if !tt.fault {
				if a.want(t, 200, "InformResponse"); a.env.UseVersion != tt.use {
					t.Errorf("uses %v; want %v", a.env.UseVersion, tt.use)
				}
				return
			}
			f, ok := a.env.Body.(*cwmp.Fault)
			if !ok || f.Code != cwmp.FaultVersionIncompatible || a.env.UseVersion != 0 || a.header.Get("Set-Cookie") != "" {
				t.Errorf("answer %+v", a.env)
			}
			if len(r.store.phones) != 0 {
				t.Error("the phone was recorded")
			}
		})
	}
}

func TestEnrol(t *testing.T) {
	for _, tt := range []struct {
		enrol Enrol
		fault cwmp.FaultCode
		asked bool
	}{
		{EnrolOpen, 0, true},
		{EnrolApprove, 0, false},
		{EnrolList, cwmp.FaultRequestDeniedACS, false},
	} {
		t.Run(string(tt.enrol), func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.Enrol = tt.enrol }).listen(t)
			r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
			p := r.phone(t, "A1")
			a := p.inform("0 BOOTSTRAP")
			if tt.fault != 0 {
				a.want(t, 200, "Fault")
				if got := a.env.Body.(*cwmp.Fault).Code; got != tt.fault || a.env.ID != "i1" {
					t.Errorf("fault %d to %q; want %d", got, a.env.ID, tt.fault)
				}
				if a.header.Get("Set-Cookie") != "" || r.sessions.open.Load() != 0 {
					t.Error("a refused phone has a session")
				}
				return
			}
			a.want(t, 200, "InformResponse")
			p.send("t", &cwmp.TransferComplete{}).want(t, 200, "TransferCompleteResponse")
			if tt.asked {
				p.post("").want(t, 200, "Reboot")
			} else {
				p.post("").want(t, 204, "")
			}
		})
	}
}

// TestBaseURL checks what the dispatcher is told of how the phone reaches us.
func TestBaseURL(t *testing.T) {
	for _, tt := range []struct{ name, public, host, proto, want string }{
		{"as asked for", "", "acs.example:7547", "", "http://acs.example:7547"},
		{"configured", "https://acs.example/", "other", "", "https://acs.example"},
		{"behind a proxy with TLS", "", "acs.example", "https", "https://acs.example"},
		{"odd host", "", "a\"b", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) {
				o.PublicURL = tt.public
				if tt.proto != "" {
					o.TrustedProxies = prefixes("127.0.0.0/8")
				}
			})
			req := request(t, envelope(t, cwmp.Envelope{Body: informOf("A1")}))
			req.Host = tt.host
			req.Header.Set("X-Forwarded-Proto", tt.proto)
			r.ServeHTTP(recorder(), req)
			got := onlySession(t, r).db.BaseURL
			if tt.want == "" {
				tt.want = "http://192.0.2.1:80" // the address the request came in on
			}
			if got != tt.want {
				t.Errorf("base URL %q; want %q", got, tt.want)
			}
		})
	}
}

// TestSilence: a session ends when its phone has said nothing for the time
// that it or we have set.
func TestSilence(t *testing.T) {
	r := newRig(t, nil).listen(t)
	quick, slow := r.phone(t, "A1"), r.phone(t, "A2")
	quick.inform().want(t, 200, "InformResponse")
	slow.post(envelope(t, cwmp.Envelope{SessionTimeout: 300, Body: informOf("A2")})).want(t, 200, "InformResponse")
	r.clock.Advance(59 * time.Second)
	r.sweep(r.clock.Now())
	if n := r.sessions.open.Load(); n != 2 {
		t.Fatalf("%d sessions open after 59 s; want 2", n)
	}
	r.clock.Advance(2 * time.Second)
	r.sweep(r.clock.Now())
	if r.sessions.talking(1) || !r.sessions.talking(2) {
		t.Error("after 61 s the phone that asked for 300 s should be the only one")
	}
	quick.send("x", &cwmp.RebootResponse{}).want(t, 400, "")
	if r.count(t, "phoneacs_sessions_total", "silent") != 1 {
		t.Error("no session counted as silent")
	}
}

// TestRunSweeps: Run ends silent sessions by its own clock.
func TestRunSweeps(t *testing.T) {
	r := newRig(t, nil).listen(t)
	r.phone(t, "A1").inform().want(t, 200, "InformResponse")
	ran := make(chan error, 1)
	ctx, cancel := contextFor(t)
	go func() { ran <- r.Run(ctx) }()
	if err := r.clock.BlockUntilContext(ctx, 1); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(2 * time.Minute)
	<-r.sessions.none()
	cancel()
	if err := <-ran; err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestDrain(t *testing.T) {
	r := newRig(t, nil).listen(t)
	p, late := r.phone(t, "A1"), r.phone(t, "A2")
	p.inform().want(t, 200, "InformResponse")
	done := make(chan error, 1)
	ctx, cancel := contextFor(t)
	defer cancel()
	go func() { done <- r.Drain(ctx) }()
	for !r.draining.Load() {
		runtime.Gosched()
	}
	if a := late.inform().want(t, 503, ""); a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	p.post("").want(t, 204, "")
	if err := <-done; err != nil {
		t.Errorf("Drain = %v", err)
	}
}

func TestDrainGivesUp(t *testing.T) {
	r := newRig(t, nil).listen(t)
	r.phone(t, "A1").inform().want(t, 200, "InformResponse")
	ctx, cancel := contextFor(t)
	cancel()
	if err := r.Drain(ctx); err == nil || !strings.Contains(err.Error(), "1 sessions open") {
		t.Errorf("Drain = %v; want the sessions that were left", err)
	}
}

// TestRequests checks the answer to each request of a phone.
func TestRequests(t *testing.T) {
	r := newRig(t, nil).listen(t)
	p := r.phone(t, "A1")
	p.inform().want(t, 200, "InformResponse")
	for _, m := range []cwmp.Message{
		&cwmp.GetRPCMethods{}, &cwmp.TransferComplete{}, &cwmp.AutonomousTransferComplete{}, &cwmp.RequestDownload{},
		&cwmp.Kicked{}, &cwmp.DUStateChangeComplete{Results: []cwmp.DUResult{{CurrentState: "Installed"}}},
		&cwmp.AutonomousDUStateChangeComplete{Results: []cwmp.DUResult{{CurrentState: "Failed", OperationPerformed: "Update"}}},
	} {
		if a := p.send("r", m).want(t, 200, m.RPC()+"Response"); a.env.ID != "r" {
			t.Errorf("%s: id %q", m.RPC(), a.env.ID)
		}
	}
	a := p.send("u", &cwmp.Unknown{Name: "X_ACME_Sing", Raw: []byte("<cwmp:X_ACME_Sing/>")}).want(t, 200, "Fault")
	if got := a.env.Body.(*cwmp.Fault).Code; got != cwmp.FaultMethodNotSupportedACS || a.env.ID != "u" {
		t.Errorf("fault %d to %q", got, a.env.ID)
	}
	got := p.send("g", &cwmp.GetRPCMethods{}).env.Body.(*cwmp.GetRPCMethodsResponse).Methods
	if !slices.Contains(got, "TransferComplete") || !slices.Contains(got, "Inform") {
		t.Errorf("methods %q", got)
	}
	p.post("").want(t, 204, "")
}

// TestCannotEncode: a request that no XML can carry is reported as ours, and
// the next one goes out instead.
func TestCannotEncode(t *testing.T) {
	r := newRig(t, nil).listen(t)
	r.disp.queue = []cwmp.Message{&cwmp.Reboot{CommandKey: "\x01"}, &cwmp.Reboot{CommandKey: "ok"}}
	p := r.phone(t, "A1")
	p.inform()
	a := p.post("").want(t, 200, "Reboot")
	if key := a.env.Body.(*cwmp.Reboot).CommandKey; key != "ok" {
		t.Errorf("sent %q", key)
	}
	f, ok := r.disp.answers[0].(*cwmp.Fault)
	if !ok || f.Code != cwmp.FaultInternalErrorACS {
		t.Errorf("the first was answered %+v", r.disp.answers[0])
	}
}

// TestEndless: a session that comes to no end is ended.
func TestEndless(t *testing.T) {
	r := newRig(t, nil).listen(t)
	r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
	p := r.phone(t, "A1")
	p.inform()
	onlySession(t, r).rpcs.Store(maxRPCs)
	p.post("").want(t, 204, "")
	p.inform()
	p.post("").want(t, 200, "Reboot")
}

func TestHTTPMethod(t *testing.T) {
	r := newRig(t, nil).listen(t)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut} {
		req, err := http.NewRequestWithContext(t.Context(), method, r.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := r.phone(t, "").do(req).want(t, 405, ""); a.header.Get("Allow") != "POST" {
			t.Errorf("%s: Allow %q", method, a.header.Get("Allow"))
		}
	}
}

// onlySession returns the one session that is open.
func onlySession(t *testing.T, r *rig) *session {
	t.Helper()
	for _, s := range r.sessions.byToken {
		return s
	}
	t.Fatal("no session")
	return nil
}

var _ Store = (db.Store)(nil)

// TestLoginInURL: a login that a phone puts in a URL is no part of it, for the
// store and for whoever wakes the phone.
func TestLoginInURL(t *testing.T) {
	r := newRig(t, nil).listen(t)
	in := informOf("A1", "1 BOOT")
	in.Parameters[2].Value = " http://acs:hush@127.0.0.1:7547/x "
	in.Parameters = append(in.Parameters, cwmp.ParameterValue{Name: "Device.ManagementServer.URL", Value: "http://u:hush@acs.example/acs?a@b"})
	r.phone(t, "A1").send("i", in).want(t, 200, "InformResponse")
	got := r.store.last
	if got.ConnectionRequestURL != "http://127.0.0.1:7547/x" || got.Parameters[4].Value != "http://acs.example/acs?a@b" {
		t.Errorf("recorded %q, %q", got.ConnectionRequestURL, got.Parameters[4].Value)
	}
	for _, p := range got.Parameters {
		if strings.Contains(p.Value, "hush") {
			t.Errorf("recorded %+v", p)
		}
	}
}
