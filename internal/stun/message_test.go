package stun

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

const (
	head3489 = "0001 0000 0102030405060708090a0b0c0d0e0f10"
	head5389 = "0001 0000 2112a442 05060708090a0b0c0d0e0f10"
	listens  = "c0010014 64736c666f72756d2e6f72672f54522d31313120"
	changed  = "c0020000"
)

// packet writes a datagram of hexadecimal, with its length.
func packet(t *testing.T, parts ...string) []byte {
	t.Helper()
	b := unhex(t, strings.Join(parts, ""))
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)-20))
	return b
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name string
		b    []byte
		ok   func(r *request) bool // nil: it is refused
	}{
		{"nothing in it", packet(t, head5389), func(r *request) bool { return !r.classic && !r.listens && r.signed == 0 }},
		{"of RFC 3489", packet(t, head3489), func(r *request) bool { return r.classic && r.id[0] == 1 && r.id[15] == 0x10 }},
		{"a phone that listens", packet(t, head3489, listens), func(r *request) bool { return r.listens && !r.changed }},
		{"the blank is missing, and so is the padding", packet(t, head3489, "c0010013 64736c666f72756d2e6f72672f54522d313131", changed),
			func(r *request) bool { return r.listens && r.changed }},
		{"the blank is missing, but not the padding", packet(t, head3489, "c0010013 64736c666f72756d2e6f72672f54522d31313100", changed),
			func(r *request) bool { return r.listens && r.changed }},
		{"it listens for something else", packet(t, head3489, "c0010004 61626364"), func(r *request) bool { return !r.listens }},
		{"a name that is filled up", packet(t, head3489, "0006000c 303030303030 2d31 20000000"), func(r *request) bool { return r.username == "000000-1" }},
		{"elsewhere", packet(t, head3489, "00020008 00011388 c0000207"),
			func(r *request) bool { return r.respond == netip.MustParseAddrPort("192.0.2.7:5000") }},
		{"from another port", packet(t, head3489, "00030004 00000002"), func(r *request) bool { return r.change }},
		{"from the same port", packet(t, head3489, "00030004 00000000"), func(r *request) bool { return !r.change }},
		{"something nobody knows", packet(t, head3489, "7fff0004 00000000"), func(r *request) bool { return len(r.unknown) == 1 && r.unknown[0] == 0x7fff }},
		{"something that need not be known", packet(t, head3489, "ffff0004 00000000"), func(r *request) bool { return len(r.unknown) == 0 }},
		{"what follows the signature", packet(t, head3489, "00080014", strings.Repeat("00", 20), listens), func(r *request) bool { return r.signed == 20 && !r.listens }},

		{"empty", nil, nil},
		{"short", make([]byte, 19), nil},
		{"long", append(packet(t, head3489), make([]byte, maxPacket)...), nil},
		{"another type", packet(t, "0101"+head3489[4:]), nil},
		{"a secret is asked for", packet(t, "0002"+head3489[4:]), nil},
		{"its length is another", append(packet(t, head3489), 0, 0, 0, 0), nil},
		{"an attribute that is longer than all", packet(t, head3489, "c0010014 64736c66"), nil},
		{"half an attribute", packet(t, head3489, "c001"), nil},
		{"changed, but nobody listens", packet(t, head3489, changed), nil},
		{"a signature that is too short", packet(t, head3489, "00080004 00000000"), nil},
		{"elsewhere is nowhere", packet(t, head3489, "00020008 00010000 c0000207"), nil},
		{"elsewhere is half an address", packet(t, head3489, "00020004 00011388"), nil},
		{"a name without end", packet(t, head3489, "00060104", strings.Repeat("61", 260)), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := parse(tt.b)
			if tt.ok == nil {
				if !errors.Is(err, errMalformed) {
					t.Errorf("read %+v, %v; want errMalformed", r, err)
				}
				return
			}
			if err != nil || !tt.ok(r) {
				t.Errorf("read %+v, %v", r, err)
			}
		})
	}
}

// FuzzRequest holds three promises: no datagram makes reading it panic; what is
// signed by us is taken as signed by that password and by no other; and no
// answer is longer than what it answers by more than maxGrowth.
func FuzzRequest(f *testing.F) {
	f.Add([]byte{}, "secret")
	for _, s := range []string{head3489, head5389, head3489 + listens + changed, head3489 + "00060008 30433338 33452d31", head5389 + "00020008 00011388 c0000207"} {
		b := []byte(strings.Join(strings.Fields(s), ""))
		raw := make([]byte, len(b)/2)
		for i := range raw {
			raw[i] = hexByte(b[2*i])<<4 | hexByte(b[2*i+1])
		}
		binary.BigEndian.PutUint16(raw[2:], uint16(len(raw)-20))
		f.Add(raw, "secret")
	}
	from := netip.MustParseAddrPort("[2001:db8::1]:65535")
	f.Fuzz(func(t *testing.T, b []byte, password string) {
		r, err := parse(b)
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Fatal(err)
			}
			return
		}
		answer, err := r.success(from)
		if err != nil {
			t.Fatal(err)
		}
		if r.signed == 0 && len(answer) > len(b)+maxGrowth {
			t.Errorf("%d bytes are answered by %d", len(b), len(answer))
		}
		if len(r.unknown) > 0 {
			if answer, err := r.failure(420); err != nil || len(answer) > len(b)+maxGrowth {
				t.Errorf("%d bytes are refused by %d, %v", len(b), len(answer), err)
			}
		}
		if r.signed > 0 || password == "" || len(b) > maxPacket-24 {
			return
		}
		for _, padded := range []bool{false, true} {
			again, err := parse(sign(append([]byte(nil), b...), password, padded))
			if err != nil {
				return // its attributes are not aligned, and now none is where it was
			}
			if again.signed != len(b) {
				t.Fatalf("signed at %d of %d", again.signed, len(b))
			}
			if _, ok := again.provenBy(password); !ok {
				t.Error("its own signature is not taken")
			}
			if _, ok := again.provenBy(password + "x"); ok {
				t.Error("that of another password is taken")
			}
		}
	})
}

func hexByte(c byte) byte {
	return byte(strings.IndexByte("0123456789abcdef", c))
}
