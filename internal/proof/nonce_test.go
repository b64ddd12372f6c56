package proof

import (
	"strings"
	"testing"
	"time"
)

// TestNonceSealed changes every character of a nonce.
func TestNonceSealed(t *testing.T) {
	c, clock := newChecker(t, Options{})
	s := c.nonces.issue(SHA256)
	if n := c.nonces.read(s); len(s) != 32 || !n.ours || n.expired || n.alg != SHA256 {
		t.Fatalf("%q: %+v", s, n)
	}
	for i := range s {
		for _, other := range []string{"A", "z", "-", "=", "\n"} {
			if bent := s[:i] + other + s[i+1:]; bent != s && c.nonces.read(bent).ours {
				t.Errorf("%q is taken for ours as well", bent)
			}
		}
	}
	for _, bent := range []string{"", s[:31], s + "A", s + "=", strings.ToLower(s), " " + s[1:]} {
		if c.nonces.read(bent).ours {
			t.Errorf("%q is taken for ours", bent)
		}
	}
	clock.Advance(-time.Minute)
	if c.nonces.read(s).expired {
		t.Error("a nonce of a minute ahead is not borne")
	}
	clock.Advance(-time.Millisecond)
	if !c.nonces.read(s).expired {
		t.Error("a nonce of the future is borne")
	}
}

// TestNoncesDiffer makes many in one instant: phones do not share one.
func TestNoncesDiffer(t *testing.T) {
	c, _ := newChecker(t, Options{})
	seen := map[string]bool{}
	for range 10_000 {
		s := c.nonces.issue(MD5)
		if seen[s] {
			t.Fatalf("%q twice", s)
		}
		seen[s] = true
	}
}

// FuzzNonce promises that nothing that was not issued is taken for ours.
func FuzzNonce(f *testing.F) {
	c, _ := newChecker(f, Options{})
	f.Add(strings.Repeat("A", 32))
	f.Add("")
	f.Add("dcd98b7102dd2f0e8b11d0f600bfb0c0")
	f.Fuzz(func(t *testing.T, s string) {
		if n := c.nonces.read(s); n.ours || n != (nonce{}) {
			t.Fatalf("%q: %+v", s, n)
		}
	})
}
