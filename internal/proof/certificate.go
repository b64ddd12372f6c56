package proof

import (
	"crypto/tls"
	"net/url"
	"strings"

	"phoneacs/phones"
)

// maxNames bounds how many names of each sort are looked at.
const maxNames = 64

// CertifiedIdentities are the phones that a client's certificate names: by MAC
// address, or as TR-069 (3.3) has it by OUI-Serial or OUI-ProductClass-Serial.
// It is nil without a certificate, for one that was not verified, and for one
// that a whole model shares: its phones must log in as well.
//
// Names are looked for in the common name, the serialNumber of the subject and
// the DNS and URI alternative names; of a DNS name the first label counts, of a
// URI what follows its last slash or stands after urn:dev:mac: or urn:dev:ops:
// (RFC 9039). Which authorities may name phones is for the TLS configuration.
func CertifiedIdentities(cs *tls.ConnectionState) []Identity {
	if cs == nil || len(cs.VerifiedChains) == 0 || len(cs.VerifiedChains[0]) == 0 {
		return nil
	}
	leaf := cs.VerifiedChains[0][0]
	names := make([]string, 0, 8)
	names = append(names, leaf.Subject.CommonName, leaf.Subject.SerialNumber)
	for _, host := range leaf.DNSNames[:min(len(leaf.DNSNames), maxNames)] {
		label, _, _ := strings.Cut(host, ".")
		names = append(names, label)
	}
	for _, u := range leaf.URIs[:min(len(leaf.URIs), maxNames)] {
		names = append(names, nameOfURI(u))
	}
	var found []Identity
	for _, name := range names {
		if id, ok := readName(name); ok {
			found = append(found, id)
		}
	}
	return found
}

// Certified reports whether a client's certificate names the phone id. Ask with
// the identity on record of the phone that is to be served: what a phone says
// of itself it may have taken from another.
func Certified(cs *tls.ConnectionState, id Identity) bool {
	for _, named := range CertifiedIdentities(cs) {
		if named.MAC != "" && sameMAC(named.MAC, id.MAC) || named.OUI != "" && named.nameOf(id) {
			return true
		}
	}
	return false
}

// readName reads a name, as a whole, as a MAC address or as OUI and the rest.
func readName(s string) (Identity, bool) {
	if mac, err := phones.ParseMAC(s); err == nil {
		return Identity{MAC: mac}, true
	}
	// A name that merely has a hyphen is none: an OUI is 6 digits.
	if id, err := ParseUserName(strings.TrimSpace(s)); err == nil && isOUI(id.OUI) {
		return id, true
	}
	return Identity{}, false
}

func isOUI(s string) bool {
	return len(s) == 6 && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// nameOfURI cuts the part of a URI that may name a phone.
func nameOfURI(u *url.URL) string {
	s := u.String()
	for _, prefix := range []string{"urn:dev:mac:", "urn:dev:ops:", "urn:mac:", "mac:"} {
		if len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
			return fromEUI64(s[len(prefix):])
		}
	}
	return s[strings.LastIndexByte(s, '/')+1:]
}

// fromEUI64 takes the filling out of a MAC address that was made 64 bits long,
// which is how RFC 9039 spells one.
func fromEUI64(s string) string {
	if len(s) == 16 && (strings.EqualFold(s[6:10], "fffe") || strings.EqualFold(s[6:10], "ffff")) {
		if _, err := phones.ParseMAC(s[:6] + s[10:]); err == nil {
			return s[:6] + s[10:]
		}
	}
	return s
}
