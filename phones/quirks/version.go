package quirks

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// A rangeOf is firmware between bounds: what passes all of them.
type rangeOf []bound

type bound struct {
	op      string // = != < <= > >=
	version string // as written
}

const maxBounds = 8

// parseRange reads ">=2.4, <2.10". Empty is any version.
func parseRange(s string) (rangeOf, error) {
	if s == "" {
		return nil, nil
	}
	var r rangeOf
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		b := bound{op: part[:len(part)-len(strings.TrimLeft(part, "<>=!"))]}
		b.version = strings.TrimSpace(part[len(b.op):])
		switch b.op {
		case "=", "!=", "<", "<=", ">", ">=":
		default:
			return nil, fmt.Errorf("%q does not begin with =, !=, <, <=, > or >=, as in \">=2.4, <2.10\"", clip(part))
		}
		if first, _ := cutPart(b.version); first == "" || strings.ContainsAny(b.version, "<>=!") {
			return nil, fmt.Errorf("%q names no version", clip(part))
		}
		if r = append(r, b); len(r) > maxBounds {
			return nil, fmt.Errorf("more than %d bounds", maxBounds)
		}
	}
	if len(r) == 0 {
		return nil, errors.New("names no version")
	}
	return r, nil
}

// holds reports whether a version lies in the range; one that is not known lies
// in none that has bounds. plain brings both sides into the vendor's form.
func (r rangeOf) holds(version string, plain func(string) string) bool {
	if len(r) == 0 {
		return true
	}
	if version = plain(version); version == "" {
		return false
	}
	for _, b := range r {
		c := compareVersions(version, plain(b.version))
		ok := false
		switch b.op {
		case "=":
			ok = c == 0
		case "!=":
			ok = c != 0
		case "<":
			ok = c < 0
		case "<=":
			ok = c <= 0
		case ">":
			ok = c > 0
		case ">=":
			ok = c >= 0
		}
		if !ok {
			return false
		}
	}
	return true
}

// compareVersions is the order of filters over phones: part by part, where a
// part is a run of digits or of other letters, separators do not matter, digits
// count as numbers and come after letters, and what has more parts is newer.
func compareVersions(a, b string) int {
	for {
		var x, y string
		x, a = cutPart(a)
		y, b = cutPart(b)
		if x == "" || y == "" {
			return cmp.Compare(len(x), len(y))
		}
		if c := compareParts(x, y); c != 0 {
			return c
		}
	}
}

func compareParts(x, y string) int {
	dx, dy := digit(x[0]), digit(y[0])
	switch {
	case dx && dy:
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y))
	case dx:
		return 1
	case dy:
		return -1
	}
	return strings.Compare(strings.ToLower(x), strings.ToLower(y))
}

const separators = ".-_+ "

// cutPart cuts the first part off; it is empty at the end.
func cutPart(s string) (part, rest string) {
	s = strings.TrimLeft(s, separators)
	n := 0
	for n < len(s) && strings.IndexByte(separators, s[n]) < 0 && digit(s[n]) == digit(s[0]) {
		n++
	}
	return s[:n], s[n:]
}

func digit(b byte) bool { return '0' <= b && b <= '9' }
