package filter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold returns the one form of all texts that compare equal: what an index
// keeps and looks up. It is the lower case, but for the few letters that have
// more than two forms.
func Fold(s string) string { return strings.Map(fold, s) }

// fold returns the one rune that stands for all that differ in case only.
func fold(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	low := lowest(r)
	if lower := unicode.ToLower(low); lowest(lower) == low {
		return lower
	}
	return low // İ, whose lower case is another letter's
}

// lowest walks the cycle of the forms of a letter.
func lowest(r rune) rune {
	low := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		low = min(low, next)
	}
	return low
}

// The needle of the functions below is folded already. They allocate nothing.

func containsFold(s, needle string) bool {
	for {
		if hasPrefixFold(s, needle) {
			return true
		}
		if s == "" {
			return false
		}
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
}

func hasPrefixFold(s, needle string) bool {
	for needle != "" {
		if s == "" {
			return false
		}
		a, n := utf8.DecodeRuneInString(s)
		b, m := utf8.DecodeRuneInString(needle)
		if a != b && fold(a) != b {
			return false
		}
		s, needle = s[n:], needle[m:]
	}
	return true
}

func hasSuffixFold(s, needle string) bool {
	for needle != "" {
		if s == "" {
			return false
		}
		a, n := utf8.DecodeLastRuneInString(s)
		b, m := utf8.DecodeLastRuneInString(needle)
		if a != b && fold(a) != b {
			return false
		}
		s, needle = s[:len(s)-n], needle[:len(needle)-m]
	}
	return true
}
