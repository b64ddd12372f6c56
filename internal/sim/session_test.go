package sim

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFirstContact(t *testing.T) {
	for _, name := range Models() {
		t.Run(name, func(t *testing.T) {
			acs := newACS()
			srv := acs.start(t)
			f := run(t, New(Options{ACS: srv.URL + "/acs", Models: []string{name}, Seed: 7}))
			p := f.Phone(0)
			await(t, p, "first session", func(l Ledger) bool { return l.Sessions == 1 })

			in := acs.seenInforms()[0]
			if want := []string{"0 BOOTSTRAP", "1 BOOT"}; !slices.Equal(in.Events, want) {
				t.Errorf("events = %q; want %q", in.Events, want)
			}
			if in.OUI != "0C383E" || in.Class != name || in.Serial != "00100400FV02001000000c383e000001" {
				t.Errorf("identity = %s %s %s", in.OUI, in.Class, in.Serial)
			}
			if len(in.Params) != 8 || in.Retry != 0 {
				t.Errorf("%d parameters, retry %d; want 8 and 0", len(in.Params), in.Retry)
			}
			if url := in.Params[p.Root()+"ManagementServer.ConnectionRequestURL"]; !strings.HasPrefix(url, "http://127.0.0.1:") {
				t.Errorf("connection request url = %q", url)
			}
			if n := len(p.model.params); n < 60 {
				t.Errorf("%d parameters; want at least 60", n)
			}
			noBreaches(t, p)
		})
	}
}

func TestSessionOnTheWire(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	f := New(Options{ACS: srv.URL, Models: []string{"X6"}, Manual: true, Phones: 1})
	p := f.Phone(0)
	acs.order(p, "GetRPCMethods", "")
	for range 2 {
		if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
			t.Fatal(err)
		}
	}
	if len(acs.posts) != 5 {
		t.Fatalf("%d posts; want 3 and 2", len(acs.posts))
	}
	for i, want := range []seenPost{
		{ContentType: "text/xml; charset=utf-8", SOAPAction: []string{""}},
		{Cookie: "sid=s1", Empty: true},
		{Cookie: "sid=s1", ContentType: "text/xml; charset=utf-8", SOAPAction: []string{""}},
		{ContentType: "text/xml; charset=utf-8", SOAPAction: []string{""}},
		{Cookie: "sid=s4", Empty: true},
	} {
		got := acs.posts[i]
		got.Peer = ""
		if got.Cookie != want.Cookie || got.Empty != want.Empty || got.ContentType != want.ContentType || !slices.Equal(got.SOAPAction, want.SOAPAction) {
			t.Errorf("post %d = %+v; want %+v", i, got, want)
		}
	}
	if acs.posts[0].Peer != acs.posts[2].Peer || acs.posts[2].Peer == acs.posts[3].Peer {
		t.Error("want one connection a session, and another for the next")
	}
	if got := acs.lastAnswer(t); got.Method != "GetRPCMethodsResponse" || !slices.Equal(got.Names, rpcs) {
		t.Errorf("answer = %+v", got)
	}
	noBreaches(t, p)
}

func TestVersions(t *testing.T) {
	for version, ns := range namespaces {
		acs := newACS()
		srv := acs.start(t)
		var header string
		acs.before = func(_ http.ResponseWriter, _ *http.Request, body string) bool {
			if strings.Contains(body, "Inform>") {
				header = body
			}
			return false
		}
		p := New(Options{ACS: srv.URL, Version: version}).Phone(0)
		if err := p.Inform(t.Context()); err != nil {
			t.Fatalf("%s: %v", version, err)
		}
		if !strings.Contains(header, `"`+ns+`"`) {
			t.Errorf("%s: namespace %s missing", version, ns)
		}
		if got := strings.Contains(header, "SupportedCWMPVersions"); got != (version == "1.4") {
			t.Errorf("%s: SupportedCWMPVersions = %v", version, got)
		}
	}
}

func TestAuthentication(t *testing.T) {
	const user, password = "0C383E-X6-00100400FV02001000000c383e000001", "s3cret"
	for _, tt := range []struct {
		name       string
		challenges []string
		check      func(authorization string) bool
		err        error
	}{
		{"digest with qop", []string{`Digest realm="r", nonce="n1", qop="auth,auth-int", algorithm=MD5`}, digestOK(user, password), nil},
		{"digest of rfc 2069", []string{`Digest realm="r", nonce="n1"`}, digestOK(user, password), nil},
		{"md5-sess", []string{`Digest realm="r", nonce="n1", qop="auth", algorithm=MD5-sess, opaque="o"`}, digestOK(user, password), nil},
		{"sha-256 beside basic", []string{`Basic realm="r"`, `Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256`}, digestOK(user, password), nil},
		{"basic", []string{`Basic realm="r"`}, func(a string) bool {
			return a == "Basic MEMzODNFLVg2LTAwMTAwNDAwRlYwMjAwMTAwMDAwMGMzODNlMDAwMDAxOnMzY3JldA=="
		}, nil},
		{"refused", []string{`Digest realm="r", nonce="n1", qop="auth"`}, func(string) bool { return false }, ErrAuth},
		{"unknown scheme", []string{`Bearer realm="r"`}, func(string) bool { return false }, ErrAuth},
		{"unknown algorithm", []string{`Digest realm="r", nonce="n1", algorithm=SHA-512`}, func(string) bool { return false }, ErrAuth},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acs := newACS()
			srv := acs.start(t)
			asked := 0
			acs.before = func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if tt.check(r.Header.Get("Authorization")) {
					return false
				}
				asked++
				for _, c := range tt.challenges {
					w.Header().Add("WWW-Authenticate", c)
				}
				w.WriteHeader(http.StatusUnauthorized)
				return true
			}
			p := New(Options{ACS: srv.URL + "/a?b=c", Models: []string{"X6"}, Password: password}).Phone(0)
			if err := p.Inform(t.Context()); !errors.Is(err, tt.err) {
				t.Fatalf("Inform = %v; want %v", err, tt.err)
			}
			if tt.err == nil && (asked != 1 || acs.posts[0].Peer != acs.posts[1].Peer) {
				t.Errorf("challenged %d times; want one challenge and one connection", asked)
			}
		})
	}
}

