package acs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/icholy/digest"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// wakeRig is a server that knows one phone, with a connection request server
// on a real socket. Serve answers one request: it gets the request line and
// headers and returns what to send, raw, and whether to close then.
func wakeRig(t *testing.T, serve func(conn int, request string) (answer string, last bool)) *rig {
	t.Helper()
	return wakeRigWith(t, serve, func(*Options) {})
}

func wakeRigWith(t *testing.T, serve func(conn int, request string) (answer string, last bool), more func(*Options)) *rig {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for n := 1; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { answerAll(conn, n, serve) })
		}
	})
	r := newRig(t, func(o *Options) {
		o.PhoneNetworks = prefixes("127.0.0.0/8")
		more(o)
	})
	r.know("http://" + l.Addr().String() + "/cr?x=1")
	return r
}

// know puts a phone into the store.
func (r *rig) know(url string) {
	r.store.phones[1] = &db.PhoneStatus{Phone: db.Phone{ID: 1, State: db.PhoneApproved, ConnectionRequestURL: url}}
	r.store.logins[1] = db.Credentials{ConnectionRequest: db.Login{User: "u", Password: "secret"}}
}

func answerAll(conn net.Conn, n int, serve func(int, string) (string, bool)) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		var request strings.Builder
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if line == "\r\n" {
				break
			}
			request.WriteString(line)
		}
		answer, last := serve(n, request.String())
		if _, err := io.WriteString(conn, answer); err != nil || last {
			return
		}
	}
}

const (
	ok200   = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	plain   = `Digest realm="phone", nonce="n1"`
	withQOP = `Digest realm="phone", nonce="n1", qop="auth,auth-int", opaque="o", algorithm=MD5`
)

func denied(challenge string) string {
	return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: " + challenge + "\r\nContent-Length: 2\r\n\r\nno"
}

// proves reports whether a request carries the right answer to a challenge.
func proves(t *testing.T, request, challenge string) bool {
	t.Helper()
	_, header, found := strings.Cut(request, "\r\nAuthorization: ")
	if !found {
		return false
	}
	header, _, _ = strings.Cut(header, "\r\n")
	got, err := digest.ParseCredentials(header)
	if err != nil {
		t.Error(err)
		return false
	}
	c, err := digest.ParseChallenge(challenge)
	if err != nil {
		t.Error(err)
		return false
	}
	want, err := digest.Digest(c, digest.Options{
		Method: "GET", URI: "/cr?x=1", Username: "u", Password: "secret", Count: got.Nc, Cnonce: got.Cnonce,
	})
	if err != nil {
		t.Error(err)
		return false
	}
	if len(c.QOP) == 0 && (got.QOP != "" || got.Cnonce != "") {
		t.Errorf("qop or cnonce to a challenge without: %s", header)
	}
	return got.Response == want.Response && got.Username == "u" && got.URI == "/cr?x=1"
}

// digester is a server that asks for a proof, and takes it.
func digester(t *testing.T, challenge string) func(int, string) (string, bool) {
	return func(_ int, request string) (string, bool) {
		if proves(t, request, challenge) {
			return ok200, false
		}
		return denied(challenge), false
	}
}

