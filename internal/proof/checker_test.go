package proof

import (
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestCheck is every way a request can stand.
func TestCheck(t *testing.T) {
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	with := func(fields ...string) func(*client) {
		return func(c *client) {
			c.fields = map[string]string{}
			for i := 0; i < len(fields); i += 2 {
				c.fields[fields[i]] = fields[i+1]
			}
		}
	}
	for _, tt := range []struct {
		name    string
		bend    func(*client) // of a right answer by own
		raw     string        // or the header itself
		secure  bool
		lenient Leniency
		want    Outcome
		login   int
		rule    string
	}{
		{name: "nothing", raw: " ", want: None, login: -1},
		{name: "own", want: Proven},
		{name: "next", bend: func(c *client) { c.login = next }, want: Proven, login: 1},
		{name: "wrong password", bend: func(c *client) { c.login.Password = "x" }, want: Wrong, login: -1, rule: RulePassword},
		{name: "no password", bend: func(c *client) { c.login.Password = "" }, want: Wrong, login: -1, rule: RulePassword},
		{name: "another's name", bend: func(c *client) { c.login.User = "0C383E-X6-0c383e07e16d" }, want: Wrong, login: -1, rule: RulePassword},
		{name: "login of no password", bend: func(c *client) { c.login = Login{User: "blank"} }, want: Wrong, login: -1, rule: RulePassword},
		{name: "response in capitals", bend: func(c *client) {
			_, r, _ := strings.Cut(c.header(), `response="`)
			with("response", strings.ToUpper(r[:32]))(c)
		}, want: Proven},
		{name: "response cut short", bend: func(c *client) {
			_, r, _ := strings.Cut(c.header(), `response="`)
			with("response", r[:31])(c)
		}, want: Wrong, login: -1, rule: RulePassword},
		{name: "for another method", bend: func(c *client) { c.method = "GET" }, want: Wrong, login: -1, rule: RulePassword},

		{name: "MD5-sess", bend: func(c *client) { c.algorithm = "MD5-sess" }, want: Proven},
		{name: "algorithm quoted and small", bend: func(c *client) { c.algorithm = `"md5"` }, want: Proven},
		{name: "algorithm left out", bend: with("algorithm", "-"), want: Proven},
		{name: "algorithm not offered", bend: func(c *client) { c.algorithm = "SHA-256" }, want: Refused, login: -1, rule: RuleAlgorithm},
		{name: "algorithm unknown", bend: func(c *client) { c.algorithm = "MD4" }, want: Refused, login: -1, rule: RuleAlgorithm},

		{name: "no qop", bend: func(c *client) { c.qop = "" }, want: Refused, login: -1, rule: RuleQop},
		{name: "no qop borne", bend: func(c *client) { c.qop = "" }, lenient: Leniency{NoQop: true}, want: Proven},
		{name: "no qop, wrong password", bend: func(c *client) { c.qop, c.login.Password = "", "x" }, want: Wrong, login: -1, rule: RulePassword},
		{name: "qop quoted", bend: func(c *client) { with("qop", `"auth"`)(c) }, want: Proven},
		{name: "qop not offered", bend: func(c *client) { c.qop = "auth-int" }, lenient: Leniency{NoQop: true}, want: Refused, login: -1, rule: RuleQop},

		{name: "uri absolute", bend: func(c *client) { c.uri = "http://10.0.0.1:7547/acs" }, want: Proven},
		{name: "uri of another", bend: func(c *client) { c.uri = "/files" }, want: Refused, login: -1, rule: RuleURI},
		{name: "uri empty, hashed empty", bend: func(c *client) { c.uri = "" }, want: Refused, login: -1, rule: RuleURI},
		{name: "uri empty, hashed empty, borne", bend: func(c *client) { c.uri = "" }, lenient: Leniency{EmptyURI: true}, want: Proven},
		{name: "uri empty, hashed as asked", bend: with("uri", ""), want: Refused, login: -1, rule: RuleURI},
		{name: "uri empty, hashed as asked, borne", bend: with("uri", ""), lenient: Leniency{EmptyURI: true}, want: Proven},
		{name: "uri left out, borne", bend: with("uri", "-"), lenient: Leniency{EmptyURI: true}, want: Proven},
		{name: "uri of another, though empty is borne", bend: func(c *client) { c.uri = "/files" }, lenient: Leniency{EmptyURI: true}, want: Refused, login: -1, rule: RuleURI},

		{name: "count short", bend: func(c *client) { c.nc = "1" }, want: Proven},
		{name: "count missing", bend: func(c *client) { c.nc = "" }, want: Refused, login: -1, rule: RuleCount},
		{name: "count missing, borne", bend: func(c *client) { c.nc = "" }, lenient: Leniency{OddCount: true}, want: Proven},
		{name: "count no number", bend: func(c *client) { c.nc = "0000000g" }, want: Refused, login: -1, rule: RuleCount},
		{name: "count no number, borne", bend: func(c *client) { c.nc = "0000000g" }, lenient: Leniency{OddCount: true}, want: Proven},
		{name: "count too long", bend: func(c *client) { c.nc = "000000001" }, want: Refused, login: -1, rule: RuleCount},
		{name: "cnonce missing", bend: func(c *client) { c.cnonce = "" }, want: Proven},

		{name: "realm left out", bend: with("realm", "-"), want: Proven},
		{name: "realm of before", bend: func(c *client) { c.realm = "old" }, want: Refused, login: -1, rule: RuleRealm},
		{name: "realm of before, wrong password", bend: func(c *client) { c.realm, c.login.Password = "old", "x" }, want: Wrong, login: -1, rule: RulePassword},
		{name: "nonce of its own", bend: func(c *client) { c.nonce = "abc" }, want: Stale, login: -1, rule: RuleForeign},
		{name: "nonce of its own, wrong password", bend: func(c *client) { c.nonce, c.login.Password = "abc", "x" }, want: Wrong, login: -1, rule: RulePassword},

		{name: "no user name", bend: with("username", "-"), want: Unreadable, login: -1, rule: RuleFields},
		{name: "no nonce", bend: with("nonce", "-"), want: Unreadable, login: -1, rule: RuleFields},
		{name: "no response", bend: with("response", "-"), want: Unreadable, login: -1, rule: RuleFields},
		{name: "Digest and nothing", raw: "Digest", want: Unreadable, login: -1, rule: RuleFields},
		{name: "another scheme", raw: "Bearer abc=", want: Unreadable, login: -1, rule: RuleScheme},
		{name: "too long", raw: "Digest " + strings.Repeat("x", maxHeader), want: Unreadable, login: -1, rule: RuleHeader},

		{name: "Basic within TLS", raw: basic(own.User, own.Password), secure: true, want: Proven},
		{name: "Basic within TLS, next", raw: basic(next.User, next.Password), secure: true, want: Proven, login: 1},
		{name: "Basic in clear", raw: basic(own.User, own.Password), want: Refused, login: -1, rule: RuleClear},
		{name: "Basic in clear, wrong", raw: basic(own.User, "x"), want: Refused, login: -1, rule: RuleClear},
		{name: "Basic in clear, borne", raw: basic(own.User, own.Password), lenient: Leniency{BasicInClear: true}, want: Proven},
		{name: "Basic, wrong password", raw: basic(own.User, "ownsecreT"), secure: true, want: Wrong, login: -1, rule: RulePassword},
		{name: "Basic, another's name", raw: basic("x", own.Password), secure: true, want: Wrong, login: -1, rule: RulePassword},
		{name: "Basic, login of no password", raw: basic("blank", ""), secure: true, want: Wrong, login: -1, rule: RulePassword},
		{name: "Basic, no base64", raw: "Basic ???", secure: true, want: Unreadable, login: -1, rule: RuleToken},
		{name: "Basic, no colon", raw: "Basic YWJj", secure: true, want: Unreadable, login: -1, rule: RuleToken},
		{name: "Basic and nothing", raw: "Basic", secure: true, want: Unreadable, login: -1, rule: RuleHeader},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newChecker(t, Options{})
			head := tt.raw
			if head == "" {
				cl := client{login: own}.to(c.Challenge(Verdict{}))
				if tt.bend != nil {
					tt.bend(&cl)
				}
				head = cl.header()
			}
			r := httptest.NewRequest("POST", "/acs?x=1", nil)
			r.Header.Set("Authorization", head)
			r.RequestURI = "/acs"
			got := c.Check(r, tt.secure, []Login{own, next, {User: "blank"}}, tt.lenient)
			if got.Outcome != tt.want || got.Login != tt.login || got.Rule != tt.rule {
				t.Errorf("%s\n got %+v\nwant %v, login %d, rule %q", head, got, tt.want, tt.login, tt.rule)
			}
			if got.Guess() != (tt.want == Wrong) {
				t.Errorf("guess: %v", got.Guess())
			}
			if strings.Contains(fmt.Sprintf("%+v", got), "secret") {
				t.Errorf("%+v has a password", got)
			}
			if got.User == "" && (tt.want == Proven || tt.want == Wrong) {
				t.Error("it does not say whose the proof is")
			}
		})
	}
}

