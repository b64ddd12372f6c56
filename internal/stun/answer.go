package stun

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	wire "github.com/pion/stun/v3"
)

// maxGrowth is by how many bytes an answer may be longer than what it answers,
// so that who forges a source gains next to nothing by it. The longest is of a
// request over IPv6 with nothing in it.
const maxGrowth = 48

// success tells a phone how it is seen from here.
func (r *request) success(from netip.AddrPort) ([]byte, error) {
	addr := net.IP(from.Addr().AsSlice())
	set := []wire.Setter{&wire.MappedAddress{IP: addr, Port: int(from.Port())}}
	if !r.classic {
		set = append(set, &wire.XORMappedAddress{IP: addr, Port: int(from.Port())})
	}
	if r.respond.IsValid() && from.Addr().Is4() { // RFC 3489 11.2.11: who had it sent there
		set = append(set, addressAs{attrReflectedFrom, wire.MappedAddress{IP: addr, Port: int(from.Port())}})
	}
	return r.answer(wire.BindingSuccess, set...)
}

// failure tells a phone why it is not told.
func (r *request) failure(code wire.ErrorCode) ([]byte, error) {
	set := []wire.Setter{&wire.ErrorCodeAttribute{Code: code, Reason: reasons[code]}}
	if code == wire.CodeUnknownAttribute {
		set = append(set, r.unknown)
	}
	return r.answer(wire.BindingError, set...)
}

// The codes that pion/stun lacks, and reasons. Each is a multiple of four long,
// as RFC 3489 11.2.9 wants it.
const codeIntegrity wire.ErrorCode = 431

var reasons = map[wire.ErrorCode][]byte{
	wire.CodeUnauthorized:     []byte("Unauthorized"),
	wire.CodeUnknownAttribute: []byte("Unknown "),
	codeIntegrity:             []byte("Not ours"),
}

type addressAs struct {
	kind wire.AttrType
	wire.MappedAddress
}

func (a addressAs) AddTo(m *wire.Message) error { return a.AddToAs(m, a.kind) }

// answer writes a message for the transaction.
func (r *request) answer(kind wire.MessageType, set ...wire.Setter) ([]byte, error) {
	m := wire.New()
	m.Type = kind
	copy(m.TransactionID[:], r.id[4:])
	m.WriteHeader()
	for _, s := range set {
		if err := s.AddTo(m); err != nil {
			return nil, fmt.Errorf("write answer: %w", err)
		}
	}
	binary.BigEndian.PutUint32(m.Raw[4:], binary.BigEndian.Uint32(r.id[:]))
	return m.Raw, nil
}
