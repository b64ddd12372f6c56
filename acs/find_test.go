package acs

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestFound: how a phone's later POSTs find their session.
func TestFound(t *testing.T) {
	t.Run("by cookie, over a new connection each time", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
		p := r.phone(t, "A1")
		p.client.Transport.(*http.Transport).DisableKeepAlives = true
		p.inform().want(t, 200, "InformResponse")
		id := p.post("").want(t, 200, "Reboot").env.ID
		p.send(id, &cwmp.RebootResponse{}).want(t, 204, "")
	})
	t.Run("by connection, with no cookie", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
		p := r.phone(t, "A1")
		p.forgets = true
		p.inform().want(t, 200, "InformResponse")
		id := p.post("").want(t, 200, "Reboot").env.ID
		p.send(id, &cwmp.RebootResponse{}).want(t, 204, "")
		p.post("").want(t, 204, "")
	})
	t.Run("by connection, with the cookie of another program", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
		p := r.phone(t, "A1")
		p.header.Set("Cookie", "session=deadbeef; other=1")
		p.inform().want(t, 200, "InformResponse")
		p.post("").want(t, 200, "Reboot")
	})
	t.Run("not by the connection of a trusted proxy", func(t *testing.T) {
		r := newRig(t, func(o *Options) { o.TrustedProxies = prefixes("127.0.0.1/32") }).listen(t)
		p := r.phone(t, "A1")
		p.forgets = true
		p.inform().want(t, 200, "InformResponse")
		p.send("x", &cwmp.TransferComplete{}).want(t, 400, "")
	})
	for _, said := range []string{"Via", "Forwarded", "X-Forwarded-For"} {
		t.Run("not by the connection of a proxy that nobody named: "+said, func(t *testing.T) {
			r := newRig(t, nil).listen(t)
			r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
			p := r.phone(t, "A1")
			p.header.Set(said, "198.51.100.7")
			p.inform().want(t, 200, "InformResponse")
			other := r.phone(t, "B1")
			other.client, other.header = p.client, p.header
			other.post("").want(t, 204, "")
			p.post("").want(t, 200, "Reboot") // with its cookie
		})
	}
	t.Run("not by a connection that carries several phones", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
		a, b, c := r.phone(t, "A1"), r.phone(t, "B1"), r.phone(t, "C1")
		b.client, c.client = a.client, a.client
		a.inform().want(t, 200, "InformResponse")
		b.inform().want(t, 200, "InformResponse")
		c.post("").want(t, 204, "")
		b.post("").want(t, 200, "Reboot")
		a.inform().want(t, 200, "InformResponse") // and the first one's second session is none's either
		r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
		c.post("").want(t, 204, "")
	})
	t.Run("not by connection when a cookie names an old session", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		p := r.phone(t, "A1")
		p.inform().want(t, 200, "InformResponse")
		p.header.Set("Cookie", "session="+string(newToken()))
		p.send("x", &cwmp.TransferComplete{}).want(t, 400, "")
	})
	t.Run("an old cookie on an Inform begins anew", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		p := r.phone(t, "A1")
		p.inform()
		old := p.cookie
		p.post("").want(t, 204, "")
		p.inform().want(t, 200, "InformResponse")
		if p.cookie == old {
			t.Error("the new session has the old cookie")
		}
		p.header.Set("Cookie", old+", "+p.cookie+"; Path=/") // both: the live one counts
		p.send("x", &cwmp.TransferComplete{}).want(t, 200, "TransferCompleteResponse")
	})
	t.Run("another phone's cookie on an Inform leaves that session alone", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		a, b := r.phone(t, "A1"), r.phone(t, "B1")
		a.inform()
		b.cookie = a.cookie
		b.inform().want(t, 200, "InformResponse")
		a.send("x", &cwmp.TransferComplete{}).want(t, 200, "TransferCompleteResponse")
		b.send("x", &cwmp.TransferComplete{}).want(t, 200, "TransferCompleteResponse")
	})
}

