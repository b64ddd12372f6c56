package acs

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/proof"
	"phoneacs/phones/quirks"
)

var (
	ownLogin  = db.Login{User: "0C383E-X6-A1", Password: "the phone's own"}
	nextLogin = db.Login{User: "0C383E-X6-A1", Password: "the phone's next"}
	wrong     = db.Login{User: "0C383E-X6-A1", Password: "no idea"}
)

const holdsPerAddress = 4

// withDoor has phones prove who they are.
func withDoor(o *Options) {
	o.Enrol = EnrolApprove
	checker, err := proof.New(proof.Options{Key: make([]byte, proof.KeySize), Clock: o.Clock, Replays: 100})
	if err != nil {
		panic(err)
	}
	throttle, err := proof.NewThrottle(proof.ThrottleOptions{Clock: o.Clock, Held: holdsPerAddress, HeldPerAddress: holdsPerAddress})
	if err != nil {
		panic(err)
	}
	o.Door = &Door{Checker: checker, Throttle: throttle}
}

// known makes the phone A1 known, with logins.
func (r *rig) known(c db.Credentials) {
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	r.store.phones[1] = &db.PhoneStatus{Phone: db.Phone{
		ID: 1, State: db.PhoneApproved, OUI: "0C383E", ProductClass: "X6", Serial: "A1", MAC: "0c383e000001",
	}}
	r.store.serial["A1"], r.store.logins[1] = 1, c
}

var nonceOf = regexp.MustCompile(`nonce="([^"]+)"`)

// digest is the header of a phone that answers a challenge, by RFC 2617 and
// not by package proof. odd is pairs of a field and what it is to be instead,
// computed with the rest; of a field that is "-" nothing is sent.
func (a *answered) digest(t testing.TB, as db.Login, odd ...string) string {
	t.Helper()
	m := nonceOf.FindStringSubmatch(a.header.Get("WWW-Authenticate"))
	if m == nil {
		t.Fatalf("no challenge in %v", a.header)
	}
	f := map[string]string{"realm": "phoneacs", "nonce": m[1], "uri": "/", "nc": "00000001", "qop": "auth", "cnonce": "c", "algorithm": "MD5"}
	for i := 0; i+1 < len(odd); i += 2 {
		f[odd[i]] = odd[i+1]
	}
	sum := func(parts ...string) string {
		h := md5.Sum([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h[:])
	}
	h1, h2 := sum(as.User, f["realm"], as.Password), sum("POST", f["uri"])
	response := sum(h1, f["nonce"], f["nc"], f["cnonce"], f["qop"], h2)
	if f["qop"] == "-" {
		response = sum(h1, f["nonce"], h2)
	}
	s := fmt.Sprintf(`Digest username="%s", response="%s"`, as.User, response)
	for _, name := range []string{"realm", "nonce", "uri", "nc", "qop", "cnonce", "algorithm"} {
		if f[name] != "-" {
			s += fmt.Sprintf(`, %s="%s"`, name, f[name])
		}
	}
	return s
}

// breakWith lets the phone, whose login is known, send a header.
func breakWith(header func(t testing.TB, challenged *answered) string) func(*testing.T, *rig, *phone) *answered {
	return func(t *testing.T, r *rig, p *phone) *answered {
		r.known(db.Credentials{Own: ownLogin})
		challenged := serveBody(t, r, strings.NewReader(envelope(t, cwmp.Envelope{ID: "c", Body: informOf("A1")})))
		p.header.Set("Authorization", header(t, challenged))
		return p.inform()
	}
}

func plainly(header string) func(testing.TB, *answered) string {
	return func(testing.TB, *answered) string { return header }
}

func oddly(odd ...string) func(testing.TB, *answered) string {
	return func(t testing.TB, a *answered) string { return a.digest(t, ownLogin, odd...) }
}

// doorBreaches break the rules of who a phone is.
var doorBreaches = map[string]func(t *testing.T, r *rig, p *phone) *answered{
	ruleNoProof: func(_ *testing.T, r *rig, p *phone) *answered {
		r.known(db.Credentials{Own: ownLogin})
		return p.inform()
	},
	ruleGuesses: func(t *testing.T, r *rig, p *phone) *answered {
		for range holdsPerAddress {
			r.opts.Door.Throttle.Failed(netip.MustParseAddr("127.0.0.1"), "x")
		}
		return breakWith(func(t testing.TB, a *answered) string { return a.digest(t, wrong) })(t, r, p)
	},
	ruleHungUp: func(t *testing.T, r *rig, _ *phone) *answered {
		r.known(db.Credentials{Own: ownLogin})
		body := envelope(t, cwmp.Envelope{ID: "c", Body: informOf("A1")})
		challenged := serveBody(t, r, strings.NewReader(body))
		r.store.mu.Lock()
		r.store.calls = 0
		r.store.mu.Unlock()
		ctx, hangUp := context.WithCancel(t.Context())
		req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(body))
		req.Header.Set("Authorization", challenged.digest(t, wrong))
		go func() {
			wait, cancel := contextFor(t)
			defer cancel()
			_ = r.clock.BlockUntilContext(wait, 1)
			hangUp()
		}()
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		return &answered{status: w.Code, header: w.Header(), text: w.Body.String()}
	},
	proof.RulePassword: func(t *testing.T, r *rig, p *phone) *answered {
		go func() {
			wait, cancel := contextFor(t)
			defer cancel()
			if r.clock.BlockUntilContext(wait, 1) == nil {
				r.clock.Advance(250 * time.Millisecond)
			}
		}()
		return breakWith(func(t testing.TB, a *answered) string { return a.digest(t, wrong) })(t, r, p)
	},
	proof.RuleExpired: func(t *testing.T, r *rig, p *phone) *answered {
		a := breakWith(func(t testing.TB, a *answered) string {
			r.clock.Advance(6 * time.Minute)
			return a.digest(t, ownLogin)
		})(t, r, p)
		if !strings.Contains(a.header.Get("WWW-Authenticate"), "stale=true") {
			t.Errorf("challenge %q; want stale=true", a.header.Get("WWW-Authenticate"))
		}
		return a
	},
	proof.RuleReplayed: func(t *testing.T, r *rig, p *phone) *answered {
		breakWith(oddly())(t, r, p).want(t, 200, "InformResponse")
		return p.inform()
	},
	proof.RuleHeader:    breakWith(plainly("Digest =,=\"")),
	proof.RuleScheme:    breakWith(plainly("Bearer x")),
	proof.RuleClear:     breakWith(plainly("Basic Zm9vOmJhcg==")),
	proof.RuleToken:     breakWith(plainly("Basic ***")),
	proof.RuleFields:    breakWith(plainly(`Digest username="x"`)),
	proof.RuleAlgorithm: breakWith(oddly("algorithm", "SHA-512-256")),
	proof.RuleCount:     breakWith(oddly("nc", "some")),
	proof.RuleQop:       breakWith(oddly("qop", "-")),
	proof.RuleURI:       breakWith(oddly("uri", "/elsewhere")),
	proof.RuleRealm:     breakWith(oddly("realm", "another")),
	proof.RuleForeign:   breakWith(oddly("nonce", strings.Repeat("A", 40))),
}