// TestCheckNobody holds that nothing is proven where nothing can be.
func TestCheckNobody(t *testing.T) {
	c, _ := newChecker(t, Options{})
	head := client{login: own}.to(c.Challenge(Verdict{})).header()
	if v := c.CheckHeader("POST", "/acs", []string{head}, true, nil, Leniency{}); v.Outcome != Wrong || v.User != own.User {
		t.Errorf("without logins: %+v", v)
	}
	empty := client{login: Login{}}.to(c.Challenge(Verdict{}))
	empty.fields = map[string]string{"username": ""}
	if v := c.CheckHeader("POST", "/acs", []string{empty.header()}, true, []Login{{}}, Leniency{}); v.Outcome == Proven {
		t.Errorf("an empty login proves: %+v", v)
	}
}

// TestChallengeAlgorithms answers both algorithms, plain and as sessions, as
// offered by option and for one phone.
func TestChallengeAlgorithms(t *testing.T) {
	for _, alg := range []Algorithm{MD5, SHA256} {
		for _, suffix := range []string{"", "-sess"} {
			byOption, _ := newChecker(t, Options{Algorithm: alg})
			byPhone, _ := newChecker(t, Options{})
			for _, tt := range []struct {
				c         *Checker
				challenge string
			}{{byOption, byOption.Challenge(Verdict{})}, {byPhone, byPhone.ChallengeWith(alg, Verdict{})}} {
				if strings.Count(tt.challenge, "Digest ") != 1 || !strings.HasSuffix(tt.challenge, "algorithm="+alg.String()) ||
					!strings.Contains(tt.challenge, `realm="phoneacs", qop="auth", nonce="`) {
					t.Errorf("challenge %q", tt.challenge)
				}
				cl := client{login: own}.to(tt.challenge)
				cl.algorithm += suffix
				if v := tt.c.CheckHeader("POST", "/acs", []string{cl.header()}, false, []Login{own}, Leniency{}); v.Outcome != Proven {
					t.Errorf("%v%s: %+v", alg, suffix, v)
				}
				if alg == SHA256 {
					cl.algorithm = "MD5" + suffix
					if v := tt.c.CheckHeader("POST", "/acs", []string{cl.header()}, false, []Login{own}, Leniency{}); v.Rule != RuleAlgorithm {
						t.Errorf("MD5%s for %v: %+v", suffix, alg, v)
					}
				}
			}
		}
	}
}

