package sip

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"testing"

	"phoneacs/db"
)

// field is a quoted or bare parameter of a header.
func field(header, name string) string {
	_, rest, ok := strings.Cut(header, name+"=")
	if !ok {
		return ""
	}
	if strings.HasPrefix(rest, `"`) {
		rest, _, _ = strings.Cut(rest[1:], `"`)
		return rest
	}
	rest, _, _ = strings.Cut(rest, ",")
	return strings.TrimSpace(rest)
}

func hashed(parts ...string) string {
	sum := md5.Sum([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(sum[:])
}

// TestChallenge: a phone that asks who we are is told by the login that it was
// given for being woken, in a transaction of its own, and once.
func TestChallenge(t *testing.T) {
	for _, tt := range []struct {
		name, status, challenge, says string
	}{
		{"401", "401 Unauthorized", `WWW-Authenticate: Digest realm="phone", nonce="abc", algorithm=md5, qop="auth"`, "Authorization"},
		{"407", "407 Proxy Authentication Required", `Proxy-Authenticate: Digest realm="phone", nonce="abc"`, "Proxy-Authorization"},
		{"behind another scheme", "401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: Digest realm=\"phone\", nonce=\"abc\"", "Authorization"},
	} {
		bubble(t, nil, func(t *testing.T, r *rig) {
			r.socket.hear = func(p packet) {
				answer := reply(p.data, tt.status, tt.challenge)
				if a := head(p.data, tt.says); a != "" {
					ha1, ha2 := hashed(field(a, "username"), "phone", "secret"), hashed("NOTIFY", field(a, "uri"))
					want := hashed(ha1, "abc", ha2)
					if field(a, "qop") != "" {
						want = hashed(ha1, "abc", field(a, "nc"), field(a, "cnonce"), "auth", ha2)
					}
					if field(a, "response") == want && field(a, "uri") == "sip:1001@192.0.2.7:5060" {
						answer = reply(p.data, "200 OK")
					}
				}
				r.socket.in <- packet{data: answer, peer: p.peer}
			}
			n := notice()
			n.Login = db.Login{User: "acs", Password: "secret"}
			if a := r.ask(n); a.Status != 200 || a.Sent != 2 {
				t.Errorf("%s: answer %+v", tt.name, a)
			}
			sent := r.socket.sent()
			first, second := sent[0].data, sent[1].data
			if head(first, "CSeq") != "1 NOTIFY" || head(second, "CSeq") != "2 NOTIFY" || head(first, "Call-ID") != head(second, "Call-ID") ||
				head(first, "From") != head(second, "From") || head(first, "Via") == head(second, "Via") || strings.Count(second, "Via:") != 1 {
				t.Errorf("%s: the second is no repetition of the first:\n%s\n%s", tt.name, first, second)
			}
			if strings.Contains(second, "secret") {
				t.Errorf("%s: the password is in it", tt.name)
			}
		})
	}
}

// TestChallengeRefused: what is not ours to answer, and what is not answered
// twice.
func TestChallengeRefused(t *testing.T) {
	for _, tt := range []struct {
		name, challenge string
		login           db.Login
		sent            int
		want            string
	}{
		{"no login is known", `WWW-Authenticate: Digest realm="a", nonce="b"`, db.Login{}, 1, "no login of it is known here"},
		{"another login is wanted", `WWW-Authenticate: Digest realm="a", nonce="b"`, db.Login{User: "u", Password: "p"}, 2, "did not take its connection-request login"},
		{"in clear, which is never sent", `WWW-Authenticate: Basic realm="a"`, db.Login{User: "u", Password: "p"}, 1, "did not take"},
		{"an algorithm that nobody knows", `WWW-Authenticate: Digest realm="a", nonce="b", algorithm=ROT13`, db.Login{User: "u", Password: "p"}, 1, "did not take"},
		{"no challenge", "X: y", db.Login{User: "u", Password: "p"}, 1, "did not take"},
	} {
		bubble(t, nil, func(t *testing.T, r *rig) {
			r.socket.hear = func(p packet) {
				r.socket.in <- packet{data: reply(p.data, "401 Unauthorized", tt.challenge), peer: p.peer}
			}
			n := notice()
			n.Login = tt.login
			if a := r.ask(n); a.Status != 401 || a.Sent != tt.sent || !strings.Contains(a.Why, tt.want) {
				t.Errorf("%s: %+v", tt.name, a)
			}
			if r.counted("phoneacs_sip_notifies_total", "unauthorised") != 1 {
				t.Errorf("%s is not counted", tt.name)
			}
		})
	}
}