// TestDoor lets a phone come with what it has, and looks at what it is taken
// for, and whether it is challenged first.
func TestDoor(t *testing.T) {
	issued := db.Credentials{Next: nextLogin}
	both := db.Credentials{Own: ownLogin, Next: nextLogin}
	own := db.Credentials{Own: ownLogin}
	for _, c := range []struct {
		name   string
		known  *db.Credentials
		change func(*Options)
		login  db.Login // that the phone answers a challenge with; zero: it cannot
		events []string
		proof  db.Proof
		posts  int // until it is heard; 0: it never is
	}{
		{"unknown", nil, nil, db.Login{}, nil, db.ProofNone, 1},
		{"known, and nothing was issued", &db.Credentials{}, nil, db.Login{}, nil, db.ProofNone, 1},
		{"known, and we know how to wake it", &db.Credentials{ConnectionRequest: ownLogin}, nil, db.Login{}, nil, db.ProofNone, 1},
		{"where all are let in", &db.Credentials{}, func(o *Options) { o.Enrol = EnrolOpen }, db.Login{}, nil, db.ProofOpen, 1},
		{"waived", &db.Credentials{Own: ownLogin, Waived: true}, nil, db.Login{}, nil, db.ProofOpen, 1},
		{"its own", &own, nil, ownLogin, nil, db.ProofOwn, 2},
		{"its own, where all are let in", &own, func(o *Options) { o.Enrol = EnrolOpen }, ownLogin, nil, db.ProofOwn, 2},
		{"its own, while the next is issued", &both, nil, ownLogin, nil, db.ProofOwn, 2},
		{"the next", &both, nil, nextLogin, nil, db.ProofNext, 2},
		{"the first it was issued", &issued, nil, nextLogin, nil, db.ProofNext, 2},
		{"issued, and it has not taken it", &issued, nil, db.Login{}, nil, db.ProofNone, 2},
		{"issued, and it has its factory's", &issued, nil, wrong, nil, db.ProofNone, 2},
		{"none", &own, nil, db.Login{}, nil, "", 0},
		{"a wrong one", &own, nil, wrong, nil, "", 0},
		{"none, after a reset", &own, nil, db.Login{}, []string{"0 BOOTSTRAP", "1 BOOT"}, db.ProofNone, 2},
		{"its factory's, after a reset", &own, nil, wrong, []string{"0 BOOTSTRAP"}, db.ProofNone, 2},
		{"its own, after a reset", &own, nil, ownLogin, []string{"0 BOOTSTRAP"}, db.ProofOwn, 2},
		{"a certificate is due", &db.Credentials{Certificate: true}, nil, db.Login{}, nil, "", 0},
		{"a login for all is due, and it has none", nil, shared, db.Login{}, nil, "", 0},
		{"a login for all", nil, shared, wrong, nil, db.ProofNone, 2},
		{"a login for all proves nobody", &own, shared, wrong, nil, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) {
				withDoor(o)
				if c.change != nil {
					c.change(o)
				}
			}).listen(t)
			r.store.serial["other"] = 2 // so that nothing is the first
			r.store.phones[2] = &db.PhoneStatus{}
			if c.known != nil {
				r.known(*c.known)
			}
			p := r.phone(t, "A1")
			for posts := 1; posts <= 5; posts++ {
				a := r.informed(t, p, c.events)
				p.header.Del("Authorization")
				if a.status == http.StatusOK {
					a.want(t, 200, "InformResponse")
					if r.store.last.Proof != c.proof || posts != c.posts {
						t.Errorf("taken for %q after %d posts; want %q after %d", r.store.last.Proof, posts, c.proof, c.posts)
					}
					return
				}
				if a.status != http.StatusUnauthorized || len(a.header["Www-Authenticate"]) != 1 || a.header.Get("Connection") == "close" {
					t.Fatalf("answer %d %v; want 401, one challenge, and the connection kept", a.status, a.header)
				}
				if c.login != (db.Login{}) {
					p.header.Set("Authorization", a.digest(t, c.login))
				}
			}
			if c.posts != 0 {
				t.Errorf("not heard; want it to be after %d posts", c.posts)
			}
			if r.store.calls != 0 {
				t.Error("the store was told of it")
			}
		})
	}
}

