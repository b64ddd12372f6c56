package proof

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
)

var (
	testKey = bytes.Repeat([]byte{7}, KeySize)
	own     = Login{User: "0C383E-X6-0c383e07e16c", Password: "ownsecret"}
	next    = Login{User: "0C383E-X6-0c383e07e16c", Password: "nextsecret"}
)

// newChecker makes a checker on a clock that stands at a full second.
func newChecker(t testing.TB, o Options) (*Checker, *clockwork.FakeClock) {
	t.Helper()
	clock := clockwork.NewFakeClockAt(time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC))
	if o.Key == nil {
		o.Key = testKey
	}
	if o.Clock == nil {
		o.Clock = clock
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c, clock
}

// client answers a challenge as RFC 7616 has it, by arithmetic of its own.
// Fields that are set stand in for what it would write.
type client struct {
	login           Login
	method, uri     string // uri: as hashed
	realm, nonce    string
	algorithm       string // as written; "" is left out, and MD5
	qop, nc, cnonce string
	fields          map[string]string // written instead; "-" leaves the field out
}

// to reads what the client needs of a challenge.
func (c client) to(challenge string) client {
	quoted := func(name string) string {
		_, rest, _ := strings.Cut(challenge, name+`="`)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	c.realm, c.nonce, c.qop = quoted("realm"), quoted("nonce"), quoted("qop")
	_, c.algorithm, _ = strings.Cut(challenge, "algorithm=")
	c.algorithm, _, _ = strings.Cut(c.algorithm, ",")
	if c.method == "" {
		c.method = "POST"
	}
	if c.uri == "" {
		c.uri = "/acs"
	}
	c.nc, c.cnonce = "00000001", "abcdef"
	return c
}

func (c client) header() string {
	h := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	if strings.HasPrefix(strings.ToUpper(c.algorithm), "SHA-256") {
		h = func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	}
	a1 := h(c.login.User + ":" + c.realm + ":" + c.login.Password)
	if strings.HasSuffix(strings.ToLower(c.algorithm), "-sess") {
		a1 = h(a1 + ":" + c.nonce + ":" + c.cnonce)
	}
	a2 := h(c.method + ":" + c.uri)
	response := h(a1 + ":" + c.nonce + ":" + a2)
	if c.qop != "" {
		response = h(strings.Join([]string{a1, c.nonce, c.nc, c.cnonce, c.qop, a2}, ":"))
	}
	var b strings.Builder
	b.WriteString("Digest ")
	for _, f := range []struct {
		name, value string
		quoted      bool
	}{
		{"username", c.login.User, true}, {"realm", c.realm, true}, {"nonce", c.nonce, true}, {"uri", c.uri, true},
		{"response", response, true}, {"algorithm", c.algorithm, false}, {"qop", c.qop, false},
		{"nc", c.nc, false}, {"cnonce", c.cnonce, true},
	} {
		value, over := c.fields[f.name]
		switch {
		case value == "-", !over && f.value == "" && f.name != "uri", c.qop == "" && (f.name == "nc" || f.name == "cnonce"):
			continue
		case over:
			f.value = value
		}
		if f.quoted {
			f.value = `"` + f.value + `"`
		}
		fmt.Fprintf(&b, "%s=%s, ", f.name, f.value)
	}
	return strings.TrimSuffix(b.String(), ", ")
}

// peer runs a program that we did not write in a directory.
func peer(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		t.Skip(name + " is not installed here, and is what this test holds ours against")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		err = errors.Join(err, errors.New(said.String()))
	}
	return string(out), err
}
