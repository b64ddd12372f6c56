package stun

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	wire "github.com/pion/stun/v3"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rfc5769 is the sample request of RFC 5769 2.1 without FINGERPRINT's value
// mattering: its password is that of the document.
const rfc5769 = `
	00010058 2112a442 b7e7a701bc34d686fa87dfae
	80220010 5354554e 20746573 7420636c 69656e74
	00240004 6e0001ff
	80290008 932ff9b151263b36
	00060009 6576746a3a68367659 202020
	00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
	80280004 e57a3bcf`

// TestSampleRequest: the request of RFC 5769 2.1 is read, and its signature is
// that of its password alone.
func TestSampleRequest(t *testing.T) {
	r, err := parse(unhex(t, rfc5769))
	if err != nil {
		t.Fatal(err)
	}
	if r.username != "evtj:h6vY" || r.classic || r.listens || r.signed != 76 || len(r.unknown) != 1 || r.unknown[0] != wire.AttrPriority {
		t.Errorf("read %+v", r)
	}
	if padded, ok := r.provenBy("VOkJxbRl1RmTxUk/WvJxBt"); !ok || padded {
		t.Errorf("its password proves it: %v, padded: %v", ok, padded)
	}
	if _, ok := r.provenBy("VOkJxbRl1RmTxUk/WvJxBu"); ok {
		t.Error("another password proves it")
	}
}

// TestSampleAddress: the address of RFC 5769 2.2 is written as it has it.
func TestSampleAddress(t *testing.T) {
	r := &request{id: [16]byte(unhex(t, "2112a442 b7e7a701bc34d686fa87dfae"))}
	b, err := r.success(netip.MustParseAddrPort("192.0.2.1:32853"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, unhex(t, "00200008 0001a147 e112a643")) || !bytes.Contains(b, unhex(t, "00010008 00018055 c0000201")) {
		t.Errorf("written %x", b)
	}
}

// signedByOpenssl returns the HMAC of a text as openssl makes it, which shares no
// code with us.
func signedByOpenssl(t *testing.T, text []byte, password string) []byte {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		t.Skip(err)
	}
	cmd := exec.Command(path, "dgst", "-sha1", "-mac", "HMAC", "-macopt", "key:"+password, "-binary")
	cmd.Stdin = bytes.NewReader(text)
	sum, err := cmd.Output()
	if err != nil || len(sum) != 20 {
		t.Fatalf("openssl: %x, %v", sum, err)
	}
	return sum
}

// TestSignatures holds both forms of MESSAGE-INTEGRITY against openssl.
func TestSignatures(t *testing.T) {
	for _, tt := range []struct {
		name, head string
		padded     bool
	}{
		{"RFC 3489", "0001 0000 0102030405060708090a0b0c0d0e0f10", true},
		{"RFC 5389", "0001 0000 2112a442 05060708090a0b0c0d0e0f10", false},
		{"RFC 3489, not padded", "0001 0000 0102030405060708090a0b0c0d0e0f10", false},
	} {
		text := unhex(t, tt.head+"c0010014 64736c666f72756d2e6f72672f54522d31313120 c0020000 ffff0004 00000000 00060008 30433338 33452d31")
		text[3] = byte(len(text) - 20 + 24)
		over := bytes.Clone(text)
		for tt.padded && len(over)%64 != 0 {
			over = append(over, 0)
		}
		mac := signedByOpenssl(t, over, "secret")
		r, err := parse(append(append(bytes.Clone(text), unhex(t, "00080014")...), mac...))
		if err != nil {
			t.Fatal(err)
		}
		padded, ok := r.provenBy("secret")
		if !ok || padded != tt.padded || !r.listens || !r.changed || r.username != "0C383E-1" {
			t.Errorf("%s: proven %v, padded %v, %+v", tt.name, ok, padded, r)
		}
		if got := sign(bytes.Clone(text), "secret", tt.padded); !bytes.Equal(got[len(got)-20:], mac) {
			t.Errorf("%s: we sign by %x, openssl by %x", tt.name, got[len(got)-20:], mac)
		}
	}
}

// TestIntegrityOfPion: what pion/stun signs we take, and the other way round.
func TestIntegrityOfPion(t *testing.T) {
	m, err := wire.Build(wire.TransactionID, wire.BindingRequest, wire.NewUsername("0C383E-1"), wire.NewShortTermIntegrity("secret"), wire.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	r, err := parse(m.Raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.provenBy("secret"); !ok {
		t.Error("its signature is not taken")
	}
	b, err := r.success(netip.MustParseAddrPort("192.0.2.1:32853"))
	if err != nil {
		t.Fatal(err)
	}
	got := wire.New()
	if _, err := got.Write(sign(b, "secret", false)); err != nil {
		t.Fatal(err)
	}
	var at wire.XORMappedAddress
	if err := at.GetFrom(got); err != nil || at.String() != "192.0.2.1:32853" {
		t.Errorf("it reads %v, %v", at, err)
	}
	if err := wire.NewShortTermIntegrity("secret").Check(got); err != nil {
		t.Error(err)
	}
}
