package sim

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// MAC is the hardware address of a phone. The zero MAC means "not given".
type MAC [6]byte

// ParseMAC reads twelve hexadecimal digits in either case, plain or parted by
// colons, hyphens or dots.
func ParseMAC(s string) (MAC, error) {
	var m MAC
	digits := strings.NewReplacer(":", "", "-", "", ".", "").Replace(s)
	if len(digits) != 2*len(m) {
		return MAC{}, fmt.Errorf("read mac %q: want 12 hexadecimal digits", s)
	}
	if _, err := hex.Decode(m[:], []byte(digits)); err != nil {
		return MAC{}, fmt.Errorf("read mac %q: %w", s, err)
	}
	return m, nil
}

// String gives twelve lower-case hexadecimal digits, as Fanvil phones write it.
func (m MAC) String() string { return hex.EncodeToString(m[:]) }

// OUI gives the first three bytes as six upper-case digits (TR-069 A.3.3.1).
func (m MAC) OUI() string { return strings.ToUpper(hex.EncodeToString(m[:3])) }

// add counts n further within the same OUI, wrapping at its end.
func (m MAC) add(n int) MAC {
	nic := int(m[3])<<16 | int(m[4])<<8 | int(m[5])
	nic += n
	m[3], m[4], m[5] = byte(nic>>16), byte(nic>>8), byte(nic)
	return m
}
