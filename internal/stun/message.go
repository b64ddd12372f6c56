package stun

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	wire "github.com/pion/stun/v3"
)

// Attributes that pion/stun has no name for: of RFC 3489 and of TR-069 Annex G.
const (
	attrResponseAddress wire.AttrType = 0x0002
	attrReflectedFrom   wire.AttrType = 0x000b
	attrListens         wire.AttrType = 0xc001 // CONNECTION-REQUEST-BINDING
	attrChanged         wire.AttrType = 0xc002 // BINDING-CHANGE
)

// listensText is the value of CONNECTION-REQUEST-BINDING. Some phones leave out
// the blank at its end.
const listensText = "dslforum.org/TR-111 "

const (
	headerLen = 20
	// maxPacket bounds a datagram: RFC 3489 and RFC 5389 7.1 keep within 548 bytes.
	maxPacket   = 548
	maxUsername = 256
	cookie      = 0x2112a442 // RFC 5389 6
)

// errMalformed reports a datagram that is no Binding Request.
var errMalformed = errors.New("no binding request")

// A request is a Binding Request.
type request struct {
	raw      []byte
	id       [16]byte       // of the transaction; from RFC 5389 on it begins with the cookie
	classic  bool           // RFC 3489: there is no cookie
	listens  bool           // the phone takes connection requests where this came from
	changed  bool           // and that is not where it took them before
	username string         // empty: none
	signed   int            // where in raw MESSAGE-INTEGRITY begins; 0: nowhere
	sum      []byte         // its value
	respond  netip.AddrPort // where the answer is to go; not valid: back
	change   bool           // the answer is to come from another address or port
	unknown  wire.UnknownAttributes
}

// parse reads a datagram. It keeps it.
func parse(raw []byte) (*request, error) {
	if len(raw) < headerLen || len(raw) > maxPacket {
		return nil, fmt.Errorf("%w: %d bytes", errMalformed, len(raw))
	}
	if kind := binary.BigEndian.Uint16(raw); kind != wire.BindingRequest.Value() {
		return nil, fmt.Errorf("%w: type %#04x", errMalformed, kind)
	}
	if n := int(binary.BigEndian.Uint16(raw[2:])); n != len(raw)-headerLen {
		return nil, fmt.Errorf("%w: length %d of %d", errMalformed, n, len(raw)-headerLen)
	}
	r := &request{raw: raw, id: [16]byte(raw[4:headerLen])}
	r.classic = binary.BigEndian.Uint32(raw[4:]) != cookie
	list, aligned, err := attributes(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	at := headerLen
	for _, a := range list {
		if err := r.take(a, at); err != nil {
			return nil, err
		}
		if r.signed > 0 {
			break // what comes after it is not covered (RFC 5389 15.4)
		}
		at += 4 + len(a.Value)
		if aligned {
			at += -len(a.Value) & 3
		}
	}
	if r.changed && !r.listens {
		return nil, fmt.Errorf("%w: BINDING-CHANGE without CONNECTION-REQUEST-BINDING", errMalformed)
	}
	return r, nil
}

// attributes returns those of a message, and whether each begins at a multiple
// of four, as it should: some phones put them one right after the other.
func attributes(raw []byte) (list wire.Attributes, aligned bool, err error) {
	m := wire.Message{Raw: append([]byte(nil), raw...)}
	binary.BigEndian.PutUint32(m.Raw[4:], cookie)
	if err = m.Decode(); err == nil {
		return m.Attributes, true, nil
	}
	for rest := raw[headerLen:]; len(rest) > 0; {
		if len(rest) < 4 {
			return nil, false, err
		}
		n := int(binary.BigEndian.Uint16(rest[2:]))
		if len(rest) < 4+n {
			return nil, false, err
		}
		list = append(list, wire.RawAttribute{
			Type: wire.AttrType(binary.BigEndian.Uint16(rest)), Length: uint16(n), Value: rest[4 : 4+n],
		})
		rest = rest[4+n:]
	}
	return list, false, nil
}

// take takes one attribute in, which begins at a place of the message.
func (r *request) take(a wire.RawAttribute, at int) error {
	switch a.Type {
	case attrListens:
		r.listens = strings.TrimRight(string(a.Value), " \x00") == strings.TrimSpace(listensText)
	case attrChanged:
		r.changed = true
	case wire.AttrUsername:
		if len(a.Value) > maxUsername {
			return fmt.Errorf("%w: USERNAME of %d bytes", errMalformed, len(a.Value))
		}
		r.username = strings.TrimRight(string(a.Value), " \x00") // RFC 3489 wants a multiple of four
	case wire.AttrMessageIntegrity:
		if len(a.Value) != sumLen {
			return fmt.Errorf("%w: MESSAGE-INTEGRITY of %d bytes", errMalformed, len(a.Value))
		}
		r.signed, r.sum = at, a.Value
	case wire.AttrChangeRequest:
		r.change = len(a.Value) == 4 && a.Value[3]&6 != 0
	case attrResponseAddress:
		var ok bool
		if r.respond, ok = readAddress(a.Value); !ok {
			return fmt.Errorf("%w: RESPONSE-ADDRESS is none", errMalformed)
		}
	default:
		// Of what must be understood to answer, nothing else is known here.
		if a.Type < 0x8000 && len(r.unknown) < 4 {
			r.unknown = append(r.unknown, a.Type)
		}
	}
	return nil
}

// readAddress reads an address as RFC 3489 11.2.1 writes it.
func readAddress(v []byte) (netip.AddrPort, bool) {
	if len(v) != 8 || v[1] != 1 {
		return netip.AddrPort{}, false
	}
	port := binary.BigEndian.Uint16(v[2:])
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(v[4:])), port), port != 0
}