// shared gives a login to all phones that have none.
func shared(o *Options) { o.Door.Enrol = proof.Login(wrong) }

// informed posts an Inform and lets time pass for as long as its answer is held back.
func (r *rig) informed(t *testing.T, p *phone, events []string) *answered {
	t.Helper()
	got := make(chan *answered)
	go func() { got <- p.inform(events...) }()
	for {
		select {
		case a := <-got:
			return a
		case <-time.After(time.Millisecond):
			r.clock.Advance(100 * time.Millisecond)
		}
	}
}

// TestOpener: the empty POST that some agents open with is challenged; one that
// ends a session is not.
func TestOpener(t *testing.T) {
	r := newRig(t, withDoor).listen(t)
	p := r.phone(t, "A1")
	p.post("").want(t, http.StatusUnauthorized, "")
	p.inform().want(t, 200, "InformResponse")
	p.post("").want(t, http.StatusNoContent, "")
	p.cookie = ""
	p.post("").want(t, http.StatusNoContent, "")
}

// TestBasic: it is asked for where that was chosen, and taken there alone, or
// within TLS.
func TestBasic(t *testing.T) {
	r := newRig(t, func(o *Options) { withDoor(o); o.Door.Clear = AskBasic }).listen(t)
	r.known(db.Credentials{Own: ownLogin})
	p := r.phone(t, "A1")
	if a := p.inform(); !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic realm=") {
		t.Errorf("challenge %q", a.header.Get("WWW-Authenticate"))
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, strings.NewReader(envelope(t, cwmp.Envelope{ID: "c", Body: informOf("A1")})))
	req.SetBasicAuth(ownLogin.User, ownLogin.Password)
	p.do(req).want(t, 200, "InformResponse")
	if r.store.last.Proof != db.ProofOwn {
		t.Errorf("proof %q", r.store.last.Proof)
	}
}

