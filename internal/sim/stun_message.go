package sim

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"net"
	"strconv"
)

// Kinds and attributes of STUN messages (RFC 3489 11.1, 11.2; TR-069 G.2.1.3).
const (
	stunRequest = 0x0001
	stunSuccess = 0x0101
	stunError   = 0x0111

	stunMapped    = 0x0001
	stunUsername  = 0x0006
	stunIntegrity = 0x0008
	stunCode      = 0x0009
	stunXorMapped = 0x0020
	stunListens   = 0xc001
	stunChanged   = 0xc002

	stunCookie = 0x2112a442
)

type stunAttr struct {
	kind  uint16
	value []byte
}

// stunMessage is one message. The id is all that follows the length: from RFC
// 5389 on it begins with the cookie.
type stunMessage struct {
	form  string
	kind  uint16
	id    [16]byte
	attrs []stunAttr
}

func (m *stunMessage) add(kind uint16, value []byte) {
	m.attrs = append(m.attrs, stunAttr{kind, value})
}

// wireID is the id of the request that is open, as it is sent.
func (c *stunClient) wireID() [16]byte { return idIn(c.form, c.id) }

func idIn(form string, id [16]byte) [16]byte {
	if form == stunModern {
		binary.BigEndian.PutUint32(id[:], stunCookie)
	}
	return id
}

// encode writes the message, signed if there is a password.
func (m *stunMessage) encode(password string) []byte {
	b := binary.BigEndian.AppendUint16(nil, m.kind)
	b = append(b, 0, 0)
	id := idIn(m.form, m.id)
	b = append(b, id[:]...)
	for _, a := range m.attrs {
		b = binary.BigEndian.AppendUint16(b, a.kind)
		b = binary.BigEndian.AppendUint16(b, uint16(len(a.value)))
		b = append(b, a.value...)
		for m.form != stunUnpadded && len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	size := len(b) - 20
	if password != "" {
		size += 24
	}
	binary.BigEndian.PutUint16(b[2:], uint16(size))
	if password == "" {
		return b
	}
	text := append([]byte(nil), b...)
	for m.form != stunModern && len(text)%64 != 0 {
		text = append(text, 0)
	}
	h := hmac.New(sha1.New, []byte(password))
	h.Write(text)
	b = append(b, stunIntegrity>>8, stunIntegrity&255, 0, 20)
	return h.Sum(b)
}

// decodeSTUN reads an answer.
func decodeSTUN(b []byte) (m stunMessage, ok bool) {
	if len(b) < 20 || int(binary.BigEndian.Uint16(b[2:])) != len(b)-20 {
		return m, false
	}
	m.kind, m.id = binary.BigEndian.Uint16(b), [16]byte(b[4:20])
	for b = b[20:]; len(b) >= 4; {
		n := int(binary.BigEndian.Uint16(b[2:]))
		if len(b) < 4+n {
			return m, false
		}
		m.add(binary.BigEndian.Uint16(b), append([]byte(nil), b[4:4+n]...))
		b = b[min(len(b), 4+(n+3)&^3):]
	}
	return m, m.kind == stunSuccess || m.kind == stunError
}

// code is the error that the server answers with.
func (m *stunMessage) code() int {
	for _, a := range m.attrs {
		if a.kind == stunCode && len(a.value) >= 4 {
			return int(a.value[2])*100 + int(a.value[3])
		}
	}
	return 0
}

// address is how the server sees the phone: as it is, or covered by the cookie
// so that no NAT on the way changes it.
func (m *stunMessage) address() string {
	found := ""
	for _, a := range m.attrs {
		if len(a.value) != 8 || a.value[1] != 1 || a.kind != stunMapped && a.kind != stunXorMapped {
			continue
		}
		port, ip := binary.BigEndian.Uint16(a.value[2:]), binary.BigEndian.Uint32(a.value[4:])
		if a.kind == stunXorMapped {
			port, ip = port^stunCookie>>16, ip^stunCookie
		}
		found = net.JoinHostPort(net.IP(binary.BigEndian.AppendUint32(nil, ip)).String(), strconv.Itoa(int(port)))
	}
	return found
}