// TestStale follows one nonce through its life.
func TestStale(t *testing.T) {
	c, clock := newChecker(t, Options{})
	cl := client{login: own}.to(c.Challenge(Verdict{}))
	check := func(c *Checker, want Outcome, rule string) Verdict {
		t.Helper()
		v := c.CheckHeader("POST", "/acs", []string{cl.header()}, false, []Login{own}, Leniency{})
		if v.Outcome != want || v.Rule != rule {
			t.Errorf("got %+v; want %v %q", v, want, rule)
		}
		return v
	}
	check(c, Proven, "")
	check(c, Proven, "") // the same again: nothing is remembered unless asked for
	clock.Advance(5 * time.Minute)
	check(c, Proven, "")
	clock.Advance(time.Millisecond)
	stale := check(c, Stale, RuleExpired)
	if s := c.Challenge(stale); !strings.HasSuffix(s, ", stale=true") {
		t.Errorf("challenge %q", s)
	}
	if s := c.Challenge(Verdict{}); strings.Contains(s, "stale") {
		t.Errorf("first challenge %q", s)
	}
	cl.login.Password = "x"
	wrong := check(c, Wrong, RulePassword)
	if s := c.Challenge(wrong); strings.Contains(s, "stale") {
		t.Errorf("challenge after a wrong password %q", s)
	}

	// After a restart, and on another node, the same key knows the nonce.
	cl = client{login: own}.to(c.Challenge(Verdict{}))
	same, _ := newChecker(t, Options{Clock: clock})
	check(same, Proven, "")
	other, _ := newChecker(t, Options{Clock: clock, Key: []byte(strings.Repeat("k", KeySize))})
	check(other, Stale, RuleForeign)

	// A clock that is set back a little is borne.
	back, backClock := newChecker(t, Options{})
	backClock.Advance(20 * time.Second) // what clock reads is 5 min ahead
	check(back, Stale, RuleExpired)
	backClock.Advance(5*time.Minute - 79*time.Second)
	check(back, Proven, "")
}

