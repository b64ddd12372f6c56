package filter

import (
	"cmp"
	"strings"
)

// compareVersions compares part by part. A part is a run of digits or of
// anything else but separators (. - _ + and space); which separators stand
// between parts does not matter. Digits compare as numbers of any length and
// are newer than letters; what has more parts is newer.
func compareVersions(a, b string) int {
	for {
		var x, y string
		x, a = versionPart(a)
		y, b = versionPart(b)
		if x == "" || y == "" {
			return cmp.Compare(len(x), len(y))
		}
		if c := compareParts(x, y); c != 0 {
			return c
		}
	}
}

func compareParts(x, y string) int {
	switch dx, dy := digit(x[0]), digit(y[0]); {
	case dx && dy:
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		if c := cmp.Compare(len(x), len(y)); c != 0 {
			return c
		}
		return strings.Compare(x, y)
	case dx:
		return 1
	case dy:
		return -1
	}
	for i := range min(len(x), len(y)) {
		if c := cmp.Compare(fold(rune(x[i])), fold(rune(y[i]))); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}

// versionPart cuts the first part off; it is empty at the end.
func versionPart(s string) (part, rest string) {
	s = strings.TrimLeft(s, separators)
	n := 0
	for n < len(s) && strings.IndexByte(separators, s[n]) < 0 && digit(s[n]) == digit(s[0]) {
		n++
	}
	return s[:n], s[n:]
}

const separators = ".-_+ "

func digit(b byte) bool { return '0' <= b && b <= '9' }
