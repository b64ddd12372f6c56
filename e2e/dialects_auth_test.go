package e2e

import (
	"net/http"
	"testing"

	"phoneacs/internal/sim"
)

// authCases are of how a phone proves who it is. Each comes from the factory
// with a password that proves nothing here, and is given its own.
var authCases = []dialectCase{
	{name: "Q17 Basic unasked, in clear", behave: "chunked,dialect=latin1,dialect=basic-unasked"},
	{name: "Q17 Basic is taken in clear", behave: "dialect=gives-up-at-401,dialect=basic-unasked", quirks: treated("basic_in_clear")},
	{name: "Q19 Authorization cannot be read until it is challenged", behave: "dialect=auth-malformed"},
	{name: "Q59 qop, algorithm and nc in quotes", behave: "dialect=digest-quoted"},
	{name: "Q59 the proof is spread over lines", behave: "dialect=digest-lines"},
	{name: "Q59 a phone gives up at the 401", behave: "dialect=gives-up-at-401", quirks: treated("no_challenge")},
	{name: "Q9 Q68 the connection closes after the 401", behave: "dialect=closed-after-401"},
	{name: "Q9 Q68 the connection closes after the 401, and there is no cookie", behave: "dialect=closed-after-401,no-cookie"},
	{name: "Q70 an empty POST collects the 401", behave: "dialect=empty-first"},
	{name: "Q71 Digest of RFC 2069", behave: "dialect=digest-2069", quirks: treated("digest_without_qop")},
	{name: "Q71 an empty uri", behave: "dialect=digest-empty-uri", quirks: treated("digest_empty_uri")},
	{name: "Q71 one count and one nonce for ever", behave: "dialect=digest-one-nonce", quirks: treated("digest_nonce_reuse")},
	{name: "Q72 the Inform alone is proven, a cookie carries on", behave: "new-conn-each-post,dialect=digest-inform-only"},
	{name: "Q72 the Inform alone is proven, the connection carries on", behave: "no-cookie,dialect=digest-inform-only"},
	{name: "Q4 Q72 an old cookie proves nothing", behave: "new-conn-each-post,stale-cookie,dialect=digest-inform-only"},
}

func treated(name string) map[string]any { return map[string]any{name: true} }

// TestDialectsOfProof has phones of each dialect take credentials of their own,
// prove themselves by them, and only then do a day's work.
func TestDialectsOfProof(t *testing.T) {
	s := dialectServer(t)
	for i, c := range authCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.with = func(o *sim.Options) { o.Password = "factory" }
			waived := c.quirks["no_challenge"] != nil // it could not use them
			o := s.speaks(t, i, c)
			if waived {
				o.call(t, http.MethodPatch, "/api/v1/phones/"+o.id, map[string]any{"proof": "waived"}, nil)
			}
			o.day(nil)
			l, password := o.phone.Ledger(), ownLogin(o.phone).password
			m := s.managed(t, o.id)
			if waived {
				if m.Proof != "waived" || password != "factory" || l.Total("SetParameterValues") == 0 {
					t.Errorf("it is %+v, its password is the factory's: %v", m, password == "factory")
				}
				return
			}
			if m.State != "approved" || m.Proof != "own" || len(password) < 20 {
				t.Errorf("it is %+v, with a password of %d characters; want its own", m, len(password))
			}
			if l.Failed > 0 {
				t.Errorf("%d sessions were lost, the last by %q", l.Failed, l.LastError)
			}
		})
	}
}
