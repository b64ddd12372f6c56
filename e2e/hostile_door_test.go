package e2e

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// A login is what a phone proves itself with.
type login struct{ user, password string }

// ownLogin reads the login that a phone has been given.
func ownLogin(p *sim.Phone) login {
	user, _ := p.Param(p.Root() + "ManagementServer.Username")
	password, _ := p.Param(p.Root() + "ManagementServer.Password")
	return login{user, password}
}

var wireNonce = regexp.MustCompile(`nonce="([^"]+)"`)

// digest is the header of a phone that answers a challenge, by RFC 2617. odd is
// pairs of a field and what it is to be instead, computed with the rest; of a
// field that is "-" nothing is sent.
func (l login) digest(tb testing.TB, challenged reply, odd ...string) string {
	tb.Helper()
	m := wireNonce.FindStringSubmatch(challenged.header.Get("WWW-Authenticate"))
	if m == nil {
		tb.Fatalf("no challenge in %v", challenged.header)
	}
	f := map[string]string{"realm": "phoneacs", "nonce": m[1], "uri": "/acs", "nc": "00000001", "qop": "auth", "cnonce": "c", "algorithm": "MD5"}
	for i := 0; i+1 < len(odd); i += 2 {
		f[odd[i]] = odd[i+1]
	}
	sum := func(parts ...string) string {
		h := md5.Sum([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h[:])
	}
	h1, h2 := sum(l.user, f["realm"], l.password), sum("POST", f["uri"])
	response := sum(h1, f["nonce"], f["nc"], f["cnonce"], f["qop"], h2)
	if f["qop"] == "-" {
		response = sum(h1, f["nonce"], h2)
	}
	s := fmt.Sprintf(`Authorization: Digest username="%s", response="%s"`, l.user, response)
	for _, name := range []string{"realm", "nonce", "uri", "nc", "qop", "cnonce", "algorithm"} {
		if f[name] != "-" {
			s += fmt.Sprintf(`, %s="%s"`, name, f[name])
		}
	}
	return s
}

// hostileProofs are what comes with an Inform in the name of a phone that has
// credentials of its own, with the rule that refuses each.
var hostileProofs = []struct {
	name   string
	header func(tb testing.TB, l login, challenged reply) string
	rule   string
}{
	{"Inform without a proof", nil, "auth.required"},
	{"header that cannot be read", sends(`Digest =,="`), "auth.header"},
	{"token of another scheme", sends("Bearer x"), "auth.scheme"},
	{"wrong password", func(tb testing.TB, l login, c reply) string {
		return login{l.user, "wrong"}.digest(tb, c)
	}, "auth.password"},
	{"login of another phone", func(tb testing.TB, l login, c reply) string {
		return login{"0C383E-X6-B9", l.password}.digest(tb, c)
	}, "auth.password"},
	{"Basic in clear", func(_ testing.TB, l login, _ reply) string {
		return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(l.user+":"+l.password))
	}, "basic.clear"},
	{"Basic that is none", sends("Basic ***"), "basic.token"},
	{"Digest without a nonce", sends(`Digest username="x"`), "digest.fields"},
	{"algorithm that was not offered", oddly("algorithm", "SHA-512-256"), "digest.algorithm"},
	{"count that is none", oddly("nc", "some"), "digest.count"},
	{"no qop", oddly("qop", "-"), "digest.qop"},
	{"another resource", oddly("uri", "/elsewhere"), "digest.uri"},
	{"another realm", oddly("realm", "another"), "digest.realm"},
	{"nonce of nobody", oddly("nonce", strings.Repeat("A", 40)), "digest.foreign"},
}

func sends(value string) func(testing.TB, login, reply) string {
	return func(testing.TB, login, reply) string { return "Authorization: " + value }
}

func oddly(odd ...string) func(testing.TB, login, reply) string {
	return func(tb testing.TB, l login, c reply) string { return l.digest(tb, c, odd...) }
}

// TestHostileProofs wants the documented answer to each, with a challenge, and
// the phone itself to be served after all of them.
func TestHostileProofs(t *testing.T) {
	s := startServer(t, t.TempDir(), "--phone-networks", "127.0.0.0/8", "--log-level", "debug")
	p := runFleet(t, sim.Options{
		ACS: s.ACS(), Models: []string{"X6"}, PeriodicInterval: -1, BootTime: time.Millisecond, RetryScale: 0.02,
	}).Phone(0)
	id := s.awaitPhones(t, 1, 30*time.Second)[0].ID
	s.approve(t, id)
	eventually(t, 30*time.Second, "it has its own", func() error {
		if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
			return err
		}
		if m := s.managed(t, id); m.Proof != "own" {
			return fmt.Errorf("it is %+v", m)
		}
		return nil
	})
	l, message := ownLogin(p), inform(p.Serial(), informOptions{})
	for _, tt := range hostileProofs {
		t.Run(tt.name, func(t *testing.T) {
			w := s.wire(t)
			if tt.header != nil {
				w.post(inform(p.Serial(), informOptions{}), tt.header(t, l, s.challenged(t, p.Serial())))
			} else {
				w.post(inform(p.Serial(), informOptions{}))
			}
			r := w.documented(tt.rule, "")
			if len(r.header["Www-Authenticate"]) != 1 || r.header.Get("Connection") == "close" {
				t.Errorf("the answer has %v; want one challenge and the connection kept", r.header)
			}
			if strings.Contains(s.Log(), l.password) {
				t.Error("its password is in the log")
			}
		})
	}
	// Right is right, on the same connection too.
	w := s.wire(t).post(message)
	w.post(message, l.digest(t, w.must(http.StatusUnauthorized, "auth.required"))).must(http.StatusOK, "InformResponse")
	w.post("").must(http.StatusNoContent, "")
	if n := len(list[phone](t, s, "/api/v1/phones")); n != 1 {
		t.Errorf("%d phones were made of it", n)
	}
	if err := s.Term(); err != nil {
		t.Error(err)
	}
	checkStore(t, s.dir)
}

// challenged is the answer to an Inform without a proof.
func (s *server) challenged(tb testing.TB, serial string) reply {
	tb.Helper()
	return s.wire(tb).post(inform(serial, informOptions{})).must(http.StatusUnauthorized, "auth.required")
}