func TestWake(t *testing.T) {
	sha := `Digest realm="phone", nonce="n1", qop="auth", algorithm=SHA-256`
	for _, tt := range []struct {
		name   string
		serve  func(conn int, request string) (string, bool)
		result string // "": woken
		words  string // of the sentence
	}{
		{name: "no authentication", serve: always(ok200)},
		{name: "204", serve: always("HTTP/1.1 204 No Content\r\n\r\n")},
		{name: "digest without qop", serve: digester(t, plain)},
		{name: "digest with qop", serve: digester(t, withQOP)},
		{name: "digest with SHA-256", serve: digester(t, sha)},
		{name: "a new nonce after a stale one", serve: func(_ int, request string) (string, bool) {
			fresh := strings.Replace(withQOP, "n1", "n2", 1)
			switch {
			case proves(t, request, fresh):
				return ok200, false
			case proves(t, request, withQOP):
				return denied(fresh + ", stale=true"), false
			}
			return denied(withQOP), false
		}},
		{name: "the connection closes after 401", serve: func(_ int, request string) (string, bool) {
			if proves(t, request, plain) {
				return ok200, true
			}
			return denied(plain), true
		}},
		{name: "only the first connection is taken", serve: func(conn int, request string) (string, bool) {
			if conn == 1 && proves(t, request, plain) {
				return ok200, false
			}
			return denied(plain), false
		}},
		{name: "only a new connection is taken", serve: func(conn int, request string) (string, bool) {
			switch {
			case conn == 2 && proves(t, request, plain):
				return ok200, true
			case conn == 1 && strings.Contains(request, "Authorization"):
				return "", true // hangs up on the second request
			}
			return denied(plain), false
		}},
		{name: "the first connection refuses what a new one takes", serve: func(conn int, request string) (string, bool) {
			if conn == 2 && proves(t, request, plain) {
				return ok200, false
			}
			return denied(plain), false
		}},
		{name: "lines end in LF, no length, folded header", serve: func(_ int, request string) (string, bool) {
			if proves(t, request, plain) {
				return "HTTP/1.0 200 OK\n\n", true
			}
			return "HTTP/1.0 401 no\nWWW-Authenticate: Digest realm=\"phone\",\n  nonce=\"n1\"\n\n", true
		}},
		{name: "spaces for commas, no quotes", serve: func(_ int, request string) (string, bool) {
			if proves(t, request, plain) {
				return ok200, false
			}
			return denied(`Digest realm=phone  nonce="n1" algorithm=MD5`), false
		}},
		{name: "Basic is offered too", serve: func(_ int, request string) (string, bool) {
			if proves(t, request, plain) {
				return ok200, false
			}
			return denied(`Basic realm="phone", ` + plain), false
		}},
		{name: "headers have no end", serve: always2("HTTP/1.1 200 OK\r\nServer: x\r\n")},
		{name: "no line end at all", serve: always2("HTTP/1.1 200 OK")},
		{name: "an endless header after 200", serve: always2("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20))},

		{name: "wrong password", serve: always(denied(plain)), result: "unauthorised", words: "connection-request password is not ours"},
		{name: "stale for ever", serve: always(denied(plain + ", stale=true")), result: "unauthorised", words: "401"},
		{name: "only Basic", serve: always(denied(`Basic realm="x"`)), result: "challenge", words: "Basic"},
		{name: "an algorithm nobody knows", serve: always(denied(`Digest realm="x", nonce="n", algorithm=ROT13`)), result: "challenge", words: "ROT13"},
		{name: "401 without a challenge", serve: always("HTTP/1.1 401 no\r\nContent-Length: 0\r\n\r\n"), result: "challenge", words: "did not say how"},
		{name: "redirect", serve: always("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), result: "redirect", words: "302"},
		{name: "another URL", serve: always("HTTP/1.1 404 no\r\nContent-Length: 0\r\n\r\n"), result: "not_found", words: "next Inform"},
		{name: "busy", serve: always("HTTP/1.1 503 busy\r\nContent-Length: 0\r\n\r\n"), result: "busy", words: "busy"},
		{name: "forbidden", serve: always("HTTP/1.1 403 no\r\n\r\n"), result: "unauthorised", words: "403"},
		{name: "500", serve: always("HTTP/1.1 500 no\r\n\r\n"), result: "status", words: "500"},
		{name: "not HTTP", serve: always2("220 ftp ready\r\n"), result: "not_http", words: "no connection request server"},
		{name: "no answer", serve: always2(""), result: "broken", words: "broke off"},
		{name: "an endless line", serve: always2(strings.Repeat("x", 1<<20)), result: "broken", words: "broke off"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := wakeRig(t, tt.serve)
			err := r.Wake(t.Context(), 1)
			label := tt.result
			if label == "" {
				label = wakeOK
			}
			if r.count(t, "phoneacs_wakes_total", label) != 1 {
				t.Errorf("not counted as %s", label)
			}
			if tt.result == "" {
				if err != nil || r.store.wakes[0] != "" {
					t.Errorf("Wake = %v, recorded %q", err, r.store.wakes)
				}
				return
			}
			var w *WakeError
			if !errors.As(err, &w) || w.Result != tt.result || !strings.Contains(w.Sentence, tt.words) {
				t.Fatalf("Wake = %#v; want %s with %q", err, tt.result, tt.words)
			}
			if r.store.wakes[0] != w.Sentence || strings.Contains(w.Sentence, "secret") {
				t.Errorf("recorded %q", r.store.wakes)
			}
		})
	}
}

func always(answer string) func(int, string) (string, bool) {
	return func(int, string) (string, bool) { return answer, false }
}

// always2 also hangs up.
func always2(answer string) func(int, string) (string, bool) {
	return func(int, string) (string, bool) { return answer, true }
}

// TestWakeDefaults: a phone without credentials of its own has its vendor's.
func TestWakeDefaults(t *testing.T) {
	user := ""
	r := wakeRig(t, func(_ int, request string) (string, bool) {
		if _, header, found := strings.Cut(request, "Authorization: "); found {
			header, _, _ = strings.Cut(header, "\r\n")
			if c, err := digest.ParseCredentials(header); err == nil {
				user = c.Username
			}
			return ok200, true
		}
		return denied(plain), true
	})
	r.store.phones[1].Vendor = "fanvil"
	delete(r.store.logins, 1)
	if err := r.Wake(t.Context(), 1); err != nil || user != "dps" {
		t.Errorf("Wake = %v with user %q", err, user)
	}
}

// A phone may have taken the login that was issued to it, or still have the
// one before: it is asked as both, first as the one that it said it has.
func TestWakeAsNext(t *testing.T) {
	has, next := db.Login{User: "old", Password: "old-password"}, db.Login{User: "new", Password: "new-password"}
	for _, tt := range []struct {
		name  string
		taken bool
		knows string // whom the phone lets ask
		asked string
		ok    bool
	}{
		{"has the one before", false, "old", "old", true},
		{"has taken it and not told", false, "new", "old new", true},
		{"has told that it took it", true, "new", "new", true},
		{"has told and uses it later", true, "old", "new old", true},
		{"has neither", false, "", "old new", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			var asked []string
			r := wakeRig(t, func(_ int, request string) (string, bool) {
				_, header, found := strings.Cut(request, "Authorization: ")
				if !found {
					return denied(plain), true
				}
				header, _, _ = strings.Cut(header, "\r\n")
				c, err := digest.ParseCredentials(header)
				if err != nil {
					t.Error(err)
					return ok200, true
				}
				mu.Lock()
				defer mu.Unlock()
				if len(asked) == 0 || asked[len(asked)-1] != c.Username {
					asked = append(asked, c.Username)
				}
				if c.Username == tt.knows {
					return ok200, true
				}
				return denied(plain), true
			})
			r.store.logins[1] = db.Credentials{ConnectionRequest: has, ConnectionRequestNext: next, ConnectionRequestTaken: tt.taken}
			err := r.Wake(t.Context(), 1)
			if mu.Lock(); (err == nil) != tt.ok || strings.Join(asked, " ") != tt.asked {
				t.Errorf("Wake = %v, asked as %q; want %q", err, asked, tt.asked)
			}
			mu.Unlock()
		})
	}
}

func TestNotWoken(t *testing.T) {
	t.Run("talking already", func(t *testing.T) {
		r := newRig(t, nil).listen(t)
		r.phone(t, "A1").inform()
		if err := r.Wake(t.Context(), 1); err != nil || len(r.store.wakes) != 0 {
			t.Errorf("Wake = %v, recorded %q", err, r.store.wakes)
		}
	})
	t.Run("waits for approval", func(t *testing.T) {
		r := wakeRig(t, always(ok200))
		r.store.phones[1].State = db.PhonePending
		if err := r.Wake(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "approval") {
			t.Errorf("Wake = %v", err)
		}
	})
	t.Run("waits after a reset", func(t *testing.T) {
		r := wakeRig(t, always(ok200))
		r.store.phones[1].State = db.PhoneReEnrol
		if err := r.Wake(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "approved again") {
			t.Errorf("Wake = %v", err)
		}
	})
	t.Run("was replaced", func(t *testing.T) {
		r := wakeRig(t, always(ok200))
		r.store.phones[1].State = db.PhoneReplaced
		if err := r.Wake(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "another phone stands in the place") || strings.Contains(err.Error(), "approv") {
			t.Errorf("Wake = %v", err)
		}
	})
	t.Run("not known", func(t *testing.T) {
		if err := newRig(t, nil).Wake(t.Context(), 7); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("Wake = %v", err)
		}
	})
	t.Run("nobody listens", func(t *testing.T) {
		r := wakeRig(t, nil)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		r.know("http://" + l.Addr().String() + "/")
		var w *WakeError
		if err := r.Wake(t.Context(), 1); !errors.As(err, &w) || w.Result != "refused" {
			t.Errorf("Wake = %v", err)
		}
	})
}

// TestWakeInforms: a phone that informs in place of an answer is awake.
func TestWakeInforms(t *testing.T) {
	var r *rig
	r = wakeRig(t, func(int, string) (string, bool) {
		r.store.mu.Lock()
		defer r.store.mu.Unlock()
		r.store.phones[1].LastInform = r.clock.Now()
		return "", true
	})
	if err := r.Wake(t.Context(), 1); err != nil || r.store.wakes[0] != "" {
		t.Errorf("Wake = %v, recorded %q", err, r.store.wakes)
	}
}

// pipeRig is a server whose dialler is dial, for bubbles of synctest.
func pipeRig(t *testing.T, dial func(ctx context.Context) (net.Conn, error)) *rig {
	r := newRig(t, func(o *Options) { o.PhoneNetworks = prefixes("192.0.2.0/24") })
	r.waker.own = func() ([]net.Addr, error) { return nil, nil }
	r.waker.dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
	r.know("http://192.0.2.9:7547/")
	return r
}

// TestWakeTime: a phone that is silent, at any point, costs ten seconds.
func TestWakeTime(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer string // before the silence
		took   time.Duration
		result string
	}{
		{"silent at once", "", wakeTime, "timeout"},
		{"silent in the status line", "HTTP/1.1 40", wakeTime, "timeout"},
		{"silent in the headers of 200", "HTTP/1.1 200 OK\r\nServer: x\r\n", quietTime, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := pipeRig(t, func(context.Context) (net.Conn, error) {
					ours, theirs := net.Pipe()
					go func() {
						defer theirs.Close()
						if _, err := bufio.NewReader(theirs).ReadString('\n'); err != nil {
							return
						}
						go io.WriteString(theirs, tt.answer)
						_, _ = io.Copy(io.Discard, theirs)
					}()
					return ours, nil
				})
				began := time.Now()
				err := r.Wake(t.Context(), 1)
				if took := time.Since(began); took != tt.took {
					t.Errorf("took %v; want %v", took, tt.took)
				}
				var w *WakeError
				if tt.result == "" && err != nil || tt.result != "" && (!errors.As(err, &w) || w.Result != tt.result) {
					t.Errorf("Wake = %v; want %q", err, tt.result)
				}
			})
		})
	}
}