// digestOK checks an Authorization, and that its count rises.
func digestOK(user, password string) func(string) bool {
	last := ""
	return func(header string) bool {
		d, ok := parseDigest(header)
		want, known := d.sum(password, "POST")
		if !ok || !known || d.user != user || d.uri != "/a?b=c" || d.response != want || d.qop != "" && d.nc <= last {
			return false
		}
		last = d.nc
		return true
	}
}

func TestRedirects(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	hops := 0
	first := http.NewServeMux()
	first.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		hops++
		if r.URL.Path == "/here" {
			http.Redirect(w, r, "/there", http.StatusFound)
			return
		}
		http.Redirect(w, r, srv.URL, http.StatusTemporaryRedirect)
	})
	p := New(Options{ACS: newServer(t, first) + "/here"}).Phone(0)
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	if hops != 2 || len(acs.seenInforms()) != 1 {
		t.Errorf("%d hops, %d informs; want 2 and 1", hops, len(acs.seenInforms()))
	}

	loop := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) })
	p = New(Options{ACS: newServer(t, loop)}).Phone(0)
	if err := p.Inform(t.Context()); !errors.Is(err, errHTTP) {
		t.Errorf("endless redirects: %v; want %v", err, errHTTP)
	}
}

func TestFaultOnRequest(t *testing.T) {
	for _, tt := range []struct {
		name, code string
		times      int
		want       string // failure cause, "" for none
	}{
		{"8005 is tried again", "8005", 2, ""},
		{"8005 for ever", "8005", 100, "fault.8005"},
		{"8001 ends the session", "8001", 1, "fault.8001"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acs := newACS()
			srv := acs.start(t)
			left := tt.times
			var ids []string
			acs.before = func(w http.ResponseWriter, _ *http.Request, body string) bool {
				if _, rest, ok := strings.Cut(body, `mustUnderstand="1">`); ok && left > 0 {
					left--
					id, _, _ := strings.Cut(rest, "<")
					ids = append(ids, id)
					reply200(w, faultEnvelope("1.0", id, tt.code))
					return true
				}
				return false
			}
			f := New(Options{ACS: srv.URL, Version: "1.0"})
			err := f.Phone(0).Inform(t.Context())
			if tt.want == "" && err != nil || tt.want != "" && f.Stats().Failures[tt.want] != 1 {
				t.Errorf("Inform = %v, failures %v; want %q", err, f.Stats().Failures, tt.want)
			}
			if len(slices.Compact(ids)) != 1 {
				t.Errorf("message ids %q; want the same message again", ids)
			}
		})
	}
}

func faultEnvelope(version, id, code string) string {
	return envelopeOf(namespaces[version], id, "<e:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring><detail><c:Fault><FaultCode>"+
		code+"</FaultCode><FaultString>no</FaultString></c:Fault></detail></e:Fault>")
}

func TestInformWaitsForTheOpenSession(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	acs.before = func(_ http.ResponseWriter, _ *http.Request, body string) bool {
		if strings.Contains(body, "1 BOOT") {
			close(entered)
			<-leave
		}
		return false
	}
	p := New(Options{ACS: srv.URL}).Phone(0)
	done := make(chan error, 2)
	go func() { done <- p.Inform(t.Context(), "1 BOOT") }()
	<-entered
	go func() { done <- p.Inform(t.Context(), "8 DIAGNOSTICS COMPLETE") }()
	close(leave)
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if n := len(acs.seenInforms()); n != 2 {
		t.Errorf("%d informs; want 2", n)
	}
}

func TestManualEvents(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	p := New(Options{ACS: srv.URL}).Phone(0)
	if err := p.Inform(t.Context(), "M X_FANVIL_Do=k 1", "X 0C383E Door", "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	want := []string{"2 PERIODIC", "M X_FANVIL_Do=k 1", "X 0C383E Door"}
	if got := acs.seenInforms()[0].Events; !slices.Equal(got, want) {
		t.Errorf("events = %q; want %q", got, want)
	}
}

func TestPeriodicInforms(t *testing.T) {
	acs := newACS()
	srv := acs.start(t)
	f := run(t, New(Options{ACS: srv.URL, PeriodicInterval: 20 * time.Millisecond, Known: true}))
	await(t, f.Phone(0), "five sessions", func(l Ledger) bool { return l.Sessions >= 5 })
	for i, in := range acs.seenInforms()[:5] {
		want := []string{"2 PERIODIC"}
		if i == 0 {
			want = []string{"1 BOOT"}
		}
		if !slices.Equal(in.Events, want) && !slices.Equal(in.Events, []string{"1 BOOT", "2 PERIODIC"}) {
			t.Errorf("inform %d: events %q; want %q", i, in.Events, want)
		}
	}
}
