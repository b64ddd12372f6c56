package filter

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Lobby-1": "lobby-1", "ÄÖ": "äö", "äö": "äö", "\u212a": "k", "ſ": "s", "ς": "σ", "İ": "İ", "ẞ": "ß",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q; want %q", in, got, want)
		}
	}
}

// An index keeps Fold of a text, Match compares without it: they must agree.
func TestFoldAgreesWithEquality(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("aAkK\u212asSſσςΣİiIßẞ1é")), 0, 4, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		if got, want := Fold(a) == Fold(b), strings.EqualFold(a, b); got != want {
			t.Errorf("Fold says %v of %q and %q; EqualFold says %v", got, a, b, want)
		}
		for name, fn := range map[string][2]bool{
			"containsFold":  {containsFold(a, Fold(b)), strings.Contains(Fold(a), Fold(b))},
			"hasPrefixFold": {hasPrefixFold(a, Fold(b)), strings.HasPrefix(Fold(a), Fold(b))},
			"hasSuffixFold": {hasSuffixFold(a, Fold(b)), strings.HasSuffix(Fold(a), Fold(b))},
		} {
			if fn[0] != fn[1] {
				t.Errorf("%s(%q, %q) = %v; want %v", name, a, b, fn[0], fn[1])
			}
		}
	})
}

func TestCompareVersions(t *testing.T) {
	// Every row is older than the next; texts in a row are equal.
	rows := [][]string{
		{"", " ", "."},
		{"beta"},
		{"v2.4"},
		{"2"},
		{"2.0", "2.00", "2_0", "02-0"},
		{"2.4"},
		{"2.4rc1", "2.4-RC1", "2.4.rc.1"},
		{"2.4rc2"},
		{"2.4.0"},
		{"2.9", "2.009"},
		{"2.10"},
		{"2.10.1.1"},
		{"96.86.0.75"},
		{"99999999999999999999999999"},
		{"100000000000000000000000000"},
	}
	for i, as := range rows {
		for j, bs := range rows {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			for _, a := range as {
				for _, b := range bs {
					if got := compareVersions(a, b); got != want {
						t.Errorf("compareVersions(%q, %q) = %d; want %d", a, b, got, want)
					}
				}
			}
		}
	}
}
