package sim

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// A gate stands before a fake ACS and lets in who proves to know the password.
// It is as lenient as a server of such phones must be, and as strict as it can.
type gate struct {
	mu       sync.Mutex
	nonces   int
	seen     []digest // proofs that were right
	refused  int
	basic    int
	junk     int
	let      map[string]bool // cookies of sessions that a proof began
	emptyOut int             // empty POSTs that were challenged
	peers    []string        // of all requests
}

const gateUser, gatePassword = "phone", "correct horse"

// before is the hook of fakeACS.
func (g *gate) before(w http.ResponseWriter, r *http.Request, body string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.peers = append(g.peers, r.RemoteAddr)
	value := r.Header.Get("Authorization")
	if user, password, ok := r.BasicAuth(); ok {
		if g.basic++; user != gateUser || password != gatePassword {
			g.refused++
		}
	}
	d, ok := parseDigest(value)
	if !ok && value != "" && !strings.HasPrefix(value, "Basic ") {
		g.junk++
	}
	if !ok && value == "" && g.let[r.Header.Get("Cookie")] {
		return false // the session carries the proof
	}
	want := ""
	if ok && strings.HasPrefix(d.nonce, "gate-") && (d.uri == "" || d.uri == r.RequestURI) {
		want, _ = d.sum(gatePassword, r.Method)
	}
	if want == "" || want != d.response || d.user != gateUser {
		if ok {
			g.refused++
		}
		if body == "" && len(g.seen) == 0 {
			g.emptyOut++
		}
		g.nonces++
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Digest realm="gate", nonce="gate-%d", qop="auth", algorithm=MD5`, g.nonces))
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	g.seen = append(g.seen, d)
	return false
}

// TestDigestDialects has phones of each dialect prove themselves to a server
// that looks.
func TestDigestDialects(t *testing.T) {
	// Two sessions of Inform and an empty POST make four proofs.
	for _, tt := range []struct {
		dialect    string
		posts      int // of both sessions, refused ones too
		proofs     int
		challenges int
		check      func(t *testing.T, g *gate)
	}{
		{"", 6, 4, 2, func(t *testing.T, g *gate) {
			for i, nc := range []string{"00000001", "00000002", "00000001", "00000002"} {
				if g.seen[i].nc != nc || g.seen[i].qop != "auth" || g.seen[i].uri != "/" {
					t.Errorf("proof %d is %+v", i, g.seen[i])
				}
			}
		}},
		{"digest-2069", 6, 4, 2, func(t *testing.T, g *gate) {
			if d := g.seen[0]; d.qop != "" || d.nc != "" || d.cnonce != "" {
				t.Errorf("the proof is %+v", d)
			}
		}},
		{"digest-empty-uri", 6, 4, 2, func(t *testing.T, g *gate) {
			if g.seen[3].uri != "" {
				t.Errorf("the proof is %+v", g.seen[3])
			}
		}},
		{"digest-one-nonce", 5, 4, 1, func(t *testing.T, g *gate) {
			for _, d := range g.seen {
				if d.nonce != "gate-1" || d.nc != "00000001" {
					t.Errorf("the proof is %+v", d)
				}
			}
		}},
		{"digest-inform-only", 6, 2, 2, nil},
		{"digest-quoted", 6, 4, 2, nil},
		{"digest-lines", 6, 4, 2, nil},
		{"closed-after-401", 6, 4, 2, func(t *testing.T, g *gate) {
			if g.peers[0] == g.peers[1] || g.peers[1] != g.peers[2] {
				t.Errorf("the requests came from %q", g.peers)
			}
		}},
		{"empty-first", 6, 4, 2, func(t *testing.T, g *gate) {
			if g.emptyOut != 1 { // of the first session; the gate knows no second
				t.Errorf("%d empty POSTs were challenged", g.emptyOut)
			}
		}},
		{"auth-malformed", 6, 4, 2, func(t *testing.T, g *gate) {
			if g.junk+g.refused < 2 {
				t.Errorf("%d headers could not be read, %d were refused", g.junk, g.refused)
			}
		}},
		{"basic-unasked", 6, 4, 2, func(t *testing.T, g *gate) {
			if g.basic != 2 || g.refused != 0 {
				t.Errorf("%d came with Basic, %d refused", g.basic, g.refused)
			}
		}},
		{"gives-up-at-401", 2, 0, 2, nil},
	} {
		t.Run(tt.dialect, func(t *testing.T) {
			g := &gate{let: map[string]bool{}}
			acs := newACS()
			acs.before = g.before
			if tt.dialect == "digest-inform-only" {
				g.let["sid=s1"], g.let["sid=s2"], g.let["sid=s3"] = true, true, true
			}
			b := Behaviour{}
			if tt.dialect != "" {
				b.Dialects = []string{tt.dialect}
			}
			p := New(Options{ACS: acs.start(t).URL, Models: []string{"X6"}, Manual: true, Behaviour: b,
				Username: gateUser, Password: gatePassword}).Phone(0)
			for range 2 {
				if err := p.Inform(t.Context()); (err != nil) != (tt.proofs == 0) {
					t.Errorf("session: %v", err)
				}
			}
			if n := p.Ledger().Posts; n != tt.posts || len(g.seen) != tt.proofs || g.nonces != tt.challenges {
				t.Errorf("%d requests, %d proofs, %d challenges; want %d, %d, %d", n, len(g.seen), g.nonces, tt.posts, tt.proofs, tt.challenges)
			}
			if tt.check != nil && !t.Failed() {
				tt.check(t, g)
			}
		})
	}
}
