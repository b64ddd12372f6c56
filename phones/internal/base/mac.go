package base

import (
	"errors"
	"strings"

	"phoneacs/cwmp"
)

// ErrMAC reports that a text is not a MAC address.
var ErrMAC = errors.New("not a MAC address")

// ParseMAC reads a MAC address in any common spelling: bare, or in groups of
// two or four digits that one and the same of ":", "-", "." or " " separates;
// either case, surrounding space ignored. It returns 12 lower-case hexadecimal
// digits, or an error that is ErrMAC.
func ParseMAC(s string) (string, error) {
	s = strings.TrimSpace(s)
	group := 12
	switch len(s) {
	case 12:
	case 14: // 0c38.3e07.e16c
		group = 4
	case 17: // 0c:38:3e:07:e1:6c
		group = 2
	default:
		return "", ErrMAC
	}
	mac := make([]byte, 0, 12)
	for i := 0; i < len(s); i++ {
		if i%(group+1) == group {
			if s[i] != s[group] || !strings.ContainsRune(":-. ", rune(s[i])) {
				return "", ErrMAC
			}
			continue
		}
		c := s[i]
		if 'A' <= c && c <= 'F' {
			c += 'a' - 'A'
		}
		if !(('0' <= c && c <= '9') || ('a' <= c && c <= 'f')) {
			return "", ErrMAC
		}
		mac = append(mac, c)
	}
	return string(mac), nil
}

// UsableMAC reports whether mac, as ParseMAC returns it, can be the address of
// one device: neither all zeros, nor multicast.
func UsableMAC(mac string) bool {
	if len(mac) != 12 || mac == "000000000000" {
		return false
	}
	return strings.IndexByte("13579bdf", mac[1]) < 0
}

// FindMAC returns the MAC address that an Inform names plainly: a serial number
// that is one, or a parameter called MACAddress. It returns "" when there is
// none, or when two parameters disagree.
func FindMAC(id cwmp.DeviceID, params []cwmp.ParameterValue) string {
	if mac, err := ParseMAC(id.SerialNumber); err == nil && UsableMAC(mac) {
		return mac
	}
	found := ""
	for _, p := range params {
		if !strings.HasSuffix(p.Name, ".MACAddress") {
			continue
		}
		mac, err := ParseMAC(p.Value)
		if err != nil || !UsableMAC(mac) {
			continue
		}
		if found != "" && found != mac {
			return ""
		}
		found = mac
	}
	return found
}
