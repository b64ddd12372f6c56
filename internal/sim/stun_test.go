package sim

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestSTUNMessage writes a signed request in each form, and has python say what
// it should be.
func TestSTUNMessage(t *testing.T) {
	path, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		t.Skip(err)
	}
	for _, form := range []string{stunClassic, stunModern, stunUnpadded} {
		m := stunMessage{form: form, kind: stunRequest, id: [16]byte([]byte("0123456789abcdef"))}
		m.add(stunListens, []byte("dslforum.org/TR-111 "))
		m.add(stunUsername, []byte("0C383E-77"))
		out, err := exec.Command(path, "-c", `
import hashlib, hmac, struct, sys
form = sys.argv[1]
body = b""
for kind, value in (0xC001, b"dslforum.org/TR-111 "), (0x0006, b"0C383E-77"):
    body += struct.pack(">HH", kind, len(value)) + value
    if form != "unpadded":
        body += bytes(-len(value) % 4)
cookie = struct.pack(">I", 0x2112A442) if form == "5389" else b"0123"
head = struct.pack(">HH", 1, len(body) + 24) + cookie + b"456789abcdef"
text = head + body
if form != "5389":
    text += bytes(-len(text) % 64)
print((head + body + struct.pack(">HH", 8, 20) + hmac.new(b"secret", text, hashlib.sha1).digest()).hex())`, form).Output()
		if err != nil {
			t.Fatal(err)
		}
		want, err := hex.DecodeString(strings.TrimSpace(string(out)))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.encode("secret"); !bytes.Equal(got, want) {
			t.Errorf("%s: written\n%x, want\n%x", form, got, want)
		}
	}
}

// TestSTUNAnswer reads the addresses of RFC 5769 2.2 and RFC 3489, and errors.
func TestSTUNAnswer(t *testing.T) {
	for _, tt := range []struct {
		name, text, address string
		code                int
		ok                  bool
	}{
		{"covered by the cookie", "0101 000c 2112a442b7e7a701bc34d686fa87dfae 00200008 0001a147e112a643", "192.0.2.1:32853", 0, true},
		{"as it is", "0101 000c 000102030405060708090a0b0c0d0e0f 00010008 00018055c0000201", "192.0.2.1:32853", 0, true},
		{"an error", "0111 0014 000102030405060708090a0b0c0d0e0f 00090010 00000401556e617574686f72697a6564", "", 401, true},
		{"a request", "0001 0000 000102030405060708090a0b0c0d0e0f", "", 0, false},
		{"its length is another", "0101 0004 000102030405060708090a0b0c0d0e0f", "", 0, false},
		{"half an attribute", "0101 0006 000102030405060708090a0b0c0d0e0f 00010008 0001", "", 0, false},
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(tt.text, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		m, ok := decodeSTUN(b)
		if ok != tt.ok || ok && (m.address() != tt.address || m.code() != tt.code) {
			t.Errorf("%s: %v, at %q, code %d", tt.name, ok, m.address(), m.code())
		}
	}
}

// sampleUDP is a request with a signature that was made elsewhere.
const sampleUDP = "GET http://203.0.113.7:3478?ts=1120673700&id=1234&un=CPE57689&cn=XTGRWIPC6D3IPXS3" +
	"&sig=F749EE6D9E3BC469FB709EAD2A75EE7535F58552 HTTP/1.1\r\n\r\n"

func TestReadUDP(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		ok             bool
	}{
		{"as it is", "", "", true},
		{"with headers", "\r\n\r\n", "\r\nHost: 203.0.113.7:3478\r\nContent-Length: 0\r\n\r\n", true},
		{"the signature in lower case", "F749EE6D9E3BC469FB709EAD2A75EE7535F58552", "f749ee6d9e3bc469fb709ead2a75ee7535f58552", true},
		{"another time", "1120673700", "1120673701", false},
		{"another id", "1234", "1235", false},
		{"another user", "CPE57689", "CPE57688", false},
		{"another nonce", "XTGRWIPC6D3IPXS3", "XTGRWIPC6D3IPXS4", false},
		{"no signature", "&sig=F749EE6D9E3BC469FB709EAD2A75EE7535F58552", "", false},
		{"another method", "GET", "PUT", false},
		{"another path", "3478?", "3478/x?", false},
		{"no end", "\r\n\r\n", "", false},
	} {
		s, ok := readUDP(strings.Replace(sampleUDP, tt.old, tt.new, 1), "CPE57689", "password")
		if ok != tt.ok || ok && s != (udpStamp{1120673700, 1234, "XTGRWIPC6D3IPXS3"}) {
			t.Errorf("%s: %v, %+v", tt.name, ok, s)
		}
	}
	if _, ok := readUDP(sampleUDP, "CPE57689", "passwords"); ok {
		t.Error("it is taken with another password")
	}
}

// TestCalledByUDP: one request begins one session however often it comes, an
// older one none, and a phone that is not asked to sends nothing.
func TestCalledByUDP(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	acs := newACS()
	srv := acs.start(t)
	f := New(Options{
		ACS: srv.URL, Models: []string{"X6"}, Manual: true, Known: true, STUN: stunClassic, STUNServer: server.LocalAddr().String(),
		STUNEvery: 20 * time.Millisecond, ConnReqUsername: "CPE57689", ConnReqPassword: "password",
	})
	run(t, f)
	p := f.Phone(0)
	buf := make([]byte, 2048)
	if err := server.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	n, phone, err := server.ReadFrom(buf)
	if err != nil || !bytes.Contains(buf[:n], []byte("dslforum.org/TR-111 ")) || buf[0] != 0 || buf[1] != 1 {
		t.Fatalf("the phone sends %x, %v", buf[:n], err)
	}
	h := hmac.New(sha1.New, []byte("password"))
	h.Write([]byte("11206736991234CPE57689XTGRWIPC6D3IPXS3"))
	older := strings.NewReplacer("1120673700", "1120673699", "F749EE6D9E3BC469FB709EAD2A75EE7535F58552", hex.EncodeToString(h.Sum(nil))).Replace(sampleUDP)
	if _, ok := readUDP(older, "CPE57689", "password"); !ok {
		t.Fatal("the older request is not signed")
	}
	for _, text := range []string{sampleUDP, sampleUDP, older, sampleUDP, "GET nonsense"} {
		if _, err := server.WriteTo([]byte(text), phone); err != nil {
			t.Fatal(err)
		}
	}
	l := await(t, p, "the requests", func(l Ledger) bool { return l.UDPCopies == 2 && l.UDPRefused == 2 && l.Sessions == 1 })
	if l.UDPRequests != 1 || l.ConnectionRequests != 1 {
		t.Errorf("ledger %+v", l)
	}
	if in := acs.seenInforms(); len(in) != 1 || strings.Join(in[0].Events, " ") != "6 CONNECTION REQUEST" {
		t.Errorf("it informs %+v", in)
	}
}