func TestForwardedAddress(t *testing.T) {
	for _, tt := range []struct{ name, trusted, forwarded, want string }{
		{"no proxy is trusted", "", "198.51.100.7", "127.0.0.1"},
		{"a trusted one", "127.0.0.0/8", "198.51.100.7", "198.51.100.7"},
		{"the last that is no proxy", "127.0.0.0/8", "10.9.9.9, 198.51.100.7, 127.0.0.3", "198.51.100.7"},
		{"nonsense behind it", "127.0.0.0/8", "198.51.100.7, what", "127.0.0.1"},
		{"nothing said", "127.0.0.0/8", "", "127.0.0.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) {
				if tt.trusted != "" {
					o.TrustedProxies = prefixes(tt.trusted)
				}
			}).listen(t)
			p := r.phone(t, "A1")
			p.header.Set("X-Forwarded-For", tt.forwarded)
			p.inform().want(t, 200, "InformResponse")
			if got := r.store.last.Address; got != tt.want {
				t.Errorf("address %q; want %q", got, tt.want)
			}
		})
	}
}

// TestSuperseded: a new Inform ends the old session, also one that is being
// worked on; what was marked sent there does not leave.
func TestSuperseded(t *testing.T) {
	t.Run("idle", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		old, now := r.phone(t, "A1"), r.phone(t, "A1")
		old.inform()
		now.inform().want(t, 200, "InformResponse")
		old.send("x", &cwmp.TransferComplete{}).want(t, 400, "")
		old.post("").want(t, 204, "")
		now.send("x", &cwmp.TransferComplete{}).want(t, 200, "TransferCompleteResponse")
		if r.count(t, "phoneacs_sessions_total", "superseded") != 1 || r.sessions.open.Load() != 1 {
			t.Error("sessions do not add up")
		}
		if r.store.owner[1] != onlySession(t, r).db.Token || r.store.ended != 0 {
			t.Error("the store lost the new owner, or was told of an end")
		}
	})
	t.Run("after its request was marked sent", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
		old, now := r.phone(t, "A1"), r.phone(t, "A1")
		old.inform()
		r.disp.onNext = func() {
			r.disp.mu.Unlock()
			defer r.disp.mu.Lock()
			now.inform().want(t, 200, "InformResponse")
		}
		if a := old.post("").want(t, 400, ""); a.text != ruleSuperseded {
			t.Errorf("refused by %q", a.text)
		}
	})
	t.Run("before its Inform is answered", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		old, now := r.phone(t, "A1"), r.phone(t, "A1")
		r.disp.onInformed = func() {
			r.disp.onInformed = nil
			now.inform().want(t, 200, "InformResponse")
		}
		if a := old.inform().want(t, 400, ""); a.text != ruleSuperseded {
			t.Errorf("refused by %q", a.text)
		}
		now.send("x", &cwmp.TransferComplete{}).want(t, 200, "TransferCompleteResponse")
	})
	t.Run("while its answer is taken", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		r.disp.queue = []cwmp.Message{&cwmp.Reboot{}}
		old, now := r.phone(t, "A1"), r.phone(t, "A1")
		old.inform()
		id := old.post("").env.ID
		r.disp.onAnswered = func() { now.inform().want(t, 200, "InformResponse") }
		if a := old.send(id, &cwmp.RebootResponse{}).want(t, 400, ""); a.text != ruleSuperseded {
			t.Errorf("refused by %q", a.text)
		}
	})
}

// TestInformsAtOnce: of many Informs of one phone the last that the store took
// has the session, and no other.
func TestInformsAtOnce(t *testing.T) {
	r := newRig(t, nil).listen(t)
	for range 20 {
		var all sync.WaitGroup
		for range maxAtGate {
			p := r.phone(t, "A1")
			all.Go(func() {
				if a := p.inform(); a.status != 200 && a.status != 400 {
					t.Errorf("answer %d %s", a.status, a.text)
				}
			})
		}
		all.Wait()
		r.stateNow()
		if r.store.owner[1] != onlySession(t, r).db.Token {
			t.Fatal("the session that is open is not the one that the store knows")
		}
	}
	if len(r.turns.gates) != 0 {
		t.Error("gates are left")
	}
}