// TestWakePatience: the time a server may be silent in its headers is not that
// which it has for its next answer.
func TestWakePatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		r := pipeRig(t, func(context.Context) (net.Conn, error) {
			dials++
			ours, theirs := net.Pipe()
			go answerAll(theirs, dials, func(_ int, request string) (string, bool) {
				if strings.Contains(request, "Authorization") {
					time.Sleep(2 * quietTime)
					return ok200, true
				}
				return denied(plain), false
			})
			return ours, nil
		})
		if err := r.Wake(t.Context(), 1); err != nil || dials != 1 {
			t.Errorf("Wake = %v after %d connections", err, dials)
		}
	})
}

// TestWakeShared: callers for one phone share a request, and a caller that
// goes away does not take the others' with it.
func TestWakeShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		r := pipeRig(t, func(ctx context.Context) (net.Conn, error) {
			dials.Add(1)
			select {
			case <-time.After(2 * time.Second):
				return nil, errors.New("no")
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() { first <- r.Wake(ctx, 1) }()
		synctest.Wait()
		others := make(chan error, 5)
		for range cap(others) {
			go func() { others <- r.Wake(t.Context(), 1) }()
		}
		synctest.Wait()
		if n := dials.Load(); n != 1 {
			t.Fatalf("%d requests for six callers", n)
		}
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("first caller: %v", err)
		}
		for range cap(others) {
			var w *WakeError
			if err := <-others; !errors.As(err, &w) {
				t.Errorf("another caller: %v", err)
			}
		}
		if n := dials.Load(); n != 2 {
			t.Errorf("%d requests in all; want one more for the five", n)
		}
		if len(r.waker.calls) != 0 || len(r.store.wakes) != 1 {
			t.Errorf("left: %d calls; recorded %q", len(r.waker.calls), r.store.wakes)
		}
	})
}

