package stun

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"

	wire "github.com/pion/stun/v3"
)

const sumLen = sha1.Size

// provenBy reports whether the request is signed with a password, and in which
// of the two forms: padded is that of RFC 3489 11.2.8, whose text is filled up
// with zeros to a multiple of 64 bytes; RFC 5389 15.4 does without. Phones mix
// them up, so either is taken from any.
func (r *request) provenBy(password string) (padded, ok bool) {
	if r.signed == 0 || password == "" {
		return false, false
	}
	for _, padded := range []bool{r.classic, !r.classic} {
		if hmac.Equal(r.sum, sum(r.raw[:r.signed], password, padded)) {
			return padded, true
		}
	}
	return false, false
}

// sum is the value of MESSAGE-INTEGRITY after a text. The length in the header
// of the text counts that attribute, and none that may follow.
func sum(text []byte, password string, padded bool) []byte {
	head := [headerLen]byte(text)
	binary.BigEndian.PutUint16(head[2:], uint16(len(text)-headerLen+4+sumLen))
	h := hmac.New(sha1.New, []byte(password))
	h.Write(head[:])
	h.Write(text[headerLen:])
	if padded {
		h.Write(make([]byte, -len(text)&63))
	}
	return h.Sum(nil)
}

// sign ends a message with MESSAGE-INTEGRITY.
func sign(text []byte, password string, padded bool) []byte {
	mac := sum(text, password, padded)
	text = binary.BigEndian.AppendUint16(text, uint16(wire.AttrMessageIntegrity))
	text = append(binary.BigEndian.AppendUint16(text, sumLen), mac...)
	binary.BigEndian.PutUint16(text[2:], uint16(len(text)-headerLen))
	return text
}