// TestInformsInOrder: while the store takes an Inform, the next one of the same
// phone waits, and those of other phones do not.
func TestInformsInOrder(t *testing.T) {
	r := newRig(t, nil)
	post := func(serial string) <-chan int {
		done := make(chan int, 1)
		req := request(t, envelope(t, cwmp.Envelope{Body: informOf(serial)}))
		go func() {
			w := recorder()
			r.ServeHTTP(w, req)
			done <- w.Code
		}()
		return done
	}
	entered, release := make(chan struct{}), make(chan struct{})
	r.store.recorded = func(n int) {
		if n == 1 {
			close(entered)
			<-release
		}
	}
	first := post("A1")
	<-entered
	second, other := post("A1"), post("B1")
	if code := <-other; code != 200 {
		t.Errorf("another phone: %d", code)
	}
	for range 10_000 {
		runtime.Gosched()
		if len(second) > 0 {
			t.Fatal("the second Inform passed the first")
		}
	}
	close(release)
	<-first
	<-second
	if r.store.owner[1] != r.sessions.byPhone[1].db.Token {
		t.Error("the session that is open is not the one that the store knows")
	}
}

// TestPhoneHangsUp: an Inform is taken to its end although the phone has gone.
func TestPhoneHangsUp(t *testing.T) {
	r := newRig(t, nil)
	ctx, cancel := contextFor(t)
	cancel()
	r.store.hook = func(ctx context.Context, _ int) {
		if ctx.Err() != nil {
			t.Error("the store is called with a context that has ended")
		}
	}
	r.ServeHTTP(recorder(), request(t, envelope(t, cwmp.Envelope{Body: informOf("A1")})).WithContext(ctx))
	if got := r.store.history(); len(got) != 2 {
		t.Errorf("done: %q", got)
	}
}

func TestTokens(t *testing.T) {
	const a, b = "AAAAAAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBBBBBB"
	for _, tt := range []struct {
		header string
		want   []db.SessionToken
	}{
		{"session=" + a, []db.SessionToken{a}},
		{`$Version="1"; session="` + a + `"; $Path="/"`, []db.SessionToken{a}},
		{"session=" + a + "; Path=/", []db.SessionToken{a}},
		{"x=1,session=" + a + ",session=" + b, []db.SessionToken{a, b}},
		{" session = " + a + " ", []db.SessionToken{a}},
		{"session=" + strings.ToLower(a), nil},
		{"session=" + a + "A", nil},
		{"xsession=" + a, nil},
		{"session", nil},
		{";,=;", nil},
		{"", nil},
	} {
		var got []db.SessionToken
		for rest := tt.header; rest != ""; {
			var token db.SessionToken
			if token, rest = nextToken(rest); token != "" {
				got = append(got, token)
			}
		}
		if len(got) != len(tt.want) {
			t.Errorf("%q: %q; want %q", tt.header, got, tt.want)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%q: %q; want %q", tt.header, got, tt.want)
			}
		}
	}
}

// FuzzToken promises that a cookie we set is found again wherever it stands in
// a header, and that nothing else is taken for one of ours.
func FuzzToken(f *testing.F) {
	for _, s := range []string{"", "a=b", `$Version="1"`, "session=x", "a,b", "=;="} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		token := newToken()
		set, _, _ := strings.Cut(setCookie(token)[0], ";")
		found := false
		for rest := before + ";" + set + ";" + after; rest != ""; {
			var got db.SessionToken
			if got, rest = nextToken(rest); got != "" && !isToken(string(got)) {
				t.Fatalf("%q is no token", got)
			}
			found = found || got == token
		}
		if !found {
			t.Errorf("lost between %q and %q", before, after)
		}
	})
}
