package record

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestFind: what is found is what looking at each place finds.
func TestFind(t *testing.T) {
	pieces := []string{"a", "b", "ab", "&", "&amp;", "&#97;", "&#x62;", "&lt;", "x", "aab", ";"}
	rnd := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 20_000 {
		var text string
		for range rnd.IntN(12) {
			text += pieces[rnd.IntN(len(pieces))]
		}
		for _, secret := range []string{"ab", "aa", "a&b", "&", "b;"} {
			var want []span
			for at := 0; at < len(text); at++ {
				if n := spelled([]byte(text[at:]), []byte(secret)); n > 0 {
					want = append(want, span{at, at + n})
					at += n - 1
				}
			}
			if got := find([]byte(text), []byte(secret)); !slices.Equal(got, want) {
				t.Fatalf("%q in %q: %v; want %v", secret, text, got, want)
			}
			found += len(want)
		}
	}
	if found < 10_000 {
		t.Errorf("found %d times: the test looks for nothing", found)
	}
}
