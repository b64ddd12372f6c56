package proof

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"phoneacs/phones"
)

// Identity is what names one phone. Unknown fields are empty; MAC is in any
// spelling, the rest as in the phone's DeviceId.
type Identity struct {
	MAC, OUI, ProductClass, Serial string
}

// ErrUserName reports a user name that is not made of an identity.
var ErrUserName = errors.New("want OUI-ProductClass-Serial or OUI-Serial")

// UserName is the name that TR-069 (3.4.4) gives a phone: OUI-ProductClass-Serial
// or, without product class, OUI-Serial. Each part is UTF-8 in which all but
// letters and digits of ASCII and "_" is percent-encoded. An identity without
// OUI or serial number is an error.
func UserName(id Identity) (string, error) {
	switch {
	case id.OUI == "":
		return "", errors.New("oui: a user name needs it")
	case id.Serial == "":
		return "", errors.New("serial number: a user name needs it")
	}
	var b strings.Builder
	b.Grow(len(id.OUI) + len(id.ProductClass) + len(id.Serial) + 2)
	escape(&b, id.OUI)
	if id.ProductClass != "" {
		b.WriteByte('-')
		escape(&b, id.ProductClass)
	}
	b.WriteByte('-')
	escape(&b, id.Serial)
	return b.String(), nil
}

func escape(b *strings.Builder, s string) {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '_' {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
}

// ParseUserName reads what [UserName] writes. A phone that leaves the hyphens of
// its product class as they are ("001565-SIP-T22P-0015652E0372") is understood:
// the OUI ends at the first hyphen and the serial number begins after the last,
// so every name has one reading. Anything else is an error that is ErrUserName.
func ParseUserName(s string) (Identity, error) {
	first, last := strings.IndexByte(s, '-'), strings.LastIndexByte(s, '-')
	if first < 0 {
		return Identity{}, fmt.Errorf("user name: %w", ErrUserName)
	}
	parts := []string{s[:first], "", s[last+1:]}
	if first < last {
		parts[1] = s[first+1 : last]
		if parts[1] == "" {
			return Identity{}, fmt.Errorf("user name: empty product class: %w", ErrUserName)
		}
	}
	for i, part := range parts {
		text, err := url.PathUnescape(part)
		if err != nil || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return Identity{}, fmt.Errorf("user name: what is percent-encoded is not text: %w", ErrUserName)
		}
		parts[i] = text
	}
	if parts[0] == "" || parts[2] == "" {
		return Identity{}, fmt.Errorf("user name: OUI or serial number is empty: %w", ErrUserName)
	}
	return Identity{OUI: parts[0], ProductClass: parts[1], Serial: parts[2]}, nil
}

// nameOf reports whether a parsed name is that of id. A name without product
// class is: OUI and serial number are to be unique by themselves.
func (named Identity) nameOf(id Identity) bool {
	return id.OUI != "" && id.Serial != "" && strings.EqualFold(named.OUI, id.OUI) &&
		(named.ProductClass == "" || named.ProductClass == id.ProductClass) &&
		(named.Serial == id.Serial || sameMAC(named.Serial, id.Serial))
}

// sameMAC reports whether both are MAC addresses, and the same.
func sameMAC(a, b string) bool {
	x, err := phones.ParseMAC(a)
	if err != nil {
		return false
	}
	y, err := phones.ParseMAC(b)
	return err == nil && x == y
}
