package db

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var errMACRange = errors.New("want a MAC address, a range as in 0c383e000010-0c383e00001f, or the beginning of one as in 0c383e000000/24")

// ParseMACRange reads which MAC addresses are meant: one, all from a first to a
// last with a hyphen between, or all that begin with the first n bits of one,
// "/n". Addresses may be spelt with colons, hyphens or dots. It returns the
// first and the last, 12 lower-case hex digits each, as MACs of phones are kept.
func ParseMACRange(s string) (first, last string, err error) {
	if len(s) > 64 {
		return "", "", errMACRange
	}
	if head, bits, ok := strings.Cut(s, "/"); ok {
		n, err := strconv.ParseUint(strings.TrimSpace(bits), 10, 8)
		mac, rest, isMAC := cutMAC(strings.TrimSpace(head))
		if err != nil || n < 1 || n > 48 || !isMAC || rest != "" {
			return "", "", errMACRange
		}
		low := uint64(1)<<(48-n) - 1
		if mac&low != 0 {
			return "", "", fmt.Errorf("%s has digits behind its first %d bits; want %012x/%d", strings.TrimSpace(head), n, mac&^low, n)
		}
		return fmt.Sprintf("%012x", mac), fmt.Sprintf("%012x", mac|low), nil
	}
	from, rest, ok := cutMAC(strings.TrimSpace(s))
	if !ok {
		return "", "", errMACRange
	}
	to := from
	if rest != "" {
		tail, hyphen := strings.CutPrefix(strings.TrimLeft(rest, " "), "-")
		var more string
		if to, more, ok = cutMAC(strings.TrimLeft(tail, " ")); !ok || !hyphen || more != "" {
			return "", "", errMACRange
		}
	}
	if from > to {
		return "", "", fmt.Errorf("the range ends at %012x, before it begins", to)
	}
	return fmt.Sprintf("%012x", from), fmt.Sprintf("%012x", to), nil
}

// cutMAC reads the address that a text begins with.
func cutMAC(s string) (mac uint64, rest string, ok bool) {
	digits := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			mac = mac<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			mac = mac<<4 | uint64(c-'a'+10)
		case c >= 'A' && c <= 'F':
			mac = mac<<4 | uint64(c-'A'+10)
		case (c == ':' || c == '-' || c == '.') && digits%2 == 0 && digits > 0 && s[i-1] != c:
			continue
		default:
			return 0, "", false
		}
		if digits++; digits == 12 {
			return mac, s[i+1:], true
		}
	}
	return 0, "", false
}

// FormatMACRange writes what [ParseMACRange] reads, the shortest way.
func FormatMACRange(first, last string) string {
	if first == last {
		return first
	}
	return first + "-" + last
}