// TestReplays holds answers to one use where uses are remembered.
func TestReplays(t *testing.T) {
	c, _ := newChecker(t, Options{Replays: 4})
	var lenient Leniency
	ask := func(cl client) Outcome {
		return c.CheckHeader("POST", "/acs", []string{cl.header()}, false, []Login{own}, lenient).Outcome
	}
	first := client{login: own}.to(c.Challenge(Verdict{}))
	second := first
	second.nc = "00000002"
	for i, tt := range []struct {
		cl   client
		want Outcome
	}{{second, Proven}, {first, Proven}, {first, Stale}, {second, Stale}} {
		if got := ask(tt.cl); got != tt.want {
			t.Errorf("%d: got %v; want %v", i, got, tt.want)
		}
	}
	other := first
	other.cnonce = "another"
	if got := ask(other); got != Stale {
		t.Errorf("the same count with another cnonce: %v", got)
	}
	wrong := first
	wrong.nc, wrong.login.Password = "00000003", "x"
	if got := ask(wrong); got != Wrong {
		t.Errorf("wrong password: %v", got)
	}
	wrong.login = own
	if got := ask(wrong); got != Proven {
		t.Errorf("a wrong answer has spent the count: %v", got)
	}

	lenient.NoQop = true
	plain := client{login: own}.to(c.Challenge(Verdict{}))
	plain.qop = ""
	if a, b := ask(plain), ask(plain); a != Proven || b != Stale {
		t.Errorf("without count: %v, then %v", a, b)
	}
	lenient.OddCount = true
	if a, b := ask(plain), ask(first); a != Proven || b != Proven {
		t.Errorf("borne: %v, %v", a, b)
	}
	lenient = Leniency{}
	var row []client
	for range 3 { // the third pushes the first two among the elder
		row = append(row, client{login: own}.to(c.Challenge(Verdict{})))
		ask(row[len(row)-1])
	}
	for i, cl := range row[1:] {
		if got := ask(cl); got != Stale {
			t.Errorf("the last but %d again: %v", 1-i, got)
		}
	}
	for i := range 100 {
		again := client{login: own}.to(c.Challenge(Verdict{}))
		if a, b := ask(again), ask(again); a != Proven || b != Stale {
			t.Fatalf("%d: %v, then %v", i, a, b)
		}
		if n := len(c.replays.young) + len(c.replays.elder); n > 4 {
			t.Fatalf("%d uses are remembered", n)
		}
	}
}

// TestOptions refuses what cannot work, and says what.
func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{}, "key of 0 bytes: want 32"},
		{Options{Key: testKey[1:]}, "key of 31 bytes"},
		{Options{Key: testKey, Realm: `a"b`}, "realm"},
		{Options{Key: testKey, Realm: "a\r\nb"}, "realm"},
		{Options{Key: testKey, Realm: strings.Repeat("a", 65)}, "realm"},
		{Options{Key: testKey, Algorithm: 2}, "algorithm Algorithm(2)"},
		{Options{Key: testKey, NonceLife: time.Second}, "life of nonces 1s"},
		{Options{Key: testKey, NonceLife: 2 * time.Hour}, "life of nonces 2h"},
		{Options{Key: testKey, Replays: -1}, "memory of replays -1"},
		{Options{Key: testKey, Replays: maxReplays + 1}, "memory of replays 1000001"},
	} {
		if _, err := New(tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v", tt.want, err)
		}
	}
}

func TestLeniencyWith(t *testing.T) {
	all := Leniency{NoQop: true, EmptyURI: true, OddCount: true, BasicInClear: true}
	a, b := Leniency{NoQop: true, OddCount: true}, Leniency{EmptyURI: true, BasicInClear: true}
	if a.With(b) != all || b.With(a) != all || a.With(Leniency{}) != a {
		t.Errorf("%+v, %+v, %+v", a.With(b), b.With(a), a.With(Leniency{}))
	}
}