// TestAlgorithm: SHA-256 is offered where that was chosen.
func TestAlgorithm(t *testing.T) {
	r := newRig(t, func(o *Options) { withDoor(o); o.Door.Clear = AskSHA256 }).listen(t)
	r.known(db.Credentials{Own: ownLogin})
	if a := r.phone(t, "A1").inform(); !strings.Contains(a.header.Get("WWW-Authenticate"), "algorithm=SHA-256") {
		t.Errorf("challenge %q", a.header.Get("WWW-Authenticate"))
	}
}

// TestAlgorithmByPhone: SHA-256 is offered to the phones whose quirks say so,
// taken from them, and MD5 is not.
func TestAlgorithmByPhone(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sha   bool
		clear Ask
		want  string
	}{
		{"plain", false, AskMD5, "algorithm=MD5"},
		{"by its quirk", true, AskMD5, "algorithm=SHA-256"},
		{"both", true, AskSHA256, "algorithm=SHA-256"},
		{"where Basic is asked for", true, AskBasic, "Basic "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) {
				withDoor(o)
				o.Door.Clear, o.Quirks = tt.clear, oddPhones{&quirks.Quirks{DigestSHA256: tt.sha}}
			}).listen(t)
			r.known(db.Credentials{Own: ownLogin})
			p := r.phone(t, "A1")
			a := p.inform().want(t, 401, "")
			if got := a.header.Get("WWW-Authenticate"); !strings.Contains(got, tt.want) {
				t.Fatalf("challenge %q; want %s", got, tt.want)
			}
			if !strings.Contains(tt.want, "SHA") {
				return
			}
			p.header.Set("Authorization", a.digestSHA256(t, ownLogin))
			p.inform().want(t, 200, "InformResponse")
			if r.store.last.Proof != db.ProofOwn {
				t.Errorf("proof %q", r.store.last.Proof)
			}
			p.header.Set("Authorization", a.digest(t, ownLogin))
			if a := p.inform().want(t, 401, ""); a.text != proof.RuleAlgorithm {
				t.Errorf("MD5 is refused by %q", a.text)
			}
		})
	}
}

// digestSHA256 answers a challenge by RFC 7616, and not by package proof.
func (a *answered) digestSHA256(t testing.TB, as db.Login) string {
	t.Helper()
	m := nonceOf.FindStringSubmatch(a.header.Get("WWW-Authenticate"))
	if m == nil {
		t.Fatalf("no nonce in %q", a.header.Get("WWW-Authenticate"))
	}
	h := func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }
	ha1 := h(as.User + ":phoneacs:" + as.Password)
	response := h(ha1 + ":" + m[1] + ":00000001:c:auth:" + h("POST:/"))
	return fmt.Sprintf(`Digest username="%s", realm="phoneacs", nonce="%s", uri="/", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="c", response="%s"`,
		as.User, m[1], response)
}

// TestSessionCarriesProof: after the Inform nothing needs to be proven.
func TestSessionCarriesProof(t *testing.T) {
	r := newRig(t, withDoor).listen(t)
	r.known(db.Credentials{Own: ownLogin})
	r.disp.queue = []cwmp.Message{&cwmp.GetRPCMethods{}}
	p := r.phone(t, "A1")
	p.header.Set("Authorization", p.inform().digest(t, ownLogin))
	p.inform().want(t, 200, "InformResponse")
	p.header.Del("Authorization")
	id := p.post("").want(t, 200, "GetRPCMethods").env.ID
	p.send(id, &cwmp.GetRPCMethodsResponse{}).want(t, http.StatusNoContent, "")
}

// TestForwardedProto: what a phone says itself of TLS before a proxy does is not
// believed.
func TestForwardedProto(t *testing.T) {
	for _, tt := range []struct {
		proxied bool
		said    []string
		secure  bool
	}{
		{true, []string{"https"}, true},
		{true, []string{"https", "https"}, true},
		{true, []string{"https", "http"}, false},
		{true, []string{"http"}, false},
		{true, nil, false},
		{false, []string{"https"}, false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
		r.Header["X-Forwarded-Proto"] = tt.said
		x := exchange{r: r, conn: &connection{proxied: tt.proxied}}
		if x.secure() != tt.secure {
			t.Errorf("%+v: secure is %t", tt, !tt.secure)
		}
	}
}