// TestWakesBounded: no more than maxWakes are under way.
func TestWakesBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		r := pipeRig(t, func(ctx context.Context) (net.Conn, error) {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			<-time.After(time.Second)
			return nil, errors.New("no")
		})
		const phones = 3 * maxWakes
		done := make(chan error, phones)
		for id := db.PhoneID(1); id <= phones; id++ {
			p := *r.store.phones[1]
			p.ID, p.ConnectionRequestURL = id, fmt.Sprintf("http://192.0.2.%d:7547/", id)
			r.store.phones[id] = &p
		}
		for id := db.PhoneID(1); id <= phones; id++ {
			go func() { done <- r.Wake(t.Context(), id) }()
		}
		for range phones {
			<-done
		}
		if n := most.Load(); n != maxWakes {
			t.Errorf("%d at a time; want %d", n, maxWakes)
		}
	})
}

// TestWakeWaits: a phone that informs while its request waits for its turn is
// not asked.
func TestWakeWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pipeRig(t, func(context.Context) (net.Conn, error) {
			t.Error("dialled")
			return nil, errors.New("no")
		})
		r.store.serial["A1"] = 1
		for range maxWakes {
			r.waker.slots <- struct{}{}
		}
		done := make(chan error, 1)
		go func() { done <- r.Wake(t.Context(), 1) }()
		synctest.Wait()
		r.ServeHTTP(recorder(), request(t, envelope(t, cwmp.Envelope{Body: informOf("A1")})))
		<-r.waker.slots
		if err := <-done; err != nil || len(r.store.wakes) != 0 {
			t.Errorf("Wake = %v, recorded %q", err, r.store.wakes)
		}
	})
}
